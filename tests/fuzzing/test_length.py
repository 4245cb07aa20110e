"""Long inputs take no longer than they are long: what is quadratic shows at some 100,000 bytes."""

import resource
import time

import pytest

from tests.fuzzing.memory import memory_limit
from tests.fuzzing.readers import LONGEST_SECONDS, READERS

LENGTH = 300_000
REPEATED = (
    b" ", b"\t", b"\r", b"\n", b"a", b"a ", b"1 ", b"a 1\n", b"9", b"{", b'{="', b'"', b"\\", b"[",
    b"<a>", b"<", b"&", b",", b"(", b"-a", b"'s", b"=", b"a.", b"[Term]\n", b'{"a":1}\n', b"\0",
    "é".encode(), b"PK\x01\x02", b"\x1f\x8b",
)  # fmt: skip


@pytest.fixture
def little_memory():
    """Let a reader that takes ever more memory fail, and not the machine."""
    usual = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (memory_limit(), usual[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, usual)


@pytest.mark.slow
@pytest.mark.usefixtures("little_memory")
@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
def test_long_inputs(reader, tmp_path):
    seed = reader.seeds()[0]
    for token in REPEATED:
        for cut in (0, len(seed) // 3, len(seed) // 2, len(seed)):
            content = seed[:cut] + token * (LENGTH // len(token)) + seed[cut:]
            start = time.process_time()
            reader.withstands(content, tmp_path)
            spent = time.process_time() - start
            assert spent < LONGEST_SECONDS, f"{token!r} at {cut} takes {spent:.0f} s"
