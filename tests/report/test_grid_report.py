"""The report on a grid: findings, tables and figures, from results alone."""

import re
from dataclasses import replace

import pytest

from adapt.evaluation import (
    Comparison,
    Crossover,
    Estimate,
    GridResults,
    GridVariant,
    McNemar,
    Setting,
    SettingCrossover,
    VariantComparison,
    read_grid_results,
    write_grid_results,
)
from adapt.evaluation.results import DatasetSummary, Summary
from adapt.evaluation.verdict_results import BudgetVerdict, Rival, StudyVerdict
from adapt.report import grid_verdict, write_grid_report
from adapt.report.grid_findings import grid_findings
from adapt.report.grid_views import merge_gains, panels

SHARES = (0.01, 0.1, 1.0)
ACCURACY = {
    "general": (0.5, 0.5, 0.5),
    "domain": (0.3, 0.48, 0.7),
    "aligned": (0.45, 0.56, 0.69),
    "tfidf": (0.55, 0.55, 0.55),
}


def cell(embedding, place, n_train):
    accuracy = ACCURACY[embedding][place]
    bag = embedding == "tfidf"
    return Summary(
        embedding=embedding,
        oov="none" if bag else "zeros",
        model="linear-svm" if bag else "mean",
        strategy="bag-of-words" if bag else "frozen",
        n_train=n_train,
        n_seeds=3,
        accuracy=accuracy,
        accuracy_low=accuracy - 0.02,
        accuracy_high=accuracy + 0.02,
        macro_f1=accuracy,
        validation_accuracy=accuracy,
    )


def comparison(baseline, place, n_train):
    difference = ACCURACY["aligned"][place] - ACCURACY[baseline][place]
    return Comparison(
        embedding="aligned",
        oov="zeros",
        model="mean",
        baseline=baseline,
        baseline_oov="zeros",
        baseline_model="mean",
        baseline_strategy="frozen",
        strategy="frozen",
        n_train=n_train,
        difference=difference,
        difference_low=difference - 0.02,
        difference_high=difference + 0.02,
        p_value=0.0001,
        p_corrected=0.001,
        n_seeds=3,
        effect=Estimate(0.1, 0.05, 0.15),
        mcnemar=McNemar(12, 6, 2.0, 0.2),
        needed=None,
    )


def variant(place, policy):
    data = DatasetSummary("clinical", 700, 300, 19, 1_000, int(10_000 * SHARES[place]), False)
    return GridVariant(
        name=f"corpus_share={SHARES[place]:g},policy={policy}",
        settings=(
            Setting("data.corpus_share", f"{SHARES[place]:g}", SHARES[place]),
            Setting("alignment.policy", policy),
        ),
        config_digest=f"{place}{policy}",
        dataset=data,
        summary=tuple(cell(name, place, n) for name in ACCURACY for n in (200, 1000)),
        comparisons=tuple(
            comparison(name, place, n) for name in ("general", "domain") for n in (200, 1000)
        ),
        verdict=verdict(place),
    )


def verdict(place):
    """Adapt with 200 labels, but not where the corpus is smallest; never with 1,000."""

    def of(n_train, advice):
        rival = Rival(
            "general", "general", "zeros", "mean", "frozen", 0.1, 0.08, 0.12, 0.001, "better"
        )
        return BudgetVerdict(
            n_train, advice, "aligned", "zeros", "mean", "frozen", 0.6, 0.58, 0.62, (rival,)
        )

    budgets = (of(200, "adapt" if place else "undecided"), of(1000, "do not adapt"))
    return StudyVerdict(None, "", "", (), budgets)


def overtaking(baseline, found):
    return SettingCrossover(
        key="data.corpus_share",
        settings=(Setting("alignment.policy", "average"),),
        embedding="domain",
        baseline=baseline,
        oov="zeros",
        model="mean",
        strategy="frozen",
        n_train=200,
        crossover=found,
    )


@pytest.fixture
def grid():
    return GridResults(
        name="low <resource>",
        description="Ever less text",
        keys=("data.corpus_share", "alignment.policy"),
        variants=tuple(variant(p, policy) for policy in ("average", "b&w") for p in range(3)),
        comparisons=(
            VariantComparison(
                "domain", "zeros", "mean", "frozen", 200, "corpus_share=1", "corpus_share=0.01",
                0.4, 0.38, 0.42, 0.0001, 0.001,
            ),
            VariantComparison(
                "general", "zeros", "mean", "frozen", 200, "corpus_share=1", "corpus_share=0.01",
                0.0, 0.0, 0.0, 1.0, 1.0,
            ),
        ),
        crossovers=(
            overtaking("general", Crossover(0.123, 0.09, None, False, 0.0, 0.96, 0.04)),
            overtaking("aligned", Crossover(None, 1.0, None, False, 0.0, 0.02, 0.98)),
            overtaking("concat", Crossover(None, None, 0.01, True, 0.99, 0.01, 0.0)),
        ),
    )  # fmt: skip


def test_a_round_trip(grid, tmp_path):
    write_grid_results(grid, tmp_path / "results.json")
    read = read_grid_results(tmp_path)  # with floats rounded once
    write_grid_results(read, tmp_path / "again.json")
    assert read_grid_results(tmp_path / "again.json") == read
    assert read.crossovers == grid.crossovers
    assert read.comparisons == grid.comparisons
    assert [one.settings for one in read.variants] == [one.settings for one in grid.variants]


def test_panels_follow_the_numeric_key_with_all_else_the_same(grid):
    shown = panels(grid)
    assert [(one.key, one.settings[0].value, one.n_train) for one in shown] == [
        ("data.corpus_share", "average", 200),
        ("data.corpus_share", "average", 1000),
        ("data.corpus_share", "b&w", 200),
        ("data.corpus_share", "b&w", 1000),
    ]
    assert shown[0].values == SHARES
    assert [line.label for line in shown[0].lines] == list(ACCURACY)
    assert [cell.accuracy for _, cell in shown[0].lines[1].points] == list(ACCURACY["domain"])


def test_merging_helps_where_it_beats_both(grid):
    panel = panels(grid)[0]
    gains = {line.label: merge_gains(panel, line) for line in panel.lines}
    assert [(gain.value, gain.helps) for gain in gains["aligned"]] == [
        (0.01, False),
        (0.1, True),
        (1.0, False),
    ]
    assert gains["general"] == gains["domain"] == gains["tfidf"] == ()


def test_findings_say_what_the_numbers_say(grid):
    told = dict(grid_findings(grid))
    assert told["Merging"][0] == (
        "frozen, 200 labels, policy average: aligned is clearly better than both general and "
        "in-domain vectors at corpus share 0.1."
    )
    assert told["Crossovers"] == (
        "frozen, 200 labels, mean, policy average: domain overtakes general at corpus share 0.12 "
        "(interval from 0.09 to beyond the last).",
        "frozen, 200 labels, mean, policy average: domain is not ahead of aligned even at the "
        "largest corpus share.",
        "frozen, 200 labels, mean, policy average: domain is ahead of concat from the first corpus "
        "share on.",
    )
    assert told["Across studies"] == ("1 of 2 comparisons across studies show a clear difference.",)


def test_the_report_stands_alone_links_to_the_studies_and_repeats_itself(grid, tmp_path):
    first, second = (write_grid_report(grid, tmp_path / name) for name in ("a", "b"))
    html = first.read_text(encoding="utf-8")
    assert first.read_bytes() == second.read_bytes()
    assert "low &lt;resource&gt;" in html
    assert 'href="corpus_share%3D0.01%2Cpolicy%3Db%26w/report.html"' in html
    assert html.count("<svg") == 4
    assert not re.search(r'(?:src|href)="(?:https?:)?//', html)
    figures = sorted(path.name for path in (tmp_path / "a" / "figures").iterdir())
    assert figures[:2] == ["grid-1-corpus-share.png", "grid-1-corpus-share.svg"]
    assert len(figures) == 8
    markdown = (tmp_path / "a" / "report.md").read_text(encoding="utf-8")
    assert "](<corpus_share%3D0.01%2Cpolicy%3Daverage/report.html>)" in markdown
    assert "| domain over general |" in markdown
    assert "[0.09,\N{NO-BREAK SPACE}…]" in markdown


def test_a_grid_without_numbers_has_tables_alone(grid, tmp_path):
    variants = tuple(
        replace(one, settings=one.settings[1:], name=one.name.rpartition(",")[2])
        for one in (grid.variants[0], grid.variants[3])
    )
    plain = replace(grid, keys=("alignment.policy",), variants=variants, crossovers=())
    html = write_grid_report(plain, tmp_path).read_text(encoding="utf-8")
    assert "<svg" not in html
    assert "Comparisons across studies" in html
    assert 'href="policy%3Daverage/report.html"' in html


def test_the_verdict_is_told_by_label_budget_first_of_all(grid, tmp_path):
    few, many = grid_verdict(grid)
    few = few.replace("\xa0", " ")
    assert few.startswith("With 200 labels: undecided at corpus_share=0.01,policy=average and ")
    assert "; adapt at corpus_share=0.1,policy=average, " in few
    assert many.replace("\xa0", " ") == "With 1,000 labels: do not adapt in all 6 studies."
    alone = replace(grid, keys=grid.keys[:1], variants=grid.variants[:3])
    assert grid_verdict(alone)[0].replace("\xa0", " ") == (
        "With 200 labels: undecided at corpus share 0.01; adapt at corpus share 0.1 and 1."
    )
    write_grid_report(grid, tmp_path)
    told = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert told.index("## Verdict") < told.index("## Findings")
    assert "do not adapt in all 6 studies" in told
