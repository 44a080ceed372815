"""The arrays of Keras 1 as today's: kernels with their axes in order, of recurrent layers one kernel for all gates."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from core.errors import Refused, shorten

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.arrays import AnyArray

    Named = tuple[str, AnyArray]

GATES = {"i": "ifco", "z": "zrh"}
"""The letter of the first array's gate -> all gates in the order of today's kernels: of an LSTM, and of a GRU."""

PARTS = {"W": "kernel", "U": "recurrent_kernel", "b": "bias"}

GATE = re.compile(r"^(.*)_([WUb])_([ifcozrh])(?::0)?$")


def in_order(arrays: Sequence[Named], orders: Mapping[str, tuple[int, ...]]) -> list[Named]:
    """Return named arrays with those that ``orders`` has with their axes in that order."""
    made = list[tuple[str, "AnyArray"]]()
    for name, array in arrays:
        order = orders.get(name.partition(":")[0], ())
        made.append((name, array.transpose(order) if len(order) == array.ndim and order else array))
    return made


def joined_gates(arrays: Sequence[Named]) -> list[Named]:
    """Return named arrays with those of the gates of one cell, which stand side by side, joined.

    Raises:
        Refused: one of a cell's is missing, or does not fit beside the others.
    """
    left, made = list(arrays), list[tuple[str, "AnyArray"]]()
    while left:
        first = GATE.match(left[0][0])
        if not first or first[3] not in GATES:
            made.append(left.pop(0))
            continue
        gates = GATES[first[3]]
        cell = {(found[2], found[3]): array for name, array in left[: 3 * len(gates)] if (found := GATE.match(name))}
        del left[: 3 * len(gates)]
        made += [(f"{first[1]}/{PARTS[part]}", _joined(first[1], part, gates, cell)) for part in PARTS]
    return made


def _joined(cell: str, part: str, gates: str, arrays: dict[tuple[str, str], AnyArray]) -> AnyArray:
    found = [arrays[part, gate] for gate in gates if (part, gate) in arrays]
    if len(found) < len(gates) or len({array.shape for array in found}) > 1 or not found[0].ndim:
        raise Refused(f"expected arrays of one shape for all gates of {shorten(cell)}, got others; the file is damaged")
    return np.concatenate(found, axis=-1)
