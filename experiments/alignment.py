"""Compare the methods of alignment by how many held-out words they find.

In-domain vectors (skip-gram) are trained on the unlabelled corpus of the clinical study, and on
files of one's own beside it (JSON Lines; MedQuAD is what the figures in the README add). The 6,500
most frequent words that are also among the 50,000 most frequent ones of the general vectors are
parted at random into 5,000 anchors and 1,500 held-out words. Every method is fitted on the same
anchors with its default options, and looks for the held-out words among those 50,000: by nearest
neighbour, and by CSLS with all mapped in-domain words as the other side.

With `--min-overlap`, anchors whose neighbourhoods overlap by less are replaced by rarer words that
agree, and the words that changed meaning most are listed. The held-out words stay the same whatever
their overlap, so that the rows can be compared.

    python experiments/alignment.py
    python experiments/alignment.py --extra medquad.jsonl.gz --field question --field text
    python experiments/alignment.py --methods procrustes kernel-ridge --min-overlap 0 0.02 0.04
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from adapt.alignment import (
    Aligner,
    Anchors,
    AnchorSelection,
    SelectedAnchors,
    aligner_named,
    csls,
    nearest,
    select_anchors,
    shared_anchors,
)
from adapt.text import Corpus, load_dataset
from adapt.training import Word2VecConfig, train_word2vec
from adapt.vectors import WordVectors, read_vectors

METHODS = (
    "identity",
    "procrustes",
    "weighted-procrustes",
    "robust-procrustes",
    "ridge",
    "cca",
    "reweighted",
    "rcsls",
    "refined",
    "kernel-ridge",
)
N_GENERAL = 50_000
N_ANCHORS, N_HELD_OUT = 5000, 1500


def options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--extra", type=Path, help="JSON Lines to add to the corpus")
    parser.add_argument("--field", action="append", help="fields of it to read; may be repeated")
    parser.add_argument("--general", default="glove.6B.50d", help="general vectors")
    parser.add_argument("--dim", type=int, default=300, help="dimension of the in-domain vectors")
    parser.add_argument("--methods", nargs="+", default=METHODS, help="which to compare")
    parser.add_argument(
        "--min-overlap", nargs="+", type=float, default=[None], help="shares to compare"
    )
    return parser.parse_args()


def corpus_of(extra: Path | None, fields: list[str] | None) -> Corpus:
    """Put the clinical corpus and the files beside it together."""
    texts = list(load_dataset("clinical", seed=0).corpus)
    for field in fields or ["text"] if extra is not None else ():
        texts += list(Corpus.read(extra, text_field=field).texts())
    return Corpus.from_texts(texts, name="clinical and more" if extra else "clinical")


def precisions(
    aligner: Aligner, domain: WordVectors, general: WordVectors, held_out: Anchors
) -> list[float]:
    """Return P@1 and P@10 by nearest neighbour, then by CSLS."""
    targets = general.rows(held_out.general)[:, None]
    queries = aligner.normalized_domain(domain.matrix[domain.rows(held_out.domain)])
    candidates = aligner.normalized_general(general)
    plain, _ = nearest(queries, candidates, 10)
    scaled, _ = csls(queries, candidates, 10, references=aligner.normalized_domain(domain))
    return [
        float(np.any(found[:, :k] == targets, axis=1).mean())
        for found in (plain, scaled)
        for k in (1, 10)
    ]


def compare(
    methods: Sequence[str], domain: WordVectors, general: WordVectors, selected: SelectedAnchors
) -> None:
    """Align by every method, print one line each."""
    fitted, held_out = selected.anchors, selected.held_out
    print(f"{len(fitted):,} anchors, {len(held_out):,} held out; rejected: {selected.n_rejected}")
    print("method                 seconds   P@1  P@10  CSLS P@1  CSLS P@10   (%)")
    for method in methods:
        start = time.perf_counter()
        aligner = aligner_named(method).fit(domain, general, fitted)
        aligner.transform(domain)
        seconds = time.perf_counter() - start
        p1, p10, csls1, csls10 = (100 * p for p in precisions(aligner, domain, general, held_out))
        print(
            f"{method:<22} {seconds:7.1f} {p1:5.1f} {p10:5.1f} {csls1:9.1f} {csls10:10.1f}",
            flush=True,
        )


def main() -> None:
    """Train, select anchors, compare the methods on them."""
    asked = options()
    corpus = corpus_of(asked.extra, asked.field)
    config = Word2VecConfig(dim=asked.dim, window=5, epochs=10, min_count=3, seed=0, threads=1)
    domain = train_word2vec(corpus, config, progress=sys.stderr.isatty())
    general = read_vectors(asked.general).head(N_GENERAL)
    candidates = shared_anchors(domain, general)
    limit = min(N_ANCHORS + N_HELD_OUT, len(candidates))
    print(f"{len(domain):,} words of {domain.dim} dimensions, {len(candidates):,} shared")
    for min_overlap in asked.min_overlap:
        selected = select_anchors(
            domain,
            general,
            candidates,
            AnchorSelection(limit=limit, min_overlap=min_overlap),
            held_out=min(N_HELD_OUT, limit // 4),
        )
        if min_overlap is not None:
            print(f"\nmin_overlap {min_overlap}, {selected.chance_overlap:.3f} by chance")
        compare(asked.methods, domain, general, selected)
    if selected.n_references:
        print(
            "\nchanged most: "
            + ", ".join(f"{c.domain} {c.overlap:.2f}" for c in selected.changed())
        )


if __name__ == "__main__":
    main()
