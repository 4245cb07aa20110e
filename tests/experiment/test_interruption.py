"""Studies that are interrupted go on where they were, and end with the same bytes."""

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import adapt
from adapt.errors import AdaptWarning
from adapt.experiment import read_config, run_study
from adapt.experiment.fits import BagFit, EmbeddingFit
from adapt.text import load_dataset
from adapt.training import train_word2vec
from adapt.vectors import read_vectors, write_vectors

N_FITS = 6


@pytest.fixture
def counted(monkeypatch):
    """Counters of what takes long; `stop_at` interrupts the run when so many fits are done."""
    counts = {"fits": 0, "trainings": 0, "stop_at": None}

    def counting(run):
        def counted_run(fit):
            if counts["fits"] == counts["stop_at"]:
                raise KeyboardInterrupt
            outcome = run(fit)
            counts["fits"] += 1
            return outcome

        return counted_run

    def train(*arguments, **options):
        counts["trainings"] += 1
        return train_word2vec(*arguments, **options)

    for kind in (EmbeddingFit, BagFit):
        monkeypatch.setattr(kind, "run", counting(kind.run))
    monkeypatch.setattr("adapt.experiment.domain.train_word2vec", train)
    return counts


def restart(counts, stop_at=None):
    counts.update(fits=0, trainings=0, stop_at=stop_at)


def bytes_of(folder):
    return (folder / "results.json").read_bytes()


@pytest.mark.parametrize("cache", ["on", "off"])
def test_no_finished_fit_is_repeated_after_an_interruption(
    own_study, tmp_path, monkeypatch, counted, cache
):
    if cache == "off":
        monkeypatch.setenv("ADAPT_CACHE", "off")
    config = read_config(own_study)
    run_study(config, tmp_path / "whole", resume=False)
    assert (counted["fits"], counted["trainings"]) == (N_FITS, 1)
    left = N_FITS
    folder = tmp_path / "broken"
    if cache == "on":  # else what the first run kept is found
        shutil.rmtree(Path(os.environ["ADAPT_CACHE"]) / "studies")
    for done in (0, 1, 3):
        restart(counted, stop_at=done)
        with pytest.raises(KeyboardInterrupt):
            run_study(config, folder)
        assert not (folder / "results.json").exists()
        left -= done
    restart(counted)
    run_study(config, folder)
    assert (counted["fits"], counted["trainings"]) == (left, 0)
    assert bytes_of(folder) == bytes_of(tmp_path / "whole")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["store"]["computed"]["fits"] == left
    assert manifest["store"]["kept"]["fits"] == N_FITS - left
    restart(counted)
    run_study(config, folder)
    assert (counted["fits"], counted["trainings"]) == (0, 0)
    assert bytes_of(folder) == bytes_of(tmp_path / "whole")
    if cache == "off":
        assert [*(folder / "kept").iterdir()]


def test_what_is_kept_is_not_used_where_that_is_not_wanted(own_study, tmp_path, counted):
    config = read_config(own_study)
    run_study(config, tmp_path / "out")
    for _ in range(2):
        restart(counted)
        run_study(config, tmp_path / "out", resume=False)
        assert (counted["fits"], counted["trainings"]) == (N_FITS, 1)


def test_studies_share_what_they_have_in_common(own_study, tmp_path, counted):
    run_study(read_config(own_study), tmp_path / "one")
    restart(counted)
    run_study(read_config(own_study, ["classifier.seeds=[0, 1, 2]"]), tmp_path / "two")
    assert (counted["fits"], counted["trainings"]) == (3, 0)
    restart(counted)
    run_study(read_config(own_study, ["classifier.training.max_epochs=2"]), tmp_path / "three")
    assert (counted["fits"], counted["trainings"]) == (4, 0)  # the bags have no epochs
    restart(counted)
    run_study(read_config(own_study, ["word2vec.seed=1"]), tmp_path / "four")
    assert (counted["fits"], counted["trainings"]) == (2, 1)  # those on the domain's vectors


def test_changed_texts_are_not_mistaken_for_those_before(own_study, tmp_path, counted):
    run_study(read_config(own_study), tmp_path / "one")
    test = own_study.parent / "test.csv"
    test.write_text(test.read_text().replace("severe", "grave", 1))
    restart(counted)
    run_study(read_config(own_study), tmp_path / "two")
    assert (counted["fits"], counted["trainings"]) == (N_FITS, 0)


def test_training_that_is_not_repeatable_is_resumed_with_the_vectors_it_had(
    own_study, tmp_path, counted
):
    config = read_config(own_study, ["word2vec.threads=2"])
    counted["stop_at"] = 3
    with pytest.raises(KeyboardInterrupt):
        run_study(config, tmp_path / "out")
    restart(counted)
    run_study(config, tmp_path / "out")
    assert (counted["fits"], counted["trainings"]) == (N_FITS - 3, 0)


def test_damaged_entries_change_nothing(own_study, tmp_path):
    config = read_config(own_study)
    run_study(config, tmp_path / "whole")
    entries = sorted((Path(os.environ["ADAPT_CACHE"]) / "studies").iterdir())
    for entry in entries:
        entry.write_bytes(entry.read_bytes()[:-1] + b"?")
    with pytest.warns(AdaptWarning, match="is damaged and will be computed again") as said:
        run_study(config, tmp_path / "again")
    assert len([w for w in said if "damaged" in str(w.message)]) == len(entries)
    assert bytes_of(tmp_path / "again") == bytes_of(tmp_path / "whole")


def test_a_cache_that_takes_nothing_is_said_once_and_changes_nothing(
    own_study, tmp_path, monkeypatch
):
    config = read_config(own_study)
    run_study(config, tmp_path / "whole", resume=False)

    def full(self, key, value):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("adapt.experiment.store.Store._write", full)
    with pytest.warns(AdaptWarning, match="cannot be resumed") as said:
        run_study(config, tmp_path / "full", resume=False)
    assert len(said) == 1
    assert bytes_of(tmp_path / "full") == bytes_of(tmp_path / "whole")


def real_study(folder):
    """A small study of real texts and vectors; some ten seconds of work."""
    data, general = load_dataset("clinical", seed=0), read_vectors("glove.6B.50d")
    write_vectors(general.head(4000), folder / "general.txt")
    for name, part, n in (("train", data.train, 1200), ("test", data.test, 300)):
        rows = [*zip(part.texts, part.labels, strict=True)][:n]
        lines = [json.dumps({"text": text, "label": label}) for text, label in rows]
        (folder / f"{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    texts = [" ".join(text.split()) for text in data.corpus[:6000]]
    (folder / "corpus.txt").write_text("\n".join(filter(None, texts)) + "\n", encoding="utf-8")
    (folder / "study.toml").write_text(
        """
        general = "general.txt"
        embeddings = ["general", "aligned", "tfidf"]
        [data]
        train = "train.jsonl"
        test = "test.jsonl"
        corpus = ["corpus.txt"]
        [word2vec]
        dim = 25
        epochs = 2
        [alignment]
        space = "general"
        [alignment.anchors]
        limit = 400
        [classifier]
        strategies = ["frozen", "fine-tuned"]
        label_budgets = [200]
        seeds = [0, 1]
        oov = ["zeros", "subword,mean"]
        typo_shares = [0.2]
        drift = true
        [classifier.training]
        max_epochs = 2
        """
    )


class Killed:
    """Runs of one study in a folder, each in a process group of its own."""

    def __init__(self, folder, cache, n_workers):
        self.folder, self.cache, self.n_workers = folder, cache, n_workers

    def run(self, out, seconds=None):
        """Run the study; kill all of its processes after so many seconds, if it still runs."""
        environment = os.environ | {
            "PYTHONPATH": str(Path(adapt.__file__).parents[1]),
            "ADAPT_CACHE": str(self.cache),
            "OMP_NUM_THREADS": "1",
        }
        code = "from adapt.cli import main; main()"
        command = ["run", "study.toml", "--out", out, "--workers", str(self.n_workers)]
        process = subprocess.Popen(
            [sys.executable, "-c", code, *command],
            cwd=self.folder,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        try:
            _, said = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            return False
        assert process.returncode == 0, said
        return True

    def entries(self):
        """What is kept, without what was being written."""
        return {path.name for path in (self.cache / "studies").glob("[!.]*")}


def killed_until_finished(folder, *, n_kills, seed, n_workers):
    """Kill a study at random moments, resuming it each time; begin anew whenever it is finished.

    The moments are drawn over the time of an uninterrupted run. Every time the study finishes, its
    results are compared with those of the latter.
    """
    kernels = Path(os.environ["ADAPT_CACHE"]) / "kernels"  # compiled once for all tests
    kernels.mkdir(exist_ok=True)

    def fresh(number):
        runs = Killed(folder, folder / f"cache-{number}", n_workers)
        runs.cache.mkdir()
        (runs.cache / "kernels").symlink_to(kernels)
        return runs

    if not any(kernels.iterdir()):
        fresh(0).run("compiling")
    begun = time.monotonic()
    fresh(1).run("whole")
    duration = time.monotonic() - begun
    generator = np.random.default_rng(seed)
    moments, progress, finished = [], [], 0
    runs, out = fresh(2), "broken-2"
    while len(moments) < n_kills or finished == 0:
        before = runs.entries()
        moment = generator.uniform(0, duration) if len(moments) < n_kills else None
        begun = time.monotonic()
        done = runs.run(out, moment)
        if done and not before:  # the machine was busier when the time was taken
            duration = min(duration, time.monotonic() - begun)
        assert before <= runs.entries()  # nothing that was kept is lost
        if not done:
            moments.append(round(moment, 1))
            progress.append(len(runs.entries()))
            continue
        assert bytes_of(folder / out) == bytes_of(folder / "whole")
        hidden = [path.name for path in (folder / out).rglob(".*")]
        assert hidden == []
        finished += 1
        runs, out = fresh(finished + 2), f"broken-{finished + 2}"
    return duration, moments, progress, finished


def test_a_study_that_is_killed_twice_ends_with_the_same_bytes(own_study):
    _, moments, _, finished = killed_until_finished(
        own_study.parent, n_kills=2, seed=3, n_workers=1
    )
    assert len(moments) == 2
    assert finished >= 1


@pytest.mark.slow
def test_a_study_that_is_killed_twenty_times_ends_with_the_same_bytes(tmp_path, capsys):
    real_study(tmp_path)
    duration, moments, progress, finished = killed_until_finished(
        tmp_path, n_kills=20, seed=0, n_workers=2
    )
    with capsys.disabled():
        sys.stdout.write(
            f"\n{duration:.1f} s without interruption; killed after {moments} s, with {progress} "
            f"values kept by then; finished {finished} times\n"
        )
    assert len(moments) == 20
    assert max(progress) > 0
