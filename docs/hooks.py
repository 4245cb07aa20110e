"""What MkDocs adds to the pages in this folder.

- The reference of the command line is made from the commands themselves, so that it cannot say
  anything else than ``--help`` does.
- Formulas, in blocks marked ``math``, become MathML, which browsers set without any script.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import typer
from latex2mathml.converter import convert
from markdown import Markdown
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from adapt.cli.app import app

COMMAND_LINE_PAGE = "reference/command-line.md"

_INTRODUCTION = """\
# Command line

Every command has `--help`, which says what stands here, and `--json` where it prints anything that
a program might want. Progress goes to stderr and results to stdout, `--quiet` leaves only warnings
of the former; [the exit status](environment.md#exit-status) tells how it went. `adapt
--install-completion` lets the shell complete commands, options, and the names of installed data.
"""
_EXAMPLE = re.compile(r"^Example: (.+)$", re.MULTILINE)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Let blocks marked ``math`` hold formulas in LaTeX."""
    fences = config.mdx_configs.setdefault("pymdownx.superfences", {})
    fences["custom_fences"] = [{"name": "math", "class": "formula", "format": formula}]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the page of the command line to those that are written by hand."""
    files.append(File.generated(config, COMMAND_LINE_PAGE, content=command_line_page()))
    return files


def formula(
    source: str,
    language: str,
    css_class: str,
    options: dict[str, Any],
    md: Markdown,
    **others: Any,
) -> str:
    """Turn LaTeX into a block of MathML; called by the extension that reads fenced blocks."""
    lines = (line for line in source.splitlines() if line.strip())
    return "".join(
        f'<div class="{css_class}">{convert(line, display="block")}</div>' for line in lines
    )


def command_line_page() -> str:
    """Describe all commands, in Markdown."""
    program = typer.main.get_command(app)
    return "\n".join([_INTRODUCTION, *_sections(program, "adapt", None)])


def _sections(
    command: typer.core.Command, path: str, parent: typer.Context | None
) -> Iterator[str]:
    """Describe a command, then those below it."""
    context = typer.Context(command, info_name=path.rpartition(" ")[2], parent=parent)
    yield f"## {path}\n"
    yield _EXAMPLE.sub(r"```console\n$ \1\n```", command.help or "") + "\n"
    yield f"```text\n{path} {' '.join(command.collect_usage_pieces(context))}\n```\n"
    records = [
        record for p in command.get_params(context) if (record := p.get_help_record(context))
    ]
    yield "| option or argument | what it does |\n| --- | --- |"
    yield from (f"| `{names}` | {_cell(text)} |" for names, text in records)
    yield ""
    for name, below in getattr(command, "commands", {}).items():
        yield from _sections(below, f"{path} {name}", context)


def _cell(text: str) -> str:
    """Escape what a table of Markdown, or Markdown itself, would take for its own."""
    return re.sub(r"([|<\[\]*_])", r"\\\1", text)
