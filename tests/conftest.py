"""What all tests share."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import settings

from adapt.cli import main

# the first example of a property may have to compile a kernel or load a library
settings.register_profile("no-deadline", deadline=None)
settings.load_profile("no-deadline")


@pytest.fixture(scope="session", autouse=True)
def cache_of_the_tests(tmp_path_factory):
    """Keep tests, and the processes they start, out of the user's own cache folder."""
    before = os.environ.get("ADAPT_CACHE")
    os.environ["ADAPT_CACHE"] = str(tmp_path_factory.mktemp("cache"))
    yield
    if before is None:
        del os.environ["ADAPT_CACHE"]
    else:
        os.environ["ADAPT_CACHE"] = before


@pytest.fixture(autouse=True)
def nothing_kept_of_other_tests():
    """Let every test run its studies itself, whatever other tests kept of the same."""
    yield
    shutil.rmtree(Path(os.environ["ADAPT_CACHE"]) / "studies", ignore_errors=True)


@pytest.fixture
def adapt(capsys):
    """Run a command line; give its status, stdout and stderr."""

    def run(*arguments):
        with pytest.raises(SystemExit) as stop:
            main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return stop.value.code, captured.out, captured.err

    return run
