"""The compiled kernels, as functions to call.

numba compiles them once for a machine, in a process of its own; the machine code is kept in the
user's cache folder. Other processes only load it, by LLVM: without importing numba, which takes
half a second, and more memory than the word vectors of a small corpus.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import subprocess
import sys
import tempfile
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import numpy.typing as npt

from adapt.errors import AdaptError, FileAccessError
from adapt.files import atomic_path, cache_folder

__all__ = ["LANES", "TILE", "alias_tables", "load_kernels", "train_block", "write_machine_code"]

LANES = 8
"""Values in a vector register: rows of matrices are padded to a multiple of it."""

TILE = 6
"""Targets handled at once: the centre word and five noise words."""

_SOURCES = ("kernels.py", "microkernels.py", "machine_code.py")
_COMPILE = """
import sys
from adapt.training.kernels import ENTRIES
from adapt.training.machine_code import write_machine_code
made = {name: (entry.native_name, entry.inspect_llvm()) for name, entry in ENTRIES.items()}
write_machine_code(made, sys.stdout)
"""
_INT = ctypes.c_int64
_TRAIN = (
    *(ctypes.c_void_p, _INT),
    *[ctypes.c_void_p] * 5,
    *[_INT] * 4,
    *[ctypes.c_double] * 2,
    *[ctypes.c_void_p] * 9,
)
_SIGNATURES: dict[str, tuple[Any, ...]] = {
    "alias_tables": (*[ctypes.c_void_p] * 4, _INT),
    "train_skipgram": _TRAIN,
    "train_cbow": _TRAIN,
}


def alias_tables(
    shares: npt.NDArray[np.floating[Any]],
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int32]]:
    """Prepare drawing from a distribution in constant time, by Walker's alias method.

    Parameters
    ----------
    shares : ndarray, shape (n,), float
        Positive; need not sum to 1.

    Returns
    -------
    threshold : ndarray, shape (n,), float32
        Place `i`, drawn evenly, stands for itself with this probability, else for its alias.
    alias : ndarray, shape (n,), int32
        The aliases.
    """
    n = len(shares)
    rest = np.ascontiguousarray(shares * (n / shares.sum()), dtype=np.float64)
    threshold, alias = np.empty(n, dtype=np.float32), np.empty(n, dtype=np.int32)
    places = np.empty(n, dtype=np.int64)
    load_kernels()["alias_tables"](*_addresses(rest, threshold, alias, places), n)
    return threshold, alias


def train_block(
    ids: npt.NDArray[np.int32],
    keep: npt.NDArray[np.float32],
    threshold: npt.NDArray[np.float32],
    alias: npt.NDArray[np.int32],
    input: npt.NDArray[np.float32],
    output: npt.NDArray[np.float32],
    *,
    cbow: bool,
    window: int,
    negative: int,
    rates: tuple[float, float],
    seed: int,
) -> None:
    """Train both matrices, in place, on one block of word numbers; other threads can run.

    Parameters
    ----------
    ids : ndarray, shape (n,), int32
        Word numbers; -1 ends a document.
    keep : ndarray, shape (n_words,), float32
        With which probability a word is kept.
    threshold, alias : ndarray, shape (n_words,), float32 and int32
        The noise distribution, as `alias_tables` makes it.
    input, output : ndarray, shape (n_words, stride), float32
        The matrices; rows are padded with zeros to a multiple of `LANES`.
    cbow : bool
        Whether the mean of the contexts predicts the word, or the word each context.
    window, negative : int
        Largest distance of a context; noise words for each pair.
    rates : pair of float
        The learning rate falls linearly from one to the other.
    seed : int
        Of this block's random choices, below 2 ** 64.
    """
    n_words, stride = input.shape
    widest = 2 * window + 1
    room = (
        np.array([seed], dtype=np.uint64),
        np.empty(len(ids), dtype=np.int32),  # the words that are kept
        np.empty(2 * window, dtype=np.int32),  # contexts
        np.empty(negative + 1, dtype=np.int64),  # targets
        np.empty(negative + 1, dtype=np.float32),  # and their weights
        np.zeros((3, stride), dtype=np.float32),  # padding, mean and moved mean
        np.empty(widest, dtype=np.int64),  # addresses of contexts
        np.empty(TILE, dtype=np.int64),  # and of targets
        np.empty((widest, TILE), dtype=np.float32),  # scores, then steps
    )
    load_kernels()["train_cbow" if cbow else "train_skipgram"](
        ids.ctypes.data,
        len(ids),
        *_addresses(keep, threshold, alias, input, output),
        n_words,
        stride,
        window,
        negative,
        *rates,
        *_addresses(*room),
    )


def _addresses(*arrays: npt.NDArray[Any]) -> list[int]:
    return [array.ctypes.data for array in arrays]


@cache
def load_kernels() -> dict[str, Callable[..., None]]:
    """Make the kernels callable in this process, after compiling them if nobody has before.

    Raises
    ------
    AdaptError
        If they cannot be compiled on this machine.
    """
    import llvmlite.binding as llvm

    machine = _this_machine()
    functions: dict[str, Callable[..., None]] = {}
    for name, (symbol, code) in _compiled().items():
        engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
        engine.add_object_file(llvm.object_file.ObjectFileRef.from_data(code))
        engine.finalize_object()
        function = ctypes.CFUNCTYPE(None, *_SIGNATURES[name])(engine.get_function_address(symbol))
        function.engine = engine  # type: ignore[attr-defined] # the code lives as long as it
        functions[name] = function
        machine = _this_machine()  # an engine keeps the one that it is made with
    return functions


def _this_machine() -> Any:
    """Describe the processor at hand to LLVM."""
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm.Target.from_default_triple().create_target_machine(
        cpu=llvm.get_host_cpu_name(),
        features=llvm.get_host_cpu_features().flatten(),
        opt=3,
        jit=True,
    )


def write_machine_code(kernels: Mapping[str, tuple[str, str]], file: TextIO) -> None:
    """Turn LLVM's code of the kernels, with their symbols, into machine code, as JSON."""
    import llvmlite.binding as llvm

    machine = _this_machine()
    made = {
        name: (symbol, b64encode(machine.emit_object(llvm.parse_assembly(code))).decode())
        for name, (symbol, code) in kernels.items()
    }
    json.dump(made, file)


def _compiled() -> dict[str, tuple[str, bytes]]:
    """Return the symbol and machine code of every kernel, from the cache if it is there."""
    import llvmlite.binding as llvm

    folder = cache_folder()
    made_of = (
        *(sys.version, version("numba"), version("llvmlite")),
        *(llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()),
        *(Path(__file__).with_name(name).read_text(encoding="utf-8") for name in _SOURCES),
    )
    key = hashlib.sha256("\0".join(made_of).encode()).hexdigest()[:32]
    path = None if folder is None else folder / "kernels" / f"{key}.json"
    try:
        if path is not None and path.exists():
            return _entries(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, KeyError):
        pass  # not readable, or not whole: made anew
    text = _compile()
    if path is not None:
        # where it cannot be kept, the next process compiles again
        with suppress(FileAccessError), atomic_path(path) as temporary:
            temporary.write_text(text, encoding="utf-8")
    return _entries(text)


def _entries(text: str) -> dict[str, tuple[str, bytes]]:
    found = json.loads(text)
    return {name: (found[name][0], b64decode(found[name][1])) for name in _SIGNATURES}


def _compile() -> str:
    with tempfile.TemporaryFile("w+") as errors:
        done = subprocess.run(
            [sys.executable, "-c", _COMPILE], stdout=subprocess.PIPE, stderr=errors, text=True
        )
        if done.returncode == 0:
            return done.stdout
        errors.seek(0)
        lines = errors.read().strip().splitlines() or [f"status {done.returncode}"]
    raise AdaptError(
        f"the kernels cannot be compiled on this machine ({lines[-1]}); use backend 'gensim'"
    )
