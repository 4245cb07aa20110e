from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree

import matplotlib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapt.report.drawing import spread
from adapt.report.figures import draw_figures


@pytest.fixture(scope="module")
def drawings(study):
    return draw_figures(study)


def test_a_whole_study_has_every_figure(drawings):
    assert [drawing.name for drawing in drawings] == [
        "oov-types", "oov-tokens", "strategies-cosine", "strategies-precision",
        "accuracy-frozen", "accuracy-fine-tuned", "drift-shift-aligned", "drift-neighbors-aligned",
        "typos-frozen-1000",
        "alignment-precision", "alignment-curve", "alignment-bands", "alignment-cosines",
    ]  # fmt: skip


def test_figures_are_well_formed_and_carry_no_date(drawings):
    for drawing in drawings:
        assert ElementTree.fromstring(drawing.svg).tag.endswith("svg")
        assert b"dc:date" not in drawing.svg
        assert drawing.png.startswith(b"\x89PNG")
        assert b"Software" not in drawing.png


def test_alternative_texts_hold_the_figures(drawings):
    alts = {drawing.name: drawing.alt for drawing in drawings}
    assert "general on test 18.0%" in alts["oov-types"]
    assert "tfidf 91." in alts["accuracy-frozen"]
    assert "procrustes 0.51" in alts["alignment-cosines"]
    assert "related,subword 0.70" in alts["strategies-cosine"]
    assert "aligned, hybrid:mean-idf 76.0%" in alts["typos-frozen-1000"]
    assert "kernel-ridge 66.3%" in alts["alignment-precision"]
    assert "kernel-ridge 66.0%" in alts["alignment-curve"]
    assert "3 to 10 19.8%" in alts["alignment-bands"]


def test_drawing_ignores_and_keeps_the_settings_of_the_user(small_study):
    (expected,) = draw_figures(small_study)
    with matplotlib.rc_context({"font.size": 30, "axes.facecolor": "red", "svg.hashsalt": "x"}):
        before = dict(matplotlib.rcParams)
        (drawn,) = draw_figures(small_study)
        assert dict(matplotlib.rcParams) == before
    assert drawn == expected


def test_names_with_markup_are_drawn_as_they_are(study):
    summary = tuple(
        replace(cell, embedding="a$b$<&>_^{") if cell.embedding == "aligned" else cell
        for cell in study.summary
        if cell.strategy == "frozen"
    )
    bare = replace(study, summary=summary, oov=(), oov_quality=(), typos=(), drift=(), alignment=())
    (drawn,) = draw_figures(bare)
    assert ElementTree.fromstring(drawn.svg).tag.endswith("svg")
    assert "a$b$<&>_^{" in drawn.alt


def test_missing_parts_have_no_figure(study, small_study, empty_study):
    assert [drawing.name for drawing in draw_figures(small_study)] == ["accuracy-frozen"]
    assert draw_figures(empty_study) == ()
    bare = tuple(
        replace(quality, histogram=(0,) * 40, bands=quality.bands[:1])
        for quality in study.alignment
    )
    drawn = draw_figures(replace(empty_study, alignment=bare))
    assert [drawing.name for drawing in drawn] == ["alignment-precision"]


@settings(deadline=None)
@given(
    st.lists(st.floats(0, 1), max_size=12),
    st.floats(0.01, 0.3),
)
def test_spread_keeps_order_and_distance(wanted, gap):
    places = spread(wanted, gap=gap)
    assert len(places) == len(wanted)
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    for lower, upper in pairwise(order):
        assert places[upper] - places[lower] >= gap - 1e-9


@settings(deadline=None)
@given(st.lists(st.floats(0, 1), max_size=12), st.floats(0.01, 0.3))
def test_spread_stays_below_its_bound_without_overlap(wanted, gap):
    places = sorted(spread(wanted, gap=gap, highest=1.0))
    assert all(place <= 1.0 for place in places)
    assert all(b - a >= gap - 1e-9 for a, b in pairwise(places))


def test_spread_moves_nothing_that_is_apart():
    assert spread([0.9, 0.1, 0.5], gap=0.2) == pytest.approx([0.9, 0.1, 0.5])
