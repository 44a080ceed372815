"""Sitting: one learner over one exercise: answers, attempts, hints, what was revealed, marks, score and time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.calculation.spot import in_words, symbol, value
from core.errors import Refused
from core.formatting import number
from core.model.literal import parse_number
from core.practice.hints import hints
from core.practice.marking import mark, mark_all
from core.practice.marks import Entry, Verdict
from core.practice.question import question
from core.practice.score import Blank, Score, When, is_settled, manner, score_of
from core.practice.slips import diagnose

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.calculation.spot import Spot
    from core.practice.exercise import Exercise
    from core.practice.slip import Finding


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


def begin(exercise: Exercise, when: When = When.AT_ONCE, now: float = 0.0) -> Sitting:
    """Return a sitting over ``exercise`` in which nothing is answered yet."""
    return Sitting(exercise, when, {spot: Blank() for spot in exercise.blanks}, began=now)
