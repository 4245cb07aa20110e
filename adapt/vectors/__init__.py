"""Word vectors: the container, and the files they are kept in."""

from adapt.vectors.formats import FORMATS, format_for, write_vectors
from adapt.vectors.installed import installed_names
from adapt.vectors.reading import read_vectors, vector_files
from adapt.vectors.word_vectors import WordVectors

__all__ = [
    "FORMATS",
    "WordVectors",
    "format_for",
    "installed_names",
    "read_vectors",
    "vector_files",
    "write_vectors",
]
