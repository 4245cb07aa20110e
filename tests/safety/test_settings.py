"""Importing and using the library leaves the settings of the program that uses it alone."""

from pathlib import Path

import pytest

import adapt

SETTINGS = """
import locale, logging, os, random, signal, ssl, sys, threading, warnings
import matplotlib, numpy, torch
from threadpoolctl import threadpool_info

def settings():
    found = {
        "handlers": list(logging.root.handlers),
        "level": logging.root.level,
        "filters": list(warnings.filters),
        "showwarning": warnings.showwarning,
        "random": random.getstate(),
        "numpy": str(numpy.random.get_state()),
        "numpy errors": numpy.geterr(),
        "numpy printing": {**numpy.get_printoptions()},
        "torch": torch.random.get_rng_state().tolist(),
        "torch threads": (torch.get_num_threads(), torch.get_num_interop_threads()),
        "torch type": torch.get_default_dtype(),
        "torch determinism": torch.are_deterministic_algorithms_enabled(),
        "torch gradients": torch.is_grad_enabled(),
        "threads": {one["filepath"]: one["num_threads"] for one in threadpool_info()},
        "ssl": ssl._create_default_https_context,
        "locale": locale.setlocale(locale.LC_ALL),
        "figures": {**matplotlib.rcParams},
        "backend": matplotlib.get_backend(),
        "environment": {**os.environ},
        "folder": os.getcwd(),
        "umask": os.umask(0o027),
        "path": list(sys.path),
        "hooks": (sys.excepthook, sys.displayhook, sys.unraisablehook, threading.excepthook),
        "recursion": sys.getrecursionlimit(),
        "signals": {one: signal.getsignal(one) for one in signal.valid_signals()},
    }
    os.umask(found["umask"])
    return found

def check(before, doing):
    after = settings()
    known = before["threads"]  # what was loaded since has no setting before
    after["threads"] = {one: n for one, n in after["threads"].items() if one in known}
    changed = [name for name in before if before[name] != after[name]]
    assert not changed, (doing, changed, [(before[name], after[name]) for name in changed])
"""
IMPORTS = """
import importlib, pkgutil
{libraries}
before = settings()
import pytest

import adapt
names = [one.name for one in pkgutil.walk_packages(adapt.__path__, "adapt.")]
for name in names:
    importlib.import_module(name)
    check(before, name)
print(len(names))
"""
LIBRARIES = "import bokeh.plotting, distributed, gensim, keras, numba, panel, statsmodels.api"
"""What these change, such as filters of warnings, is their own; they are there before."""

USES = """
import io
from pathlib import Path
{libraries}
import warnings
random.seed(1); numpy.random.seed(1); torch.manual_seed(1); torch.set_num_threads(2)
logging.root.addHandler(logging.StreamHandler(io.StringIO()))
matplotlib.rcParams["font.size"] = 7.5

from adapt import *
from adapt.alignment import aligner_named
from adapt.classifiers import EmbeddingTextClassifier
from adapt.evaluation import read_results
from adapt.experiment import read_config, run_study
from adapt.experiment.reporting import report_on
from adapt.files import scratch_folder
from adapt.merging.exports import EXPORTS
from adapt.text import LabelledTexts, WordTokenizer
from adapt.vectors import write_vectors

inputs = Path(sys.argv[1])
before = settings()
corpus = Corpus.read(inputs / "notes.txt")
check(before, "corpus")
for backend in ("compiled", "gensim", "torch"):
    config = Word2VecConfig(dim=8, epochs=1, seed=3, backend=backend)
    domain = train_word2vec(corpus, config)
    check(before, backend)
general = read_vectors(inputs / "general.txt")
write_vectors(domain, "domain.safetensors")
check(before, "vectors")
anchors = shared_anchors(domain, general)
for method in ("procrustes", "cca", "rcsls", "refined", "kernel-ridge"):
    aligned = aligner_named(method).fit(domain, general, anchors).transform(domain)
    check(before, method)
vectors = merge(general, aligned, "frequency_weighted")
check(before, "merge")
for oov in ("related,subword,normal", "context", "characters"):
    matrix = build_matrix(Vocabulary.from_corpus(corpus), vectors, oov=oov, corpus=corpus)
    check(before, oov)
for name, export in EXPORTS.items():
    export(matrix, Path(name), WordTokenizer())
    check(before, name)
known = LabelledTexts.read(inputs / "train.csv")
for model, strategy in (("mean-idf", "frozen"), ("cnn", "fine-tuned"), ("bilstm", "by-frequency")):
    classifier = EmbeddingTextClassifier(vectors, model=model, strategy=strategy, max_epochs=1)
    classifier.fit(list(known.texts), list(known.labels)).predict(list(known.texts))
    check(before, strategy)
classifier.save("c.safetensors")
check(before, "saving")
results = run_study(read_config(inputs / "study.toml"), "run")
check(before, "run")
report_on(results, Path("run"))
check(before, "report")
print("unchanged")
"""


def test_importing_any_module_changes_nothing(place):
    outcome = place().run(code=SETTINGS + IMPORTS.format(libraries=LIBRARIES))
    assert outcome.status == 0, outcome.said
    assert int(outcome.out) == len([*Path(adapt.__file__).parent.rglob("*.py")]) - 1


@pytest.mark.slow
def test_using_any_area_changes_nothing(place, inputs):
    code = SETTINGS + USES.format(libraries=LIBRARIES)
    outcome = place().run(inputs, code=code)
    assert outcome.status == 0, outcome.said
    assert outcome.out.splitlines()[-1] == "unchanged"
