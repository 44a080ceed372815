"""Finding numbers in a table: by a condition such as ``> 0.5`` or ``nan``, or the largest and the smallest."""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.chunks import CHUNK, Pause, go_on
from core.errors import Refused, shorten
from core.half_width import half_width
from core.model.literal import parse_number

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.arrays import AnyArray
    from core.model.table import Table

    Mask = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]

COMPARISONS = {
    "<=": operator.le,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "=": operator.eq,
}

ODD: dict[str, Callable[[AnyArray], Mask]] = {"nan": np.isnan, "inf": np.isinf}

_CONDITION = re.compile(r"(?P<absolute>\|w\||abs|w)?\s*+(?P<comparison><=|>=|==|!=|<|>|=)\s*+(?P<number>.++)")

WANTED = "expected a condition such as > 0.5, == 0, |w| < 1e-3, nan or inf"


@dataclass(frozen=True)
class Condition:
    """What a number must be; ``text`` as it was typed."""

    text: str
    holds: Callable[[AnyArray], Mask]


def parse_condition(text: str) -> Condition:
    """Return the condition that ``text`` is: a comparison with a number, of the number or its size, ``nan`` or ``inf``.

    The number that is compared with is taken as float32, as the weights are: ``== 0.1`` finds 0.1.

    Raises:
        Refused: it is something else.
    """
    stripped = half_width(text).strip().lower()
    if stripped in ODD:
        return Condition(stripped, ODD[stripped])
    found = _CONDITION.fullmatch(stripped)
    if found is None:
        raise Refused(f"{WANTED}; got {repr(shorten(text.strip())) if stripped else 'nothing'}")
    number = np.float32(parse_number(found["number"]))
    compare = COMPARISONS[found["comparison"]]
    if found["absolute"] in (None, "w"):
        return Condition(stripped, lambda values: np.asarray(compare(values, number)))
    return Condition(stripped, lambda values: np.asarray(compare(np.abs(values), number)))


def next_match(
    table: Table, condition: Condition, after: tuple[int, int], pause: Pause = go_on
) -> tuple[int, int] | None:
    """Return the first cell (row, column) behind ``after`` for which the condition holds, round the end; or None."""
    row, column = after
    rows = max(1, CHUNK // max(table.columns, 1))
    with np.errstate(invalid="ignore"):
        for first, last in ((row, table.rows), (0, row + 1)):
            for top, block in table.blocks(first, rows):
                if top >= last:
                    break
                pause()
                mask = condition.holds(block)
                if top == row == first:
                    # Only what is behind the cursor in its own row; the rest of that row comes last.
                    mask = mask.copy()
                    mask[0, : column + 1] = False
                place = int(np.argmax(mask))
                if mask.flat[place]:
                    return top + place // block.shape[1], place % block.shape[1]
            if first == 0 == row:
                break
    return _in_first_row(table, condition, row, column)


def _in_first_row(table: Table, condition: Condition, row: int, column: int) -> tuple[int, int] | None:
    """Return a match in the cursor's own row up to the cursor, which is where a search round the end comes to last."""
    for top, block in table.blocks(row, 1):
        matches = np.flatnonzero(condition.holds(block[0, : column + 1]))
        return (top, int(matches[0])) if matches.size else None
    return None


def extreme(table: Table, *, largest: bool, pause: Pause = go_on) -> tuple[int, int] | None:
    """Return the cell of the number with the largest (or smallest) absolute value; None if none is finite."""
    best, found = -np.inf if largest else np.inf, None
    rows = max(1, CHUNK // max(table.columns, 1))
    for top, block in table.blocks(0, rows):
        pause()
        sizes = np.abs(block)
        sizes = np.where(np.isfinite(sizes), sizes, -1.0 if largest else np.inf)
        place = int(np.argmax(sizes) if largest else np.argmin(sizes))
        size = float(sizes.flat[place])
        if (size > best and size >= 0) if largest else size < best:
            best, found = size, (top + place // block.shape[1], place % block.shape[1])
    return found
