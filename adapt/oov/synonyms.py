"""A user's own table of synonyms, an ontology's for instance."""

from __future__ import annotations

from pathlib import Path

from adapt.errors import FileAccessError, FileFormatError

__all__ = ["read_synonyms"]


def read_synonyms(path: Path | str) -> dict[str, tuple[str, ...]]:
    """Read a table of words and their synonyms.

    Parameters
    ----------
    path : Path or str
        UTF-8 text, a word and its synonym on each line, with a tab or blanks between them. Behind
        a tab, the synonym may be of several words. A word with several synonyms has as many
        lines; blank lines are skipped.

    Returns
    -------
    dict of str to tuple of str
        The synonyms of each word, without repetitions, both in the order of the file.

    Raises
    ------
    FileAccessError
        If the file is missing or cannot be read.
    FileFormatError
        If a line does not hold a word and a synonym, or there is none; the message names the line.
    """
    path = Path(path)
    synonyms: dict[str, dict[str, None]] = {}
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise FileAccessError(
            f"{path}: cannot be read ({error.strerror}); name a table of words and synonyms"
        ) from error
    for number, line in enumerate(lines, 1):
        try:
            text = line.decode("utf-8-sig" if number == 1 else "utf-8").strip(" \r")
        except UnicodeDecodeError as error:
            raise FileFormatError(path, "is not UTF-8; save it as such", line=number) from error
        if not text.strip():
            continue
        columns = [column.strip() for column in text.split("\t")] if "\t" in text else text.split()
        if len(columns) != 2 or not all(columns):
            raise FileFormatError(
                path,
                "is not a word and its synonym; write two columns with a tab between them",
                line=number,
            )
        synonyms.setdefault(columns[0], {})[columns[1]] = None
    if not synonyms:
        raise FileFormatError(path, "holds no synonyms; write a word and its synonym on each line")
    return {word: tuple(others) for word, others in synonyms.items()}
