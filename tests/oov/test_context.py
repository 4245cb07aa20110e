"""Vectors from contexts: exact sums, the map and its choices, and what stays unfilled."""

import numpy as np
import pytest

from adapt.errors import InputError, NotFittedError
from adapt.oov import Context, Mean, strategy_named
from adapt.oov import contexts as contexts_module
from adapt.oov.contexts import context_means, numbered
from adapt.oov.reliability import ReliabilityRidge
from adapt.text import Corpus, WhitespaceTokenizer
from adapt.vectors import WordVectors

SPANS = ((1, 0), (0, 1), (2, 3))


def texts(n, *, seed=0, n_words=30):
    """Documents of 0 to 12 words, some of which repeat close by."""
    generator = np.random.default_rng(seed)
    return [
        " ".join(
            f"w{number}" for number in generator.zipf(1.5, generator.integers(0, 13)) % n_words
        )
        for _ in range(n)
    ]


def means_by_hand(documents, words, vectors, weights, span):
    """Loop over all occurrences."""
    before, after = span
    number = {word: row for row, word in enumerate(words)}
    sums, total = np.zeros_like(vectors), np.zeros(len(words))
    for document in documents:
        for place, word in enumerate(document):
            for other in range(max(0, place - before), min(len(document), place + after + 1)):
                row = number[document[other]]
                if document[other] != word:
                    sums[number[word]] += weights[row] * vectors[row]
                    total[number[word]] += weights[row]
    return sums / np.where(total > 0, total, 1)[:, None]


class TestContextMeans:
    corpus = Corpus.from_texts(texts(60))

    def means(self, corpus=corpus):
        text = numbered(corpus)
        generator = np.random.default_rng(1)
        numbers = [int(word[1:]) for word in text.words]
        vectors, weights = generator.normal(size=(30, 4))[numbers], generator.random(30)[numbers]
        weights[::5] = 0
        return text, vectors, weights, context_means(text, vectors, weights, SPANS)

    def test_are_those_of_a_loop_over_all_occurrences(self):
        text, vectors, weights, found = self.means()
        for place, span in enumerate(SPANS):
            by_hand = means_by_hand(list(self.corpus), text.words, vectors, weights, span)
            features = found.features[:, 4 * place : 4 * place + 4]
            np.testing.assert_allclose(features, by_hand, atol=1e-5)

    @pytest.mark.parametrize("block", [1, 7, 100, 10_000])
    def test_do_not_depend_on_the_blocks(self, block, monkeypatch):
        whole = self.means()[-1]
        monkeypatch.setattr(contexts_module, "_BLOCK", block)
        blocks = self.means()[-1]
        assert blocks.features.tobytes() == whole.features.tobytes()
        assert blocks.occurrences.tolist() == whole.occurrences.tolist()

    def test_only_company_counts_as_an_occurrence(self):
        text = numbered(Corpus.from_texts(["a", "a b", "a a", "a c"]))
        weights = np.array([word == "b" for word in text.words], dtype=np.float64)
        found = context_means(text, np.ones((3, 2)), weights, SPANS)
        assert dict(zip(text.words, found.occurrences.tolist(), strict=True)) == {
            "a": 1, "b": 0, "c": 0,
        }  # fmt: skip


@pytest.fixture(scope="module")
def made():
    generator = np.random.default_rng(0)
    n = generator.integers(1, 60, size=80)
    signal = generator.normal(size=(80, 5))
    features = signal + 3 * generator.normal(size=(80, 5)) / np.sqrt(n)[:, None]
    return features, 4 * signal @ generator.normal(size=(5, 3)), n


class TestReliabilityRidge:
    def test_choices_are_those_of_leaving_every_word_out_by_hand(self, made):
        features, targets, n = made
        learned = ReliabilityRidge.learn(features, targets, n)
        reliability = n / (n + 10)
        share = reliability / reliability.sum()
        both = np.hstack([features, reliability[:, None] * features])
        standard = (both - learned.centre) / learned.scale
        directions = targets / np.linalg.norm(targets, axis=1, keepdims=True)

        def left_out(penalty):
            mapped = np.empty_like(directions)
            for word in range(len(n)):
                rest = np.delete(np.arange(len(n)), word)
                design = np.column_stack([standard, np.ones(len(n))])
                punish = penalty * np.diag([1.0] * 10 + [0.0])
                weighted = design[rest].T * share[rest]
                solution = np.linalg.solve(
                    weighted @ design[rest] + punish, weighted @ directions[rest]
                )
                mapped[word] = design[word] @ solution
            return mapped

        def error(penalty):
            return share @ np.square(left_out(penalty) - directions).sum(axis=1)

        errors = {penalty: error(penalty) for penalty in np.logspace(-4, 2, 13)}
        assert learned.penalty == min(errors, key=errors.get)
        mapped = left_out(learned.penalty)

        def distance(length):
            return np.square(length * mapped - targets).sum()

        assert distance(learned.length) < min(
            distance(0.99 * learned.length), distance(1.01 * learned.length)
        )

    def test_features_of_few_observations_are_mapped_closer_to_the_mean(self, made):
        features, targets, n = made
        learned = ReliabilityRidge.learn(features, targets, n)
        lengths = [
            np.linalg.norm(learned.apply(features, np.full(80, count)) - targets.mean(axis=0))
            for count in (1, 10, 1000)
        ]
        assert lengths[0] < 0.8 * lengths[1] < 0.8 * lengths[2]

    def test_features_that_never_vary_do_no_harm(self):
        learned = ReliabilityRidge.learn(np.ones((2, 3)), np.eye(2), np.array([1, 5]))
        assert np.isfinite(learned.apply(np.ones((4, 3)), np.array([1, 2, 3, 4]))).all()


@pytest.fixture(scope="module")
def topics():
    """Known and hidden words of ten topics, and a text in which a topic stays among itself."""
    generator = np.random.default_rng(0)
    centres = generator.normal(size=(10, 6))
    words = [f"t{topic}n{number}" for topic in range(10) for number in range(20)]
    matrix = np.repeat(centres, 20, axis=0) + 0.2 * generator.normal(size=(200, 6)) + 5
    documents = [
        " ".join(f"t{topic}n{number}" for number in generator.integers(0, 20, size=8))
        for topic in generator.integers(0, 10, size=1_000)
    ]
    hidden = np.arange(200) % 20 == 0
    known = WordVectors([w for w, gone in zip(words, hidden, strict=True) if not gone],
                        matrix[~hidden])  # fmt: skip
    return (
        known,
        [w for w, gone in zip(words, hidden, strict=True) if gone],
        matrix[hidden],
        documents,
    )


def test_hidden_words_come_back_from_their_contexts(topics):
    known, hidden, true, documents = topics
    context = Context().fit(known, Corpus.from_texts(documents))
    rebuilt = context.vectors_for(hidden)
    mean = Mean().fit(known).vectors_for(hidden)
    assert np.linalg.norm(rebuilt - true, axis=1).mean() < 0.3 * np.linalg.norm(mean - true)
    centred, wanted = rebuilt - context.mean_, true - context.mean_
    lengths = np.linalg.norm(centred, axis=1) * np.linalg.norm(wanted, axis=1)
    assert ((centred * wanted).sum(axis=1) / lengths).min() > 0.9


def test_what_is_seen_more_often_is_trusted_more(topics):
    known, _, _, documents = topics
    company = " t1n1 t1n2 t1n3 "
    rare_and_often = ["rare" + company] + ["often" + company] * 30
    answer = Context().fit(known, Corpus.from_texts(documents + rare_and_often)).fill(
        ["rare", "often"]
    )  # fmt: skip
    np.testing.assert_allclose(answer.confidences, [1 / 11, 30 / 40])
    # their contexts are the same, but one occurrence is drawn closer to the mean
    rare, often = np.linalg.norm(answer.matrix - known.matrix.mean(axis=0), axis=1)
    assert rare < 0.9 * often


def test_words_without_company_stay_unfilled(topics):
    known, hidden, _, documents = topics
    odd = ["alone", "strange company", "alone alone alone"]
    context = Context().fit(known, Corpus.from_texts(documents + odd))
    answer = context.fill(["alone", "strange", "absent", "", hidden[0]])
    assert answer.steps == ("", "", "", "", "context")


def test_the_order_of_documents_changes_nothing(topics):
    known, hidden, _, documents = topics
    first = Context().fit(known, Corpus.from_texts(documents)).vectors_for(hidden)
    turned = Context().fit(known, Corpus.from_texts(documents[::-1])).vectors_for(hidden)
    np.testing.assert_allclose(turned, first, rtol=1e-5, atol=1e-6)


def test_zero_vectors_teach_nothing(topics):
    known, hidden, _, documents = topics
    blank = WordVectors(
        ("the", *known.words), np.vstack([np.zeros((1, 6), np.float32), known.matrix])
    )
    context = Context(spans=((4, 4),)).fit(
        blank, Corpus.from_texts(["the stray the"] * 50 + documents)
    )
    assert context.fill(["stray", hidden[0]]).steps == ("", "context")


def test_any_token_of_a_corpus_may_be_unknown(topics):
    known, _, _, documents = topics
    odd = "\udc80 t1n1 e\u0301 t1n2 🩺"
    corpus = Corpus.from_texts([*documents, odd], tokenizer=WhitespaceTokenizer())
    assert Context().fit(known, corpus).fill(["\udc80", "e\u0301", "🩺"]).filled.all()


def test_mistakes_say_what_to_do(topics):
    known = topics[0]
    with pytest.raises(NotFittedError):
        Context().fill(["a"])
    with pytest.raises(InputError, match=r"'context' learns from text; call fit\(vectors, corpus"):
        strategy_named("context").fit(known)
    with pytest.raises(InputError, match="0 of the known words .* too few"):
        Context().fit(known, Corpus.from_texts(["nothing known here"]))
    with pytest.raises(InputError, match="no known vectors"):
        Context().fit(WordVectors((), np.zeros((0, 6))), Corpus.from_texts(["some text"]))
    with pytest.raises(InputError, match="no words in its documents"):
        Context().fit(known, Corpus.from_texts(["..."]))
    for spans in ((), ((0, 0),), ((-1, 3),)):
        with pytest.raises(InputError, match="how many words before and after"):
            Context(spans=spans)
