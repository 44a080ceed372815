"""The array types that signatures speak of, and the one way to freeze an array."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import Refused

Array = npt.NDArray[np.float64]
"""Numbers on their way through a calculation: float64, so that rounding is a choice and not an accident."""

AnyArray = npt.NDArray[np.floating[Any]]
"""Numbers of either width, on their way into a calculation."""

KerasArray = npt.NDArray[np.float32]
"""Numbers as Keras holds them."""


def frozen(values: npt.ArrayLike) -> KerasArray:
    """Return ``values`` as a read-only float32 array that nobody can write to: a new one, unless it is one already."""
    if isinstance(values, np.ndarray) and values.dtype == np.float32 and _is_fixed(values):
        return values
    array = np.array(values, dtype=np.float32)
    array.setflags(write=False)
    return array


def in_float32(values: npt.NDArray[Any], what: str) -> KerasArray:
    """Return ``values``, which are ``what``, as a read-only float32 array.

    Raises:
        Refused: float32 does not hold them as they are.
    """
    with np.errstate(all="ignore"):
        kept = frozen(values)
        same = values.dtype == np.float32 or np.array_equal(kept.astype(values.dtype), values, equal_nan=True)
    if not same:
        raise Refused(f"expected {what} as numbers that float32 holds, got {values.dtype}; save it in float32")
    return kept


def fixed(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return ``values`` as a read-only array of the same type that nobody can write to."""
    if _is_fixed(values):
        return values
    array = np.array(values)
    array.setflags(write=False)
    return array


def _is_fixed(array: npt.NDArray[Any]) -> bool:
    """Say whether neither an array can be written to nor what it is a part of."""
    base: object = array
    while isinstance(base, np.ndarray):
        if base.flags.writeable:
            return False
        base = base.base
    return base is None or (isinstance(base, bytes | memoryview) and memoryview(base).readonly)


def point(values: npt.ArrayLike) -> Array:
    """Return ``values`` as a read-only point in float64: 0.3 stays the 0.3 that was typed."""
    array = np.array(values, dtype=np.float64)
    array.setflags(write=False)
    return array
