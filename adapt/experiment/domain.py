"""The in-domain vectors of a study: trained here as a whole, or in parts on a Dask cluster."""

from __future__ import annotations

from importlib.util import find_spec

from adapt.cluster import dask_client
from adapt.errors import MissingDependencyError
from adapt.experiment.config import StudyConfig
from adapt.text import Corpus
from adapt.training import train_partitioned, train_word2vec
from adapt.vectors import WordVectors

__all__ = ["check_partitions", "train_domain"]


def check_partitions(config: StudyConfig) -> None:
    """Refuse to begin a study that trains in parts where Dask is not installed.

    Raises
    ------
    MissingDependencyError
        If it is not.
    """
    if config.partitions.n_shards > 1 and find_spec("distributed") is None:
        raise MissingDependencyError(
            "partitions.n_shards needs Dask; run `pip install adapt-embeddings[distributed]`"
        )


def train_domain(
    corpus: Corpus, config: StudyConfig, n_workers: int, scheduler: str | None
) -> WordVectors:
    """Train word vectors on the corpus of a study, as its configuration says.

    Parts are the same, and so are the vectors, whatever works on them: processes that are started
    here, `n_workers` of them, or the workers of a scheduler.
    """
    if config.partitions.n_shards == 1:
        return train_word2vec(corpus, config.word2vec)
    # the texts themselves are sent: its files need not be there for the workers
    texts = Corpus.from_texts(tuple(corpus.texts()), tokenizer=corpus.tokenizer, name=corpus.name)
    with dask_client(workers=n_workers, scheduler=scheduler) as client:
        return train_partitioned(texts, config.word2vec, client=client, **vars(config.partitions))
