"""Word2Vec by the compiled kernels: blocks of a corpus on disk, on several threads."""

from __future__ import annotations

import itertools
import time
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import numpy as np
import numpy.typing as npt

from adapt.errors import AdaptWarning, FileAccessError
from adapt.progress import progress
from adapt.training.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from adapt.training.compass import HeldRows
from adapt.training.config import Word2VecConfig
from adapt.training.encoded import END, EncodedCorpus
from adapt.training.machine_code import LANES, alias_tables, train_block

__all__ = ["BLOCK", "LEAST_RATE", "BlockTrainer", "Matrices", "initial_matrices", "train_compiled"]

LEAST_RATE = 1e-4
"""What the learning rate falls to, as a share of the initial one."""

BLOCK = 1 << 15
"""Numbers in a block: some hundredths of a second of work, so that threads end together."""

_ROWS = 1 << 10  # initialised at once
_CHECKPOINT_SECONDS = 60.0

Matrices = tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]


def initial_matrices(n_words: int, config: Word2VecConfig) -> Matrices:
    """Make the input and output matrices of an untrained model.

    Returns
    -------
    input, output : ndarray, shape (n_words, stride), float32
        Evenly drawn from (-1, 1) / dim, and zeros; rows are padded with zeros to what the kernels
        demand. The original word2vec draws from half that range, gensim from this one, which
        learns more in few epochs.
    """
    matrix = np.zeros(_matrix_shape(n_words, config), dtype=np.float32)
    generator = np.random.default_rng(config.seed)
    for start in range(0, n_words, _ROWS):  # a second matrix would be the peak of the memory
        rows = matrix[start : start + _ROWS, : config.dim]
        rows[:] = (2 * generator.random(rows.shape, dtype=np.float32) - 1) / config.dim
    # unlike zeros_like, this leaves clearing the pages to the threads that write to them
    return matrix, np.zeros(matrix.shape, dtype=np.float32)


def _matrix_shape(n_words: int, config: Word2VecConfig) -> tuple[int, int]:
    """Return rows and columns: as many dimensions, and padding to what the kernels demand."""
    return n_words, -(-config.dim // LANES) * LANES


@dataclass(frozen=True, eq=False)
class BlockTrainer:
    """Trains matrices on blocks of a corpus, each with a seed and learning rate of its own.

    What a block does depends on its number and on the matrices alone, so that a training can stop
    and go on between any two of them.

    Parameters
    ----------
    config : Word2VecConfig
        How to train.
    keep : ndarray, shape (n_words,), float32
        Probability of each word to survive subsampling.
    threshold, alias : ndarray, shape (n_words,), float32 and int32
        Walker's tables of the noise distribution.
    """

    config: Word2VecConfig
    keep: npt.NDArray[np.float32]
    threshold: npt.NDArray[np.float32]
    alias: npt.NDArray[np.int32]

    @classmethod
    def from_counts(cls, counts: npt.NDArray[np.int64], config: Word2VecConfig) -> BlockTrainer:
        """Prepare subsampling and noise for words with these `counts`, and compile the kernels."""
        keep = np.ones(len(counts))
        if config.sample > 0:
            excess = counts / (config.sample * counts.sum())
            keep = np.minimum(1.0, (np.sqrt(excess) + 1) / excess)
        return cls(config, keep.astype(np.float32), *alias_tables(counts**0.75))

    def rate(self, done: float) -> float:
        """Return the learning rate when a share of the whole training is done."""
        return self.config.learning_rate * max(1 - done, LEAST_RATE)

    def train(
        self,
        ids: npt.NDArray[np.int32],
        matrices: Matrices,
        progress: tuple[float, float],
        number: int,
    ) -> None:
        """Train `matrices` in place on a block.

        Parameters
        ----------
        ids : ndarray, shape (n,), int32
            Word numbers, `END` behind each document.
        matrices : pair of ndarray
            As `initial_matrices` makes them.
        progress : pair of float
            Which shares of the whole training are done before and after this block.
        number : int
            Of the block, over all epochs; with the seed it decides all random choices.
        """
        config = self.config
        first, last = (self.rate(share) for share in progress)
        seed = np.random.SeedSequence((config.seed, number)).generate_state(1, np.uint64)[0]
        train_block(
            ids,
            self.keep,
            self.threshold,
            self.alias,
            *matrices,
            cbow=config.architecture == "cbow",
            window=config.window,
            negative=config.negative,
            rates=(first, last),
            seed=seed,
        )


def train_compiled(
    encoded: EncodedCorpus,
    trainer: BlockTrainer,
    *,
    held: HeldRows | None = None,
    checkpoint: Path | None = None,
) -> Matrices:
    """Train on a corpus of word numbers.

    With several threads all of them write to the same matrices without locks (Hogwild, Recht et
    al. 2011), so that no two runs agree exactly; one thread gives the same matrices every time,
    interrupted or not.

    Parameters
    ----------
    encoded : EncodedCorpus
        The corpus.
    trainer : BlockTrainer
        How to train.
    held : HeldRows, optional
        Rows of the input matrix that are held in a general space; brought back after each block.
    checkpoint : Path, optional
        Goes on from this file if it exists, and writes it once a minute and at the end.

    Returns
    -------
    input, output : ndarray, shape (n_words, stride), float32

    Raises
    ------
    InputError, FileFormatError, FileAccessError
        If the checkpoint belongs to another training, or cannot be read.

    Warns
    -----
    AdaptWarning
        If a checkpoint cannot be written, for a full disk above all: training goes on, and the
        next one is tried.
    """
    config = trainer.config
    fingerprint = encoded.fingerprint() if checkpoint else ""
    compass = held.digest() if checkpoint and held else ""
    if checkpoint and checkpoint.exists():
        shape = _matrix_shape(len(encoded.words), config)
        state = read_checkpoint(checkpoint, config, fingerprint, compass, shape=shape)
    else:
        state = Checkpoint(0, *initial_matrices(len(encoded.words), config))
        if held:
            held.start(state.input)
    matrices = (state.input, state.output)
    per_epoch = -(-len(encoded.ids) // BLOCK)
    n_blocks = per_epoch * config.epochs
    n_done = state.n_done
    done_tokens = encoded.n_tokens * n_done // n_blocks
    total = encoded.n_tokens * config.epochs
    with progress("training", total, unit="tokens", done=done_tokens) as advance:

        def train(number: int) -> None:
            start = number % per_epoch * BLOCK
            ids = encoded.read(start, start + BLOCK)
            shares = number / n_blocks, (number + 1) / n_blocks
            trainer.train(ids, matrices, shares, number)
            if held:
                held.pull(matrices[0], ids[ids != END], trainer.rate(shares[1]))
            advance(int((ids != END).sum()))

        while n_done < n_blocks:
            seconds = _CHECKPOINT_SECONDS if checkpoint else float("inf")
            n_done = _run_blocks(train, n_done, n_blocks, config.threads, seconds)
            if checkpoint:
                _save(checkpoint, Checkpoint(n_done, *matrices), config, fingerprint, compass)
    return matrices


def _run_blocks(
    train_block: Callable[[int], None], first: int, n_blocks: int, n_threads: int, seconds: float
) -> int:
    """Train blocks from `first` on for some time; return how many of `n_blocks` are done then."""
    numbers = itertools.count(first)
    due = time.monotonic() + seconds
    stopped = Event()

    def work() -> None:
        while (number := next(numbers)) < n_blocks:
            train_block(number)
            # looked at after a block, so that some work is done in however short a time
            if stopped.is_set() or time.monotonic() >= due:
                return

    if n_threads == 1:
        work()
    else:
        with ThreadPoolExecutor(n_threads) as pool:
            try:
                for future in [pool.submit(work) for _ in range(n_threads)]:
                    future.result()
            finally:
                stopped.set()  # after an error or Ctrl-C, the other threads end with their block
    return min(next(numbers), n_blocks)


def _save(
    path: Path, state: Checkpoint, config: Word2VecConfig, fingerprint: str, compass: str
) -> None:
    try:
        write_checkpoint(path, state, config, fingerprint, compass)
    except FileAccessError as error:
        warnings.warn(f"{error}; training goes on without it", AdaptWarning, stacklevel=3)
