"""Spot: one number of a calculation by its place, with its value, its symbol, and what it is in words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from core.calculation.symbols import name, symbols
from core.errors import shorten

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
    """Return the number at ``spot``; of what a layer has not, its output."""
    step = trace.steps[spot.step]
    if spot.kind is Kind.INPUT:
        return float(step.inputs[spot.input])
    if spot.kind is Kind.WEIGHT and step.kernel is not None:
        return float(step.kernel[spot.input, spot.unit])
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
    """Return the number's symbol: x1, w12 (from input 1 to unit 2), s2 = w12 x1 + ..., b2, z2 = s2 + b2, h2."""
    letters, width = symbols(network, spot.step), network.widths()[spot.step + 1]
    match spot.kind:
        case Kind.INPUT:
            return name(letters.inputs, spot.input, network.widths()[spot.step])
        case Kind.WEIGHT:
            places = [spot.input + 1, spot.unit + 1]
            return letters.kernel.lower() + ("," if max(places) > 9 else "").join(map(str, places))
        case Kind.OUTPUT:
            return name(letters.output, spot.unit, width)
        case Kind.BIAS:
            return f"{letters.bias}{spot.unit + 1}"
    return f"{'s' if spot.kind is Kind.SUM else 'z'}{spot.unit + 1}"


def in_words(network: Network, spot: Spot) -> str:
    """Return what the number is, such as ``the weighted sum of hidden, unit 2``; names are shortened."""
    called, unit = shorten(network.layers[spot.step].name), f"unit {spot.unit + 1:,}"
    match spot.kind:
        case Kind.INPUT:
            return f"input {spot.input + 1:,} of {called}"
        case Kind.WEIGHT:
            return f"the weight of {called} from input {spot.input + 1:,} to {unit}"
    return f"the {spot.kind} of {called}, {unit}"
