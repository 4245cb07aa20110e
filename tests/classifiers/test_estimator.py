"""The scikit-learn estimator: what it answers, how it fits in, and what it keeps on disk."""

import copy
import json
import pickle
import subprocess
import sys

import numpy as np
import polars as pl
import pytest
from sklearn import exceptions
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

import adapt
from adapt.classifiers import (
    EmbeddingTextClassifier,
    TrainingConfig,
    load_classifier,
    save_classifier,
)
from adapt.errors import AdaptError, FileAccessError, FileFormatError, InputError, NotFittedError
from adapt.merging import build_matrix
from adapt.text import Vocabulary, WordTokenizer, load_dataset
from adapt.vectors import WordVectors, read_vectors, write_vectors

TOPICS = {
    "lung": ("cough", "wheeze", "asthma", "sputum", "bronchi"),
    "skin": ("rash", "itch", "eczema", "blister", "scale"),
    "heart": ("pulse", "valve", "murmur", "angina", "aorta"),
}
MODELS = ("mean-idf", "mean-sif", "mean-idf+max", "max", "attention")
N_TRAINED = 4
"""So many words of each topic are in training texts; the others only the vectors know."""


@pytest.fixture(scope="module")
def vectors():
    rng = np.random.default_rng(0)
    words = [word for topic in TOPICS.values() for word in topic]
    centres = 3 * np.repeat(np.eye(3, 8, dtype=np.float32), 5, axis=0)
    matrix = centres + rng.normal(0, 0.5, size=(15, 8)).astype(np.float32)
    return WordVectors((*words, "of", "the"), np.vstack([matrix, rng.normal(size=(2, 8)) / 5]))


def texts_of(n_topics, n_texts=60):
    rng = np.random.default_rng(1)
    labels = [list(TOPICS)[place % n_topics] for place in range(n_texts)]
    texts = [
        " ".join(rng.permutation([*rng.choice(TOPICS[label][:N_TRAINED], 3), "of", "the", "xyz"]))
        for label in labels
    ]
    return texts, labels


TEXTS, LABELS = texts_of(3)
UNSEEN = [f"{TOPICS[label][-1]} of the" for label in TOPICS]


@pytest.fixture(scope="module")
def fitted(vectors):
    return EmbeddingTextClassifier(vectors).fit(TEXTS, LABELS)


def matrix_of(vectors, extra=()):
    words = {word: 1 for text in TEXTS for word in text.split()} | dict.fromkeys(extra, 1)
    return build_matrix(Vocabulary.from_counts(words), vectors)


def test_learns_and_knows_words_that_only_the_vectors_hold(fitted):
    assert fitted.score(TEXTS, LABELS) == 1.0
    assert fitted.predict(UNSEEN).tolist() == list(TOPICS)
    assert fitted.classes_.tolist() == sorted(TOPICS)
    assert not {words[-1] for words in TOPICS.values()} & set(fitted.vocabulary_)
    assert fitted.chosen_ == fitted.classifier_.chosen


@pytest.mark.parametrize("strategy", ["frozen", "fine-tuned"])
@pytest.mark.parametrize("model", MODELS)
def test_unseen_words_count_as_if_they_had_been_in_the_vocabulary(model, strategy, vectors):
    options = {"model": model, "strategy": strategy, "max_epochs": 2}
    of_words = EmbeddingTextClassifier(vectors, **options).fit(TEXTS, LABELS)
    of_rows = EmbeddingTextClassifier(matrix_of(vectors, vectors.words), **options)
    of_rows.fit(TEXTS, LABELS)
    texts = [*UNSEEN, *TEXTS, "aorta aorta", ""]
    np.testing.assert_allclose(
        of_words.decision_function(texts), of_rows.decision_function(texts), atol=2e-6
    )


def test_words_that_nobody_knows_say_nothing(fitted):
    plain, noisy = fitted.decision_function([UNSEEN[0], f"{UNSEEN[0]} qqq <pad> <unk> zzz"])
    np.testing.assert_array_equal(plain, noisy)
    np.testing.assert_array_equal(*fitted.decision_function(["", "qqq"]))


def test_predictions_change_nothing_and_do_not_depend_on_each_other(fitted):
    table = fitted.classifier_.matrix.copy()
    together = fitted.decision_function([*TEXTS, *UNSEEN])
    alone = np.concatenate([fitted.decision_function([text]) for text in [*TEXTS, *UNSEEN]])
    np.testing.assert_allclose(alone, together, atol=1e-5)
    np.testing.assert_array_equal(fitted.classifier_.matrix, table)
    assert len(fitted.vocabulary_) == len(table)


def test_shapes_are_those_of_scikit_learn(fitted, vectors):
    assert fitted.decision_function(TEXTS).shape == (60, 3)
    np.testing.assert_allclose(fitted.predict_proba(TEXTS).sum(axis=1), 1, atol=1e-6)
    texts, labels = texts_of(2)
    binary = EmbeddingTextClassifier(vectors).fit(texts, labels)
    decision, probabilities = binary.decision_function(texts), binary.predict_proba(texts)
    assert decision.shape == (60,)
    np.testing.assert_allclose(probabilities[:, 1], 1 / (1 + np.exp(-decision)), rtol=1e-5)
    np.testing.assert_array_equal(binary.predict(texts), binary.classes_[(decision > 0) * 1])
    for empty in ([], np.array([], dtype=str)):
        assert fitted.predict(empty).shape == (0,)
        assert fitted.predict_proba(empty).shape == (0, 3)


@pytest.mark.parametrize(
    "container",
    [tuple, iter, np.array, lambda texts: np.array(texts, dtype=object), pl.Series],
    ids=["tuple", "iterator", "array", "objects", "series"],
)
def test_texts_and_labels_come_in_any_container(container, fitted, vectors):
    labels = LABELS if container is iter else container(LABELS)
    other = EmbeddingTextClassifier(vectors).fit(container(TEXTS), labels)
    np.testing.assert_array_equal(
        other.decision_function(container(TEXTS)), fitted.decision_function(TEXTS)
    )


@pytest.mark.parametrize(
    "values",
    [(5, -2, 7), (True, False, True), ("ä", "b", ""), (1.0, 2.0, 3.0)],
    ids=["numbers", "booleans", "texts", "whole floats"],
)
def test_labels_are_given_back_as_they_were(values, vectors, tmp_path):
    labels = np.array([dict(zip(TOPICS, values, strict=True))[label] for label in LABELS])
    classifier = EmbeddingTextClassifier(vectors).fit(TEXTS, labels)
    predicted = classifier.predict(TEXTS)
    assert predicted.dtype == labels.dtype
    assert (predicted == labels).mean() > 0.95
    classifier.save(tmp_path / "c.safetensors")
    loaded = EmbeddingTextClassifier.load(tmp_path / "c.safetensors")
    assert loaded.classes_.dtype == classifier.classes_.dtype
    np.testing.assert_array_equal(loaded.classes_, classifier.classes_)


def test_defaults_are_those_of_the_training():
    parameters, config = EmbeddingTextClassifier().get_params(), TrainingConfig()
    renamed = {"class_weight": "class_weights", "random_state": "seed"}
    shared = {renamed.get(name, name) for name in parameters} & set(vars(config))
    assert len(shared) == 15
    for name, value in parameters.items():
        if renamed.get(name, name) in shared:
            assert getattr(config, renamed.get(name, name)) == value


def test_options_reach_the_training(vectors):
    options = {"penalties": [0.5], "class_weight": "balanced", "label_smoothing": 0.1}
    classifier = EmbeddingTextClassifier(vectors, **options).fit(TEXTS, LABELS)
    assert classifier.chosen_.penalty == 0.5
    tuned = {"strategy": "fine-tuned", "rate_scales": (0.5,), "max_epochs": 2}
    assert EmbeddingTextClassifier(vectors, **tuned).fit(TEXTS, LABELS).chosen_.rate_scale == 0.5


def test_made_up_vectors_learn_slowly_by_frequency(vectors):
    options = {"strategy": "by-frequency", "max_epochs": 3, "model": "mean"}
    classifier = EmbeddingTextClassifier(vectors, **options).fit(TEXTS, LABELS)
    before, after = matrix_of(vectors), classifier.classifier_.matrix

    def moved(word):
        start = before.matrix[before.vocabulary.index(word)]
        return np.abs(after[classifier.vocabulary_.index(word)] - start).max()

    known, made_up = moved("the"), moved("xyz")
    assert 0 < made_up < known / 2


def test_out_of_vocabulary_words_are_filled_as_asked(vectors):
    texts = [text.replace("cough", "coughs") for text in TEXTS]
    for oov, same in (("related,mean", True), ("mean", False)):
        classifier = EmbeddingTextClassifier(vectors, oov=oov).fit(texts, LABELS)
        row = classifier.classifier_.matrix[classifier.vocabulary_.index("coughs")]
        assert np.array_equal(row, vectors["cough"]) is same


def test_strategies_that_read_text_read_the_training_texts(vectors):
    rows = []
    for oov in ("context,mean", "mean"):
        fitted = EmbeddingTextClassifier(vectors, oov=oov).fit(TEXTS, LABELS)
        rows.append(fitted.classifier_.matrix[fitted.vocabulary_.index("xyz")])
    assert not np.allclose(*rows)  # its contexts are those of the training texts


def test_vectors_are_read_from_files(vectors, fitted, tmp_path):
    write_vectors(vectors, tmp_path / "v.safetensors")
    matrix_of(vectors).save(tmp_path / "m.safetensors")
    read = EmbeddingTextClassifier(str(tmp_path / "v.safetensors")).fit(TEXTS, LABELS)
    np.testing.assert_array_equal(read.predict_proba(UNSEEN), fitted.predict_proba(UNSEEN))
    of_rows = EmbeddingTextClassifier(tmp_path / "m.safetensors").fit(TEXTS, LABELS)
    np.testing.assert_allclose(of_rows.predict_proba(TEXTS), fitted.predict_proba(TEXTS), atol=1e-6)
    assert of_rows.vectors_ is None


def test_tokenizers_come_by_name_or_as_they_are(vectors):
    upper = [text.upper() for text in TEXTS]
    assert EmbeddingTextClassifier(vectors).fit(upper, LABELS).predict(UNSEEN).tolist() == [*TOPICS]
    with pytest.raises(InputError, match="no word of the vocabulary has a vector"):
        EmbeddingTextClassifier(vectors, tokenizer="word-cased").fit(upper, LABELS)
    comma = EmbeddingTextClassifier(vectors, tokenizer=lambda text: text.split(","))
    comma.fit([text.replace(" ", ",") for text in TEXTS], LABELS)
    assert comma.predict([text.replace(" ", ",") for text in UNSEEN]).tolist() == [*TOPICS]


def test_what_was_fitted_does_not_follow_later_changes_of_parameters(fitted):
    changed = copy.copy(fitted).set_params(vectors=None, tokenizer="whitespace", model="cnn")
    texts = [*UNSEEN, "Cough, cough."]
    np.testing.assert_array_equal(changed.predict_proba(texts), fitted.predict_proba(texts))


@pytest.mark.parametrize("make", [lambda v: v, matrix_of], ids=["vectors", "matrix"])
def test_clones_share_the_vectors(make, vectors):
    held = make(vectors)
    assert clone(EmbeddingTextClassifier(held)).vectors is held
    assert copy.deepcopy({"held": held})["held"] is held


def test_the_representation_is_short_whatever_the_vectors(vectors):
    matrix = matrix_of(vectors)
    assert repr(matrix) == f"EmbeddingMatrix({len(matrix.vocabulary)} words x 8)"
    for held in (vectors, matrix):
        assert len(repr(EmbeddingTextClassifier(held, model="cnn"))) < 150


def test_random_state_is_what_scikit_learn_takes(vectors):
    def logits(random_state):
        options = {"strategy": "fine-tuned", "max_epochs": 2, "random_state": random_state}
        classifier = EmbeddingTextClassifier(vectors, **options).fit(TEXTS, LABELS)
        return classifier.decision_function(TEXTS)

    np.testing.assert_array_equal(logits(3), logits(np.int64(3)))
    assert not np.array_equal(logits(3), logits(4))
    first, second = (logits(np.random.RandomState(5)) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(logits(None), logits(None))


def test_pickles_predict_the_same(fitted):
    again = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(again.decision_function(UNSEEN), fitted.decision_function(UNSEEN))


def test_pipelines_and_searches(vectors):
    pipeline = make_pipeline(FunctionTransformer(list), EmbeddingTextClassifier(vectors))
    assert cross_val_score(pipeline, TEXTS, LABELS, cv=3).mean() > 0.9
    grid = {
        "embeddingtextclassifier__model": ["mean-idf", "cnn"],
        "embeddingtextclassifier__strategy": ["frozen", "fine-tuned"],
        "embeddingtextclassifier__max_epochs": [2],
    }
    search = GridSearchCV(pipeline, grid, cv=2).fit(TEXTS, LABELS)
    assert len(search.cv_results_["params"]) == 4
    assert search.score(TEXTS, LABELS) > 0.9


def test_searches_over_vectors(vectors):
    empty = WordVectors(vectors.words, np.zeros((len(vectors), 8)), origin="nothing")
    grid = {"vectors": [empty, vectors, matrix_of(vectors)]}
    search = GridSearchCV(EmbeddingTextClassifier(), grid, cv=2).fit(TEXTS, LABELS)
    assert search.best_params_["vectors"] is vectors
    assert search.cv_results_["mean_test_score"][0] < 0.5


@pytest.mark.slow
def test_worker_processes(vectors):
    search = cross_val_score(EmbeddingTextClassifier(vectors), TEXTS, LABELS, cv=2, n_jobs=2)
    here = cross_val_score(EmbeddingTextClassifier(vectors), TEXTS, LABELS, cv=2)
    np.testing.assert_array_equal(search, here)


@pytest.mark.parametrize("make", [lambda v: v, matrix_of], ids=["vectors", "matrix"])
@pytest.mark.parametrize("strategy", ["frozen", "fine-tuned"])
def test_a_file_gives_the_same_predictions(make, strategy, vectors, tmp_path):
    options = {"strategy": strategy, "max_epochs": 2, "penalties": np.array([0.1, 1.0])}
    classifier = EmbeddingTextClassifier(make(vectors), model="mean-idf+max", **options)
    classifier.fit(TEXTS, np.array(LABELS, dtype=object))
    path = tmp_path / "c.safetensors"
    classifier.save(path)
    loaded = EmbeddingTextClassifier.load(path)
    texts = [*TEXTS, *UNSEEN, "qqq", ""]
    before, after = (one.decision_function(texts).tobytes() for one in (classifier, loaded))
    assert before == after
    np.testing.assert_array_equal(loaded.predict(texts), classifier.predict(texts))
    assert loaded.chosen_ == classifier.chosen_
    assert loaded.classes_.dtype == object
    expected = classifier.get_params() | {"vectors": None, "penalties": (0.1, 1.0)}
    assert loaded.get_params() == expected
    rows = classifier.vocabulary_.encode(["cough", "rash"])
    np.testing.assert_array_equal(
        load_classifier(path).decision_function([rows]),
        classifier.classifier_.decision_function([rows]),
    )
    loaded.save(tmp_path / "again.safetensors")
    assert (tmp_path / "again.safetensors").read_bytes() == path.read_bytes()


def test_what_was_loaded_fits_anew_once_it_has_vectors(fitted, vectors, tmp_path):
    fitted.save(tmp_path / "c.safetensors")
    loaded = EmbeddingTextClassifier.load(tmp_path / "c.safetensors")
    with pytest.raises(InputError, match="vectors is a NoneType"):
        loaded.fit(TEXTS, LABELS)
    again = loaded.set_params(vectors=vectors).fit(TEXTS, LABELS)
    np.testing.assert_array_equal(again.decision_function(TEXTS), fitted.decision_function(TEXTS))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tokenizer": str.split}, "the tokenizer .* has no name that a file could hold"),
        ({"random_state": np.random.RandomState(0)}, "random_state is RandomState"),
    ],
)
def test_what_no_file_can_hold_is_refused(options, message, vectors, tmp_path):
    classifier = EmbeddingTextClassifier(vectors, **options).fit(TEXTS, LABELS)
    with pytest.raises(InputError, match=message):
        classifier.save(tmp_path / "c.safetensors")
    assert not list(tmp_path.iterdir())


def test_other_files_are_refused(fitted, tmp_path):
    path = tmp_path / "c.safetensors"
    with pytest.raises(FileAccessError, match=f"{path}: no such file"):
        EmbeddingTextClassifier.load(path)
    save_classifier(fitted.classifier_, path)
    with pytest.raises(FileFormatError, match="no estimator around it; read it with load_class"):
        EmbeddingTextClassifier.load(path)
    fitted.save(path)
    whole = path.read_bytes()
    for length in {*range(0, len(whole), 301), len(whole) - 1}:
        path.write_bytes(whole[:length])
        with pytest.raises(FileFormatError, match=f"{path}"):
            EmbeddingTextClassifier.load(path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda about: about["classes"].pop(), "it has 2 classes for a classifier of 3"),
        (lambda about: about["parameters"].update(madeup=1), "madeup"),
        (lambda about: about["parameters"].update(tokenizer="none"), "no tokenizer is called"),
        (lambda about: about.pop("unseen_weight"), "unseen_weight"),
        (lambda about: about.update(classes_dtype="<M8[s]"), "classes cannot be of the type"),
    ],
)
def test_damage_is_told(change, message, fitted, tmp_path):
    path = tmp_path / "c.safetensors"
    fitted.save(path)
    change_about(path, change)
    with pytest.raises(FileFormatError, match=message):
        EmbeddingTextClassifier.load(path)


def change_about(path, change):
    """Change what a file says about the estimator in it."""
    content = path.read_bytes()
    end = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:end])
    about = json.loads(header["__metadata__"]["estimator"])
    change(about)
    header["__metadata__"]["estimator"] = json.dumps(about)
    text = json.dumps(header, separators=(",", ":")).encode()
    path.write_bytes(content[:8] + text.ljust(end - 8) + content[end:])


def test_a_declared_width_of_labels_takes_no_memory(fitted, tmp_path):
    path = tmp_path / "c.safetensors"
    fitted.save(path)
    change_about(path, lambda about: about.update(classes_dtype="<U500000000"))
    assert EmbeddingTextClassifier.load(path).classes_.tolist() == fitted.classes_.tolist()


def test_use_before_fit_is_an_error_of_both_libraries(vectors, tmp_path):
    classifier = EmbeddingTextClassifier(vectors)
    for use in (
        classifier.predict,
        classifier.predict_proba,
        classifier.decision_function,
        lambda _: classifier.save(tmp_path / "c.safetensors"),
    ):
        for kind in (AdaptError, NotFittedError, exceptions.NotFittedError):
            with pytest.raises(kind, match="used before fit; call fit"):
                use(TEXTS)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ("cough", "X is a single str; give a list of texts"),
        (b"cough", "X is a single bytes"),
        (7, "X is a single int"),
        (None, "X is a single NoneType"),
        (np.array([TEXTS]), "X has shape .1, 60.; give one text for each label"),
        (pl.DataFrame({"text": TEXTS}), "X has shape .60, 1."),
        (np.array("cough"), "X has shape .."),
        ({"text": TEXTS}, "X is a dict, which has no order; give a list"),
        (set(TEXTS), "X is a set, which has no order"),
        ([*TEXTS[:59], 3], "X.59. is a int, not a str"),
        ([*TEXTS[:59], None], "X.59. is a NoneType, not a str"),
        ([*TEXTS[:59], float("nan")], "X.59. is a float, not a str"),
        ([["a", "cough"]] * 60, "X.0. is a list, not a str"),
    ],
)
def test_what_is_not_a_list_of_texts_is_refused(texts, message, fitted, vectors):
    with pytest.raises(InputError, match=message):
        EmbeddingTextClassifier(vectors).fit(texts, LABELS)
    with pytest.raises(InputError, match=message):
        fitted.predict(texts)


@pytest.mark.parametrize(
    ("texts", "labels", "message"),
    [
        ([], [], "X holds no texts"),
        (["", "..."], [0, 1], "no text of X holds a word"),
        (TEXTS, ["lung"] * 60, "have one class"),
        (TEXTS, LABELS[1:], "inconsistent numbers of samples"),
        (TEXTS, None, "requires y to be passed"),
        (TEXTS, np.linspace(0, 1, 60), "Unknown label type: continuous"),
        (TEXTS, np.eye(60, 3), "y should be a 1d array"),
        (TEXTS, [float("nan"), 1.0] * 30, "NaN"),
        (
            TEXTS,
            np.array([1, "lung", None] * 20, dtype=object),
            "type NoneType, int, str; make all",
        ),
        (TEXTS[:2], LABELS[:2], "every class has a single document"),
    ],
)
def test_what_cannot_be_learned_from_is_refused(texts, labels, message, vectors):
    with pytest.raises(ValueError, match=message):
        EmbeddingTextClassifier(vectors).fit(texts, labels)


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("model", "mean-idff", "did you mean 'mean-idf'"),
        ("strategy", "frosen", "did you mean 'frozen'"),
        ("oov", "subwort", "did you mean 'subword'"),
        ("tokenizer", "words", 'no tokenizer is called "words"'),
        ("tokenizer", 3, "tokenizer is 3; give a name"),
        ("vectors", 3, "vectors is a int; give WordVectors"),
        ("vectors", "no-such-file.txt", "no-such-file.txt"),
        ("penalties", (), "penalties are"),
        ("class_weight", "even", "class_weights is 'even'"),
        ("dropout", 1.0, "dropout is 1.0"),
        ("random_state", -1, "seed"),
    ],
)
def test_impossible_options_are_refused_at_fit(option, value, message, vectors):
    classifier = EmbeddingTextClassifier(vectors).set_params(**{option: value})
    with pytest.raises(AdaptError, match=message):
        classifier.fit(TEXTS, LABELS)


@pytest.mark.slow
def test_on_glove_and_clinical_definitions(tmp_path):
    dataset, vectors = load_dataset("clinical"), read_vectors("glove.6B.50d")
    classifier = EmbeddingTextClassifier(vectors)
    classifier.fit(dataset.train.texts[:200], dataset.train.labels[:200])
    assert len(classifier.classifier_.matrix) == len(classifier.vocabulary_) < 2_000
    deaf = copy.copy(classifier)
    deaf.vectors_ = None  # as if words of no training text had no vectors
    heard, unheard = (
        one.score(dataset.test.texts, dataset.test.labels) for one in (classifier, deaf)
    )
    assert heard > unheard + 0.03
    classifier.save(tmp_path / "c.safetensors")
    loaded = EmbeddingTextClassifier.load(tmp_path / "c.safetensors")
    before, after = (one.decision_function(dataset.test.texts) for one in (classifier, loaded))
    assert before.tobytes() == after.tobytes()


def test_it_is_loaded_when_asked_for():
    code = (
        "import sys, adapt, adapt.classifiers; before = 'sklearn' in sys.modules; "
        "adapt.EmbeddingTextClassifier; print(before, 'sklearn' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]
    assert adapt.EmbeddingTextClassifier is EmbeddingTextClassifier
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        adapt.classifiers.Nothing  # noqa: B018


def test_files_name_the_tokenizer(vectors, tmp_path):
    cased = EmbeddingTextClassifier(vectors, tokenizer=WordTokenizer(lowercase=False))
    cased.fit(TEXTS, LABELS).save(tmp_path / "c.safetensors")
    loaded = EmbeddingTextClassifier.load(tmp_path / "c.safetensors")
    assert loaded.tokenizer == "word-cased"
    np.testing.assert_array_equal(
        loaded.predict_proba(["Cough", "cough"]), cased.predict_proba(["Cough", "cough"])
    )
