"""Values nested deeper than Python's parsers follow, wherever a file holds JSON or TOML."""

import io
import json

import numpy as np
import pytest

from adapt.vectors.tensor_file import MappedTensors, TensorWriter
from tests.fuzzing.readers import READERS
from tests.fuzzing.repair import with_checksum

DEEP = "[" * 100_000
JSON = ("vocabulary", "json-lines", "medquad-records", "manifest", "results", "grid-results", "map")
TENSORS = ("native", "cached-copy", "matrix", "classifier", "estimator", "checkpoint", "store")


@pytest.mark.parametrize("name", JSON)
@pytest.mark.parametrize("content", [DEEP, '{"a":' * 100_000, f'{{"text": {DEEP}'])
def test_json(name, content, tmp_path):
    assert not READERS[name].withstands(content.encode(), tmp_path)


@pytest.mark.parametrize(
    "content", [f"a = {DEEP}", "a = " + "{a=" * 100_000, f"[{'a.' * 100_000}a]"]
)
def test_toml(content, tmp_path):
    assert not READERS["study"].withstands(content.encode(), tmp_path)


def test_headers_of_tensors(tmp_path):
    header = b'{"__metadata__": ' + DEEP.encode()
    content = len(header).to_bytes(8, "little") + header
    for name in TENSORS:
        READERS[name].withstands(content, tmp_path)


@pytest.mark.parametrize("name", TENSORS)
def test_json_in_metadata_and_in_tensors(name, tmp_path):
    for seed in READERS[name].seeds():
        for content in deepened(seed, tmp_path):
            READERS[name].withstands(with_checksum(content), tmp_path)


def deepened(content, folder):
    """Yield a file of tensors with one value of its metadata, or one tensor of bytes, nested."""
    path = folder / "seed"
    path.write_bytes(content)
    file = MappedTensors(path)
    tensors = {
        name: file.take(name, entry["dtype"], len(entry["shape"]))
        for name, entry in file.entries.items()
    }
    deep = np.frombuffer(DEEP.encode(), np.uint8)
    for name in file.metadata:
        yield written({**file.metadata, name: DEEP}, tensors)
        yield written({**file.metadata, name: json.dumps([[1]])}, tensors)
    for name, values in tensors.items():
        if values.dtype == np.uint8:
            yield written(file.metadata, {**tensors, name: deep})
            yield written(file.metadata, {**tensors, name: np.frombuffer(b"[[1]]", np.uint8)})


def written(metadata, tensors):
    stream = io.BytesIO()
    writer = TensorWriter(stream, metadata, n_tensors=2 * len(tensors))
    for name, values in tensors.items():
        writer.append(name, values)
    writer.finish()
    return stream.getvalue()
