"""Training on a Dask cluster: sub-models on parts of the corpus, merged by rotation.

The documents are dealt at random into parts, tokenised where they are dealt; the vocabulary comes
from the counts of all parts. Each sub-model trains on a part at a time, one part further in each
epoch, so that all sub-models see the whole corpus in the course of the epochs, though each takes
only a share of the steps. In the end they are rotated into one space and averaged.

A part and a model are all that a worker needs at once: with enough parts, the corpus may be larger
than the memory of any machine. Every task has a seed of its own, so that the vectors do not
depend on the number of workers, nor on which of them fail.

References
----------
Anand, A., Khosla, M., Singh, J., Zab, J.-H., Zhang, Z. (2019). Asynchronous training of word
embeddings for large text corpora. WSDM. https://arxiv.org/abs/1812.03825
Goyal, P. et al. (2017). Accurate, large minibatch SGD. https://arxiv.org/abs/1706.02677 (fewer
steps ask for a learning rate that is larger in proportion)
"""

from __future__ import annotations

import warnings
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from adapt.alignment import alternating_procrustes
from adapt.errors import InputError
from adapt.files import scratch_folder
from adapt.text import Corpus
from adapt.training.compiled_backend import BLOCK, BlockTrainer, Matrices, initial_matrices
from adapt.training.config import Word2VecConfig
from adapt.training.encoded import END, choose_vocabulary, new_numbers, write_numbers
from adapt.training.word2vec import domain_vectors
from adapt.vectors import WordVectors

if TYPE_CHECKING:
    from distributed import Client

__all__ = ["Partitions", "train_partitioned"]

_MOST_TIMES_THE_RATE = 4
_BLOCKS_PER_STEP = 1 << 24  # room in the numbers that seed the blocks


@dataclass(frozen=True, kw_only=True)
class Partitions:
    """Into what a corpus is dealt for training; with one shard, it is trained on as a whole.

    Parameters
    ----------
    n_shards, parts_per_shard : int
        As for `train_partitioned`.

    Raises
    ------
    InputError
        If a number is not positive.
    """

    n_shards: int = 1
    parts_per_shard: int = 1

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if value < 1:
                raise InputError(f"{name} is {value}; it must be at least 1")

    def check_backend(self, backend: str) -> None:
        """Refuse a backend that trains no sub-models.

        Raises
        ------
        InputError
            If it is another than ``"compiled"``.
        """
        if backend != "compiled":
            raise InputError(f"backend {backend!r} trains no sub-models; use 'compiled'")


@dataclass(frozen=True, eq=False)
class _Part:
    """Documents of a part as numbers ``(n,)`` int32, and how often each of their words occurs.

    Words and counts travel as `Counter`: Dask sends a dict item by item, which takes longer than
    to train on it.
    """

    counts: Counter[str]
    ids: npt.NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class _Model:
    """A sub-model: its matrices, and which words it has seen, shape (n_words,), bool."""

    matrices: Matrices
    seen: npt.NDArray[np.bool_]


def train_partitioned(
    corpus: Corpus,
    config: Word2VecConfig | None = None,
    *,
    client: Client,
    n_shards: int = 4,
    parts_per_shard: int = 1,
) -> WordVectors:
    """Train sub-models on parts of a corpus on a Dask cluster, and merge them.

    Parameters
    ----------
    corpus : Corpus
        The documents. Files have to be there for all workers, under the same paths.
    config : Word2VecConfig, optional
        How to train, with the compiled backend. Sub-models take fewer steps than one model would:
        their learning rate is that of `config` times `n_shards`, at most four times. Each trains
        on one thread.
    client : distributed.Client
        The cluster; `adapt.cluster.dask_client` starts one on this machine.
    n_shards : int
        How many sub-models.
    parts_per_shard : int
        Into how many parts the share of a sub-model is cut; a worker holds one part at a time.

    Returns
    -------
    WordVectors
        Of every word that occurs `config.min_count` times in the whole corpus.

    Raises
    ------
    InputError
        If a number is not positive, another backend is asked for, or as `train_word2vec`.
    """
    config = config or Word2VecConfig()
    Partitions(n_shards=n_shards, parts_per_shard=parts_per_shard).check_backend(config.backend)
    rate = min(0.99, config.learning_rate * min(n_shards, _MOST_TIMES_THE_RATE))
    config = replace(config, learning_rate=rate, threads=1)
    n_parts = n_shards * parts_per_shard

    def submit(function: Any, *arguments: Any, turn: int = 0) -> Any:
        # not pure: two trainings of one configuration may read different files of one name
        return client.submit(function, *arguments, pure=False, priority=-turn)

    with warnings.catch_warnings():
        # texts in memory have to be sent; with the tasks rather than as scattered data, since
        # tasks can be run again when their worker fails
        warnings.filterwarnings("ignore", message="Sending large graph")
        dealt = [
            submit(_deal, corpus.part(number, n_parts, seed=config.seed))
            for number in range(n_parts)
        ]
    counts = [submit(_counts, part) for part in dealt]
    vocabulary = submit(_vocabulary, counts, config.min_count, corpus.name)
    parts = [submit(_renumber, part, vocabulary) for part in dealt]
    del dealt  # or the cluster would keep them to the end
    trainer = submit(_trainer, vocabulary, config)
    models = [
        _submit_model(submit, shard, n_shards, parts, vocabulary, trainer, config)
        for shard in range(n_shards)
    ]
    merged = submit(_merge, models, vocabulary, config)
    words, matrix = client.gather([vocabulary, merged])
    found = np.fromiter(words.values(), dtype=np.int64)
    return WordVectors(tuple(words), matrix, counts=found, origin="domain")


def _submit_model(
    submit: Any,
    shard: int,
    n_shards: int,
    parts: list[Any],
    vocabulary: Any,
    trainer: Any,
    config: Word2VecConfig,
) -> Any:
    """Submit the steps of one sub-model, each on one part; return the future of the last."""
    parts_per_shard = len(parts) // n_shards
    n_steps = config.epochs * parts_per_shard
    model = submit(_start, vocabulary, config)
    for step in range(n_steps):
        part = parts[(shard * parts_per_shard + step) % len(parts)]
        number = (shard * n_steps + step) * _BLOCKS_PER_STEP
        # sub-models take turns: one that stayed behind would be trained alone in the end
        model = submit(_train, model, part, trainer, step, n_steps, number, turn=step)
    return model


def _deal(part: Corpus) -> _Part:
    with scratch_folder() as folder:
        path = folder / "part"
        counts = Counter(write_numbers(part, path))
        return _Part(counts, np.fromfile(path, dtype=np.int32))


def _counts(part: _Part) -> Counter[str]:
    return part.counts


def _vocabulary(counts: list[Counter[str]], min_count: int, name: str) -> Counter[str]:
    total: Counter[str] = Counter()
    for part in counts:
        total.update(part)
    return Counter(choose_vocabulary(total, min_count=min_count, name=name))


def _renumber(part: _Part, vocabulary: Counter[str]) -> npt.NDArray[np.int32]:
    ids = new_numbers(tuple(part.counts), vocabulary)[part.ids]
    kept: npt.NDArray[np.int32] = ids[ids >= END]
    return kept


def _trainer(vocabulary: Counter[str], config: Word2VecConfig) -> BlockTrainer:
    return BlockTrainer.from_counts(np.fromiter(vocabulary.values(), dtype=np.int64), config)


def _start(vocabulary: Counter[str], config: Word2VecConfig) -> _Model:
    # all sub-models start alike: what they have in common needs no rotation
    matrices = initial_matrices(len(vocabulary), config)
    return _Model(matrices, np.zeros(len(vocabulary), dtype=bool))


def _train(
    model: _Model,
    ids: npt.NDArray[np.int32],
    trainer: BlockTrainer,
    step: int,
    n_steps: int,
    number: int,
) -> _Model:
    """Train a copy of the model on a part; another worker may hold the model as it was."""
    matrices = (model.matrices[0].copy(), model.matrices[1].copy())
    n_blocks = max(1, -(-len(ids) // BLOCK))
    for block in range(n_blocks):
        shares = ((step + (block + done) / n_blocks) / n_steps for done in (0, 1))
        first, last = shares
        part = ids[block * BLOCK : (block + 1) * BLOCK]
        trainer.train(part, matrices, (first, last), number + block)
    seen = model.seen.copy()
    seen[ids[ids != END]] = True
    return _Model(matrices, seen)


def _merge(
    models: list[_Model], vocabulary: Counter[str], config: Word2VecConfig
) -> npt.NDArray[np.float32]:
    words, counts = tuple(vocabulary), np.fromiter(vocabulary.values(), dtype=np.int64)
    vectors = []
    for model in models:
        copies = (model.matrices[0].copy(), model.matrices[1].copy())
        vectors.append(domain_vectors(words, counts, copies, config).matrix)
    return alternating_procrustes(vectors, [model.seen for model in models])
