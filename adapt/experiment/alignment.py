"""Aligning two spaces and measuring it: a stage of studies, and all of `adapt align`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from adapt.alignment import (
    Aligner,
    Anchors,
    Candidate,
    SelectedAnchors,
    UnitCentreUnit,
    aligner_named,
    nearest,
    read_anchors,
    select_anchors,
    shared_anchors,
)
from adapt.errors import InputError
from adapt.evaluation import (
    AlignmentQuality,
    AnchorOverlap,
    AnchorSelectionSummary,
    Isometry,
    LearningPoint,
    QualityTest,
    Results,
    alignment_baselines,
    alignment_quality,
    isometry,
    learning_curve,
    read_results,
    write_results,
)
from adapt.experiment.config import AlignmentConfig
from adapt.experiment.digests import content_digest
from adapt.experiment.manifest import Timings, describe_run, write_manifest
from adapt.files import check_target
from adapt.report import write_report
from adapt.vectors import WordVectors, vector_files

__all__ = [
    "SpaceAlignment",
    "align_spaces",
    "check_report_folder",
    "write_alignment_report",
]

_N_CHANGED = 20
_N_NEIGHBORS = 5


class _FittedOnDemand(Mapping[str, Aligner]):
    """Aligners by name, each fitted when it is first asked for: what is known needs no fit."""

    def __init__(self, names: Sequence[str], fit: Callable[[str], Aligner]) -> None:
        self._names, self._fit = tuple(dict.fromkeys(names)), fit
        self._fitted: dict[str, Aligner] = {}

    def __getitem__(self, name: str) -> Aligner:
        if name not in self._names:
            raise KeyError(name)
        if name not in self._fitted:
            self._fitted[name] = self._fit(name)
        return self._fitted[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


@dataclass(frozen=True, eq=False)
class SpaceAlignment:
    """Aligners, the anchors they are fitted on, and what they are tested on.

    Parameters
    ----------
    config : AlignmentConfig
        How it came about.
    aligners : mapping of str to Aligner
        By name, the one of `config` first; each is fitted when it is first asked for.
    selection : SelectedAnchors
        Which candidates became anchors, and why the others did not.
    test : QualityTest
        With the anchors that were held out.
    """

    config: AlignmentConfig
    aligners: Mapping[str, Aligner]
    selection: SelectedAnchors
    test: QualityTest

    @property
    def aligner(self) -> Aligner:
        """The aligner of `config`."""
        return self.aligners[self.config.method]

    @property
    def fitted(self) -> Anchors:
        """The anchors that the aligners were fitted on."""
        return self.selection.anchors

    @cached_property
    def digest(self) -> str:
        """Digest of all that a fit and a test depend on, but for the method."""
        test = self.test
        pairs = (self.fitted, test.held_out)
        return content_digest(test.domain, test.general, pairs, self.config.space, test.seed)

    def quality(self) -> tuple[AlignmentQuality, ...]:
        """Score every aligner on the held-out anchors, and the baselines of the first."""
        scored = [alignment_quality(aligner, self.test) for aligner in self.aligners.values()]
        return (*scored, *alignment_baselines(self.aligner, self.test))

    def learning_curve(self) -> tuple[LearningPoint, ...]:
        """Score every aligner on ever more anchors; nothing if no points are asked for."""
        if not self.config.curve_points:
            return ()
        return learning_curve(
            self.aligners.values(), self.fitted, self.test, n_points=self.config.curve_points
        )

    def isometry(self) -> Isometry | None:
        """Compare the two spaces in themselves; None if the anchors are too few for that."""
        if len(self.fitted) < 20:
            return None
        return isometry(self.test.domain, self.test.general, self.fitted, seed=self.test.seed)

    def anchors(self) -> AnchorSelectionSummary:
        """Tell how the anchors came about, and which words changed meaning if that was measured."""
        selection = self.selection
        return AnchorSelectionSummary(
            n_candidates=len(selection.candidates),
            n_kept=len(selection.anchors),
            n_held_out=len(selection.held_out),
            rejected=tuple(selection.n_rejected.items()),
            changed=tuple(self._changed()),
            chance_overlap=selection.chance_overlap,
        )

    def _changed(self) -> Iterator[AnchorOverlap]:
        """Yield the words whose neighbours agree least, with those neighbours on either side."""
        if self.selection.chance_overlap is None:
            return
        changed = self.selection.changed(_N_CHANGED)
        sides = (
            _neighbors(self.test.domain, self.fitted.domain, [one.domain for one in changed]),
            _neighbors(self.test.general, self.fitted.general, [one.general for one in changed]),
        )
        for one, in_domain, in_general in zip(changed, *sides, strict=True):
            yield _overlap(one, in_domain, in_general)


def align_spaces(
    domain: WordVectors,
    general: WordVectors,
    config: AlignmentConfig,
    methods: Sequence[str] = (),
) -> SpaceAlignment:
    """Choose anchors, hold some of them out, and fit aligners on the others, on demand.

    Parameters
    ----------
    domain, general : WordVectors
        The two spaces.
    config : AlignmentConfig
        Which method, space and anchors.
    methods : sequence of str
        Further methods to fit on the same anchors.

    Raises
    ------
    InputError
        If too few anchors are left; and where an aligner is asked for, if its method refuses them.
    FileAccessError, FileFormatError
        If a file of anchors cannot be used.
    """
    options = config.anchors
    candidates = (
        shared_anchors(domain, general) if options.file is None else read_anchors(options.file)
    )
    selection = select_anchors(
        domain, general, candidates, options, held_out=options.held_out_share, seed=options.seed
    )
    fitted = selection.anchors

    def fit(name: str) -> Aligner:
        return aligner_named(name, space=config.space).fit(domain, general, fitted)

    aligners = _FittedOnDemand([config.method, *methods], fit)
    held_out = _with_absent(selection, options.held_out_share, options.seed)
    test = QualityTest(domain=domain, general=general, held_out=held_out, seed=options.seed)
    return SpaceAlignment(config, aligners, selection, test)


def _with_absent(selection: SelectedAnchors, share: float, seed: int) -> Anchors:
    """Add the same share of the pairs that a space has no vector for to the held-out ones.

    No map can find those, and no anchor is made of them, but a dictionary asked for them: they are
    what the coverage tells of, and errors where absent words are counted as such.
    """
    lacking = selection.rejected("absent_from_domain", "absent_from_general", "zero_vector")
    order = np.random.default_rng(seed).permutation(len(lacking))
    drawn = [lacking[i] for i in np.sort(order[: round(share * len(lacking))])]
    held_out = selection.held_out
    return Anchors(
        held_out.domain + tuple(one.domain for one in drawn),
        held_out.general + tuple(one.general for one in drawn),
    )


def check_report_folder(folder: Path) -> None:
    """Refuse a folder that a report must not be written to, before any work is done.

    Raises
    ------
    InputError
        If it is a file, or holds the results of a study.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder}: is a file, not a folder; choose another --report")
    check_target(folder / "results.json")
    if (folder / "results.json").exists() and read_results(folder).dataset is not None:
        raise InputError(f"{folder}: holds the results of a study; choose another --report")


def write_alignment_report(
    aligned: SpaceAlignment,
    quality: tuple[AlignmentQuality, ...],
    folder: Path,
    *,
    inputs: Sequence[str],
) -> None:
    """Measure what else can be said without documents, and write it all.

    Parameters
    ----------
    aligned : SpaceAlignment
        What to report on.
    quality : tuple of AlignmentQuality
        Of `SpaceAlignment.quality`.
    folder : Path
        Receives `manifest.json`, `candidates.tsv`, the report and, when it is complete,
        `results.json`.
    inputs : sequence of str
        Domain and general vectors, as `read_vectors` takes them.
    """
    timings = Timings()
    with timings.stage("measuring"):
        results = Results(
            name=" to ".join(Path(name).name for name in inputs),
            description="How well the in-domain space is mapped to the general one.",
            anchors=aligned.anchors(),
            isometry=aligned.isometry(),
            alignment=quality,
            learning_curve=aligned.learning_curve(),
        )
    files = [path for name in inputs for path in vector_files(name)]
    manifest = {"config": asdict(aligned.config), **describe_run(files, timings)}
    # those of another alignment must not stand for what is half written
    (folder / "results.json").unlink(missing_ok=True)
    aligned.selection.write_table(folder / "candidates.tsv")
    write_manifest(manifest, folder / "manifest.json")
    write_report(results, folder, manifest=manifest)
    write_results(results, folder / "results.json")


def _neighbors(
    space: WordVectors, anchors: Sequence[str], words: Sequence[str]
) -> list[tuple[str, ...]]:
    """Find the anchors nearest to each word, itself left out, in the normalised space."""
    known = tuple(dict.fromkeys(anchors))
    matrix = space.matrix[space.rows(known)]
    normalize = UnitCentreUnit.fit(matrix)
    queries = normalize(space.matrix[space.rows(words)])
    rows, _ = nearest(queries, normalize(matrix), min(_N_NEIGHBORS + 1, len(known)))
    return [
        tuple(known[row] for row in found if known[row] != word)[:_N_NEIGHBORS]
        for word, found in zip(words, rows.tolist(), strict=True)
    ]


def _overlap(
    one: Candidate, in_domain: tuple[str, ...], in_general: tuple[str, ...]
) -> AnchorOverlap:
    return AnchorOverlap(
        domain=one.domain,
        general=one.general,
        count=one.domain_count,
        general_rank=one.general_rank,
        overlap=one.overlap,
        domain_neighbors=in_domain,
        general_neighbors=in_general,
    )
