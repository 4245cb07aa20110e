"""Execute notebooks and rewrite their ``.ipynb`` files: ``python -m notebooks [NUMBER …]``."""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

from notebooks.execution import SOURCES, execute, written


def main() -> None:
    """Execute the notebooks that are named, or all."""
    parser = argparse.ArgumentParser(prog="python -m notebooks", description=__doc__)
    parser.add_argument("numbers", nargs="*", metavar="NUMBER", help="such as 01; all without")
    wanted = parser.parse_args().numbers
    known = [source.name[:2] for source in SOURCES]
    for number in wanted:
        if number not in known:
            parser.error(f"no notebook has the number {number}; choose from {', '.join(known)}")
    for source in SOURCES:
        if not wanted or source.name[:2] in wanted:
            print(f"{source.stem} …", flush=True)
            with tempfile.TemporaryDirectory() as folder:
                # nothing that earlier runs kept: the outputs are those of a fresh clone
                os.environ["ADAPT_CACHE"] = str(Path(folder) / "cache")
                notebook = execute(source, Path(folder))
            source.with_suffix(".ipynb").write_text(written(notebook), encoding="utf-8")


if __name__ == "__main__":
    main()
