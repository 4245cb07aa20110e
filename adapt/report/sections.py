"""What a report says and in which order, before it is HTML or Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from adapt.evaluation.confusion import Confusion
from adapt.evaluation.leakage import NEAR_DUPLICATE
from adapt.evaluation.results import DatasetSummary, Results
from adapt.evaluation.space_map import SpaceMap
from adapt.report.alignment_tables import (
    alignment_tables,
    anchor_tables,
    changed_table,
    isometry_table,
)
from adapt.report.conclusions import conclusion_table
from adapt.report.confusion_report import confusion_tables, confusion_words
from adapt.report.drawing import Drawing
from adapt.report.drift_tables import drift_tables
from adapt.report.findings import TOPICS, findings
from adapt.report.map_figures import map_words
from adapt.report.map_widget import MapWidget, map_widget
from adapt.report.oov_tables import matrix_table, strata_table, strategy_tables, typo_table
from adapt.report.provenance import manifest_tables, reproduce_command
from adapt.report.selections import selection_table
from adapt.report.tables import (
    Table,
    accuracy_tables,
    comparison_tables,
    neighbor_table,
    oov_tables,
)
from adapt.report.verdicts import verdict_table
from adapt.report.views import embeddings, strategies

__all__ = ["Section", "data_summary", "sections"]


@dataclass(frozen=True)
class Section:
    """One section; its parts appear in the order of the fields, empty ones not at all.

    A `widget` stands in HTML in place of the figures, which are for paper then.
    """

    title: str
    paragraphs: tuple[str, ...] = ()
    groups: tuple[tuple[str, tuple[str, ...]], ...] = ()
    figures: tuple[Drawing, ...] = ()
    tables: tuple[Table, ...] = ()
    definitions: tuple[tuple[str, str], ...] = ()
    command: str = ""
    links: tuple[tuple[str, str], ...] = ()
    widget: MapWidget | None = None

    @property
    def anchor(self) -> str:
        """Name of the section in links."""
        return "-".join(self.title.lower().replace(",", "").split())


def data_summary(results: Results) -> str:
    """Return the sizes of the data in one sentence; none where no documents were classified."""
    data = results.dataset
    if data is None:
        return ""
    kind = "transductive" if data.transductive else "inductive"
    return (
        f"Dataset {data.name}: {data.n_train:,} training and {data.n_test:,} test documents in "
        f"{data.n_classes:,} classes; {data.n_corpus_documents:,} unlabelled documents with "
        f"{data.n_corpus_tokens:,} tokens ({kind}).{_dropped(data)}"
    )


def _dropped(data: DatasetSummary) -> str:
    """Say which documents were left out, if any were."""
    if not data.n_train_dropped and not data.n_corpus_dropped:
        return ""
    return (
        f" Left out as duplicates of test documents, exact or near: {data.n_train_dropped:,} "
        f"training and {data.n_corpus_dropped:,} unlabelled documents."
    )


def sections(
    results: Results,
    drawings: Sequence[Drawing],
    *,
    manifest: Mapping[str, object] | None,
    space_map: SpaceMap | None,
    confusion: Confusion | None,
) -> tuple[Section, ...]:
    """Lay out a report; parts that there are no data for are left out."""
    return (
        *_verdict_section(results),
        _findings_section(results),
        *_evidence(results, drawings, space_map, confusion),
        Section("How to read this", definitions=tuple(_definitions(results))),
        Section(
            "How to reproduce this",
            command=reproduce_command(manifest),
            tables=tuple(manifest_tables(manifest or {})),
        ),
    )


def _verdict_section(results: Results) -> Iterator[Section]:
    verdict = results.verdict
    if verdict is not None:
        tables = (verdict_table(verdict),) if verdict.budgets else ()
        yield Section("Verdict", verdict.sentences, tables=tables)


def _findings_section(results: Results) -> Section:
    found = findings(results)
    groups = tuple(
        (topic, texts)
        for topic in TOPICS
        if (texts := tuple(finding.text for finding in found if finding.topic == topic))
    )
    intro = "Derived from the results below. Intervals are 95%, p-values Holm-corrected."
    if not groups:
        intro = "The results hold nothing to compare."
    return Section("Findings", (intro,), groups)


def _evidence(
    results: Results,
    drawings: Sequence[Drawing],
    space_map: SpaceMap | None,
    confusion: Confusion | None,
) -> Iterator[Section]:
    def figures(prefix: str) -> tuple[Drawing, ...]:
        return tuple(drawing for drawing in drawings if drawing.name.startswith(prefix))

    if results.oov:
        yield Section(
            "Out-of-vocabulary words", figures=figures("oov-"), tables=tuple(oov_tables(results))
        )
    if results.oov_quality or results.matrices:
        tables = [*strategy_tables(results.oov_quality)] if results.oov_quality else []
        if results.matrices:
            tables.append(matrix_table(results.matrices))
        yield Section(
            "Vectors for unknown words", figures=figures("strategies-"), tables=tuple(tables)
        )
    if results.summary:
        yield Section(
            "Accuracy against label budget",
            figures=figures("accuracy-"),
            tables=(
                *((selection_table(results.selections),) if results.selections else ()),
                *accuracy_tables(results),
                *((strata_table(results.strata),) if results.strata else ()),
            ),
        )
    if confusion is not None:
        yield Section(
            "Mistakes by class",
            (confusion_words(results, confusion),),
            figures=figures("confusion"),
            tables=tuple(confusion_tables(confusion)),
        )
    if results.drift:
        yield Section(
            "Drift of the word vectors",
            figures=figures("drift-"),
            tables=tuple(drift_tables(results)),
        )
    if results.typos:
        yield Section(
            "Misspelt text", figures=figures("typos-"), tables=(typo_table(results.typos),)
        )
    if results.comparisons:
        yield Section(
            "Comparisons", tables=(*comparison_tables(results), conclusion_table(results))
        )
    if results.alignment:
        yield Section(
            "Quality of the alignment",
            figures=figures("alignment"),
            tables=tuple(alignment_tables(results)),
        )
    if space_map is not None:
        yield Section(
            "Map of both spaces",
            (map_words(space_map),),
            figures=figures("map-"),
            widget=map_widget(space_map),
        )
    if results.isometry is not None:
        yield Section("How alike the spaces are", tables=(isometry_table(results.isometry),))
    if results.anchors is not None:
        yield Section("Anchors", tables=tuple(anchor_tables(results.anchors)))
        if (changed := changed_table(results.anchors)) is not None:
            yield Section("Words that changed meaning", tables=(changed,))
    if results.neighbors:
        yield Section("Nearest general words", tables=(neighbor_table(results),))


EMBEDDINGS = {
    "random": "random vectors",
    "general": "the general vectors alone",
    "domain": "the in-domain vectors alone",
    "domain:shared": "the same without the words that general vectors lack",
    "domain:matched": "domain:shared in no more dimensions than general vectors have",
    "unaligned": "both spaces mixed without a map, as a control",
    "aligned": "both spaces merged after alignment",
    "concat": "both vectors of a word side by side",
    "compass": "in-domain vectors trained straight into the general space, without a map",
    "tfidf": "no vectors: TF-IDF weighted bag-of-words with a linear classifier, the baseline",
    "ngrams": "no pretrained vectors: the fastText classifier, a bag of words and n-grams",
}
STRATEGIES = {
    "frozen": "frozen leaves the word vectors as they are and trains the classifier on top",
    "fine-tuned": "fine-tuned trains the word vectors too",
    "discriminative": "discriminative trains them at a far lower rate than the rest",
    "two-stage": "two-stage leaves them as they are at first, then trains them at a low rate",
    "gradual": "gradual unfreezes the head first, then the document encoder, then the vectors",
    "penalised": "penalised pulls the vectors back to where they started while they are trained",
    "by-frequency": "by-frequency trains the vectors of rare words at a lower rate than the others",
}


ALIGNMENT_TERMS = (
    (
        "Alignment quality",
        "Anchors are words that both vocabularies hold. Some are held out when the map is fitted; "
        "each of those looks for its general word among the candidates. P@k is the share that "
        "finds it among the k nearest by cosine, CSLS P@k the same by a score that discounts "
        "candidates near to everything. Intervals are bootstraps over the held-out words.",
    ),
    (
        "Controls",
        "No map (identity), a random rotation, and a map fitted on shuffled anchors show what no "
        "alignment looks like.",
    ),
    (
        "Hubness",
        "Skewness of how often a general word is among the 10 nearest of in-domain words: the "
        "higher, the more a few words crowd out all others.",
    ),
    (
        "Condition number and orthogonality error",
        "How much more a linear map stretches one direction than another (1 for a rotation), and "
        "how far its columns are from orthonormal (0 for a rotation).",
    ),
)


def _definitions(results: Results) -> Iterator[tuple[str, str]]:
    known = [f"{name}, {EMBEDDINGS[name]}" for name in embeddings(results) if name in EMBEDDINGS]
    if any(name.startswith("aligned:") for name in embeddings(results)):
        known.append(
            "aligned:NAME, the same by another method of alignment or another merge policy"
        )
    if known:
        yield "Embeddings", f"{'; '.join(known)}."
    trained = [STRATEGIES[name] for name in strategies(results) if name in STRATEGIES]
    if trained:
        text = "; ".join(trained)
        yield "Strategies", f"{text[0].upper()}{text[1:]}."
    if results.oov:
        yield (
            "Out-of-vocabulary rate",
            "The share of words for which a set of vectors has no vector, as the word is written. "
            "By types every distinct word counts once; by tokens as often as it occurs. A strategy "
            "may serve a missing word, such as by a related form of it or by its parts; words so "
            "served still count as missing here.",
        )
    if results.summary:
        yield (
            "Label budget",
            "How many labelled documents a classifier was trained on. The vectors need no labels, "
            "so they matter most where labels are few.",
        )
        yield (
            "Accuracy and macro-F1",
            "Accuracy is the share of test documents put in the right class; macro-F1 is the mean "
            "over classes of the harmonic mean of precision and recall, so that rare classes weigh "
            "as much as frequent ones.",
        )
        yield (
            "95% interval",
            "A bootstrap over test documents and training seeds together: how far the figure would "
            "move with other documents of the same kind and other seeds. Overlapping intervals of "
            "two embeddings do not show that they are equal; the paired comparisons are sharper.",
        )
    if results.verdict is not None:
        yield (
            "Verdict",
            "\u201cAdapt\u201d is said where the adapted configuration that validation chooses is "
            "significantly better than the choices among general vectors and among bags of words, "
            "of whichever the study has, general vectors at least; \u201cdo not adapt\u201d where "
            "it is significantly worse than one of them; \u201cundecided\u201d otherwise. The "
            "in-domain vectors alone are an adapted configuration too.",
        )
    if results.areas:
        yield (
            "Area under the curve",
            "Accuracy at all label budgets in one figure: its mean over the logarithm of the "
            "number of labels, so that every doubling counts the same.",
        )
    if results.comparisons:
        yield (
            "Comparison",
            "The difference in accuracy of two classifiers on the same documents. Its interval "
            "takes both documents and training seeds as drawn from many; with few seeds it is "
            "wide, since they say little of how much a seed matters. It is called a difference "
            "only if its interval excludes 0 and its p-value, corrected by Holm's "
            "method over all comparisons of the study, is below 0.05. \u201cNo clear "
            "difference\u201d and \u201cadds nothing\u201d mean that this study cannot show one, "
            "not that there is none.",
        )
        yield (
            "What would settle it",
            "How many seeds, on the same number of test documents, or how many test documents, "
            "with the same number of seeds, the next study needs so that four such studies of five "
            "find a difference of the size measured here: a p-value below 0.05 by the number of "
            "comparisons that this study leaves open, which is what Holm\u2019s method asks of the "
            "next. The measured difference is an estimate; so are these numbers.",
        )
        yield (
            "Cohen\u2019s h and McNemar\u2019s test",
            "Cohen\u2019s h is a difference of accuracies on a scale where it counts the same in "
            "easy and in hard tasks: 0.2 is small, 0.5 medium, 0.8 large. McNemar\u2019s test "
            "looks at the documents that only one of the two gets right, by the majority of its "
            "seeds; it takes the seeds as given, and is shown for comparison, uncorrected.",
        )
        yield (
            "Best embedding",
            "Picked by its test accuracy, which flatters it a little: of several equal embeddings, "
            "one comes out on top by chance.",
        )
    if results.oov_quality:
        yield (
            "Hidden words",
            "Known words of middling frequency are taken out of the general vectors; a strategy "
            "learns from the others, and what it makes of them is compared with their vectors: by "
            "cosine, after the mean of all words is subtracted, and by whether the word is among "
            "the 10 nearest of all. The mean itself has the cosine 0; zeros may have more, because "
            "the mean of all words is mostly one over rare words.",
        )
    if results.drift:
        yield (
            "Drift",
            "How far training moved a word: the length of the movement over the length that its "
            "vector had before. It moves the words that occur in the training documents alone, so "
            "that words of the test texts that do not are read beside others that have left. Words "
            "without a vector before have no length to compare with, and are left out. Neighbours "
            "are sought among all words that had a vector. A strategy is said to protect rare "
            "words where those seen one to four times move at least a tenth less than under "
            "fine-tuned, under every seed.",
        )
    if results.typos:
        yield (
            "Misspelt text",
            "A share of the words of every test document, of those with four letters or more, has "
            "one random typing error each. A plain layer knows the words of its vocabulary alone; "
            "a hybrid layer reads others by their spelling.",
        )
    if results.alignment:
        yield from ALIGNMENT_TERMS
    if results.dataset is None:
        return
    yield (
        "Inductive and transductive",
        "In an inductive study no test document is in the unlabelled corpus that the vectors are "
        "trained on; in a transductive one some are, word for word or nearly so.",
    )
    if results.dataset.leaks:
        yield (
            "Exact and near duplicates",
            "Exact duplicates differ in capitals and white space alone. Near duplicates share at "
            f"least {NEAR_DUPLICATE:.0%} of all the runs of three words that either has: some are "
            "copies, others sentences of one pattern about different things. Each test document "
            "counts once, as exact if it has duplicates of both kinds.",
        )
