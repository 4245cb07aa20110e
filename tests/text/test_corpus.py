import gzip
import itertools
import json
from itertools import chain

import pytest

from adapt.errors import FileAccessError, FileFormatError, InputError
from adapt.text import Corpus


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


def test_parts_hold_every_document_once_whatever_their_number():
    corpus = Corpus.from_texts([f"text {i}" for i in range(200)])
    parts = [corpus.part(number, 3, seed=5) for number in range(3)]
    dealt = [list(part.texts()) for part in parts]
    assert sorted(chain(*dealt)) == sorted(corpus.texts())
    assert dealt == [list(part.texts()) for part in parts]
    assert all(40 < len(texts) < 95 for texts in dealt)
    assert dealt[0] != list(corpus.part(0, 3, seed=6).texts())


def test_a_part_that_is_not_there_is_refused():
    with pytest.raises(InputError, match="part 2 of 2"):
        Corpus.from_texts(["x"]).part(2, 2)


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("one\ntwo\n")
    texts = Corpus.read(path).texts()
    next(texts)
    with path.open("a") as file:
        file.write("three\n")
    with pytest.raises(InputError, match=r"a\.txt: changed while it was read"):
        list(texts)


def test_samples_are_nested_and_as_large_as_asked_for():
    corpus = Corpus.from_texts([f"document {number}" for number in range(2_000)])
    shares = (0.01, 0.1, 0.5, 1.0)
    samples = [list(corpus.sample(share, seed=3).texts()) for share in shares]
    for smaller, larger in itertools.pairwise(samples):
        assert set(smaller) < set(larger)
    assert [len(sample) / 2_000 for sample in samples] == pytest.approx(shares, abs=0.03)
    assert list(corpus.sample(0.1, seed=3).texts()) == samples[1]
    assert list(corpus.sample(0.1, seed=4).texts()) != samples[1]


@pytest.mark.parametrize("share", [0, -0.1, 1.5, float("nan")])
def test_a_share_out_of_range(share):
    with pytest.raises(InputError, match="it must lie above 0"):
        Corpus.from_texts(["a"]).sample(share)
