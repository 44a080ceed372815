"""Reading what a person typed into a field: whole numbers, numbers, each within its bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import Refused, require_between, shorten
from core.half_width import half_width
from core.model.literal import parse_number

if TYPE_CHECKING:
    from collections.abc import Callable


def whole(what: str, low: int, high: int) -> Callable[[str], int]:
    """Return a reader of whole numbers from ``low`` to ``high``; it refuses anything else."""

    def read(text: str) -> int:
        digits = half_width(text).strip()
        if not (digits.isascii() and digits.removeprefix("-").isdecimal()) or len(digits) > 18:
            raise Refused(f"expected {what} as a whole number from {low:,} to {high:,}, got {shorten(digits)!r}")
        require_between(what, int(digits), low, high)
        return int(digits)

    return read


def real(what: str, accepts: Callable[[float], bool], wanted: str) -> Callable[[str], float]:
    """Return a reader of numbers that ``accepts`` agrees to; ``wanted`` says in words which these are."""

    def read(text: str) -> float:
        value = parse_number(text)
        if not accepts(value):
            raise Refused(f"expected {what} {wanted}, got {value:g}")
        return value

    return read
