"""Checkpoints: the state of a training on disk, to go on after an interruption."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np

from adapt.errors import FileAccessError, FileFormatError, InputError
from adapt.training.config import Word2VecConfig
from adapt.vectors.tensor_file import write_tensors

__all__ = ["Checkpoint", "read_checkpoint", "write_checkpoint"]

_FORMAT = "adapt-checkpoint-1"
_DAMAGE = (struct.error, LookupError, ValueError, TypeError, AttributeError, RecursionError)


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """Both matrices after some of the work.

    Parameters
    ----------
    n_done : int
        Blocks of the corpus trained on so far, over all epochs.
    input, output : ndarray, shape (n_words, stride), float32
        The matrices as the trainer holds them.
    """

    n_done: int
    input: np.ndarray
    output: np.ndarray


def write_checkpoint(
    path: Path,
    checkpoint: Checkpoint,
    config: Word2VecConfig,
    fingerprint: str,
    compass: str = "",
) -> None:
    """Write a checkpoint, whole or not at all.

    Parameters
    ----------
    path : Path
        The file; an older checkpoint there is replaced at the very end.
    checkpoint : Checkpoint
        The state.
    config : Word2VecConfig
        How it came about.
    fingerprint : str
        `EncodedCorpus.fingerprint` of the corpus.
    compass : str
        `HeldRows.digest` of a training into a general space; empty for others.

    Raises
    ------
    FileAccessError
        If the file cannot be written; what it held before stays.
    """
    metadata = {
        "format": _FORMAT,
        "config": json.dumps(asdict(config)),
        "corpus": fingerprint,
        "compass": compass,
        "n_done": str(checkpoint.n_done),
    }
    tensors = {"input": checkpoint.input, "output": checkpoint.output}
    write_tensors(path, tensors, metadata)


def read_checkpoint(
    path: Path,
    config: Word2VecConfig,
    fingerprint: str,
    compass: str = "",
    *,
    shape: tuple[int, int],
) -> Checkpoint:
    """Read a checkpoint of the same training.

    Parameters
    ----------
    path : Path
        A file that `write_checkpoint` wrote.
    config, fingerprint, compass
        What it must have been written with.
    shape : tuple of int
        Of both matrices. The kernels write to rows and columns without looking: were they not
        there, they would write to memory that is none of theirs.

    Raises
    ------
    FileAccessError, FileFormatError
        If it cannot be read, or is no checkpoint.
    InputError
        If it belongs to another configuration, corpus or general space.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            metadata: Mapping[str, str] = file.metadata() or {}
            if metadata.get("format") != _FORMAT:
                raise FileFormatError(path, "is not a checkpoint of a training; name another file")
            _check_same(path, metadata, config, fingerprint, compass)
            n_done = int(metadata["n_done"])
            matrices = file.get_tensor("input"), file.get_tensor("output")
    except InputError:
        raise
    except (SafetensorError, *_DAMAGE) as error:
        raise FileFormatError(
            path, f"is not a whole checkpoint ({error}); delete it to start anew"
        ) from error
    except OSError as error:
        raise FileAccessError(f"{path}: cannot be read ({error}); name another file") from error
    proper = all(one.dtype == np.float32 and one.shape == shape for one in matrices)
    if n_done < 0 or not proper or not all(np.isfinite(one).all() for one in matrices):
        raise FileFormatError(
            path, "holds other matrices than the training has; delete it to start anew"
        )
    return Checkpoint(n_done, *matrices)


def _check_same(
    path: Path,
    metadata: Mapping[str, str],
    config: Word2VecConfig,
    fingerprint: str,
    compass: str,
) -> None:
    """Refuse to go on with something else than what was begun."""
    begun = json.loads(metadata["config"])
    for field in fields(config):
        before, now = begun.get(field.name), getattr(config, field.name)
        if before != now:
            raise InputError(
                f"{path}: the training was begun with {field.name} {before}, not {now}; "
                "go on with the same configuration, or delete the file to start anew"
            )
    if metadata["corpus"] != fingerprint:
        raise InputError(
            f"{path}: the training was begun on another corpus; give the same texts, or delete "
            "the file to start anew"
        )
    if metadata.get("compass", "") != compass:
        raise InputError(
            f"{path}: the training was begun with other general vectors or another compass, or "
            "with none; give the same, or delete the file to start anew"
        )
