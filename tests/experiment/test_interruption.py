"""Studies that are interrupted go on where they were, and end with the same bytes.

Those that are killed are the matter of `tests/safety/test_kills.py`.
"""

import errno
import json
import os
import shutil
from pathlib import Path

import pytest

from adapt.errors import AdaptWarning
from adapt.experiment import read_config, run_study
from adapt.experiment.fits import BagFit, EmbeddingFit
from adapt.training import train_word2vec

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
