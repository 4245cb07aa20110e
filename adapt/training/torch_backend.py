"""Word2Vec on PyTorch, for graphics processors: batches of centre words, all on the device.

The objective is that of the compiled kernels: frequent words are left out at random, windows have
a random width, and the noise words of a centre word are shared by all of its contexts (Ji et al.
2016). What differs is that the words of a batch are trained at once, so that their gradients do
not see each other's steps. Three things keep that harmless:

- The centre words of a large block of the corpus come in random order. One after the other they
  would share most of their contexts, and a rare word would get all steps of a text at once. The
  random order by itself also learns better than the order of the corpus, if that has one.
- The size of a batch follows the vocabulary: see `_batch_size`.
- The steps that a row gets within a batch are made shorter if together they would overshoot: see
  `_add_damped`.

References
----------
Mikolov, T., Sutskever, I., Chen, K., Corrado, G., Dean, J. (2013). Distributed representations of
words and phrases and their compositionality. NeurIPS.
Ji, S., Satish, N., Li, S., Dubey, P. (2016). Parallelizing Word2Vec in shared and distributed
memory. https://arxiv.org/abs/1604.04661
Jaakkola, T., Jordan, M. (2000). Bayesian parameter estimation via variational methods. Statistics
and Computing 10.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn.functional import pad

from adapt.errors import InputError
from adapt.progress import progress
from adapt.training.compiled_backend import LEAST_RATE, BlockTrainer, initial_matrices
from adapt.training.config import Word2VecConfig
from adapt.training.encoded import END, EncodedCorpus

__all__ = ["train_with_torch"]

_BLOCK = 1 << 22  # numbers copied to the device at once, and put into random order
_VISITS = 128  # windows of a batch that the most frequent row is in, at most, as expected
_BATCHES = 500  # an epoch has, at least
_BATCH_RANGE = (32, 4096)


def train_with_torch(
    encoded: EncodedCorpus, config: Word2VecConfig
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Train with PyTorch on a corpus of word numbers.

    On the processor the same seed gives the same matrices on the same number of threads. On CUDA
    it does not: there the steps of a batch are summed in whatever order they come
    (`Tensor.index_add_`), so that two runs differ by rounding, and after many batches visibly.

    Parameters
    ----------
    encoded : EncodedCorpus
        The corpus.
    config : Word2VecConfig
        How to train, and on which device.

    Returns
    -------
    input, output : ndarray, shape (n_words, dim), float32
        In the order of `encoded.words`.

    Raises
    ------
    InputError
        If CUDA is asked for and there is none.
    """
    device = _device(config)
    n_ids = len(encoded.ids)
    with (
        torch.inference_mode(),
        _threads(config.threads),
        progress("training", encoded.n_tokens * config.epochs, unit="tokens") as advance,
    ):
        trainer = _Trainer.from_counts(encoded.counts, config, device)
        for epoch in range(config.epochs):
            for start in range(0, n_ids, _BLOCK):
                ids = encoded.read(start, start + _BLOCK)
                n_tokens, n_noted = int((ids != END).sum()), 0
                for share in trainer.train(ids, epoch + start / n_ids, len(ids) / n_ids):
                    advance(int(share * n_tokens) - n_noted)
                    n_noted = int(share * n_tokens)
        return trainer.input.cpu().numpy(), trainer.output.cpu().numpy()


def _device(config: Word2VecConfig) -> torch.device:
    """Resolve `auto`, and refuse a device that is not there."""
    available = torch.cuda.is_available()
    if config.device == "cuda" and not available:
        raise InputError("device is 'cuda', but no CUDA device is there; use 'cpu' or 'auto'")
    return torch.device("cuda" if available and config.device != "cpu" else "cpu")


@contextmanager
def _threads(number: int) -> Iterator[None]:
    """Let torch use so many threads, and restore the number it had."""
    before = torch.get_num_threads()
    torch.set_num_threads(number)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _batch_size(
    counts: npt.NDArray[np.int64], keep: npt.NDArray[np.float32], config: Word2VecConfig
) -> int:
    """Choose how many centre words are trained at once.

    As many as keep a graphics processor busy, but so few that an epoch has `_BATCHES` of them and
    no row of either matrix is expected in more than `_VISITS` of the windows: else small corpora
    and frequent words would learn in a few big steps instead of many small ones.
    """
    n_kept = (counts * keep).sum()
    kept = counts * keep / n_kept
    noise = counts**0.75 / (counts**0.75).sum()
    as_context = (config.window + 1) * kept.max()  # a window holds so many words on average
    as_target = (kept + config.negative * noise).max()
    return int(np.clip(min(_VISITS / max(as_context, as_target), n_kept / _BATCHES), *_BATCH_RANGE))


def _curvature_bound(scores: Tensor) -> Tensor:
    """Return the curvature of the flattest parabola that lies above the loss and touches it there.

    A step to its minimum never makes the loss larger, while one by the second derivative does so
    by far where the loss is nearly straight (Jaakkola & Jordan 2000).
    """
    halves = scores.abs().clamp(min=1e-3) / 2
    return torch.tanh(halves) / (4 * halves)


@dataclass(frozen=True, eq=False)
class _Text:
    """What subsampling left of a block of the corpus, with room for a window at both ends.

    Parameters
    ----------
    words, documents : Tensor, shape (window + n_words + window,), int64
        The words, and the numbers of their documents: -1 where there is no word.
    """

    words: Tensor
    documents: Tensor


@dataclass(frozen=True, eq=False)
class _Batch:
    """Windows of centre words.

    Parameters
    ----------
    contexts : Tensor, shape (n_centres, 2 * window), int64
        The words around each centre word.
    inside : Tensor, shape (n_centres, 2 * window), float32
        1 for those within its width and its document, 0 for the others.
    targets : Tensor, shape (n_centres, 1 + negative), int64
        The centre word itself and its noise words.
    weights : Tensor, shape (n_centres, 1 + negative), float32
        1, or 0 where a noise word is the centre word.
    """

    contexts: Tensor
    inside: Tensor
    targets: Tensor
    weights: Tensor


@dataclass(frozen=True, eq=False)
class _Trainer:
    """Both matrices, and what training them takes; all of it on the device.

    Parameters
    ----------
    config : Word2VecConfig
        How to train.
    batch_size : int
        Centre words trained at once.
    input, output : Tensor, shape (n_words, dim), float32
        The matrices, changed in place.
    keep : Tensor, shape (n_words + 1,), float32
        Probability of each word to survive subsampling, and 0 for `END`, the last place.
    threshold, alias : Tensor, shape (n_words,), float32 and int64
        Walker's tables of the noise distribution.
    offsets : Tensor, shape (2 * window,), int64
        Distances of the contexts, negative in front of the centre word.
    curvature : Tensor, shape (n_words,), float32
        Zeros; room for `_add_damped`.
    generator : torch.Generator
        Source of all random choices.
    """

    config: Word2VecConfig
    batch_size: int
    input: Tensor
    output: Tensor
    keep: Tensor
    threshold: Tensor
    alias: Tensor
    offsets: Tensor
    curvature: Tensor
    generator: torch.Generator

    @classmethod
    def from_counts(
        cls, counts: npt.NDArray[np.int64], config: Word2VecConfig, device: torch.device
    ) -> _Trainer:
        """Prepare untrained matrices, subsampling and noise for words with these `counts`."""
        input, output = (
            torch.tensor(matrix[:, : config.dim], device=device)
            for matrix in initial_matrices(len(counts), config)
        )
        sampling = BlockTrainer.from_counts(counts, config)
        distances = torch.arange(1, config.window + 1, device=device)
        return cls(
            config=config,
            batch_size=_batch_size(counts, sampling.keep, config),
            input=input,
            output=output,
            keep=pad(torch.tensor(sampling.keep, device=device), (0, 1)),
            threshold=torch.tensor(sampling.threshold, device=device),
            alias=torch.tensor(sampling.alias, dtype=torch.int64, device=device),
            offsets=torch.cat((-distances.flip(0), distances)),
            curvature=torch.zeros(len(counts), device=device),
            generator=torch.Generator(device).manual_seed(config.seed),
        )

    def train(
        self, ids: npt.NDArray[np.int32], epochs_before: float, epochs_here: float
    ) -> Iterator[float]:
        """Train on a block of word numbers; yield, after each batch, which share of it is done.

        Parameters
        ----------
        ids : ndarray, shape (n,), int32
            Word numbers, `END` behind each document.
        epochs_before, epochs_here : float
            Length of what was trained before, and of the block, in passes over the corpus; the
            learning rate falls with them.
        """
        # Choosing the words that are kept waits for the device. Nothing below does: the processor
        # must be ahead of it with the many small operations of each batch.
        text = self._subsample(torch.from_numpy(ids).to(self.keep.device))
        window = self.config.window
        n_centres = len(text.words) - 2 * window
        order = window + torch.randperm(
            n_centres, generator=self.generator, device=self.keep.device
        )
        for start in range(0, n_centres, self.batch_size):
            done = (epochs_before + epochs_here * start / n_centres) / self.config.epochs
            rate = self.config.learning_rate * max(1 - done, LEAST_RATE)
            self._step(self._draw(text, order[start : start + self.batch_size]), rate)
            yield min(1.0, (start + self.batch_size) / n_centres)

    def _subsample(self, ids: Tensor) -> _Text:
        """Leave frequent words out at random, and the ends of documents always."""
        documents = torch.cumsum(ids == END, 0)
        kept = self._random(len(ids)) < self.keep[ids.long()]  # END is the last place, that of 0
        room = (self.config.window, self.config.window)
        return _Text(
            words=pad(ids[kept].long(), room), documents=pad(documents[kept], room, value=-1)
        )

    def _draw(self, text: _Text, centres: Tensor) -> _Batch:
        """Draw the width of the windows of some places in the text, and their noise words."""
        size = (len(centres), 1)
        places = centres[:, None] + self.offsets
        widths = 1 + self._random_below(self.config.window, size)
        same_document = text.documents[places] == text.documents[centres, None]
        centre_words = text.words[centres, None]
        size = (len(centres), self.config.negative)
        noise = self._random_below(len(self.alias), size)
        noise = torch.where(self._random(size) < self.threshold[noise], noise, self.alias[noise])
        return _Batch(
            contexts=text.words[places],
            inside=(same_document & (self.offsets.abs() <= widths)).float(),
            targets=torch.cat((centre_words, noise), 1),
            weights=pad((noise != centre_words).float(), (1, 0), value=1.0),
        )

    def _step(self, batch: _Batch, rate: float) -> None:
        """Take a gradient step on all pairs of contexts and targets of a batch.

        A "context" of skip-gram is one word, that of CBOW the mean of them all, for which each of
        the words then moves in full.
        """
        inside = batch.inside[:, :, None]
        words = self.input[batch.contexts]
        targets = self.output[batch.targets]
        if self.config.architecture == "cbow":
            n_inside = inside.sum(1, keepdim=True)
            contexts = (words * inside).sum(1, keepdim=True) / n_inside.clamp(min=1)
            pair_rates = rate * (n_inside > 0) * batch.weights[:, None]
        else:
            contexts = words
            pair_rates = rate * inside * batch.weights[:, None]
        scores = contexts @ targets.mT
        steps = -torch.sigmoid(scores)
        steps[:, :, 0] += 1
        steps *= pair_rates
        curvatures = _curvature_bound(scores) * pair_rates
        moves = steps @ targets
        curvature = curvatures @ targets.square().sum(2, keepdim=True)
        if self.config.architecture == "cbow":
            moves, curvature = moves * inside, curvature * inside
        self._add_damped(self.input, batch.contexts, moves, curvature)
        moves = steps.mT @ contexts
        curvature = curvatures.mT @ contexts.square().sum(2, keepdim=True)
        self._add_damped(self.output, batch.targets, moves, curvature)

    def _add_damped(self, matrix: Tensor, rows: Tensor, moves: Tensor, curvature: Tensor) -> None:
        """Add the steps of a batch to rows of a matrix, shorter where they would overshoot.

        With c the bound on the curvature of a pair and y the partner of the row, the loss of the
        row, its partners being fixed, lies below a parabola whose curvature is nowhere larger
        than the sum of c yᵀy over its pairs. A step along the gradient by at most the inverse of
        that sum cannot make the loss larger; so the learning rate is cut to this where it is
        above, that is where `curvature` adds up to more than 1. Taken one by one, the steps would
        become shorter by themselves. Rows with few steps in a batch take them in full.

        Parameters
        ----------
        matrix : Tensor, shape (n_words, dim)
            Changed in place.
        rows : Tensor, shape (n_centres, n), int64
            Which row each step is for.
        moves : Tensor, shape (n_centres, n, dim)
            The steps.
        curvature : Tensor, shape (n_centres, n, 1)
            Learning rate times the sum of c yᵀy over the pairs behind each step.
        """
        rows = rows.flatten()
        self.curvature.index_add_(0, rows, curvature.flatten())
        damping = self.curvature[rows].clamp(min=1)
        self.curvature.index_fill_(0, rows, 0.0)
        matrix.index_add_(0, rows, moves.flatten(0, 1) / damping[:, None])

    def _random(self, size: int | tuple[int, ...]) -> Tensor:
        return torch.rand(size, generator=self.generator, device=self.keep.device)

    def _random_below(self, bound: int, size: tuple[int, ...]) -> Tensor:
        return torch.randint(bound, size, generator=self.generator, device=self.keep.device)
