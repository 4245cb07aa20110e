"""Writing a report: HTML that stands alone, Markdown beside it, and the figures as files."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from adapt.evaluation.confusion import Confusion
from adapt.evaluation.results import Results
from adapt.evaluation.space_map import SpaceMap
from adapt.files import atomic_path
from adapt.report.drawing import GRID, INK, Drawing
from adapt.report.figures import draw_figures
from adapt.report.sections import Section, data_summary, sections

__all__ = ["write_page", "write_pages", "write_report"]

POINTS_TO_PIXELS = 4 / 3


def write_report(
    results: Results,
    folder: Path | str,
    *,
    manifest: Mapping[str, object] | None = None,
    space_map: SpaceMap | None = None,
    confusion: Confusion | None = None,
) -> Path:
    """Write `report.html`, `report.md` and `figures/` into a folder.

    Each file is written whole or not at all; the same results and manifest give the same bytes.

    Parameters
    ----------
    results : Results
        The outcome of a study; parts that are empty are left out of the report.
    folder : Path or str
        Where to write; made if missing.
    manifest : mapping, optional
        How the study was run, for the last section: any JSON-like mapping.
    space_map : SpaceMap, optional
        The map of its spaces, which readers can search.
    confusion : Confusion, optional
        What the adapted configuration that validation chose takes for what.

    Returns
    -------
    Path
        The HTML report. It needs no other file and no network.

    Raises
    ------
    FileAccessError
        If the folder cannot be written.
    """
    drawings = draw_figures(results, space_map=space_map, confusion=confusion)
    return write_pages(
        Path(folder),
        drawings,
        name=results.name,
        description=results.description,
        data=data_summary(results),
        sections=sections(
            results, drawings, manifest=manifest, space_map=space_map, confusion=confusion
        ),
    )


def write_pages(
    folder: Path,
    drawings: Sequence[Drawing],
    *,
    name: str,
    description: str,
    data: str,
    sections: Sequence[Section],
) -> Path:
    """Write figures and both pages, and return the HTML; see `write_report`.

    Parameters
    ----------
    folder : Path
        Where to write.
    drawings : sequence of Drawing
        All figures of the sections.
    name, description, data : str
        What stands at the head; empty ones are left out.
    sections : sequence of Section
        What follows.
    """
    for drawing in drawings:
        _write(folder / "figures" / f"{drawing.name}.svg", drawing.svg)
        _write(folder / "figures" / f"{drawing.name}.png", drawing.png)
    for page in ("report.md", "report.html"):
        write_page(folder / page, name=name, description=description, data=data, sections=sections)
    return folder / "report.html"


def write_page(
    path: Path, *, name: str, description: str, data: str, sections: Sequence[Section]
) -> Path:
    """Write a page, in Markdown if the file is called so and else in HTML; see `write_pages`."""
    kind = "md" if path.suffix == ".md" else "html"
    template = _environment(html=kind == "html").get_template(f"report.{kind}.j2")
    context = {"name": name, "description": description, "data": data, "sections": sections}
    _write(path, template.render(context).encode("utf-8"))
    return path


def _write(path: Path, content: bytes) -> None:
    with atomic_path(path) as temporary:
        temporary.write_bytes(content)


def _environment(*, html: bool) -> Environment:
    environment = Environment(
        loader=PackageLoader("adapt.report"),
        autoescape=html,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(inline_svg=inline_svg, md=escape_markdown, md_block=escape_block)
    return environment


def inline_svg(drawing: Drawing) -> Markup:
    """Return a figure as an SVG element of a page.

    It scales with the page and takes its colours; its identifiers are made its own, because those
    of several figures on one page would collide.
    """
    text = drawing.svg.decode("utf-8")
    text = text[text.index("<svg") :]
    width = re.search(r'\bwidth="([\d.]+)pt"', text)
    pixels = f"{float(width[1]) * POINTS_TO_PIXELS:.0f}px" if width else ""
    size = f"--width: {pixels}; max-width: {pixels}" if width else ""
    text = re.sub(r'\s(?:width|height)="[\d.]+pt"', "", text, count=2)
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r"<!--.*?-->\s*", "", text, flags=re.DOTALL)
    text = re.sub(r'\bid="', f'id="{drawing.name}-', text)
    text = re.sub(r'href="#', f'href="#{drawing.name}-', text)
    text = re.sub(r"url\(#", f"url(#{drawing.name}-", text)
    for colour, variable in ((INK, "--ink"), (GRID, "--rule"), ("#ffffff", "--paper")):
        text = text.replace(colour, f"var({variable})")
    opening = Markup('<svg role="img" aria-label="{}" style="{}" ').format(drawing.alt, size)
    return opening + Markup(text.removeprefix("<svg").strip())


def escape_markdown(text: str) -> str:
    r"""Escape what Markdown would take for markup, on one line, and nothing more.

    Examples
    --------
    >>> escape_markdown("a|b *** [0.1, 0.2] <i> domain_first [x](y)")
    'a\\|b \\*\\*\\* [0.1, 0.2] \\<i> domain_first [x\\](y)'
    """
    text = re.sub(r"[^\S\N{NO-BREAK SPACE}]+", " ", text).strip(" ")
    text = re.sub(r"[\\`*|~$]|<(?=[\w/!?])|&(?=#?\w+;)|\](?=[(\[:])", r"\\\g<0>", text)
    return re.sub(r"(?<!\w)_|_(?!\w)", r"\\_", text)


def escape_block(text: str) -> str:
    r"""Escape a paragraph, which must not turn into a heading, a list or a quotation.

    Examples
    --------
    >>> escape_block("# 1"), escape_block("1. x"), escape_block("plain")
    ('\\# 1', '1\\. x', 'plain')
    """
    text = escape_markdown(text)
    return re.sub(r"^(\d*)([-+#>=.)])", r"\1\\\2", text)
