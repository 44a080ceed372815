"""From a symbol, such as ``s2 of hidden``, to the number of the calculation that it stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.calculation.spot import Kind, Spot, symbol
from core.errors import Refused, shorten
from core.half_width import with_commas
from core.lessons.source import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.model.network import Network

MAX_SYMBOL = 24
"""Characters of a symbol; no network has longer ones."""


def find(network: Network, text: str) -> Spot:
    """Return the place of the number that ``text`` names: ``z2``, or ``z2 of hidden`` where z2 is in several layers.

    Raises:
        Refused: there is no such layer or symbol, or the symbol is in several layers.
    """
    name, _, layer = text.replace("\u3000", " ").strip().partition(" of ")
    # A layer's own name may have full-width letters.
    name = with_commas(name)
    places = [network.index(layer.strip())] if layer.strip() else list(range(len(network.layers)))
    found = [spot for place in places for spot in _called(network, place, name.strip())]
    # What leaves one layer enters the next: one number, which belongs to the layer that makes it.
    made = [spot for spot in found if spot.kind is not Kind.INPUT] or found
    if not made:
        known = "; ".join(_known(network, place) for place in places[:4])
        raise Refused(f"expected a symbol of the calculation, got {quoted(name.strip())}; there are {known}")
    if len(made) > 1:
        layers = [shorten(network.layers[spot.step].name) for spot in made]
        raise Refused(f"{name} is in {' and in '.join(layers)}: write '{name} of {layers[0]}'")
    return made[0]


def in_full(network: Network, spot: Spot) -> str:
    """Return the symbol with its layer, such as ``s2 of hidden``; without it where no other layer is."""
    name = symbol(network, spot)
    return name if len(network.layers) == 1 else f"{name} of {shorten(network.layers[spot.step].name)}"


def is_there(network: Network, spot: Spot, layer: str) -> bool:
    """Return whether the network has a number at ``spot``, in a layer called ``layer``."""
    if spot.step >= len(network.layers) or network.layers[spot.step].name != layer:
        return False
    return _has(network, spot)


def _has(network: Network, spot: Spot) -> bool:
    inputs, units = _size(network, spot.step, spot.kind)
    return spot.input < inputs and spot.unit < units


def _called(network: Network, place: int, text: str) -> Iterator[Spot]:
    """Give the numbers of one layer whose symbol is ``text``."""
    numbers = text[len(text.rstrip("0123456789,")) :]
    if len(text) > MAX_SYMBOL or not text.isascii():
        return
    for spot in _numbered(place, numbers):
        if _has(network, spot) and symbol(network, spot) == text:
            yield spot


def _numbered(place: int, numbers: str) -> Iterator[Spot]:
    """Give every place that a symbol ending in ``numbers`` could mean; y alone has none."""
    if "," not in numbers:
        index = int(numbers or 1) - 1
        if index >= 0:
            yield Spot(place, Kind.INPUT, 0, index)
            yield from (Spot(place, kind, index) for kind in (Kind.SUM, Kind.BIAS, Kind.Z, Kind.OUTPUT))
    pair = numbers.split(",") if "," in numbers else list(numbers)
    if len(pair) == 2 and all(part and int(part) for part in pair):
        yield Spot(place, Kind.WEIGHT, int(pair[1]) - 1, int(pair[0]) - 1)


def _size(network: Network, place: int, kind: Kind) -> tuple[int, int]:
    """Return from how many inputs and of how many units a layer has numbers of a kind; (0, 0) if it has none."""
    if kind is Kind.INPUT:
        return network.widths()[place], 1
    written = network.written
    number = written.of_call(network.paths[place]).get("kernel" if kind is Kind.WEIGHT else str(kind))
    shape = () if number is None else written.program.lines[number].shape
    return (0, 0) if number is None else (shape[0], shape[1]) if kind is Kind.WEIGHT else (1, shape[0])


def _known(network: Network, place: int) -> str:
    """Return the symbols of a layer, from the first to the last of each kind."""
    parts = []
    for kind in Kind:
        inputs, units = _size(network, place, kind)
        if inputs and units:
            first, last = symbol(network, Spot(place, kind)), symbol(network, Spot(place, kind, units - 1, inputs - 1))
            parts.append(first if first == last else f"{first} to {last}")
    return f"{shorten(network.layers[place].name)}: {', '.join(parts)}"
