"""The texts of a study, tokenised and numbered once."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from adapt.errors import InputError
from adapt.evaluation import UNLABELLED_CORPUS, DatasetSummary, Leak, duplicated_places
from adapt.experiment.config import DataConfig
from adapt.experiment.digests import content_digest
from adapt.text import (
    Corpus,
    LabelledTexts,
    Vocabulary,
    WordTokenizer,
    check_labels,
    load_dataset,
)

__all__ = ["StudyData", "prepare_data"]


@dataclass(frozen=True)
class StudyData:
    """Labelled and unlabelled documents with everything that is derived from their words.

    The vocabulary, like all that is fitted, comes from the training texts and the unlabelled
    corpus; test words that neither has are `<unk>`.
    """

    name: str
    train: LabelledTexts
    test: LabelledTexts
    corpus: Corpus
    sources: tuple[Path, ...]
    classes: tuple[str, ...]
    vocabulary: Vocabulary
    corpus_counts: Counter[str]
    train_counts: Counter[str]
    test_counts: Counter[str]
    train_words: tuple[list[str], ...]
    test_words: tuple[list[str], ...]
    train_rows: tuple[np.ndarray, ...]
    test_rows: tuple[np.ndarray, ...]
    train_labels: np.ndarray
    test_labels: np.ndarray
    n_train_dropped: int = 0
    n_corpus_dropped: int = 0

    @cached_property
    def corpus_digest(self) -> str:
        """Digest of all unlabelled texts, and of how they are tokenised."""
        return content_digest(self.corpus)

    def summary(self, leaks: tuple[Leak, ...]) -> DatasetSummary:
        """Sizes of the data, and where test documents were found that do not belong there."""
        return DatasetSummary(
            name=self.name,
            n_train=len(self.train),
            n_test=len(self.test),
            n_classes=len(self.classes),
            n_corpus_documents=sum(1 for _ in self.corpus.texts()),
            n_corpus_tokens=self.corpus_counts.total(),
            transductive=any(leak.where == UNLABELLED_CORPUS for leak in leaks),
            leaks=leaks,
            n_train_dropped=self.n_train_dropped,
            n_corpus_dropped=self.n_corpus_dropped,
        )


def prepare_data(config: DataConfig) -> StudyData:
    """Load, check and number the texts of a dataset, or of files of one's own.

    Raises
    ------
    InputError
        If the labels cannot be learned from, or the test split has labels that training lacks.
    FileAccessError, FileFormatError
        If a file cannot be used.
    """
    if config.train is not None and config.test is not None:
        name = Path(config.train).stem
        train, test = (
            LabelledTexts.read(path, text_field=config.text_field, label_field=config.label_field)
            for path in (config.train, config.test)
        )
        corpus = _corpus(name, () if config.corpus else train.texts, config)
        sources = (Path(config.train), Path(config.test), *corpus.files)
    else:
        dataset = load_dataset(config.dataset, seed=config.seed, path=config.path)
        name, train, test = dataset.name, dataset.train, dataset.test
        corpus = _corpus(name, dataset.corpus, config)
        sources = (*(Path(source) for source in dataset.sources), *corpus.files)
    in_train, in_corpus = _duplicates(train, test, corpus) if config.leakage == "drop" else ([], [])
    train, corpus = train.subset(_others(len(train), in_train)), _without(corpus, in_corpus)
    try:
        check_labels(train.labels)
    except InputError as error:
        raise InputError(f"{config.train or name}: {error}") from error
    test_place = config.test or f"{name}, test split"
    data = _numbered_data(name, train, test, corpus, sources, test_place)
    return replace(data, n_train_dropped=len(in_train), n_corpus_dropped=len(in_corpus))


def _duplicates(
    train: LabelledTexts, test: LabelledTexts, corpus: Corpus
) -> tuple[list[int], list[int]]:
    """Give the places of texts to learn from that duplicate a test document, exactly or nearly."""
    in_train, in_corpus = (
        duplicated_places(test.texts, texts) for texts in (train.texts, corpus.texts())
    )
    return in_train, in_corpus


def _others(n: int, dropped: Sequence[int]) -> np.ndarray:
    return np.setdiff1d(np.arange(n), np.asarray(dropped, dtype=np.int64))


def _without(corpus: Corpus, dropped: Sequence[int]) -> Corpus:
    """Leave texts out, by their places."""
    if not dropped:
        return corpus
    out = frozenset(dropped)
    return replace(
        corpus,
        open_texts=lambda: (text for place, text in enumerate(corpus.texts()) if place not in out),
    )


def _corpus(name: str, texts: Sequence[str], config: DataConfig) -> Corpus:
    """Put texts in memory and the files of the configuration together, or a share of all that."""
    fields = config.corpus_fields or (config.text_field,)
    read = tuple(
        Corpus.read(*config.corpus, text_field=field, text_column=field)
        for field in fields
        if config.corpus
    )

    def open_texts() -> Iterator[str]:
        return itertools.chain(texts, *(corpus.texts() for corpus in read))

    files = read[0].files if read else ()
    whole = Corpus(name=name, tokenizer=WordTokenizer(), files=files, open_texts=open_texts)
    return whole.sample(config.corpus_share, seed=config.seed)


def _numbered_data(
    name: str,
    train: LabelledTexts,
    test: LabelledTexts,
    corpus: Corpus,
    sources: tuple[Path, ...],
    test_place: str,
) -> StudyData:
    """Tokenise everything once, and give words and classes their numbers."""
    classes = tuple(sorted(set(train.labels)))
    tokens_of = {
        "train": [corpus.tokenizer(text) for text in train.texts],
        "test": [corpus.tokenizer(text) for text in test.texts],
    }
    counts = {
        split: Counter(word for tokens in documents for word in tokens)
        for split, documents in tokens_of.items()
    }
    corpus_counts = corpus.word_counts()
    if not corpus_counts:
        raise InputError(f"{corpus.name}: holds no words; use more of the unlabelled documents")
    vocabulary = Vocabulary.from_counts(corpus_counts + counts["train"])
    return StudyData(
        name=name,
        train=train,
        test=test,
        corpus=corpus,
        sources=sources,
        classes=classes,
        vocabulary=vocabulary,
        corpus_counts=corpus_counts,
        train_counts=counts["train"],
        test_counts=counts["test"],
        train_words=tuple(tokens_of["train"]),
        test_words=tuple(tokens_of["test"]),
        train_rows=tuple(vocabulary.encode(tokens) for tokens in tokens_of["train"]),
        test_rows=tuple(vocabulary.encode(tokens) for tokens in tokens_of["test"]),
        train_labels=_numbered(train.labels, classes, name),
        test_labels=_numbered(test.labels, classes, test_place),
    )


def _numbered(labels: Sequence[str], classes: tuple[str, ...], place: str) -> np.ndarray:
    number = {label: place for place, label in enumerate(classes)}
    unseen = sorted({label for label in labels if label not in number})
    if unseen:
        raise InputError(
            f"{place}: has labels that the training split lacks, such as {unseen[0]!r}; give "
            "training documents for them, or take them out"
        )
    return np.asarray([number[label] for label in labels], dtype=np.int64)
