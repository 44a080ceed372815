"""Score: what has become of each blank, what it is worth, and when answers are marked."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from core.formatting import count
from core.practice.marks import Mark, Verdict

if TYPE_CHECKING:
    from collections.abc import Collection

    from core.practice.sheet import Work

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
    def points(self) -> float:
        """From 0 to 1, by :data:`RULE`."""
        return max(0.0, 1.0 - LESS * (self.attempts - 1) - LESS * self.hints) if self.right else 0.0


@dataclass(frozen=True)
class Score:
    """The points of a sitting, and how many numbers they could be; how many are right, and revealed."""

    points: float
    possible: int
    right: int
    carried_forward: int
    revealed: int

    @property
    def in_words(self) -> str:
        """The score as a sentence."""
        text = f"{self.points:g} of {count(self.possible, 'point')}: {self.right:,} right"
        if self.carried_forward:
            text += f" ({self.carried_forward:,} of them with an earlier error carried forward)"
        open_or_wrong = self.possible - self.right - self.revealed
        return f"{text}, {self.revealed:,} revealed, {open_or_wrong:,} not found."


def manner(work: Work, when: When) -> str:
    """Return how numbers are written and answers are marked, as sentences."""
    return f"Digits {work.digits}, rounding {work.rounding}, marked {when.replace('-', ' ')}. {RULE}"


def score_of(blanks: Collection[Blank]) -> Score:
    """Return what has become of blanks as a score, by :data:`RULE`."""
    verdicts = [one.mark.verdict for one in blanks if one.mark is not None and one.right]
    return Score(
        points=sum(one.points for one in blanks),
        possible=len(blanks),
        right=sum(one.right for one in blanks),
        carried_forward=verdicts.count(Verdict.CARRIED_FORWARD),
        revealed=sum(one.revealed for one in blanks),
    )


def is_settled(blank: Blank) -> bool:
    """Return whether a blank waits for no answer: it is revealed, right, or answered and not marked yet."""
    return blank.revealed or (blank.value is not None and (blank.mark is None or blank.mark.right))
