"""MedQuAD from an archive of XML and from JSON Lines, both made up here."""

import gzip
import json
import re
import zipfile

import pytest

from adapt.errors import FileAccessError, FileFormatError, InputError
from adapt.text import dataset_infos, load_dataset
from adapt.text.medquad import QuestionAnswer, label_questions, read_medquad

INFO = next(info for info in dataset_infos() if info.name == "medquad")


def document(focus, types, *pairs, head=""):
    types = "".join(f"<SemanticType>{one}</SemanticType>" for one in types)
    pairs = "".join(
        f"<QAPair><Question qid='1' qtype='information'>{question}</Question>"
        f"<Answer>{answer}</Answer></QAPair>"
        for question, answer in pairs
    )
    return (
        f"<?xml version='1.0' encoding='UTF-8'?>{head}<Document id='1' source='X'>"
        f"<Focus>{focus}</Focus><FocusAnnotations><UMLS><SemanticTypes>{types}</SemanticTypes>"
        f"</UMLS></FocusAnnotations><QAPairs>{pairs}</QAPairs></Document>"
    )


@pytest.fixture
def archive(tmp_path):
    """Write an archive of the given documents."""

    def write(*documents):
        path = tmp_path / "medquad.zip"
        with zipfile.ZipFile(path, "w") as file:
            file.writestr("MedQuAD-master/readme.txt", "is not XML")
            for number, content in enumerate(documents):
                file.writestr(f"MedQuAD-master/1_X_QA/{number}.xml", content)
        return path

    return write


def many(n=120):
    """Diseases and neoplasms, two questions each."""
    return [
        QuestionAnswer(f"Thing {n}", (("T047", "T191")[n % 2],), question, f"{question} Of {n}.")
        for n in range(n)
        for question in (f"What is (are) Thing {n} ?", f"What causes Thing {n} ?")
    ]


def test_an_archive_and_records_give_the_same(archive, tmp_path):
    documents = [
        document(
            "Gout",
            ["T047"],
            ("What is (are) Gout ?", "A\n   painful &amp; old\tdisease."),
            ("What causes Gout ?", " "),  # taken out by the publisher
        ),
        document("Lipoma", ["T191", "T191"], ("What is (are) Lipoma ?", "Fat.")),
    ]
    from_zip = read_medquad(archive(*documents))
    rows = [
        {"focus": "Gout", "semantic_types": ["T047"], "question": "What is (are) Gout ?",
         "text": "A painful & old disease.", "source": "X", "question_type": "information"},
        {"focus": "Gout", "semantic_types": ["T047"], "question": "What causes Gout ?", "text": ""},
        {"focus": "Lipoma", "semantic_types": ["T191", None], "question": "What is (are) Lipoma ?",
         "text": "Fat."},
    ]  # fmt: skip
    path = tmp_path / "medquad.jsonl.gz"
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
    from_records = read_medquad(path)
    assert from_zip.unlabelled == from_records.unlabelled == ("A painful & old disease.", "Fat.")
    assert from_zip.unlabelled_groups == from_records.unlabelled_groups == ("gout", "lipoma")
    assert from_records.sources == (str(path),)


def test_one_question_for_each_focus_of_a_single_type():
    pairs = [
        QuestionAnswer("Crohn's disease", ("T047",), "What is Crohn's disease ?", "a"),
        QuestionAnswer("Disease, Crohn", ("T047",), "What causes it ?", "b"),
        QuestionAnswer("Cleft lip", ("T019", "T047"), "What is Cleft lip ?", "c"),
        QuestionAnswer("Lipoma", ("T191",), "What is Lipoma ?", "d"),
        QuestionAnswer("Fever", (), "What is Fever ?", "e"),
        QuestionAnswer("Cough", ("T184",), "What is Cough ?", "f"),
        QuestionAnswer("cough", ("T033",), "What is cough ?", "g"),  # another type elsewhere
    ]
    whole = label_questions(pairs, smallest_class=1)
    assert whole.labelled.texts == ("What is Crohn's disease ?", "What is Lipoma ?")
    assert whole.labelled.labels == ("T047", "T191")
    assert whole.unlabelled == tuple("abcdefg")
    assert label_questions(pairs, smallest_class=2).labelled.texts == ()


def test_no_answer_about_a_test_disorder_is_in_the_corpus(monkeypatch):
    whole = label_questions(many())
    monkeypatch.setattr("adapt.text.datasets._FETCHED", ((INFO, lambda path: whole),))
    dataset = load_dataset("medquad")
    asked = {text.removeprefix("What is (are) ") for text in dataset.test.texts}
    about = {text.split(" Of ")[1].rstrip(".") for text in dataset.corpus}
    assert not {f"Thing {n} ?" for n in about} & asked
    assert len(dataset.corpus) == 2 * len(dataset.train)


def test_a_missing_file_says_how_to_get_it(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileAccessError, match="run adapt data fetch medquad, or name your copy"):
        load_dataset("medquad")
    with pytest.raises(FileAccessError, match="none.zip: no such file"):
        load_dataset("medquad", path="none.zip")


def test_a_copy_of_what_comes_in_a_package_is_refused():
    with pytest.raises(InputError, match='"news" comes in a package; leave here.zip out'):
        load_dataset("news", path="here.zip")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (document("X", [], ("q", "a"), head="<!DOCTYPE d [<!ENTITY x 'y'>]>"), "declares entities"),
        ("<Document>", "is not XML"),
        (document("X", [], ("q", "a"), head="<!DOCTYPE d>").encode("utf-16"), "is not UTF-8"),
        (document("X", [], ("q", "a"), head="<!DOCTYPE d>").encode("utf-16-le"), "holds zero"),
    ],
)
def test_documents_that_are_not_as_published(archive, content, message):
    with pytest.raises(FileFormatError, match=f"0.xml: {message}"):
        read_medquad(archive(content))


def test_an_archive_without_answers(archive):
    with pytest.raises(FileFormatError, match="holds no answered question"):
        read_medquad(archive(document("X", ["T047"], ("q", ""))))


def test_a_file_that_is_no_archive(tmp_path):
    path = tmp_path / "medquad.zip"
    path.write_bytes(b"PK nothing")
    with pytest.raises(FileFormatError, match="is no whole zip archive"):
        read_medquad(path)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"focus": "X", "semantic_types": "T047", "question": "q", "text": "a"}, "is no list"),
        ({"focus": "X", "semantic_types": [], "question": 3, "text": "a"}, "line 1"),
        ({"focus": "X", "semantic_types": [], "question": "q"}, "line 1"),
    ],
)
def test_damaged_records_are_named(tmp_path, row, message):
    path = tmp_path / "medquad.jsonl"
    path.write_text(json.dumps(row) + "\n", encoding="utf-8")
    with pytest.raises(FileFormatError, match=message):
        read_medquad(path)


def test_archives_that_would_unpack_without_bounds_are_refused(archive, tmp_path, monkeypatch):
    path = archive(document("X", ["T047"], ("q", "a")))
    monkeypatch.setattr("adapt.text.medquad._LARGEST_ARCHIVE", 100)
    with pytest.raises(FileFormatError, match=r"medquad\.zip: holds far too much"):
        read_medquad(path)
    monkeypatch.undo()
    monkeypatch.setattr("adapt.text.medquad._LARGEST_MEMBER", 100)
    with pytest.raises(FileFormatError, match=r"0\.xml: is not as published"):
        read_medquad(path)
    monkeypatch.undo()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_BZIP2) as file:
        file.writestr("1.xml", document("X", ["T047"], ("q", "a")))
    with pytest.raises(FileFormatError, match=r"1\.xml: is not as published"):
        read_medquad(path)


def test_damaged_and_encrypted_archives_are_named(archive):
    path = archive(document("X", ["T047"], ("q", "a")))
    content = path.read_bytes()
    encrypted = bytearray(content)
    for member in re.finditer(rb"PK\x01\x02", content):
        encrypted[member.start() + 8] |= 1
    path.write_bytes(encrypted)
    with pytest.raises(FileFormatError, match="cannot be unpacked .*encrypted"):
        read_medquad(path)
    path.write_bytes(_with_broken_name(content))
    with pytest.raises(FileFormatError, match="is no whole zip archive"):
        read_medquad(path)


def _with_broken_name(content):
    """Say that the first name is UTF-8, which it is not."""
    changed, entry = bytearray(content), content.index(b"PK\x01\x02")
    changed[entry + 9] |= 8
    changed[entry + 46] = 0xFF
    return bytes(changed)
