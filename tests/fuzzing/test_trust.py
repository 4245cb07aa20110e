"""Nothing in a file is run or expanded: no pickle, no object array, no code, no XML entity."""

import ast
import pickle
from pathlib import Path

import pytest

import adapt
from adapt.errors import FileFormatError
from adapt.vectors import read_vectors

PACKAGE = Path(adapt.__file__).parent
PROCESSES_OF_ONE_STUDY = {"cluster/shipping.py", "experiment/scheduler.py"}
"""Where pickles travel: between a study and the workers that it started, never from a file."""

# what may not be called at all; by the last two parts of its name
FORBIDDEN = {
    *("pickle.load", "pickle.loads", "dill.load", "joblib.load", "marshal.load", "marshal.loads"),
    *("shelve.open", "yaml.load", "torch.load", "KeyedVectors.load", "Word2Vec.load"),
    *("ElementTree.parse", "ElementTree.fromstring", "tarfile.open", "archive.extractall"),
}
GUARDED = {"ElementTree.iterparse": "text/markup.py"}
"""What may be called in one place, which looks at the file before."""


def calls(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield ".".join(ast.unparse(node.func).split(".")[-2:]), node


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.stem)
def test_nothing_is_read_that_could_run_code(path):
    place = path.relative_to(PACKAGE).as_posix()
    for name, node in calls(path):
        if place not in PROCESSES_OF_ONE_STUDY:
            assert name not in FORBIDDEN, f"{path}, line {node.lineno}: {name}"
        assert name not in ("eval", "exec")
        assert GUARDED.get(name, place) == place, f"{path}, line {node.lineno}: {name}"
        for keyword in node.keywords:
            if keyword.arg == "allow_pickle":
                assert ast.literal_eval(keyword.value) is False


class Traitor:
    """Would write a file when unpickled."""

    def __init__(self, place):
        self.place = place

    def __reduce__(self):
        return Path.touch, (self.place,)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("name", ["model.pkl", "vectors.kv", "word2vec.model", "v.safetensors"])
def test_pickles_are_refused_and_not_run(tmp_path, protocol, name):
    (tmp_path / name).write_bytes(pickle.dumps(Traitor(tmp_path / "touched"), protocol))
    with pytest.raises(FileFormatError, match="pickle" if protocol >= 2 else "not a vector file"):
        read_vectors(tmp_path / name)
    assert [file.name for file in tmp_path.iterdir()] == [name]
