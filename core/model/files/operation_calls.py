"""What Keras 3 says of its operations where they are called, as settings: ``x[:, 0]`` has its key there.

An operation stands in a model once for each time that it is called, so that all its calls say the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from core.layers.operations_with_settings import ELLIPSIS, SLICE
from core.limits import require_most
from core.model.archive.gate import ARRAY, OF_NUMPY, Json, mapping, sequence

if TYPE_CHECKING:
    from core.model.graph import Constant

MOST_NUMBERS = 100_000
"""How many numbers an array within a description may have."""


def with_settings_of_calls(entry: Json) -> Json:
    """Return a layer's entry; of an operation that takes a key or a padding in each call, with these as settings."""
    nodes, kind = entry.get("inbound_nodes"), entry.get("class_name")
    if kind not in ("GetItem", "Pad") or not isinstance(nodes, list) or not nodes:
        return entry
    given, calls = list[Any](), list[Json]()
    for node in nodes:
        if not isinstance(node, dict) or not isinstance(args := node.get("args"), list) or not args:
            return entry
        kwargs = dict(node.get("kwargs") or {})
        named = kwargs.pop("key" if kind == "GetItem" else "constant_values", None)
        given.append(args[1] if len(args) > 1 else named)
        calls.append({**node, "args": args[:1], "kwargs": kwargs})
    if any(one != given[0] for one in given) or given[0] is None:
        return {**entry, "inbound_nodes": calls} if given[0] is None and len(set(map(repr, given))) == 1 else entry
    config = mapping("a layer's config", entry.get("config"))
    if kind == "Pad":
        return {**entry, "config": {**config, "constant_values": given[0]}, "inbound_nodes": calls}
    key = key_of(given[0])
    return entry if key is None else {**entry, "config": {**config, "key": key}, "inbound_nodes": calls}


def key_of(value: object) -> list[Any] | None:
    """Return the parts of a key, a slice as ``[start, stop, step]``; None if one is something else.

    Keras 2 wrote a slice without its class.
    """
    parts = list[Any]()
    for one in value if isinstance(value, list) else [value]:
        match one:
            case {"class_name": str(kind)} if kind == ELLIPSIS:
                parts.append("...")
            case {"class_name": str(kind), "config": dict(held)} if kind == SLICE:
                parts.append([held.get(name) for name in ("start", "stop", "step")])
            case {"start": start, "stop": stop, "step": step, **other} if not other:
                parts.append([start, stop, step])
            case None | int() if not isinstance(one, bool):
                parts.append(one)
            case _:
                return None
    return parts


def is_array(value: object) -> bool:
    """Return whether a call is given numbers that are always the same."""
    return isinstance(value, dict) and value.get("class_name") in (ARRAY, OF_NUMPY)


def numbers_of(value: Json) -> Constant:
    """Return those numbers, as tuples within each other.

    Raises:
        Refused: they are too many.
        ValueError: they are no numbers, or rows of other lengths.
    """
    held = mapping("an array's config", value.get("config")).get("value")
    array = np.asarray(held, dtype=np.float64)
    require_most("numbers of an array in a description", array.size, MOST_NUMBERS)
    return as_tuples(array.tolist())


def as_tuples(value: Any) -> Constant:
    """Return numbers in lists as in tuples."""
    return tuple(as_tuples(one) for one in sequence("numbers", value)) if isinstance(value, list) else float(value)
