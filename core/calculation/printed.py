"""Printed: whether the printed numbers on one side of an equals sign come to what is printed on the other.

Of rounded numbers it does not always: 0.0974 + 0.1157 + 0.2145 is 0.4276 where the calculation, which has more digits,
comes to 0.4277. There the sign is ``~=``.
"""

from __future__ import annotations

from fractions import Fraction
from math import isfinite
from typing import TYPE_CHECKING

from core.decimals import rounded
from core.formatting import EXPONENT_FROM, number

if TYPE_CHECKING:
    Number = Fraction | float

EQUALS, ABOUT = "=", "~="

MARK = "~"
"""Stands in a table before a number that is not what the printed ones beside it come to."""

LEGEND = "~ and ~=: what is printed is rounded, and comes to another last digit"

CARRIED = "rounding carried adds up as printed"
"""What a person can do about that."""


def comes_out(made: Number, result: str) -> bool:
    """Return whether a number is printed as ``result``, with as many decimal places."""
    try:
        wanted = Fraction(result)
    except ValueError:
        return True
    if not isfinite(made):
        return False
    if "/" in result:
        return made == wanted
    digits = len(result.partition("e")[0].partition(".")[2])
    if isinstance(made, Fraction) and abs(made) < EXPONENT_FROM:
        unit: int = 10**digits
        units = int(2 * abs(made) * unit + 1) // 2
        return wanted * unit == (units if made >= 0 else -units)
    value = float(made)
    if abs(value) >= EXPONENT_FROM:
        return number(value, digits) == result
    return float(rounded(value, digits)) == float(wanted)
