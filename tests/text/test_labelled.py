import numpy as np
import pytest

from adapt.errors import AdaptWarning, FileAccessError, FileFormatError, InputError
from adapt.text import LabelledTexts, check_labels

THREE = LabelledTexts(("one", "two", "three"), ("b", "a", "b"))


def test_classes_are_sorted_and_subsets_keep_the_order_asked_for():
    assert THREE.classes == ("a", "b")
    assert THREE.subset([2, 0, 2]) == LabelledTexts(("three", "one", "three"), ("b", "b", "b"))
    assert THREE.subset(np.array([1])) == LabelledTexts(("two",), ("a",))
    assert len(THREE.subset([])) == 0


@pytest.mark.parametrize("rows", [[3], [-1], [0.5], [[0, 1]], [True, False, True]])
def test_rows_must_be_numbers_of_documents(rows):
    with pytest.raises(InputError, match="rows"):
        THREE.subset(rows)


def test_every_text_needs_a_label():
    with pytest.raises(InputError, match="2 texts, but 1 labels"):
        LabelledTexts(("one", "two"), ("a",))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jsonl", '{"text": "one", "label": "b"}\n{"label": 7, "text": "two"}\n'),
        ("a.csv", "id,label,text\n0, b ,one\n1,7,two\n"),
        ("a.tsv", "text\tlabel\none\tb\ntwo\t7\n"),
    ],
)
def test_formats_agree(tmp_path, name, content):
    (tmp_path / name).write_text(content)
    assert LabelledTexts.read(tmp_path / name) == LabelledTexts(("one", "two"), ("b", "7"))


def test_fields_can_be_named(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("note,system\none,eye\n")
    texts = LabelledTexts.read(path, text_field="note", label_field="system")
    assert texts == LabelledTexts(("one",), ("eye",))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.jsonl", '{"text": "x"}', 'line 1: has no field "label", but "text"'),
        ("a.jsonl", '{"text": "x", "label": true}', 'line 1: "label" is not text but true'),
        ("a.jsonl", '{"text": 5, "label": "a"}', 'line 1: "text" is not text but 5'),
        ("a.csv", "text,label\nx,a\ny, \n", 'line 3: "label" is blank'),
        ("a.csv", "text,class\nx,a\n", 'line 1: has no column "label", but "text", "class"'),
    ],
)
def test_broken_records_are_named(tmp_path, name, content, message):
    (tmp_path / name).write_text(content)
    with pytest.raises(FileFormatError, match=message):
        LabelledTexts.read(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "message"), [("a.csv", "holds no documents"), ("a.txt", "labelled documents come as")]
)
def test_files_without_labelled_documents_are_refused(tmp_path, name, message):
    (tmp_path / name).write_text("text,label\n")
    with pytest.raises(InputError, match=message):
        LabelledTexts.read(tmp_path / name)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileAccessError, match=r"gone\.csv: no such file"):
        LabelledTexts.read(tmp_path / "gone.csv")


def test_blank_documents_are_kept_and_reported(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("text,label\nx,a\n ,b\n,b\n")
    with pytest.warns(AdaptWarning, match=r"2 documents are blank \(the first on line 3\)"):
        assert len(LabelledTexts.read(path)) == 3


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([], "no labelled documents"),
        (["a", "a"], 'all 2 documents have the label "a"'),
        (["a", "a", "b"], 'the class "b" has a single document'),
        (["c", "a", "a", "b"], r'the class "b" \(and 1 more classes\) has a single document'),
    ],
)
def test_labels_that_cannot_be_learned_are_refused(labels, message):
    with pytest.raises(InputError, match=message):
        check_labels(labels)


def test_two_documents_in_each_of_two_classes_suffice():
    check_labels(["a", "b", "b", "a"])
