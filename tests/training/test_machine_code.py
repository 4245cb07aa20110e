"""Compiled once, kept, and loaded without the compiler."""

import json
import os
import subprocess
import sys

import pytest

from adapt.errors import AdaptError
from adapt.training import machine_code

TRAIN = """
import sys
from adapt.text import Corpus
from adapt.training import Word2VecConfig, train_word2vec
corpus, options = Corpus.from_texts(["a b c"] * 99), {"dim": 4, "min_count": 1, "epochs": 1}
kinds = [Word2VecConfig(architecture=kind, sample=0.0, **options) for kind in ("cbow", "skipgram")]
print([train_word2vec(corpus, config).matrix.tolist() for config in kinds])
assert "numba" not in sys.modules
"""


def train(cache):
    """Train in a process of its own, with its own cache; return what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", TRAIN],
        env={**os.environ, "ADAPT_CACHE": str(cache)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.slow
def test_kernels_are_compiled_once_and_again_when_what_was_kept_is_damaged(tmp_path):
    expected = train(tmp_path)
    (kept,) = (tmp_path / "kernels").iterdir()
    made = kept.read_bytes(), kept.stat().st_mtime_ns
    assert train(tmp_path) == expected
    assert (kept.read_bytes(), kept.stat().st_mtime_ns) == made
    kept.write_bytes(made[0][:1000])
    assert train(tmp_path) == expected
    assert json.loads(kept.read_bytes()).keys() == json.loads(made[0]).keys()


@pytest.mark.slow
def test_nothing_is_kept_where_there_is_no_cache(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert train("off") == train(tmp_path / "cache")
    assert [entry.name for entry in tmp_path.iterdir()] == ["cache"]


def test_a_failure_to_compile_is_said_in_one_line(monkeypatch):
    monkeypatch.setattr(machine_code, "_COMPILE", "raise OSError('no compiler here')")
    with pytest.raises(AdaptError, match=r"no compiler here\); use backend 'gensim'"):
        machine_code._compile()
