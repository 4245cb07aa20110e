"""The same bytes from every stage, whatever process, hash seed and number of threads there is."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


def digests(*options, hash_seed, n_threads):
    environment = {
        **os.environ,
        **dict.fromkeys(THREADS, str(n_threads)),
        "PYTHONHASHSEED": str(hash_seed),
    }
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "tests.numerics.digests", *options],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["digests"]


@pytest.fixture(scope="module")
def expected():
    found = digests(hash_seed=0, n_threads=1)
    assert len(set(found.values())) > 20  # stages that differ: nothing came out empty
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("start_method", "hash_seed", "n_threads"),
    [("fork", 1, 2), ("spawn", 2, 4), ("forkserver", 3, 3)],
)
def test_every_stage_gives_the_same_bytes(start_method, hash_seed, n_threads, expected):
    found = digests("--start-method", start_method, hash_seed=hash_seed, n_threads=n_threads)
    assert found == expected
