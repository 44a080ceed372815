"""From float64 to the float32 that Keras holds: every number, or a refusal that names the first that cannot be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.arrays import AnyArray, KerasArray

    Named = Callable[[tuple[int, ...]], str]
    """A place of an array -> its name for a person, such as ``row 2, column 3``."""

FLOAT32_MAX = float(np.finfo(np.float32).max)


def place_name(index: tuple[int, ...]) -> str:
    """Return the name of a place of an array as a person counts: from 1, the rows first."""
    match index:
        case ():
            return "the number"
        case (column,):
            return f"column {column + 1:,}"
        case (row, column):
            return f"row {row + 1:,}, column {column + 1:,}"
        case _:
            return "place " + ", ".join(f"{position + 1:,}" for position in index)


def held(values: AnyArray, before: AnyArray | None = None, named: Named = place_name, offset: int = 0) -> KerasArray:
    """Return ``values`` in float32, read-only.

    A refusal names the first bad place of ``before``, the array that ``values`` came of, and what it was there;
    ``values`` begin at its number ``offset`` (in C order). Without ``before`` it names the place in ``values``.

    Raises:
        Refused: a number is NaN, infinite or larger than float32 holds.
    """
    with np.errstate(all="ignore"):
        kept = values.astype(np.float32, order="C")
    good = np.isfinite(kept)
    if not good.all():
        raise _refusal(values, int(np.argmin(good.reshape(-1))), before, named, offset)
    kept.setflags(write=False)
    return kept


def _refusal(values: AnyArray, first: int, before: AnyArray | None, named: Named, offset: int) -> Refused:
    shape = values.shape if before is None else before.shape
    index = tuple(int(position) for position in np.unravel_index(offset + first, shape))
    value = float(values.reshape(-1)[first])
    is_or_becomes = "is" if before is None else f"is {float(before[index]):g} and would become"
    limit = ", and float32 ends at 3.4e38" if np.isfinite(value) else ""
    return Refused(f"expected finite numbers, but {named(index)} {is_or_becomes} {value:g}{limit}; nothing is changed")
