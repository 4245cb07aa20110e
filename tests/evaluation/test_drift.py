"""How far training moved the words: by hand on tiny matrices, by brute force on larger ones."""

from __future__ import annotations

import numpy as np
import pytest

from adapt.classifiers import TrainingConfig, train_classifier
from adapt.errors import InputError
from adapt.evaluation import (
    Drift,
    DriftBand,
    DriftSource,
    Movement,
    Run,
    drift_of_runs,
    mean_drift,
    measure_drift,
    most_drifted,
)

WORDS = ("<pad>", "<unk>", "still", "grew", "turned", "once", "zero")
BEFORE = np.array([[0, 0], [1, 1], [3, 4], [0, 2], [5, 0], [8, 0], [0, 0]], dtype=np.float32)
AFTER = np.array([[0, 0], [9, 9], [3, 4], [0, 3], [3, 4], [0, 0], [1, 0]], dtype=np.float32)
COUNTS = (0, 40, 0, 2, 7, 1, 3)
SOURCES = ("pad", "unk", "general", "domain", "domain", "both", "zeros")


def tiny(**options):
    values = {"counts": COUNTS, "sources": SOURCES} | options
    return measure_drift(BEFORE, AFTER, WORDS, **values)


def moved_matrices(n=400, dim=8, seed=0):
    """Return matrices before and after, of which rows of count 0 stay, and the counts."""
    rng = np.random.default_rng(seed)
    before = rng.normal(size=(n, dim)).astype(np.float32)
    counts = rng.choice([0, 1, 3, 10, 50, 200], size=n)
    before[0], counts[0] = 0, 0
    after = before + (counts > 0)[:, None] * rng.normal(scale=0.3, size=(n, dim))
    return before, after.astype(np.float32), counts


def names(n):
    return [f"w{row}" for row in range(n)]


class TestByHand:
    def test_bands_have_the_figures_of_their_words(self):
        bands = {(band.lowest, band.highest): band.movement for band in tiny().bands}
        assert list(bands) == [(0, 0), (1, 1), (2, 4), (5, 19)]
        shifts = [movement.mean_shift for movement in bands.values()]
        assert shifts == pytest.approx([0, 1, 0.5, np.sqrt(20) / 5])
        cosines = [movement.mean_cosine for movement in bands.values()]
        assert cosines == pytest.approx([1, 0, 1, 0.6])
        assert [movement.n_words for movement in bands.values()] == [1, 1, 1, 1]

    def test_what_does_not_move_has_exactly_no_shift_and_a_cosine_of_one(self):
        unmoved = measure_drift(BEFORE, BEFORE, WORDS, counts=COUNTS, sources=SOURCES)
        for band in unmoved.bands:
            assert (band.movement.mean_shift, band.movement.high_shift) == (0, 0)
            assert (band.movement.mean_cosine, band.movement.neighbor_overlap) == (1, 1)
        assert unmoved.moved == unmoved.moved_once == ()

    def test_words_that_were_zero_are_counted_and_left_out(self):
        drift = tiny()
        assert (drift.n_from_zero, drift.n_candidates) == (1, 4)
        assert "zeros" not in [source.source for source in drift.sources]
        assert drift.shifts[WORDS.index("zero")] == 0
        assert "zero" not in [one.word for one in drift.moved]

    def test_padding_and_unknown_words_are_left_out(self):
        drift = tiny()
        assert sum(band.movement.n_words for band in drift.bands) == 4
        assert drift.shifts.tolist()[:2] == [0, 0]

    def test_sources_are_told_of_words_in_training_alone(self):
        sources = {source.source: source.movement for source in tiny().sources}
        assert list(sources) == ["domain", "both"]
        assert sources["domain"].n_words == 2
        assert sources["domain"].mean_shift == pytest.approx((0.5 + np.sqrt(20) / 5) / 2)

    def test_quantiles_are_those_of_the_shifts(self):
        lengths = np.arange(1.0, 12.0)
        before = np.concatenate([[0, 1], np.ones(11)]).astype(np.float32)[:, None]
        after = np.concatenate([[0, 1], 1 + lengths]).astype(np.float32)[:, None]
        counts = [0, 0] + [1] * 11
        (band,) = measure_drift(before, after, names(13), counts=counts, sources=names(13)).bands
        movement = band.movement
        assert (movement.median_shift, movement.high_shift) == (pytest.approx(6), pytest.approx(10))

    def test_the_most_moved_words_come_with_their_neighbours(self):
        drift = tiny()
        assert [one.word for one in drift.moved] == ["turned", "grew"]
        turned = drift.moved[0]
        assert (turned.count, turned.source) == (7, "domain")
        assert (turned.shift, turned.cosine) == (pytest.approx(np.sqrt(20) / 5), pytest.approx(0.6))
        # cosines of (5, 0) before: once 1, still .6, grew 0; of (3, 4) after: still 1, grew .8
        assert turned.neighbors_before == ("once", "still", "grew")
        assert turned.neighbors_after == ("still", "grew", "once")
        assert [one.word for one in drift.moved_once] == ["once"]
        assert [one.word for one in tiny(n_moved=1).moved] == ["turned"]
        assert tiny(n_neighbors=1).moved[0].neighbors_before == ("once",)
        none = tiny(n_moved=0)
        assert none.moved == none.moved_once == ()


class TestNeighbors:
    @pytest.mark.parametrize("n_sampled", [500, 30])
    def test_overlap_is_that_of_a_straightforward_computation(self, n_sampled):
        before, after, counts = moved_matrices()
        drift = measure_drift(
            before, after, names(400), counts=counts, sources=["x"] * 400, n_sampled=n_sampled
        )
        shares = np.zeros(400)
        found = []
        for matrix in (before, after):
            unit = matrix[2:] / np.linalg.norm(matrix[2:], axis=1, keepdims=True)
            cosines = (unit @ unit.T).astype(np.float64)
            np.fill_diagonal(cosines, -2)
            found.append(2 + np.argsort(-cosines, axis=1)[:, :10])
        for row, (one, other) in enumerate(zip(*found, strict=True), start=2):
            shares[row] = len(set(one) & set(other)) / 10
        for band in drift.bands:
            high = np.inf if band.highest is None else band.highest
            own = [r for r in range(2, 400) if band.lowest <= counts[r] <= high]
            assert band.movement.n_sampled == min(len(own), n_sampled)
            if n_sampled == 500:
                expected = pytest.approx(shares[own].mean(), abs=1e-9)
            else:
                expected = pytest.approx(shares[own].mean(), abs=0.15)
            assert band.movement.neighbor_overlap == expected
        assert 0.1 < drift.bands[1].movement.neighbor_overlap < 0.9
        # words that stay lose neighbours that moved
        assert drift.bands[0].movement.mean_shift == 0
        assert drift.bands[0].movement.neighbor_overlap < 0.9

    def test_a_word_is_no_neighbour_of_its_own_among_equals(self):
        before = np.ones((30, 3), dtype=np.float32)
        after = before.copy()
        after[29] = [1, 2, 3]
        counts = np.zeros(30, dtype=int)
        counts[29] = 1
        drift = measure_drift(before, after, names(30), counts=counts, sources=names(30))
        (one,) = drift.moved_once
        assert one.word == "w29"
        assert one.neighbors_before == ("w2", "w3", "w4", "w5", "w6")

    def test_the_seed_chooses_the_sample_and_nothing_else(self):
        before, after, counts = moved_matrices()
        options = {"counts": counts, "sources": ["x"] * 400, "n_sampled": 10}
        first, again, other = (
            measure_drift(before, after, names(400), seed=seed, **options) for seed in (0, 0, 1)
        )
        assert first.bands == again.bands
        assert first.bands != other.bands
        for one, two in zip(first.bands, other.bands, strict=True):
            assert one.movement.mean_shift == two.movement.mean_shift
        assert first.moved == other.moved


def test_arguments_are_left_as_they_were():
    before, after, counts = moved_matrices()
    copies = [array.copy() for array in (before, after, counts)]
    for array in (before, after, counts):
        array.flags.writeable = False
    measure_drift(before, after, names(400), counts=counts, sources=["x"] * 400)
    for array, copy in zip((before, after, counts), copies, strict=True):
        np.testing.assert_array_equal(array, copy)


def test_fine_tuning_moves_the_words_of_its_documents_alone():
    rng = np.random.default_rng(0)
    matrix = rng.normal(size=(60, 8)).astype(np.float32)
    matrix[0] = 0
    labels = np.arange(40) % 2
    documents = [rng.integers(2, 30, size=6) + label for label in labels]
    counts = np.bincount(np.concatenate(documents), minlength=60)
    config = TrainingConfig(strategy="fine-tuned", max_epochs=3)
    trained = train_classifier(matrix, documents, labels, config=config)
    drift = measure_drift(matrix, trained.matrix, names(60), counts=counts, sources=["x"] * 60)
    assert drift.bands[0].lowest == 0
    assert drift.bands[0].movement.n_words >= 29
    assert (drift.shifts > 0).tolist() == (counts > 0).tolist()
    slow = TrainingConfig(strategy="fine-tuned", max_epochs=3, embedding_learning_rate=1e-4)
    slowly = train_classifier(matrix, documents, labels, config=slow)
    less = measure_drift(matrix, slowly.matrix, names(60), counts=counts, sources=["x"] * 60)
    assert less.shifts.max() < drift.shifts.max()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"after": AFTER[:6]}, r"shape \(7, 2\) before and \(6, 2\) after"),
        ({"before": BEFORE[:, 0], "after": AFTER[:, 0]}, r"need \(n_rows, dim\)"),
        ({"words": WORDS[:5]}, "5 words, but 7 rows"),
        ({"sources": SOURCES[:5]}, "5 sources, but 7 rows"),
        ({"counts": COUNTS[:5]}, "5 counts, but 7 rows"),
        ({"counts": np.reshape(COUNTS, (1, 7))}, r"counts of shape \(1, 7\)"),
        ({"counts": np.array(COUNTS, dtype=float)}, "whole numbers"),
        ({"counts": np.negative(COUNTS)}, "not negative"),
        ({"counts": (0, 0, 0, 0, 7, 1, 3)}, "'grew' moved, but its count is 0"),
        ({"counts": (0, 40, 0, 2, 7, 1, 0)}, "'zero' moved, but its count is 0"),
        ({"after": np.where(AFTER == 4, np.nan, AFTER)}, "'still' after training is not finite"),
        ({"before": np.full_like(BEFORE, np.inf)}, "^the vector of '<pad>' before training is not"),
        ({"before": 0 * BEFORE, "after": 0 * BEFORE}, "0 words had a vector before"),
        ({"n_moved": -1}, "n_moved is -1"),
        ({"n_neighbors": 0}, "n_neighbors is 0"),
        ({"n_sampled": 0}, "n_sampled is 0"),
        ({"seed": -1}, "seed is -1"),
    ],
)
def test_what_does_not_fit_is_refused(change, message):
    options = {
        "before": BEFORE, "after": AFTER, "words": WORDS, "counts": COUNTS, "sources": SOURCES,
    } | change  # fmt: skip
    with pytest.raises(InputError, match=message):
        measure_drift(**options)


def movement(shift, n_words=10):
    return Movement(n_words, shift, shift, shift, 1 - shift, 1 - shift, n_words)


def drift(strategy, seed, *shifts, limits=((0, 0), (1, 1), (2, 4), (100, None))):
    bands = tuple(
        DriftBand(*band, movement(shift, 10 * (place + 1)))
        for place, (band, shift) in enumerate(zip(limits, shifts, strict=False))
    )
    return Drift(
        "aligned", "zeros", "mean", strategy, 200, seed, bands,
        (DriftSource("both", movement(0.1 * (seed + 1))),), seed, 99,
    )  # fmt: skip


class TestOfRuns:
    runs = tuple(
        Run("aligned", "zeros", "mean", strategy, n_train, 0, 0.5, 0.5, 0.5, "C 1")
        for strategy in ("slow", "fast")
        for n_train in (200, 1000)
    )

    def measured(self):
        slow = BEFORE + 0.5 * (AFTER - BEFORE)
        for after in (slow, slow, AFTER, AFTER):
            yield measure_drift(BEFORE, after, WORDS, counts=COUNTS, sources=SOURCES)

    def test_every_run_is_named_and_follows_the_words_of_what_moves_most(self):
        told = drift_of_runs(self.runs, [*self.measured()], WORDS)
        for run, one in zip(self.runs, told, strict=True):
            assert (one.embedding, one.oov, one.model) == ("aligned", "zeros", "mean")
            assert (one.strategy, one.n_train, one.seed) == (run.strategy, run.n_train, 0)
            assert [word for word, _ in one.followed] == ["turned", "grew", "once"]
        shifts = [np.sqrt(20) / 5, 0.5, 1]
        for one, factor in zip(told, (0.5, 0.5, 1, 1), strict=True):
            found = [shift for _, shift in one.followed]
            assert found == pytest.approx([factor * shift for shift in shifts])

    def test_what_belongs_to_no_run_is_refused(self):
        measured = [*self.measured()]
        with pytest.raises(InputError, match="4 runs, but 3 measurements"):
            drift_of_runs(self.runs, measured[:3], WORDS)
        with pytest.raises(InputError, match="not that of 6 rows"):
            drift_of_runs(self.runs, measured, WORDS[:6])
        assert drift_of_runs((), (), WORDS) == ()


class TestMeans:
    def test_bands_are_weighed_by_their_words(self):
        one = drift("fine-tuned", 0, 0.0, 0.1, 0.2, 0.5)
        assert one.mean_shift(1, 4) == pytest.approx((20 * 0.1 + 30 * 0.2) / 50)
        assert one.mean_shift() == pytest.approx((20 * 0.1 + 30 * 0.2 + 40 * 0.5) / 90)
        assert one.mean_shift(100) == pytest.approx(0.5)
        assert one.mean_shift(5, 99) is None

    def test_the_one_that_moves_its_words_most_is_found(self):
        less, more = drift("a", 0, 0.0, 0.1), drift("b", 0, 0.0, 0.3)
        assert most_drifted([less, more]) is more
        assert most_drifted([less, drift("c", 0, 0.0, 0.1)]) is less
        still = drift("d", 0, 0.0)  # trains no word, so that nothing of it has moved
        assert still.mean_shift() is None
        assert most_drifted([still, less]) is less

    def test_cells_are_averaged_over_their_seeds(self):
        drifts = [
            drift("fine-tuned", 0, 0.0, 0.1, 0.2),
            drift("two-stage", 0, 0.0, 0.05),
            drift("fine-tuned", 1, 0.0, 0.3),
        ]
        tuned, staged = mean_drift(drifts)
        assert (tuned.strategy, tuned.n_seeds, staged.n_seeds) == ("fine-tuned", 2, 1)
        once = tuned.bands[1]
        assert (once.lowest, once.highest) == (1, 1)
        shift = once.movement.mean_shift
        assert (shift.mean, shift.lowest, shift.highest) == (pytest.approx(0.2), 0.1, 0.3)
        assert once.movement.neighbor_overlap.mean == pytest.approx(0.8)
        # a band that one seed lacks is that of the other
        assert tuned.bands[2].movement.mean_shift.mean == pytest.approx(0.2)
        (source,) = tuned.sources
        assert source.movement.mean_shift.mean == pytest.approx(0.15)
        assert (tuned.n_from_zero.mean, tuned.n_from_zero.highest) == (0.5, 1)
        assert tuned.n_candidates == 99
