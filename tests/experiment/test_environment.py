"""What computes: told in the manifest, and a part of every key."""

import os
from dataclasses import replace

import pytest

from adapt.cluster import installation
from adapt.experiment import environment


@pytest.fixture(autouse=True)
def nothing_remembered():
    environment.environment_digest.cache_clear()
    yield
    environment.environment_digest.cache_clear()


def digest(gpu=False):
    environment.environment_digest.cache_clear()
    return environment.environment_digest(gpu=gpu)


def test_the_digest_changes_with_code_packages_and_processor(monkeypatch):
    before = digest()
    assert digest() == before
    found = [before]
    changes = {
        "installation": lambda: replace(installation(), sources="other code"),
        "version": lambda name: "99",
        "_processor": lambda: {"model name": "another"},
    }
    for name, changed in changes.items():
        with monkeypatch.context() as patched:
            patched.setattr(environment, name, changed)
            found.append(digest())
    assert len(set(found)) == len(found)
    assert digest() == before


def test_the_graphics_processor_counts_where_one_may_compute(monkeypatch):
    monkeypatch.setattr(environment, "_graphics_processor", lambda: "one")
    alone, beside = digest(gpu=False), digest(gpu=True)
    monkeypatch.setattr(environment, "_graphics_processor", lambda: "another")
    assert digest(gpu=False) == alone
    assert digest(gpu=True) != beside


def test_threads_are_told(monkeypatch):
    before = environment.linear_algebra_threads()
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "3")
    assert environment.linear_algebra_threads() != before
    told = environment.describe_threads()
    assert told["OPENBLAS_NUM_THREADS"] == "3"
    assert told["torch"] >= 1


def test_code_and_machine_are_described():
    assert len(environment.describe_code()["sha256"]) == 64
    machine = environment.describe_machine()
    assert machine["cores"] == os.cpu_count()
    assert machine["processor"]
    assert {"python", "numba", "numpy", "scipy", "torch"} <= set(environment.package_versions())
