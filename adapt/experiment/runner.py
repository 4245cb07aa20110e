"""Running a study: the only place that wires all stages together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from adapt.alignment import Aligner, Anchors, nearest
from adapt.evaluation import (
    Drift,
    MatrixRows,
    NeighborList,
    OovRate,
    Results,
    drift_of_runs,
    oov_rate,
    oov_shares,
    write_results,
)
from adapt.experiment.alignment import align_spaces
from adapt.experiment.cells import CellScores, stratify, summarize
from adapt.experiment.comparisons import compare, select
from adapt.experiment.config import ClassifierConfig, StudyConfig
from adapt.experiment.data import StudyData, prepare_data
from adapt.experiment.domain import check_partitions, train_domain
from adapt.experiment.embeddings import alignment_methods
from adapt.experiment.executors import check_workers, open_executor, prepare_workers
from adapt.experiment.grid import label_budgets, n_cells, run_grid
from adapt.experiment.leaks import find_leaks
from adapt.experiment.manifest import Timings, claim_folder, describe_study, write_manifest
from adapt.experiment.spaces import EmbeddingSpaces
from adapt.experiment.strategies import measure_strategies
from adapt.merging import build_matrix
from adapt.oov import strategy_named
from adapt.report import write_report
from adapt.training import train_word2vec
from adapt.vectors import WordVectors, read_vectors, vector_files, write_vectors

__all__ = ["run_study"]

_N_NEIGHBOR_WORDS = 20
_N_NEIGHBORS = 5
_NEIGHBOR_CANDIDATES = 50_000

_Announce = Callable[[str], None]


def run_study(
    config: StudyConfig,
    folder: Path | str,
    *,
    n_workers: int = 1,
    scheduler: str | None = None,
    announce: _Announce = lambda stage: None,
    progress: bool = False,
) -> Results:
    """Run a study and write all of its results.

    Parameters
    ----------
    config : StudyConfig
        What to compare.
    folder : Path or str
        Receives `results.json`, `manifest.json`, the report with its figures, and the vectors.
        Results of the same configuration are replaced, others are refused.
    n_workers : int
        Processes that train classifiers at the same time; the results are the same for any number.
        With more than 1, a script must call this below ``if __name__ == "__main__":``.
    scheduler : str, optional
        Address of a Dask scheduler, such as ``tcp://10.0.0.1:8786``, on whose workers classifiers
        are trained in place of that, and vectors where they are trained in parts. They need this
        package in the same version, and no files.
    announce : callable
        Called with a line of text when a stage begins.
    progress : bool
        Show a bar on stderr during training.

    Returns
    -------
    Results
        What was written to `results.json`.

    Raises
    ------
    AdaptError
        If the input of any stage cannot be used; nothing is written then.
    """
    folder = Path(folder)
    check_partitions(config)
    check_workers(n_workers, scheduler)
    claim_folder(folder, config)
    prepare_workers(n_workers)
    timings = Timings()

    announce(f"Reading {config.data.train or config.data.dataset} and {config.general}")
    with timings.stage("data"):
        data = prepare_data(config.data)
        budgets = label_budgets(data, config.classifier)
        leaks = find_leaks(data, config.data.leakage)
        all_general = read_vectors(config.general)
    announce(
        f"Training {config.word2vec.dim}-d vectors on {data.corpus_counts.total():,} tokens, "
        f"{config.word2vec.epochs} epochs"
    )
    with timings.stage("training"):
        domain = train_domain(
            data.corpus, config, n_workers=n_workers, scheduler=scheduler, progress=progress
        )
    compass = None
    if "compass" in config.embeddings:
        announce(f"Training {all_general.dim}-d vectors straight into the general space")
        with timings.stage("compass"):
            compass = _train_compass(config, data, all_general, progress=progress)
    methods = alignment_methods(config.alignment.method, config.embeddings)
    announce(f"Aligning {len(domain):,} in-domain words by {', '.join(methods)}")
    with timings.stage("alignment"):
        aligned = align_spaces(domain, all_general, config.alignment, methods)
        quality = aligned.quality()
        curve = aligned.learning_curve()
        alike = aligned.isometry()
        neighbors = _neighbors(aligned.aligner, domain, all_general)
    with timings.stage("coverage"):
        oov = _oov_rates(data, all_general, domain)
        lacking = oov_shares(data.test_words, frozenset(all_general.words))
    if config.oov.hidden:
        announce(f"Rebuilding {config.oov.hidden:,} hidden words of {config.general}")
    with timings.stage("strategies"):
        oov_quality = measure_strategies(config, all_general, data)
    spaces = EmbeddingSpaces(
        domain=domain,
        general=_general_in_use(config, all_general, data, aligned.fitted),
        aligners=aligned.aligners,
        policy=config.alignment.policy,
        compass=compass,
    )
    scores: list[CellScores] = []
    matrices: list[MatrixRows] = []
    total = n_cells(config.embeddings, config.classifier)
    with timings.stage("classifiers"), open_executor(n_workers, scheduler) as executor:
        grid = run_grid(config.embeddings, budgets, spaces, data, config.classifier, executor)
        for told in grid:
            if isinstance(told, MatrixRows):
                matrices.append(told)
                continue
            scores.append(told)
            announce(f"[{len(scores)}/{total}] {told.cell}: accuracy {told.correct.mean():.3f}")
    announce("Comparing and writing the report")
    with timings.stage("statistics"):
        summary = summarize(scores)
        selections = select(summary)
        results = Results(
            name=config.name,
            description=config.description,
            dataset=data.summary(leaks),
            oov=oov,
            oov_quality=oov_quality,
            matrices=tuple(matrices),
            anchors=aligned.anchors(),
            isometry=alike,
            alignment=quality,
            learning_curve=curve,
            neighbors=neighbors,
            runs=tuple(run for score in scores for run in score.runs),
            summary=summary,
            selections=selections,
            strata=stratify(scores, lacking),
            typos=tuple(one for score in scores for one in score.typos),
            comparisons=compare(scores, selections),
            drift=_drift(scores, data),
        )
    inputs = {path.name: path for path in (*data.sources, *vector_files(config.general))}
    manifest = {
        **describe_study(config, inputs, timings),
        "workers": n_workers,
        "scheduler": scheduler,
    }
    _write(folder, results, manifest, spaces, data, config.classifier)
    return results


def _train_compass(
    config: StudyConfig, data: StudyData, general: WordVectors, *, progress: bool
) -> WordVectors:
    """Train the vectors that need no map, in the dimension of the general ones."""
    word2vec = replace(config.word2vec, dim=general.dim)
    return train_word2vec(
        data.corpus, word2vec, general=general, compass=config.compass, progress=progress
    )


def _neighbors(
    aligner: Aligner, domain: WordVectors, general: WordVectors
) -> tuple[NeighborList, ...]:
    """Nearest general words of the most frequent in-domain words that the general space lacks."""
    missing = [
        word for word in domain.words if word not in general and not word.replace("-", "").isdigit()
    ][:_N_NEIGHBOR_WORDS]
    if not missing:
        return ()
    lacking = domain.select(missing)
    candidates = general.head(_NEIGHBOR_CANDIDATES)
    rows, cosines = nearest(
        aligner.normalized_domain(lacking), aligner.normalized_general(candidates), _N_NEIGHBORS
    )
    counts = lacking.counts if lacking.counts is not None else [0] * len(missing)
    return tuple(
        NeighborList(
            word=word,
            count=int(count),
            neighbors=tuple(
                (candidates.words[row], float(cosine))
                for row, cosine in zip(word_rows, word_cosines, strict=True)
            ),
        )
        for word, count, word_rows, word_cosines in zip(missing, counts, rows, cosines, strict=True)
    )


def _oov_rates(data: StudyData, general: WordVectors, domain: WordVectors) -> tuple[OovRate, ...]:
    """Measure rates before (general alone), with the domain alone, and after (both)."""
    known = set(general.words)
    sets = {"general": known, "domain": set(domain.words), "aligned": known | set(domain.words)}
    splits = {"train": data.train_counts, "test": data.test_counts}
    return tuple(
        oov_rate(counts, words, name=name, split=split)
        for split, counts in splits.items()
        for name, words in sets.items()
    )


def _general_in_use(
    config: StudyConfig, general: WordVectors, data: StudyData, anchors: Anchors
) -> WordVectors:
    """Keep the general vectors that are used from here, in their order.

    Strategies that are informed by known words may use any; for the others, those of the
    vocabulary and of the anchors are enough.
    """
    general = general.replace(origin="general")
    if any(strategy_named(name).informed for name in config.classifier.oov):
        return general
    rows = general.rows(dict.fromkeys((*data.vocabulary, *anchors.general)))
    wanted = sorted(int(row) for row in rows if row >= 0)
    return general.select([general.words[row] for row in wanted])


def _drift(scores: Sequence[CellScores], data: StudyData) -> tuple[Drift, ...]:
    """Name what was measured of the drift after its runs."""
    measured = [score for score in scores if score.drift]
    return drift_of_runs(
        [run for score in measured for run in score.runs],
        [one for score in measured for one in score.drift],
        data.vocabulary.words,
    )


def _write(
    folder: Path,
    results: Results,
    manifest: dict[str, object],
    spaces: EmbeddingSpaces,
    data: StudyData,
    config: ClassifierConfig,
) -> None:
    """Write everything; `results.json` last, so that it stands for a complete folder."""
    write_manifest(manifest, folder / "manifest.json")
    write_vectors(spaces.aligned_domain(), folder / "vectors" / "aligned.safetensors")
    merged = build_matrix(
        data.vocabulary,
        spaces.embedding("aligned", (), seed=0),
        oov=config.oov[0],
        corpus=data.corpus,
        general=spaces.general,
        seed=config.seeds[0],
    )
    merged.save(folder / "vectors" / "merged.safetensors")
    write_report(results, folder, manifest=manifest)
    write_results(results, folder / "results.json")
