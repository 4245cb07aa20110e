from hypothesis import given
from hypothesis import strategies as st

from adapt.vectors.line_filter import LineFilter

# few letters, and lengths around the eight bytes that are compared at once
parts = st.text("ab\xe9\x00!", max_size=10)
lines = st.one_of(
    st.builds(lambda word, rest: f"{word} {rest}", parts, st.text("ab 1", max_size=12)),
    parts,
    st.just(""),
)


@given(st.lists(lines, max_size=12), st.lists(st.builds(" ".join, st.lists(parts, max_size=2))))
def test_the_same_lines_as_one_by_one(lines, words):
    expected = [
        (at, line.encode())
        for at, line in enumerate(lines or [""])
        if " " in line and line.split(" ")[0] in {"", *(word.split(" ")[0] for word in words)}
    ]
    positions, found = LineFilter(words).find("\n".join(lines).encode())
    assert list(zip(positions, found, strict=True)) == expected
