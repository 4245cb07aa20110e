"""Coverage-guided fuzzing of every reader, by atheris: ``make fuzz``.

``python -m tests.fuzzing [--inputs 100000] [READER…]`` gives each reader so many inputs, mutated
from its seeds towards code that no input has reached yet, and prints a line for each. An input that
a reader does not withstand (see `tests.fuzzing.readers`) is kept in a folder beside what is known
of it; the exit status is 1 then.

References
----------
Atheris, a coverage-guided Python fuzzing engine. https://github.com/google/atheris
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import sys
import tempfile
import time
from pathlib import Path

import atheris

from tests.fuzzing.memory import memory_limit
from tests.fuzzing.tokens import TOKENS

_READ_BY = (
    "adapt.vectors", "adapt.text", "adapt.alignment.anchors", "adapt.merging", "adapt.oov.synonyms",
    "adapt.training.checkpoint", "adapt.evaluation.records", "adapt.evaluation.similarity",
    "adapt.classifiers.persistence", "adapt.classifiers.estimator_file", "adapt.experiment.config",
    "adapt.experiment.manifest", "adapt.experiment.predictions", "adapt.experiment.reproduce",
    "adapt.experiment.store", "adapt.experiment.variants",
)  # fmt: skip
"""Where readers are: only of these modules is it watched which branches an input takes."""

os.environ["ADAPT_CACHE"] = "off"
with atheris.instrument_imports(include=[*_READ_BY], enable_loader_override=False):
    from tests.fuzzing.readers import LONGEST_SECONDS, READERS, SEEDS, Reader

_INPUTS = 100_000
_LARGEST_BYTES = 8192
_LARGEST_MIB = 4096
_DONE = re.compile(r"stat::number_of_executed_units: (\d+)")
_COVERED = re.compile(r"cov: (\d+)")


def main() -> int:
    """Fuzz the readers named on the command line, or all; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzzing")
    parser.add_argument("readers", nargs="*", choices=[[], *READERS], metavar="READER")
    parser.add_argument("--inputs", type=int, default=_INPUTS, help="for each reader")
    parser.add_argument("--seed", type=int, default=1, help="of the mutations")
    parser.add_argument("--findings", type=Path, default=Path("fuzz-findings"), help="a folder")
    asked = parser.parse_args()
    asked.findings.mkdir(exist_ok=True)
    readers = [READERS[name] for name in asked.readers or READERS]
    failed = [
        reader.name
        for reader in readers
        if not _withstands(reader, asked.inputs, asked.seed, asked.findings)
    ]
    print(f"not withstood: {', '.join(failed)}" if failed else "all withstood")
    return 1 if failed else 0


def _withstands(reader: Reader, inputs: int, seed: int, findings: Path) -> bool:
    """Fuzz a reader in a process of its own, and print what came of it."""
    log = findings / f"{reader.name}.log"
    start = time.monotonic()
    memory = "/dev/shm" if os.path.isdir("/dev/shm") else None
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        child = os.fork()  # libFuzzer ends its process
        if not child:
            _fuzz(reader, inputs, seed, log, Path(folder))
        _, status = os.waitpid(child, 0)
    seconds = time.monotonic() - start
    text = log.read_text(errors="replace")
    counts, covered = _DONE.findall(text), _COVERED.findall(text)
    n_inputs = int(counts[-1]) if counts else 0
    print(
        f"{reader.name:18}{n_inputs:9,} inputs in {seconds:5.0f} s,{n_inputs / seconds:6.0f} a "
        f"second,{covered[-1] if covered else '?':>5} branches: "
        f"{'withstood' if status == 0 else f'FAILED, see {log}'}",
        flush=True,
    )
    return status == 0


def _fuzz(reader: Reader, inputs: int, seed: int, log: Path, folder: Path) -> None:
    """Give the reader one input after the other, by files in a folder; does not return."""
    for stream in (sys.stdout, sys.stderr):
        os.dup2(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), stream.fileno())
    found = folder / "inputs"
    found.mkdir()
    tokens = folder / "tokens"
    tokens.write_text("".join(f'"{_escaped(token)}"\n' for token in TOKENS))
    for content in reader.seeds():  # what is loaded or compiled once is not the reader's
        reader.withstands(content, folder)
    _limit_memory()

    def attempt(content: bytes) -> None:
        reader.withstands(content, folder)

    options = [
        f"-runs={inputs}", f"-seed={seed}", f"-timeout={LONGEST_SECONDS}",
        f"-rss_limit_mb={_LARGEST_MIB}", f"-max_len={_LARGEST_BYTES}", f"-dict={tokens}",
        f"-artifact_prefix={log.with_suffix('')}-", "-print_final_stats=1",
    ]  # fmt: skip
    atheris.Setup([sys.argv[0], *options, str(found), str(SEEDS / reader.name)], attempt)
    atheris.Fuzz()


def _limit_memory() -> None:
    """Let an attempt to reserve what a file merely declares fail."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_limit(),) * 2)


def _escaped(token: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in token)


if __name__ == "__main__":
    sys.exit(main())
