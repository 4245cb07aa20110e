"""How in-domain vectors are trained."""

from __future__ import annotations

from dataclasses import dataclass

from adapt.errors import InputError
from adapt.seeds import check_seed

__all__ = ["Word2VecConfig"]

_CHOICES = {
    "architecture": ("skipgram", "cbow"),
    "output": ("input", "output", "average"),
    "backend": ("compiled", "gensim", "torch"),
    "device": ("cpu", "cuda", "auto"),
}


@dataclass(frozen=True, kw_only=True)
class Word2VecConfig:
    """How in-domain vectors are trained.

    Parameters
    ----------
    dim : int
        Dimension of the vectors.
    architecture : {"skipgram", "cbow"}
        Skip-gram predicts the context from a word, CBOW the word from its context.
    window : int
        Largest distance between a word and its context, in words; drawn from 1 to `window` at
        each position.
    negative : int
        Noise words drawn for each observed pair.
    epochs : int
        Passes over the corpus.
    sample : float
        Subsampling threshold of frequent words, a share of the tokens; 0 keeps all of them.
    min_count : int
        Words seen less often get no vector.
    learning_rate : float
        Initial learning rate, falling linearly to nearly zero.
    output : {"average", "input", "output"}
        Which of the two matrices becomes the word vectors. Their mean has been the better choice
        in every measurement on small corpora, where each matrix alone is noisy.
    seed : int
        Seed of the initialisation and of the sampling.
    threads : int
        Training threads. One thread gives the same vectors every time; several are faster, but
        write to shared memory without locks, so that no two runs agree exactly.
    backend : {"compiled", "gensim", "torch"}
        The implementation: kernels compiled for the processor at hand; gensim, the reference;
        or PyTorch, for graphics processors.
    device : {"cpu", "cuda", "auto"}
        Where the torch backend trains; `auto` takes CUDA if there is one.

    Raises
    ------
    InputError
        If a value is out of its range.

    References
    ----------
    Mikolov, T., Sutskever, I., Chen, K., Corrado, G., Dean, J. (2013). Distributed
    representations of words and phrases and their compositionality. NeurIPS.
    """

    dim: int = 300
    architecture: str = "skipgram"
    window: int = 8
    negative: int = 10
    epochs: int = 15
    sample: float = 1e-4
    min_count: int = 3
    learning_rate: float = 0.025
    output: str = "average"
    seed: int = 0
    threads: int = 1
    backend: str = "compiled"
    device: str = "cpu"

    def __post_init__(self) -> None:
        for name, choices in _CHOICES.items():
            if getattr(self, name) not in choices:
                raise InputError(
                    f"{name} is {getattr(self, name)!r}; choose one of {', '.join(choices)}"
                )
        for name in ("dim", "window", "negative", "epochs", "min_count", "threads"):
            if getattr(self, name) < 1:
                raise InputError(f"{name} is {getattr(self, name)}; it must be at least 1")
        if not 0 <= self.sample < 1:
            raise InputError(f"sample is {self.sample}; it must be in [0, 1)")
        if not 0 < self.learning_rate < 1:
            raise InputError(f"learning_rate is {self.learning_rate}; it must be in (0, 1)")
        if self.device != "cpu" and self.backend != "torch":
            raise InputError(
                f"device is {self.device!r}, but backend {self.backend!r} trains on the processor; "
                "use backend 'torch', or device 'cpu'"
            )
        check_seed(self.seed)

    @property
    def repeatable(self) -> bool:
        """Whether two trainings on the same corpus give the same vectors."""
        return self.threads == 1 and self.device == "cpu"  # sums on CUDA have no fixed order
