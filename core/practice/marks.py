"""Marks: the verdict on an answer, its tolerance in words, and the numbers that stand in blanks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from core.formatting import count

ORDINALS = {1: "1st", 2: "2nd", 3: "3rd"}


class Verdict(StrEnum):
    """What an answer is worth."""

    RIGHT = "right"
    CARRIED_FORWARD = "right, carried forward"
    """What the learner's own earlier numbers come to, though one of those is wrong and was marked there."""
    WRONG = "wrong"


@dataclass(frozen=True)
class Mark:
    """The verdict on one answer; ``tolerance`` is how far a right one may be from the number. Never the number."""

    verdict: Verdict
    tolerance: float
    digits: int

    @property
    def right(self) -> bool:
        """Whether the answer counts as right."""
        return self.verdict is not Verdict.WRONG

    @property
    def why(self) -> str:
        """The verdict and the tolerance as a sentence, without the answer."""
        half = 0.5 * 10.0**-self.digits
        place = ORDINALS.get(self.digits, f"{self.digits}th")
        allowed = f"to {in_short(self.tolerance)}: half of the {place} digit"
        if self.tolerance > half * 1.01:
            allowed += f", plus what rounding the numbers before it to {count(self.digits, 'digit')} can do"
        said = {
            Verdict.RIGHT: "right",
            Verdict.CARRIED_FORWARD: "right with your own earlier numbers; the error in those was marked there",
            Verdict.WRONG: "not right",
        }
        return f"{said[self.verdict]} ({allowed})"


@dataclass(frozen=True)
class Entry:
    """A number that stands in a blank; ``sound`` if it is right, and not only right with wrong earlier ones."""

    value: float
    sound: bool
    revealed: bool = False


def in_short(tolerance: float) -> str:
    """Return a tolerance with two significant digits, without an exponent unless it is very large."""
    if tolerance >= 1e6:
        return f"{tolerance:.1e}"
    return np.format_float_positional(tolerance, precision=2, fractional=False, trim="-")
