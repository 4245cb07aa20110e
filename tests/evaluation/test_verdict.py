"""What a study comes down to, in every case that it may end in."""

from dataclasses import replace

import pytest

from adapt.evaluation import (
    TRAINING_SPLIT,
    Comparison,
    DatasetSummary,
    Estimate,
    Leak,
    McNemar,
    Results,
    Selection,
    Summary,
    study_verdict,
)

EMBEDDINGS = {"adapted": "domain", "general": "general", "bag-of-words": "tfidf"}
SIZES = {  # difference, its interval, corrected p
    "better": (0.2, 0.17, 0.23, 0.0001),
    "worse": (-0.04, -0.05, -0.03, 0.0001),
    "not confirmed": (0.03, 0.001, 0.059, 0.4),
    "no difference shown": (0.001, -0.012, 0.014, 1.0),
}


def comparison(against, size, *, embedding="domain", n_train=200):
    difference, low, high, p_corrected = SIZES[size]
    return Comparison(
        embedding, "zeros", "mean", against, "zeros", "mean", "frozen", "frozen", n_train, 3,
        difference, low, high, p_corrected, p_corrected, Estimate(0.1, 0.0, 0.2),
        McNemar(3, 2, 1.5, 1.0), None,
    )  # fmt: skip


def study(*budgets, n_seeds=3, more=(), **data):
    """A study of which each budget is a dict of rivals and how the adapted choice does on them."""
    summary, selections, comparisons = [], [], []
    for n_train, rivals in zip((200, 1000, 5000), budgets, strict=False):
        for family in ("adapted", *rivals):
            names = (EMBEDDINGS[family], "zeros", "mean", "frozen", n_train)
            summary.append(Summary(*names, n_seeds, 0.7, 0.6, 0.8, 0.5, 0.7))
            selections.append(Selection(family, 1, *names, 0.7, 0.7, 0.6, 0.8, 0.5))
        comparisons += [
            comparison(EMBEDDINGS[family], size, n_train=n_train) for family, size in rivals.items()
        ]
    sizes = {"n_train": 5000, "n_test": 900, "n_classes": 5, "n_corpus_documents": 9}
    dataset = DatasetSummary("made", n_corpus_tokens=90, **{"transductive": False} | sizes | data)
    return Results(
        name="made", description="", dataset=dataset, summary=tuple(summary),
        selections=tuple(selections), comparisons=(*comparisons, *more),
    )  # fmt: skip


def rivals(general, bag):
    return {"general": general, "bag-of-words": bag}


@pytest.mark.parametrize(
    ("general", "bag", "advice"),
    [
        ("better", "better", "adapt"),
        ("better", "worse", "do not adapt"),
        ("worse", "better", "do not adapt"),
        ("worse", "worse", "do not adapt"),
        ("better", "no difference shown", "undecided"),
        ("better", "not confirmed", "undecided"),
        ("no difference shown", "better", "undecided"),
        ("not confirmed", "better", "undecided"),
        ("no difference shown", "worse", "do not adapt"),
    ],
)
def test_the_advice_at_a_budget(general, bag, advice):
    verdict = study_verdict(study(rivals(general, bag)))
    (budget,) = verdict.budgets
    assert (verdict.advice, budget.advice) == (advice, advice)
    assert verdict.headline.startswith(
        {"adapt": "Adapt: ", "do not adapt": "Do not adapt: ", "undecided": "Undecided: "}[advice]
    )
    assert [one.conclusion for one in budget.rivals] == [general, bag]
    assert budget.rivals[0].difference == SIZES[general][0]
    assert (budget.accuracy, budget.accuracy_low, budget.accuracy_high) == (0.7, 0.6, 0.8)
    assert (budget.embedding, budget.oov, budget.model) == ("domain", "zeros", "mean")
    first = budget.rivals[0]
    assert (first.family, first.embedding, first.oov) == ("general", "general", "zeros")
    assert (first.model, first.strategy) == ("mean", "frozen")
    assert (first.difference_low, first.difference_high) == SIZES[general][1:3]
    assert first.p_corrected == SIZES[general][3]


def said(results):
    return study_verdict(results).headline.replace("\xa0", " ")


def test_what_helps_is_said_with_its_size():
    assert said(study(rivals("better", "better"))) == (
        "Adapt: with 200 labels, the adapted choice of validation, domain (mean, frozen), beats "
        "general vectors by 20.0 points [17.0, 23.0] and beats the bag of words by 20.0 points "
        "[17.0, 23.0]."
    )


def test_adapting_that_harms_is_said_to():
    assert "loses to general vectors by 4.0 points [3.0, 5.0]" in said(
        study(rivals("worse", "better"))
    )


def test_no_difference_is_never_called_equality():
    text = said(study(rivals("no difference shown", "better")))
    assert "shows no difference from general vectors (between −1.2 and +1.4 points), but" in text
    assert "equal" not in text


def test_advice_may_depend_on_the_labels():
    verdict = study_verdict(
        study(rivals("better", "better"), rivals("better", "better"), rivals("better", "worse"))
    )
    assert verdict.advice is None
    first, second = verdict.headline.split(". ")
    assert first.startswith("Adapt with 200 and 1,000 labels: the adapted choice")
    assert "by 20.0 points and beats" in first
    assert second.startswith("Do not adapt with 5,000 labels: ")
    assert second.endswith("but loses to the bag of words by 4.0 points [3.0,\xa05.0].")


def test_without_general_vectors_nothing_is_known_of_what_adapting_adds():
    verdict = study_verdict(study({"bag-of-words": "better"}))
    assert verdict.advice == "undecided"
    assert "beats the bag of words" in verdict.headline
    assert verdict.headline.endswith(
        "]; the study has no general vectors alone, so what adapting adds is not known."
    )
    assert study_verdict(study({"bag-of-words": "worse"})).advice == "do not adapt"


def test_what_the_correction_takes_away_is_said():
    headline = study_verdict(study(rivals("not confirmed", "better"))).headline
    assert "stands at +3.0 [+0.1" in headline
    assert "to general vectors, which does not survive the correction" in headline


def test_without_a_bag_of_words_that_is_a_caution():
    verdict = study_verdict(study({"general": "better"}))
    assert verdict.advice == "adapt"
    assert any("No bag of words was tried" in text for text in verdict.cautions)


def test_without_rivals_or_without_adapted_embeddings_it_is_undecided():
    verdict = study_verdict(study({}))
    assert verdict.advice == "undecided"
    assert "has no rival" in verdict.headline
    made = study(rivals("better", "better"))
    others = tuple(one for one in made.selections if one.family != "adapted")
    verdict = study_verdict(replace(made, selections=others))
    assert (verdict.advice, verdict.budgets) == ("undecided", ())
    assert "no embedding that holds in-domain vectors" in verdict.headline


def test_a_rival_that_was_not_tested_decides_nothing():
    verdict = study_verdict(replace(study(rivals("better", "better")), comparisons=()))
    assert verdict.advice == "undecided"


def test_a_single_seed_is_a_caution():
    (text,) = study_verdict(study(rivals("better", "better"), n_seeds=1)).cautions
    assert "another seed may decide otherwise" in text
    assert study_verdict(study(rivals("better", "better"))).cautions == ()


def test_texts_seen_before_are_cautions():
    leak = Leak(TRAINING_SPLIT, n_exact=1, n_near=0, examples=())
    made = study(rivals("better", "better"), transductive=True, leaks=(leak,))
    transductive, training = study_verdict(made).cautions
    assert transductive.startswith("The study is transductive")
    assert training.startswith("The training split holds test documents")


@pytest.mark.parametrize(
    ("size", "told"),
    [
        ("no difference shown", "Merging is not shown to add anything"),
        ("not confirmed", "Merging is not shown to add anything"),
        ("worse", "none of 1 comparisons with domain finds merged vectors better; 1 of them lose"),
        ("better", "Merged vectors beat the in-domain vectors alone in 1 of 1 comparisons"),
    ],
)
def test_whether_merging_adds_to_the_in_domain_vectors(size, told):
    merged = comparison("domain", size, embedding="concat")
    assert told in study_verdict(study(rivals("better", "better"), more=(merged,))).merging


def test_the_largest_gain_of_merging_is_told_and_no_loss_where_there_is_none():
    small = comparison("domain", "better", embedding="aligned")
    large = replace(small, embedding="concat", difference=0.22, difference_high=0.25)
    told = study_verdict(study(rivals("better", "better"), more=(small, large, small))).merging
    assert told.startswith("Merged vectors beat the in-domain vectors alone in 3 of 3 comparisons")
    assert "at most by 22.0 points [17.0,\xa025.0] (concat, frozen, 200 labels)." in told
    none = study(
        rivals("better", "better"),
        more=(comparison("domain", "not confirmed", embedding="concat"),),
    )
    assert study_verdict(none).merging.endswith("finds merged vectors better.")


@pytest.mark.parametrize("embedding", ["unaligned", "random", "compass"])
def test_what_is_not_merged_says_nothing_of_merging(embedding):
    other = comparison("domain", "better", embedding=embedding)
    assert study_verdict(study(rivals("better", "better"), more=(other,))).merging == ""


def test_no_classifiers_no_verdict():
    assert study_verdict(Results(name="vectors", description="")) is None


def test_sentences_are_in_the_order_of_their_weight():
    merged = comparison("domain", "better", embedding="concat")
    made = study({"general": "better"}, n_seeds=1, more=(merged,))
    verdict = study_verdict(made)
    assert verdict.sentences == (verdict.headline, verdict.merging, *verdict.cautions)
    assert len(verdict.sentences) == 4
