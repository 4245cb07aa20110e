"""From the characters of a word to a vector: a recurrent network, and how it learns to spell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional
from torch.nn.utils.rnn import pack_padded_sequence

from adapt.cores import one_torch_thread
from adapt.errors import InputError
from adapt.oov.spelling import PADDING, CharacterInventory
from adapt.text import with_typos

__all__ = ["CharacterEncoder", "Imitation", "imitate"]

_AT_ONCE = 1024
"""Words encoded together where no gradient is needed."""
_BATCH_SIZE, _LEARNING_RATE = 256, 5e-3
_HELD_OUT, _PATIENCE = 0.05, 2
"""Share of the words that decide when to stop, and the epochs without a gain before that."""
_NORM_SHARE = 0.1
"""How much a wrong length of a vector costs beside a wrong direction."""


class CharacterEncoder(nn.Module):
    """A bidirectional LSTM over the characters of a word; its two last states give the vector.

    Parameters
    ----------
    inventory : CharacterInventory
        The characters it tells apart.
    mean : torch.Tensor
        ``(dim,)`` vector that the network's answers are added to.
    scale : float
        What they are multiplied with before that.
    character_dim, hidden : int
        Sizes of the vector of a character and of each direction's state.

    References
    ----------
    Ling et al. (2015). Finding function in form: compositional character models for open vocabulary
    word representation. EMNLP.
    """

    def __init__(
        self,
        inventory: CharacterInventory,
        mean: torch.Tensor,
        scale: float = 1.0,
        *,
        character_dim: int = 32,
        hidden: int = 100,
    ) -> None:
        super().__init__()
        self.inventory = inventory
        self.mean: torch.Tensor
        self.register_buffer("mean", mean.detach().clone())
        self.scale = scale
        self.characters = nn.Embedding(inventory.n_codes, character_dim, padding_idx=PADDING)
        self.states = nn.LSTM(character_dim, hidden, batch_first=True, bidirectional=True)
        self.project = nn.Linear(2 * hidden, len(mean))

    @property
    def dim(self) -> int:
        """Dimension of the vectors."""
        return len(self.mean)

    def forward(self, codes: torch.Tensor) -> torch.Tensor:
        """Encode words.

        Parameters
        ----------
        codes : torch.Tensor
            ``(n_words, length)`` int64, as the inventory writes them; the amount of padding does
            not matter.

        Returns
        -------
        torch.Tensor
            ``(n_words, dim)``.
        """
        if not len(codes):
            return self.mean.new_zeros(0, self.dim)
        lengths = (codes != PADDING).sum(dim=1).cpu()
        packed = pack_padded_sequence(
            self.characters(codes), lengths, batch_first=True, enforce_sorted=False
        )
        _, (last, _) = self.states(packed)
        forwards, backwards = last
        answer: torch.Tensor = self.project(torch.cat([forwards, backwards], dim=1))
        return self.mean + self.scale * answer

    @torch.no_grad()
    def vectors(self, words: Sequence[str]) -> NDArray[np.float32]:
        """Encode words without gradients; float32, shape (n_words, dim).

        Worked out in double precision: what is left after rounding does not depend on the other
        words, whose number decides in which order a processor adds things up.
        """
        exact = CharacterEncoder(
            self.inventory,
            self.mean,
            self.scale,
            character_dim=self.characters.embedding_dim,
            hidden=self.states.hidden_size,
        )
        exact.load_state_dict(self.state_dict())
        exact = exact.cpu().double()
        vectors = np.empty((len(words), self.dim), dtype=np.float32)
        with one_torch_thread():
            for first in range(0, len(words), _AT_ONCE):
                some = words[first : first + _AT_ONCE]
                codes = torch.from_numpy(self.inventory.encode(some))
                vectors[first : first + _AT_ONCE] = exact(codes).numpy()
        return vectors


@dataclass(frozen=True, eq=False)
class Imitation:
    """An encoder that has learned to reproduce vectors from spelling.

    Parameters
    ----------
    encoder : CharacterEncoder
        With the weights that did best on the held-out words.
    held_out : tuple of str
        Words that were not learned from.
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
    epochs: int,
    hidden: int,
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
        Their vectors, none equal to `mean`.
    mean : ndarray of float32, shape (dim,)
        The centre.
    epochs : int
        How many at most: training ends early when the cosine on held-out words no longer rises.
    hidden : int
        Size of the encoder's states.
    typos : float
        Share of the words that are misspelt, in another way in each epoch.
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
    order = np.random.default_rng(seed).permutation(len(words))
    unseen, fitted = np.split(order, [max(1, int(_HELD_OUT * len(words)))])
    learned, held_out = ([words[row] for row in rows] for rows in (fitted, unseen))
    with one_torch_thread(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        scale = float(np.linalg.norm(vectors - mean, axis=1).mean())
        inventory = CharacterInventory.of_words(learned)
        encoder = CharacterEncoder(inventory, torch.from_numpy(mean), scale, hidden=hidden)
        targets = torch.from_numpy(vectors[fitted])
        best, best_epoch, weights = _cosines(encoder, held_out, vectors[unseen]), 0, _copy(encoder)
        for epoch in _epochs(encoder, learned, targets, epochs, typos, seed):
            cosines = _cosines(encoder, held_out, vectors[unseen])
            if cosines.mean() > best.mean():
                best, best_epoch, weights = cosines, epoch, _copy(encoder)
            elif epoch - best_epoch >= _PATIENCE:
                break
        encoder.load_state_dict(weights)
    return Imitation(encoder.eval(), tuple(held_out), best, best_epoch)


def _epochs(
    encoder: CharacterEncoder,
    words: Sequence[str],
    targets: torch.Tensor,
    epochs: int,
    typos: float,
    seed: int,
) -> Iterator[int]:
    """Train in place, and pause after each epoch to yield its number."""
    optimizer = torch.optim.Adam(encoder.parameters(), lr=_LEARNING_RATE)
    n_steps = epochs * -(-len(words) // _BATCH_SIZE)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 - step / n_steps)
    for epoch in range(1, epochs + 1):
        generator = np.random.default_rng([seed, epoch])
        spelled = _misspelled(words, typos, seed=int(generator.integers(2**32)))
        for rows, codes in _batches(spelled, encoder.inventory, generator):
            loss = _loss(encoder, codes, targets[rows])
            if not torch.isfinite(loss):
                raise InputError(
                    f"the loss of the character encoder is {loss.item()} in epoch {epoch}; "
                    "check the known vectors for values out of scale"
                )
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
        yield epoch


def _copy(encoder: CharacterEncoder) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in encoder.state_dict().items()}


def _loss(encoder: CharacterEncoder, codes: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    given = (encoder(codes) - encoder.mean) / encoder.scale
    wanted = (targets - encoder.mean) / encoder.scale
    direction: torch.Tensor = 1 - functional.cosine_similarity(given, wanted, dim=1).mean()
    length = (given.norm(dim=1) - wanted.norm(dim=1)).square().mean()
    return direction + _NORM_SHARE * length


def _cosines(
    encoder: CharacterEncoder, words: Sequence[str], vectors: NDArray[np.float32]
) -> NDArray[np.float32]:
    mean = encoder.mean.numpy()
    given, true = torch.from_numpy(encoder.vectors(words) - mean), torch.from_numpy(vectors - mean)
    cosines: NDArray[np.float32] = functional.cosine_similarity(given, true, dim=1).numpy()
    return cosines


def _misspelled(words: Sequence[str], share: float, *, seed: int) -> Sequence[str]:
    if not share:
        return words
    return [word for (word,) in with_typos([[word] for word in words], share, seed=seed)]


def _batches(
    words: Sequence[str], inventory: CharacterInventory, generator: np.random.Generator
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
