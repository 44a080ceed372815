"""Marks: the verdict on an answer, its tolerance in words, what has become of each blank, and what it is worth."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from core.formatting import count

if TYPE_CHECKING:
    from collections.abc import Collection

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


LESS = 0.25
"""What each attempt after the first and each hint takes off a number's point."""

RULE = (
    "1 point for each number that is right at the first attempt, a quarter less for each further attempt and each "
    "hint, 0 if it was revealed or is not right."
)


class When(StrEnum):
    """When answers are marked."""

    AT_ONCE = "at-once"
    AT_END = "at-end"


@dataclass(frozen=True)
class Blank:
    """What has become of one blank; ``value`` is the last answer."""

    value: float | None = None
    attempts: int = 0
    hints: int = 0
    revealed: bool = False
    mark: Mark | None = None

    @property
    def right(self) -> bool:
        """Whether the learner found it."""
        return self.mark is not None and self.mark.right and not self.revealed

    @property
    def settled(self) -> bool:
        """Whether it waits for no answer: it is revealed, right, or answered and not marked yet."""
        return self.revealed or (self.value is not None and (self.mark is None or self.mark.right))

    @property
    def points(self) -> float:
        """From 0 to 1, by :data:`RULE`."""
        return max(0.0, 1.0 - LESS * (self.attempts - 1) - LESS * self.hints) if self.right else 0.0


class Score:
    """What has become of ``blanks``: the points, and of how many; how many are right, and revealed."""

    def __init__(self, blanks: Collection[Blank]) -> None:
        verdicts = [one.mark.verdict for one in blanks if one.mark is not None and one.right]
        self.points, self.possible, self.right = sum(one.points for one in blanks), len(blanks), len(verdicts)
        self.carried_forward = verdicts.count(Verdict.CARRIED_FORWARD)
        self.revealed = sum(one.revealed for one in blanks)

    @property
    def in_words(self) -> str:
        """The score as a sentence."""
        text = f"{self.points:g} of {count(self.possible, 'point')}: {self.right:,} right"
        if self.carried_forward:
            text += f" ({self.carried_forward:,} of them with an earlier error carried forward)"
        open_or_wrong = self.possible - self.right - self.revealed
        return f"{text}, {self.revealed:,} revealed, {open_or_wrong:,} not found."
