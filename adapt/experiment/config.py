"""The configuration of a study, as frozen dataclasses."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from adapt.alignment import AnchorSelection, aligner_named
from adapt.classifiers import TrainingConfig, member_seeds, strategy_names, weighting_of
from adapt.errors import InputError, check_choice
from adapt.experiment.embeddings import USUAL_EMBEDDINGS, alignment_methods
from adapt.merging import policy_names
from adapt.oov import strategy_named
from adapt.seeds import check_seed
from adapt.text import dataset_names
from adapt.training import Compass, Partitions, Word2VecConfig

__all__ = [
    "AlignmentConfig",
    "AnchorsConfig",
    "ClassifierConfig",
    "DataConfig",
    "OovConfig",
    "StudyConfig",
    "config_digest",
]

LAYERS = ("plain", "hybrid")
LEAKAGE = ("stamp", "refuse", "drop")
TFIDF_MODELS = ("linear-svm", "linear-svm-characters", "logistic-regression")


@dataclass(frozen=True, kw_only=True)
class DataConfig:
    """Which documents.

    Parameters
    ----------
    dataset : str
        A dataset by name; `seed` fixes its split.
    path : str, optional
        One's own copy of a dataset that comes in no package.
    train, test : str, optional
        Labelled files of one's own (JSON Lines, CSV or TSV), in place of a dataset by name.
    corpus : tuple of str
        Unlabelled files or folders: in place of the training texts where those are one's own, and
        beside the corpus of a dataset by name.
    corpus_share : float
        Share of the unlabelled documents that is used, chosen at random by `seed`; a smaller share
        is a part of a larger one.
    text_field, label_field : str
        Fields or columns to read in all of these files.
    corpus_fields : tuple of str
        Fields or columns of the unlabelled files, if they are others; each is read as a text.
    leakage : {"stamp", "refuse", "drop"}
        What to do about test documents that also stand, word for word or nearly so, in the
        training split or in the unlabelled corpus: say so in the results, run no study, or leave
        them out there.
    """

    dataset: str = "clinical"
    seed: int = 0
    path: str | None = None
    train: str | None = None
    test: str | None = None
    corpus: tuple[str, ...] = ()
    corpus_share: float = 1.0
    text_field: str = "text"
    label_field: str = "label"
    corpus_fields: tuple[str, ...] = ()
    leakage: str = "stamp"


@dataclass(frozen=True, kw_only=True)
class AnchorsConfig(AnchorSelection):
    """Which word pairs fit the map, and which are held out to test it.

    Parameters
    ----------
    file : str, optional
        Pairs to choose from; the shared words without.
    held_out_share : float
        Share of the chosen pairs that are held out, whatever their overlap.
    seed : int
        Of the choice of those. For the others see `AnchorSelection`.
    """

    limit: int | None = 6500
    min_count: int = 3
    file: str | None = None
    held_out_share: float = 0.2
    seed: int = 0


@dataclass(frozen=True, kw_only=True)
class AlignmentConfig:
    """How the domain space is mapped, and which space both then share.

    Parameters
    ----------
    method, space, policy : str
        The aligner, the unified space, and the merge policy.
    curve_points : int
        Points of the learning curve over the number of anchors; 0 leaves it out, as it takes as
        many fits.
    anchors : AnchorsConfig
        What it is fitted and tested on.
    """

    method: str = "procrustes"
    space: str = "domain"
    policy: str = "domain_first"
    curve_points: int = 0
    anchors: AnchorsConfig = field(default_factory=AnchorsConfig)


@dataclass(frozen=True, kw_only=True)
class OovConfig:
    """The intrinsic test of the strategies for unknown words.

    Known words of middling frequency are hidden from the general vectors, and rebuilt by each
    strategy of `classifier.oov`, by each link of a chain alone, and by guesses that know nothing.

    Parameters
    ----------
    hidden : int
        How many words are hidden; 0 leaves the test out.
    seed : int
        Of the choice of those.
    """

    hidden: int = 0
    seed: int = 0


@dataclass(frozen=True, kw_only=True)
class ClassifierConfig:
    """Which classifiers are trained, on how many labels, and how often.

    Parameters
    ----------
    models : tuple of str
        What encodes documents, as `document_encoder` reads it.
    strategies : tuple of str
        Which parts of a model learn when; see `schedule_of`.
    label_budgets : tuple of (int or "all")
        How many training documents.
    seeds : tuple of int
        Of the choice of those, and of training.
    tfidf_models : tuple of str
        Linear classifiers of the bag of words `tfidf`, or of its characters.
    oov : tuple of str
        What unknown words of the vocabulary get, as `strategy_named` reads it; each makes a matrix
        of its own, and is compared with the first.
    layers : tuple of str
        ``"plain"`` looks words up in the matrix; ``"hybrid"`` represents words that the vocabulary
        lacks by their spelling, and learns from misspelt copies of the training documents.
    typo_shares : tuple of float
        Shares of the test words that are misspelt, to see how accuracy holds; none without.
    members : int
        Classifiers that are trained for every fit of word vectors by gradient, from other initial
        weights, and whose probabilities are averaged; 1 for no ensemble.
    drift : bool
        Whether to measure how far training moved every word.
    training : TrainingConfig
        Everything else; the same for all embeddings, as is what its search may try. Its strategy
        and seed are those of the grid.
    """

    models: tuple[str, ...] = ("mean-idf",)
    strategies: tuple[str, ...] = ("frozen", "fine-tuned")
    label_budgets: tuple[int | str, ...] = (200, 1000, "all")
    seeds: tuple[int, ...] = (0, 1, 2)
    oov: tuple[str, ...] = ("zeros",)
    layers: tuple[str, ...] = ("plain",)
    tfidf_models: tuple[str, ...] = ("linear-svm",)
    typo_shares: tuple[float, ...] = ()
    members: int = 1
    drift: bool = False
    training: TrainingConfig = field(default_factory=TrainingConfig)


@dataclass(frozen=True, kw_only=True)
class StudyConfig:
    """A whole study.

    Parameters
    ----------
    name, description : str
        For people.
    general : str
        File of the general vectors, or the name of installed ones.
    embeddings : tuple of str
        Which embeddings to compare, by the names that `Embedding` reads. Without, the usual ones:
        no `compass`, which takes a training of its own, no variants of `aligned`, no ablations.
    data, word2vec, partitions, compass, alignment, oov, classifier
        The stages. `partitions` deals the corpus out for the training by `word2vec`. `compass` is
        of use to the embedding of that name alone, which is trained as `word2vec` says, but as a
        whole, and in the dimension of the general vectors.
    """

    name: str
    description: str = ""
    general: str = "glove.6B.50d"
    embeddings: tuple[str, ...] = USUAL_EMBEDDINGS
    data: DataConfig = field(default_factory=DataConfig)
    word2vec: Word2VecConfig = field(default_factory=Word2VecConfig)
    partitions: Partitions = field(default_factory=Partitions)
    compass: Compass = field(default_factory=Compass)
    alignment: AlignmentConfig = field(default_factory=AlignmentConfig)
    oov: OovConfig = field(default_factory=OovConfig)
    classifier: ClassifierConfig = field(default_factory=ClassifierConfig)

    def __post_init__(self) -> None:
        _choose("data.dataset", [self.data.dataset], dataset_names())
        _choose("data.leakage", [self.data.leakage], LEAKAGE)
        if self.partitions.n_shards > 1:
            self.partitions.check_backend(self.word2vec.backend)
        if (self.data.train is None) != (self.data.test is None):
            raise InputError("data.train and data.test go together; give both or neither")
        if self.data.path is not None and self.data.train is not None:
            raise InputError("data.path goes with data.dataset; leave it out beside data.train")
        if not 0 < self.data.corpus_share <= 1:
            raise InputError(
                f"data.corpus_share is {self.data.corpus_share}; give a share above 0 to 1"
            )
        if self.data.corpus_fields and not self.data.corpus:
            raise InputError("data.corpus_fields goes with data.corpus; name the files too")
        methods = alignment_methods(self.alignment.method, self.embeddings)
        if "compass" in self.embeddings and self.word2vec.backend != "compiled":
            raise InputError(
                f"embeddings holds 'compass', but backend {self.word2vec.backend!r} does not train "
                "it; use backend 'compiled', or leave the embedding out"
            )
        _choose("alignment.space", [self.alignment.space], ("general", "domain"))
        for method in methods:
            aligner_named(method, space=self.alignment.space)
        if self.alignment.curve_points < 0:
            raise InputError(
                f"alignment.curve_points is {self.alignment.curve_points}; give 0 or more"
            )
        _choose("alignment.policy", [self.alignment.policy], policy_names())
        for model in self.classifier.models:
            weighting_of(model)  # refuses what is no model
        _choose("classifier.strategies", self.classifier.strategies, strategy_names())
        _choose("classifier.tfidf_models", self.classifier.tfidf_models, TFIDF_MODELS)
        default = TrainingConfig()
        for key, other in (("strategy", "strategies"), ("seed", "seeds")):
            if getattr(self.classifier.training, key) != getattr(default, key):
                raise InputError(
                    f"classifier.training.{key} is set; set classifier.{other} instead"
                )
        for name in self.classifier.oov:
            if not strategy_named(name).total:
                raise InputError(
                    f"classifier.oov holds {name!r}, which leaves words without a vector; end it "
                    "with a strategy for every word, such as zeros or mean"
                )
        _choose("classifier.layers", self.classifier.layers, LAYERS)
        for share in self.classifier.typo_shares:
            if not 0 < share <= 1:
                raise InputError(f"classifier.typo_shares holds {share}; give shares above 0 to 1")
        member_seeds(0, self.classifier.members)  # refuses what is no number of members
        if not 0 < self.alignment.anchors.held_out_share < 1:
            raise InputError("alignment.anchors.held_out_share must lie between 0 and 1")
        for name, values in (
            ("embeddings", self.embeddings),
            ("classifier.label_budgets", self.classifier.label_budgets),
            ("classifier.seeds", self.classifier.seeds),
            ("classifier.models", self.classifier.models),
            ("classifier.strategies", self.classifier.strategies),
            ("classifier.tfidf_models", self.classifier.tfidf_models),
            ("classifier.oov", self.classifier.oov),
            ("classifier.layers", self.classifier.layers),
        ):
            if not values or len(set(values)) < len(values):
                raise InputError(f"{name} is {list(values)}; give distinct values")
        if self.oov.hidden < 0:
            raise InputError(f"oov.hidden is {self.oov.hidden}; give 0 or more")
        check_seed(self.oov.seed, "oov.seed")
        check_seed(self.data.seed, "data.seed")
        check_seed(self.alignment.anchors.seed, "alignment.anchors.seed")
        for seed in self.classifier.seeds:
            check_seed(seed, "classifier.seeds")
        for budget in self.classifier.label_budgets:
            if budget != "all" and (isinstance(budget, str) or budget < 2):
                raise InputError(
                    f"classifier.label_budgets holds {budget!r}; give numbers of documents or 'all'"
                )


def config_digest(config: StudyConfig) -> str:
    """SHA-256 of everything that determines the results; name and description do not.

    Nor does `data.leakage`, unless it drops documents: it decides whether there are results.
    """
    content = asdict(config)
    del content["name"], content["description"]
    if config.data.leakage != "drop":
        del content["data"]["leakage"]
    if "compass" not in config.embeddings:
        del content["compass"]
    if config.partitions.n_shards == 1:
        del content["partitions"]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _choose(key: str, values: Sequence[str], choices: Sequence[str]) -> None:
    for value in values:
        check_choice(key, value, choices)
