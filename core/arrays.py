"""The array types that signatures speak of, and the one way to freeze an array."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
"""Numbers on their way through a calculation: float64, so that rounding is a choice and not an accident."""

KerasArray = npt.NDArray[np.float32]
"""Numbers as Keras holds them."""


def frozen(values: npt.ArrayLike) -> KerasArray:
    """Return ``values`` as a read-only float32 array that nothing else holds."""
    array = np.array(values, dtype=np.float32)
    array.setflags(write=False)
    return array
