"""Weights of classes: how often a row of each class counts in a training's loss, as ``fit``'s ``class_weight`` does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import Refused
from core.half_width import with_semicolons
from core.model.literal import parse_number
from core.tasks.binary import Binary
from core.tasks.classes import Classes
from core.tasks.signs import Signs

if TYPE_CHECKING:
    from core.tasks import Task

MOST = 1e6
"""The largest weight."""


def class_weights(text: str) -> tuple[float, ...]:
    """Return the weights in ``text``, in the order of the classes; none if it is empty, or all are 1.

    Raises:
        Refused: one is no number above 0 that can be a weight.
    """
    text = with_semicolons(text)
    # With semicolons between, commas are decimal.
    parts = (text.split(";") if ";" in text else text.replace(",", " ").split()) if text.strip() else []
    weights = tuple(parse_number(part) for part in parts)
    require_weights(weights)
    return () if all(weight == 1.0 for weight in weights) else weights


def require_weights(weights: tuple[float, ...]) -> None:
    """Refuse a weight that is not above 0 and at most 1e6.

    Raises:
        Refused: one is not; the sentence says which.
    """
    for weight in weights:
        if not 0 < weight <= MOST:
            raise Refused(f"expected weights of classes above 0 and at most 1e6, got {weight:g}")


def require_class_weights(task: Task, weights: tuple[float, ...]) -> None:
    """Refuse weights that are not one for each class of ``task``.

    Raises:
        Refused: there are more or fewer, or labels that are no classes.
    """
    if not weights:
        return
    if not isinstance(task, Signs | Binary | Classes) or task.columns > 1:
        raise Refused("expected labels of one class a row for weights of classes, got others; take the weights away")
    if len(weights) != len(task.classes):
        raise Refused(
            f"expected a weight for each of the {len(task.classes):,} classes, got {len(weights):,}; "
            f"give them in the order {', '.join(task.classes[:5])}"
        )
