"""An embedding matrix as other programs read it.

Text formats and gensim need nothing of their own: `EmbeddingMatrix.word_vectors` gives what
`adapt.vectors.write_vectors` and `WordVectors.to_gensim` take. Here are the formats that are a
folder, and the provenance as a table. Every row keeps its number in all of them.

References
----------
TensorBoard, embedding projector. https://projector.tensorflow.org
Hugging Face, tokenizers. https://huggingface.co/docs/tokenizers
S. Tulkens, T. van Dongen (2024). Model2Vec: fast state-of-the-art static embeddings.
https://github.com/MinishLab/model2vec
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from adapt.errors import InputError, MissingDependencyError
from adapt.files import atomic_path
from adapt.merging.matrix import EmbeddingMatrix
from adapt.text import PAD, UNK, Tokenizer, WhitespaceTokenizer, WordTokenizer
from adapt.vectors.tensor_file import write_tensors

if TYPE_CHECKING:
    import tokenizers

__all__ = ["EXPORTS", "write_model2vec", "write_projector", "write_provenance", "write_tokenizer"]

_COLUMNS = ("word", "source", "domain_count", "general_rank", "strategy", "confidence")
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})

# what `WordTokenizer` and `str.split` find, in the language of the tokenizers library
_WORD = r"[\p{L}\p{N}]+(?:[-'][\p{L}\p{N}]+)*"
_NO_SPACE = r"[^\s\x1c-\x1f]+"
# lower case there goes letter by letter, but a sigma that ends a word has a form of its own
_FINAL_SIGMA = r"(?<=\p{L})Σ(?!['\p{M}]*\p{L})"
_LITERAL_PAD = rf"(?<![^\s\x1c-\x1f]){PAD}(?![^\s\x1c-\x1f])"


def write_provenance(matrix: EmbeddingMatrix, path: Path | str) -> None:
    r"""Write the provenance as a tab-separated table with a header, a line for every row.

    The columns are the word, its source, its count in the domain, its rank in the general vectors
    (-1: none), the strategy's step and the confidence. Backslash, tab and line breaks in a word are
    written ``\\``, ``\t``, ``\n`` and ``\r``.

    Raises
    ------
    FileAccessError
        If the file cannot be written.
    """
    with (
        atomic_path(path) as temporary,
        # half a surrogate pair has no UTF-8; its escape cannot be mistaken, for \ is escaped too
        open(temporary, "w", encoding="utf-8", errors="backslashreplace", newline="\n") as stream,
    ):
        for cells in _table(matrix):
            stream.write("\t".join(cells) + "\n")


def _table(matrix: EmbeddingMatrix) -> Iterator[tuple[str, ...]]:
    yield _COLUMNS
    about = matrix.provenance
    rows = zip(
        matrix.vocabulary.words,
        about.sources,
        about.domain_counts.tolist(),
        about.general_ranks.tolist(),
        about.steps,
        about.confidences,
        strict=True,
    )
    for row in rows:
        yield tuple(str(cell).translate(_ESCAPES) for cell in row)


def write_projector(matrix: EmbeddingMatrix, folder: Path | str) -> None:
    """Write ``vectors.tsv`` and ``metadata.tsv``, as TensorBoard's projector loads them.

    The metadata are the provenance, so that words can be coloured by source or confidence.

    Raises
    ------
    FileAccessError
        If a file cannot be written.
    """
    import polars as pl

    folder = Path(folder)
    with atomic_path(folder / "vectors.tsv") as temporary:
        frame = pl.DataFrame(matrix.matrix, orient="row")
        frame.write_csv(temporary, include_header=False, separator="\t")
    write_provenance(matrix, folder / "metadata.tsv")


def write_tokenizer(
    matrix: EmbeddingMatrix,
    folder: Path | str,
    tokenizer: Tokenizer = WordTokenizer(),  # noqa: B008 - immutable
) -> None:
    """Write ``tokenizer.json`` and ``model.safetensors``, as Hugging Face's libraries load them.

    The first gives a text the rows that `Vocabulary.encode` gives its tokens, unknown words that
    of `<unk>`, and pads with row 0; the second holds the matrix as the tensor ``embeddings``.

    Parameters
    ----------
    matrix : EmbeddingMatrix
        What to write.
    folder : Path or str
        Where to; made if it is not there.
    tokenizer : Tokenizer
        What cut the texts that the vocabulary was made from.

    Raises
    ------
    MissingDependencyError
        If the package ``tokenizers`` is not installed.
    InputError
        If `tokenizer` is of one's own making, or a word is not valid Unicode.
    FileAccessError
        If a file cannot be written.

    Notes
    -----
    Tokens agree with those of `adapt.text` as far as both go by the same version of Unicode.
    """
    folder = Path(folder)
    content = _word_level(matrix, tokenizer).to_str()
    with atomic_path(folder / "tokenizer.json") as temporary:
        temporary.write_text(content, encoding="utf-8")
    write_tensors(folder / "model.safetensors", {"embeddings": matrix.matrix}, {})


def _word_level(matrix: EmbeddingMatrix, tokenizer: Tokenizer) -> tokenizers.Tokenizer:
    """Make the vocabulary's tokenizer: no special tokens, for text must never reach row 0."""
    try:
        from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers
    except ImportError as error:
        raise MissingDependencyError(
            "this export needs the package tokenizers; run "
            "`pip install 'adapt-embeddings[exports]'`"
        ) from error

    if isinstance(tokenizer, WordTokenizer):
        lower = (normalizers.Replace(Regex(_FINAL_SIGMA), "ς"), normalizers.Lowercase())
        spelling = (normalizers.Replace("\u2019", "'"), normalizers.NFC())
        steps = [*(lower if tokenizer.lowercase else ()), *spelling]
        pattern = _WORD
    elif isinstance(tokenizer, WhitespaceTokenizer):
        steps = [normalizers.Replace(Regex(_LITERAL_PAD), UNK)]
        pattern = _NO_SPACE
    else:
        raise InputError(
            f"the tokenizer {tokenizer!r} cannot be written for other programs; export with one "
            "that has a name: word, word-cased or whitespace"
        )
    vocabulary = {word: row for row, word in enumerate(matrix.vocabulary.words)}
    try:
        model = models.WordLevel(vocabulary, unk_token=UNK)
    except (UnicodeError, TypeError) as error:
        raise InputError(
            "a word of the vocabulary is not valid Unicode, which tokenizers cannot hold; build "
            "the matrix without it"
        ) from error
    made = Tokenizer(model)
    made.normalizer = normalizers.Sequence(steps)
    made.pre_tokenizer = pre_tokenizers.Split(Regex(pattern), behavior="removed", invert=True)
    made.enable_padding(pad_id=0, pad_token=PAD)
    return made


def write_model2vec(
    matrix: EmbeddingMatrix,
    folder: Path | str,
    tokenizer: Tokenizer = WordTokenizer(),  # noqa: B008 - immutable
) -> None:
    """Write a folder that ``model2vec.StaticModel.from_pretrained`` loads.

    The model embeds a text as the mean of its words' vectors. Words outside the vocabulary do not
    count: model2vec leaves `<unk>` out.

    Parameters
    ----------
    matrix, folder, tokenizer
        As for `write_tokenizer`, whose files are a part of it.

    Raises
    ------
    MissingDependencyError, InputError, FileAccessError
        As `write_tokenizer`.
    """
    folder = Path(folder)
    write_tokenizer(matrix, folder, tokenizer)
    config = {
        "model_type": "model2vec",
        "architectures": ["StaticModel"],
        "hidden_dim": matrix.dim,
        "max_length": None,  # a text counts to its end
        "normalize": False,
        "embedding_dtype": "float32",
    }
    with atomic_path(folder / "config.json") as temporary:
        temporary.write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")


EXPORTS: dict[str, Callable[[EmbeddingMatrix, Path, Tokenizer], None]] = {
    "projector": lambda matrix, folder, tokenizer: write_projector(matrix, folder),
    "tokenizers": write_tokenizer,
    "model2vec": write_model2vec,
}
"""The formats that are a folder, by the names of the command line."""
