import csv
import gzip
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapt.errors import FileAccessError, FileFormatError, InputError
from adapt.text import records
from adapt.text.records import field_values, read_lines, text_format, text_value

# what a text file can hold: anything but a zero byte and half a surrogate pair
PLAIN_TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))


@pytest.mark.parametrize(
    ("name", "layout"),
    [
        ("a.txt", "plain"),
        ("a", "plain"),
        ("a.gz", "plain"),
        ("notes.2024.gz", "plain"),
        ("A.JSONL.GZ", "json"),
        ("a.json-lines", "json"),
        ("a.csv", "csv"),
        ("a.tsv.gz", "tsv"),
    ],
)
def test_the_name_tells_the_format(name, layout):
    assert text_format(Path(name)) == layout


def test_gzip_is_told_by_content(tmp_path):
    path = tmp_path / "not-called-gz.txt"
    path.write_bytes(gzip.compress("näher\nan".encode()))
    assert list(read_lines(path)) == [(1, "näher\n"), (2, "an")]


def test_plain_content_behind_a_gz_name_is_read(tmp_path):
    path = tmp_path / "plain.gz"
    path.write_text("word\n")
    assert list(read_lines(path)) == [(1, "word\n")]


def test_byte_order_mark_is_dropped_and_odd_line_separators_do_not_break_lines(tmp_path):
    path = tmp_path / "bom.txt"
    path.write_bytes("\ufeffone\u2028still one\r\ntwo".encode())
    assert list(read_lines(path)) == [(1, "one\u2028still one\r\n"), (2, "two")]


def test_what_is_read_is_reported_in_full(tmp_path):
    path = tmp_path / "a.txt.gz"
    path.write_bytes(gzip.compress(b"word and word\n" * 1000))
    seen = []
    assert len(list(read_lines(path, advance=seen.append))) == 1000
    assert sum(seen) == path.stat().st_size


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"fine\nbad \xff byte\n", r"a\.txt, line 2: not UTF-8 \(byte 0xff at position 4"),
        (b"fine\nPK\0\n", r"a\.txt, line 2: holds a zero byte"),
        (gzip.compress(b"word\n" * 999)[:-9], r"a\.txt, line \d+: damaged gzip data"),
        (gzip.compress(b"word\n" * 999)[:20] + b"??", r"a\.txt, line \d+: damaged gzip data"),
    ],
    ids=["not UTF-8", "zero byte", "gzip cut off", "gzip garbled"],
)
def test_unreadable_lines_are_named(tmp_path, content, message):
    path = tmp_path / "a.txt"
    path.write_bytes(content)
    with pytest.raises(FileFormatError, match=message):
        list(read_lines(path))


def test_missing_file_and_folder_are_no_files(tmp_path):
    with pytest.raises(FileAccessError, match=r"gone\.txt: no such file"):
        list(read_lines(tmp_path / "gone.txt"))
    with pytest.raises(FileAccessError, match="cannot be read"):
        list(read_lines(tmp_path))


@given(
    rows=st.lists(st.tuples(PLAIN_TEXT, PLAIN_TEXT), min_size=1), delimiter=st.sampled_from(",\t")
)
def test_tables_written_by_csv_come_back(tmp_path_factory, rows, delimiter):
    file = io.StringIO()
    writer = csv.writer(file, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerows([("text", "label"), *rows])
    path = tmp_path_factory.mktemp("t") / ("a.csv" if delimiter == "," else "a.tsv")
    path.write_bytes(file.getvalue().encode())
    assert [values for _, values in field_values(path, ("label", "text"))] == [
        (label, text) for text, label in rows
    ]


@given(st.lists(st.dictionaries(PLAIN_TEXT, PLAIN_TEXT), min_size=1))
def test_json_lines_come_back(tmp_path_factory, records):
    path = tmp_path_factory.mktemp("j") / "a.jsonl"
    lines = [json.dumps({**record, "text": number}) for number, record in enumerate(records)]
    path.write_text("\n\n".join(lines))
    expected = [(2 * number + 1, (number,)) for number in range(len(records))]
    assert list(field_values(path, ("text",))) == expected


def test_table_rows_are_numbered_by_the_line_they_begin_on(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('text\n"one\ntwo"\n\nthree\n')
    assert list(field_values(path, ("text",))) == [(2, ("one\ntwo",)), (5, ("three",))]


def test_long_fields_are_read(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("text\n" + "word " * 100_000 + "\n")
    ((_, (text,)),) = field_values(path, ("text",))
    assert len(text) == 500_000


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.jsonl", '{"text": "x"}\n{"text": \n', "line 2: not JSON"),
        ("a.jsonl", '{"text": "x"}\n["x"]\n', "line 2: not a JSON object"),
        ("a.jsonl", "[" * 100_000, "line 1: not JSON"),
        ("a.jsonl", '{"body": "x", "id": 1}', 'line 1: has no field "text", but "body", "id"'),
        ("a.jsonl", "{}", 'has no field "text", but none'),
        ("a.csv", "body,id\nx,1\n", 'line 1: has no column "text", but "body", "id"'),
        ("a.csv", "text,text\nx,1\n", 'has 2 columns called "text"'),
        ("a.csv", "text,id\nx,1\nx,y,z\n", "line 3: has 3 values, but the header names 2"),
        ("a.csv", 'text\nx\n"never closed\nx\n', "line 3: broken quoting"),
        ("a.tsv", 'text\tid\n"a" b\t1\n', "line 2: broken quoting"),
    ],
)
def test_broken_records_are_named(tmp_path, name, content, message):
    path = tmp_path / name
    path.write_text(content)
    with pytest.raises(FileFormatError, match=message) as caught:
        list(field_values(path, ("text",)))
    assert "\n" not in str(caught.value)


def test_plain_text_has_no_fields(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("word\n")
    with pytest.raises(InputError, match="no named fields"):
        list(field_values(path, ("text",)))


@pytest.mark.parametrize("value", [3, None, ["x"], "\ud800"])
def test_only_whole_text_counts_as_text(value):
    with pytest.raises(FileFormatError, match=r'a\.jsonl, line 7: "note"'):
        text_value(value, Path("a.jsonl"), 7, "note")


def test_lines_without_an_end_are_refused_before_they_fill_the_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(records, "_LONGEST", 1000)
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(b"a" * 1000 + b"\n" + b"b" * 1_000_000))
    lines = read_lines(path)
    with pytest.raises(FileFormatError, match="line 1: is longer than 1,000 bytes"):
        next(lines)  # with its line end it has one more than is taken
    path.write_bytes(gzip.compress(b"a" * 999 + b"\n" + b"b" * 1_000_000))
    lines = read_lines(path)
    assert next(lines) == (1, "a" * 999 + "\n")
    with pytest.raises(FileFormatError, match="line 2: is longer"):
        next(lines)


def test_rows_without_an_end_are_refused_before_they_fill_the_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(records, "_LONGEST", 1000)
    path = tmp_path / "bomb.csv"
    path.write_text("text\n" + "a\n" * 2000 + '"b\n' + "c\n" * 2000)
    rows = field_values(path, ("text",))
    assert [next(rows) for _ in range(2000)][-1] == (2001, ("a",))
    with pytest.raises(FileFormatError, match="line 2501: .*row of more than 1,000 characters"):
        next(rows)
