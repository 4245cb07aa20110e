"""Aligning as a stage: anchors chosen, some held out, several methods on the same ones."""

import dataclasses

import numpy as np
import pytest

from adapt.alignment import random_orthogonal_map
from adapt.errors import InputError
from adapt.experiment import (
    AlignmentConfig,
    AnchorsConfig,
    align_spaces,
    check_report_folder,
    write_alignment_report,
)
from adapt.experiment.reporting import read_finished_run
from adapt.vectors import WordVectors, write_vectors

N = 300


@pytest.fixture(scope="module")
def spaces():
    """A general space and a turned, noised copy; words w0 to w9 have traded places."""
    rng = np.random.default_rng(0)
    general = rng.standard_normal((N, 8)).astype(np.float32)
    domain = general @ random_orthogonal_map(8, 8, seed=1)
    domain[:10] = np.roll(domain[:10], 3, axis=0)
    domain += 0.05 * rng.standard_normal((N, 8))
    words = tuple(f"w{i}" for i in range(N))
    counts = np.arange(N, 0, -1) + 2
    return (
        WordVectors((*words, "new"), np.vstack([domain, domain[:1]]), counts=[*counts, 1]),
        WordVectors(words, general),
    )


def config(**options):
    anchors = AnchorsConfig(n_neighbors=10, **options)
    return AlignmentConfig(space="general", anchors=anchors, curve_points=2)


def test_all_methods_are_fitted_and_tested_on_the_same_words(spaces):
    aligned = align_spaces(*spaces, config(), ["ridge", "procrustes"])
    assert list(aligned.aligners) == ["procrustes", "ridge"]
    assert aligned.aligner.name == "procrustes"
    assert len(aligned.test.held_out) == N // 5
    assert not set(aligned.fitted.domain) & set(aligned.test.held_out.domain)
    for aligner in aligned.aligners.values():
        assert aligner.anchors_ == aligned.fitted
    methods = [quality.method for quality in aligned.quality()]
    assert methods == ["procrustes", "ridge", "identity", "random-rotation", "shuffled-anchors"]
    curve = aligned.learning_curve()
    assert [(p.method, p.n_anchors) for p in curve] == [
        (method, n) for method in ("procrustes", "ridge") for n in (50, len(aligned.fitted))
    ]
    assert aligned.isometry().relational_similarity.value > 0.8


def test_without_points_there_is_no_learning_curve(spaces):
    plain = dataclasses.replace(config(), curve_points=0)
    assert align_spaces(*spaces, plain).learning_curve() == ()


def test_words_that_traded_places_are_named_with_their_neighbours(spaces):
    aligned = align_spaces(*spaces, config(min_overlap=0.2))
    told = aligned.anchors()
    assert told.n_candidates == N
    assert told.n_kept + told.n_held_out + sum(dict(told.rejected).values()) == N
    assert dict(told.rejected)["neighbours_disagree"] >= 7
    changed = [one.domain for one in told.changed[:10]]
    assert len(set(changed) & {f"w{i}" for i in range(10)}) >= 9
    first = told.changed[0]
    assert len(first.domain_neighbors) == len(first.general_neighbors) == 5
    assert first.domain not in first.domain_neighbors
    assert set(first.domain_neighbors) != set(first.general_neighbors)


def test_unmeasured_overlaps_tell_no_change(spaces):
    told = align_spaces(*spaces, config()).anchors()
    assert told.changed == ()
    assert told.chance_overlap is None


def test_anchors_come_from_a_file_if_one_is_named(spaces, tmp_path):
    path = tmp_path / "pairs.txt"
    path.write_text("".join(f"w{i}\n" for i in range(40)) + "new w3\nabsent w4\n")
    aligned = align_spaces(*spaces, config(file=str(path), min_count=1))
    assert len(aligned.fitted) + len(aligned.selection.held_out) == 41
    assert dict(aligned.anchors().rejected) == {"absent_from_domain": 1}


def test_pairs_that_a_space_lacks_are_held_out_too_and_counted_both_ways(spaces, tmp_path):
    path = tmp_path / "pairs.txt"
    absent = "".join(f"absent{i} w{i}\n" for i in range(20))
    path.write_text("".join(f"w{i}\n" for i in range(60)) + absent)
    aligned = align_spaces(*spaces, config(file=str(path)))
    assert len(aligned.fitted) == 48
    assert len(aligned.test.held_out) == 12 + 4
    quality = aligned.quality()[0]
    assert quality.coverage == 12 / 16
    for one in quality.precisions:
        assert one.all.value == pytest.approx(one.scored.value * 12 / 16)


def test_few_anchors_are_not_compared_as_spaces(spaces):
    aligned = align_spaces(*spaces, config(limit=15))
    assert aligned.isometry() is None


def test_too_few_anchors_for_a_method_are_refused(spaces):
    aligned = align_spaces(*spaces, config(limit=6))
    with pytest.raises(InputError, match="cannot fix a map of 8 dimensions"):
        _ = aligned.aligner


def test_a_report_stands_for_one_alignment_whole_or_not_at_all(spaces, tmp_path, monkeypatch):
    inputs = [str(tmp_path / f"{name}.safetensors") for name in ("domain", "general")]
    for vectors, name in zip(spaces, inputs, strict=True):
        write_vectors(vectors, name)
    aligned = align_spaces(*spaces, config(min_overlap=0.2))
    folder = tmp_path / "report"
    check_report_folder(folder)
    write_alignment_report(aligned, aligned.quality(), folder, inputs=inputs)
    check_report_folder(folder)  # may be replaced
    run = read_finished_run(folder)
    assert run.results.name == "domain.safetensors to general.safetensors"
    assert run.manifest["config"]["method"] == "procrustes"
    assert run.documents is None
    assert run.results.learning_curve

    def interrupted(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr("adapt.experiment.alignment.write_report", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_alignment_report(aligned, aligned.quality(), folder, inputs=inputs)
    assert not (folder / "results.json").exists()
    with pytest.raises(InputError, match="is a file, not a folder; choose another --report"):
        check_report_folder(folder / "manifest.json")


def test_only_the_methods_that_were_asked_for_are_there(spaces):
    aligners = align_spaces(*spaces, config()).aligners
    with pytest.raises(KeyError):
        aligners["ridge"]
    assert len(aligners) == 1
