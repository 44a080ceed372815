"""A task and its scores in sentences, for every screen and command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.losses import Over
from core.tasks.scores import Answers, OfOutputs
from core.tasks.signs import Signs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.losses import Loss
    from core.tasks import Scores, Task


def unanswered_words(scores: Sequence[Scores]) -> str:
    """Return how many outputs answer nothing, and why that matters; nothing if all answer."""
    each = (part for one in scores for part in ([own for _, own in one.parts] if isinstance(one, OfOutputs) else [one]))
    answers = [one for one in each if isinstance(one, Answers)]
    points, nan = sum(one.points for one in answers), sum(one.nan for one in answers)
    without = sum(one.unanswered for one in answers)
    zeros = f"sign 0: {without:,} of {points:,}. A prediction of exactly 0 is neither label, so it is wrong."
    not_numbers = f"NaN: {nan:,} of {points:,}."
    return " ".join(words for words, are in ((zeros, without), (not_numbers, nan)) if are)


def head_of_none(answers: Answers) -> str:
    """Return what the column of a confusion matrix is called that counts what answers nothing: NaN is no sign of 0."""
    return "0" if answers.classes == Signs.classes and not answers.nan else "none"


WHY_BINARY_ACCURACY_DIFFERS = (
    "Keras's binary_accuracy makes 0 or 1 of a prediction, at 0.5, so a label of -1 never matches."
)


def how_it_is_read(task: Task, losses: Sequence[Loss]) -> str:
    """Return how labels and outputs are read, in a sentence."""
    of_batch = any(loss.over is Over.BATCH for loss in losses)
    batch = " The loss is one number for each batch." if of_batch else ""
    if task == Signs():
        return WHY_BINARY_ACCURACY_DIFFERS + batch
    text = task.in_words()
    return f"{text[0].upper()}{text[1:]}.{batch}"
