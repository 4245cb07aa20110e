"""The command line: parse, call, print."""

from adapt.cli.app import main

__all__ = ["main"]
