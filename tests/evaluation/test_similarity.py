"""Cosines against the scores that people gave: the figures, and the files they come from."""

import gzip

import numpy as np
import pytest
from scipy.stats import spearmanr

from adapt.errors import FileAccessError, FileFormatError, InputError
from adapt.evaluation import ScoredPair, read_pairs, word_similarity
from adapt.text import WordTokenizer
from adapt.vectors import WordVectors


@pytest.fixture(scope="module")
def vectors():
    generator = np.random.default_rng(0)
    words = [f"w{i}" for i in range(40)] + ["lung nodule", "nothing"]
    matrix = generator.normal(size=(42, 5))
    matrix[-1] = 0
    return WordVectors(words, matrix)


def cosine(x, y):
    return float(x @ y / np.linalg.norm(x) / np.linalg.norm(y))


def scored(vectors, n=20, noise=0.0):
    """Pairs whose scores are their cosines, more or less."""
    generator = np.random.default_rng(1)
    return [
        ScoredPair(f"w{i}", f"w{i + 20}", cosine(vectors[f"w{i}"], vectors[f"w{i + 20}"])
                   + noise * generator.normal())
        for i in range(n)
    ]  # fmt: skip


def test_ranks_count_and_nothing_else(vectors):
    pairs = scored(vectors)
    assert word_similarity(vectors, pairs).spearman == pytest.approx(1)
    stretched = [ScoredPair(p.first, p.second, np.exp(5 * p.score)) for p in pairs]
    assert word_similarity(vectors, stretched).spearman == pytest.approx(1)
    turned = [ScoredPair(p.second, p.first, -p.score) for p in pairs]
    assert word_similarity(vectors, turned).spearman == pytest.approx(-1)
    longer = vectors.replace(matrix=vectors.matrix * np.arange(1, 43)[:, None])
    assert word_similarity(longer, pairs).spearman == pytest.approx(1)


def test_the_figure_and_its_interval_are_those_of_scipy_and_the_bootstrap(vectors):
    pairs = scored(vectors, noise=0.5)
    found = word_similarity(vectors, pairs, seed=3)
    cosines = [cosine(vectors[p.first], vectors[p.second]) for p in pairs]
    assert found.spearman == pytest.approx(spearmanr(cosines, [p.score for p in pairs]).statistic)
    assert -1 <= found.low < found.spearman < found.high <= 1
    assert found == word_similarity(vectors, pairs, seed=3)
    assert found != word_similarity(vectors, pairs, seed=4)
    narrow = word_similarity(vectors, pairs * 10)
    assert narrow.high - narrow.low < 0.6 * (found.high - found.low)


def test_terms_of_several_words_are_averaged_unless_they_are_known_whole(vectors):
    pairs = [
        ScoredPair("W1 w2 unheard", "w3", 1),  # mean of w1 and w2
        ScoredPair("lung nodule", "w4", 2),
        ScoredPair("w5", "w6", 3),
    ]
    mean = (vectors["w1"] + vectors["w2"]) / 2
    cosines = [
        cosine(mean, vectors["w3"]),
        cosine(vectors["lung nodule"], vectors["w4"]),
        cosine(vectors["w5"], vectors["w6"]),
    ]
    found = word_similarity(vectors, pairs)
    assert found.n_covered == 3
    assert found.spearman == pytest.approx(spearmanr(cosines, [1, 2, 3]).statistic)
    cased = word_similarity(vectors, pairs, tokenizer=WordTokenizer(lowercase=False))
    alone = [cosine(vectors["w2"], vectors["w3"]), *cosines[1:]]
    assert cased.spearman == pytest.approx(spearmanr(alone, [1, 2, 3]).statistic)


def test_pairs_without_vectors_lower_the_coverage_and_nothing_else(vectors):
    pairs = scored(vectors, noise=0.5)
    more = [*pairs, ScoredPair("unheard", "w1", 9), ScoredPair("w1", "nothing", 9)]
    found, fewer = word_similarity(vectors, more), word_similarity(vectors, pairs)
    assert (found.n_pairs, found.n_covered) == (22, 20)
    assert found.coverage == pytest.approx(20 / 22)
    assert (found.spearman, found.low, found.high) == (fewer.spearman, fewer.low, fewer.high)


@pytest.mark.parametrize(
    "pairs",
    [
        [ScoredPair("unheard", "w1", 1)],
        [ScoredPair("w1", "w2", 1), ScoredPair("w3", "w4", 2)],
        [ScoredPair("w1", f"w{i}", 5) for i in range(2, 9)],
        [ScoredPair("w1", "w1", i) for i in range(9)],
    ],
    ids=["none covered", "two", "equal scores", "equal cosines"],
)
def test_a_correlation_that_is_not_defined_is_none(vectors, pairs):
    found = word_similarity(vectors, pairs)
    assert (found.spearman, found.low, found.high) == (None, None, None)


def test_no_pairs_are_refused(vectors):
    with pytest.raises(InputError, match="no pairs"):
        word_similarity(vectors, [])


EXPECTED = (ScoredPair("lung nodule", "cyst", 2.5), ScoredPair("gait", "walking", 7.0))


@pytest.mark.parametrize(
    "text",
    [
        "lung nodule\tcyst\t2.5\ngait\twalking\t7\n",
        "\ufefflung nodule,cyst,2.5\r\n\r\ngait,walking,7\r\n",
        'term1,term2,mean\n"lung nodule",cyst,2.5\ngait,walking,7',
        "# a comment, with a comma\n# Word 1\tWord 2\tHuman (mean)\n"
        "lung nodule\tcyst\t2.5\ngait\twalking\t7\n",
        "Mean,CUI1,Term1,CUI2,Term2\n2.5,C1,lung nodule,C2,cyst\n7,C3,gait,C4,walking\n",
        "one\ttwo\tthree\nlung nodule\tcyst\t2.5\ngait\twalking\t7\n",
    ],
    ids=["tsv", "csv", "header", "comments", "named columns", "nameless header"],
)
def test_layouts_that_are_read(tmp_path, text):
    path = tmp_path / "pairs.txt"
    path.write_text(text, encoding="utf-8", newline="")
    assert read_pairs(path) == EXPECTED
    (tmp_path / "pairs.gz").write_bytes(gzip.compress(text.encode()))
    assert read_pairs(tmp_path / "pairs.gz") == EXPECTED


def test_blanks_separate_where_nothing_else_does(tmp_path):
    (tmp_path / "pairs").write_text("old new 1.58\nsmart  intelligent 9.2\n", encoding="utf-8")
    assert read_pairs(tmp_path / "pairs") == (
        ScoredPair("old", "new", 1.58),
        ScoredPair("smart", "intelligent", 9.2),
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no pairs"),
        ("# only\n", "holds no pairs"),
        ("word1\tword2\tscore\n", "holds no pairs"),
        ("a\tb\t1\n\nc\td\n", "line 3: has no two terms and a score, but 'c | d'"),
        ("a,b,1\nc,d,much\n", "line 2: has no two terms"),
        ("a,b,1\nc,d,nan\n", "line 2: has no two terms"),
        ("a\tb\t1\n\tb\t1\n", "line 2: has no two terms"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path, text, message):
    path = tmp_path / "pairs.txt"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FileFormatError, match=message.replace("|", r"\|")):
        read_pairs(path)


def test_a_missing_file_is_said(tmp_path):
    with pytest.raises(FileAccessError, match="no such file"):
        read_pairs(tmp_path / "nowhere.tsv")


@pytest.mark.parametrize(("name", "n"), [("wordsim353.tsv", 353), ("simlex999.txt", 999)])
def test_files_that_gensim_brings_along_are_read(name, n):
    from gensim.test.utils import datapath

    pairs = read_pairs(datapath(name))
    assert len(pairs) == n
    assert all(0 <= pair.score <= 10 for pair in pairs)


def test_a_line_that_cannot_be_cut_is_named(tmp_path):
    path = tmp_path / "pairs.tsv"
    path.write_bytes(b"a\tb\t1\nc\rd\te\t2\n")
    with pytest.raises(FileFormatError, match=r"line 2: cannot be cut into values \(new-line"):
        read_pairs(path)
