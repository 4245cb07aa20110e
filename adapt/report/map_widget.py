"""The interactive map of a report: a Bokeh plot, and the script that fills and steers it.

Bokeh's own script is a quarter of the size of Plotly's, and goes into the page as it is: the report
needs no network. All words, places and neighbours are one JSON element of the page, from which
`map.js` fills the plot.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from adapt.evaluation.space_map import MapNeighbors, SpaceMap
from adapt.evaluation.wording import percent
from adapt.report.drawing import GRID, INK
from adapt.report.map_figures import DOMAIN_ONLY, LAYERS, map_limits

if TYPE_CHECKING:
    from bokeh.plotting import figure as BokehFigure

__all__ = ["MapWidget", "map_widget"]


@dataclass(frozen=True)
class MapWidget:
    """What the page needs beside its markup: Bokeh's script, the plot and the words, as JSON."""

    library: Markup
    plot: Markup
    data: Markup
    legend: tuple[tuple[str, str, str], ...]


def map_widget(space_map: SpaceMap) -> MapWidget:
    """Make the interactive map."""
    from bokeh.resources import Resources

    library = "\n".join(Resources(mode="inline", components=["bokeh"]).js_raw)
    legend = tuple((layer.colour, layer.symbol, layer.meaning) for layer in LAYERS)
    return MapWidget(
        library=Markup(library.replace("</script", "<\\/script")),
        plot=_json(_plot(space_map)),
        data=_json(_data(space_map)),
        legend=legend,
    )


def _plot(space_map: SpaceMap) -> Any:
    """Describe the plot, with sources that are still empty, as Bokeh's script takes it.

    Bokeh numbers its objects from those that a process made before; here they are counted from 1.
    It also describes every model that other packages have defined in the process, none of which is
    in this plot. So the same map gives the same bytes.
    """
    from bokeh.embed import json_item

    item = json_item(_figure(space_map))
    item["doc"].pop("defs", None)
    text = json.dumps(item)
    numbers: dict[str, str] = {}
    text = re.sub(
        r'"p(\d+)"', lambda m: f'"p{numbers.setdefault(m[1], str(len(numbers) + 1))}"', text
    )
    return json.loads(text)


def _figure(space_map: SpaceMap) -> BokehFigure:
    from bokeh.models import (
        BoxZoomTool,
        HoverTool,
        PanTool,
        Range1d,
        ResetTool,
        TapTool,
        WheelZoomTool,
    )  # fmt: skip
    from bokeh.plotting import figure

    first, second = space_map.explained
    (left, right), (low, high) = map_limits(space_map)
    plot = figure(
        name="map",
        sizing_mode="stretch_width",
        aspect_ratio=max(0.8, (right - left) / (high - low)),
        x_range=Range1d(start=left, end=right),
        y_range=Range1d(start=low, end=high),
        tools=[PanTool(name="pan"), BoxZoomTool(), WheelZoomTool(), TapTool(), ResetTool()],
        active_drag=None,  # left to the script: where fingers scroll, they shall scroll the page
        toolbar_location="above",
        x_axis_label=f"first principal axis ({percent(first)} of the variance)",
        y_axis_label=f"second ({percent(second)})",
    )
    plot.add_tools(HoverTool(tooltips="@word: @told", renderers=_layers(plot)))
    _selection(plot)
    plot.background_fill_color = plot.border_fill_color = plot.outline_line_color = None
    plot.grid.grid_line_color = GRID
    plot.axis.axis_label_text_font_style = "normal"
    plot.toolbar.logo = None
    return plot


def _layers(plot: BokehFigure) -> list[Any]:
    """Add a source of points for each kind, still empty."""
    from bokeh.models import ColumnDataSource

    drawn = []
    for layer in LAYERS:
        source = ColumnDataSource({"x": [], "y": [], "word": [], "told": []}, name=layer.name)
        drawn.append(
            plot.scatter(
                "x", "y", source=source, marker=layer.symbol, size=5, color=layer.colour,
                fill_alpha=0.55, line_alpha=0, nonselection_fill_alpha=0.55,
            )
        )  # fmt: skip
    return drawn


def _selection(plot: BokehFigure) -> None:
    """Add what marks the chosen word: its two places, the way between them, and its neighbours."""
    from bokeh.models import ColumnDataSource

    way = ColumnDataSource({"x0": [], "y0": [], "x1": [], "y1": []}, name="way")
    plot.segment("x0", "y0", "x1", "y1", source=way, color=INK, line_width=1.5, name="way-line")
    marks = ColumnDataSource({"x": [], "y": [], "word": [], "size": []}, name="marks")
    plot.scatter(
        "x", "y", source=marks, size="size", fill_alpha=0, line_color=INK, line_width=1.6,
        name="mark-rings",
    )  # fmt: skip
    plot.text(
        "x", "y", text="word", source=marks, x_offset=7, y_offset=-4, text_font_size="12px",
        text_color=INK, name="mark-words",
    )  # fmt: skip


def _data(space_map: SpaceMap) -> dict[str, Any]:
    """Lay the map out for the script: a list for each thing that is known of the words."""
    return {
        "words": space_map.words,
        "kinds": space_map.kinds,
        "counts": space_map.counts,
        "places": {
            "general": space_map.general,
            "before": space_map.before,
            "after": space_map.after,
        },
        "domainOnly": DOMAIN_ONLY,
        "neighbors": {
            "general": _neighbors(space_map.general_neighbors),
            "domain": _neighbors(space_map.domain_neighbors),
            "merged": _neighbors(space_map.merged_neighbors),
        },
    }


def _neighbors(found: MapNeighbors) -> dict[str, Any]:
    """Cosines in hundredths, which are shorter to write."""
    return {
        "rows": found.rows,
        "cosines": [[round(100 * value) for value in values] for values in found.cosines],
    }


def _json(value: Any) -> Markup:
    """Write JSON as it may stand in a script element."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return Markup(text.replace("<", "\\u003c").replace("\u2028", "\\u2028"))
