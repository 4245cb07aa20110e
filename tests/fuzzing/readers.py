"""Every reader of files, as what it must withstand: any bytes at all.

A reader either reads a file, and then what it read keeps the promises of its type, or refuses it
by an `AdaptError` that says in one line what is wrong, and in which file. Nothing else is allowed:
no other exception, no warning of another package, no input that takes more than `LONGEST_SECONDS`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import numpy as np

from adapt.alignment import read_anchors
from adapt.classifiers import EmbeddingTextClassifier, load_classifier
from adapt.errors import AdaptError, AdaptWarning
from adapt.evaluation import read_results
from adapt.evaluation.grid_results import read_grid_results
from adapt.evaluation.similarity import read_pairs
from adapt.evaluation.space_map import read_space_map
from adapt.experiment import read_study
from adapt.experiment.fits import Outcome
from adapt.experiment.manifest import read_manifest
from adapt.experiment.predictions import read_predictions
from adapt.experiment.reproduce import _config_of
from adapt.experiment.store import Store
from adapt.merging import EmbeddingMatrix
from adapt.oov.synonyms import read_synonyms
from adapt.text import Corpus, LabelledTexts, Vocabulary
from adapt.text.clinical import _notes as read_notes
from adapt.text.clinical import label_definitions, ontology_texts
from adapt.text.medquad import read_medquad
from adapt.text.obo import read_stanzas
from adapt.training.checkpoint import read_checkpoint
from adapt.training.config import Word2VecConfig
from adapt.vectors import WordVectors, read_vectors
from adapt.vectors.cache import Entry, open_entry
from tests.fuzzing.repair import archive_of, with_checksum, with_sums

__all__ = ["LONGEST_SECONDS", "READERS", "SEEDS", "Reader"]

LONGEST_SECONDS = 5
SEEDS = Path(__file__).with_name("seeds")
"""A folder for each reader, with the files that mutation starts from."""

STAMP = "[1, 2, 3]"
CHECKPOINT = (Word2VecConfig(dim=4), "corpus", "")
"""What the seeds of copies and checkpoints were written with."""


@dataclass(frozen=True)
class Reader:
    """A reader of files.

    Parameters
    ----------
    name : str
        What it is called here.
    file_name : str
        What its file is called, where the name tells the format.
    read : callable
        Reads a file, and checks what it read.
    repair : callable, optional
        Makes checksums and the like good again, which hardly any mutation would leave whole, so
        that what lies behind them is reached. It may raise whatever it likes: then the bytes are
        taken as they are.
    """

    name: str
    file_name: str
    read: Callable[[Path], object]
    repair: Callable[[bytes], bytes] = bytes

    def seeds(self) -> list[bytes]:
        """Return the content of the seeds, in the order of their names."""
        return [file.read_bytes() for file in sorted((SEEDS / self.name).iterdir())]

    def withstands(self, content: bytes, folder: Path) -> bool:
        """Read a file of this content, in a folder of its own; whether it was valid.

        Raises
        ------
        Exception
            Whatever the reader may not raise; AssertionError if its message, or what it read, is
            not what was promised.
        """
        path = folder / self.file_name
        path.write_bytes(self._repaired(content))
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            warnings.simplefilter("ignore", AdaptWarning)
            try:
                self.read(path)
            except AdaptError as error:
                message = str(error)
                assert str(path) in message, f"names no file: {message}"
                assert message.isprintable(), f"is not one line of text: {message!r}"
                return False
        return True

    def _repaired(self, content: bytes) -> bytes:
        try:
            return self.repair(content)
        except Exception:  # the bytes are then no such file, which the reader must find out
            return content


def _vectors(path: Path) -> None:
    found = read_vectors(path, cache=False)
    # readers check rows one by one and skip this constructor, which knows what must hold of all
    WordVectors(found.words, found.matrix, found.counts, found.origin, found.sources)
    if crc32(found.matrix.tobytes()) % 8 == 0:  # not always, for it takes as long again
        *_, word = found.words
        some = read_vectors(path, words=[word], cache=False)
        assert some.words == (word,)
        assert some.matrix.tobytes() == found[word].tobytes()


def _cached_copy(path: Path) -> None:
    found = open_entry(Entry(path, STAMP, settled=True), path)
    if found is not None:
        assert found[0].matrix.ndim == 2


def _corpus(path: Path) -> None:
    corpus = Corpus.read(path)
    for text in corpus.texts():
        text.encode("utf-8")
    corpus.word_counts()


def _labelled(path: Path) -> None:
    found = LabelledTexts.read(path)
    for text in (*found.texts, *found.labels):
        text.encode("utf-8")


def _json_lines(path: Path) -> None:
    _labelled(path)
    _corpus(path)


def _ontology(path: Path) -> None:
    terms = tuple(stanza for stanza in read_stanzas(path) if stanza.kind == "Term")
    for text in ontology_texts(terms):
        text.encode("utf-8")
    label_definitions(terms, smallest_class=1)


def _questions(path: Path) -> None:
    found = read_medquad(path)
    for text in (*found.labelled.texts, *found.unlabelled):
        text.encode("utf-8")


def _notes(path: Path) -> None:
    for text in read_notes(path):
        text.encode("utf-8")


def _manifest(path: Path) -> None:
    _config_of(read_manifest(path), path)


def _predictions(path: Path) -> None:
    found = read_predictions(path)
    found.correct()
    assert found.is_paired_with(found)
    assert found.predicted.dtype.kind == "u"
    assert not found.labels.size or 0 <= found.labels.min() <= found.labels.max()


def _store(path: Path) -> None:
    store = Store(path.parent)
    for kind in (WordVectors, Outcome):
        if store.get(path.stem, kind) is None:
            break


def _classifier(path: Path) -> None:
    found = load_classifier(path)
    assert np.isfinite(found.matrix).all()


def _checkpoint(path: Path) -> None:
    read_checkpoint(path, *CHECKPOINT, shape=(5, 3))


READERS = {
    reader.name: reader
    for reader in (
        Reader("glove", "vectors.txt", _vectors),
        Reader("word2vec-text", "vectors.vec", _vectors),
        Reader("word2vec-binary", "vectors.bin", _vectors),
        Reader("fasttext", "model.bin", _vectors),
        Reader("native", "vectors.safetensors", _vectors),
        Reader("packed-vectors", "vectors.zip", _vectors, with_sums),
        Reader("cached-copy", "copy.safetensors", _cached_copy),
        Reader("vocabulary", "vocabulary.json", Vocabulary.load),
        Reader("corpus", "corpus.txt", _corpus),
        Reader("packed-corpus", "corpus.txt.gz", _corpus, with_sums),
        Reader("json-lines", "documents.jsonl", _json_lines),
        Reader("csv", "documents.csv", _labelled),
        Reader("tsv", "documents.tsv", _labelled),
        Reader("ontology", "hp.obo", _ontology),
        Reader("medquad-archive", "medquad.zip", _questions, with_sums),
        Reader("medquad-document", "medquad.zip", _questions, archive_of),
        Reader("medquad-records", "medquad.jsonl", _questions),
        Reader("classification", "icd10.xml", _notes),
        Reader("anchors", "anchors.txt", read_anchors),
        Reader("synonyms", "synonyms.tsv", read_synonyms),
        Reader("scored-pairs", "pairs.tsv", read_pairs),
        Reader("matrix", "matrix.safetensors", EmbeddingMatrix.load),
        Reader("classifier", "classifier.safetensors", _classifier),
        Reader("estimator", "estimator.safetensors", EmbeddingTextClassifier.load),
        Reader("checkpoint", "checkpoint.safetensors", _checkpoint),
        Reader("study", "study.toml", read_study),
        Reader("results", "results.json", read_results),
        Reader("grid-results", "results.json", read_grid_results),
        Reader("map", "map.json", read_space_map),
        Reader("manifest", "manifest.json", _manifest),
        Reader("predictions", "predictions.npz", _predictions, with_sums),
        Reader("store", "entry.safetensors", _store, with_checksum),
    )
}
