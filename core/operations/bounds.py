"""How far float32 may be off from every number of a calculation, bounded from line to line.

The roundings of a sum of n products partly cancel (Higham and Mary, "A New Approach to Probabilistic Rounding Error
Analysis", 2019): it is off by at most some square roots of n, not n, units of rounding times the sum of the products'
sizes. That is not certain, but as good as: for one sum the chance of more is below 2 exp(-LIKELY^2 / 2). What the line
before was off is carried on in the same way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.operations.operation import FLUSHED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.arrays import Array
    from core.operations.program import Line, Program

LARGEST = float(np.finfo(np.float32).max)


def offs(program: Program, values: Sequence[Array]) -> list[Array]:
    """Return, for every value, how far float32 may be off from its numbers, of one point, carried on from line to line.

    It is 0 for what is not finite, because NaN and the infinities are the same in float32 or are a difference, and
    infinite where nothing can be said: whatever is compared there is not told to differ.
    """
    found: list[Array] = []
    with np.errstate(all="ignore"):
        for number, (line, made) in enumerate(zip(program.lines, values, strict=True)):
            if line.operation is None:
                found.append(_given(line, made))
                continue
            sources, before = ([each[source] for source in line.sources] for each in (values, found))
            off = line.operation.off(made, sources, before)
            off = np.where(np.isfinite(made), np.where(np.isnan(off), np.inf, off), 0.0)
            if number not in program.names:
                # What lies between two numbers that are written down may be too large for float32, and gone there.
                off = np.where(np.isfinite(made) & (np.abs(made) > LARGEST), np.inf, off)
            found.append(off)
    return found


def _given(line: Line, made: Array) -> Array:
    if line.given is not None and line.given.kind == "weight":
        # A weight is a float32 number already.
        return np.broadcast_to(np.zeros(()), made.shape)
    # Keras is given the float32 number next to it, and a very small one may be taken for 0.
    off = np.where(np.abs(made) < FLUSHED, np.abs(made), np.abs(made - made.astype(np.float32)))
    return np.where(np.isfinite(made), off, 0.0)
