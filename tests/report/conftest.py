"""A realistic outcome of a study, and small ones with parts missing."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from adapt.evaluation.alignment_results import (
    AlignmentQuality,
    AnchorOverlap,
    AnchorSelectionSummary,
    BandQuality,
    Isometry,
    LearningPoint,
    Precision,
)
from adapt.evaluation.bootstrap import Estimate
from adapt.evaluation.comparison_results import (
    AreaComparison,
    Comparison,
    CurveArea,
    McNemar,
    NeededSize,
)
from adapt.evaluation.confusion import Confusion
from adapt.evaluation.drift_results import Drift, DriftBand, DriftSource, MovedWord, Movement
from adapt.evaluation.results import (
    DatasetSummary,
    LinkUse,
    MatrixRows,
    NeighborList,
    OovGain,
    OovRate,
    Results,
    Run,
    Selection,
    StrategyQuality,
    Stratum,
    Summary,
    TypoAccuracy,
)
from adapt.evaluation.space_map import MapNeighbors, SpaceMap
from adapt.evaluation.verdict import study_verdict

BUDGETS = (200, 1000, 7352)
SEEDS = (0, 1, 2)
FROZEN = {
    "random": (0.31, 0.42, 0.55),
    "general": (0.463, 0.572, 0.634),
    "domain": (0.672, 0.801, 0.862),
    "unaligned": (0.651, 0.792, 0.861),
    "aligned": (0.681, 0.802, 0.863),
    "concat": (0.683, 0.804, 0.872),
}
TUNING_GAIN = (-0.01, 0.005, 0.02)
TFIDF = (0.482, 0.731, 0.912)
TUNED = {  # how far words move relative to fine-tuned ones, rare and frequent, and the accuracy
    "fine-tuned": (1.0, 1.0, 0.0),
    "discriminative": (0.15, 0.18, 0.004),
    "two-stage": (0.42, 0.55, 0.006),
    "gradual": (0.95, 0.98, 0.001),
    "penalised": (0.3, 0.65, -0.03),
}
BANDS = ((0, 0), (1, 1), (2, 4), (5, 19), (20, 99), (100, None))
SHIFTS = (0.0, 0.115, 0.119, 0.152, 0.27, 0.358)


def study_runs() -> tuple[Run, ...]:
    rng = np.random.default_rng(0)
    runs = []
    for budget_number, n_train in enumerate(BUDGETS):
        for seed in SEEDS:
            for strategy in ("frozen", "fine-tuned"):
                gain = TUNING_GAIN[budget_number] * (strategy == "fine-tuned")
                for embedding, levels in FROZEN.items():
                    accuracy = levels[budget_number] + gain + rng.normal(0, 0.004)
                    runs.append(
                        Run(
                            embedding, "normal", "mean-idf", strategy, n_train, seed,
                            round(accuracy, 6), round(accuracy - 0.05, 6),
                            round(accuracy + 0.01, 6), "C 0.1",
                        )
                    )  # fmt: skip
            accuracy = TFIDF[budget_number] + rng.normal(0, 0.004)
            runs.append(
                Run(
                    "tfidf", "none", "svm", "bag-of-words", n_train, seed,
                    round(accuracy, 6), round(accuracy - 0.07, 6),
                    round(accuracy + 0.01, 6), "C 1",
                )
            )  # fmt: skip
    return tuple(runs)


def summarise(runs: tuple[Run, ...]) -> tuple[Summary, ...]:
    grouped: dict[tuple[str, str, str, str, int], list[Run]] = {}
    for run in runs:
        key = (run.embedding, run.oov, run.model, run.strategy, run.n_train)
        grouped.setdefault(key, []).append(run)
    cells = []
    for key, members in grouped.items():
        accuracy = float(np.mean([run.accuracy for run in members]))
        half = 0.016 if key[4] < 500 else 0.011
        cells.append(
            Summary(
                *key, len(members), accuracy, accuracy - half, accuracy + half,
                float(np.mean([run.macro_f1 for run in members])),
                float(np.mean([run.validation_accuracy for run in members])),
            )
        )  # fmt: skip
    return tuple(cells)


def compare(summary: tuple[Summary, ...]) -> tuple[Comparison, ...]:
    pairs = [("domain", "general"), ("domain", "tfidf"), ("aligned", "unaligned")]
    for merged in ("unaligned", "aligned", "concat"):
        pairs += [(merged, "general"), (merged, "domain"), (merged, "tfidf")]
    level = {(c.embedding, c.strategy, c.n_train): c.accuracy for c in summary}
    comparisons = []
    for strategy in ("frozen", "fine-tuned"):
        for n_train in BUDGETS:
            for embedding, baseline in pairs:
                other = level.get(
                    (baseline, strategy, n_train), level.get((baseline, "bag-of-words", n_train))
                )
                difference = level[embedding, strategy, n_train] - other
                p = math.erfc(abs(difference) / (0.009 / 1.96) / math.sqrt(2))
                side = ("normal", "mean-idf", strategy)
                if baseline == "tfidf":
                    side = ("none", "svm", "bag-of-words")
                comparisons.append(
                    Comparison(
                        embedding, "normal", "mean-idf", baseline, *side, strategy, n_train, 3,
                        difference, difference - 0.009, difference + 0.009, p, min(1.0, 8 * p),
                        estimate(2.1 * difference), McNemar(60, 40, 1.5, 0.06),
                        None if 8 * p < 0.05 else NeededSize(12, 8_321, 0.002),
                    )
                )  # fmt: skip
    return tuple(comparisons)


def areas(summary: tuple[Summary, ...]) -> tuple[CurveArea, ...]:
    cells = [cell for cell in summary if cell.n_train == BUDGETS[0]]
    return tuple(
        CurveArea(
            cell.embedding, cell.oov, cell.model, cell.strategy, BUDGETS,
            cell.accuracy + 0.1, cell.accuracy + 0.08, cell.accuracy + 0.12,
        )
        for cell in cells
    )  # fmt: skip


def area_comparisons(comparisons: tuple[Comparison, ...]) -> tuple[AreaComparison, ...]:
    return tuple(
        AreaComparison(
            one.embedding, one.oov, one.model, one.baseline, one.baseline_oov, one.baseline_model,
            one.baseline_strategy, one.strategy, BUDGETS, one.difference, one.difference_low,
            one.difference_high, one.p_value, one.p_corrected,
        )
        for one in comparisons
        if one.n_train == BUDGETS[0]
    )  # fmt: skip


def bell(centre: float, width: float, total: int, n_bins: int = 40) -> tuple[int, ...]:
    middles = np.linspace(-1, 1, n_bins + 1)[:-1] + 1 / n_bins
    weights = np.exp(-(((middles - centre) / width) ** 2))
    return tuple(int(n) for n in np.round(total * weights / weights.sum()))


def estimate(value: float, half: float = 0.02) -> Estimate:
    return Estimate(value, value - half, value + half)


def precisions(p1: float) -> tuple[Precision, ...]:
    return tuple(
        Precision(retrieval, k, estimate(p1 * gain * more), estimate(0.9 * p1 * gain * more))
        for retrieval, more in (("nearest", 1.0), ("csls", 1.1))
        for k, gain in ((1, 1.0), (5, 2.0), (10, 3.0))
    )


def quality(
    method: str,
    cosine: float,
    p1: float,
    histogram: tuple[int, ...],
    *,
    condition: float | None = 1.0,
    error: float | None = 0.0,
    note: str = "",
) -> AlignmentQuality:
    return AlignmentQuality(
        method=method,
        space="domain",
        domain_dim=300,
        general_dim=50,
        n_anchors=4000,
        n_held_out=1000,
        n_candidates=50_000,
        coverage=0.991,
        mean_cosine=estimate(cosine),
        precisions=precisions(p1),
        bands=tuple(
            BandQuality("count", low, high, 330, estimate(cosine), precisions(p1))
            for low, high in ((60, 9000), (10, 60), (3, 10))
        ),
        hubness=estimate(3.2),
        condition_number=condition,
        orthogonality_error=error,
        histogram=histogram,
        note=note,
    )


def movement(shift: float, n_words: int) -> Movement:
    return Movement(
        n_words, shift, 0.97 * shift, 1.4 * shift, 1 - shift**2 / 2,
        0.996 - 0.8 * shift, min(n_words, 500),
    )  # fmt: skip


def moved_words(strategy: str, factor: float, count: int) -> tuple[MovedWord, ...]:
    """Return ten words, of which the first has an awkward spelling."""
    kinds = ("forgetfulness", "frothy", "canaliculus", "poikiloderma", "megacystis")
    names = ["and|<or>"] if count > 1 else []
    names += [f"{kind}{suffix}" for suffix in ("", "-like") for kind in kinds][: 10 - len(names)]
    return tuple(
        MovedWord(
            f"{name}{count}", 1 if count == 1 else count * (10 - number),
            ("domain", "both", "subword")[number % 3],
            factor * (0.43 - 0.03 * number), 0.92 + 0.005 * number,
            ("osteochondropathies", "substitutes", "fascia", "antiparasitics", "analogues"),
            ("fascia", "substitutes", strategy, "other", "analogues"),
        )
        for number, name in enumerate(names)
    )  # fmt: skip


def drift_of(embedding: str, strategy: str, n_train: int, seed: int) -> Drift:
    """Return drift as fine-tuning on clinical definitions shows it: frequent words move most."""
    rare, frequent, _ = TUNED[strategy]
    rng = np.random.default_rng([seed, n_train, len(strategy)])
    fewer = (200 / n_train) ** 0.15 * rng.uniform(0.95, 1.05)
    factors = np.linspace(rare, frequent, len(BANDS))
    sizes = (
        (14_852, 942, 391, 86, 13, 5) if n_train < 500 else (7_152, 2_433, 3_295, 2_358, 890, 61)
    )
    bands = tuple(
        DriftBand(*limits, movement(shift * fewer * factor, n_words))
        for limits, shift, factor, n_words in zip(BANDS, SHIFTS, factors, sizes, strict=True)
    )
    sources = tuple(
        DriftSource(source, movement(0.12 * fewer * rare * more, n_words))
        for source, more, n_words in (("both", 1.1, 900), ("domain", 1, 430), ("subword", 0.8, 70))
    )
    listed = {
        "moved": moved_words(strategy, rare, 7), "moved_once": moved_words(strategy, 0.7 * rare, 1),
    } if seed == 0 else {}  # fmt: skip
    led = [*moved_words("", 1, 7), *moved_words("", 0.7, 1)] if seed == 0 else []
    return Drift(
        embedding, "normal", "mean-idf", strategy, n_train, seed, bands, sources, 99, 16_289,
        followed=tuple((one.word, one.shift * rare) for one in led), **listed,
    )  # fmt: skip


@pytest.fixture(scope="session")
def study() -> Results:
    """Return the outcome of a whole study: seven embeddings, three budgets, three seeds."""
    rates = {
        "general": (0.180, 0.030, 1241),
        "domain": (0.121, 0.0178, 834),
        "aligned": (0.104, 0.0134, 717),
    }
    oov = tuple(
        OovRate(
            name, split, types, tokens, 6894, 74210,
            (LinkUse("related", 61, 90), LinkUse("mean", n // 3, n)),
            (("hypoplasia-like", 14), ("<b>brachydactyly</b>", 9)),
        )
        for split in ("train", "test")
        for name, (types, tokens, n) in rates.items()
    )  # fmt: skip
    alignment = (
        quality("procrustes", 0.512, 0.060, bell(0.51, 0.2, 991), note="procrustes: the best"),
        quality("ridge", 0.431, 0.110, bell(0.4, 0.2, 991), condition=431.2, error=0.21),
        quality("kernel-ridge", 0.502, 0.201, bell(0.5, 0.2, 991), condition=None, error=None),
        quality("identity", 0.001, 0, bell(0, 0.15, 991)),
        quality("random-rotation", 0.002, 0.0, bell(0, 0.15, 991)),
        quality("shuffled-anchors", 0.081, 0.0004, bell(0.08, 0.17, 991)),
    )
    learning_curve = tuple(
        LearningPoint(method, n, estimate(0.3), precisions(top * n / 4000))
        for method, top in (("procrustes", 0.06), ("ridge", 0.11), ("kernel-ridge", 0.2))
        for n in (50, 400, 4000)
    )
    isometry = Isometry(1000, 400, estimate(0.31), estimate(52.1, 9), estimate(0.12))
    anchors = AnchorSelectionSummary(
        n_candidates=6500,
        n_kept=4000,
        n_held_out=1000,
        rejected=(("beyond_limit", 1400), ("neighbours_disagree", 100)),
        changed=(
            AnchorOverlap("culture", "culture", 90, 1200, 0.0, ("urine",), ("history", "a|b")),
            AnchorOverlap("hb", "haemoglobin", 50, 39_001, 0.1, ("g",), ("blood",)),
        ),
        chance_overlap=0.025,
    )
    words = [
        ("oligodontia", ("hypodontia", "malocclusion", "micrognathia", "tooth")),
        ("x|y*z_<i>", ("a|b", "`code`", "<script>", "[link](u)")),
        *(
            (f"craniosynostosis-{n}", ("synostosis", "cranial", "suture", "skull"))
            for n in range(18)
        ),
    ]
    neighbors = tuple(
        NeighborList(word, 400 - 7 * n, tuple((w, 0.71 - 0.03 * k) for k, w in enumerate(near)))
        for n, (word, near) in enumerate(words)
    )
    runs = study_runs()
    summary = summarise(runs)
    comparisons = compare(summary)
    guesses = ("zeros", "mean", "normal")
    oov_quality = tuple(
        StrategyQuality(
            name, 2000, filled, estimate(cosine), estimate(found), estimate(cosine / filled),
            tuple(
                OovGain(other, estimate(cosine - level), estimate(found - 0.001))
                for other, level in baselines
            ),
        )
        for name, filled, cosine, found, baselines in (
            ("zeros", 1.0, 0.32, 0.0, ()),
            ("mean", 1.0, 0.0, 0.0, ()),
            ("related", 0.25, 0.19, 0.15, zip(guesses, (0.32, 0, 0), strict=True)),
            ("subword", 1.0, 0.64, 0.35, zip(guesses, (0.32, 0, 0), strict=True)),
            ("related,subword", 1.0, 0.70, 0.39, (("related", 0.19), ("subword", 0.64))),
        )
    )  # fmt: skip
    cells = [
        (embedding, "normal", model, "frozen", 1000)
        for embedding in ("general", "aligned")
        for model in ("mean-idf", "hybrid:mean-idf")
    ]
    typos = tuple(
        TypoAccuracy(*cell, share, level, level - 0.01, level + 0.01)
        for number, cell in enumerate(cells)
        for share in (0.0, 0.2, 0.4)
        for level in [0.8 - share * (0.1 + 0.4 * (number % 2 == 0))]
    )
    strata = tuple(
        Stratum(*cell, low, high, 1000, level, level - 0.02, level + 0.02)
        for cell in cells
        for low, high, level in ((0.0, 0.01, 0.81), (0.01, 0.2, 0.74))
    )
    matrices = (
        MatrixRows(
            "general", "normal", (("general", 19_000), ("oov", 15_000)), (("normal", 15_000),)
        ),
        MatrixRows("aligned", "related,mean", (("both", 9_000),), (("related:singular", 7),)),
    )
    return Results(
        name="clinical",
        description="Phenotype definitions to organ systems: do in-domain vectors help GloVe?",
        dataset=DatasetSummary("clinical", 7352, 3151, 19, 130_214, 1_712_004, False),
        oov=oov,
        anchors=anchors,
        isometry=isometry,
        alignment=alignment,
        learning_curve=learning_curve,
        neighbors=neighbors,
        runs=runs,
        summary=summary,
        areas=areas(summary),
        comparisons=comparisons,
        area_comparisons=area_comparisons(comparisons),
        oov_quality=oov_quality,
        matrices=matrices,
        strata=strata,
        typos=typos,
        drift=tuple(drift_of("aligned", "fine-tuned", 1000, seed) for seed in SEEDS),
    )  # fmt: skip


@pytest.fixture(scope="session")
def tuned_study(study: Results) -> Results:
    """Return a study of five ways to train the vectors of one embedding, at three budgets."""
    base = [one for one in study.summary if (one.embedding, one.strategy) == ("aligned", "frozen")]
    summary = tuple(
        replace(
            one, strategy=strategy, accuracy=one.accuracy + gain,
            accuracy_low=one.accuracy_low + gain, accuracy_high=one.accuracy_high + gain,
        )
        for strategy, (_, _, gain) in TUNED.items()
        for one in base
    )  # fmt: skip
    return Results(
        name="training strategies",
        description="How far each way of training moves the words, and what that buys.",
        dataset=study.dataset,
        summary=summary,
        drift=tuple(
            drift_of("aligned", strategy, n_train, seed)
            for strategy in TUNED
            for n_train in BUDGETS
            for seed in SEEDS
        ),
    )


@pytest.fixture(scope="session")
def small_study(study: Results) -> Results:
    """Return one budget, one seed, frozen only, two embeddings; nothing else was measured."""
    runs = tuple(
        run
        for run in study.runs
        if (run.n_train, run.seed, run.strategy) == (1000, 0, "frozen")
        and run.embedding in ("general", "domain")
    )
    return replace(
        study, oov=(), oov_quality=(), matrices=(), strata=(), typos=(), drift=(),
        anchors=None, isometry=None, alignment=(), learning_curve=(), neighbors=(), comparisons=(),
        areas=(), area_comparisons=(), runs=runs, summary=summarise(runs), description="",
    )  # fmt: skip


@pytest.fixture(scope="session")
def empty_study(study: Results) -> Results:
    """Return a study of which nothing but the data set is known."""
    return Results(name=study.name, description=study.description, dataset=study.dataset)


@pytest.fixture(scope="session")
def aligned_only(study: Results) -> Results:
    """Return what `adapt align --report` knows: spaces and maps, no documents."""
    return Results(
        name="notes to general",
        description="",
        anchors=study.anchors,
        isometry=study.isometry,
        alignment=study.alignment,
        learning_curve=study.learning_curve,
    )


@pytest.fixture(scope="session")
def judged_study(study: Results) -> Results:
    """Return the study with what validation chooses, and the verdict that follows."""
    chosen = {"adapted": "aligned", "general": "general", "bag-of-words": "tfidf"}
    selections = tuple(
        Selection(
            family, 6, cell.embedding, cell.oov, cell.model, cell.strategy, cell.n_train,
            cell.validation_accuracy, cell.accuracy, cell.accuracy_low, cell.accuracy_high,
            cell.macro_f1,
        )
        for n_train in BUDGETS
        for family, embedding in chosen.items()
        for cell in study.summary
        if (cell.embedding, cell.n_train) == (embedding, n_train) and cell.strategy != "fine-tuned"
    )  # fmt: skip
    judged = replace(study, selections=selections)
    return replace(judged, verdict=study_verdict(judged))


@pytest.fixture(scope="session")
def space_map() -> SpaceMap:
    """Map twelve words: four of the general space alone, six of both, two of the domain alone."""
    rng = np.random.default_rng(3)
    kinds = ("anchor",) * 4 + ("both",) * 2 + ("domain",) * 2 + ("general",) * 4
    words = ("the", "heart", "</script>", "fähre", "joint", "a|b", "ataxia", "ptosis",
             "car", "road", "sea", "$sum$")  # fmt: skip

    def points(*lacking: str) -> tuple[tuple[float, float] | None, ...]:
        drawn = rng.uniform(-1, 1, (len(words), 2)).round(3).tolist()
        return tuple(
            None if kind in lacking else (x, y) for kind, (x, y) in zip(kinds, drawn, strict=True)
        )

    def neighbors(*lacking: str) -> MapNeighbors:
        known = [n for n, kind in enumerate(kinds) if kind not in lacking]
        rows = tuple(
            (*[other for other in known if other != n][:3], len(words)) if n in known else ()
            for n in range(len(words))
        )
        return MapNeighbors(rows, tuple((0.91, 0.5, 0.25, -0.04)[: len(row)] for row in rows))

    return SpaceMap(
        method="procrustes",
        n_fitted=400,
        explained=(0.151, 0.048),
        words=(*words, "elsewhere"),
        kinds=kinds,
        counts=(90, 80, 70, 60, 50, 40, 30, 20, 0, 0, 0, 0),
        general=points("domain"),
        before=points("general"),
        after=points("general"),
        general_neighbors=neighbors("domain"),
        domain_neighbors=neighbors("general"),
        merged_neighbors=neighbors(),
    )


@pytest.fixture(scope="session")
def mistakes() -> Confusion:
    """Count the predictions of three classes with two seeds; one class is never right."""
    counts = np.array([[16, 2, 2], [1, 9, 0], [3, 3, 0]])
    return Confusion(("heart", "bone & joint", "eye_$"), counts, n_seeds=2)
