"""A page for the browser of this machine: a word, or an analogy, in several spaces side by side.

Panel, which serves it, is a part of the extra ``explore`` and loaded by this module alone. The page
is for this machine only: it is bound to the loopback address, answers no page of another site, and
loads nothing from elsewhere.
"""

from __future__ import annotations

import logging
import signal
import socket
from collections.abc import Callable, Mapping
from typing import Any

from adapt.errors import InputError, MissingDependencyError
from adapt.explorer.nearby import (
    Neighborhood,
    Search,
    analogy,
    common_words,
    neighborhoods,
    neighbors,
)
from adapt.vectors import WordVectors

try:
    import pandas as pd
    import panel as pn
    from bokeh.settings import settings
    from panel.io.resources import BASE_TEMPLATE
except ModuleNotFoundError as error:
    raise MissingDependencyError(
        f"the page needs the package {error.name}; run `pip install 'adapt-embeddings[explore]'`"
    ) from error

__all__ = ["build_page", "serve_page"]

ADDRESS = "127.0.0.1"
_FOR_PHONES = """{% extends base %}
{% block preamble %}
<meta name="viewport" content="width=device-width, initial-scale=1">
{% endblock %}
"""
_WRAPPED = "pre { white-space: pre-wrap; overflow-wrap: anywhere; }"


def serve_page(
    spaces: Mapping[str, WordVectors],
    *,
    port: int = 0,
    browser: bool = True,
    ready: Callable[[str], object],
) -> None:
    """Serve the page until the process is interrupted.

    Parameters
    ----------
    spaces : mapping of str to WordVectors
        Spaces by name.
    port : int
        Where to listen on the loopback address; 0 for any that is free.
    browser : bool
        Whether to open the page in the user's browser.
    ready : callable
        Called with the address of the page as soon as it answers.

    Raises
    ------
    InputError
        If the port is not free.
    """
    # a page that is closed while it is answered is no error
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    # whatever the user's environment says: all scripts and styles come from this process
    settings.resources = "server"
    port = _free_port(port)
    server = pn.serve(
        lambda: _fit_to_screen(build_page(spaces)),
        address=ADDRESS,
        port=port,
        websocket_origin=[f"{ADDRESS}:{port}", f"localhost:{port}"],
        title="adapt explore",
        show=False,
        start=False,
        verbose=False,
    )
    url = f"http://{ADDRESS}:{port}/"
    ready(url)
    if browser:
        server.show("/")
    signal.signal(signal.SIGINT, signal.default_int_handler)  # Panel's own would end in silence
    try:
        server.start()
        server.io_loop.start()
    finally:
        server.stop()


def _fit_to_screen(page: pn.Column) -> pn.Column:
    """Tell the browser of a phone that the page fits its screen."""
    template = BASE_TEMPLATE.environment.from_string(_FOR_PHONES, {"base": BASE_TEMPLATE})
    document = pn.state.curdoc
    assert document is not None  # the page is being served
    document.template = template
    return page


def _free_port(port: int) -> int:
    """Find a port, or see whether this one is free: the server's own check leaves it half open."""
    try:
        with socket.create_server((ADDRESS, port)) as found:
            number: int = found.getsockname()[1]
            return number
    except OSError as error:
        raise InputError(
            f"port {port} cannot be used ({error.strerror}); choose another, or 0 for any"
        ) from error


def build_page(spaces: Mapping[str, WordVectors]) -> pn.Column:
    """Lay out the page: what to look for, and what each space has."""
    count = pn.widgets.IntSlider(label="Neighbours", start=1, end=50, value=10, width=250)
    word = pn.widgets.TextInput(label="Word", placeholder="a word, then Enter", width=250)
    terms = [pn.widgets.TextInput(label=name, width=160) for name in ("a", "- b", "+ c")]

    def of_word(text: str, k: int) -> pn.Column:
        if not text.strip():
            return pn.Column()
        return _shown(spaces, lambda space: neighbors(space, [text.strip()], k)[0])

    def of_analogy(a: str, b: str, c: str, k: int) -> pn.Column:
        plus, minus, also = (text.strip() for text in (a, b, c))
        if not (plus and minus and also):
            return pn.Column()
        return _shown(spaces, lambda space: analogy(space, plus, minus, also, k))

    return pn.Column(
        pn.pane.HTML("<h1>Spaces side by side</h1>"),
        count,
        pn.pane.HTML("<h2>Neighbours</h2>"),
        word,
        pn.bind(of_word, word, count),
        pn.pane.HTML("<h2>Analogy: a - b + c</h2>"),
        pn.FlexBox(*terms),
        pn.bind(of_analogy, *terms, count),
        sizing_mode="stretch_width",
    )


def _shown(spaces: Mapping[str, WordVectors], search: Search) -> pn.Column:
    try:
        found = neighborhoods(spaces, search)
    except InputError as error:
        return pn.Column(_told(str(error)), sizing_mode="stretch_width")
    lines = [f"{one.space}: {one.lacking}" for one in found if one.lacking]
    lines += [
        f"{one} and {other} have {len(words)} in common: {', '.join(words) or '-'}"
        for (one, other), words in common_words(found).items()
    ]
    table = pn.pane.DataFrame(
        _table(found), escape=True, justify="left", na_rep="", styles={"overflow-x": "auto"}
    )
    return pn.Column(table, _told("\n".join(lines)), sizing_mode="stretch_width")


def _told(text: str) -> pn.pane.Str:
    return pn.pane.Str(text, stylesheets=[_WRAPPED], sizing_mode="stretch_width")


def _table(found: tuple[Neighborhood, ...]) -> pd.DataFrame:
    """Put neighbourhoods side by side, a rank a row."""
    columns: dict[tuple[str, str], list[Any]] = {}
    for one in found:
        columns[one.space, "word"] = list(one.words)
        columns[one.space, "cosine"] = [f"{near.cosine:.3f}" for near in one.neighbors]
        if any(near.count is not None for near in one.neighbors):
            columns[one.space, "count"] = [f"{near.count:,}" for near in one.neighbors]
        if any(near.source is not None for near in one.neighbors):
            columns[one.space, "source"] = [near.source for near in one.neighbors]
    height = max(map(len, columns.values()), default=0)
    padded = {key: values + [""] * (height - len(values)) for key, values in columns.items()}
    return pd.DataFrame(padded, index=range(1, height + 1))
