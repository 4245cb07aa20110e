"""The texts of a study, tokenised and numbered once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from adapt.errors import InputError
from adapt.evaluation import DatasetSummary
from adapt.experiment.config import DataConfig
from adapt.text import Corpus, Dataset, Vocabulary, WordTokenizer, check_labels, load_dataset

__all__ = ["StudyData", "prepare_data"]


@dataclass(frozen=True)
class StudyData:
    """A dataset with everything that is derived from its texts.

    The vocabulary, like all that is fitted, comes from the training texts and the unlabelled
    corpus; test words that neither has are `<unk>`.
    """

    dataset: Dataset
    corpus: Corpus
    classes: tuple[str, ...]
    vocabulary: Vocabulary
    corpus_counts: Counter[str]
    train_counts: Counter[str]
    test_counts: Counter[str]
    train_rows: tuple[np.ndarray, ...]
    test_rows: tuple[np.ndarray, ...]
    train_labels: np.ndarray
    test_labels: np.ndarray

    def summary(self) -> DatasetSummary:
        """Sizes of the data, and whether the corpus holds test documents."""
        corpus_texts = {_normalized(text) for text in self.dataset.corpus}
        return DatasetSummary(
            name=self.dataset.name,
            n_train=len(self.dataset.train),
            n_test=len(self.dataset.test),
            n_classes=len(self.classes),
            n_corpus_documents=len(self.dataset.corpus),
            n_corpus_tokens=self.corpus_counts.total(),
            transductive=any(_normalized(text) in corpus_texts for text in self.dataset.test.texts),
        )


def prepare_data(config: DataConfig) -> StudyData:
    """Load, check and number the texts of a dataset.

    Raises
    ------
    InputError
        If the labels cannot be learned from, or the test split has labels that training lacks.
    """
    dataset = load_dataset(config.dataset, seed=config.seed)
    check_labels(dataset.train.labels)
    classes = tuple(sorted(set(dataset.train.labels)))
    tokenize = WordTokenizer()
    train = [tokenize(text) for text in dataset.train.texts]
    test = [tokenize(text) for text in dataset.test.texts]
    corpus = Corpus.from_texts(dataset.corpus, tokenizer=tokenize, name=dataset.name)
    corpus_counts = corpus.word_counts()
    train_counts = Counter(word for tokens in train for word in tokens)
    vocabulary = Vocabulary.from_counts(corpus_counts + train_counts)
    return StudyData(
        dataset=dataset,
        corpus=corpus,
        classes=classes,
        vocabulary=vocabulary,
        corpus_counts=corpus_counts,
        train_counts=train_counts,
        test_counts=Counter(word for tokens in test for word in tokens),
        train_rows=tuple(vocabulary.encode(tokens) for tokens in train),
        test_rows=tuple(vocabulary.encode(tokens) for tokens in test),
        train_labels=_numbered(dataset.train.labels, classes),
        test_labels=_numbered(dataset.test.labels, classes),
    )


def _numbered(labels: Sequence[str], classes: tuple[str, ...]) -> np.ndarray:
    number = {label: place for place, label in enumerate(classes)}
    unseen = sorted({label for label in labels if label not in number})
    if unseen:
        raise InputError(
            f"the test split has {len(unseen)} labels that training lacks, such as {unseen[0]!r}"
        )
    return np.asarray([number[label] for label in labels], dtype=np.int64)


def _normalized(text: str) -> str:
    return " ".join(text.lower().split())
