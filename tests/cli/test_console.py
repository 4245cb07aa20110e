"""What all commands have in common: help, quiet, interruptions, pipes, completion."""

import io
import os
import re
import subprocess
import sys
import time
from contextlib import redirect_stderr

import pytest
import typer

from adapt import progress
from adapt.cli import main
from adapt.cli.app import app
from adapt.cli.console import announce, emit_table, guarded, talkative

ADAPT = [sys.executable, "-c", "from adapt.cli import main; main()"]


def commands(group, *names):
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, *names, name)
        else:
            yield (*names, name), command


COMMANDS = dict(commands(typer.main.get_command(app)))


@pytest.fixture
def adapt(capsys):
    """Run a command line; give its status, stdout and stderr."""

    def run(*arguments):
        with pytest.raises(SystemExit) as stop:
            main(list(arguments))
        captured = capsys.readouterr()
        return stop.value.code, captured.out, captured.err

    return run


@pytest.mark.parametrize("names", COMMANDS, ids=" ".join)
def test_help_shows_every_word_of_every_option(adapt, names):
    status, out, _ = adapt(*names, "--help")
    assert status == 0
    # without blanks: lines are broken anywhere between words, and after hyphens
    shown = re.sub(r"\s", "", out)
    for option in COMMANDS[names].params:
        assert re.sub(r"\s", "", option.help) in shown, option.name
    assert not re.search("[╭│╰─]", out)


@pytest.mark.parametrize("names", COMMANDS, ids=" ".join)
def test_every_command_can_be_quiet(names):
    assert "quiet" in {option.name for option in COMMANDS[names].params}


def test_the_list_of_commands_is_not_cut_off_and_ends_with_the_exit_status(adapt):
    for arguments in (("--help",), ("data", "--help")):
        _, out, _ = adapt(*arguments)
        assert "..." not in out.partition("Commands:")[2]
    _, out, _ = adapt("--help")
    assert "130 if it was interrupted" in " ".join(out.split())


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_quiet_takes_announcements_and_bars_away_and_leaves_warnings(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("adapt.progress.display._PATIENCE", 0)

    def said(wanted):
        with redirect_stderr(Terminal()) as stream, talkative(wanted):
            announce("Reading [notes]")
            with progress.progress("reading", 2) as advance:
                advance(1)
            sys.stderr.write("adapt: warning: odd\n")
        return stream.getvalue()

    assert "Reading [notes]\n" in said(True)
    assert "\x1b" in said(True)
    assert said(False) == "adapt: warning: odd\n"
    assert "Reading [notes]\n" in said(True)


def test_a_quiet_command_says_nothing_but_its_result(adapt, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = "".join(f"cough {i},lung\nrash {i},skin\n" for i in range(10))
    (tmp_path / "texts.csv").write_text(f"text,label\n{rows}", encoding="utf-8")
    (tmp_path / "v.txt").write_text("cough 1 0\nrash 0 1\n", encoding="utf-8")
    command = ("classify", "--train", "texts.csv", "--test", "texts.csv", "--vectors", "v.txt")
    _, out, err = adapt(*command, "--seeds", "1")
    assert "texts to learn from" in err
    status, quiet_out, err = adapt(*command, "--seeds", "1", "--quiet")
    assert (status, quiet_out, err) == (0, out, "")


class Interrupted:
    def __del__(self):
        raise KeyboardInterrupt


def test_an_interruption_is_heard_where_python_would_ignore_it(capsys):
    def command():
        Interrupted()
        time.sleep(5)
        pytest.fail("nobody heard of it")

    usual = sys.unraisablehook
    assert guarded(command) == 130
    assert capsys.readouterr().err == "adapt: interrupted\n"
    assert sys.unraisablehook is usual


def test_an_interruption_is_one_line_and_leaves_nothing_behind(adapt, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "v.txt").write_text("cough 1 0\nrash 0 1\n", encoding="utf-8")

    def interrupt(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupt)  # at the last moment of writing a file
    status, out, err = adapt("convert", "v.txt", "w.safetensors")
    assert (status, out, err) == (130, "", "adapt: interrupted\n")
    assert os.listdir(tmp_path) == ["v.txt"]


@pytest.mark.parametrize("arguments", [["data", "list"], ["--help"], ["data", "list", "--json"]])
def test_a_reader_that_goes_away_ends_it_in_silence(arguments):
    # no buffer: every line fails by itself
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [*ADAPT, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    ) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


def test_tables_in_a_pipe_have_a_row_a_line_in_columns(capsys):
    long = "[x]" * 100
    emit_table("Title", ("name", "value"), [(long, "1"), ("b", "1,000")])
    title, head, first, second, end = capsys.readouterr().out.split("\n")[:5]
    assert title == "Title"
    assert head == f"{'name':<300}  value"
    assert first == f"{long}      1"
    assert second == f"{'b':<300}  1,000"
    assert end == ""


def test_tables_are_left_aligned_where_asked_for(capsys):
    emit_table("Title", ("a", "b", "c"), [("x", "y", "long"), ("x", "longer", "z")], justify="left")
    assert capsys.readouterr().out == "Title\na  b       c\nx  y       long\nx  longer  z\n\n"


def test_tables_without_rows_have_their_head(capsys):
    emit_table("Title", ("name",), [])
    assert capsys.readouterr().out == "Title\nname\n\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("train", "--epoch", "3"), "--epoch; did you mean --epochs? see `adapt train --help`"),
        (("trian",), "'trian'. Did you mean 'train'? see `adapt --help`"),
        (("data", "lst"), "'lst'. Did you mean 'list'? see `adapt data --help`"),
        (("neighbors", "x.txt", "--jsn"), "--jsn; did you mean --json?"),
        (("train",), "Missing argument 'corpus'; see `adapt train --help`"),
        (("data",), "name a command; see `adapt data --help`"),
        ((), "name a command; see `adapt --help`"),
    ],
    ids=" ".join,
)
def test_bad_usage_names_what_was_meant(adapt, arguments, message):
    status, _, err = adapt(*arguments)
    assert status == 2
    assert err.startswith("adapt: error: ")
    assert err.count("\n") == 1
    assert message in err


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("adapt neighb", "neighbors"),
        ("adapt neighbors glo", "glove.6B.50d"),
        ("adapt coverage notes.txt --vectors glo", "glove.6B.50d"),
        ("adapt data fetch medq", "medquad"),
    ],
)
def test_the_shell_completes_commands_and_names(typed, offered):
    environment = {
        **os.environ,
        "_ADAPT_COMPLETE": "complete_bash",
        "COMP_WORDS": typed,
        "COMP_CWORD": str(len(typed.split()) - 1),
    }
    done = subprocess.run(ADAPT, env=environment, capture_output=True, text=True, check=True)
    assert offered in done.stdout.split()


def test_help_loads_nothing_heavy():
    names = "torch gensim matplotlib sklearn polars numba pandas panel scipy rich"
    heavy = repr(names.split())
    code = (
        "import sys; from adapt.cli.app import app\n"
        "try: app(['--help'])\n"
        f"finally: print([name for name in {heavy} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
