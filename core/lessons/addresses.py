"""Numbers of any model that are asked for: what is right, as practice takes it for right, and what they are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.calculation.calculated import spoken
from core.calculation.running import split
from core.errors import Refused
from core.model.literal import format_array
from core.practice.intervals import exactly, written
from core.practice.judging import right_numbers
from core.practice.sheet import Sheet, work
from core.practice.telling import Told

if TYPE_CHECKING:
    from core.calculation.calculated import Spot
    from core.practice.intervals import Ends
    from core.practice.sheet import Work
    from core.session.state import State

MOST_NUMBERS = 50
"""Numbers of an array that is written out."""


def accepted_at(state: State, spot: Spot, digits: int, symbol: str = "") -> tuple[float, Ends]:
    """Return the exact number at ``spot``, and what practice takes for right in its place, wherever one rounded.

    A refusal calls it by its ``symbol``, if there is one.

    Raises:
        Refused: the state's model has no such number, or it is not finite.
    """
    made = _work(state, digits)
    exact, place = _number(made, spot, symbol or spoken(spot)), made.source(made.page.place(spot))
    blank = made.page.spot(place)
    if blank is None or not made.is_made(place):
        return exact, written(exactly(np.array([exact])), digits)
    return exact, right_numbers(Sheet(made, (blank,), 1), blank, {})


def given_at(state: State, spot: Spot, digits: int) -> str:
    """Return the numbers that practice gives for the one at ``spot``, or those among which it stands, in a line.

    The layer's activation is named where one is applied.

    Raises:
        Refused: the state's model has no such number.
    """
    made = _work(state, digits)
    _number(made, spot, spoken(spot))
    sources = made.page.made_of(spot, MOST_NUMBERS)
    if not sources:
        value = made.page.value_of(spot)
        values = made.page.array(value)
        if values.size > MOST_NUMBERS:
            return f"{value.words} of {values.size:,} numbers, which the By hand tab shows"
        return f"{value.words} {' '.join(format_array(values, digits).split())}"
    told = ", ".join(Told(Sheet(made, (spot,), 1), spot, {}).given())
    layer = dict(zip(state.model.network.paths, state.model.network.layers, strict=True)).get(spot.call)
    if layer is not None and {source.value for source in sources} == {"pre-activation"}:
        told += f"; the activation is {layer.last_activation}"
    return told


def _work(state: State, digits: int) -> Work:
    network = state.model.network
    point = split(state.x, network.input_shapes)
    return work(network.graph, state.model.weights.by_name(network), point, digits=digits)


def _number(made: Work, spot: Spot, symbol: str) -> float:
    try:
        exact = made.page.number(spot)
    except Refused:
        raise Refused(
            f"expected a model with {symbol}, got another one by now: u takes changes back, "
            "and the list of lessons begins this one anew"
        ) from None
    if not np.isfinite(exact):
        raise Refused(f"expected a finite {symbol}, got {exact} from this model; u takes changes back")
    return exact
