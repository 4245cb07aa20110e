"""Each step on its own, in order, and a table that goes before them."""

import numpy as np
import pytest

from adapt.errors import FileAccessError, FileFormatError, InputError
from adapt.oov import Related, read_synonyms, strategy_named
from adapt.oov.misspelling import Misspellings
from adapt.oov.numbers import NumberIndex
from adapt.text import Corpus
from adapt.vectors import WordVectors

KNOWN = [
    "tumor",
    "tumour",
    "fever",
    "patient",
    "menière",
    "meniere",
    "1998",
    "2003",
    "2008",
    "2015",
    "i69",
    "i70",
    "hemorrhage",
    "reside",
    "nondisplaced",
    "allergy",
    "epiphysis",
    "tophus",
    "vertebra",
    "kidney",
    "news",
    "stained",
    "sting",
    "optimize",
    "fiber",
    "labeled",
    "symptoms",
    "hyperlipidemia",
    "addition",
    "nothing",
]


@pytest.fixture(scope="module")
def vectors():
    matrix = np.eye(len(KNOWN), dtype=np.float32)
    matrix[-1] = 0
    return WordVectors(KNOWN, matrix)


def known_words(vector):
    return {KNOWN[row] for row in np.flatnonzero(vector)}


@pytest.mark.parametrize(
    ("word", "step", "others"),
    [
        ("Fever", "lower_case", {"fever"}),
        ("Patient's", "without_possessive", {"patient"}),
        ("meni\u0300ere", "without_diacritics", {"meniere"}),
        ("menie\u0300re", "composed", {"menière"}),
        ("ﬁber", "composed", {"fiber"}),
        ("Ménière’s", "without_diacritics", {"meniere"}),
        ("2007", "number", {"2003", "2008", "2015"}),
        ("I71", "number", {"i69", "i70"}),
        ("haemorrhage", "regional", {"hemorrhage"}),
        ("optimise", "regional", {"optimize"}),
        ("labelled", "regional", {"labeled"}),
        ("fibre", "regional", {"fiber"}),
        ("Non-Displaced", "joined", {"nondisplaced"}),
        ("allergies", "singular", {"allergy"}),
        ("epiphyses", "singular", {"epiphysis"}),
        ("tophi", "singular", {"tophus"}),
        ("vertebrae", "singular", {"vertebra"}),
        ("kidneys", "singular", {"kidney"}),
        ("staining", "past_tense", {"stained"}),
    ],
)
def test_the_step_and_the_word_it_leads_to(vectors, word, step, others):
    answer = Related().fit(vectors).fill([word])
    assert answer.steps == (f"related:{step}",)
    assert known_words(answer.matrix[0]) == others
    np.testing.assert_allclose(answer.matrix[0].sum(), 1, rtol=1e-6)
    assert answer.confidences[0] > 0.5


@pytest.mark.parametrize(
    "word",
    [
        "raeside",  # too short for ae and e to be anything but chance
        "renal-fever",  # parts are left to Subword
        "feverish",
        "new",
        "nothings",  # of a word whose vector is zero
        "70",  # of another form than i70
        "1" * 5000,  # more digits than Python turns into a number
        "2007" + "0" * 30,
    ],
)
def test_what_is_left_to_others(vectors, word):
    answer = Related().fit(vectors).fill([word])
    assert answer.steps == ("",)
    assert not answer.matrix.any()


def test_numbers_near_the_ends_of_their_form():
    numbers = NumberIndex(["10", "11", "12", "13", "9"])
    assert numbers.nearest("99") == ("13", "12", "11")
    assert numbers.nearest("00") == ("10", "11", "12")
    assert numbers.nearest("8") == ("9",)
    assert numbers.nearest("x") == ()


class TestMisspellings:
    CORPUS = Corpus.from_texts(
        ["symptoms addition hyperlipidemia"] * 12 + ["addiction"] * 3 + ["symtpoms"], name="made"
    )

    @pytest.mark.parametrize(
        ("word", "meant"),
        [
            ("symtpoms", "symptoms"),
            ("symptooms", "symptoms"),
            ("addiction", None),  # a word of its own, for it occurs three times
            ("additition", None),  # two edits in a short word
            ("hyperlpiidmia", "hyperlipidemia"),
            ("ysmptoms", None),  # the first letters must be right
            ("symptom5", None),
        ],
    )
    def test_rare_words_are_corrected_to_frequent_ones(self, word, meant):
        assert Misspellings(self.CORPUS, KNOWN).correct(word) == meant

    def test_only_known_words_are_meant(self):
        assert Misspellings(self.CORPUS, ["addition"]).correct("symtpoms") is None

    def test_a_corpus_is_needed(self, vectors):
        assert Related().fit(vectors).fill(["Symtpoms"]).steps == ("",)
        answer = Related().fit(vectors, self.CORPUS).fill(["Symtpoms"])
        assert answer.steps == ("related:misspelling",)
        assert known_words(answer.matrix[0]) == {"symptoms"}


class TestSynonyms:
    @pytest.fixture
    def table(self, tmp_path):
        def write(content):
            path = tmp_path / "synonyms.tsv"
            path.write_bytes(content)
            return path

        return write

    def test_the_table_goes_before_spelling(self, table, vectors):
        path = table(b"tumors\tkidney\ntumors\tnews\n\ngout tophus\r\ngout\tbig toe\n")
        related = strategy_named(f"related:{path}").fit(vectors)
        answer = related.fill(["tumors", "gout", "kidneys"])
        assert answer.steps == ("related:synonym", "related:synonym", "related:singular")
        assert known_words(answer.matrix[0]) == {"kidney", "news"}
        assert known_words(answer.matrix[1]) == {"tophus"}

    def test_synonyms_of_several_words_are_their_mean(self, vectors):
        related = Related({"pyelonephritis": ["kidney fever", "news"]}).fit(vectors)
        vector = related.vector_for("pyelonephritis")
        row = [vector[KNOWN.index(word)] for word in ("kidney", "fever", "news")]
        np.testing.assert_allclose(row, [0.25, 0.25, 0.5])

    def test_unknown_synonyms_leave_the_word_to_spelling(self, vectors):
        assert Related({"kidneys": ["renes"]}).fit(vectors).fill(["kidneys"]).steps == (
            "related:singular",
        )

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (b"a b\nonly\n", "line 2: is not a word and its synonym"),
            (b"a b c\n", "line 1: is not a word and its synonym"),
            (b"a\tb\tc\n", "line 1: is not"),
            (b"a\t\n", "line 1: is not"),
            (b"a b\n\xff b\n", "line 2: is not UTF-8"),
            (b"\n", "holds no synonyms"),
        ],
    )
    def test_damaged_tables_are_refused_with_the_line(self, table, content, message):
        path = table(content)
        with pytest.raises(FileFormatError, match=message) as caught:
            read_synonyms(path)
        assert str(caught.value).startswith(str(path))

    def test_a_byte_order_mark_is_no_letter(self, table):
        assert read_synonyms(table(b"\xef\xbb\xbfa b\n")) == {"a": ("b",)}

    def test_a_missing_table_is_refused(self):
        with pytest.raises(FileAccessError, match="none.tsv: cannot be read"):
            strategy_named("related:none.tsv")


def test_no_vectors_are_refused():
    with pytest.raises(InputError, match="no known words"):
        Related().fit(WordVectors((), np.zeros((0, 3))))
