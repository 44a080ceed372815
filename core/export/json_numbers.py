"""Numbers as JSON has them: None stands for NaN and the infinities, which it cannot write."""

from __future__ import annotations

import json
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from core.arrays import AnyArray


def json_text(value: dict[str, Any]) -> str:
    """Return an object as a JSON file; NaN and the infinities must have been made None before."""
    return json.dumps(value, indent=2, allow_nan=False) + "\n"


def finite(value: float) -> float | None:
    """Return ``value``, or None if JSON cannot write it."""
    return value if isfinite(value) else None


def nested(values: AnyArray) -> Any:
    """Return ``values`` as lists in lists, as their shape says; one number as it is.

    A float32 number becomes the shortest decimal that gives it back, as Keras prints it.
    """
    if values.dtype == np.float64 and np.isfinite(values).all():
        return values.tolist()
    return _nested(values)


def _nested(values: Any) -> Any:
    return [_nested(part) for part in values] if np.ndim(values) else finite(float(str(values)))
