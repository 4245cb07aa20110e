"""What a report says of drift: findings that claim no more than the figures, tables, figures."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from adapt.evaluation import Comparison, Estimate, McNemar
from adapt.evaluation.drift_results import Drift
from adapt.evaluation.results import Results, Selection
from adapt.report import findings, write_report
from adapt.report.drift_tables import drift_tables
from adapt.report.figures import draw_figures

TOPIC = "What does fine-tuning do to the word vectors?"


def texts(results: Results) -> list[str]:
    return [one.text.replace("\xa0", " ") for one in findings(results) if one.topic == TOPIC]


def scaled(results: Results, strategy: str, factors: dict[int, float]) -> Results:
    """Return results in which a strategy moves words as fine-tuning does, times a seed's factor."""
    tuned = {(one.n_train, one.seed): one for one in results.drift if one.strategy == "fine-tuned"}

    def as_tuned(one: Drift) -> Drift:
        bands = tuple(
            replace(
                band,
                movement=replace(
                    band.movement, mean_shift=factors[one.seed] * band.movement.mean_shift
                ),
            )
            for band in tuned[one.n_train, one.seed].bands
        )
        return replace(one, bands=bands)

    drift = tuple(as_tuned(one) if one.strategy == strategy else one for one in results.drift)
    return replace(results, drift=drift)


def said_of(results: Results, strategy: str, n_train: str = "200") -> str:
    opening = f"With {n_train} labels (aligned), {strategy} "
    (text,) = (one for one in texts(results) if one.startswith(opening))
    return text


class TestFindings:
    def test_there_is_one_for_every_strategy_and_label_budget(self, tuned_study):
        assert [re.match(r"With (\S+) labels \(aligned\), (\S+) moves", text).groups()
                for text in texts(tuned_study)] == [
            (n_train, strategy)
            for n_train in ("200", "1,000", "7,352")
            for strategy in ("fine-tuned", "discriminative", "two-stage", "gradual", "penalised")
        ]  # fmt: skip

    def test_figures_are_those_of_the_results(self, tuned_study):
        own = {
            strategy: [
                one.mean_shift(1, 4)
                for one in tuned_study.drift
                if (one.strategy, one.n_train) == (strategy, 200)
            ]
            for strategy in ("fine-tuned", "two-stage")
        }
        tuned, staged = (f"{100 * sum(shifts) / 3:.1f}%" for shifts in own.values())
        assert said_of(tuned_study, "two-stage") == (
            f"With 200 labels (aligned), two-stage moves words seen one to four times by {staged} "
            f"of their length, fine-tuned by {tuned}, at 68.5% against 67.9% accuracy: it protects "
            "rare words; the accuracies were not tested against each other."
        )
        assert f"by {tuned} of their length, those seen 100 times or more by" in said_of(
            tuned_study, "fine-tuned"
        )

    @pytest.mark.parametrize(
        ("factors", "protects"),
        [
            ({0: 0.5, 1: 0.5, 2: 0.5}, True),
            ({0: 0.89, 1: 0.89, 2: 0.89}, True),
            ({0: 0.95, 1: 0.95, 2: 0.95}, False),
            ({0: 0.1, 1: 0.1, 2: 0.95}, False),
            ({0: 1.5, 1: 1.5, 2: 1.5}, False),
        ],
    )
    def test_protection_takes_a_tenth_under_every_seed(self, tuned_study, factors, protects):
        said = said_of(scaled(tuned_study, "two-stage", factors), "two-stage")
        assert ("it protects rare words" in said) == protects
        assert ("it does not protect rare words" in said) != protects

    def test_words_that_never_move_are_protected_from_nothing(self, tuned_study):
        still = dict.fromkeys(range(3), 0.0)
        both = scaled(scaled(tuned_study, "two-stage", still), "fine-tuned", still)
        assert "it does not protect rare words" in said_of(both, "two-stage")

    @pytest.mark.parametrize(
        ("low", "high", "ending"),
        [
            (-0.03, -0.01, "it protects rare words, but its accuracy is lower "),
            (0.01, 0.03, "it protects rare words, and its accuracy is higher "),
            (-0.01, 0.03, "it protects rare words; no clear difference in accuracy "),
        ],
    )
    def test_what_protection_costs_is_said(self, tuned_study, low, high, ending):
        cell = next(s for s in tuned_study.summary if s.embedding == "aligned")
        made = Comparison(
            embedding="aligned", oov=cell.oov, model=cell.model,
            baseline="aligned", baseline_oov=cell.oov, baseline_model=cell.model,
            strategy="two-stage", baseline_strategy="fine-tuned", n_train=200,
            difference=(low + high) / 2, difference_low=low, difference_high=high,
            p_value=0.001, p_corrected=0.001, n_seeds=3, effect=Estimate(0.05, 0.01, 0.09),
            mcnemar=McNemar(9, 3, 3.0, 0.15), needed=None,
        )  # fmt: skip
        said = said_of(replace(tuned_study, comparisons=(made,)), "two-stage")
        assert ending in said
        held = scaled(
            replace(tuned_study, comparisons=(made,)), "two-stage", dict.fromkeys(range(3), 3)
        )
        assert ("but its accuracy is higher" in said_of(held, "two-stage")) == (low > 0)

    def test_only_the_embedding_and_model_that_validation_chose_is_told_of(self, tuned_study):
        cell = next(s for s in tuned_study.summary if s.embedding == "aligned")
        chosen = {name: value for name, value in vars(cell).items() if name != "n_seeds"}
        other = Selection(family="adapted", n_cells=2, **(chosen | {"embedding": "domain"}))
        same = Selection(family="adapted", n_cells=2, **chosen)
        # nothing is known of the drift of the other, so that all is told
        assert texts(replace(tuned_study, selections=(other,))) == texts(tuned_study)
        assert texts(replace(tuned_study, selections=(same,))) == texts(tuned_study)

    def test_without_accuracies_none_are_told(self, tuned_study):
        said = said_of(replace(tuned_study, summary=()), "two-stage")
        assert said.endswith("%: it protects rare words.")

    def test_without_the_reference_nothing_is_compared(self, tuned_study):
        others = tuple(one for one in tuned_study.drift if one.strategy != "fine-tuned")
        said = texts(replace(tuned_study, drift=others))
        assert len(said) == 3
        assert all("discriminative moves words" in text for text in said)

    def test_embeddings_are_told_apart(self, tuned_study):
        other = tuple(replace(one, embedding="concat") for one in tuned_study.drift)
        said = texts(replace(tuned_study, drift=(*tuned_study.drift, *other)))
        assert len(said) == 30
        assert sum("(concat)" in text for text in said) == 15
        # nothing is known of the accuracy of the other
        assert all("accuracy" not in text for text in said if "(concat)" in text)


class TestTables:
    def test_every_strategy_stands_beside_its_accuracy(self, tuned_study):
        table = next(drift_tables(tuned_study))
        assert table.header == (
            "Strategy", "Labels", "Accuracy", "Seen 1", "Seen 2–4", "Seen 5–19", "Seen 20–99",
            "Seen 100+",
        )  # fmt: skip
        assert len(table.rows) == 15
        first = [cell.text.replace("\xa0", " ") for cell in table.rows[0]]
        assert first[:3] == ["fine-tuned", "200", "67.9 [66.3, 69.5]"]
        assert re.fullmatch(r"11\.\d \[1[01]\.\d, 1[12]\.\d\]", first[3])

    def test_the_highest_accuracy_and_the_least_movement_stand_out(self, tuned_study):
        for column, best in ((2, "two-stage"), (3, "discriminative"), (7, "discriminative")):
            strong = [
                (row[0].text, row[1].text)
                for row in next(drift_tables(tuned_study)).rows
                if row[column].strong
            ]
            assert strong == [(best, "200"), (best, "1,000"), (best, "7,352")]

    def test_a_single_seed_has_no_range_and_a_missing_band_a_dash(self, tuned_study):
        single = tuple(
            replace(one, bands=one.bands[:5] if one.strategy == "gradual" else one.bands)
            for one in tuned_study.drift
            if one.seed == 0
        )
        table = next(drift_tables(replace(tuned_study, drift=single)))
        assert "seed" not in table.caption
        by_strategy = {row[0].text: row for row in table.rows}
        assert "[" not in by_strategy["fine-tuned"][3].text
        assert by_strategy["gradual"][7].text == "\N{EN DASH}"

    def test_neighbours_and_sources_are_there_to_be_opened(self, tuned_study):
        _, neighbors, groups, _ = drift_tables(tuned_study)
        assert neighbors.folded
        assert groups.folded
        assert "16,289 words" in neighbors.caption
        assert neighbors.header[3] == "Seen 0"
        named = [row[2].text for row in groups.rows[:10]]
        assert named[:2] == ["seen 0", "seen 1"]
        assert named[6:] == ["from both", "from domain", "from subword", "seen, but zero before"]
        assert [cell.text for cell in groups.rows[0][3:]] == [
            "14,852", "0.0", "0.0", "0.0", "1.000", "99.6",
        ]  # fmt: skip

    def test_words_are_those_of_the_strategy_that_moves_most(self, tuned_study):
        words = [*drift_tables(tuned_study)][-1]
        assert "the words that fine-tuned moves most with 200 labels (seed 0)" in words.caption
        assert words.header[3:8] == (
            "fine-tuned", "discriminative", "two-stage", "gradual", "penalised",
        )  # fmt: skip
        assert len(words.rows) == 20
        first = [cell.text for cell in words.rows[0]]
        assert first[:8] == ["and|<or>7", "70", "domain", "43.0", "6.5", "18.1", "40.8", "12.9"]
        assert first[-1] == "fascia, substitutes, fine-tuned, other, analogues"

    def test_without_listed_words_there_is_no_table_of_them(self, tuned_study):
        bare = tuple(replace(one, moved=(), moved_once=()) for one in tuned_study.drift)
        assert len([*drift_tables(replace(tuned_study, drift=bare))]) == 3


class TestFigures:
    def test_panels_share_a_figure_that_is_wide(self, tuned_study):
        drawn = {one.name: one for one in draw_figures(replace(tuned_study, summary=()))}
        assert list(drawn) == ["drift-shift-aligned", "drift-neighbors-aligned"]
        for one in drawn.values():
            assert one.wide
            assert ElementTree.fromstring(one.svg).tag.endswith("svg")
        alt = drawn["drift-shift-aligned"].alt
        assert re.search(r"With 200 labels: fine-tuned 11\.\d% seen 1 and 35\.\d% seen 100\+", alt)
        assert "seen 0" in drawn["drift-neighbors-aligned"].alt

    def test_a_single_budget_is_not_wide(self, study):
        drawn = [one for one in draw_figures(study) if one.name.startswith("drift-")]
        assert [one.wide for one in drawn] == [False, False]

    def test_what_does_not_move_can_be_drawn(self, tuned_study):
        still = scaled(tuned_study, "two-stage", dict.fromkeys(range(3), 0.0))
        assert draw_figures(replace(still, summary=()))[0].alt.count("two-stage 0.0%") == 1
        alone = tuple(one for one in still.drift if one.strategy == "two-stage")
        assert len(draw_figures(replace(still, summary=(), drift=alone))) == 2

    def test_a_strategy_may_lack_a_budget_and_a_band(self, tuned_study):
        partial = tuple(
            replace(one, bands=one.bands[:-1]) if one.n_train == 200 else one
            for one in tuned_study.drift
            if (one.strategy, one.n_train) != ("gradual", 7352)
        )
        assert len(draw_figures(replace(tuned_study, summary=(), drift=partial))) == 2
        only_unseen = tuple(replace(one, bands=one.bands[:1]) for one in tuned_study.drift)
        drawn = draw_figures(replace(tuned_study, summary=(), drift=only_unseen))
        assert [one.name for one in drawn] == ["drift-neighbors-aligned"]


def test_a_report_holds_all_of_it_in_both_formats(tuned_study, tmp_path):
    write_report(tuned_study, tmp_path)
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    markdown = (tmp_path / "report.md").read_text(encoding="utf-8")
    for text in (html, markdown):
        assert "Drift of the word vectors" in text
        assert TOPIC in text
        assert "A strategy is said to protect rare words" in text
    assert html.count('<figure class="wide">') == 2
    assert 'class="fitted"' in html
    assert "and|&lt;or&gt;7" in html
    assert r"| and\|\<or>7 | 70 | domain | 43.0 |" in markdown
    assert "![Movement (% of length), aligned" in markdown


def test_studies_without_drift_do_not_mention_it(small_study, tmp_path):
    write_report(small_study, tmp_path)
    assert "Drift" not in (tmp_path / "report.md").read_text(encoding="utf-8")
