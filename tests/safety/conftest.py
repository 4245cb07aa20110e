"""Commands of every stage on small inputs, each in a process of its own that can be stopped."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

import adapt
from adapt.vectors import WordVectors, write_vectors

TOPICS = {
    "heart": ["valve", "aorta", "pulse", "atrium", "ventricle", "murmur", "artery"],
    "bone": ["joint", "skeleton", "fracture", "femur", "vertebra", "cartilage", "marrow"],
    "eye": ["retina", "cornea", "iris", "myopia", "lens", "optic", "pupil"],
}
CHECKPOINT = "state"
COMMON = [f"{start}{end}" for start in "bdfgklmnprst" for end in ("a", "e", "ia", "or", "us")]
STUDY = """
general = "{folder}/general.txt"
embeddings = ["general", "aligned", "tfidf"]
[data]
train = "{folder}/train.csv"
test = "{folder}/test.csv"
corpus = ["{folder}/notes.txt"]
[word2vec]
dim = 8
epochs = 2
[alignment]
space = "general"
[classifier]
strategies = ["frozen"]
label_budgets = [60]
seeds = [0, 1]
"""
_TIMED = ("seconds", "store", "working_folder")
_OWN = (b"kept.", b"computed.", b"/work")
"""What stands in lines of a report that tell what was kept before it, and where it was made."""
_NUMBERS = re.compile(rb"[\d.,]+")


@dataclass(frozen=True)
class Stage:
    """A command, to be run in a folder of its own.

    Parameters
    ----------
    name : str
        Of the stage.
    command : tuple of str
        Arguments; outputs are named relative to the folder, inputs absolutely.
    after : str, optional
        The stage whose files must be in the folder.
    """

    name: str
    command: tuple[str, ...]
    after: str | None = None


@dataclass(frozen=True)
class Outcome:
    """How a process ended, and what it said."""

    status: int
    out: str
    said: str

    @property
    def killed(self):
        return self.status < 0


class Place:
    """A folder with a cache and a place for temporary files beside it, in which commands run."""

    def __init__(self, root):
        self.work, self._started = root / "work", []
        self.cache, self.scratch = root / "cache", root / "tmp"
        for folder in (self.work, self.cache, self.scratch):
            folder.mkdir(parents=True)
        # what is compiled once is used by all
        kernels = Path(os.environ["ADAPT_CACHE"]) / "kernels"
        kernels.mkdir(exist_ok=True)
        (self.cache / "kernels").symlink_to(kernels)

    def start(self, *command, code="from adapt.cli import main; main()", **options):
        """Start a command in a process group of its own."""
        environment = os.environ | {
            "PYTHONPATH": str(Path(adapt.__file__).parents[1]),
            "ADAPT_CACHE": str(self.cache),
            "TMPDIR": str(self.scratch),
            "OMP_NUM_THREADS": "1",
        }
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        process = subprocess.Popen(
            [sys.executable, "-c", code, *map(str, command)],
            cwd=self.work,
            env=environment,
            text=True,
            start_new_session=True,
            **{**streams, **options},
        )
        self._started.append(process)
        return process

    def close(self):
        """End what a test that failed has left running."""
        for process in self._started:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.communicate()
            for stream in (process.stdin, process.stdout, process.stderr):
                if stream is not None:
                    stream.close()

    def run(self, *command, after=None, send=signal.SIGKILL, **options):
        """Run a command; send all of its processes a signal after so many seconds."""
        process = self.start(*command, **options)
        try:
            out, said = process.communicate(timeout=after)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, send)
            out, said = process.communicate(timeout=60)
        return Outcome(process.returncode, out, said)

    def files(self):
        """Every file of the folder by its name, with its content; hidden ones, too."""
        found = sorted(path for path in self.work.rglob("*") if path.is_file())
        return {path.relative_to(self.work).as_posix(): path.read_bytes() for path in found}

    def kept(self):
        """Names of what studies have computed and kept."""
        return {path.name for path in (self.cache / "studies").glob("[!.]*")}

    def left_over(self):
        """What was for the time of the command only, but for what other packages leave."""
        hidden = [path for path in self.cache.rglob(".*") if path.is_file()]
        return [*hidden, *self.work.rglob(".*"), *self.scratch.glob("adapt*")]


def comparable(name, content):
    """What of a file is the same in every run."""
    name = Path(name).name
    if name == "manifest.json":
        known = json.loads(content)
        return {key: value for key, value in known.items() if key not in _TIMED}
    if not name.startswith("report."):
        return content
    lines = (line for line in content.split(b"\n") if not any(one in line for one in _OWN))
    return _NUMBERS.sub(b"", b"\n".join(lines))


def check_whole(files, *versions):
    """Check that every file that is not hidden is one of its whole versions."""
    for name, content in files.items():
        if Path(name).name.startswith(".") or name == CHECKPOINT:
            continue  # of a checkpoint, the next run says whether it is whole
        known = [comparable(name, version[name]) for version in versions if name in version]
        assert known, f"{name}: no run leaves such a file"
        assert comparable(name, content) in known, f"{name}: is no version of that file"


@pytest.fixture(scope="session")
def whole_only():
    """See `check_whole`."""
    return check_whole


@pytest.fixture
def place(tmp_path_factory):
    """A new place at every call; with a short name, for sockets lie in it."""
    places = []

    def new():
        places.append(Place(tmp_path_factory.mktemp("p")))
        return places[-1]

    yield new
    for one in places:
        one.close()


@pytest.fixture(scope="session", autouse=True)
def signals_are_heard():
    """Let commands hear Ctrl-C and the end of a terminal.

    A shell makes what it runs in the background deaf to the one, ``nohup`` to the other.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(scope="session")
def inputs(tmp_path_factory, cache_of_the_tests):
    """Texts, vectors and studies, small enough for commands of a few seconds."""
    folder = tmp_path_factory.mktemp("inputs")
    generator = np.random.default_rng(0)

    def text(label, n=6):
        words = [*generator.choice(TOPICS[label], n // 2), *generator.choice(COMMON, n)]
        return " ".join(generator.permutation(words))

    for split, n in (("train", 90), ("test", 45)):
        rows = [f"{text(label)},{label}" for label in list(TOPICS) * (n // 3)]
        (folder / f"{split}.csv").write_text("\n".join(["text,label", *rows]) + "\n")
    notes = [text(label, 12) for label in list(TOPICS) * 400]
    (folder / "notes.txt").write_text("\n".join(notes) + "\n")
    known = (*COMMON, *TOPICS["heart"], *TOPICS["bone"], *(f"other{n}" for n in range(3000)))
    for name, dim in (("general.txt", 8), ("domain.safetensors", 10)):
        values = generator.normal(size=(len(known), dim)).astype(np.float32)
        write_vectors(WordVectors(known, values), folder / name)
    (folder / "large.zip").write_bytes(generator.bytes(30_000_000))
    (folder / "study.toml").write_text(STUDY.format(folder=folder))
    grid = STUDY.format(folder=folder) + '[grid]\n"word2vec.window" = [3, 5]\n'
    (folder / "grid.toml").write_text(grid)
    return folder


@pytest.fixture(scope="session")
def stages(inputs):
    """Every command that writes files, by name."""
    notes, general = inputs / "notes.txt", inputs / "general.txt"
    labelled = ("--train", inputs / "train.csv", "--test", inputs / "test.csv")
    align = ("align", inputs / "domain.safetensors", general, "--out", "aligned.safetensors")
    matrix = ("matrix", notes, "--vectors", general, "--out", "matrix.safetensors")
    every = (
        ("fetch", ("data", "fetch", "medquad", "--from", inputs / "large.zip", "--folder", ".")),
        ("train", ("train", notes, "--out", "notes.txt", "--dim", 20, "--checkpoint", CHECKPOINT)),
        ("align", align),
        ("align --report", (*align, "--report", "report")),
        ("merge", ("merge", general, general, "--out", "merged.txt", "--policy", "average")),
        ("oov", (*matrix, "--oov", "related,subword,normal", "--provenance", "rows.tsv")),
        ("convert", ("convert", "matrix.safetensors", "model", "--to", "model2vec"), "oov"),
        ("classify", ("classify", *labelled, "--vectors", general, "--out", "model.safetensors")),
        ("run", ("run", inputs / "study.toml", "--out", "run", "--workers", 1)),
        ("run with workers", ("run", inputs / "study.toml", "--out", "run", "--workers", 2)),
        ("grid", ("run", inputs / "grid.toml", "--out", "run", "--workers", 1)),
        ("report", ("report", "run"), "run"),
    )
    return {name: Stage(name, tuple(map(str, command)), *after) for name, command, *after in every}


class Undisturbed:
    """What stages leave when nothing happens to them, each run once."""

    def __init__(self, stages, new_folder):
        self._stages, self._new_folder, self._known = stages, new_folder, {}

    def files(self, name):
        """Every file of a stage's folder, by its name, with its content."""
        return self._run(name)[0]

    def seconds(self, name):
        """How long it took."""
        return self._run(name)[1]

    def prepare(self, place, name):
        """Put into a place what a stage needs there: what another stage leaves."""
        after = self._stages[name].after
        for file, content in (self.files(after) if after else {}).items():
            target = place.work / file
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)

    def _run(self, name):
        if name not in self._known:
            place = Place(self._new_folder("p"))
            self.prepare(place, name)
            begun = time.monotonic()
            outcome = place.run(*self._stages[name].command)
            assert outcome.status == 0, outcome.said
            self._known[name] = place.files(), time.monotonic() - begun
        return self._known[name]


@pytest.fixture(scope="session")
def undisturbed(stages, tmp_path_factory):
    """See `Undisturbed`."""
    return Undisturbed(stages, tmp_path_factory.mktemp)
