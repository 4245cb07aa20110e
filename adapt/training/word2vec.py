"""In-domain Word2Vec: one configuration, interchangeable backends."""

from __future__ import annotations

import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from adapt.cores import usable_cores
from adapt.errors import AdaptWarning, InputError
from adapt.files import scratch_folder
from adapt.text import Corpus
from adapt.training.compass import Compass, HeldRows
from adapt.training.config import Word2VecConfig
from adapt.training.encoded import EncodedCorpus, encode_corpus
from adapt.vectors import WordVectors

__all__ = ["TrainingTimes", "domain_vectors", "train_word2vec", "train_word2vec_timed"]

_ROWS = 1 << 10  # moved at once

Matrices = tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]


@dataclass(frozen=True)
class TrainingTimes:
    """What a training took.

    Parameters
    ----------
    n_tokens : int
        Words trained on in each epoch: those of the vocabulary.
    threads : int
        Threads that trained: no more than there are cores.
    read_seconds : float
        Reading and tokenising the corpus.
    compile_seconds : float
        Compiling the backend, or loading what was compiled before; once a machine for the most.
    train_seconds : float
        All epochs.
    tokens_per_second : float
        Of the training itself.
    """

    n_tokens: int
    threads: int
    read_seconds: float
    compile_seconds: float
    train_seconds: float
    tokens_per_second: float


def train_word2vec(
    corpus: Corpus,
    config: Word2VecConfig | None = None,
    *,
    general: WordVectors | None = None,
    compass: Compass | None = None,
    checkpoint: Path | str | None = None,
) -> WordVectors:
    """Train word vectors on an unlabelled corpus.

    The corpus is tokenised once into a temporary file of word numbers, from which the backend
    trains; it is never wholly in memory.

    Parameters
    ----------
    corpus : Corpus
        The tokenised documents.
    config : Word2VecConfig, optional
        How to train; the defaults suit corpora of one to some ten million tokens.
    general : WordVectors, optional
        Train straight into the space of these vectors: words that they have are held there, the
        others learn among them, and no map is needed afterwards (compiled backend). The result is
        the input matrix, whatever `config.output` says: output vectors are of another space.
    compass : Compass, optional
        How words are held when there are general vectors; frozen unless it says otherwise.
    checkpoint : Path or str, optional
        A file to go on from if it exists, written once a minute and at the end (compiled backend).
        On one thread an interrupted training ends with the same vectors as one that was not.

    Returns
    -------
    WordVectors
        Ordered by descending count, then by word, with the counts; finite float32. With `general`,
        `sources` tells words that it has (`general` if they are frozen, else `both`) from words
        that have learned alone (`domain`).

    Raises
    ------
    InputError
        If no word is seen `min_count` times, the training diverged, the corpus changed while it
        was read, or the checkpoint belongs to another configuration, corpus or general space.
        With `general`: if it has another dimension than `config.dim`, or shares hardly any word
        with the corpus, or the backend is not the compiled one.
    FileAccessError
        If the temporary file cannot be written.

    Warns
    -----
    AdaptWarning
        If more threads are asked for than there are cores, or a checkpoint cannot be written.
    """
    return train_word2vec_timed(
        corpus,
        config,
        general=general,
        compass=compass,
        checkpoint=checkpoint,
    )[0]


def train_word2vec_timed(
    corpus: Corpus,
    config: Word2VecConfig | None = None,
    *,
    general: WordVectors | None = None,
    compass: Compass | None = None,
    checkpoint: Path | str | None = None,
) -> tuple[WordVectors, TrainingTimes]:
    """Train as `train_word2vec` does, and say what it took.

    Returns
    -------
    vectors : WordVectors
        The vectors.
    times : TrainingTimes
        The seconds of each part.
    """
    config = _with_usable_threads(config or Word2VecConfig())
    if checkpoint is not None and config.backend != "compiled":
        raise InputError(
            f"backend {config.backend!r} writes no checkpoints; use backend 'compiled'"
        )
    _check_general(config, general, compass)
    with scratch_folder() as folder:
        started = time.perf_counter()
        encoded = encode_corpus(corpus, folder / "corpus", min_count=config.min_count)
        held = None
        if general is not None:
            held = HeldRows.find(encoded.words, general, compass or Compass())
        read = time.perf_counter()
        if config.backend == "gensim":
            compiled, matrices = _train_with_gensim(encoded, config, folder)
        elif config.backend == "torch":
            compiled, matrices = _train_with_torch(encoded, config)
        else:
            compiled, matrices = _train_compiled(encoded, config, held, checkpoint)
        trained = time.perf_counter()
    times = TrainingTimes(
        n_tokens=encoded.n_tokens,
        threads=config.threads,
        read_seconds=read - started,
        compile_seconds=compiled - read,
        train_seconds=trained - compiled,
        tokens_per_second=encoded.n_tokens * config.epochs / (trained - compiled),
    )
    if held is None:
        return domain_vectors(encoded.words, encoded.counts, matrices, config), times
    held.bring_back(matrices[0])
    chosen = replace(config, output="input")
    return domain_vectors(
        encoded.words, encoded.counts, matrices, chosen, sources=held.sources()
    ), times


def _check_general(
    config: Word2VecConfig, general: WordVectors | None, compass: Compass | None
) -> None:
    """Refuse to train into a general space that does not fit the configuration."""
    if general is None:
        if compass is not None:
            raise InputError("a compass needs a general space; give general vectors too")
        return
    if config.backend != "compiled":
        raise InputError(
            f"backend {config.backend!r} does not train into a general space; use backend "
            "'compiled'"
        )
    if general.dim != config.dim:
        raise InputError(
            f"dim is {config.dim}, but the general vectors have {general.dim} dimensions; set dim "
            f"to {general.dim}, or align the trained vectors instead: that needs no equal ones"
        )


def domain_vectors(
    words: tuple[str, ...],
    counts: npt.NDArray[np.int64],
    matrices: Matrices,
    config: Word2VecConfig,
    *,
    sources: Sequence[str] | None = None,
) -> WordVectors:
    """Make word vectors of the two trained matrices, as `config.output` says.

    Parameters
    ----------
    words : tuple of str
        By descending count, then by word.
    counts : ndarray, shape (n_words,), int64
        How often each occurs.
    matrices : pair of ndarray, shape (n_words, at least dim), float32
        Input and output; what is beyond the dimension is padding. They may be changed.
    config : Word2VecConfig
        Dimension and choice of output.
    sources : sequence of str, optional
        Where each word's vector comes from, if not all are the domain's.

    Raises
    ------
    InputError
        If a value is not finite.
    """
    chosen = matrices[config.output == "output"]
    if config.output == "average":
        chosen += matrices[1]  # in place: a third matrix would be the peak of the memory
        chosen /= 2
    matrix = _without_padding(chosen, config.dim)
    # what is not finite shows in one of them, without a mask as large as a part of the matrix
    if not np.isfinite([matrix.min(), matrix.max()]).all():
        raise InputError(
            f"training diverged at learning_rate {config.learning_rate}; choose a lower one"
        )
    return WordVectors(words, matrix, counts=counts, origin="domain", sources=sources)


def _without_padding(padded: npt.NDArray[np.float32], dim: int) -> npt.NDArray[np.float32]:
    """Move the rows together within their own memory; return them, shape (n_words, dim)."""
    flat = padded.reshape(-1)
    for start in range(0, len(padded), _ROWS):
        rows = padded[start : start + _ROWS, :dim].copy()
        flat[start * dim : (start + len(rows)) * dim] = rows.reshape(-1)
    return flat[: len(padded) * dim].reshape(-1, dim)


def _with_usable_threads(config: Word2VecConfig) -> Word2VecConfig:
    usable = usable_cores()
    if config.threads <= usable:
        return config
    warnings.warn(
        f"{config.threads} threads were asked for, but there are {usable} cores; more threads "
        f"would only wait for each other, so {usable} are used",
        AdaptWarning,
        stacklevel=4,
    )
    return replace(config, threads=usable)


def _train_with_gensim(
    encoded: EncodedCorpus, config: Word2VecConfig, folder: Path
) -> tuple[float, Matrices]:
    from adapt.training.gensim_backend import train_with_gensim

    return time.perf_counter(), train_with_gensim(encoded, config, folder)


def _train_with_torch(encoded: EncodedCorpus, config: Word2VecConfig) -> tuple[float, Matrices]:
    from adapt.training.torch_backend import train_with_torch

    return time.perf_counter(), train_with_torch(encoded, config)


def _train_compiled(
    encoded: EncodedCorpus,
    config: Word2VecConfig,
    held: HeldRows | None,
    checkpoint: Path | str | None,
) -> tuple[float, Matrices]:
    from adapt.training.compiled_backend import BlockTrainer, train_compiled

    trainer = BlockTrainer.from_counts(encoded.counts, config)
    path = None if checkpoint is None else Path(checkpoint)
    return (
        time.perf_counter(),
        train_compiled(encoded, trainer, held=held, checkpoint=path),
    )
