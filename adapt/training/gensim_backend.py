"""Word2Vec by gensim's file-based training path."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from adapt.training.config import Word2VecConfig

__all__ = ["TrainedMatrices", "train_with_gensim"]


@dataclass(frozen=True)
class TrainedMatrices:
    """What a backend hands back: both matrices ``(n, dim)``, words and counts in their order."""

    words: list[str]
    counts: list[int]
    input: np.ndarray
    output: np.ndarray


def train_with_gensim(
    sentences: Path, config: Word2VecConfig, *, progress: bool = False
) -> TrainedMatrices | None:
    """Train on a file with one sentence of space-separated tokens a line.

    Returns
    -------
    TrainedMatrices or None
        None when no word reaches `config.min_count`.
    """
    from gensim.models import Word2Vec

    model = Word2Vec(
        vector_size=config.dim,
        sg=int(config.architecture == "skipgram"),
        hs=0,
        window=config.window,
        negative=config.negative,
        sample=config.sample,
        min_count=config.min_count,
        alpha=config.learning_rate,
        seed=config.seed,
        workers=config.threads,
    )
    model.build_vocab(corpus_file=str(sentences))
    if not len(model.wv):
        return None
    with _epoch_progress(config.epochs, show=progress) as on_epoch_end:
        model.train(
            corpus_file=str(sentences),
            total_examples=model.corpus_count,
            total_words=model.corpus_total_words,
            epochs=config.epochs,
            callbacks=[_callback(on_epoch_end)],
        )
    words = list(model.wv.index_to_key)
    return TrainedMatrices(
        words=words,
        counts=[int(model.wv.get_vecattr(word, "count")) for word in words],
        input=model.wv.vectors,
        output=model.syn1neg,
    )


@contextmanager
def _epoch_progress(epochs: int, *, show: bool) -> Iterator[Callable[[], None]]:
    """Yield a function to call after each epoch; it moves a bar on stderr when `show`."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    bar = Progress(
        TextColumn("training"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("epochs"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        disable=not show,
        transient=True,
    )
    with bar:
        task = bar.add_task("training", total=epochs)
        yield lambda: bar.advance(task)


def _callback(on_epoch_end: Callable[[], None]) -> Any:
    """Wrap a function as gensim's callback object."""
    from gensim.models.callbacks import CallbackAny2Vec

    class EpochEnd(CallbackAny2Vec):  # type: ignore[misc]
        def on_epoch_end(self, model: Any) -> None:
            on_epoch_end()

    return EpochEnd()
