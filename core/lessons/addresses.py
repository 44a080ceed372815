"""Numbers of any model by their addresses, such as ``lstm/input gate[2,1]``: found, marked, and what they are made of.

The addresses are those of :mod:`core.calculation.calculated`. What is right is what practice takes for right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.calculation.calculated import Calculated, addressed, spoken
from core.calculation.followed import Asked
from core.calculation.running import split
from core.errors import Refused
from core.formatting import number
from core.half_width import with_commas
from core.model.literal import format_array
from core.model.written import write_graph
from core.operations.rounding import EXACT
from core.practice.intervals import written
from core.practice.judging import right_numbers
from core.practice.sheet import Sheet, work

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.calculation.calculated import Spot
    from core.model.network import Network
    from core.practice.tolerance import Measured
    from core.session.state import State

MOST_SOURCES = 48
"""Numbers that one is made of which are written out; of more the By hand tab has room."""

MOST_NUMBERS = 50
"""Numbers of an array that is written out."""


def find_address(network: Network, text: str) -> Spot:
    """Return the address that ``text`` is, of a number of ``network`` over any point.

    Raises:
        Refused: there is no such value, or no such place in it.
    """
    # A layer's own name may have full-width letters, a place has none.
    name, bracket, places = text.replace("\uff3b", "[").partition("[")
    written = write_graph(network.graph, network.input_shapes)
    return addressed(Calculated(network.graph, written, (), EXACT), f"{name}{bracket}{with_commas(places)}")


def accepted_at(state: State, spot: Spot, digits: int, symbol: str = "") -> tuple[float, list[Measured]]:
    """Return the exact number at ``spot``, and what practice takes for right in its place, wherever one rounded.

    A refusal calls it by its ``symbol``, if there is one.

    Raises:
        Refused: the state's model has no such number, or it is not finite.
    """
    network = state.model.network
    point = split(state.x, network.input_shapes)
    made = work(network.graph, state.model.weights.by_name(network), point, digits=digits)
    exact, place = _number(made.page, spot, symbol), made.source(made.page.place(spot))
    blank = made.page.spot(place)
    if blank is None or not made.is_made(place):
        return exact, written(np.full((1, 2), exact), digits)
    return exact, right_numbers(Sheet(made, (blank,), 1), blank, {})


def given_at(state: State, spot: Spot, digits: int, called: Callable[[Spot], str] = spoken) -> str:
    """Return the numbers that the one at ``spot`` is made of, or those among which it stands, in a line.

    What they are ``called`` is theirs for a person; the layer's activation is named where one is applied.

    Raises:
        Refused: the state's model has no such number.
    """
    done = Asked(state.model.network, state.model.weights, state.x).made({}, EXACT)
    _number(done, spot)
    sources = done.made_of(spot, MOST_SOURCES + 1)
    if _is_given(done, spot) or not sources:
        value = done.value_of(spot)
        values = done.array(value)
        if values.size > MOST_NUMBERS:
            return f"{value.words} of {values.size:,} numbers, which the By hand tab shows"
        return f"{value.words} {' '.join(format_array(values, digits).split())}"
    if len(sources) > MOST_SOURCES:
        return f"more than {MOST_SOURCES} numbers, which the By hand tab shows"
    written = ", ".join(f"{called(source)} = {number(done.number(source), digits)}" for source in sources)
    layer = dict(zip(state.model.network.paths, state.model.network.layers, strict=True)).get(spot.call)
    applies = layer is not None and {source.value for source in sources} == {"pre-activation"}
    return f"{written}; the activation is {layer.last_activation}" if layer is not None and applies else written


def _is_given(done: Calculated, spot: Spot) -> bool:
    """Return whether the number at ``spot`` is an input's or a weight's, and so calculated of nothing."""
    value = done.value_of(spot)
    return not value.call or value in done.weights


def _number(done: Calculated, spot: Spot, symbol: str = "") -> float:
    try:
        exact = done.number(spot)
    except Refused:
        raise Refused(
            f"expected a model with {spoken(spot)}, got another one by now: u takes changes back, "
            "and the list of lessons begins this one anew"
        ) from None
    if not np.isfinite(exact):
        raise Refused(f"expected a finite {symbol or spoken(spot)}, got {exact} from this model; u takes changes back")
    return exact
