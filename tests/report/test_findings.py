from __future__ import annotations

from dataclasses import replace

import pytest

from adapt.evaluation import (
    TRAINING_SPLIT,
    UNLABELLED_CORPUS,
    Comparison,
    Estimate,
    Leak,
    McNemar,
)
from adapt.evaluation.judgement import Judgement, judge, turned
from adapt.evaluation.results import OovRate, Results
from adapt.report import findings
from adapt.report.views import paired


def texts(results: Results, topic: str) -> list[str]:
    return [one.text.replace("\xa0", " ") for one in findings(results) if one.topic == topic]


def comparison(low: float, high: float, p_corrected: float, **names: object) -> Comparison:
    place = {"embedding": "aligned", "baseline": "domain", "strategy": "frozen", "n_train": 200}
    place |= {side: "normal" for side in ("oov", "baseline_oov")}
    place |= {side: "mean-idf" for side in ("model", "baseline_model")}
    place |= {"baseline_strategy": "frozen", "n_seeds": 3}
    place |= {"effect": Estimate(0.1, 0.0, 0.2), "needed": None}
    place |= {"mcnemar": McNemar(3, 2, 1.5, 1.0)}
    return Comparison(
        **(place | names),
        difference=(low + high) / 2,
        difference_low=low,
        difference_high=high,
        p_value=p_corrected,
        p_corrected=p_corrected,
    )


@pytest.mark.parametrize(
    ("low", "high", "p", "expected"),
    [
        (0.01, 0.03, 0.001, Judgement.HIGHER),
        (-0.03, -0.01, 0.001, Judgement.LOWER),
        (-0.01, 0.03, 0.3, Judgement.NO_DIFFERENCE),
        (0.0, 0.03, 0.001, Judgement.NO_DIFFERENCE),
        (-0.01, 0.03, 0.001, Judgement.NO_DIFFERENCE),
        (0.001, 0.03, 0.05, Judgement.UNCONFIRMED),
        (-0.03, -0.001, 0.2, Judgement.UNCONFIRMED),
    ],
)
def test_a_difference_needs_both_the_interval_and_the_corrected_p(low, high, p, expected):
    assert judge(comparison(low, high, p)) is expected


def test_reversed_comparison_is_turned_round(study):
    stored = next(one for one in study.comparisons if one.baseline == "domain")
    cell = next(
        cell
        for cell in study.summary
        if (cell.embedding, cell.strategy, cell.n_train)
        == ("domain", stored.strategy, stored.n_train)
    )
    seen = paired(study, cell, stored.embedding)
    assert seen is not None
    assert (seen.embedding, seen.baseline) == ("domain", stored.embedding)
    assert seen.difference == -stored.difference
    assert (seen.difference_low, seen.difference_high) == (
        -stored.difference_high,
        -stored.difference_low,
    )
    assert seen.p_corrected == stored.p_corrected
    assert turned(seen) == stored


def test_a_cell_is_compared_with_baselines_of_its_own_filling_and_model(study):
    cell = next(c for c in study.summary if (c.embedding, c.strategy) == ("aligned", "frozen"))
    assert paired(study, cell, "domain") is not None
    for other in (replace(cell, oov="zeros"), replace(cell, model="hybrid:mean-idf")):
        assert paired(study, other, "domain") is None


def test_bag_of_words_is_said_to_win_where_it_does(study):
    by_budget = texts(study, "Bag-of-words")
    assert [text.partition(":")[0] for text in by_budget] == [
        "Bag-of-words loses with 200 labels",
        "Bag-of-words loses with 1,000 labels",
        "Bag-of-words wins with 7,352 labels",
    ]
    win = next(
        one
        for one in study.comparisons
        if (one.embedding, one.baseline, one.strategy, one.n_train)
        == ("concat", "tfidf", "fine-tuned", 7352)
    )
    assert f"by {-100 * win.difference:.1f} points" in by_budget[2]
    assert "p < 0.001" in by_budget[2]


def test_bag_of_words_level_with_the_best_embedding_wins_nothing(study):
    level = tuple(
        replace(one, difference=-0.002, difference_low=-0.01, difference_high=0.006, p_corrected=1)
        if one.baseline == "tfidf"
        else one
        for one in study.comparisons
    )
    said = texts(replace(study, comparisons=level), "Bag-of-words")
    assert len(said) == 3
    assert all(text.startswith("Neither wins") for text in said)
    # seen from the side of bag-of-words, the sign is the other one
    assert all("+0.2 points [−0.6, +1.0]" in text for text in said)


def test_untested_pairs_are_called_untested(study):
    said = texts(replace(study, comparisons=()), "Bag-of-words")
    assert all(text.endswith("this pair was not tested.") for text in said)
    for text in texts(replace(study, comparisons=()), "Does adapting help?"):
        assert "not tested against domain" in text
        assert "beats" not in text


def test_every_strategy_and_budget_has_its_verdict_on_adapting(study):
    said = texts(study, "Does adapting help?")
    assert [text.partition(", the best")[0] for text in said] == [
        f"With {n_train} labels ({strategy})"
        for strategy in ("frozen", "fine-tuned")
        for n_train in ("200", "1,000", "7,352")
    ]
    assert "beats general by" in said[0]
    assert "loses to tfidf by" in said[2]
    assert "no clear difference from domain" in said[1]


def test_the_control_is_never_the_best_adapted_embedding(study):
    raised = tuple(
        replace(cell, accuracy=0.99) if cell.embedding == "unaligned" else cell
        for cell in study.summary
    )
    for text in texts(replace(study, summary=raised), "Does adapting help?"):
        assert "the best adapted embedding is unaligned" not in text


def test_merging_adds_nothing_where_every_interval_includes_zero(study):
    flat = tuple(
        replace(one, difference=0.001, difference_low=-0.01, difference_high=0.012, p_corrected=1)
        for one in study.comparisons
    )
    said = texts(replace(study, comparisons=flat), "Does merging add to the in-domain vectors?")
    assert "in each of the 18 comparisons" in said[0]
    assert len(said) == 1 + 6
    assert all("adds nothing with 200 labels" in text for text in said[1:])


def test_merging_that_helps_or_harms_is_said_to(study):
    mixed = (
        comparison(0.01, 0.03, 0.001, embedding="concat", n_train=200),
        comparison(-0.03, -0.01, 0.001, embedding="concat", n_train=1000),
        comparison(0.001, 0.03, 0.2, embedding="concat", n_train=7352),
    )
    said = texts(replace(study, comparisons=mixed), "Does merging add to the in-domain vectors?")
    assert said[0] == "In none of the 3 comparisons with domain does the interval include 0."
    assert "concat (frozen) adds to them with 200 labels (+2.0 points [+1.0, +3.0])" in said[1]
    assert "does worse than they do with 1,000 labels (−2.0 points [−3.0, −1.0])" in said[1]
    assert "does not survive the correction with 7,352 labels" in said[1]


def test_coverage_is_told_for_the_test_split_before_and_after(study):
    (said,) = texts(study, "Coverage")
    assert "On the test split" in said
    assert "lack 18.0% of the word types and 3.0% of the tokens" in said
    assert "added (aligned) it is 10.4% of the types and 1.3% of the tokens" in said


def test_coverage_without_gain_says_so(study):
    rates = tuple(
        OovRate(name, "dev", 0.2, 0.05, 100, 1000) for name in ("general", "domain", "aligned")
    )
    (said,) = texts(replace(study, oov=rates), "Coverage")
    assert said.endswith(": no gain in tokens.")
    worse = replace(rates[1], token_rate=0.06)
    (said,) = texts(replace(study, oov=(rates[0], worse)), "Coverage")
    assert "in-domain vectors alone (domain)" in said
    assert said.endswith("more tokens are missing than before.")


def test_transductive_studies_carry_a_warning_first(study):
    assert texts(study, "Caution") == []
    leak = Leak(UNLABELLED_CORPUS, n_exact=2, n_near=5, examples=())
    marked = replace(study, dataset=replace(study.dataset, transductive=True, leaks=(leak,)))
    first = findings(marked)[0]
    assert first.topic == "Caution"
    assert first.text.startswith(
        "The study is transductive: 2 of 3,151 test documents have an exact duplicate in the "
        "unlabelled corpus, and 5 a near one, so"
    )


def test_test_documents_in_the_training_split_are_a_caution_of_their_own(study):
    leak = Leak(TRAINING_SPLIT, n_exact=1, n_near=0, examples=())
    marked = replace(study, dataset=replace(study.dataset, leaks=(leak,)))
    (said,) = texts(marked, "Caution")
    assert said.startswith("1 of 3,151 test documents has an exact duplicate in the training split")
    assert "transductive" not in said


def test_a_single_seed_carries_a_warning(small_study):
    assert any("single seed" in text for text in texts(small_study, "Caution"))


def test_in_domain_vectors_stand_in_where_nothing_was_merged(small_study):
    (said,) = texts(small_study, "Does adapting help?")
    assert "the adapted embedding is domain" in said
    assert "against domain" not in said


def test_an_empty_study_has_no_findings(empty_study):
    assert findings(empty_study) == []


def test_findings_are_a_pure_function_of_the_results(study):
    assert findings(study) == findings(replace(study))
