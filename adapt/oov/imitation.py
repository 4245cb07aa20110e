"""Learning to give known words their vectors from their spelling."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from adapt.alignment import row_lengths
from adapt.cores import one_torch_thread
from adapt.errors import InputError
from adapt.oov.encoders import ENCODERS, CharacterEncoder, adam
from adapt.oov.inventories import Inventory
from adapt.progress import progress
from adapt.text import with_typos

__all__ = ["Imitation", "imitate"]

_BATCH_SIZE = 256
_HELD_OUT, _PATIENCE = 0.03, 2
"""Share of the words that decide when to stop, and the epochs without a gain before that."""
_NORM_SHARE = 0.1
"""How much a wrong length of a vector costs beside a wrong direction."""


@dataclass(frozen=True, eq=False)
class Imitation:
    """An encoder that has learned to reproduce vectors from spelling.

    Parameters
    ----------
    encoder : CharacterEncoder
        With the weights that did best on the held-out words.
    held_out : tuple of str
        Spellings that were not learned from, and decided when to stop.
    cosines : ndarray of float32, shape (n_held_out,)
        Cosine between their true vectors and the encoder's, both centred.
    epochs : int
        After how many epochs the weights were taken.
    """

    encoder: CharacterEncoder
    held_out: tuple[str, ...]
    cosines: NDArray[np.float32]
    epochs: int


def imitate(
    words: Sequence[str],
    vectors: NDArray[np.float32],
    mean: NDArray[np.float32],
    *,
    encoder: str,
    epochs: int,
    typos: float,
    seed: int,
) -> Imitation:
    """Train an encoder to reproduce the vectors of words from their spelling.

    The loss is the cosine distance between centred vectors, plus a small share of the squared
    difference of their lengths: a squared error alone would buy its low value with vectors that
    are too short. The rate falls to zero over the epochs.

    Parameters
    ----------
    words : sequence of str
        At least two.
    vectors : ndarray of float32, shape (n_words, dim)
        Their vectors.
    mean : ndarray of float32, shape (dim,)
        The centre.
    encoder : str
        One of `ENCODERS`.
    epochs : int
        How many at most: training ends early when the cosine on held-out words no longer rises.
    typos : float
        Share of the words that are misspelt, in another way in each epoch. If there are any, what
        is held out are misspellings, of words that are learned from; otherwise it is words.
    seed : int
        Of the first weights, the held-out words, the order and the typos.

    Raises
    ------
    InputError
        If the loss is not finite.

    References
    ----------
    Pinter, Guthrie and Eisenstein (2017). Mimicking word embeddings using subword RNNs. EMNLP.
    """
    learned, held_out, spelled = _parted(words, typos, seed)
    with one_torch_thread(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        scale = float(row_lengths(vectors - mean).mean()) or 1.0
        make = ENCODERS[encoder]
        known = [words[row] for row in learned]
        inventory = make.kind.of_words(known, min_words=make.min_words)
        network = make(inventory, torch.from_numpy(mean), scale)
        targets = torch.from_numpy(vectors[learned])
        best, best_epoch = _cosines(network, spelled, vectors[held_out]), 0
        weights = _copy(network)
        with progress("learning to spell", epochs) as advance:
            for epoch in _epochs(network, known, targets, epochs, typos, seed):
                advance(1)
                cosines = _cosines(network, spelled, vectors[held_out])
                if cosines.mean() > best.mean():
                    best, best_epoch, weights = cosines, epoch, _copy(network)
                elif epoch - best_epoch >= _PATIENCE:
                    break
        network.load_state_dict(weights)
    return Imitation(network.eval(), tuple(spelled), best, best_epoch)


def _parted(
    words: Sequence[str], typos: float, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], list[str]]:
    """Choose the rows to learn from and those to hold out, and spell the latter."""
    order = np.random.default_rng(seed).permutation(len(words))
    held_out, learned = np.split(order, [max(1, int(_HELD_OUT * len(words)))])
    if typos:
        learned = order
    spelled = _misspelled([words[row] for row in held_out], float(typos > 0), seed=seed)
    return learned, held_out, list(spelled)


def _epochs(
    encoder: CharacterEncoder,
    words: Sequence[str],
    targets: torch.Tensor,
    epochs: int,
    typos: float,
    seed: int,
) -> Iterator[int]:
    """Train in place, and pause after each epoch to yield its number."""
    optimizers = adam(encoder, encoder.learning_rate)
    n_steps = epochs * -(-len(words) // _BATCH_SIZE)
    schedules = [
        torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 - step / n_steps)
        for optimizer in optimizers
    ]
    for epoch in range(1, epochs + 1):
        encoder.train()
        generator = np.random.default_rng([seed, epoch])
        spelled = _misspelled(words, typos, seed=int(generator.integers(2**32)))
        for rows, codes in _batches(spelled, encoder.inventory, generator):
            loss = _loss(encoder, codes, targets[rows])
            if not torch.isfinite(loss):
                raise InputError(
                    f"the loss of the character encoder is {loss.item()} in epoch {epoch}; "
                    "check the known vectors for values out of scale"
                )
            for optimizer in optimizers:
                optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            for optimizer, schedule in zip(optimizers, schedules, strict=True):
                optimizer.step()
                schedule.step()
        yield epoch


def _copy(encoder: CharacterEncoder) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in encoder.state_dict().items()}


def _loss(encoder: CharacterEncoder, codes: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    given = encoder.answer(codes)
    wanted = (targets - encoder.mean) / encoder.scale
    direction: torch.Tensor = 1 - functional.cosine_similarity(given, wanted, dim=1).mean()
    length: torch.Tensor = (given.norm(dim=1) - wanted.norm(dim=1)).square().mean()
    return direction + _NORM_SHARE * length


def _cosines(
    encoder: CharacterEncoder, words: Sequence[str], vectors: NDArray[np.float32]
) -> NDArray[np.float32]:
    encoder.eval()
    mean = encoder.mean.numpy()
    given, true = torch.from_numpy(encoder.vectors(words) - mean), torch.from_numpy(vectors - mean)
    cosines: NDArray[np.float32] = functional.cosine_similarity(given, true, dim=1).numpy()
    return cosines


def _misspelled(words: Sequence[str], share: float, *, seed: int) -> Sequence[str]:
    if not share:
        return words
    return [word for (word,) in with_typos([[word] for word in words], share, seed=seed)]


def _batches(
    words: Sequence[str], inventory: Inventory, generator: np.random.Generator
) -> Iterator[tuple[NDArray[np.int64], torch.Tensor]]:
    """Cut words of about the same length into batches, which come in random order.

    Yields
    ------
    tuple of (ndarray of int64, torch.Tensor)
        Positions of the words, and their codes.
    """
    shuffled = generator.permutation(len(words))
    lengths = inventory.lengths(words)[shuffled]
    by_length = shuffled[np.argsort(lengths, kind="stable")]
    starts = np.arange(0, len(words), _BATCH_SIZE)
    for start in generator.permutation(starts):
        rows = by_length[start : start + _BATCH_SIZE]
        yield rows, torch.from_numpy(inventory.encode([words[row] for row in rows]))
