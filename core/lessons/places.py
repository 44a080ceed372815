"""From what a person calls a number, ``s2 of hidden`` or ``lstm/input gate[2,1]``, to the number, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.calculation.calculated import addressed, addresses_of, spoken
from core.errors import Refused, shorten
from core.export.calculation.symbols import Symbols
from core.half_width import with_commas
from core.lessons.source import quoted

if TYPE_CHECKING:
    from core.calculation.calculated import Calculated, Spot, Value
    from core.model.network import Network

    Call = tuple[str, ...]

MAX_SYMBOL = 24
"""Characters of a symbol; no network has longer ones."""


def find(network: Network, text: str) -> Spot:
    """Return the number, over any point, that ``text`` names: by its address ``lstm/input gate[2,1]`` or, in a chain on
    one page, by its symbol: ``z2``, or ``z2 of hidden`` where z2 is in several layers.

    Raises:
        Refused: there is no such value or place in it, or no such layer or symbol, or the symbol is in several layers.
    """
    # A layer's own name may have full-width letters, a place and a symbol have none.
    text = text.replace("\uff3b", "[")
    if not network.on_one_page or "/" in text or "[" in text:
        name, bracket, places = text.partition("[")
        return addressed(addresses_of(network), f"{name}{bracket}{with_commas(places)}")
    return _by_symbol(network, text)


def _by_symbol(network: Network, text: str) -> Spot:
    name, _, layer = text.replace("\u3000", " ").strip().partition(" of ")
    name = with_commas(name).strip()
    calls = [network.paths[network.index(layer.strip())]] if layer.strip() else network.paths
    done = addresses_of(network)
    symbols, values = Symbols(done), _around(done, calls[0]) if layer.strip() else [*done.values, *done.weights]
    fits = len(name) <= MAX_SYMBOL and name.isascii()
    named = [(value, symbols.named(value, name)) for value in values if fits]
    found = [value.spot(index) for value, index in named if index is not None]
    # What leaves one layer enters the next: one number, which belongs to the layer that makes it.
    made = [spot for spot in found if spot.call in calls] or found
    if not made:
        known = "; ".join(_known(done, symbols, call) for call in calls[:4])
        raise Refused(f"expected a symbol of the calculation, got {quoted(name)}; there are {known}")
    if len(made) > 1:
        layers = [shorten("/".join(spot.call)) for spot in made]
        raise Refused(f"{name} is in {' and in '.join(layers)}: write '{name} of {layers[0]}'")
    return made[0]


def in_full(network: Network, spot: Spot) -> str:
    """Return what a number is called: by its symbol and layer, ``s2 of hidden``, or else by its address."""
    if not network.on_one_page:
        return spoken(spot)
    done = addresses_of(network)
    name = str(Symbols(done).of(done.value_of(spot), spot.index, ()))
    return name if len(network.layers) == 1 else f"{name} of {shorten('/'.join(spot.call or network.paths[0]))}"


def _around(done: Calculated, call: Call) -> list[Value]:
    """Return the values of a layer of a chain in the order of the formula: what enters it first."""
    own = [value for value in done.values if value.call == call]
    given = done.values[done.values.index(own[0]) - 1]
    return [given, *(value for value in done.weights if value.call == call), *own]


def _known(done: Calculated, symbols: Symbols, call: Call) -> str:
    """Return the symbols of a layer, from the first to the last of each kind."""
    kinds = []
    for value in _around(done, call):
        ends = [0] * len(value.shape), [size - 1 for size in value.shape]
        kinds.append(" to ".join(dict.fromkeys(str(symbols.of(value, tuple(index), ())) for index in ends)))
    return f"{shorten('/'.join(call))}: {', '.join(kinds)}"
