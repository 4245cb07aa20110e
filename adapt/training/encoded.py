"""A corpus as word numbers on disk: tokenised once, then read in every epoch as a memory map."""

from __future__ import annotations

import hashlib
import itertools
import mmap
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from adapt.errors import AdaptError, FileAccessError, InputError
from adapt.text import Corpus

__all__ = [
    "END",
    "EncodedCorpus",
    "check_words",
    "choose_vocabulary",
    "encode_corpus",
    "new_numbers",
    "write_numbers",
]

END = -1
"""Stands behind the last word of each document."""

_WRITTEN_TOKENS = 1 << 17


@dataclass(frozen=True, eq=False)
class EncodedCorpus:
    """Word numbers of a corpus, documents one after the other.

    Parameters
    ----------
    words : tuple of str
        The vocabulary, by descending count, then by word.
    counts : ndarray, shape (n_words,), int64
        How often each occurs.
    ids : ndarray, shape (n_ids,), int32
        Numbers of the words; `END` behind each document. Read-only, mapped from a file.
    """

    words: tuple[str, ...]
    counts: npt.NDArray[np.int64]
    ids: npt.NDArray[np.int32]

    @property
    def n_tokens(self) -> int:
        """Number of words, ends of documents not counted."""
        return int(self.counts.sum())

    def read(self, start: int, stop: int) -> npt.NDArray[np.int32]:
        """Copy a part of the numbers into memory, and give back the memory of the map."""
        part = np.array(self.ids[start:stop])
        _release(self.ids.base)
        return part

    def fingerprint(self) -> str:
        """SHA-256 of the words and their order in the documents."""
        digest = hashlib.sha256("\n".join(self.words).encode())
        for start in range(0, len(self.ids), _WRITTEN_TOKENS):
            digest.update(self.read(start, start + _WRITTEN_TOKENS).tobytes())
        return digest.hexdigest()


def _release(memory: object) -> None:
    """Tell the system that the pages of a map are not needed; others may be reading them."""
    if isinstance(memory, mmap.mmap) and hasattr(memory, "madvise"):  # Windows has none
        memory.madvise(mmap.MADV_DONTNEED)


def encode_corpus(corpus: Corpus, path: Path, *, min_count: int) -> EncodedCorpus:
    """Tokenise a corpus once, and write the numbers of its words to a file.

    Words seen less than `min_count` times are left out, as if the text did not have them. Memory
    holds the distinct words and some numbers, whatever the size of the corpus.

    Parameters
    ----------
    corpus : Corpus
        The tokenised documents.
    path : Path
        The file to write; 4 bytes for each word and document.
    min_count : int
        Least count of a word.

    Raises
    ------
    InputError
        If there are no tokens, no word is seen `min_count` times, the tokenizer returned a word
        that no vector file can hold, or a file of the corpus changed while it was read.
    FileAccessError
        If the file cannot be written, for a full disk above all.
    """
    try:
        counts = write_numbers(corpus, path)
        vocabulary = choose_vocabulary(counts, min_count=min_count, name=corpus.name)
        _renumber_file(path, new_numbers(tuple(counts), vocabulary))
    except AdaptError:
        raise  # already says what is wrong, perhaps about a file of the corpus
    except OSError as error:
        raise FileAccessError(
            f"{path}: cannot be written ({error.strerror or error}); make room or set TMPDIR"
        ) from error
    return EncodedCorpus(
        words=tuple(vocabulary),
        counts=np.fromiter(vocabulary.values(), dtype=np.int64),
        ids=np.memmap(path, dtype=np.int32, mode="r"),
    )


def write_numbers(corpus: Corpus, path: Path) -> dict[str, int]:
    """Write every word of a corpus as a number, in the order of first occurrence.

    Returns
    -------
    dict of str to int
        The words in that order, and how often each occurs.
    """
    number: defaultdict[str, int] = defaultdict(itertools.count().__next__)
    counts = np.zeros(0, dtype=np.int64)
    with path.open("wb") as file:
        for block in _blocks(corpus, number):
            ids = np.asarray(block, dtype=np.int32)
            found = np.bincount(ids[ids != END], minlength=len(number))
            found[: len(counts)] += counts
            counts = found
            file.write(ids.data)
    check_words(number)
    return dict(zip(number, counts.tolist(), strict=True))


def choose_vocabulary(counts: Mapping[str, int], *, min_count: int, name: str) -> dict[str, int]:
    """Keep the words seen `min_count` times, by descending count, then by word.

    Parameters
    ----------
    counts : mapping of str to int
        How often each word occurs.
    min_count : int
        Least count.
    name : str
        Of the corpus, for messages.

    Raises
    ------
    InputError
        If none is left.
    """
    n_tokens = sum(counts.values())
    if n_tokens == 0:
        raise InputError(f"{name}: no tokens in its documents; nothing to learn")
    kept = [(word, count) for word, count in counts.items() if count >= min_count]
    if not kept:
        raise InputError(
            f"{name}: none of its {n_tokens} tokens belongs to a word seen at least {min_count} "
            "times; lower min_count or give more text"
        )
    return dict(sorted(kept, key=lambda item: (-item[1], item[0])))


def new_numbers(words: Sequence[str], vocabulary: Iterable[str]) -> npt.NDArray[np.int32]:
    """Tell which number of a vocabulary stands for each number of another one.

    Parameters
    ----------
    words : sequence of str
        The words by their old numbers.
    vocabulary : iterable of str
        The words by their new numbers.

    Returns
    -------
    ndarray, shape (len(words) + 1,), int32
        New numbers, to be indexed by old ones, `END` included; less than `END` for words that the
        vocabulary lacks.
    """
    number = {word: row for row, word in enumerate(vocabulary)}
    new = [number.get(word, END - 1) for word in words]
    return np.array([*new, END], dtype=np.int32)  # END is -1: the last place


def check_words(words: Iterable[str]) -> None:
    """Refuse words that vector files cannot hold: empty, with white space, not valid Unicode.

    Raises
    ------
    InputError
        For the first such word.
    """
    for word in words:
        if word.split() != [word]:
            raise InputError(
                f"the tokenizer returned the word {word!r}, but words must be free of white space "
                "and not empty; use another tokenizer"
            )
        if not word.isascii() and any("\ud800" <= character <= "\udfff" for character in word):
            raise InputError("a text holds half of a surrogate pair; repair its encoding")


def _blocks(corpus: Corpus, number: defaultdict[str, int]) -> Iterator[list[int]]:
    """Yield the numbers of many words at a time."""
    block: list[int] = []
    for words in corpus:
        if words:
            block.extend(map(number.__getitem__, words))
            block.append(END)
        if len(block) >= _WRITTEN_TOKENS:
            yield block
            block = []
    yield block


def _renumber_file(path: Path, new: npt.NDArray[np.int32]) -> None:
    """Replace each number in the file by the new one, in place; words that have none go."""
    with path.open("r+b") as file:
        read = written = 0
        while True:
            file.seek(read)
            ids = np.fromfile(file, dtype=np.int32, count=_WRITTEN_TOKENS)
            if not ids.size:
                break
            read += ids.nbytes
            ids = new[ids]
            ids = ids[ids >= END]
            file.seek(written)
            file.write(ids.data)
            written += ids.nbytes
        file.truncate(written)
