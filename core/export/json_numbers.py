"""Objects as JSON has them: None stands for NaN and the infinities, which it cannot write."""

from __future__ import annotations

import json
from math import isfinite
from typing import Any

import numpy as np

Json = dict[str, Any]


def json_text(value: Json) -> str:
    """Return an object as a JSON file; NaN and the infinities must have been made None before."""
    return json.dumps(value, indent=2, allow_nan=False) + "\n"


def plain(value: Any) -> Any:
    """Return what JSON can write of numbers, texts, arrays, and of lists and dictionaries of them.

    Arrays become lists in lists, as their shape says. A float32 number becomes the shortest decimal that gives it back,
    as Keras prints it.
    """
    match value:
        case dict():
            return {key: plain(one) for key, one in value.items()}
        case np.ndarray() if value.dtype.kind != "f" or (value.dtype == np.float64 and np.isfinite(value).all()):
            return value.tolist()
        case list() | tuple() | np.ndarray() if np.ndim(value) or not isinstance(value, np.ndarray):
            return [plain(one) for one in value]
        case np.floating() | np.ndarray():
            return plain(float(str(value)))
        case float():
            return value if isfinite(value) else None
    return value


def fields(of: object, *names: str) -> Json:
    """Return what an object has under these names, as JSON can write it."""
    return {name: plain(getattr(of, name)) for name in names}
