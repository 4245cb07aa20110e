"""The command `classify`: train on labelled texts, and say how well that does on others."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from adapt.cli.console import AsJson, announce, emit, emit_table
from adapt.cli.options import complete_vectors
from adapt.files import check_target
from adapt.progress import progress

__all__ = ["classify"]


def classify(
    train: Annotated[Path, typer.Option(help="Labelled texts to learn from: .jsonl, .csv, .tsv.")],
    test: Annotated[Path, typer.Option(help="Labelled texts to be tested on.")],
    vectors: Annotated[
        list[str],
        typer.Option(
            help="Vector file, matrix, or installed name; may be repeated to compare.",
            autocompletion=complete_vectors,
        ),
    ],
    model: Annotated[
        str, typer.Option(help="What encodes texts: mean-idf, mean+max, cnn, bilstm, ...")
    ] = "mean-idf",
    strategy: Annotated[
        str, typer.Option(help="How it is trained: frozen, fine-tuned, two-stage, ...")
    ] = "frozen",
    seeds: Annotated[int, typer.Option(min=1, help="How often to train, from seed 0 on.")] = 3,
    text_field: Annotated[str, typer.Option(help="Field or column of the texts.")] = "text",
    label_field: Annotated[str, typer.Option(help="Field or column of the labels.")] = "label",
    device: Annotated[str, typer.Option(help="cpu, cuda or auto.")] = "cpu",
    out: Annotated[
        Path | None,
        typer.Option(help="Save the classifier of the first vectors and seed: .safetensors."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Train a text classifier on word vectors, and test it.

    Settings are chosen on held-out texts of --train alone; `adapt run` also compares with bags of
    words, and tests the differences.

    Example: adapt classify --train train.csv --test test.csv --vectors merged.safetensors
    """
    from adapt.text import LabelledTexts

    if out is not None:
        check_target(out)
    known, unseen = (
        LabelledTexts.read(path, text_field=text_field, label_field=label_field)
        for path in (train, test)
    )
    _check_known(unseen.labels, known.labels, test)
    rows: list[dict[str, Any]] = []
    for name in vectors:
        announce(f"{name}: {model}, {strategy}, {len(known):,} texts to learn from")
        options: dict[str, Any] = {"model": model, "strategy": strategy, "device": device}
        rows.append(_tested(name, known, unseen, seeds, options, out if not rows else None))
    if as_json:
        emit(rows)
        return
    trained = "one seed" if seeds == 1 else f"means over {seeds} seeds"
    emit_table(
        f"{model}, {strategy}, on {len(unseen):,} texts; {trained}",
        ("vectors", "accuracy", "95 % interval", "macro-F1", "validation"),
        [
            (
                row["vectors"],
                f"{row['accuracy']:.3f}",
                f"{row['low']:.3f} to {row['high']:.3f}",
                f"{row['macro_f1']:.3f}",
                f"{row['validation_accuracy']:.3f}",
            )
            for row in rows
        ],
    )


def _check_known(labels: Any, known: Any, path: Path) -> None:
    """Refuse labels to be tested on that nothing can be learned of."""
    from adapt.errors import InputError

    unseen = sorted(set(labels) - set(known))
    if unseen:
        raise InputError(
            f"{path}: has labels that --train lacks, such as {unseen[0]!r}; give texts to learn "
            "them from, or take them out"
        )


def _tested(
    name: str,
    known: Any,
    unseen: Any,
    seeds: int,
    options: dict[str, Any],
    out: Path | None,
) -> dict[str, Any]:
    """Train with every seed, and give the figures of all."""
    import numpy as np
    from sklearn.metrics import f1_score

    from adapt.classifiers import EmbeddingTextClassifier
    from adapt.classifiers.estimator_input import vectors_of
    from adapt.evaluation import accuracy_interval

    wanted = np.asarray(unseen.labels)
    opened = vectors_of(name)  # once for all seeds
    predicted, validated = [], []
    with progress("seeds", seeds) as advance:
        for seed in range(seeds):
            classifier = EmbeddingTextClassifier(opened, random_state=seed, **options)
            classifier.fit(list(known.texts), list(known.labels))
            predicted.append(classifier.predict(list(unseen.texts)))
            validated.append(classifier.chosen_.accuracy)
            if out is not None and seed == 0:
                classifier.save(out)
            advance(1)
    accuracy, low, high = accuracy_interval(np.stack(predicted) == wanted)
    scores = [f1_score(wanted, row, average="macro", zero_division=0.0) for row in predicted]
    return {
        "vectors": name,
        **options,
        "n_train": len(known.texts),
        "n_test": len(wanted),
        "n_seeds": seeds,
        "accuracy": accuracy,
        "low": low,
        "high": high,
        "macro_f1": float(np.mean(scores)),
        "validation_accuracy": float(np.mean(validated)),
    }
