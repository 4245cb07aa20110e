"""What a study may know of its test documents: nothing. The rest is said, or refused."""

from __future__ import annotations

import warnings

from adapt.errors import AdaptWarning, InputError
from adapt.evaluation import TRAINING_SPLIT, UNLABELLED_CORPUS, Leak, find_leak
from adapt.experiment.data import StudyData
from adapt.experiment.store import Store

__all__ = ["check_vocabulary", "find_leaks"]


def check_vocabulary(data: StudyData) -> None:
    """Refuse a vocabulary with words that only the test texts can have given it.

    Its words are those that vectors are built for. One of the test texts' own would be filled with
    a vector that no classifier in use could have.

    Raises
    ------
    InputError
        If a word is neither in the training texts nor in the unlabelled corpus.
    """
    for word in data.vocabulary.words[2:]:  # <pad> and <unk> are of no text
        if not (data.corpus_counts[word] or data.train_counts[word]):
            raise InputError(
                f"{data.name}: the vocabulary has {word!r}, which is neither in the training texts "
                "nor in the unlabelled corpus; build it from these alone"
            )


def find_leaks(data: StudyData, leakage: str, store: Store) -> tuple[Leak, ...]:
    """Look for test documents in the training split and in the unlabelled corpus.

    Those in the training split can flatter every classifier, and are warned of. Those in the corpus
    make the study a transductive one, which may be meant; the report says so.

    Parameters
    ----------
    data : StudyData
        The texts of the study.
    leakage : {"stamp", "refuse", "drop"}
        What to do where there are some. Those that are dropped are gone before: there are none.
    store : Store
        Where what was found is kept.

    Returns
    -------
    tuple of Leak
        Of the places where some were found.

    Raises
    ------
    InputError
        If there are some, and `leakage` is ``"refuse"``.
    """
    if leakage == "drop":  # by `prepare_data`, which searches for them in the same way
        return ()
    test = data.test.texts
    searched = (
        store.keep(
            "leaks",
            (test, data.train.texts),
            Leak,
            lambda: find_leak(test, data.train.texts, where=TRAINING_SPLIT),
        ),
        store.keep(
            "leaks",
            (test, data.corpus_digest),
            Leak,
            lambda: find_leak(test, data.corpus.texts(), where=UNLABELLED_CORPUS),
        ),
    )
    leaks = tuple(leak for leak in searched if leak.n_documents)
    if leaks and leakage == "refuse":
        told = "; ".join(_told_with_example(leak, len(data.test)) for leak in leaks)
        raise InputError(
            f"{data.name}: {told}; set data.leakage to 'drop' to leave them out there, or to "
            "'stamp'"
        )
    for leak in leaks:
        if leak.where == TRAINING_SPLIT:
            warnings.warn(
                f"{data.name}: {leak.told(len(data.test))}, which can flatter every accuracy; "
                "set data.leakage to 'drop' to leave them out there",
                AdaptWarning,
                stacklevel=3,
            )
    return leaks


def _told_with_example(leak: Leak, n_test: int) -> str:
    example = leak.examples[0]
    return (
        f"{leak.told(n_test)}, such as test document {example.test_place + 1:,} and text "
        f"{example.other_place + 1:,} there (similarity {example.similarity:.2f})"
    )
