"""Takes what a lesson begins with into the session, and does for the learner what a skipped step asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.lessons.lesson import Do
from core.session.state import Model

if TYPE_CHECKING:
    from core.lessons.lesson import Lesson, Step
    from core.session.session import Session


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
