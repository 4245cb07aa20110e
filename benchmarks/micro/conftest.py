"""Inputs that the micro benchmarks share, and the number of rounds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from adapt.experiment.config import DataConfig
from adapt.experiment.data import StudyData, prepare_data
from adapt.training import Word2VecConfig, train_word2vec
from adapt.vectors import WordVectors, read_vectors

Compare = Callable[..., Any]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of these benchmarks."""
    parser.addoption("--rounds", type=int, default=3, help="repeats of every measurement")
    parser.addoption("--fast", action="store_true", help="poor vectors, to see that all runs")


@pytest.fixture
def timed(benchmark: Any, request: pytest.FixtureRequest) -> Compare:
    """Time a call as one contender of a task."""

    def run(task: str, contender: str, function: Callable[..., Any], *arguments: Any) -> Any:
        benchmark.group = task
        benchmark.extra_info["contender"] = contender
        benchmark.extra_info["reference"] = contender != "adapt"
        rounds = request.config.getoption("--rounds")
        return benchmark.pedantic(function, args=arguments, rounds=rounds, iterations=1)

    return run


@pytest.fixture(scope="session")
def data() -> StudyData:
    """Read the clinical dataset, numbered."""
    return prepare_data(DataConfig())


@pytest.fixture(scope="session")
def general() -> WordVectors:
    """Read GloVe 6B, 50 dimensions."""
    return read_vectors("glove.6B.50d")


@pytest.fixture(scope="session")
def domain(data: StudyData, request: pytest.FixtureRequest) -> WordVectors:
    """Train in-domain vectors, 300 dimensions."""
    epochs = 1 if request.config.getoption("--fast") else 10
    return train_word2vec(data.corpus, Word2VecConfig(dim=300, epochs=epochs))
