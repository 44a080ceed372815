"""Progress: where a learner is in a lesson, as one frozen value."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.formatting import count
from core.lessons.lesson import Read

if TYPE_CHECKING:
    from core.lessons.checking import Verdict
    from core.lessons.lesson import Lesson, Step


@dataclass(frozen=True)
class Progress:
    """The step in hand (from 0; after the last one at the end), its wrong answers, and whether it is done.

    ``hinted`` counts the hints that were given in this step, ``wrong`` the wrong answers of the whole lesson, and
    ``skipped`` are the steps that were gone past without being done.
    """

    step: int = 0
    attempts: int = 0
    hinted: int = 0
    done: bool = False
    wrong: int = 0
    skipped: frozenset[int] = frozenset()

    def current(self, lesson: Lesson) -> Step | None:
        """Return the step in hand, or None at the end."""
        return lesson.steps[self.step] if self.step < len(lesson.steps) else None

    def may_go_on(self, lesson: Lesson) -> bool:
        """Return whether the step in hand has nothing more to do."""
        step = self.current(lesson)
        return step is not None and (self.done or isinstance(step.check, Read))

    def after(self, verdict: Verdict) -> Progress:
        """Return this after an answer."""
        if verdict.right:
            return self.with_done()
        # What is said to a wrong answer ends with a hint, so the next one is due then.
        return replace(self, attempts=self.attempts + 1, hinted=self.hinted + 1, wrong=self.wrong + 1)

    def with_done(self) -> Progress:
        """Return this with the step in hand done."""
        return replace(self, done=True, skipped=self.skipped - {self.step})

    def with_hint(self) -> Progress:
        """Return this after a hint."""
        return replace(self, hinted=self.hinted + 1)

    def onward(self, lesson: Lesson) -> Progress:
        """Return this at the next step; one that is not done counts as skipped."""
        if self.current(lesson) is None:
            return self
        skipped = self.skipped if self.may_go_on(lesson) else self.skipped | {self.step}
        return Progress(self.step + 1, wrong=self.wrong, skipped=skipped)

    def back(self) -> Progress:
        """Return this at the step before, to do it again."""
        return Progress(max(self.step - 1, 0), wrong=self.wrong, skipped=self.skipped)

    def in_words(self, lesson: Lesson) -> str:
        """Return how it went, as a sentence."""
        done = sum(place not in self.skipped for place in range(self.step)) + self.done
        parts = [f"{done:,} of {count(len(lesson.steps), 'step')} done", f"{count(self.wrong, 'wrong answer')}"]
        if self.skipped:
            parts.append(f"{len(self.skipped):,} skipped")
        return ", ".join(parts)
