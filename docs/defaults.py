"""Defaults in the reference of the library are those of the signatures.

Griffe guesses them from docstrings: of several parameters that are described together, all get the
default of the first, and of several choices the first is taken for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from griffe import Class, DocstringSectionParameters, Extension, Function, Module

__all__ = ["SignatureDefaults"]


class SignatureDefaults(Extension):
    """Corrects the defaults of all documented parameters, once a package is loaded."""

    def on_package(self, *, pkg: Module, **others: Any) -> None:
        """Walk through a package; called by Griffe."""
        for documented in _documented(pkg):
            parameters = {one.name: one for one in documented.parameters}
            for section in documented.docstring.parsed if documented.docstring else ():
                if isinstance(section, DocstringSectionParameters):
                    for described in section.value:
                        if described.name in parameters:
                            described.value = _told(parameters[described.name].default)


def _documented(parent: Module | Class) -> Iterator[Class | Function]:
    for member in parent.members.values():
        if isinstance(member, Class | Function):
            yield member
        if isinstance(member, Module | Class):
            yield from _documented(member)


def _told(default: Any) -> Any:
    """Leave out what only says that a default is made afresh each time."""
    return None if str(default).startswith("field(") else default
