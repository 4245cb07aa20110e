import gzip
import json
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapt.errors import FileAccessError, FileFormatError, InputError
from adapt.text import Corpus, WhitespaceTokenizer


def test_plain_text_has_a_document_a_line(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("Broad thumbs.\r\n\n   \nShort stature\n")
    corpus = Corpus.read(path)
    assert list(corpus.texts()) == ["Broad thumbs.", "Short stature"]
    assert list(corpus) == [["broad", "thumbs"], ["short", "stature"]]
    assert (corpus.name, corpus.files) == ("notes.txt", (path,))


def test_a_corpus_can_be_read_again_and_twice_at_once(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("one\ntwo\n")
    corpus = Corpus.read(path)
    assert list(zip(corpus, corpus, strict=True)) == [(["one"], ["one"]), (["two"], ["two"])]
    assert list(corpus) == [["one"], ["two"]]


def test_all_formats_give_the_same_texts(tmp_path):
    texts = ["Broad, flat", 'so "called"', "naïve"]
    lines = "".join(json.dumps({"id": n, "note": t}) + "\n" for n, t in enumerate(texts))
    quoted = "".join('{}\t"{}"\n'.format(n, t.replace('"', '""')) for n, t in enumerate(texts))
    (tmp_path / "a.txt").write_text("\n".join(texts))
    (tmp_path / "a.txt.gz").write_bytes(gzip.compress("\n".join(texts).encode()))
    (tmp_path / "a.jsonl").write_text(lines)
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(lines.encode()))
    (tmp_path / "a.tsv").write_text("id\tbody\n" + quoted)
    (tmp_path / "a.csv").write_text("id,body\n" + quoted.replace("\t", ","))
    files = sorted(tmp_path.iterdir())
    assert len(files) == 6
    for file in files:
        corpus = Corpus.read(file, text_field="note", text_column="body")
        assert list(corpus.texts()) == texts, file.name


def test_folders_are_searched_in_order_and_hidden_files_skipped(tmp_path):
    for name in ["b.txt", "a/z.txt", "a/c.jsonl", ".hidden.txt", ".git/x.txt", "README.md"]:
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps({"text": name}) if name.endswith("jsonl") else name)
    assert list(Corpus.read(tmp_path).texts()) == ["a/c.jsonl", "a/z.txt", "b.txt"]


def test_an_empty_file_in_a_folder_with_others_is_no_error(tmp_path):
    (tmp_path / "a.txt").write_text("")
    (tmp_path / "b.txt").write_text("word")
    assert list(Corpus.read(tmp_path)) == [["word"]]


def test_several_paths_are_read_in_the_order_given(tmp_path):
    (tmp_path / "a.txt").write_text("first")
    (tmp_path / "b.txt").write_text("second")
    corpus = Corpus.read(tmp_path / "b.txt", str(tmp_path / "a.txt"))
    assert list(corpus.texts()) == ["second", "first"]
    assert corpus.name == "b.txt and 1 more"


def test_nothing_to_read_is_an_error(tmp_path):
    with pytest.raises(InputError, match="at least one file"):
        Corpus.read()
    with pytest.raises(FileAccessError, match="gone: no such file or folder"):
        Corpus.read(tmp_path / "gone")
    with pytest.raises(InputError, match="the folder holds no documents"):
        Corpus.read(tmp_path)


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.txt", ""), ("a.txt", " \n\n"), ("a.jsonl", ""), ("a.csv", ""), ("a.csv", "text\n")],
)
def test_a_file_without_documents_is_an_error_even_beside_a_full_one(tmp_path, name, content):
    (tmp_path / "full.txt").write_text("word")
    (tmp_path / name).write_text(content)
    with pytest.raises(InputError, match=f"{name}: holds no documents"):
        list(Corpus.read(tmp_path / "full.txt", tmp_path / name))


def test_a_text_field_that_is_no_text_is_an_error(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "x"}\n{"text": null}\n')
    with pytest.raises(FileFormatError, match=r'a\.jsonl, line 2: "text" is not text but null'):
        list(Corpus.read(path))


def test_a_corpus_left_half_read_leaves_no_file_open(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("one\ntwo\n")
    stream = Corpus.read(path).texts()
    assert next(stream) == "one"
    del stream  # an open file would warn, and warnings are errors


def test_texts_in_memory_are_kept_one_by_one_even_blank():
    corpus = Corpus.from_texts(["A b", "", "a"], name="three")
    assert list(corpus) == [["a", "b"], [], ["a"]]
    assert corpus.word_counts() == {"a": 2, "b": 1}
    assert (corpus.name, corpus.files) == ("three", ())


@pytest.mark.parametrize("texts", [[], (), "one text"])
def test_texts_must_be_a_filled_list(texts):
    with pytest.raises(InputError):
        Corpus.from_texts(texts)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1), st.integers(1, 4))
def test_sentences_hold_every_word_once_in_order(tmp_path_factory, texts, max_tokens):
    path = tmp_path_factory.mktemp("s") / "sentences.txt"
    corpus = Corpus.from_texts(texts, tokenizer=WhitespaceTokenizer())
    n_documents, n_tokens = corpus.write_sentences(path, max_tokens=max_tokens)
    lines = path.read_bytes().decode().split("\n")
    assert lines.pop() == ""
    words = [line.split(" ") for line in lines]
    assert list(chain(*words)) == list(chain(*corpus))
    assert all(1 <= len(line) <= max_tokens for line in words)
    assert n_documents == sum(bool(document) for document in corpus)
    assert n_tokens == sum(map(len, corpus))


def test_gensim_drops_nothing_of_long_documents_but_what_it_subsamples(tmp_path):
    from gensim.models import Word2Vec

    path = tmp_path / "sentences.txt"
    _, n_tokens = Corpus.from_texts(["a b c d e f g h i j " * 10_000]).write_sentences(path)
    model = Word2Vec(vector_size=2, min_count=1, workers=1, sample=0.023, seed=0)
    model.build_vocab(corpus_file=str(path))
    n_trained, n_read = model.train(corpus_file=str(path), total_words=n_tokens, epochs=1)
    share = model.wv.get_vecattr("a", "sample_int") / 2**32
    assert 0.6 < share < 0.8  # with fewer words left, longer lines would pass as well
    assert n_read == n_tokens == 100_000
    assert n_trained == pytest.approx(share * n_tokens, rel=0.02)


@pytest.mark.parametrize("word", ["", "two words", "line\nend", "\ud800"])
def test_words_that_a_line_cannot_hold_are_refused_and_nothing_is_written(tmp_path, word):
    corpus = Corpus.from_texts(["x"], tokenizer=lambda _: ["fine", word])
    with pytest.raises(InputError, match=r"white space|surrogate"):
        corpus.write_sentences(tmp_path / "sentences.txt")
    assert list(tmp_path.iterdir()) == []


def test_a_problem_in_a_file_leaves_no_half_written_sentences(tmp_path):
    source, target = tmp_path / "a.txt", tmp_path / "out" / "sentences.txt"
    source.write_bytes(b"fine\n\xff\n")
    with pytest.raises(FileFormatError, match="line 2"):
        Corpus.read(source).write_sentences(target)
    assert list(target.parent.iterdir()) == []


def test_a_line_must_have_room_for_a_word(tmp_path):
    with pytest.raises(InputError, match="max_tokens is 0"):
        Corpus.from_texts(["x"]).write_sentences(tmp_path / "s.txt", max_tokens=0)
