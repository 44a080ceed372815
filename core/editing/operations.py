"""What an expression may call and name: every function with how it is written, every name with what it stands for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np

from core.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.arrays import AnyArray, Array

MAX_ROUNDED = 9
"""Decimal places that ``round`` takes at most; a float32 has no more."""

MAX_ARGUMENTS = 20


@dataclass(frozen=True)
class Function:
    """``written`` is how a person writes it; ``call`` takes from ``least`` to ``most`` arrays of float64."""

    written: str
    least: int
    most: int
    call: Callable[..., Any]


def rounded(values: Array, digits: Array | float = 0.0) -> Array:
    """Return ``values`` with so many decimal places; halves go to the even neighbour, as in Python.

    NumPy multiplies by a power of ten first. For a number that float32 holds, and 9 places at most, the product
    is exact in float64, so the result is right to the last digit.

    Raises:
        Refused: ``digits`` is not one whole number from 0 to 9.
    """
    places = float(digits) if np.ndim(digits) == 0 else -1.0
    if places not in range(MAX_ROUNDED + 1):
        got = f"{places:g}" if np.ndim(digits) == 0 else "a different one in each cell"
        raise Refused(f"round: expected a whole number of decimal places from 0 to {MAX_ROUNDED}, got {got}")
    return np.round(values, int(places))


def clipped(values: Array, low: Array | float, high: Array | float) -> Array:
    """Return ``values`` kept from ``low`` to ``high``.

    Raises:
        Refused: ``low`` is above ``high`` somewhere.
    """
    if np.any(np.greater(low, high)):
        raise Refused("clip: expected the smaller limit first, as in clip(w, -1, 1), got a lower one above the upper")
    return np.clip(values, low, high)


def _least_of(*values: Array) -> Array:
    return reduce(np.minimum, values)


def _most_of(*values: Array) -> Array:
    return reduce(np.maximum, values)


FUNCTIONS = {
    "abs": Function("abs(w)", 1, 1, np.abs),
    "sign": Function("sign(w)", 1, 1, np.sign),
    "sqrt": Function("sqrt(w)", 1, 1, np.sqrt),
    "exp": Function("exp(w)", 1, 1, np.exp),
    "log": Function("log(w)", 1, 1, np.log),
    "tanh": Function("tanh(w)", 1, 1, np.tanh),
    "round": Function("round(w, 2)", 1, 2, rounded),
    "min": Function("min(w, 1)", 2, MAX_ARGUMENTS, _least_of),
    "max": Function("max(w, 0)", 2, MAX_ARGUMENTS, _most_of),
    "clip": Function("clip(w, -1, 1)", 3, 3, clipped),
}

CELL = "w"
"""The name of the number in the cell."""


def _in_float64(name: str) -> Callable[[AnyArray], float]:
    def over_all(values: AnyArray) -> float:
        return float(getattr(values, name)(dtype=np.float64))

    return over_all


OVER_ALL: dict[str, Callable[[AnyArray], float]] = {
    "mean": _in_float64("mean"),
    "std": _in_float64("std"),
    "smallest": lambda values: float(values.min()),
    "largest": lambda values: float(values.max()),
}
"""A name -> what it is of all the selected numbers together."""

NAMES = {
    CELL: "the number in the cell",
    "mean": "the mean of the selected numbers",
    "std": "their standard deviation",
    "smallest": "the smallest of them",
    "largest": "the largest of them",
}
"""Every name that an expression may hold -> what it stands for."""

HELP = f"numbers, + - * / ^, {', '.join(NAMES)}, {', '.join(function.written for function in FUNCTIONS.values())}"
"""What can be written, in one line."""
