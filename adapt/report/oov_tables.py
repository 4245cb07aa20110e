"""The tables about words without a vector: strategies, matrices, documents, misspelt text."""

from __future__ import annotations

from collections.abc import Iterator

from adapt.evaluation.bootstrap import Estimate
from adapt.evaluation.results import MatrixRows, StrategyQuality, Stratum, TypoAccuracy
from adapt.evaluation.wording import decimal, interval, labels, percent, percent_interval
from adapt.report.tables import ABSENT, Table, row_of

__all__ = ["matrix_table", "strata_table", "strategy_tables", "typo_table"]


def strategy_tables(qualities: tuple[StrategyQuality, ...]) -> Iterator[Table]:
    """How well each strategy rebuilds hidden words, and what it gains over others."""
    yield Table(
        f"What each strategy makes of {qualities[0].n_words:,} known words that were hidden from "
        "it; a word that it has nothing for counts as the mean.",
        ("Strategy", "Words filled", "Mean cosine", "of the filled", "P@10"),
        tuple(
            row_of(
                one.strategy,
                percent(one.share_filled),
                _decimal(one.cosine),
                ABSENT if one.filled_cosine is None else _decimal(one.filled_cosine),
                _percent(one.precision_at_10),
            )
            for one in qualities
        ),
    )
    yield Table(
        "Paired differences on the same hidden words, with 95% intervals",
        ("Strategy", "instead of", "Cosine", "P@10, points"),
        tuple(
            row_of(
                one.strategy, gain.baseline, _decimal(gain.cosine), _percent(gain.precision_at_10)
            )
            for one in qualities
            for gain in one.gains
        ),
        text_columns=(0, 1),
        folded=True,
    )


def matrix_table(matrices: tuple[MatrixRows, ...]) -> Table:
    """Where the rows of the embedding matrices came from."""
    return Table(
        "Where the rows of each embedding matrix came from",
        ("Embedding", "Filled by", "Rows by source", "Filled rows by step"),
        tuple(
            row_of(one.embedding, one.oov, _counted(one.sources), _counted(one.steps))
            for one in matrices
        ),
        text_columns=(0, 1, 2, 3),
        folded=True,
    )


def _counted(numbers: tuple[tuple[str, int], ...]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in numbers) or ABSENT


def strata_table(strata: tuple[Stratum, ...]) -> Table:
    """Accuracy on documents with few and with many words that the general vectors lack."""
    return Table(
        "Accuracy by the share of a document's tokens that the general vectors lack, in percent, "
        "with Wilson's 95% intervals over documents",
        ("Embedding", "Filled by", "Model", "Strategy", "Labels", "Share lacking", "Documents",
         "Accuracy"),
        tuple(
            row_of(
                one.embedding,
                one.oov,
                one.model,
                one.strategy,
                f"{one.n_train:,}",
                f"{percent(one.lowest_share)} to {percent(one.highest_share)}",
                f"{one.n_documents:,}",
                _percent(Estimate(one.accuracy, one.accuracy_low, one.accuracy_high)),
            )
            for one in strata
        ),
        text_columns=(0, 1, 2, 3),
        folded=True,
    )  # fmt: skip


def typo_table(typos: tuple[TypoAccuracy, ...]) -> Table:
    """Accuracy on test texts of which a share of the words is misspelt."""
    shares = list(dict.fromkeys(one.typo_share for one in typos))
    rows: dict[tuple[str, ...], dict[float, TypoAccuracy]] = {}
    for one in typos:
        key = (one.embedding, one.oov, one.model, one.strategy, labels(one.n_train))
        rows.setdefault(key, {})[one.typo_share] = one
    return Table(
        "Accuracy in percent where a share of the words of every test document is misspelt, with "
        "95% intervals.",
        ("Embedding", "Filled by", "Model", "Strategy", "Labels", *map(percent, shares)),
        tuple(
            row_of(
                *key,
                *(
                    _percent(Estimate(one.accuracy, one.accuracy_low, one.accuracy_high))
                    for share in shares
                    for one in [found[share]]
                ),
            )
            for key, found in rows.items()
        ),
        text_columns=(0, 1, 2, 3, 4),
    )


def _percent(estimate: Estimate) -> str:
    value = percent(estimate.value).removesuffix("%")
    return f"{value} {percent_interval(estimate.low, estimate.high)}"


def _decimal(estimate: Estimate) -> str:
    ends = interval(decimal(estimate.low, 3), decimal(estimate.high, 3))
    return f"{decimal(estimate.value, 3)} {ends}"
