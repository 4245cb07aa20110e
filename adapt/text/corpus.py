"""Unlabelled text as a stream of tokenised documents that can be read again and again."""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from adapt.errors import FileAccessError, InputError
from adapt.progress import Advance, progress
from adapt.text.records import field_values, read_lines, text_format, text_value
from adapt.text.tokenizers import Tokenizer, WordTokenizer

__all__ = ["Corpus"]

# what a folder is searched for; a file named outright may have any name
_FOLDER_SUFFIXES = (".txt", ".gz", ".jsonl", ".json-lines", ".csv", ".tsv")


@dataclass(frozen=True, eq=False)
class Corpus:
    """A re-iterable stream of documents, each a list of words.

    Make one with `Corpus.read` or `Corpus.from_texts`. Nothing but the current document is ever
    in memory; each iteration reads the files anew.

    Parameters
    ----------
    name : str
        What messages and reports call the corpus.
    tokenizer : Tokenizer
        Turns a text into its words.
    files : tuple of Path
        The files behind it, in the order in which they are read.
    open_texts : callable
        Returns a fresh iterator over the texts.

    Examples
    --------
    >>> corpus = Corpus.from_texts(["Broad thumbs.", "A broad nasal bridge"])
    >>> list(corpus)
    [['broad', 'thumbs'], ['a', 'broad', 'nasal', 'bridge']]
    >>> corpus.word_counts().most_common(1)
    [('broad', 2)]
    """

    name: str
    tokenizer: Tokenizer
    files: tuple[Path, ...]
    open_texts: Callable[[], Iterator[str]] = field(repr=False)

    @classmethod
    def read(
        cls,
        *paths: Path | str,
        tokenizer: Tokenizer = WordTokenizer(),  # noqa: B008 - immutable
        text_field: str = "text",
        text_column: str = "text",
    ) -> Corpus:
        """Make a corpus from files and folders.

        Parameters
        ----------
        *paths : Path or str
            Plain text (a document a line, blank lines skipped), JSON Lines (``.jsonl``), CSV or
            TSV with a header, any of them gzipped, or folders, which are searched through and
            through for ``.txt``, ``.gz``, ``.jsonl``, ``.json-lines``, ``.csv`` and ``.tsv``
            files (hidden ones skipped), in the order of their names.
        tokenizer : Tokenizer, default WordTokenizer()
            Turns a text into its words.
        text_field : str, default "text"
            Field of a JSON Lines record that holds the text.
        text_column : str, default "text"
            Column of a table that holds the text.

        Returns
        -------
        Corpus
            The corpus. Files are opened, and problems within them found, when it is iterated.

        Raises
        ------
        InputError
            If no path is given, or a folder holds no files to read. While iterating: if one of
            the paths holds no documents, or a file changes while it is read.
        FileAccessError
            If a path does not exist. While iterating: if a file cannot be read.
        FileFormatError
            While iterating: if a file is not UTF-8, breaks its format, lacks the field, or has a
            line of more than 64 MiB.
        """
        if not paths:
            raise InputError("a corpus needs at least one file or folder; name one")
        sources = tuple((Path(path), _files_of(Path(path))) for path in paths)
        first = sources[0][0].name or str(sources[0][0])
        return cls(
            name=first if len(paths) == 1 else f"{first} and {len(paths) - 1} more",
            tokenizer=tokenizer,
            files=tuple(file for _, files in sources for file in files),
            open_texts=partial(_texts_of, sources, text_field, text_column),
        )

    @classmethod
    def from_texts(
        cls,
        texts: Sequence[str],
        *,
        tokenizer: Tokenizer = WordTokenizer(),  # noqa: B008 - immutable
        name: str = "texts",
    ) -> Corpus:
        """Make a corpus from texts in memory, one document each, blank ones included.

        Parameters
        ----------
        texts : sequence of str
            The documents.
        tokenizer : Tokenizer, default WordTokenizer()
            Turns a text into its words.
        name : str, default "texts"
            What messages and reports call the corpus.

        Returns
        -------
        Corpus
            The corpus.

        Raises
        ------
        InputError
            If there are no texts, or a single string was given in their place.
        """
        if isinstance(texts, str):
            raise InputError("from_texts takes a sequence of texts, not one; put it in a list")
        kept = tuple(texts)
        if not kept:
            raise InputError(f"{name}: holds no documents; give at least one text")
        return cls(name=name, tokenizer=tokenizer, files=(), open_texts=partial(iter, kept))

    def texts(self) -> Iterator[str]:
        """Return a fresh iterator over the documents as they are written."""
        return self.open_texts()

    def __iter__(self) -> Iterator[list[str]]:
        return map(self.tokenizer, self.texts())

    def part(self, number: int, of: int, *, seed: int = 0) -> Corpus:
        """Return one of several parts, between which the documents are dealt at random.

        Parameters
        ----------
        number : int
            Which part, from 0.
        of : int
            How many parts there are.
        seed : int, default 0
            Of the random choice; the parts of one seed hold every document once.

        Returns
        -------
        Corpus
            Reads through all files, and tokenises the documents of its part; of texts in memory
            it holds its own alone.

        Raises
        ------
        InputError
            If there is no such part.
        """
        if not 0 <= number < of:
            raise InputError(f"part {number} of {of}: there are parts 0 to {of - 1}")
        dealt = partial(_dealt, self.open_texts, number, of, seed)
        return replace(
            self,
            name=f"{self.name}, part {number + 1} of {of}",
            open_texts=dealt if self.files else partial(iter, tuple(dealt())),
        )

    def sample(self, share: float, *, seed: int = 0) -> Corpus:
        """Return a random share of the documents, each kept or left out by itself.

        Parameters
        ----------
        share : float
            Above 0, at most 1; that many documents on average.
        seed : int, default 0
            Of the random choice. The samples of one seed are nested: a smaller one holds no
            document that a larger one lacks.

        Returns
        -------
        Corpus
            Reads through all documents, and tokenises those of the sample.

        Raises
        ------
        InputError
            If `share` is out of range.
        """
        if not 0 < share <= 1:
            raise InputError(f"share is {share}; it must lie above 0, and at most be 1")
        if share == 1:
            return self
        sampled = partial(_sampled, self.open_texts, share, seed)
        return replace(self, name=f"{self.name}, {share:g} of it", open_texts=sampled)

    def word_counts(self) -> Counter[str]:
        """Count every word of the corpus.

        Returns
        -------
        Counter of str
            How often each word occurs, in the order of first occurrence.
        """
        counts: Counter[str] = Counter()
        for words in self:
            counts.update(words)
        return counts


def _dealt(
    open_texts: Callable[[], Iterator[str]], number: int, of: int, seed: int
) -> Iterator[str]:
    """Yield the texts that fall to part `number`."""
    choose = random.Random(seed)
    return (text for text in open_texts() if choose.randrange(of) == number)


def _sampled(open_texts: Callable[[], Iterator[str]], share: float, seed: int) -> Iterator[str]:
    """Yield the texts whose random number falls below `share`; the number is the same for any."""
    choose = random.Random(seed)
    return (text for text in open_texts() if choose.random() < share)


def _files_of(path: Path) -> tuple[Path, ...]:
    """Return the files that a path stands for: itself, or what a folder holds."""
    if not path.exists():
        raise FileAccessError(f"{path}: no such file or folder; check the path")
    if not path.is_dir():
        return (path,)
    files = tuple(
        file
        for file in sorted(path.rglob("*"))
        if file.name.lower().endswith(_FOLDER_SUFFIXES)
        and not any(part.startswith(".") for part in file.relative_to(path).parts)
        and file.is_file()
    )
    if not files:
        known = ", ".join(_FOLDER_SUFFIXES)
        raise InputError(f"{path}: the folder holds no documents; put {known} files into it")
    return files


def _texts_of(
    sources: tuple[tuple[Path, tuple[Path, ...]], ...],
    text_field: str,
    text_column: str,
) -> Iterator[str]:
    """Yield the texts of all files; a path that yields none is an error."""
    total = sum(_state(file)[0] for _, files in sources for file in files)
    with progress("reading", total, unit="B") as advance:
        for path, files in sources:
            found = False
            for file in files:
                for text in _texts_in(file, text_field, text_column, advance):
                    found = True
                    yield text
            if not found:
                raise InputError(f"{path}: holds no documents; give a file with text in it")


def _texts_in(file: Path, text_field: str, text_column: str, advance: Advance) -> Iterator[str]:
    layout = text_format(file)
    before = _state(file)
    if layout == "plain":
        for _, line in read_lines(file, advance=advance):
            if text := line.strip():
                yield text
    else:
        name = text_field if layout == "json" else text_column
        for number, (value,) in field_values(file, (name,), advance=advance):
            yield text_value(value, file, number, name)
    if _state(file) != before:
        raise InputError(
            f"{file}: changed while it was read; wait until it is complete, or copy it"
        )


def _state(file: Path) -> tuple[int, int]:
    """Return the size in bytes and the time of the last change, in nanoseconds."""
    try:
        state = os.stat(file)
        return state.st_size, state.st_mtime_ns
    except OSError as error:
        raise FileAccessError(f"{file}: cannot be read ({error.strerror})") from error
