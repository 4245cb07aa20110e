"""Unlabelled text as a stream of tokenised documents that can be read again and again."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from adapt.errors import FileAccessError, InputError
from adapt.files import atomic_path
from adapt.text.progress import Advance, byte_progress
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
        progress: bool = False,
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
        progress : bool, default False
            Show a progress bar on stderr whenever the corpus is read, if that is a terminal.

        Returns
        -------
        Corpus
            The corpus. Files are opened, and problems within them found, when it is iterated.

        Raises
        ------
        InputError
            If no path is given, or a folder holds no files to read. While iterating: if one of
            the paths holds no documents.
        FileAccessError
            If a path does not exist. While iterating: if a file cannot be read.
        FileFormatError
            While iterating: if a file is not UTF-8, breaks its format, or lacks the field.
        """
        if not paths:
            raise InputError("a corpus needs at least one file or folder; name one")
        sources = tuple((Path(path), _files_of(Path(path))) for path in paths)
        first = sources[0][0].name or str(sources[0][0])
        return cls(
            name=first if len(paths) == 1 else f"{first} and {len(paths) - 1} more",
            tokenizer=tokenizer,
            files=tuple(file for _, files in sources for file in files),
            open_texts=partial(_texts_of, sources, text_field, text_column, progress),
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

    def write_sentences(self, path: Path | str, *, max_tokens: int = 1_000) -> tuple[int, int]:
        """Write the tokenised corpus, a document a line, words joined by one space.

        This is the layout of gensim's ``corpus_file``. gensim gathers lines until they exceed
        10,000 words, and silently drops what subsampling leaves beyond the first 10,000: up to
        half of a corpus of such long lines. Hence longer documents go on in the next line; with
        the default, less than a tenth can be lost without subsampling, and nothing with the usual
        one.

        Parameters
        ----------
        path : Path or str
            The file to write.
        max_tokens : int, default 1000
            Most words on a line.

        Returns
        -------
        documents : int
            Documents that hold at least one word; the others are left out.
        tokens : int
            Words written.

        Raises
        ------
        InputError
            If `max_tokens` is not positive, or the tokenizer returned a word that cannot stand
            in such a file.
        """
        if max_tokens < 1:
            raise InputError(f"max_tokens is {max_tokens}; it must be at least 1")
        n_documents = n_tokens = 0
        with atomic_path(path) as temporary, temporary.open("w", encoding="utf-8") as file:
            for words in self:
                n_documents += bool(words)
                n_tokens += len(words)
                for start in range(0, len(words), max_tokens):
                    file.write(_sentence(words[start : start + max_tokens]) + "\n")
        return n_documents, n_tokens


def _sentence(words: list[str]) -> str:
    """Join words by spaces, making sure that they can be told apart again."""
    line = " ".join(words)
    if len(line.split()) != len(words):
        culprit = next(word for word in words if word.split() != [word])
        raise InputError(
            f"the tokenizer returned the word {culprit!r}, but words must be free of white space "
            "and not empty; use another tokenizer"
        )
    if not line.isascii() and any("\ud800" <= character <= "\udfff" for character in line):
        raise InputError("a text holds half of a surrogate pair; repair its encoding")
    return line


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
    progress: bool,
) -> Iterator[str]:
    """Yield the texts of all files; a path that yields none is an error."""
    total = sum(_size(file) for _, files in sources for file in files)
    with byte_progress("reading", total, show=progress) as advance:
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
    if layout == "plain":
        for _, line in read_lines(file, advance=advance):
            if text := line.strip():
                yield text
        return
    name = text_field if layout == "json" else text_column
    for number, (value,) in field_values(file, (name,), advance=advance):
        yield text_value(value, file, number, name)


def _size(file: Path) -> int:
    try:
        return os.stat(file).st_size
    except OSError as error:
        raise FileAccessError(f"{file}: cannot be read ({error.strerror})") from error
