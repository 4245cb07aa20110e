"""The results schema survives the disk, and refuses what it does not know."""

import json
import math

import pytest

from adapt.errors import FileAccessError, FileFormatError
from adapt.evaluation import (
    UNLABELLED_CORPUS,
    AreaComparison,
    BudgetVerdict,
    Comparison,
    CurveArea,
    DatasetSummary,
    Drift,
    DriftBand,
    DriftSource,
    Duplicate,
    Estimate,
    Leak,
    LinkUse,
    McNemar,
    MovedWord,
    Movement,
    NeededSize,
    NeighborList,
    OovRate,
    Results,
    Rival,
    Run,
    StudyVerdict,
    Summary,
    read_results,
    write_results,
)

MOVEMENT = Movement(5, 0.2, 0.1, 0.5, 0.97, 0.8, 4)
LEAK = Leak(UNLABELLED_CORPUS, 1, 1, (Duplicate(0, 7, 1.0, True), Duplicate(3, 9, 0.85, False)))
RIVAL = Rival("general", "general", "zeros", "mean", "frozen", 0.1, 0.0, 0.2, 0.06, "better")
BUDGET_VERDICT = BudgetVerdict(
    10, "adapt", "domain", "mean", "mean-idf", "frozen", 0.6, 0.5, 0.7, (RIVAL,)
)
RESULTS = Results(
    name="study",
    description="ünïcode",
    verdict=StudyVerdict(None, "Adapt with 10 labels.", "", ("Alone.",), (BUDGET_VERDICT,)),
    dataset=DatasetSummary("clinical", 10, 5, 2, 100, 1000, True, (LEAK,)),
    oov=(OovRate("general", "test", 0.18, 0.03, 50, 90, (LinkUse("related", 2, 3),), (("a", 2),)),),
    alignment=(),
    neighbors=(NeighborList("ataxia", 7, (("gait", 0.5),)),),
    runs=(Run("general", "zeros", "mean", "frozen", 10, 0, 0.5, 0.25, 0.6, "C 1"),),
    summary=(Summary("general", "zeros", "mean", "frozen", 10, 1, 0.5, 0.3, 0.7, 0.25, 0.6),),
    comparisons=(
        Comparison(
            "domain",
            "mean",
            "mean-idf",
            "general",
            "zeros",
            "hybrid:mean-idf",
            "fine-tuned",
            "frozen",
            10,
            3,
            0.1,
            0.0,
            0.2,
            0.01,
            0.06,
            Estimate(0.2, 0.0, 0.4),
            McNemar(3, 0, None, 0.25),
            NeededSize(None, 900, 0.025),
        ),
    ),
    areas=(CurveArea("domain", "mean", "mean-idf", "frozen", (10, 20), 0.5, 0.4, 0.6),),
    area_comparisons=(
        AreaComparison(
            *("domain", "mean", "mean-idf", "general", "zeros", "mean-idf", "frozen", "frozen"),
            *((10, 20), 0.1, 0.0, 0.2, 0.01, 0.06),
        ),
    ),
    drift=(
        Drift(
            *("domain", "mean", "mean-idf", "two-stage", 10, 0),
            bands=(DriftBand(100, None, MOVEMENT), DriftBand(1, 1, MOVEMENT)),
            sources=(DriftSource("both", MOVEMENT),),
            n_from_zero=2,
            n_candidates=40,
            moved=(MovedWord("gait", 3, "both", 0.5, 0.9, ("ataxia",), ("tremor",)),),
            followed=(("gait", 0.5),),
        ),
    ),
)


def test_round_trip(tmp_path):
    write_results(RESULTS, tmp_path / "results.json")
    assert read_results(tmp_path / "results.json") == RESULTS
    assert read_results(tmp_path) == RESULTS


def test_same_results_give_the_same_bytes(tmp_path):
    for name in "ab":
        write_results(RESULTS, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_missing_file(tmp_path):
    with pytest.raises(FileAccessError, match="adapt run"):
        read_results(tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda raw: raw.update(schema_version=99), "schema version 99"),
        (lambda raw: raw.update(schema_version=4), "schema version 4"),
        (
            lambda raw: raw.update(kind="grid"),
            "json: holds the results of a grid; name the folder of one study$",
        ),
        (lambda raw: raw["verdict"].update(advice="perhaps"), "not a complete results file"),
        (lambda raw: raw.pop("runs"), "not a complete results file"),
        (lambda raw: raw["runs"][0].pop("seed"), "not a complete results file"),
        (lambda raw: raw["runs"][0].update(accuracy="high"), "not a complete results file"),
        (lambda raw: raw["runs"][0].update(accuracy=math.nan), "is not JSON"),
        (lambda raw: raw["runs"][0].update(seed=math.inf), "is not JSON"),
    ],
)
def test_foreign_files_are_refused(tmp_path, change, message):
    path = tmp_path / "results.json"
    write_results(RESULTS, path)
    raw = json.loads(path.read_text(encoding="utf-8"))
    change(raw)
    path.write_text(json.dumps(raw), encoding="utf-8")
    with pytest.raises(FileFormatError, match=message):
        read_results(path)


@pytest.mark.parametrize("text", ["{", "1e999", "[" * 100_000])
def test_not_json(tmp_path, text):
    path = tmp_path / "results.json"
    path.write_text(text)
    with pytest.raises(FileFormatError, match="not JSON"):
        read_results(path)
