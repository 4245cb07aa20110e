"""A copy in the cache is what the file itself would have given, or it is not used."""

import errno
import gzip
import io
import os
import struct
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest

from adapt.errors import AdaptWarning, FileFormatError, InputError
from adapt.files import cache_folder
from adapt.vectors import (
    FORMATS,
    WordVectors,
    cache,
    read_vectors,
    reading,
    text_rows,
    write_vectors,
)

WORDS = ("the", "naïve", "x^2", "a\xa0b", *(f"w{row}" for row in range(500)))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Cache folder of one test, in which files of any size and age are kept."""
    monkeypatch.setenv("ADAPT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(cache, "_LEAST_BYTES", 0)
    monkeypatch.setattr(cache, "_SETTLED_NS", -1)
    return tmp_path / "cache" / "vectors"


@pytest.fixture
def parsed(monkeypatch):
    """Names of the files that were read themselves."""
    files = []
    genuine = reading._collect

    def watched(path, found, rows):
        files.append(path.name)
        genuine(path, found, rows)

    monkeypatch.setattr(reading, "_collect", watched)
    return files


def vectors_of(seed: int = 0) -> WordVectors:
    values = np.random.default_rng(seed).normal(size=(len(WORDS), 3)).astype(np.float32)
    return WordVectors(WORDS, values)


def written(path: Path, seed: int = 0) -> Path:
    write_vectors(vectors_of(seed), path)
    return path


def assert_same(left: WordVectors, right: WordVectors) -> None:
    assert (left.words, left.origin, left.counts) == (right.words, right.origin, right.counts)
    assert left.matrix.tobytes() == right.matrix.tobytes()
    assert (
        left.rows(["the", "absent", "w7"]).tolist() == right.rows(["the", "absent", "w7"]).tolist()
    )
    assert ("w499" in left, "w500" in left) == ("w499" in right, "w500" in right)


def is_mapped(vectors: WordVectors) -> bool:
    base = vectors.matrix
    while base is not None and not isinstance(base, np.memmap):
        base = base.base
    return base is not None


def packed(name: str, path: Path) -> Path:
    """Pack `path` in the way its new name says."""
    target = path.with_name(name)
    if name.endswith(".gz"):
        target.write_bytes(gzip.compress(path.read_bytes()))
    elif name.endswith(".zip"):
        with zipfile.ZipFile(target, "w") as archive:
            archive.write(path, path.name)
    return target


@pytest.mark.parametrize("name", ["v.txt", "v.vec", "v.bin", "v.txt.gz", "v.bin.gz", "v.vec.zip"])
def test_second_opening_is_a_map_of_the_same(tmp_path, folder, parsed, name):
    path = packed(name, written(tmp_path / name.removesuffix(".gz").removesuffix(".zip")))
    fresh = read_vectors(path, cache=False)
    assert not is_mapped(fresh)
    assert not folder.exists()
    first, second = read_vectors(path), read_vectors(path)
    assert len(parsed) == 2  # the fresh and the first one
    for vectors in (first, second):
        assert is_mapped(vectors)
        assert_same(vectors, fresh)
    assert_same(second.select(["w3", "the"]), fresh.select(["w3", "the"]))
    assert_same(second.replace(origin="o"), fresh.replace(origin="o"))
    assert_same(read_vectors(path, limit=7), fresh.head(7))
    assert_same(read_vectors(path, words=["w9", "the", "no"]), fresh.select(["the", "w9"]))
    assert_same(read_vectors(path, words=["w9", "the"], limit=2), fresh.select(["the"]))
    assert len(parsed) == 2
    assert len(list(folder.iterdir())) == 1


def test_cached_copy_is_opened_without_decoding_or_parsing(tmp_path, folder, monkeypatch):
    path = written(tmp_path / "v.txt")
    fresh = read_vectors(path)
    monkeypatch.delattr(text_rows, "_parse_columns")
    monkeypatch.delattr("adapt.vectors.lexicon.decode_words")
    vectors = read_vectors(path)
    assert vectors["naïve"].tolist() == fresh["naïve"].tolist()
    assert vectors.rows(["w7", "x^2"]).tolist() == [11, 2]


@pytest.mark.parametrize("options", [{"limit": 3}, {"words": ["the"]}, {"cache": False}])
def test_partial_readings_keep_no_copy(tmp_path, folder, options):
    read_vectors(written(tmp_path / "v.txt"), **options)
    assert not folder.exists()


def test_native_files_need_no_copy(tmp_path, folder):
    read_vectors(written(tmp_path / "v.safetensors"))
    assert not folder.exists()


def test_small_files_are_not_kept(tmp_path, folder, monkeypatch):
    path = written(tmp_path / "v.txt")
    monkeypatch.setattr(cache, "_LEAST_BYTES", path.stat().st_size + 1)
    read_vectors(path)
    assert not folder.exists()


def test_damaged_files_leave_nothing(tmp_path, folder):
    path = tmp_path / "v.txt"
    path.write_text("a 1 2\nb 3 x\n")
    with pytest.raises(FileFormatError, match="line 2"):
        read_vectors(path)
    assert list(folder.iterdir()) == []


def change_content(path):
    written(path, seed=1)


def change_in_place(path):
    """Same size, same inode, same time of last modification."""
    status = path.stat()
    content = path.read_bytes()
    with open(path, "r+b") as stream:
        stream.seek(content.index(b"w7 "))
        stream.write(b"v7 ")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def replace_by_another(path):
    """Same size, same time of last modification, as `cp -p` and `rsync -t` leave it."""
    status = path.stat()
    other = path.with_name("other")
    other.write_bytes(path.read_bytes().replace(b"w7 ", b"v7 "))
    os.utime(other, ns=(status.st_atime_ns, status.st_mtime_ns))
    other.replace(path)


@pytest.mark.parametrize("change", [change_content, change_in_place, replace_by_another])
def test_changed_file_is_read_anew(tmp_path, folder, change):
    path = written(tmp_path / "v.txt")
    before = read_vectors(path)
    time.sleep(0.02)  # a step of the file system's clock
    change(path)
    fresh = read_vectors(path, cache=False)
    assert (fresh.words, fresh.matrix.tobytes()) != (before.words, before.matrix.tobytes())
    for _ in range(2):
        assert_same(read_vectors(path), fresh)
    assert len(list(folder.iterdir())) == 1  # the old copy is gone


def test_file_that_changed_just_now_is_not_kept(tmp_path, folder, monkeypatch):
    monkeypatch.setattr(cache, "_SETTLED_NS", 2_000_000_000)
    path = written(tmp_path / "v.txt")
    assert_same(read_vectors(path), vectors_of().replace(origin="v.txt"))
    assert not folder.exists()
    os.utime(path, ns=(0, time.time_ns() + 10**12))  # also with a clock that runs ahead
    read_vectors(path)
    assert not folder.exists()


def test_file_that_changes_while_it_is_read_is_not_kept(tmp_path, folder, monkeypatch):
    path = written(tmp_path / "v.txt")
    genuine = reading._collect

    def with_change(*arguments):
        genuine(*arguments)
        os.utime(path, ns=(5, 5))

    monkeypatch.setattr(reading, "_collect", with_change)
    assert_same(read_vectors(path), vectors_of().replace(origin="v.txt"))
    assert not list(folder.iterdir())


def test_copy_of_other_readers_is_not_opened(tmp_path, folder, parsed, monkeypatch):
    path = written(tmp_path / "v.txt")
    read_vectors(path)
    monkeypatch.setattr(cache, "READERS_VERSION", cache.READERS_VERSION + 1)
    read_vectors(path)
    assert len(parsed) == 2


@pytest.mark.parametrize("damage", ["empty", "cut off", "other content", "a folder"])
def test_damaged_copy_is_replaced(tmp_path, folder, damage):
    path = written(tmp_path / "v.txt")
    fresh = read_vectors(path, cache=False)
    read_vectors(path)
    (entry,) = folder.iterdir()
    content = entry.read_bytes()
    if damage == "a folder":
        entry.unlink()
        entry.mkdir()
    else:
        new = {"empty": b"", "cut off": content[:-1], "other content": b"x" * len(content)}
        entry.write_bytes(new[damage])
    for _ in range(2):
        assert_same(read_vectors(path), fresh)


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="no users to tell apart")
def test_copy_of_another_user_is_not_trusted(tmp_path, folder, parsed, monkeypatch):
    path = written(tmp_path / "v.txt")
    read_vectors(path)
    me = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: me + 1)
    read_vectors(path)
    assert len(parsed) == 2


def test_copies_are_for_nobody_else(tmp_path, folder):
    read_vectors(written(tmp_path / "v.txt"))
    (entry,) = folder.iterdir()
    assert (folder.stat().st_mode & 0o77, entry.stat().st_mode & 0o77) == (0, 0)


def test_folder_that_cannot_be_made_does_not_matter(tmp_path, folder, monkeypatch):
    path = written(tmp_path / "v.txt")
    (tmp_path / "cache").write_text("a file where the folder should be")
    for _ in range(2):
        assert_same(read_vectors(path), vectors_of().replace(origin="v.txt"))
    monkeypatch.setenv("ADAPT_CACHE", "/proc/no such place")
    assert_same(read_vectors(path), vectors_of().replace(origin="v.txt"))


@pytest.mark.parametrize("after", [0, 1, 3])
def test_full_disk_does_not_matter(tmp_path, folder, monkeypatch, after):
    """The disk is full from the first, second or fourth writing on."""
    path = written(tmp_path / "v.txt")
    monkeypatch.setattr(text_rows, "_BLOCK_BYTES", 8 << 10)
    writings = []

    class FullDisk(io.FileIO):
        def write(self, content):
            writings.append(len(content))
            if len(writings) > after:
                raise OSError(errno.ENOSPC, "No space left on device")
            return super().write(content)

    # what is buffered is written again, in vain, when the file is closed
    monkeypatch.setattr(
        os, "fdopen", lambda handle, mode: io.BufferedWriter(FullDisk(handle, mode), 1 << 10)
    )
    assert_same(read_vectors(path), vectors_of().replace(origin="v.txt"))
    assert len(writings) > after
    assert list(folder.iterdir()) == []


def test_little_room_on_the_disk_is_left_alone(tmp_path, folder, monkeypatch):
    path = written(tmp_path / "v.txt")
    usage = type("Usage", (), {"free": 2 * vectors_of().matrix.nbytes - 1})
    monkeypatch.setattr(cache.shutil, "disk_usage", lambda folder: usage)
    assert_same(read_vectors(path), vectors_of().replace(origin="v.txt"))
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("value", ["off", "OFF"])
def test_cache_can_be_switched_off(tmp_path, folder, monkeypatch, value):
    monkeypatch.setenv("ADAPT_CACHE", value)
    monkeypatch.chdir(tmp_path)
    read_vectors(written(tmp_path / "v.txt"))
    assert [entry.name for entry in tmp_path.iterdir()] == ["v.txt"]


def test_place_follows_the_platform(tmp_path, folder, monkeypatch):
    monkeypatch.delenv("ADAPT_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for platform, place in [
        ("linux", tmp_path / "xdg"),
        ("darwin", tmp_path / "home/Library/Caches"),
        ("win32", tmp_path / "local"),
    ]:
        monkeypatch.setattr(sys, "platform", platform)
        assert cache_folder() == place / "adapt"
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder() == tmp_path / "home/.cache/adapt"


def test_least_recently_opened_copies_are_removed_first(tmp_path, folder, parsed, monkeypatch):
    files = [written(tmp_path / f"{row}.txt", seed=row) for row in range(3)]
    for age, file in enumerate(files[:2]):
        read_vectors(file)
        entry = cache.entry_for(file).place
        os.utime(entry, (age + 1, age + 1))
    read_vectors(files[0])  # opened again: now the other is the oldest
    size = cache.entry_for(files[0]).place.stat().st_size
    monkeypatch.setenv("ADAPT_CACHE_GIB", str(2.5 * size / (1 << 30)))
    read_vectors(files[2])
    kept = [cache.entry_for(file).place.exists() for file in files]
    assert kept == [True, False, True]


def test_copy_larger_than_all_that_may_be_kept_is_not_kept(tmp_path, folder, monkeypatch):
    monkeypatch.setenv("ADAPT_CACHE_GIB", "0")
    vectors = read_vectors(written(tmp_path / "v.txt"))
    assert_same(vectors, vectors_of().replace(origin="v.txt"))
    assert not folder.exists()


def test_unclear_size_is_refused(tmp_path, folder, monkeypatch):
    monkeypatch.setenv("ADAPT_CACHE_GIB", "much")
    with pytest.raises(InputError, match="ADAPT_CACHE_GIB is 'much'; set it to a number of GiB"):
        read_vectors(written(tmp_path / "v.txt"))


def test_what_a_killed_process_left_is_removed_after_a_day(tmp_path, folder):
    folder.mkdir(parents=True)
    old, new = folder / ".old.safetensors", folder / ".new.safetensors"
    for file in (old, new):
        file.write_bytes(b"unfinished")
    os.utime(old, (0, 0))
    read_vectors(written(tmp_path / "v.txt"))
    assert (old.exists(), new.exists()) == (False, True)


@pytest.mark.parametrize("content", [b"a 1\nb 2\na 3\nc 4\n", b"4 1\na 1\nb 2\na 3\nc 4\n"])
def test_repeated_words_are_warned_of_every_time(tmp_path, folder, parsed, content):
    path = tmp_path / "v.txt"
    path.write_bytes(content)
    for _ in range(2):
        with pytest.warns(
            AdaptWarning, match=r"v\.txt: 1 of 4 rows repeat .*'a' in row 3"
        ) as caught:
            vectors = read_vectors(path)
        assert caught[0].filename == __file__
        assert vectors.words == ("a", "b", "c")
        assert vectors.matrix.tolist() == [[1], [2], [4]]
    assert len(parsed) == 1
    # of fewer rows there may be fewer repeated, or none: the file is asked
    assert read_vectors(path, limit=2).words == ("a", "b")
    assert read_vectors(path, words=["c"]).words == ("c",)
    assert len(parsed) == 3


def test_symbolic_links_share_a_copy_but_not_the_name(tmp_path, folder, parsed):
    path = written(tmp_path / "v.txt")
    link = tmp_path / "link.txt"
    link.symlink_to(path)
    read_vectors(path)
    assert read_vectors(link).origin == "link.txt"
    assert len(parsed) == 1


def test_members_of_one_archive_have_copies_of_their_own(tmp_path, folder, parsed):
    path = tmp_path / "v.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "a 1\n")
        archive.writestr("b.txt", "b 2\n")
    for _ in range(2):
        assert read_vectors(path / "a.txt").words == ("a",)
        assert read_vectors(path / "b.txt").words == ("b",)
    assert parsed == ["a.txt", "b.txt"]


def test_rows_that_cannot_be_aligned_are_read_right(tmp_path, folder):
    path = tmp_path / "v.txt"
    path.write_text(
        "a 1\nbcd 2\ne 3\n"
    )  # 3 x 1 values: what follows them is not aligned to 8 bytes
    read_vectors(path)
    vectors = read_vectors(path)
    assert [vectors[word].tolist() for word in ("a", "bcd", "e")] == [[1], [2], [3]]


def test_many_processes_at_once(tmp_path):
    path = written(tmp_path / "v.txt")
    # each opens, or makes, what the others make and remove at the same time
    code = """
import sys
from pathlib import Path
from adapt.vectors import cache, read_vectors
cache._LEAST_BYTES, cache._SETTLED_NS = 0, -1
path = Path(sys.argv[1])
for _ in range(15):
    vectors = read_vectors(path)
    assert len(vectors.words) == len(vectors) and vectors["w7"].tobytes().hex() == sys.argv[2]
    cache.entry_for(path).place.unlink(missing_ok=True)
"""
    expected = vectors_of()["w7"].tobytes().hex()
    environment = {**os.environ, "ADAPT_CACHE": str(tmp_path / "cache")}
    running = [
        subprocess.Popen(
            [sys.executable, "-c", code, path, expected], stderr=subprocess.PIPE, env=environment
        )
        for _ in range(3)
    ]
    for process in running:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors.decode()


@pytest.mark.parametrize("format", FORMATS)
def test_odd_words_and_values_come_back_from_the_copy(tmp_path, folder, format):
    words = ("nan", "null", "\xa0", "\u2028", "x\x01", "𝕏", "e\u0301", "語" * 50)
    values = np.float32([0.1, -0.0, 1e-45, 3.4028235e38, -1e-7, 1 / 3, 16777216, 5])
    path = tmp_path / "v"
    write_vectors(WordVectors(words, values.reshape(-1, 1)), path, format=format)
    for _ in range(2):
        vectors = read_vectors(path)
        assert vectors.words == words
        assert vectors.matrix.tobytes() == values.tobytes()
        assert vectors.rows(words).tolist() == list(range(8))


def test_copy_is_checked_for_nan_before_it_is_kept(tmp_path, folder):
    path = tmp_path / "v.bin"
    path.write_bytes(b"1 1\na " + struct.pack("<f", np.nan))
    with pytest.raises(FileFormatError, match="not finite"):
        read_vectors(path)
    assert not list(folder.iterdir())
