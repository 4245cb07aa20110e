"""Label budgets, scores, which comparisons are made, and what validation chooses."""

import numpy as np
import pytest

from adapt.errors import InputError
from adapt.experiment.cells import Cell, CellScores, label_subset, stratify, summarize
from adapt.experiment.comparisons import compare, select
from adapt.experiment.fits import Outcome

LABELS = np.repeat([0, 1, 2], [60, 30, 10])


def scores(
    embedding,
    share,
    strategy="frozen",
    n_train=10,
    seed=0,
    oov="zeros",
    model="mean",
    shares=(),
    validated=0.5,
):
    labels = np.random.default_rng(0).integers(0, 3, size=400)
    generator = np.random.default_rng(seed)
    size = (1 + len(shares), 4, 400)
    predicted = np.where(generator.random(size) < share, labels, (labels + 1) % 3)
    cell = Cell(embedding, oov, model, strategy, n_train)
    outcomes = [Outcome(predicted[:, place], validated, "C 1") for place in range(4)]
    return CellScores.from_outcomes(cell, range(4), outcomes, labels, typo_shares=shares)


def test_subsets_are_stratified_sorted_and_fixed_by_the_seed():
    chosen = label_subset(LABELS, 20, seed=1)
    assert np.bincount(LABELS[chosen]).tolist() == [12, 6, 2]
    assert (np.diff(chosen) > 0).all()
    np.testing.assert_array_equal(chosen, label_subset(LABELS, 20, seed=1))
    assert not np.array_equal(chosen, label_subset(LABELS, 20, seed=2))


@pytest.mark.parametrize("budget", ["all", 100])
def test_all_documents(budget):
    np.testing.assert_array_equal(label_subset(LABELS, budget, seed=0), np.arange(100))


def test_nearly_all_documents():
    assert len(label_subset(LABELS, 99, seed=0)) == 99


@pytest.mark.parametrize(("budget", "message"), [(101, "exceeds"), (2, "number of classes")])
def test_impossible_budgets(budget, message):
    with pytest.raises(InputError, match=message):
        label_subset(LABELS, budget, seed=0)


def test_runs_and_summaries_agree():
    cell = scores("general", 0.7)
    (row,) = summarize([cell])
    assert row.accuracy == pytest.approx(np.mean([run.accuracy for run in cell.runs]))
    assert row.macro_f1 == pytest.approx(np.mean([run.macro_f1 for run in cell.runs]))
    assert row.accuracy_low < row.accuracy < row.accuracy_high
    assert row.n_seeds == 4


def test_comparisons_pair_what_belongs_together():
    table = [
        scores("general", 0.5, seed=1),
        scores("domain", 0.7, seed=2),
        scores("aligned", 0.7, seed=3),
        scores("aligned", 0.7, strategy="fine-tuned", seed=4),
        scores("aligned", 0.7, n_train=20, seed=5),
        scores("tfidf", 0.6, strategy="bag-of-words", seed=6),
    ]
    made = {(c.embedding, c.baseline, c.strategy, c.n_train): c for c in compare(table).comparisons}
    assert len(made) == len(compare(table).comparisons)
    assert set(made) == {
        ("general", "tfidf", "frozen", 10),
        ("domain", "general", "frozen", 10),
        ("domain", "tfidf", "frozen", 10),
        ("aligned", "general", "frozen", 10),
        ("aligned", "domain", "frozen", 10),
        ("aligned", "tfidf", "frozen", 10),
        ("aligned", "tfidf", "fine-tuned", 10),
        ("aligned", "aligned", "fine-tuned", 10),  # the first strategy is frozen
    }
    better = made["domain", "general", "frozen", 10]
    assert better.difference_low > 0
    assert better.p_corrected < 0.05
    assert all(c.p_corrected >= c.p_value for c in made.values())


def test_fillings_and_models_are_compared_one_change_at_a_time():
    table = [
        scores(embedding, 0.6, oov=oov, model=model, seed=seed)
        for seed, (embedding, oov, model) in enumerate(
            (e, o, m)
            for e in ("general", "aligned")
            for o in ("zeros", "mean")
            for m in ("mean", "hybrid:mean")
        )
    ]
    made = {
        (c.embedding, c.oov, c.model, c.baseline, c.baseline_oov, c.baseline_model)
        for c in compare(table).comparisons
    }
    within = {pair for pair in made if pair[0] == pair[3]}
    assert within == {
        (e, *pair)
        for e in ("general", "aligned")
        for pair in (
            ("mean", "mean", e, "zeros", "mean"),
            ("mean", "hybrid:mean", e, "zeros", "hybrid:mean"),
            ("zeros", "hybrid:mean", e, "zeros", "mean"),
            ("mean", "hybrid:mean", e, "mean", "mean"),
        )
    }
    assert made - within == {
        ("aligned", oov, model, "general", oov, model)
        for oov in ("zeros", "mean")
        for model in ("mean", "hybrid:mean")
    }


def test_ablations_make_a_chain_from_domain_to_general():
    names = ("general", "domain", "domain:shared", "domain:matched", "aligned")
    table = [scores(name, 0.6, seed=seed) for seed, name in enumerate(names)]
    table.append(scores("tfidf", 0.6, strategy="bag-of-words"))
    made = {(c.embedding, c.baseline) for c in compare(table).comparisons}
    assert {pair for pair in made if ":" in "".join(pair)} == {
        ("domain:shared", "domain"),
        ("domain:matched", "domain:shared"),
        ("domain:matched", "general"),
    }
    assert ("aligned", "domain") in made
    assert ("domain", "tfidf") in made


def test_strategies_are_compared_with_the_first_one_alone():
    table = [
        scores("aligned", 0.6, strategy=strategy, seed=seed)
        for seed, strategy in enumerate(("frozen", "fine-tuned", "gradual"))
    ]
    made = {(c.strategy, c.baseline_strategy) for c in compare(table).comparisons}
    assert made == {("fine-tuned", "frozen"), ("gradual", "frozen")}


def test_validation_chooses_within_families_and_the_test_documents_have_no_say():
    table = [
        scores("random", 0.9, validated=0.99),
        scores("unaligned", 0.9, validated=0.98),
        scores("general", 0.9, validated=0.6),
        scores("general", 0.2, validated=0.7, model="cnn"),
        scores("domain", 0.9, validated=0.71),
        scores("aligned", 0.3, validated=0.8, strategy="gradual"),
        scores("aligned", 0.9, validated=0.79, n_train=20),
        scores("tfidf", 0.9, validated=0.5, strategy="bag-of-words"),
        scores("ngrams", 0.4, validated=0.51, strategy="bag-of-words", model="fasttext"),
        scores("domain:shared", 0.9, validated=0.97),
    ]
    chosen = select(summarize(table))
    assert [(c.n_train, c.family, c.embedding, c.model, c.strategy, c.n_cells) for c in chosen] == [
        (10, "adapted", "aligned", "mean", "gradual", 2),
        (10, "general", "general", "cnn", "frozen", 2),
        (10, "bag-of-words", "ngrams", "fasttext", "bag-of-words", 2),
        (20, "adapted", "aligned", "mean", "frozen", 1),
    ]
    assert chosen[0].validation_accuracy == 0.8
    assert chosen[0].accuracy == pytest.approx(table[5].correct.mean())


def test_the_choices_of_validation_stand_against_each_other():
    table = [
        scores("general", 0.5, validated=0.7, model="cnn", seed=1),
        scores("aligned", 0.6, validated=0.8, strategy="gradual", seed=2),
    ]
    assert compare(table).comparisons == ()  # two things are changed at a time
    (made,) = compare(table, select(summarize(table))).comparisons
    assert (made.embedding, made.strategy, made.baseline, made.baseline_model) == (
        "aligned", "gradual", "general", "cnn",
    )  # fmt: skip


def test_accuracy_is_told_for_each_share_of_typos():
    cell = scores("general", 0.7, shares=(0.1, 0.2))
    assert [one.typo_share for one in cell.typos] == [0.0, 0.1, 0.2]
    assert cell.typos[0].accuracy == pytest.approx(cell.correct.mean())
    assert all(one.accuracy_low < one.accuracy < one.accuracy_high for one in cell.typos)
    assert scores("general", 0.7).typos == ()


def test_accuracy_is_parted_by_unknown_tokens():
    cell = scores("general", 0.7)
    shares = np.repeat([0.0, 0.1, 0.5], [200, 100, 100])
    parts = stratify([cell], shares)
    assert [(p.embedding, p.lowest_share, p.highest_share) for p in parts] == [
        ("general", 0.0, 0.0), ("general", 0.1, 0.1), ("general", 0.5, 0.5),
    ]  # fmt: skip
    assert parts[0].accuracy == pytest.approx(cell.correct[:, :200].mean())
    assert sum(part.n_documents for part in parts) == 400
