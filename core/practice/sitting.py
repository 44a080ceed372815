"""Sitting: one learner over one exercise: answers, attempts, hints, what was revealed, marks, score and time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from core.calculation.spot import in_words, symbol, value
from core.errors import Refused
from core.formatting import count, number
from core.model.literal import parse_number
from core.practice.hints import hints
from core.practice.marking import Entry, Mark, Verdict, mark, mark_all
from core.practice.question import question
from core.practice.slips import diagnose

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from core.calculation.spot import Spot
    from core.operations.rounding import Rounding
    from core.practice.exercise import Exercise
    from core.practice.slip import Finding

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


@dataclass(frozen=True, eq=False)
class Sitting:
    """One practice session. Its methods return a new one and leave this as it is.

    Times are readings, in seconds, of whatever clock the caller has: ``began`` one of them, ``seconds`` what was
    spent before that.
    """

    exercise: Exercise
    when: When
    blanks: Mapping[Spot, Blank]
    began: float = 0.0
    seconds: float = 0.0
    finished: bool = False

    def elapsed(self, now: float) -> float:
        """Return the seconds that were spent; the clock stands still once the sitting is finished."""
        return self.seconds if self.finished else self.seconds + max(0.0, now - self.began)

    def entries(self, but: Spot | None = None) -> dict[Spot, Entry]:
        """Return the numbers that stand in the blanks, without the one at ``but``."""
        found = {}
        for spot, blank in self.blanks.items():
            if spot == but:
                continue
            if blank.revealed:
                found[spot] = Entry(value(self.exercise.calculation.page, spot), sound=True, revealed=True)
            elif blank.value is not None:
                found[spot] = Entry(blank.value, blank.mark is None or blank.mark.verdict is Verdict.RIGHT)
        return found

    def open(self) -> list[Spot]:
        """Return the blanks that wait for an answer: unanswered ones, and wrong ones if they are marked at once."""
        if self.finished:
            return []
        return [spot for spot, blank in self.blanks.items() if not is_settled(blank)]

    def answered(self, spot: Spot, text: str) -> Sitting:
        """Return this with the answer that ``text`` is at the blank ``spot``, marked if that is done at once.

        Raises:
            Refused: it is no number (which counts as no attempt), or the blank takes no answer any more.
        """
        blank = self._waiting(spot)
        answer = parse_number(text)
        if self.when is When.AT_END:
            return self._with(spot, replace(blank, value=answer, attempts=1))
        made = mark(self.exercise, spot, answer, self.entries(spot))
        return self._with(spot, replace(blank, value=answer, attempts=blank.attempts + 1, mark=made))

    def question(self, spot: Spot) -> str:
        """Return the question for the blank ``spot`` on one line."""
        return question(self.exercise, spot, self.entries(spot))

    def name(self, spot: Spot) -> str:
        """Return what a blank is called."""
        network = self.exercise.calculation.network
        return f"{symbol(network, spot)}, {in_words(network, spot)}"

    def findings(self, spot: Spot) -> tuple[Finding, ...]:
        """Return the slips that would give the wrong answer at ``spot``, the likeliest first; none if it is right."""
        blank = self.blanks[spot]
        if blank.value is None or blank.mark is None or blank.mark.right:
            return ()
        return diagnose(self.exercise, spot, blank.value, self.entries(spot))

    def hinted(self, spot: Spot) -> tuple[Sitting, str]:
        """Return this with one more hint counted at ``spot``, and the hint.

        Raises:
            Refused: there is no further hint, or the blank takes no answer any more.
        """
        blank = self._waiting(spot)
        lines = hints(self.exercise, spot, self.entries(spot))
        if blank.hints >= len(lines):
            raise Refused("that was the last hint: put the terms together, or reveal the number")
        return self._with(spot, replace(blank, hints=blank.hints + 1)), lines[blank.hints]

    def revealed(self, spot: Spot) -> Sitting:
        """Return this with the number at ``spot`` given up and shown.

        Raises:
            Refused: the blank takes no answer any more.
        """
        return self._with(spot, replace(self._waiting(spot), revealed=True))

    def shown(self, spot: Spot) -> str:
        """Return what stands at a blank that was revealed."""
        work = self.exercise.calculation
        return number(value(work.page, spot), work.digits)

    def finish(self, now: float) -> Sitting:
        """Return this at its end: the clock stopped, and marked if that is done at the end."""
        if self.finished:
            return self
        blanks = dict(self.blanks)
        if self.when is When.AT_END:
            answers = {spot: one.value for spot, one in blanks.items() if one.value is not None and not one.revealed}
            shown = {spot: entry for spot, entry in self.entries().items() if entry.revealed}
            for spot, made in mark_all(self.exercise, answers, shown).items():
                blanks[spot] = replace(blanks[spot], mark=made)
        return replace(self, blanks=blanks, seconds=self.elapsed(now), finished=True)

    @property
    def about(self) -> tuple[str, ...]:
        """How many numbers are blank, and to how many digits, and how it is marked, a line each."""
        return self.exercise.in_words, manner(self.exercise.calculation, self.when)

    @property
    def score(self) -> Score:
        """The score so far, by :data:`RULE`."""
        return score_of(self.blanks.values())

    def _waiting(self, spot: Spot) -> Blank:
        if self.finished:
            raise Refused("this practice is finished; begin another one")
        blank = self.blanks[spot]
        if blank.right or blank.revealed:
            name = symbol(self.exercise.calculation.network, spot)
            raise Refused(f"{name} is {'revealed' if blank.revealed else 'right'} already; go on to another blank")
        return blank

    def _with(self, spot: Spot, blank: Blank) -> Sitting:
        return replace(self, blanks={**self.blanks, spot: blank})


class Rounded(Protocol):
    """What a calculation says of its digits."""

    @property
    def digits(self) -> int:
        """Decimal places."""

    @property
    def rounding(self) -> Rounding:
        """How numbers are rounded."""


def manner(work: Rounded, when: When) -> str:
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


def begin(exercise: Exercise, when: When = When.AT_ONCE, now: float = 0.0) -> Sitting:
    """Return a sitting over ``exercise`` in which nothing is answered yet."""
    return Sitting(exercise, when, {spot: Blank() for spot in exercise.blanks}, began=now)


def is_settled(blank: Blank) -> bool:
    """Return whether a blank waits for no answer: it is revealed, right, or answered and not marked yet."""
    return blank.revealed or (blank.value is not None and (blank.mark is None or blank.mark.right))
