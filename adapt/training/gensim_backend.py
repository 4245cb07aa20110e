"""Word2Vec by gensim's file-based training path."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from adapt.progress import progress
from adapt.training.config import Word2VecConfig
from adapt.training.encoded import END, EncodedCorpus

__all__ = ["train_with_gensim"]

# gensim gathers lines until they exceed 10,000 words, and silently drops what subsampling leaves
# beyond the first 10,000: up to half of a corpus of such long lines. With lines of at most a
# thousand words less than a tenth can be lost without subsampling, and nothing with the usual one.
_LONGEST_LINE = 1_000


def train_with_gensim(
    encoded: EncodedCorpus, config: Word2VecConfig, folder: Path
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Train with gensim on a corpus of word numbers.

    Parameters
    ----------
    encoded : EncodedCorpus
        The corpus.
    config : Word2VecConfig
        How to train.
    folder : Path
        For a temporary text file.

    Returns
    -------
    input, output : ndarray, shape (n_words, dim), float32
        In the order of `encoded.words`.
    """
    from gensim.models import Word2Vec

    sentences = folder / "sentences.txt"
    _write_sentences(encoded, sentences)
    model = Word2Vec(
        vector_size=config.dim,
        sg=int(config.architecture == "skipgram"),
        hs=0,
        window=config.window,
        negative=config.negative,
        sample=config.sample,
        min_count=1,
        alpha=config.learning_rate,
        seed=config.seed,
        workers=config.threads,
    )
    model.build_vocab(corpus_file=str(sentences))
    with progress("training", encoded.n_tokens * config.epochs, unit="tokens") as advance:
        model.train(
            corpus_file=str(sentences),
            total_examples=model.corpus_count,
            total_words=model.corpus_total_words,
            epochs=config.epochs,
            callbacks=[_callback(lambda: advance(encoded.n_tokens))],
        )
    order = [model.wv.key_to_index[word] for word in encoded.words]
    return model.wv.vectors[order], model.syn1neg[order]


def _write_sentences(encoded: EncodedCorpus, path: Path) -> None:
    """Write a document a line, words joined by one space; long documents go on in the next."""
    step = 1 << 20
    words = np.array(encoded.words, dtype=object)
    line: list[str] = []
    with path.open("w", encoding="utf-8") as file:
        for start in range(0, len(encoded.ids), step):
            ids = encoded.read(start, start + step)
            ends = np.flatnonzero(ids == END)
            for document in np.split(ids, ends):
                if document.size and document[0] == END:
                    _write_line(file, line)
                    line, document = [], document[1:]
                line.extend(words[document])
        _write_line(file, line)


def _write_line(file: Any, words: list[str]) -> None:
    for start in range(0, len(words), _LONGEST_LINE):
        file.write(" ".join(words[start : start + _LONGEST_LINE]) + "\n")


def _callback(on_epoch_end: Callable[[], None]) -> Any:
    """Wrap a function as gensim's callback object."""
    from gensim.models.callbacks import CallbackAny2Vec

    class EpochEnd(CallbackAny2Vec):  # type: ignore[misc]
        def on_epoch_end(self, model: Any) -> None:
            on_epoch_end()

    return EpochEnd()
