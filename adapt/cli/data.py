"""Commands about data: `data list` and `data fetch`."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from adapt.cli.console import AsJson, announce, emit, emit_table
from adapt.cli.options import with_quiet
from adapt.text import dataset_infos, download_named, downloads, fetch
from adapt.vectors import installed_names

__all__ = ["data_app"]

data_app = typer.Typer(
    help="Datasets, vectors and downloads by name.", no_args_is_help=True, rich_markup_mode=None
)


def _complete_download(incomplete: str) -> list[str]:
    return [one.name for one in downloads() if one.name.startswith(incomplete)]


@data_app.command("list", short_help="List datasets, installed vectors, and what can be fetched.")
@with_quiet
def list_data(as_json: AsJson = False) -> None:
    """List datasets, installed vectors, and what can be fetched.

    Example: adapt data list
    """
    if as_json:
        emit(
            {
                "datasets": [asdict(info) for info in dataset_infos()],
                "vectors": list(installed_names()),
                "downloads": [asdict(download) for download in downloads()],
            }
        )
        return
    emit_table(
        "Datasets",
        ("name", "what it is", "licence", "needs"),
        [(info.name, info.description, info.licence, info.needs) for info in dataset_infos()],
        justify="left",
    )
    emit_table("Installed vectors", ("name",), [(name,) for name in installed_names()])
    emit_table(
        "To fetch: adapt data fetch NAME",
        ("name", "what it is", "licence", "size"),
        [
            (
                download.name,
                download.description,
                download.licence,
                f"{download.size / 1e6:,.0f} MB" if download.size else "varies",
            )
            for download in downloads()
        ],
        justify="left",
    )


@data_app.command(
    "fetch",
    short_help="Fetch data that comes in no package: resumable, checked by size and SHA-256.",
)
@with_quiet
def fetch_data(
    name: Annotated[
        str, typer.Argument(help="Name in `adapt data list`.", autocompletion=_complete_download)
    ],
    folder: Annotated[Path, typer.Option(help="Where to put it.")] = Path("data/downloads"),
    from_file: Annotated[
        Path | None, typer.Option("--from", help="Use this local copy; it is checked the same.")
    ] = None,
    sha256: Annotated[
        str | None, typer.Option(help="Checksum to demand, where none is registered.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Fetch data that comes in no package: resumable, checked by size and SHA-256.

    Example: adapt data fetch glove.6B --from ~/Downloads/glove.6B.zip
    """
    download = download_named(name)
    announce(f"{download.name}: {download.description}. Licence: {download.licence}")
    path = fetch(download, folder, from_file=from_file, sha256=sha256)
    if as_json:
        emit({"file": str(path), "licence": download.licence, "url": download.url})
    else:
        sys.stdout.write(f"{path}\n")
