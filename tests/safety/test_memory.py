"""What each stage takes at most, by the formulas of `docs/how-to/speed.md`, and what streams.

A stage runs in a process of its own, which has done the same on a few words before, so that
libraries and compiled code do not count. Its peak must not exceed the formula, nor be so far below
that the formula would say nothing.
"""

import re
import sys

import numpy as np
import pytest

from adapt.vectors import WordVectors, write_vectors

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

N, D = 60_000, 100
MIB = 1 << 20
MEASURED = """
import gc, re, sys, warnings
from pathlib import Path
import numpy as np
from adapt import *
from adapt.alignment import csls, nearest
from adapt.classifiers import EmbeddingTextClassifier
from adapt.vectors import WordVectors, write_vectors

def status(name):
    found = re.search(name + r":\\s+(\\d+)", Path("/proc/self/status").read_text())
    return int(found[1]) * 1024

def vectors(n, d, seed=0, first=0):
    values = np.random.default_rng(seed).standard_normal((n, d), dtype=np.float32)
    words = tuple(f"w{row}" for row in range(first, first + n))
    return WordVectors(words, values, counts=np.arange(n, 0, -1))

def documents(n, n_words):
    rows = np.random.default_rng(0).integers(n_words, size=(n, 40))
    return [" ".join(f"w{row}" for row in document) for document in rows]

def corpus(name, texts):
    Path(name).write_text("\\n".join(texts) + "\\n")
    return Corpus.read(name)

def take(n, d, prepare, run):
    ready = prepare(n, d)
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")  # forgets the peak before
    before = status("VmRSS")
    made = run(*ready)
    return status("VmHWM") - before

n, d = map(int, sys.argv[1:3])
prepare, run = map(eval, sys.argv[3:])
take(300, d, prepare, run)
print(take(n, d, prepare, run))
"""
TWO_SPACES = "lambda n, d: (vectors(n, d), vectors(n, d, 1, n // 2))"
MERGE = 'lambda general, aligned: merge(general, aligned, "average")'
SHARED, MERGED = N // 2, 3 * N // 2
STAGES = {
    "reading text": (
        'lambda n, d: [f"v{n}.txt"]',
        "lambda name: read_vectors(name, cache=False)",
        4 * N * D + 250 * N + 96 * MIB,
    ),
    "mapping": (
        'lambda n, d: [f"v{n}.safetensors"]',
        "lambda name: read_vectors(name)",
        4 * N * D + 250 * N + 16 * MIB,
    ),
    "training": (
        'lambda n, d: [corpus(f"c{n}.txt", documents(2 * n // 20, n)), d]',
        "lambda texts, d: train_word2vec(texts, Word2VecConfig(dim=d, epochs=1, min_count=1))",
        8 * N * D + 400 * N + 32 * MIB,
    ),
    "aligning": (
        "lambda n, d: [vectors(n, d), vectors(n, d, 1)]",
        "lambda x, y: Procrustes().fit(x, y, shared_anchors(x, y)).transform(x)",
        4 * N * D + 48 * N * D + 64 * MIB,
    ),
    "nearest neighbours": (
        "lambda n, d: [vectors(min(n, 3000), d).matrix, vectors(n, d).matrix]",
        "lambda x, y: nearest(x, y, 10)",
        32 * MIB,
    ),
    "CSLS": (
        "lambda n, d: [vectors(min(n, 3000), d).matrix, vectors(n, d).matrix]",
        "lambda x, y: csls(x, y, 10)",
        32 * MIB,
    ),
    "merging": (TWO_SPACES, MERGE, 16 * MERGED * D + 250 * MERGED + 32 * MIB),
    "filling unknown words": (
        "lambda n, d: [vectors(n, d), n]",
        "lambda known, n: build_matrix("
        'Vocabulary.from_counts({f"w{row}" + "q" * (row % 2): 3 for row in range(n // 5)}), '
        'known, oov="related,subword,normal")',
        4 * N // 5 * D + 2500 * N + 16 * MIB,
    ),
    "classifying": (
        "lambda n, d: [vectors(n, d), documents(2000, n)]",
        "lambda known, texts: EmbeddingTextClassifier(known).fit("
        "texts, [str(row % 4) for row in range(len(texts))]).predict(texts)",
        4 * N * D + 250 * N + 16 * 2000 * D + 96 * MIB,
    ),
}
STREAMED = """
import re, resource, sys
from pathlib import Path
from adapt import *

def status(name):
    found = re.search(name + r":\\s+(\\d+)", Path("/proc/self/status").read_text())
    return int(found[1]) * 1024

def learned(name):
    config = Word2VecConfig(dim=8, epochs=1, min_count=1)
    texts = Corpus.read(name)
    return len(Vocabulary.from_corpus(texts)), len(train_word2vec(texts, config))

learned("small.txt")
allowed = int(sys.argv[1])
limit = status("VmData") + allowed
resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
try:
    Path("large.txt").read_bytes()
except MemoryError:
    print(*learned("large.txt"))
"""


@pytest.mark.slow
@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_takes_what_its_formula_says(place, stage, monkeypatch, capsys):
    one = place()
    prepare, run, most = STAGES[stage]
    if stage in ("reading text", "mapping"):
        for n in (300, N):
            values = np.random.default_rng(0).standard_normal((n, D), dtype=np.float32)
            vectors = WordVectors(tuple(f"w{row}" for row in range(n)), values)
            write_vectors(
                vectors, one.work / f"v{n}{'.txt' if 'text' in stage else '.safetensors'}"
            )
    monkeypatch.setenv("MALLOC_ARENA_MAX", "1")
    outcome = one.run(N, D, prepare, run, code=MEASURED)
    assert outcome.status == 0, outcome.said
    peak = int(outcome.out)
    with capsys.disabled():
        sys.stdout.write(f"\n{stage}: {peak / 1e6:.0f} MB of at most {most / 1e6:.0f}")
    assert most / 5 <= peak <= most


@pytest.mark.slow
def test_a_corpus_ten_times_the_allowed_memory_is_read_and_learned(place, monkeypatch):
    one, allowed = place(), 32 * MIB
    words = [f"{'abcdefghij' * 8}{'xyz'[row % 3]}{chr(97 + row % 26)}" for row in range(78)]
    line = " ".join(words) + "\n"
    (one.work / "small.txt").write_text(line * 20)
    with (one.work / "large.txt").open("w") as file:
        for _ in range(10 * allowed // (1000 * len(line)) + 1):
            file.write(line * 1000)
    assert (one.work / "large.txt").stat().st_size >= 10 * allowed
    monkeypatch.setenv("MALLOC_ARENA_MAX", "1")
    outcome = one.run(allowed, code=STREAMED)
    assert (outcome.status, outcome.said) == (0, "")
    assert re.fullmatch(r"80 78\n", outcome.out)


def test_too_little_memory_is_one_line(place, inputs):
    one = place()
    code = """
import resource, sys
from adapt.cli import main
import adapt.training.word2vec, adapt.vectors
resource.setrlimit(resource.RLIMIT_DATA, (300 << 20, 300 << 20))
main()
"""
    outcome = one.run(
        *("train", inputs / "notes.txt", "--out", "a.txt", "--dim", 2_000_000), code=code
    )
    assert outcome.status == 2
    assert outcome.said.startswith("adapt: error: there is not enough memory (")
    assert len(outcome.said.splitlines()) == 1
    assert (one.files(), one.left_over()) == ({}, [])
