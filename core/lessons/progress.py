"""Progress: a lesson that is under way: begun in a session, where the learner is in it, and all that as bytes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from core.errors import Refused
from core.formatting import count
from core.lessons.lesson import Do, Read
from core.lessons.reader import lesson_of
from core.lessons.source import from_bytes
from core.session.state import Model

if TYPE_CHECKING:
    from core.lessons.checking import Verdict
    from core.lessons.lesson import Lesson, Step
    from core.session.session import Session


@dataclass(frozen=True)
class Progress:
    """The step in hand (from 0; after the last one at the end), and whether it is done.

    ``hinted`` counts the hints that were given in this step, ``wrong`` the wrong answers of the whole lesson, and
    ``skipped`` are the steps that were gone past without being done.
    """

    step: int = 0
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
        """Return this after an answer: what is said to a wrong one ends with a hint, so that the next one is due."""
        return self.with_done() if verdict.right else replace(self.with_hint(), wrong=self.wrong + 1)

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


def start(session: Session, lesson: Lesson) -> bool:
    """Take the lesson's model, data and x, as one step that can be taken back.

    Return whether weights gave way that were trained or set, and that no file has.

    Raises:
        Refused: a training is under way.
    """
    before, begun = session.state, lesson.setup
    with session.trail.together():
        if begun.file is not None:
            session.open(*begun.file)
        elif begun.dataset is not None:
            model = Model(begun.network, begun.weights, begun.weights)
            session.take(f"lesson: {lesson.title}", model, begun.dataset)
        if begun.x is not None:
            session.set_x(begun.x)
    return before.unsaved and before.model.weights is not before.model.initial


def do_instead(session: Session, step: Step) -> bool:
    """Set the x or the weights that a step asks for, so that the next ones find them; return whether it could.

    Raises:
        Refused: the model has changed so that they no longer fit, or a training is under way.
    """
    if not isinstance(step.check, Do) or step.check.instead is None:
        return False
    step.check.instead(session)
    return True


class _Kept(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    text: str
    folder: str | None
    progress: Progress


def save(lesson: Lesson, progress: Progress) -> bytes:
    """Return a lesson and how far it has come as bytes that :func:`resume` reads."""
    source = lesson.source
    text = "\n".join(line.text for line in source.lines)
    folder = None if source.folder is None else str(source.folder.absolute())
    return msgspec.msgpack.encode(_Kept(source.name, text, folder, progress))


def resume(data: bytes) -> tuple[Lesson, Progress]:
    """Return what ``data`` holds.

    Raises:
        Refused: it is damaged, or the lesson's own model is not there any more.
    """
    try:
        kept = msgspec.msgpack.decode(data, type=_Kept)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise Refused("expected a lesson that was under way, got something else; begin it anew") from None
    lesson = lesson_of(from_bytes(kept.text.encode(), kept.name, None if kept.folder is None else Path(kept.folder)))
    if not 0 <= kept.progress.step <= len(lesson.steps):
        raise Refused("expected a step of the lesson, got another; begin it anew")
    return lesson, kept.progress
