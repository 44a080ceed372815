"""What a learner needs to know to calculate one number, in a line: for whoever does not see the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.activations import OVER_ALL_UNITS
from core.calculation.spot import Kind, Spot, symbol, value
from core.formatting import number
from core.model.literal import format_array

if TYPE_CHECKING:
    from core.arrays import Array
    from core.calculation.forward import Step, Trace
    from core.model.network import Network

MAX_PRODUCTS = 12
"""Products whose numbers are written out; a longer sum is better done on the page."""

MAX_NUMBERS = 50
"""Numbers of an array that is written out."""


def given(network: Network, trace: Trace, spot: Spot, digits: int) -> str:
    """Return the numbers from which the one at ``spot`` is calculated, or those among which it is found."""
    step = trace.steps[spot.step]
    match spot.kind:
        case Kind.INPUT:
            return _array("inputs", step.inputs, digits)
        case Kind.WEIGHT if step.kernel is not None:
            return _array("kernel", step.kernel, digits)
        case Kind.BIAS if step.bias is not None:
            return _array("bias", step.bias, digits)
    if spot.kind is Kind.OUTPUT and step.activation in OVER_ALL_UNITS and step.pre_activation is not None:
        return f"{step.activation} of all z: {_array('z', step.pre_activation, digits)}"
    if spot.kind is Kind.SUM and step.inputs.size > MAX_PRODUCTS:
        return f"{step.inputs.size:,} products, which the By hand tab shows"
    parts = _before(step, spot)
    written = [f"{symbol(network, part)} = {number(value(trace, part), digits)}" for part in parts]
    applies = spot.kind is Kind.OUTPUT and step.pre_activation is not None
    applied = f"; the activation is {step.activation}" if applies else ""
    return ", ".join(written) + applied


def _array(name: str, values: Array, digits: int) -> str:
    if values.size > MAX_NUMBERS:
        return f"{name} of {values.size:,} numbers, which the By hand tab shows"
    return f"{name} {' '.join(format_array(values, digits).split())}"


def _before(step: Step, spot: Spot) -> list[Spot]:
    """Return the places of the numbers from which a calculated one is made directly."""
    place, unit = spot.step, spot.unit
    if spot.kind is Kind.OUTPUT and step.pre_activation is not None:
        return [Spot(place, Kind.Z, unit)]
    if step.kernel is None:
        return [Spot(place, Kind.INPUT, 0, unit)]
    if spot.kind is Kind.Z:
        return [Spot(place, kind, unit) for kind in (Kind.SUM, Kind.BIAS) if kind is Kind.SUM or step.bias is not None]
    rows = range(step.inputs.size)
    return [part for row in rows for part in (Spot(place, Kind.INPUT, 0, row), Spot(place, Kind.WEIGHT, unit, row))]
