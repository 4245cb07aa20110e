"""The two innermost loops of training, as vector instructions.

A centre word of skip-gram meets its `m` context words and `TILE` target words (itself and noise
words, the same for all of its contexts), which makes two small products of matrices: the scores,
and the update of all rows. The compiler cannot turn loops over such rows into good vector code,
since any two of the rows might be the same memory. Here the instructions are laid out by hand,
so that each row is loaded and stored once, and sums stay in registers: `TILE` x 2 of them in the
scores, 2 x `TILE` in the update, as many as every processor with 16 vector registers can hold.

Rows are float32, given by their addresses; `n_chunks` counts groups of `LANES` values, so rows
must be padded with zeros to a multiple of that.

References
----------
Ji, S., Satish, N., Li, S., Dubey, P. (2016). Parallelizing Word2Vec in shared and distributed
memory. https://arxiv.org/abs/1604.04661
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from adapt.training.machine_code import LANES, TILE

__all__ = ["score_pair", "update_rows"]

_FLOAT, _INT = ir.FloatType(), ir.IntType(64)
_VECTOR = ir.VectorType(_FLOAT, LANES)
_POINTER = ir.PointerType()


def _lower(emit: Callable[..., None]) -> Callable[..., Any]:
    """Make code generation out of `emit(builder, *integer arguments)`."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        emit(builder, *arguments)
        return context.get_dummy_value()

    return codegen


@intrinsic
def score_pair(typing: Any, rows: Any, targets: Any, n_chunks: Any, scores: Any) -> Any:
    """Write the dot products of two rows with `TILE` targets to `scores` ``(2, TILE)``.

    `rows` and `targets` are addresses of arrays of 2 and `TILE` addresses.
    """

    def emit(b: Any, rows: Any, targets: Any, n_chunks: Any, scores: Any) -> None:
        x_rows = [_address_at(b, rows, i) for i in range(2)]
        y_rows = [_address_at(b, targets, k) for k in range(TILE)]
        sums = [cgutils.alloca_once_value(b, ir.Constant(_VECTOR, None)) for _ in range(2 * TILE)]
        with cgutils.for_range(b, n_chunks) as loop:
            xs = [_load(b, row, loop.index) for row in x_rows]
            for k, y_row in enumerate(y_rows):
                y = _load(b, y_row, loop.index)
                for i, x in enumerate(xs):
                    place = sums[i * TILE + k]
                    b.store(_fused(b, x, y, b.load(place, typ=_VECTOR)), place)
        totals = [b.load(place, typ=_VECTOR) for place in sums]
        out = b.inttoptr(scores, _POINTER)
        for place, total in enumerate(totals):
            b.store(_sum(b, total), _element(b, out, ir.Constant(_INT, place), _FLOAT))

    return types.void(rows, targets, n_chunks, scores), _lower(emit)


@intrinsic
def update_rows(
    typing: Any, rows: Any, n_rows: Any, targets: Any, n_chunks: Any, steps: Any
) -> Any:
    """Add to each row its steps times the targets, and to each target its steps times the rows.

    `steps` is the address of ``(n_rows, TILE)`` float32: what a row moves along a target, and the
    target along the row. Rows see the targets as they were; a row that stands there twice is
    updated twice.
    """

    def emit(b: Any, rows: Any, n_rows: Any, targets: Any, n_chunks: Any, steps: Any) -> None:
        y_rows = [_address_at(b, targets, k) for k in range(TILE)]
        table, step_table = b.inttoptr(rows, _POINTER), b.inttoptr(steps, _POINTER)
        moved = [cgutils.alloca_once(b, _VECTOR) for _ in range(TILE)]
        with cgutils.for_range(b, n_chunks) as chunks:
            ys = [_load(b, row, chunks.index) for row in y_rows]
            for y, place in zip(ys, moved, strict=True):
                b.store(y, place)
            with cgutils.for_range(b, n_rows) as loop:
                address = b.load(_element(b, table, loop.index, _INT), typ=_INT)
                x_row = b.inttoptr(address, _POINTER)
                x = x_moved = _load(b, x_row, chunks.index)
                first = b.mul(loop.index, ir.Constant(_INT, TILE))
                for k, (y, place) in enumerate(zip(ys, moved, strict=True)):
                    at = _element(b, step_table, b.add(first, ir.Constant(_INT, k)), _FLOAT)
                    step = _broadcast(b, b.load(at, typ=_FLOAT))
                    x_moved = _fused(b, step, y, x_moved)
                    b.store(_fused(b, step, x, b.load(place, typ=_VECTOR)), place)
                _store(b, x_moved, x_row, chunks.index)
            for place, row in zip(moved, y_rows, strict=True):
                _store(b, b.load(place, typ=_VECTOR), row, chunks.index)

    return types.void(rows, n_rows, targets, n_chunks, steps), _lower(emit)


def _address_at(b: Any, table: Any, place: int) -> Any:
    """Load the address that stands at `place` of the array at `table`."""
    at = _element(b, b.inttoptr(table, _POINTER), ir.Constant(_INT, place), _INT)
    return b.inttoptr(b.load(at, typ=_INT), _POINTER)


def _element(b: Any, pointer: Any, index: Any, kind: Any) -> Any:
    return b.gep(pointer, [index], source_etype=kind)


def _load(b: Any, row: Any, chunk: Any) -> Any:
    value = b.load(_element(b, row, chunk, _VECTOR), typ=_VECTOR)
    value.align = 4
    return value


def _store(b: Any, value: Any, row: Any, chunk: Any) -> None:
    b.store(value, _element(b, row, chunk, _VECTOR), align=4)


def _broadcast(b: Any, scalar: Any) -> Any:
    single = b.insert_element(
        ir.Constant(_VECTOR, ir.Undefined), scalar, ir.Constant(ir.IntType(32), 0)
    )
    lanes = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
    return b.shuffle_vector(single, ir.Constant(_VECTOR, ir.Undefined), lanes)


def _fused(b: Any, x: Any, y: Any, total: Any) -> Any:
    """Return x * y + total, rounded once."""
    kind = ir.FunctionType(_VECTOR, [_VECTOR] * 3)
    return b.call(
        cgutils.get_or_insert_function(b.module, kind, f"llvm.fma.v{LANES}f32"), [x, y, total]
    )


def _sum(b: Any, vector: Any) -> Any:
    """Return the sum over the lanes."""
    kind = ir.FunctionType(_FLOAT, [_FLOAT, _VECTOR])
    function = cgutils.get_or_insert_function(
        b.module, kind, f"llvm.vector.reduce.fadd.v{LANES}f32"
    )
    return b.call(function, [ir.Constant(_FLOAT, 0.0), vector], fastmath=["reassoc"])
