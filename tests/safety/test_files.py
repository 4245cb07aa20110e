"""A file is written whole or not at all, and what a killed process left is cleared away."""

import errno
import os
import signal
import stat
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest

from adapt.errors import FileAccessError, InputError
from adapt.files import atomic_path, check_target, scratch_folder

HOLDING = """
import os, signal, sys
from pathlib import Path
from adapt.files import atomic_path, scratch_folder
with {block} as path:
    (path / "part" if path.is_dir() else path).write_text("half")
    print(path, flush=True)
    sys.stdin.readline()
    os.kill(os.getpid(), signal.SIGKILL)
"""
needs_locks = pytest.mark.skipif(sys.platform == "win32", reason="no locks that tell")


class Holding:
    """Another process inside a block, until it is killed."""

    def __init__(self, block, **environment):
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLDING.format(block=block)],
            env=os.environ | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.path = Path(self.process.stdout.readline().strip())

    def kill(self):
        self.process.communicate("\n")
        assert self.process.returncode == -signal.SIGKILL


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "full"), InputError("bad"), SystemExit()])
def test_a_block_that_fails_leaves_the_old_file_alone(tmp_path, error):
    target = tmp_path / "a.txt"
    target.write_text("old")
    kind = FileAccessError if isinstance(error, OSError) else type(error)

    def write():
        with atomic_path(target) as temporary:
            temporary.write_text("half of the n")
            raise error

    with pytest.raises(kind):
        write()
    assert (names_in(tmp_path), target.read_text()) == (["a.txt"], "old")


@needs_locks
def test_what_a_killed_process_left_goes_when_the_file_is_written_again(tmp_path):
    target = tmp_path / "a [1].txt"
    target.write_text("old")
    other = tmp_path / ".a [1]-original.txt"  # not ours, though it looks alike
    other.write_text("mine")
    killed = Holding(f"atomic_path({str(target)!r})")
    living = Holding(f"atomic_path({str(target)!r})")
    killed.kill()
    assert target.read_text() == "old"
    assert killed.path.exists()
    with atomic_path(target) as temporary:
        temporary.write_text("new")
    assert target.read_text() == "new"
    assert names_in(tmp_path) == sorted([target.name, other.name, living.path.name])
    living.kill()
    with atomic_path(target) as temporary:
        temporary.write_text("newer")
    assert names_in(tmp_path) == sorted([target.name, other.name])


@needs_locks
def test_scratch_folders_of_killed_processes_go_and_those_of_others_stay(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    killed, living = (Holding("scratch_folder()", TMPDIR=str(tmp_path)) for _ in range(2))
    killed.kill()
    assert (killed.path / "part").exists()
    with scratch_folder() as own:
        (own / "part").write_text("x")
        assert not killed.path.exists()
        assert (living.path / "part").exists()
    living.kill()
    with scratch_folder():
        pass
    assert names_in(tmp_path) == []


def test_a_scratch_folder_that_is_full_says_where_that_is(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    with pytest.raises(FileAccessError, match=r"is full .*TMPDIR") as caught, scratch_folder():
        raise full
    assert str(caught.value).startswith(str(tmp_path))
    with pytest.raises(FileNotFoundError), scratch_folder():
        (tmp_path / "nothing").read_text()  # some other trouble is not taken for that
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    with pytest.raises(FileAccessError, match=r"takes no files .*TMPDIR"), scratch_folder():
        pass
    assert names_in(tmp_path) == []


def test_many_threads_may_write_one_file(tmp_path):
    target = tmp_path / "a.txt"
    contents = [str(number) * 50_000 for number in range(8)]
    errors = []

    def write(content):
        try:
            for _ in range(20):
                with atomic_path(target) as temporary:
                    temporary.write_text(content)
                assert target.read_text() in contents
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=write, args=(content,)) for content in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert names_in(tmp_path) == ["a.txt"]


@pytest.mark.skipif(sys.platform == "win32", reason="has other permissions")
def test_permissions_are_those_of_the_user_or_of_the_file_before(tmp_path):
    def mode(path):
        return stat.S_IMODE(path.stat().st_mode)

    def write(path):
        with atomic_path(path) as temporary:
            temporary.write_text("x")

    ordinary = tmp_path / "ordinary"
    ordinary.write_text("")
    write(tmp_path / "new")
    assert mode(tmp_path / "new") == mode(ordinary)
    ordinary.chmod(0o640)
    write(ordinary)
    assert mode(ordinary) == 0o640


def test_a_link_stays_a_link(tmp_path):
    real = tmp_path / "disk" / "a.txt"
    real.parent.mkdir()
    real.write_text("old")
    link = tmp_path / "a.txt"
    link.symlink_to(real)
    with atomic_path(link) as temporary:
        temporary.write_text("new")
    assert link.is_symlink()
    assert real.read_text() == "new"
    assert names_in(real.parent) == ["a.txt"]


@pytest.mark.parametrize("write", [check_target, lambda path: atomic_path(path).__enter__()])
def test_what_is_no_file_is_never_replaced(tmp_path, write):
    os.mkfifo(tmp_path / "pipe")
    for path in (Path(os.devnull), tmp_path / "pipe"):
        with pytest.raises(FileAccessError, match="is a device or a pipe; name a file"):
            write(path)
    with pytest.raises(FileAccessError, match="is a folder; name a file in it"):
        write(tmp_path)
    if os.geteuid():  # nothing is read-only for root
        (tmp_path / "a").touch(mode=0o444)
        with pytest.raises(FileAccessError, match="is read-only"):
            write(tmp_path / "a")
