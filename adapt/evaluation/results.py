"""The outcome of a study: one schema, written to and read from `results.json`.

Nothing in it depends on the clock or on the machine's speed, so that two runs of one configuration
can be compared byte for byte; timings live in the manifest.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from adapt.errors import FileFormatError
from adapt.evaluation.alignment_results import (
    AlignmentQuality,
    AnchorSelectionSummary,
    Isometry,
    LearningPoint,
)
from adapt.evaluation.bootstrap import Estimate
from adapt.evaluation.comparison_results import AreaComparison, Comparison, CurveArea
from adapt.evaluation.drift_results import Drift
from adapt.evaluation.leakage import Leak
from adapt.evaluation.records import build_record, read_record, write_record
from adapt.evaluation.verdict_results import StudyVerdict

__all__ = [
    "ABLATIONS",
    "BAGS_OF_WORDS",
    "CONTROL_EMBEDDINGS",
    "SCHEMA_VERSION",
    "DatasetSummary",
    "LinkUse",
    "MatrixRows",
    "NeighborList",
    "OovGain",
    "OovRate",
    "Results",
    "Run",
    "Selection",
    "StrategyQuality",
    "Stratum",
    "Summary",
    "TypoAccuracy",
    "read_results",
    "write_results",
]

SCHEMA_VERSION = 5

BAGS_OF_WORDS = ("tfidf", "ngrams")
"""Embeddings that are none: they stand for documents as bags of words, or of words and n-grams."""

ABLATIONS = ("domain:shared", "domain:matched")
"""In-domain vectors without something that sets them apart from general ones: their further words,
then also their further dimensions. They tell where a gain over general vectors comes from."""

CONTROL_EMBEDDINGS = ("random", "unaligned", *ABLATIONS)
"""Embeddings that nobody would choose: they show what the others are worth."""


@dataclass(frozen=True)
class DatasetSummary:
    """Sizes of the data of a study.

    `transductive` is true when test documents were found in the unlabelled corpus, word for word
    or nearly so: then the vectors have seen them, and the figures say less about documents yet to
    come. `leaks` says how many were found there, and how many in the training split. Duplicates of
    test documents that were left out of the training split and of the corpus are not counted among
    the documents, but in `n_train_dropped` and `n_corpus_dropped`.
    """

    name: str
    n_train: int
    n_test: int
    n_classes: int
    n_corpus_documents: int
    n_corpus_tokens: int
    transductive: bool
    leaks: tuple[Leak, ...] = ()
    n_train_dropped: int = 0
    n_corpus_dropped: int = 0


@dataclass(frozen=True)
class LinkUse:
    """How many out-of-vocabulary words one link of a chain of strategies serves."""

    link: str
    n_types: int
    n_tokens: int


@dataclass(frozen=True)
class OovRate:
    """Out-of-vocabulary rate of one set of vectors on one split.

    Rates are shares in [0, 1]. A word is out of vocabulary when the vectors lack it as it is
    written; `links` says how many of those words each link of a chain of strategies serves.
    """

    vectors: str
    split: str
    type_rate: float
    token_rate: float
    n_types: int
    n_tokens: int
    links: tuple[LinkUse, ...] = ()
    most_frequent_missing: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class OovGain:
    """What a strategy gains over another one on the same hidden words, with 95 % intervals."""

    baseline: str
    cosine: Estimate
    precision_at_10: Estimate


@dataclass(frozen=True)
class StrategyQuality:
    """How well a strategy for unknown words rebuilds known words that were hidden from it.

    `cosine` is the mean cosine with the true vectors, both centred, and `precision_at_10` the share
    of words that are among the 10 nearest of all words to what was made of them; a word that the
    strategy has no vector for counts as the mean. `filled_cosine` is over the others alone.
    """

    strategy: str
    n_words: int
    share_filled: float
    cosine: Estimate
    precision_at_10: Estimate
    filled_cosine: Estimate | None
    gains: tuple[OovGain, ...]


@dataclass(frozen=True)
class MatrixRows:
    """Where the rows of an embedding matrix came from: numbers of words by source and by step."""

    embedding: str
    oov: str
    sources: tuple[tuple[str, int], ...]
    steps: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class NeighborList:
    """The nearest general words of an in-domain word, with their cosines."""

    word: str
    count: int
    neighbors: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Run:
    """One trained and tested classifier: a cell of the study's grid.

    `chosen` are its settings, and `validation_accuracy` is how well those did on the held-out
    training documents that chose them.
    """

    embedding: str
    oov: str
    model: str
    strategy: str
    n_train: int
    seed: int
    accuracy: float
    macro_f1: float
    validation_accuracy: float
    chosen: str


@dataclass(frozen=True)
class Summary:
    """A cell over its seeds: means, and 95 % intervals of the accuracy.

    The interval is a bootstrap over test documents and seeds together. `validation_accuracy` is the
    mean of those of the runs, from training documents alone.
    """

    embedding: str
    oov: str
    model: str
    strategy: str
    n_train: int
    n_seeds: int
    accuracy: float
    accuracy_low: float
    accuracy_high: float
    macro_f1: float
    validation_accuracy: float


@dataclass(frozen=True)
class Stratum:
    """Accuracy of a cell on test documents with few or many words that general vectors lack.

    `lowest_share` and `highest_share` are those of such tokens. The interval is Wilson's.
    """

    embedding: str
    oov: str
    model: str
    strategy: str
    n_train: int
    lowest_share: float
    highest_share: float
    n_documents: int
    accuracy: float
    accuracy_low: float
    accuracy_high: float


@dataclass(frozen=True)
class TypoAccuracy:
    """Accuracy of a cell where a share of the words of every test document is misspelt."""

    embedding: str
    oov: str
    model: str
    strategy: str
    n_train: int
    typo_share: float
    accuracy: float
    accuracy_low: float
    accuracy_high: float


@dataclass(frozen=True)
class Selection:
    """The cell of a family that held-out training documents choose at a label budget.

    The families are `adapted` (all embeddings that hold in-domain vectors, but for the control
    without a map), `general`, and `bag-of-words`. Chosen is the highest mean `validation_accuracy`
    over the seeds, among `n_cells`; the test documents have no say in it.
    """

    family: str
    n_cells: int
    embedding: str
    oov: str
    model: str
    strategy: str
    n_train: int
    validation_accuracy: float
    accuracy: float
    accuracy_low: float
    accuracy_high: float
    macro_f1: float


@dataclass(frozen=True)
class Results:
    """Everything a report needs; `adapt align --report` leaves out what belongs to documents."""

    name: str
    description: str
    verdict: StudyVerdict | None = None
    dataset: DatasetSummary | None = None
    oov: tuple[OovRate, ...] = ()
    oov_quality: tuple[StrategyQuality, ...] = ()
    matrices: tuple[MatrixRows, ...] = ()
    anchors: AnchorSelectionSummary | None = None
    isometry: Isometry | None = None
    alignment: tuple[AlignmentQuality, ...] = ()
    learning_curve: tuple[LearningPoint, ...] = ()
    neighbors: tuple[NeighborList, ...] = ()
    runs: tuple[Run, ...] = ()
    summary: tuple[Summary, ...] = ()
    selections: tuple[Selection, ...] = ()
    strata: tuple[Stratum, ...] = ()
    typos: tuple[TypoAccuracy, ...] = ()
    areas: tuple[CurveArea, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    area_comparisons: tuple[AreaComparison, ...] = ()
    drift: tuple[Drift, ...] = ()
    schema_version: int = SCHEMA_VERSION


def write_results(results: Results, path: Path | str) -> None:
    """Write `results` as JSON, whole or not at all."""
    write_record(results, path)


def read_results(path: Path | str) -> Results:
    """Read what `write_results` wrote; a folder stands for its `results.json`.

    Raises
    ------
    FileAccessError
        If there is no such file.
    FileFormatError
        If it is not a results file, or one of another schema version.
    """
    path, raw = read_record(path)
    if isinstance(raw, dict) and raw.get("kind") == "grid":
        raise FileFormatError(path, "holds the results of a grid; name the folder of one study")
    version = raw.get("schema_version") if isinstance(raw, dict) else None
    if version != SCHEMA_VERSION:
        raise FileFormatError(
            path, f"has schema version {version}, but this adapt reads {SCHEMA_VERSION}; run again"
        )
    results: Results = build_record(Results, raw, path)
    return results
