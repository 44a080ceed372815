"""Spot: one number of a calculation by its place, with its value, its symbol, and what it is in words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from core.calculation.symbols import name, symbols
from core.calculation.wiring import channels_before_activation, connections, kernel_index
from core.errors import shorten
from core.layers.convolution import Convolution
from core.layers.pooling import Pooling
from core.model.network import units_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.calculation.forward import Step, Trace
    from core.model.network import Network


class Kind(StrEnum):
    """What a number of a calculation is."""

    INPUT = "input"
    WEIGHT = "weight"
    SUM = "weighted sum"
    BIAS = "bias"
    Z = "pre-activation"
    OUTPUT = "output"


CALCULATED = (Kind.SUM, Kind.Z, Kind.OUTPUT)
"""The kinds that a calculation makes, in the order in which it makes them; the others are given."""


@dataclass(frozen=True, order=True)
class Spot:
    """One number: of which step, what it is, of which unit and, for an input or a weight, of which input.

    All three count from 0.
    """

    step: int
    kind: Kind
    unit: int = 0
    input: int = 0


def value(trace: Trace, spot: Spot) -> float:
    """Return the number at ``spot``; a layer without weights has its inputs in the place of weighted sums."""
    step = trace.steps[spot.step]
    if spot.kind is Kind.INPUT:
        return float(step.inputs[spot.input])
    if spot.kind is Kind.WEIGHT and step.own is not None:
        return step.weight(spot.input, spot.unit)
    array = {Kind.SUM: step.weighted_sum, Kind.BIAS: step.bias, Kind.Z: step.pre_activation}.get(spot.kind)
    return float((step.output if array is None else array)[spot.unit])


def calculated(trace: Trace) -> Iterator[Spot]:
    """Give every number that the calculation makes, in the order in which a person makes them, unit by unit."""
    for place, step in enumerate(trace.steps):
        width = max(step.output.size, 0 if step.pre_activation is None else step.pre_activation.size)
        for unit in range(width):
            yield from (Spot(place, kind, unit) for kind in CALCULATED if has(step, kind, unit))


def has(step: Step, kind: Kind, unit: int) -> bool:
    """Return whether ``step`` makes a number of that kind for ``unit``."""
    array = {Kind.SUM: step.weighted_sum, Kind.Z: step.pre_activation, Kind.OUTPUT: step.output}[kind]
    return array is not None and unit < array.size


def symbol(network: Network, spot: Spot) -> str:
    """Return the number's symbol: x1, w12 (from input 1 to unit 2), s2 = w12 x1 + ..., b2, z2 = s2 + b2, h2.

    A weight of a convolution has the same one at every place of the window: w3,1,2,4 is in row 3 and column 1 of the
    kernel, from channel 2 to filter 4, and b4 that filter's bias. A weight of an average is its share, 1/4, and one
    that is not there is 0.
    """
    letters, width = symbols(network, spot.step), network.widths()[spot.step + 1]
    match spot.kind:
        case Kind.INPUT:
            return name(letters.inputs, spot.input, network.widths()[spot.step])
        case Kind.WEIGHT:
            return _weight(network, spot, letters.kernel.lower())
        case Kind.OUTPUT:
            return name(letters.output, spot.unit, width)
        case Kind.BIAS:
            return f"{letters.bias}{bias_index(network, spot) + 1}"
    return f"{'s' if spot.kind is Kind.SUM else 'z'}{spot.unit + 1}"


def _weight(network: Network, spot: Spot, letter: str) -> str:
    layer, index = network.layers[spot.step], weight_index(network, spot)
    if index is not None:
        places = [at + 1 for at in index]
        return letter + ("," if max(places) > 9 or isinstance(layer, Convolution) else "").join(map(str, places))
    made_of = connections(layer, network.shapes()[spot.step], spot.unit)
    return f"1/{len(made_of)}" if isinstance(layer, Pooling) and spot.input in made_of else "0"


def weight_index(network: Network, spot: Spot) -> tuple[int, ...] | None:
    """Return where the weight at ``spot`` is in its layer's kernel; None where nothing leads from input to unit."""
    return kernel_index(network.layers[spot.step], network.shapes()[spot.step], spot.input, spot.unit)


def bias_index(network: Network, spot: Spot) -> int:
    """Return where the bias at ``spot`` is in its layer's: a convolution has one for each filter, at all places."""
    layer = network.layers[spot.step]
    return spot.unit % units_of(layer) if isinstance(layer, Convolution) else spot.unit


def in_words(network: Network, spot: Spot) -> str:
    """Return what the number is, such as ``the weighted sum of hidden, unit 2``; names are shortened.

    Of an image it says the place: ``the output of conv, row 2, column 1, filter 3``.
    """
    called = shorten(network.layers[spot.step].name)
    match spot.kind:
        case Kind.INPUT:
            return _input_in_words(network, spot)
        case Kind.WEIGHT:
            return _weight_in_words(network, spot)
        case Kind.BIAS if isinstance(network.layers[spot.step], Convolution):
            return f"the bias of {called}, filter {bias_index(network, spot) + 1:,}"
    return f"the {spot.kind} of {called}, {_unit_in_words(network, spot)}"


def _input_in_words(network: Network, spot: Spot) -> str:
    shape = network.shapes()[spot.step]
    where = f" ({_place(shape, spot.input, 'channel')})" if len(shape) > 1 else ""
    return f"input {spot.input + 1:,} of {shorten(network.layers[spot.step].name)}{where}"


def _unit_in_words(network: Network, spot: Spot) -> str:
    layer, before, shape = network.layers[spot.step], *network.shapes()[spot.step : spot.step + 2]
    if len(shape) == 1:
        return f"unit {spot.unit + 1:,}"
    if spot.kind is not Kind.OUTPUT:
        shape = (*shape[:-1], channels_before_activation(layer, before))
    return _place(shape, spot.unit, "filter" if isinstance(layer, Convolution) else "channel")


def _weight_in_words(network: Network, spot: Spot) -> str:
    layer, index = network.layers[spot.step], weight_index(network, spot)
    called, source, unit = shorten(layer.name), f"input {spot.input + 1:,}", f"unit {spot.unit + 1:,}"
    if isinstance(layer, Convolution) and index is not None:
        return f"the weight of {called} at {_axes(index[:-1], 'channel')} of its kernel, filter {index[-1] + 1:,}"
    if index is not None:
        return f"the weight of {called} from {source} to {unit}"
    if _weight(network, spot, "") == "0":
        return f"no weight: {_input_in_words(network, spot)} has no part in {_unit_in_words(network, spot)}"
    return f"the share of {_input_in_words(network, spot)} in {_unit_in_words(network, spot)}"


def _place(shape: tuple[int, ...], at: int, last: str) -> str:
    """Return where the number is that is ``at`` in the flat ones of ``shape``: ``row 2, column 1, filter 3``."""
    return _axes(tuple(int(axis) for axis in np.unravel_index(at, shape)), last)


def _axes(index: tuple[int, ...], last: str) -> str:
    names = (("place",) if len(index) == 2 else ("row", "column")) + (last,)
    return ", ".join(f"{name} {at + 1:,}" for name, at in zip(names, index, strict=True))
