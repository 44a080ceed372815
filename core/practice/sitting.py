"""A sitting over a sheet: one learner's answers, attempts, hints, what was revealed, marks, score and time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.errors import Refused
from core.model.literal import parse_number
from core.practice.judging import judge, judge_all
from core.practice.marks import RULE, Blank, Entry, Score, Verdict, When
from core.practice.mistakes import diagnose
from core.practice.telling import hints, question

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.calculation.calculated import Spot
    from core.practice.sheet import Sheet
    from core.practice.slip import Finding


@dataclass(frozen=True, eq=False)
class Sitting:
    """One practice session. Its methods return a new one and leave this as it is.

    Times are readings, in seconds, of whatever clock the caller has: ``began`` one of them, ``seconds`` what was
    spent before that.
    """

    sheet: Sheet
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
            if blank.revealed and spot != but:
                found[spot] = Entry(self.sheet.work.page.number(spot), sound=True, revealed=True)
            elif blank.value is not None and spot != but:
                found[spot] = Entry(blank.value, blank.mark is None or blank.mark.verdict is Verdict.RIGHT)
        return found

    def open(self) -> list[Spot]:
        """Return the blanks that wait for an answer: unanswered ones, and wrong ones if they are marked at once."""
        return [] if self.finished else [spot for spot, blank in self.blanks.items() if not blank.settled]

    @property
    def is_begun(self) -> bool:
        """Whether a learner has answered, taken a hint or given a number up."""
        return any(blank.attempts or blank.hints or blank.revealed for blank in self.blanks.values())

    def answered(self, spot: Spot, text: str) -> Sitting:
        """Return this with the answer that ``text`` is at the blank ``spot``, marked if that is done at once.

        Raises:
            Refused: it is no number (which counts as no attempt), or the blank takes no answer any more.
        """
        blank = self._waiting(spot)
        answer = parse_number(text)
        if self.when is When.AT_END:
            return self._with(spot, replace(blank, value=answer, attempts=1))
        made = judge(self.sheet, spot, answer, self.entries(spot))
        return self._with(spot, replace(blank, value=answer, attempts=blank.attempts + 1, mark=made))

    def question(self, spot: Spot) -> str:
        """Return the question for the blank ``spot`` on one line."""
        return question(self.sheet, spot, self.entries(spot))

    def findings(self, spot: Spot) -> tuple[Finding, ...]:
        """Return the slips that would give the wrong answer at ``spot``, the likeliest first; none if it is right."""
        blank = self.blanks[spot]
        if blank.value is None or blank.mark is None or blank.mark.right:
            return ()
        return diagnose(self.sheet, spot, blank.value, self.entries(spot))

    def hints_given(self, spot: Spot) -> tuple[str, ...]:
        """Return the hints that were taken at ``spot``, made of the numbers that stand in the other blanks now."""
        taken = self.blanks[spot].hints
        return hints(self.sheet, spot, self.entries(spot))[:taken] if taken else ()

    def hinted(self, spot: Spot) -> tuple[Sitting, str]:
        """Return this with one more hint counted at ``spot``, and the hint.

        Raises:
            Refused: there is no further hint, or the blank takes no answer any more.
        """
        blank = self._waiting(spot)
        lines = hints(self.sheet, spot, self.entries(spot))
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
        return self.sheet.work.shown(self.sheet.work.page.place(spot))

    @property
    def about(self) -> tuple[str, ...]:
        """How many numbers are blank, and to how many digits, and how it is marked, a line each."""
        work, when = self.sheet.work, self.when.replace("-", " ")
        return self.sheet.in_words, f"Digits {work.digits}, rounding {work.rounding}, marked {when}. {RULE}"

    def finish(self, now: float) -> Sitting:
        """Return this at its end: the clock stopped, and marked if that is done at the end."""
        if self.finished:
            return self
        blanks = dict(self.blanks)
        if self.when is When.AT_END:
            answers = {spot: one.value for spot, one in blanks.items() if one.value is not None and not one.revealed}
            shown = {spot: entry for spot, entry in self.entries().items() if entry.revealed}
            for spot, made in judge_all(self.sheet, answers, shown).items():
                blanks[spot] = replace(blanks[spot], mark=made)
        return replace(self, blanks=blanks, seconds=self.elapsed(now), finished=True)

    @property
    def score(self) -> Score:
        """The score so far."""
        return Score(self.blanks.values())

    def _waiting(self, spot: Spot) -> Blank:
        if self.finished:
            raise Refused("this practice is finished; begin another one")
        blank = self.blanks[spot]
        if blank.right or blank.revealed:
            state = "revealed" if blank.revealed else "right"
            raise Refused(
                f"{self.sheet.work.symbol(self.sheet.work.page.place(spot))} is {state} already; go on to another blank"
            )
        return blank

    def _with(self, spot: Spot, blank: Blank) -> Sitting:
        return replace(self, blanks={**self.blanks, spot: blank})


def begin(sheet: Sheet, when: When = When.AT_ONCE, now: float = 0.0) -> Sitting:
    """Return a sitting over ``sheet`` in which nothing is answered yet."""
    return Sitting(sheet, when, {spot: Blank() for spot in sheet.blanks}, began=now)
