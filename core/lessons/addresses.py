"""Numbers of any model that are asked for: what is right, as practice takes it for right, and what they are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.calculation.calculated import spoken
from core.calculation.followed import Asked
from core.calculation.running import split
from core.errors import Refused
from core.export.calculation.symbols import Symbols
from core.formatting import number
from core.model.literal import format_array
from core.operations.rounding import EXACT
from core.practice.intervals import written
from core.practice.judging import right_numbers
from core.practice.sheet import Sheet, work

if TYPE_CHECKING:
    from core.calculation.calculated import Calculated, Spot
    from core.practice.intervals import Measured
    from core.session.state import State

MOST_SOURCES = 48
"""Numbers that one is made of which are written out; of more the By hand tab has room."""

MOST_NUMBERS = 50
"""Numbers of an array that is written out."""


def accepted_at(state: State, spot: Spot, digits: int, symbol: str = "") -> tuple[float, list[Measured]]:
    """Return the exact number at ``spot``, and what practice takes for right in its place, wherever one rounded.

    A refusal calls it by its ``symbol``, if there is one.

    Raises:
        Refused: the state's model has no such number, or it is not finite.
    """
    network = state.model.network
    point = split(state.x, network.input_shapes)
    made = work(network.graph, state.model.weights.by_name(network), point, digits=digits)
    exact, place = _number(made.page, spot, symbol or spoken(spot)), made.source(made.page.place(spot))
    blank = made.page.spot(place)
    if blank is None or not made.is_made(place):
        return exact, written(np.full((1, 2), exact), digits)
    return exact, right_numbers(Sheet(made, (blank,), 1), blank, {})


def given_at(state: State, spot: Spot, digits: int) -> str:
    """Return the numbers that the one at ``spot`` is made of, or those among which it stands, in a line.

    They are called as on the By hand tab; the layer's activation is named where one is applied.

    Raises:
        Refused: the state's model has no such number.
    """
    done = Asked(state.model.network, state.model.weights, state.x).made({}, EXACT)
    _number(done, spot, spoken(spot))
    sources = done.made_of(spot, MOST_SOURCES + 1)
    if not sources:
        value = done.value_of(spot)
        values = done.array(value)
        if values.size > MOST_NUMBERS:
            return f"{value.words} of {values.size:,} numbers, which the By hand tab shows"
        return f"{value.words} {' '.join(format_array(values, digits).split())}"
    if len(sources) > MOST_SOURCES:
        return f"more than {MOST_SOURCES} numbers, which the By hand tab shows"
    symbols = Symbols(done) if state.model.network.on_one_page else None

    def called(at: Spot) -> object:
        return spoken(at) if symbols is None else symbols.of(done.value_of(at), at.index, ())

    written = ", ".join(f"{called(source)} = {number(done.number(source), digits)}" for source in sources)
    layer = dict(zip(state.model.network.paths, state.model.network.layers, strict=True)).get(spot.call)
    if layer is not None and {source.value for source in sources} == {"pre-activation"}:
        written += f"; the activation is {layer.last_activation}"
    return written


def _number(done: Calculated, spot: Spot, symbol: str) -> float:
    try:
        exact = done.number(spot)
    except Refused:
        raise Refused(
            f"expected a model with {symbol}, got another one by now: u takes changes back, "
            "and the list of lessons begins this one anew"
        ) from None
    if not np.isfinite(exact):
        raise Refused(f"expected a finite {symbol}, got {exact} from this model; u takes changes back")
    return exact
