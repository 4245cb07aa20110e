"""Links in README and documentation. MkDocs itself checks those between pages, and anchors."""

from __future__ import annotations

from urllib.parse import urlsplit


def links(inline):
    return [child.attrs["href"] for child in inline if child.type == "link_open"]


def test_links_to_files_lead_somewhere(page, inline):
    for link in links(inline):
        parts = urlsplit(link)
        if not parts.scheme and parts.path and not parts.path.endswith("command-line.md"):
            assert (page.parent / parts.path).exists(), link


def test_links_to_the_web_are_well_formed(inline):
    for link in links(inline):
        parts = urlsplit(link)
        if parts.scheme:
            assert parts.scheme in ("http", "https"), link
            assert "." in parts.netloc, link
