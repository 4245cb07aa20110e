"""In-domain Word2Vec: one configuration, interchangeable backends."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from adapt.errors import InputError
from adapt.text import Corpus
from adapt.training.config import Word2VecConfig
from adapt.training.gensim_backend import TrainedMatrices, train_with_gensim
from adapt.vectors import WordVectors

__all__ = ["train_word2vec"]


def train_word2vec(
    corpus: Corpus, config: Word2VecConfig | None = None, *, progress: bool = False
) -> WordVectors:
    """Train word vectors on an unlabelled corpus.

    The corpus is streamed once into a temporary file of tokens, which the backend then reads in
    every epoch; it is never wholly in memory.

    Parameters
    ----------
    corpus : Corpus
        The tokenised documents.
    config : Word2VecConfig, optional
        How to train; the defaults suit corpora of one to some ten million tokens.
    progress : bool
        Show a bar on stderr.

    Returns
    -------
    WordVectors
        Ordered by descending count, then by word, with the counts; finite float32.

    Raises
    ------
    InputError
        If no word is seen `min_count` times, or the training diverged.
    """
    config = config or Word2VecConfig()
    with tempfile.TemporaryDirectory(prefix="adapt-") as folder:
        sentences = Path(folder) / "sentences.txt"
        n_documents, n_tokens = corpus.write_sentences(sentences)
        if n_tokens == 0:
            raise InputError(
                f"{corpus.name}: no tokens in {n_documents} documents; nothing to learn"
            )
        trained = train_with_gensim(sentences, config, progress=progress)
    if trained is None:
        raise InputError(
            f"{corpus.name}: none of its {n_tokens} tokens belongs to a word seen at least "
            f"{config.min_count} times; lower min_count or give more text"
        )
    return _word_vectors(trained, config)


def _word_vectors(trained: TrainedMatrices, config: Word2VecConfig) -> WordVectors:
    if config.output == "input":
        matrix = trained.input
    elif config.output == "output":
        matrix = trained.output
    else:
        matrix = (trained.input + trained.output) / 2
    if not np.isfinite(matrix).all():
        raise InputError(
            f"training diverged at learning_rate {config.learning_rate}; choose a lower one"
        )
    order = sorted(range(len(trained.words)), key=lambda i: (-trained.counts[i], trained.words[i]))
    return WordVectors(
        words=tuple(trained.words[i] for i in order),
        matrix=np.ascontiguousarray(matrix[order], dtype=np.float32),
        counts=np.asarray([trained.counts[i] for i in order], dtype=np.int64),
        origin="domain",
    )
