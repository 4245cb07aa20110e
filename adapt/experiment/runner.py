"""Running a study: the only place that wires all stages together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from adapt.alignment import Anchors
from adapt.evaluation import (
    Drift,
    Leak,
    MatrixRows,
    OovRate,
    Results,
    StrategyQuality,
    drift_of_runs,
    oov_shares,
    study_verdict,
    write_results,
    write_space_map,
)
from adapt.experiment.alignment import SpaceAlignment, align_spaces
from adapt.experiment.cells import CellScores, stratify, summarize
from adapt.experiment.claim import claimed_folder
from adapt.experiment.comparisons import compare, select
from adapt.experiment.config import StudyConfig
from adapt.experiment.data import StudyData, prepare_data
from adapt.experiment.domain import check_partitions, train_domain
from adapt.experiment.embeddings import alignment_methods
from adapt.experiment.executors import check_workers, open_executor, prepare_workers
from adapt.experiment.grid import LabelBudget, label_budgets, n_cells, run_grid
from adapt.experiment.leaks import check_vocabulary, find_leaks
from adapt.experiment.manifest import Timings, describe_study, input_files, write_manifest
from adapt.experiment.mapping import map_spaces
from adapt.experiment.measures import AlignmentMeasures, measure_alignment, oov_rates
from adapt.experiment.predictions import Predictions, write_predictions
from adapt.experiment.reporting import report_on
from adapt.experiment.spaces import EmbeddingSpaces
from adapt.experiment.store import Store, open_store
from adapt.experiment.strategies import measure_strategies
from adapt.merging import EmbeddingMatrix, build_matrix
from adapt.oov import strategy_named
from adapt.progress import progress
from adapt.training import train_word2vec
from adapt.vectors import WordVectors, read_vectors, write_vectors

__all__ = ["run_study"]

_Announce = Callable[[str], None]


def run_study(
    config: StudyConfig,
    folder: Path | str,
    *,
    n_workers: int = 1,
    scheduler: str | None = None,
    resume: bool = True,
    announce: _Announce = lambda stage: None,
) -> Results:
    """Run a study and write all of its results.

    Whatever takes long is kept as soon as it is there: trained vectors, measurements, and every
    fit. A study that was interrupted, at whatever moment, goes on from there when it is run again,
    and ends with the same results; one that was changed computes only what the change concerns.

    Parameters
    ----------
    config : StudyConfig
        What to compare.
    folder : Path or str
        Receives `results.json`, `manifest.json`, `predictions.npz`, `map.json`, the report with its
        figures, and the vectors.
        Results of the same configuration are replaced, others are refused.
    n_workers : int
        Processes that train classifiers at the same time; the results are the same for any number.
        With more than 1, a script must call this below ``if __name__ == "__main__":``.
    scheduler : str, optional
        Address of a Dask scheduler, such as ``tcp://10.0.0.1:8786``, on whose workers classifiers
        are trained in place of that, and vectors where they are trained in parts. They need this
        package in the same version, and no files.
    resume : bool
        Whether to take what earlier runs kept; if not, it is computed anew and replaced.
    announce : callable
        Called with a line of text when a stage begins.

    Returns
    -------
    Results
        What was written to `results.json`.

    Raises
    ------
    AdaptError
        If the input of any stage cannot be used, or another run is writing to the folder; no
        results are written then.

    Warns
    -----
    AdaptWarning
        If what was kept is damaged, or nothing can be kept; the results are the same.
    """
    folder = Path(folder)
    check_partitions(config)
    check_workers(n_workers, scheduler)
    with claimed_folder(folder, config):
        prepare_workers(n_workers)
        run = _Run(config, open_store(folder, resume=resume, gpu=_may_use_gpu(config)), announce)
        found = run.prepare(n_workers, scheduler)
        measured = run.measure(found)
        cells = run.classify(found, n_workers, scheduler)
        announce("Comparing and writing the report")
        results = run.summarize(found, measured, cells)
        with run.timings.stage("map"):
            write_space_map(map_spaces(found.spaces, results, run.store), folder / "map.json")
        run.store.trim()
        predictions = Predictions.of_scores(cells.scores, found.data)
        write_predictions(predictions, folder / "predictions.npz")
        _write(folder, results, run.manifest(found.data, n_workers, scheduler), run, found)
    return results


@dataclass(frozen=True)
class _Found:
    """What a study is made on: texts, label budgets, and the vectors."""

    data: StudyData
    budgets: tuple[LabelBudget, ...]
    leaks: tuple[Leak, ...]
    general: WordVectors
    aligned: SpaceAlignment
    spaces: EmbeddingSpaces


@dataclass(frozen=True)
class _Measured:
    """What was measured without classifiers, named as in `Results`."""

    oov: tuple[OovRate, ...]
    oov_quality: tuple[StrategyQuality, ...]
    alignment: AlignmentMeasures


@dataclass(frozen=True)
class _Cells:
    """What came of the grid."""

    scores: tuple[CellScores, ...]
    matrices: tuple[MatrixRows, ...]


@dataclass(frozen=True)
class _Run:
    """The stages of a study, in their order, and what all of them use."""

    config: StudyConfig
    store: Store
    announce: _Announce
    timings: Timings = field(default_factory=Timings)

    def prepare(self, n_workers: int, scheduler: str | None) -> _Found:
        """Read the texts and the general vectors, train the others, and choose the anchors."""
        config = self.config
        self.announce(f"Reading {config.data.train or config.data.dataset} and {config.general}")
        with self.timings.stage("data"):
            data = prepare_data(config.data)
            check_vocabulary(data)
            budgets = label_budgets(data, config.classifier)
            leaks = find_leaks(data, config.data.leakage, self.store)
            general = read_vectors(config.general)
        domain = self._train(data, n_workers, scheduler)
        compass = self._train_compass(data, general) if "compass" in config.embeddings else None
        methods = alignment_methods(config.alignment.method, config.embeddings)
        self.announce(f"Aligning {len(domain):,} in-domain words by {', '.join(methods)}")
        with self.timings.stage("alignment"):
            aligned = align_spaces(domain, general, config.alignment, methods)
        spaces = EmbeddingSpaces(
            domain=domain,
            general=_general_in_use(config, general, data, aligned.fitted),
            aligners=aligned.aligners,
            policy=config.alignment.policy,
            compass=compass,
            fitted_on=aligned.digest,
        )
        return _Found(data, budgets, leaks, general, aligned, spaces)

    def _train(self, data: StudyData, n_workers: int, scheduler: str | None) -> WordVectors:
        word2vec = self.config.word2vec

        def train() -> WordVectors:
            self.announce(
                f"Training {word2vec.dim}-d vectors on {data.corpus_counts.total():,} tokens, "
                f"{word2vec.epochs} epochs"
            )
            return train_domain(data.corpus, self.config, n_workers, scheduler)

        with self.timings.stage("training"):
            asked = (data.corpus_digest, word2vec, self.config.partitions)
            return self.store.keep("training", asked, WordVectors, train)

    def _train_compass(self, data: StudyData, general: WordVectors) -> WordVectors:
        """Train the vectors that need no map, in the dimension of the general ones."""
        word2vec, compass = replace(self.config.word2vec, dim=general.dim), self.config.compass

        def train() -> WordVectors:
            self.announce(f"Training {general.dim}-d vectors straight into the general space")
            return train_word2vec(data.corpus, word2vec, general=general, compass=compass)

        with self.timings.stage("compass"):
            asked = (data.corpus_digest, word2vec, general, compass)
            return self.store.keep("compass", asked, WordVectors, train)

    def measure(self, found: _Found) -> _Measured:
        """Measure what needs no classifier: alignment, coverage, strategies for unknown words."""
        config = self.config
        with self.timings.stage("alignment"):
            alignment = measure_alignment(found.aligned, self.store)
        with self.timings.stage("coverage"):
            oov = oov_rates(found.data, found.general, found.spaces.domain)
        if config.oov.hidden:
            self.announce(f"Rebuilding {config.oov.hidden:,} hidden words of {config.general}")
        with self.timings.stage("strategies"):
            oov_quality = measure_strategies(config, found.general, found.data, self.store)
        return _Measured(oov, oov_quality, alignment)

    def classify(self, found: _Found, n_workers: int, scheduler: str | None) -> _Cells:
        """Train and test every cell of the grid."""
        config = self.config
        scores: list[CellScores] = []
        matrices: list[MatrixRows] = []
        total = n_cells(config.embeddings, config.classifier)
        with (
            self.timings.stage("classifiers"),
            open_executor(n_workers, scheduler) as executor,
            progress("classifiers", total) as advance,
        ):
            for told in run_grid(
                config.embeddings,
                found.budgets,
                found.spaces,
                found.data,
                config.classifier,
                executor,
                self.store,
            ):
                if isinstance(told, MatrixRows):
                    matrices.append(told)
                    continue
                scores.append(told)
                advance(1)
                accuracy = told.correct.mean()
                self.announce(f"[{len(scores)}/{total}] {told.cell}: accuracy {accuracy:.3f}")
        return _Cells(tuple(scores), tuple(matrices))

    def summarize(self, found: _Found, measured: _Measured, cells: _Cells) -> Results:
        """Put everything together, with what only all cells together can say."""
        scores = cells.scores
        with self.timings.stage("statistics"):
            lacking = oov_shares(found.data.test_words, frozenset(found.general.words))
            summary = summarize(scores)
            selections = select(summary)
            results = Results(
                name=self.config.name,
                description=self.config.description,
                dataset=found.data.summary(found.leaks),
                oov=measured.oov,
                oov_quality=measured.oov_quality,
                matrices=cells.matrices,
                anchors=measured.alignment.anchors,
                isometry=measured.alignment.isometry,
                alignment=measured.alignment.alignment,
                learning_curve=measured.alignment.learning_curve,
                neighbors=measured.alignment.neighbors,
                runs=tuple(run for score in scores for run in score.runs),
                summary=summary,
                selections=selections,
                strata=stratify(scores, lacking),
                typos=tuple(one for score in scores for one in score.typos),
                **vars(compare(scores, selections)),
                drift=_drift(scores, found.data),
            )
            return replace(results, verdict=study_verdict(results))

    def manifest(self, data: StudyData, n_workers: int, scheduler: str | None) -> dict[str, object]:
        """Collect the facts of the run."""
        inputs = input_files(self.config, data)
        described = describe_study(self.config, inputs, self.timings, self.store)
        return {**described, "workers": n_workers, "scheduler": scheduler}


def _may_use_gpu(config: StudyConfig) -> bool:
    return {config.word2vec.device, config.classifier.training.device} != {"cpu"}


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
    folder: Path, results: Results, manifest: dict[str, object], run: _Run, found: _Found
) -> None:
    """Write everything; `results.json` last, so that it stands for a complete folder."""
    write_manifest(manifest, folder / "manifest.json")
    write_vectors(found.spaces.aligned_domain(), folder / "vectors" / "aligned.safetensors")
    _merged_matrix(run, found).save(folder / "vectors" / "merged.safetensors")
    report_on(results, folder)
    write_results(results, folder / "results.json")


def _merged_matrix(run: _Run, found: _Found) -> EmbeddingMatrix:
    """Make the matrix of `aligned`, with the study's first strategy for unknown words."""
    data, spaces, classifier = found.data, found.spaces, run.config.classifier
    oov, seed = classifier.oov[0], classifier.seeds[0]
    return run.store.keep(
        "merged",
        (spaces.digest, data.corpus_digest, data.vocabulary, oov, seed),
        EmbeddingMatrix,
        lambda: build_matrix(
            data.vocabulary,
            spaces.embedding("aligned", (), seed=0),
            oov=oov,
            corpus=data.corpus,
            general=spaces.general,
            seed=seed,
        ),
    )
