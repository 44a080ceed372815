"""The key to a sheet: what stands in each blank, how far an answer may be from it, and the line that makes it."""

from __future__ import annotations

from decimal import ROUND_CEILING, Context
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from core.practice.judging import right_numbers
from core.practice.marks import in_short
from core.practice.telling import Told

if TYPE_CHECKING:
    from core.calculation.calculated import Spot
    from core.practice.sheet import Sheet


class KeyAnswer(NamedTuple):
    """The answer of one blank: its symbol, the line of numbers that makes it, and the number as it is written.

    ``sign`` stands between both: ``~=`` where the printed line comes to another last digit.

    Right is what is no further than ``tolerance`` from the written number: all that practice marks as right.
    """

    symbol: str
    line: str
    sign: str
    text: str
    tolerance: str


def key_answer(sheet: Sheet, spot: Spot) -> KeyAnswer:
    """Return the answer of the blank ``spot`` for someone who has nothing but the page."""
    place = sheet.work.page.place(spot)
    text, told = sheet.work.shown(place), Told(sheet, spot, {})
    off = float(np.abs(right_numbers(sheet, spot, {}) - float(text)).max())
    return KeyAnswer(sheet.work.symbol(place), told.numbers, told.comes(text), text, in_short(rounded_up(off)))


def rounded_up(tolerance: float) -> float:
    """Return the next number with two significant digits, so that what is written leaves out nothing that is right."""
    # What is a number of two digits already, but for float64's last bit, stays what it is.
    return float(Context(prec=2, rounding=ROUND_CEILING).create_decimal(f"{tolerance:.7e}"))
