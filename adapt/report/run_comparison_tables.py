"""The tables of studies side by side: a column or a row for each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from adapt.evaluation.results import OovRate, Results, Summary
from adapt.evaluation.wording import decimal, labels, percent, percent_interval
from adapt.report.provenance import flattened
from adapt.report.tables import ABSENT, Cell, Table, row_of
from adapt.report.views import budgets, curves, strategies, variant_label

__all__ = [
    "Variant",
    "accuracy_tables",
    "alignment_table",
    "configuration_tables",
    "oov_table",
    "shared_strategies",
    "variant_rows",
    "verdict_table",
]

Variant = tuple[str, str, str]
"""Embedding, filling and model."""


def verdict_table(runs: Mapping[str, Results]) -> Table:
    """Set out what each study says of adapting."""
    rows = []
    for name, results in runs.items():
        data, verdict = results.dataset, results.verdict
        rows.append(
            row_of(
                name,
                ABSENT if data is None else data.name,
                ABSENT if data is None else f"{data.n_test:,}",
                ABSENT if data is None else f"{data.n_corpus_tokens:,}",
                _advice(results),
                ABSENT if verdict is None else verdict.headline,
            )
        )
    return Table(
        "What each study says by itself",
        ("Study", "Dataset", "Test documents", "Unlabelled tokens", "Advice", "In a sentence"),
        tuple(rows),
        text_columns=(0, 1, 4, 5),
        fitted=True,
    )


def _advice(results: Results) -> str:
    if results.verdict is None:
        return ABSENT
    return results.verdict.advice or "depends on the labels"


def shared_strategies(runs: Mapping[str, Results]) -> tuple[str, ...]:
    """Return the training strategies of all studies, in their order."""
    return tuple(dict.fromkeys(one for results in runs.values() for one in strategies(results)))


def variant_rows(
    runs: Mapping[str, Results], strategy: str
) -> dict[Variant, tuple[str, dict[tuple[str, int], Summary]]]:
    """Gather the cells of a strategy: by variant its label, and cells by study and budget."""
    everything = [cell for results in runs.values() for cell in results.summary]
    found: dict[Variant, tuple[str, dict[tuple[str, int], Summary]]] = {}
    for name, results in runs.items():
        for curve in curves(results, strategy):
            for point in curve.points:
                key = (point.embedding, point.oov, point.model)
                label = variant_label(everything, *key)
                found.setdefault(key, (label, {}))[1][name, point.n_train] = point
    return found


def accuracy_tables(runs: Mapping[str, Results]) -> Iterator[Table]:
    """Set accuracies side by side: a table for each strategy and label budget, studies across."""
    sizes = sorted({n for results in runs.values() for n in budgets(results)})
    for strategy in shared_strategies(runs):
        found = variant_rows(runs, strategy)
        for n_train in sizes:
            shown = [
                (label, own)
                for label, own in found.values()
                if any((name, n_train) in own for name in runs)
            ]
            if not shown:
                continue
            highest = {
                name: max((own[name, n_train].accuracy for _, own in shown
                           if (name, n_train) in own), default=0.0)
                for name in runs
            }  # fmt: skip
            yield Table(
                f"{strategy}, {labels(n_train)}: test accuracy in percent with its 95% interval. "
                "Bold: the highest of its study.",
                ("Embedding", *runs),
                tuple(
                    (
                        Cell(label),
                        *(_accuracy(own.get((name, n_train)), highest[name]) for name in runs),
                    )
                    for label, own in shown
                ),
            )


def _accuracy(cell: Summary | None, highest: float) -> Cell:
    if cell is None:
        return Cell(ABSENT)
    ends = percent_interval(cell.accuracy_low, cell.accuracy_high)
    return Cell(
        f"{percent(cell.accuracy).removesuffix('%')} {ends}", strong=cell.accuracy == highest
    )


def oov_table(runs: Mapping[str, Results]) -> Table:
    """Set out-of-vocabulary rates side by side, by types and by tokens."""
    rates: dict[tuple[str, str], dict[str, OovRate]] = {}
    for name, results in runs.items():
        for rate in results.oov:
            rates.setdefault((rate.split, rate.vectors), {})[name] = rate
    return Table(
        "Shares of words without a vector, by types and by tokens",
        ("Vectors", "Split", *(f"{name}: {unit}" for name in runs for unit in ("types", "tokens"))),
        tuple(
            row_of(
                vectors,
                split,
                *(text for name in runs for text in _rates(own.get(name))),
            )
            for (split, vectors), own in rates.items()
        ),
        text_columns=(0, 1),
    )


def _rates(rate: OovRate | None) -> tuple[str, str]:
    if rate is None:
        return ABSENT, ABSENT
    return percent(rate.type_rate), percent(rate.token_rate)


def alignment_table(runs: Mapping[str, Results]) -> Table:
    """List how well the maps of every study find held-out words."""
    rows = tuple(
        row_of(
            name,
            quality.method,
            quality.space,
            f"{quality.domain_dim} / {quality.general_dim}",
            f"{quality.n_held_out:,}",
            decimal(quality.mean_cosine.value, 3),
            *(
                percent(quality.precision("csls", k).scored.value).removesuffix("%")
                for k in (1, 10)
            ),
        )
        for name, results in runs.items()
        for quality in results.alignment
    )
    return Table(
        "Held-out words that find their general word by CSLS, in percent; the held-out words of "
        "different studies are not the same",
        ("Study", "Method", "Unified space", "Dimensions, in-domain / general", "Held out",
         "Mean cosine", "P@1", "P@10"),
        rows,
        text_columns=(0, 1, 2),
    )  # fmt: skip


def configuration_tables(manifests: Mapping[str, Mapping[str, object]]) -> Iterator[Table]:
    """List the settings that differ, and the versions that do; nothing where none differ."""
    for part, caption in (
        ("config", "Settings that differ"),
        ("inputs", "Files read that differ"),
        ("versions", "Versions that differ"),
    ):
        flat = {name: flattened(manifest.get(part, {})) for name, manifest in manifests.items()}
        keys = dict.fromkeys(key for one in flat.values() for key in one)
        differing = [key for key in keys if len({one.get(key) for one in flat.values()}) > 1]
        if differing:
            yield Table(
                caption,
                ("Name", *manifests),
                tuple(
                    row_of(key, *(flat[name].get(key, ABSENT) for name in manifests))
                    for key in differing
                ),
                text_columns=tuple(range(len(manifests) + 1)),
                folded=part != "config",
            )
