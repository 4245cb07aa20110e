"""From the characters of a word to a vector: networks that read spelling."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from copy import deepcopy
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional
from torch.nn.utils.rnn import pack_padded_sequence

from adapt.cores import one_torch_thread
from adapt.oov.inventories import PADDING, CharacterInventory, Inventory, NgramInventory

__all__ = ["ENCODERS", "CharacterEncoder", "NgramEncoder", "RecurrentEncoder", "adam"]

_AT_ONCE = 1024
"""Words encoded together where no gradient is needed."""


class CharacterEncoder(nn.Module, ABC):
    """Gives a word a vector by its spelling.

    Parameters
    ----------
    inventory : Inventory
        The pieces of words it tells apart.
    mean : torch.Tensor
        ``(dim,)`` vector that the network's answers are added to; that of a word without any known
        piece.
    scale : float
        What they are multiplied with before that.
    """

    kind: ClassVar[type[Inventory]]
    min_words: ClassVar[int]
    """In how many words a piece must occur to be told apart."""
    learning_rate: ClassVar[float]

    def __init__(self, inventory: Inventory, mean: torch.Tensor, scale: float = 1.0) -> None:
        super().__init__()
        self.inventory = inventory
        self.mean: torch.Tensor
        self.register_buffer("mean", mean.detach().clone())
        self.scale = scale

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
        if not codes.numel():
            return self.mean.expand(len(codes), -1)
        return self.mean + self.scale * self.answer(codes)

    @abstractmethod
    def answer(self, codes: torch.Tensor) -> torch.Tensor:
        """Encode at least one word by centred and scaled vectors; gives ``(n_words, dim)``."""

    @torch.no_grad()
    def vectors(self, words: Sequence[str]) -> NDArray[np.float32]:
        """Encode words without gradients; float32, shape (n_words, dim).

        A word's vector does not depend on the other words, to the last bit.
        """
        exact = self._exact()
        vectors = np.empty((len(words), self.dim), dtype=np.float32)
        with one_torch_thread():
            for first in range(0, len(words), _AT_ONCE):
                codes = self.inventory.encode(words[first : first + _AT_ONCE])
                answer = exact(torch.from_numpy(codes).to(self.mean.device))
                vectors[first : first + _AT_ONCE] = answer.cpu().numpy()
        return vectors

    def _exact(self) -> CharacterEncoder:
        """Return an encoder whose rounded answers depend on nothing but the word."""
        return deepcopy(self).eval() if self.training else self


class NgramEncoder(CharacterEncoder):
    """The sum of learned vectors of a word's character n-grams, by the root of their number.

    This is a convolution over characters in which each n-gram has a filter of its own, summed over
    the word. While it learns, three in ten n-grams are left out, so that none is relied upon alone:
    a misspelt word lacks some.

    References
    ----------
    Wieting, Bansal, Gimpel and Livescu (2016). Charagram: embedding words and sentences via
    character n-grams. EMNLP.
    Zhao, Mudgal and Liang (2018). Generalizing word embeddings using bag of subwords. EMNLP.
    """

    kind, min_words, learning_rate = NgramInventory, 2, 2e-3

    def __init__(self, inventory: Inventory, mean: torch.Tensor, scale: float = 1.0) -> None:
        super().__init__(inventory, mean, scale)
        self.ngrams = nn.Embedding(inventory.n_codes, self.dim, padding_idx=PADDING, sparse=True)
        nn.init.zeros_(self.ngrams.weight)
        self.dropout = nn.Dropout(0.3)

    def answer(self, codes: torch.Tensor) -> torch.Tensor:
        """Encode words; see `CharacterEncoder.answer`."""
        shares = (codes != PADDING).to(self.mean.dtype)
        shares = self.dropout(shares / shares.sum(dim=1, keepdim=True).clamp(min=1).sqrt())
        return functional.embedding_bag(
            codes,
            self.ngrams.weight,
            mode="sum",
            per_sample_weights=shares,
            padding_idx=PADDING,
            sparse=True,
        )


class RecurrentEncoder(CharacterEncoder):
    """A bidirectional LSTM along the characters of a word, as in Mimick.

    References
    ----------
    Ling et al. (2015). Finding function in form: compositional character models for open vocabulary
    word representation. EMNLP.
    Pinter, Guthrie and Eisenstein (2017). Mimicking word embeddings using subword RNNs. EMNLP.
    """

    kind, min_words, learning_rate = CharacterInventory, 5, 5e-3

    def __init__(
        self,
        inventory: Inventory,
        mean: torch.Tensor,
        scale: float = 1.0,
        *,
        character_dim: int = 32,
        hidden: int = 100,
    ) -> None:
        super().__init__(inventory, mean, scale)
        self.characters = nn.Embedding(inventory.n_codes, character_dim, padding_idx=PADDING)
        self.states = nn.LSTM(character_dim, hidden, batch_first=True, bidirectional=True)
        self.project = nn.Linear(2 * hidden, self.dim)

    def answer(self, codes: torch.Tensor) -> torch.Tensor:
        """Encode words; see `CharacterEncoder.answer`."""
        lengths = (codes != PADDING).sum(dim=1).cpu()
        packed = pack_padded_sequence(
            self.characters(codes), lengths, batch_first=True, enforce_sorted=False
        )
        _, (last, _) = self.states(packed)
        forwards, backwards = last
        answer: torch.Tensor = self.project(torch.cat([forwards, backwards], dim=1))
        return answer

    def _exact(self) -> CharacterEncoder:
        # the number of words decides in which order a processor adds things up; what that changes
        # in double precision is lost when the result is rounded
        return deepcopy(self).eval().cpu().double()


ENCODERS: dict[str, type[CharacterEncoder]] = {"ngrams": NgramEncoder, "bilstm": RecurrentEncoder}
"""The encoders by name."""


def adam(module: nn.Module, learning_rate: float) -> list[torch.optim.Optimizer]:
    """Make the optimisers of what may learn in a module: rows of sparse tables move when read."""
    sparse = [
        one.weight
        for one in module.modules()
        if isinstance(one, nn.Embedding) and one.sparse and one.weight.requires_grad
    ]
    apart = {id(weight) for weight in sparse}
    dense = [one for one in module.parameters() if one.requires_grad and id(one) not in apart]
    optimizers: list[torch.optim.Optimizer] = []
    if sparse:
        optimizers.append(torch.optim.SparseAdam(sparse, lr=learning_rate))
    if dense:
        optimizers.append(torch.optim.Adam(dense, lr=learning_rate))
    return optimizers
