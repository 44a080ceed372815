"""From a symbol, such as ``s2 of hidden``, to the number of the calculation that it stands for."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from core.calculation.spot import Kind, Spot, symbol
from core.calculation.symbols import symbols
from core.calculation.weight_places import weight_spot
from core.calculation.wiring import channels_before_activation, connections
from core.errors import Refused, shorten
from core.half_width import with_commas
from core.layers.activation_layers import Activation
from core.layers.convolution import Convolution
from core.layers.pooling import Pooling
from core.lessons.source import quoted
from core.model.network import Weighted

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
    if not (spot.input < inputs and spot.unit < units):
        return False
    # A window sees some of the inputs only.
    layer, shape = network.layers[spot.step], network.shapes()[spot.step]
    return spot.kind is not Kind.WEIGHT or spot.input in connections(layer, shape, spot.unit)


def _called(network: Network, place: int, text: str) -> Iterator[Spot]:
    """Give the numbers of one layer whose symbol is ``text``."""
    numbers = text[len(text.rstrip("0123456789,")) :]
    if len(text) > MAX_SYMBOL or not text.isascii():
        return
    for spot in _numbered(network, place, numbers):
        if _has(network, spot) and symbol(network, spot) == text:
            yield spot


def _numbered(network: Network, place: int, numbers: str) -> Iterator[Spot]:
    """Give every place that a symbol ending in ``numbers`` could mean; y alone has none."""
    if "," not in numbers:
        index = int(numbers or 1) - 1
        if index >= 0:
            yield Spot(place, Kind.INPUT, 0, index)
            yield from (Spot(place, kind, index) for kind in (Kind.SUM, Kind.BIAS, Kind.Z, Kind.OUTPUT))
    pair = numbers.split(",") if "," in numbers else list(numbers)
    at = tuple(int(part) - 1 for part in pair if part)
    kernel: tuple[int, ...] = next(iter(network.weight_shapes()[place]), ())
    if len(at) == len(pair) == len(kernel) and all(0 <= axis < size for axis, size in zip(at, kernel, strict=True)):
        spot = weight_spot(network, place, at)
        if spot is not None:
            yield spot


def _size(network: Network, place: int, kind: Kind) -> tuple[int, int]:
    """Return from how many inputs and of how many units a layer has numbers of a kind; (0, 0) if it has none."""
    layer, (inputs, outputs) = network.layers[place], network.widths()[place : place + 2]
    shape = network.shapes()[place + 1]
    # As many as there are before an activation that halves them.
    units = prod(shape[:-1]) * channels_before_activation(layer, network.shapes()[place])
    adds_up = isinstance(layer, Weighted) or (isinstance(layer, Pooling) and layer.takes == "average")
    match kind:
        case Kind.INPUT:
            return inputs, 1
        case Kind.OUTPUT:
            return 1, outputs
        case Kind.Z:
            return (1, units) if adds_up or isinstance(layer, Activation) else (0, 0)
        case Kind.WEIGHT:
            return (inputs, units) if isinstance(layer, Weighted) else (0, 0)
        case Kind.BIAS:
            return (1, units) if isinstance(layer, Weighted) and layer.use_bias else (0, 0)
    return (1, units) if adds_up else (0, 0)


def _known(network: Network, place: int) -> str:
    """Return the symbols of a layer, from the first to the last of each kind."""
    parts = []
    for kind in Kind:
        inputs, units = _size(network, place, kind)
        if kind is Kind.WEIGHT and isinstance(network.layers[place], Convolution):
            # Named by the kernel's own axes, wherever its window stands.
            letter, kernel = symbols(network, place).kernel.lower(), network.weight_shapes()[place][0]
            parts.append(f"{letter}{','.join('1' * len(kernel))} to {letter}{','.join(map(str, kernel))}")
        elif inputs and units:
            first, last = symbol(network, Spot(place, kind)), symbol(network, Spot(place, kind, units - 1, inputs - 1))
            parts.append(first if first == last else f"{first} to {last}")
    return f"{shorten(network.layers[place].name)}: {', '.join(parts)}"
