"""The machine, as far as it decides the figures."""

from __future__ import annotations

import os
import platform
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

__all__ = ["describe"]

_PACKAGES = ("numpy", "scipy", "numba", "gensim", "torch", "scikit-learn", "polars")


def describe() -> dict[str, str]:
    """Give processor, memory, system and versions, in the order in which a table names them."""
    import psutil

    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    facts = {
        "Measured": date.today().isoformat(),
        "on": _processor(),
        "cores": str(os.cpu_count()),
        "memory": f"{psutil.virtual_memory().total / 1e9:.0f} GB",
        "system": f"{platform.system()} {platform.release()}",
        "load before": f"{load:.2f}",
        "Python": platform.python_version(),
    }
    for package in _PACKAGES:
        try:
            facts[package] = version(package)
        except PackageNotFoundError:
            continue
    return facts


def _processor() -> str:
    """Name the processor; Linux tells more than Python does."""
    facts = Path("/proc/cpuinfo")
    if facts.is_file():
        for line in facts.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
