"""Coverage-guided fuzzing of every reader, by atheris: ``make fuzz``.

``python -m tests.fuzzing [--inputs 100000] [READER…]`` gives each reader so many inputs, mutated
from its seeds towards code that no input has reached yet, and prints a line for each. What a reader
does not withstand (see `tests.fuzzing.readers`) is kept in a folder and named; the exit status is 1
then.

References
----------
Atheris, a coverage-guided Python fuzzing engine. https://github.com/google/atheris
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.fuzzing.readers import LONGEST_SECONDS, READERS, SEEDS
from tests.fuzzing.tokens import TOKENS

_INPUTS = 100_000
_LARGEST_MIB = 4096
_DONE = re.compile(r"stat::number_of_executed_units: (\d+)")
_COVERED = re.compile(r"cov: (\d+)")


def main() -> int:
    """Fuzz the readers named on the command line, or all; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzzing", description=__doc__)
    parser.add_argument("readers", nargs="*", choices=[[], *READERS], metavar="READER")
    parser.add_argument("--inputs", type=int, default=_INPUTS, help="for each reader")
    parser.add_argument("--seed", type=int, default=1, help="of the mutations")
    parser.add_argument("--findings", type=Path, default=Path("fuzz-findings"))
    asked = parser.parse_args()
    asked.findings.mkdir(exist_ok=True)
    failed = [
        name
        for name in asked.readers or READERS
        if not _fuzzed(name, asked.inputs, asked.seed, asked.findings)
    ]
    print(f"not withstood: {', '.join(failed)}" if failed else "all withstood")
    return 1 if failed else 0


def _fuzzed(name: str, inputs: int, seed: int, findings: Path) -> bool:
    """Fuzz one reader in a process of its own, and print what came of it."""
    log = findings / f"{name}.log"
    with tempfile.TemporaryDirectory() as folder, log.open("w") as output:
        tokens = Path(folder) / "tokens"
        tokens.write_text("".join(f'"{_escaped(token)}"\n' for token in TOKENS))
        found = Path(folder) / "inputs"
        found.mkdir()
        options = [
            f"-runs={inputs}", f"-seed={seed}", f"-timeout={LONGEST_SECONDS}",
            f"-rss_limit_mb={_LARGEST_MIB}", f"-artifact_prefix={findings / name}-",
            f"-dict={tokens}", "-max_len=8192", "-print_final_stats=1", "-verbosity=1",
        ]  # fmt: skip
        command = [sys.executable, "-m", "tests.fuzzing.target", name, *options]
        start = time.monotonic()
        done = subprocess.run([*command, found, SEEDS / name], stdout=output, stderr=output)
        seconds = time.monotonic() - start
    text = log.read_text(errors="replace")
    counts, covered = _DONE.findall(text), _COVERED.findall(text)
    n_inputs = int(counts[-1]) if counts else 0
    outcome = "withstood" if done.returncode == 0 else f"FAILED, see {log}"
    print(
        f"{name:18} {n_inputs:8,} inputs in {seconds:6.0f} s, {n_inputs / seconds:6.0f} a second, "
        f"{covered[-1] if covered else '?'} branches: {outcome}",
        flush=True,
    )
    return done.returncode == 0


def _escaped(token: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in token)


if __name__ == "__main__":
    sys.exit(main())
