"""Compressed files and archives: read as what is in them, refused where they cannot be."""

import gzip
import io
import struct
import sys
import tarfile
import zipfile

import pytest
import zstandard

from adapt.errors import FileAccessError, FileFormatError, MissingDependencyError
from adapt.vectors import read_vectors, vector_files

GLOVE = "".join(f"w{row} {row} 0.5\n" for row in range(3000)).encode()
WORD2VEC = b"3000 2\n" + GLOVE
BINARY = b"300 2\n" + b"".join(
    f"w{row} ".encode() + struct.pack("<2f", row, 0.5) for row in range(300)
)
CONTENTS = {"glove": GLOVE, "word2vec": WORD2VEC, "word2vec-binary": BINARY}


def zipped(members: dict[str, bytes], method=zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


PACKERS = {
    "gzip": gzip.compress,
    "zstd": zstandard.compress,
    "zstd frames": lambda content: b"".join(map(zstandard.compress, (content[:99], content[99:]))),
    "zip": lambda content: zipped({"v.txt": content}),
    "zip stored": lambda content: zipped({"v.txt": content}, zipfile.ZIP_STORED),
    "zip lzma": lambda content: zipped({"v.txt": content}, zipfile.ZIP_LZMA),
}


@pytest.fixture
def file(tmp_path):
    def write(content: bytes, name: str = "packed"):
        (tmp_path / name).write_bytes(content)
        return tmp_path / name

    return write


@pytest.mark.parametrize("packer", PACKERS)
@pytest.mark.parametrize("content", CONTENTS)
def test_packed_is_read_as_unpacked(file, packer, content):
    expected = read_vectors(file(CONTENTS[content], "v.txt"))
    path = file(PACKERS[packer](CONTENTS[content]))
    vectors = read_vectors(path)
    assert vectors.words == expected.words
    assert vectors.matrix.tobytes() == expected.matrix.tobytes()
    assert vectors.origin == ("v.txt" if packer.startswith("zip") else "packed")
    assert read_vectors(path, limit=2).words == expected.words[:2]
    assert read_vectors(path, words=["w77", "w7"]).words == ("w7", "w77")


@pytest.mark.parametrize("packer", PACKERS)
def test_damaged_or_cut_off_data_are_refused(file, packer):
    content = PACKERS[packer](GLOVE)
    half = len(content) // 2
    flipped = bytes(byte ^ 0x55 for byte in content[half : half + 40])
    for damaged in (
        content[:half],
        content[:-3],
        content[:half] + flipped + content[half + 40 :],
    ):
        with pytest.raises(FileFormatError) as caught:
            read_vectors(file(damaged))
        assert str(caught.value).startswith(str(file(damaged)))
        assert "\n" not in str(caught.value)


def test_member_of_an_archive_is_named_as_if_in_a_folder(file):
    path = file(zipped({"a/x.50d.txt": b"a 1 2\n", "a/x.100d.txt": b"a 1 2 3\n"}), "glove.zip")
    vectors = read_vectors(path / "a" / "x.100d.txt")
    assert (vectors.dim, vectors.origin) == (3, "x.100d.txt")
    assert read_vectors(f"{path}/a/x.50d.txt").dim == 2
    assert vector_files(path / "a" / "x.50d.txt") == (path,)


def test_archive_of_several_vector_files_lists_them(file):
    path = file(zipped({"x.50d.txt": b"a 1 2\n", "y.txt": b"a 1 2 3\n", "README": b"text\n"}))
    with pytest.raises(
        FileFormatError,
        match=r"2 vector files: x\.50d\.txt, y\.txt; name one, as packed/x\.50d\.txt",
    ):
        read_vectors(path)


def test_what_else_an_archive_holds_does_not_matter(file):
    others = {
        "LICENSE": b"Do what\nyou want\n",
        "__MACOSX/._v.txt": b"a 1 2\n",
        ".hidden": b"b 1 2\n",
    }
    archive = zipped({**others, "folder/": b"", "folder/v.txt": b"a 1 2\n"})
    assert read_vectors(file(archive)).origin == "v.txt"


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({}, "archive of 0 files"),
        ({"a": b"no vectors", "b": b"none either"}, "archive of 0 vector files"),
        ({"a.txt": b"no vectors"}, "packed/a.txt: is not a vector file"),
        ({"a.gz": gzip.compress(GLOVE)}, "packed/a.gz, byte 0: is packed more than once"),
        ({f"{row}": b"" for row in range(1001)}, "archive of 1001 files; name one"),
    ],
)
def test_archives_without_a_clear_vector_file_are_refused(file, members, message):
    with pytest.raises(FileFormatError, match=message):
        read_vectors(file(zipped(members)))


def test_missing_members_are_told(file):
    path = file(zipped({"v.txt": b"a 1 2\n"}), "v.zip")
    for name in ("other.txt", "../v.txt", "v.txt/v.txt"):
        with pytest.raises(FileAccessError, match=r"the archive v\.zip holds v\.txt"):
            read_vectors(f"{path}/{name}")
    plain = file(b"a 1 2\n", "v.txt")
    with pytest.raises(FileAccessError, match="is no zip archive"):
        read_vectors(plain / "v.txt")


def test_names_that_lead_out_of_the_archive_are_never_followed(file, tmp_path):
    outside = file(b"outside 1 2\n", "outside.txt")
    for name in ("../outside.txt", str(outside)):
        path = file(zipped({name: b"a 1 2\n"}), "v.zip")
        with pytest.raises(FileFormatError, match="archive of 0 files"):
            read_vectors(path)
        path = file(zipped({name: b"a 1 2\n", "inside.txt": b"b 1 2\n"}), "v.zip")
        assert read_vectors(path).words == ("b",)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["outside.txt", "v.zip"]


def test_members_without_a_name_are_passed_over(file):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        nameless = zipfile.ZipInfo("any")
        nameless.filename = ""
        archive.writestr(nameless, b"b 1 2\n")
        archive.writestr("v.txt", b"a 1 2\n")
    assert read_vectors(file(stream.getvalue())).words == ("a",)


def test_encrypted_archive_is_refused_with_advice(file):
    content = bytearray(zipped({"v.txt": b"a 1 2\n"}))
    content[6] |= 1  # the flag in the member's own header
    content[content.index(b"PK\x01\x02") + 8] |= 1  # and in the archive's directory
    with pytest.raises(FileFormatError, match=r"v\.txt: is encrypted; unpack it with its password"):
        read_vectors(file(bytes(content)))


def test_header_is_held_against_what_packed_data_can_hold(file):
    for packer in PACKERS.values():
        path = file(packer(b"90000000 300\nw " + bytes(1200)))
        with pytest.raises(FileFormatError, match="take at least .* holds at most"):
            read_vectors(path)


def test_zip_that_understates_its_content_is_refused(file):
    content = zipped({"v.txt": GLOVE})
    size = struct.pack("<I", len(GLOVE))
    assert content.count(size) == 2
    with pytest.raises(FileFormatError, match="zip data are damaged"):
        read_vectors(file(content.replace(size, struct.pack("<I", 500))))


def test_methods_that_unpack_without_bounds_are_refused(file):
    # zipfile would unpack 4 KiB of it at once, to some gigabytes
    path = file(zipped({"v.txt": GLOVE}, zipfile.ZIP_BZIP2))
    with pytest.raises(FileFormatError, match=r"v\.txt: is compressed by bzip2.*; unpack it"):
        read_vectors(path)


def test_missing_zstandard_is_told(file, monkeypatch):
    path = file(zstandard.compress(GLOVE))
    monkeypatch.setitem(sys.modules, "zstandard", None)
    with pytest.raises(MissingDependencyError, match="pip install zstandard"):
        read_vectors(path)


def test_names_that_are_no_utf8_are_refused(file):
    content = bytearray(zipped({"v.txt": GLOVE}))
    entry = content.index(b"PK\x01\x02")
    content[entry + 9] |= 8  # the flag that names are UTF-8
    content[entry + 46] = 0xFF
    with pytest.raises(FileFormatError, match="zip data are damaged"):
        read_vectors(file(bytes(content)))


def test_methods_that_python_does_not_know_are_refused_with_advice(file):
    content = bytearray(zipped({"v.txt": GLOVE}))
    for place in (8, content.index(b"PK\x01\x02") + 10):
        content[place] = 93  # zstd in zip
    with pytest.raises(FileFormatError, match="compressed in a way that is not read here .*unpack"):
        read_vectors(file(bytes(content)))


def test_tar_archives_are_refused_with_advice(file, tmp_path):
    with tarfile.open(tmp_path / "v.tar", "w") as archive:
        archive.add(file(GLOVE), "v.txt")
    with pytest.raises(FileFormatError, match="is a tar archive, .*unpack it"):
        read_vectors(tmp_path / "v.tar")
    with pytest.raises(FileFormatError, match="is a tar archive, .*unpack it"):
        read_vectors(file(gzip.compress((tmp_path / "v.tar").read_bytes())))
