"""Mutation testing: change the code in small ways, and see whether the tests of its folder notice.

    python -m tests.mutants [alignment|evaluation|merging|alignment.linear|...] [--sample N]

All mutants of a package take hours on one core, so that a sample may be drawn, by its seed, before
anything is known of it; the interval of the rate is Wilson's. What is mutated is the body of every
function without a decorator: operators, constants, arguments, conditions, strings. Docstrings,
annotations and f-strings are left alone by mutmut. Each mutant meets those fast tests of the three
folders that run its function, in a fork of a process that has imported everything. What a fixture
of a whole module runs is known of the first of its tests alone: those that survive meet all fast
tests of their package. A mutant that no test runs counts as one that survives. Survivors that are
judged equivalent stand, each with its reason, in ``tests/mutants.md``.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import random
import subprocess
import sys
from collections import Counter
from contextlib import redirect_stdout
from pathlib import Path

from statsmodels.stats.proportion import proportion_confint

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "mutants"
PACKAGES = ("alignment", "evaluation", "merging")
OUTCOMES = {0: "survived", 1: "killed", 3: "killed", 33: "no tests", 24: "timeout", 36: "timeout",
            -24: "timeout", 152: "timeout", 255: "timeout", None: "not run"}  # fmt: skip
QUICK = {
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    # these collect garbage many times, which takes longer than most tests do
    "PYTEST_ADDOPTS": "-p no:unraisableexception -p no:threadexception",
}


def generate() -> None:
    """Write the mutated package to ``mutants/``."""
    from mutmut import __main__ as mutmut
    from mutmut.mutation.trampoline import set_mutant_under_test

    set_mutant_under_test("mutant_generation")
    FOLDER.mkdir(exist_ok=True)
    with redirect_stdout(io.StringIO()):  # it names every file
        mutmut.copy_src_dir()
        mutmut.copy_also_copy_files()
        mutmut.setup_source_paths()
        mutmut.create_mutants(1)


def outcomes(part: str) -> dict[str, int | None]:
    """Read what became of the mutants of a package or module, by their names."""
    found: dict[str, int | None] = {}
    for path in sorted((FOLDER / "adapt").rglob("*.meta")):
        found |= json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"]
    return {name: code for name, code in found.items() if name.startswith(f"adapt.{part}.")}


def met_again(names: list[str]) -> list[str]:
    """Give the survivors that no fast test of their package notices either."""
    still = []  # 1 says that a test failed; whatever else ends pytest notices nothing
    for name in names:
        tests = Path("tests") / name.split(".")[1]
        asked = [sys.executable, "-m", "pytest", "-x", "-q", "-m", "not slow", str(tests)]
        env = {**os.environ, **QUICK, "MUTANT_UNDER_TEST": name, "PYTHONPATH": str(FOLDER)}
        if subprocess.run(asked, cwd=FOLDER, env=env, capture_output=True).returncode != 1:
            still.append(name)
    return still


def told(part: str, names: list[str]) -> list[str]:
    """Sum up a part, and return its survivors."""
    codes = outcomes(part)
    counts = Counter(OUTCOMES.get(codes[name], "suspicious") for name in names)
    survivors = met_again([name for name in names if codes[name] in (0, 33)])
    n, killed = len(names), len(names) - len(survivors) - counts["not run"]
    low, high = proportion_confint(killed, n, method="wilson")
    print(
        f"{part}: {n} mutants of {len(codes)}: {counts['killed']} killed, {counts['timeout']} "
        f"timeouts, {counts['suspicious']} killed with their process, {counts['survived']} "
        f"survived at first, {counts['no tests']} without a test, {counts['not run']} not run, "
        f"{len(survivors)} survive; {killed / n:.1%} found [{low:.1%}, {high:.1%}]",
        flush=True,
    )
    return survivors


def main() -> None:
    """Generate, draw, run, and tell."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("parts", nargs="*", default=PACKAGES, help="packages or modules")
    parser.add_argument("--sample", type=int, help="so many mutants of each; without it, all")
    parser.add_argument("--seed", type=int, default=0, help="of the draw")
    options = parser.parse_args()
    os.chdir(ROOT)
    generate()
    drawn = {part: sorted(outcomes(part)) for part in options.parts or PACKAGES}
    if options.sample:
        draw = random.Random(options.seed).sample
        drawn = {
            part: sorted(draw(names, min(options.sample, len(names))))
            for part, names in drawn.items()
        }
    names = [name for part in drawn.values() for name in part]
    mutmut = Path(sys.executable).parent / "mutmut"
    subprocess.run(
        [mutmut, "run", "--max-children", "1", *names], env={**os.environ, **QUICK}, check=True
    )
    for survivor in [name for part, names in drawn.items() for name in told(part, names)]:
        print(survivor)


if __name__ == "__main__":
    main()
