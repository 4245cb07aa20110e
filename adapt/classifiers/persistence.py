"""Classifiers on disk: one ``.safetensors`` file, read without pickle.

The tensors are

====================  =======  ===================================================================
``model.…``           float32  the state of the torch module, names and shapes as it has them
                      int64    (single numbers have the shape (1,))
``vocabulary``        uint8    words of the rows, as a JSON list; if words are spelled, or the file
                               is that of an estimator
``counts``            int64    how often each of them occurs
``pieces``            uint8    if words are spelled: the known words that are recalled, or the
                               pieces that the network tells apart, as a JSON list
====================  =======  ===================================================================

and the metadata ``format``, ``version``, ``encoder`` (the name of the document encoder), ``layer``
(what represents words), ``dropout`` and ``chosen``, the last three JSON. What a name of an encoder
stands for is part of the format: other defaults of its options are another version. The bytes
depend on nothing but the content.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from adapt.classifiers.embedding import PretrainedEmbedding
from adapt.classifiers.head import Standardization
from adapt.classifiers.hybrid import HybridEmbedding
from adapt.classifiers.models import TextClassifier, document_encoder, weighting_of
from adapt.classifiers.search import Chosen
from adapt.classifiers.training import TrainedClassifier
from adapt.errors import FileAccessError, FileFormatError, InputError
from adapt.oov.encoders import ENCODERS, CharacterEncoder
from adapt.oov.recall import RecallEncoder
from adapt.text import Vocabulary
from adapt.vectors.tensor_file import MappedTensors, write_tensors

__all__ = [
    "Content",
    "classifier_content",
    "classifier_of",
    "listed",
    "load_classifier",
    "naming_damage",
    "open_classifier",
    "save_classifier",
    "texts_as_bytes",
    "vocabulary_content",
    "vocabulary_of",
]

_FORMAT, _VERSION = "adapt-classifier", "1"
_STATE = "model."
_RECALL = "recall"


@dataclass(frozen=True, eq=False)
class Content:
    """Tensors and metadata, to be written to one file."""

    tensors: Mapping[str, NDArray[Any]]
    metadata: Mapping[str, str]

    def __add__(self, other: Content) -> Content:
        return Content({**self.tensors, **other.tensors}, {**self.metadata, **other.metadata})

    def write(self, path: Path | str) -> None:
        """Write the file whole or not at all.

        Raises
        ------
        FileAccessError
            If it cannot be written.
        """
        about = {"format": _FORMAT, "version": _VERSION, **self.metadata}
        write_tensors(path, self.tensors, about)


def save_classifier(trained: TrainedClassifier, path: Path | str) -> None:
    """Write a classifier to one safetensors file, whole or not at all.

    Parameters
    ----------
    trained : TrainedClassifier
        On word vectors, or on a `HybridEmbedding`, whose vocabulary is saved too.
    path : Path or str
        The file, by custom ``*.safetensors``.

    Raises
    ------
    InputError
        If words are spelled by an encoder of the caller's own class.
    FileAccessError
        If the file cannot be written.
    """
    classifier_content(trained).write(path)


def load_classifier(path: Path | str) -> TrainedClassifier:
    """Read what `save_classifier` wrote; its logits are the same to the last bit.

    The file of an `EmbeddingTextClassifier` gives the classifier in it.

    Raises
    ------
    FileAccessError
        If the file cannot be read.
    FileFormatError
        If it is not a classifier, is of another version, or is damaged.
    """
    tensors = open_classifier(path)
    with naming_damage(path):
        return classifier_of(tensors)


def open_classifier(path: Path | str) -> MappedTensors:
    """Map the file of a classifier; see `load_classifier` for what it raises."""
    path = Path(path)
    if not path.is_file():
        raise FileAccessError(f"{path}: no such file; save_classifier writes one")
    try:
        tensors = MappedTensors(path)
    except OSError as error:
        raise FileAccessError(f"{path}: cannot be read ({error.strerror or error})") from error
    tensors.expect(
        _FORMAT, _VERSION, kind="a classifier; such files are written by save_classifier"
    )
    return tensors


@contextmanager
def naming_damage(path: Path | str) -> Iterator[None]:
    """Say of errors in the content of a file which file it is."""
    try:
        yield
    except FileFormatError:
        raise
    except (ValueError, TypeError, LookupError, AttributeError, RuntimeError) as error:
        problem = " ".join(str(error).split())  # torch lists what does not fit on several lines
        raise FileFormatError(path, f"is damaged ({problem}); save it again") from error


def classifier_content(trained: TrainedClassifier) -> Content:
    """Give everything that `classifier_of` makes a classifier of."""
    model = trained.model
    state = {
        f"{_STATE}{name}": np.atleast_1d(value.detach().cpu().numpy())
        for name, value in model.state_dict().items()
    }
    about = {
        "encoder": trained.encoder,
        "dropout": json.dumps(model.dropout.p),
        "chosen": json.dumps(asdict(trained.chosen)),
    }
    return Content(state, about) + _layer_content(model.embedding)


def classifier_of(tensors: MappedTensors) -> TrainedClassifier:
    """Make the classifier of a file; other errors than `FileFormatError` mean damage."""
    about = tensors.metadata
    with torch.random.fork_rng(devices=[]):  # initial weights are drawn, only to be replaced
        layer = _layer_of(tensors)
        weights = None if weighting_of(about["encoder"]) is None else torch.zeros(layer.n_rows)
        encoder = document_encoder(about["encoder"], layer.dim, weights)
        fixed = f"{_STATE}scaling.deviation" in tensors.entries
        unit = torch.ones(encoder.n_features)
        model = TextClassifier(
            layer,
            encoder,
            len(tensors.take(f"{_STATE}head.bias", "F32", 1)),
            scaling=Standardization(unit, unit) if fixed else None,
            dropout=json.loads(about["dropout"]),
        )
    model.load_state_dict(_state_of(tensors, model.state_dict()))
    chosen = Chosen(**json.loads(about["chosen"]))
    return TrainedClassifier(model.eval().requires_grad_(False), chosen, about["encoder"])


def vocabulary_content(vocabulary: Vocabulary) -> Content:
    """Give everything that `vocabulary_of` makes a vocabulary of."""
    words = texts_as_bytes(vocabulary.words)
    return Content({"vocabulary": words, "counts": vocabulary.counts}, {})


def vocabulary_of(tensors: MappedTensors) -> Vocabulary:
    """Make the vocabulary of a file."""
    return Vocabulary(listed(tensors, "vocabulary"), tensors.take("counts", "I64", 1))


def texts_as_bytes(texts: Sequence[str]) -> NDArray[np.uint8]:
    """Write texts as a JSON list."""
    return np.frombuffer(json.dumps(texts).encode(), dtype=np.uint8)


def listed(tensors: MappedTensors, name: str) -> tuple[str, ...]:
    """Read what `texts_as_bytes` wrote."""
    texts = json.loads(tensors.take(name, "U8", 1).tobytes())
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise ValueError(f"the tensor {name!r} is not a list of texts")
    return tuple(texts)


def _layer_content(layer: PretrainedEmbedding | HybridEmbedding) -> Content:
    """Give what is needed to make an embedding layer anew, but for its state."""
    if isinstance(layer, PretrainedEmbedding):
        return Content({}, {"layer": json.dumps({"padding_idx": layer.padding_idx})})
    encoder = layer.encoder
    inventory = encoder.inventory
    pieces = encoder.words if isinstance(encoder, RecallEncoder) else inventory.pieces
    about = {
        "join": layer.join,
        "freeze": layer.freeze,
        "spelling": _spelling_named(encoder),
        "scale": encoder.scale,
        "max_length": inventory.max_length,
    }
    own = Content({"pieces": texts_as_bytes(pieces)}, {"layer": json.dumps(about)})
    return vocabulary_content(layer.vocabulary) + own


def _layer_of(tensors: MappedTensors) -> PretrainedEmbedding | HybridEmbedding:
    about = json.loads(tensors.metadata["layer"])
    if "spelling" not in about:
        matrix = tensors.take(f"{_STATE}embedding.table.weight", "F32", 2)
        return PretrainedEmbedding(matrix, padding_idx=about["padding_idx"])
    pieces = listed(tensors, "pieces")
    if about["spelling"] == _RECALL:
        known = tensors.take(f"{_STATE}embedding.encoder.known.weight", "F32", 2)
        encoder: CharacterEncoder = RecallEncoder(pieces, known)
    else:
        kind = ENCODERS[about["spelling"]]
        mean = torch.tensor(tensors.take(f"{_STATE}embedding.encoder.mean", "F32", 1))
        encoder = kind(kind.kind(pieces, about["max_length"]), mean, about["scale"])
    matrix = tensors.take(f"{_STATE}embedding.words.table.weight", "F32", 2)
    options = {"join": about["join"], "freeze": about["freeze"]}
    return HybridEmbedding(matrix, vocabulary_of(tensors), encoder, **options)


def _spelling_named(encoder: CharacterEncoder) -> str:
    kinds: dict[str, type[CharacterEncoder]] = {_RECALL: RecallEncoder, **ENCODERS}
    for name, kind in kinds.items():
        if type(encoder) is kind:
            return name
    raise InputError(
        f"words are spelled by a {type(encoder).__name__}, which no file can hold; "
        f"those of the kinds {', '.join(kinds)} can be saved"
    )


def _state_of(
    tensors: MappedTensors, wanted: Mapping[str, torch.Tensor]
) -> dict[str, torch.Tensor]:
    """Read a module's state, whose names and shapes must be as `wanted`."""
    found = [name for name in tensors.entries if name.startswith(_STATE)]
    unknown = sorted({*found} - {f"{_STATE}{name}" for name in wanted})
    if unknown:
        raise ValueError(f"the tensor {unknown[0]!r} is not part of such a classifier")
    state = {}
    for name, like in wanted.items():
        dtype = "F32" if like.is_floating_point() else "I64"
        values = tensors.take(f"{_STATE}{name}", dtype, max(1, like.ndim))
        if values.shape != (tuple(like.shape) or (1,)):
            raise ValueError(f"the tensor {_STATE + name!r} is of shape {values.shape}")
        if not np.isfinite(values).all():
            raise ValueError(f"the tensor {_STATE + name!r} is not finite")
        state[name] = torch.tensor(values).reshape(like.shape)
    return state
