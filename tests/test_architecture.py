"""The floor plan holds: imports point one way, heavy libraries stay where they belong."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "adapt"
ORDER = [
    "errors",
    "files",
    "cores",
    "progress",
    "cluster",
    "seeds",
    "text",
    "vectors",
    "alignment",
    "oov",
    "merging",
    "training",
    "evaluation",
    "classifiers",
    "report",
    "experiment",
    "explorer",
    "cli",
    "__main__",
]
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


def part_of(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names.add(node.module or "")
    return names


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_point_one_way(path):
    own = part_of(path)
    for name in imported(path):
        if name.split(".")[0] != "adapt":
            continue
        parts = name.split(".")
        assert len(parts) > 1, f"{path} imports the package itself"
        assert ORDER.index(parts[1]) <= ORDER.index(own), f"{path} imports {name}"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_only_the_report_draws(path):
    if part_of(path) != "report":
        assert not any(name.split(".")[0] == "matplotlib" for name in imported(path))


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_files_stay_readable(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


def test_importing_adapt_loads_nothing_heavy():
    heavy = (
        "['torch', 'gensim', 'matplotlib', 'sklearn', 'polars', 'scipy', 'pandas', 'statsmodels']"
    )
    code = f"import sys, adapt; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_public_names_resolve():
    import adapt

    for name in adapt.__all__:
        assert getattr(adapt, name) is not None
