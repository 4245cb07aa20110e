"""No file breaks a reader: some hundred hostile ones for each here, far more by `make fuzz`."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzzing.readers import READERS
from tests.fuzzing.tokens import TOKENS

LONGEST_CUT = 40


@st.composite
def hostile(draw, seeds):
    """Change a valid file in a few places, or make up another."""
    content = draw(st.sampled_from(seeds)) if draw(st.integers(0, 9)) else draw(st.binary())
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(content)))
        end = min(len(content), start + draw(st.integers(0, LONGEST_CUT)))
        change = draw(st.sampled_from(("put", "replace", "flip", "repeat", "cut", "end")))
        token = draw(st.one_of(st.sampled_from(TOKENS), st.binary(max_size=4)))
        middle = {
            "put": token + content[start:end],
            "replace": token,
            "flip": bytes(
                byte ^ 1 << draw(st.integers(0, 7)) for byte in content[start : start + 1]
            )
            + content[start + 1 : end],
            "repeat": content[start:end] * 3,
            "cut": b"",
            "end": token,
        }[change]
        content = content[:start] + middle + (b"" if change == "end" else content[end:])
    return content


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
def test_every_reader_reads_its_seeds(reader, tmp_path):
    withstood = [reader.withstands(seed, tmp_path) for seed in reader.seeds()]
    assert any(withstood)


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
def test_no_file_breaks_a_reader(reader, tmp_path):
    @settings(
        max_examples=200,
        derandomize=True,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(hostile(reader.seeds()))
    def withstands(content):
        reader.withstands(content, tmp_path)

    withstands()
