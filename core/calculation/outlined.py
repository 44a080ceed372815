"""The outline of a model with every value of one calculation inside the call that it is of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.model.outline import Line, Outline, Sign
from core.model.summary import summary

if TYPE_CHECKING:
    from core.calculation.calculated import Calculated


def outline_of(made: Calculated) -> Outline:
    """Return the model's lines, with every call's weights and values inside it."""
    calls = summary(made.graph).calls
    known = {row.path: row for row in calls.every()}
    held: dict[tuple[str, ...], list[Line]] = {}
    for value in (*made.weights, *made.values):
        # A layer's own layers, such as those of a Bidirectional, are no calls of the model.
        around = next(
            (value.call[:depth] for depth in range(len(value.call), 0, -1) if value.call[:depth] in known), ()
        )
        name = "/".join((*value.call[len(around) :], value.name))
        if around not in known or (known[around].inside is not None and name == "output"):
            continue
        held.setdefault(around, []).append(Line(Sign.VALUE, value.call, value.name, name, value.shape, len(around)))
    return Outline(calls, held)
