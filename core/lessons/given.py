"""What a learner needs to know to calculate one number, in a line: for whoever does not see the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.activations import OVER_ALL_UNITS
from core.calculation.spot import Kind, Spot, symbol, value
from core.calculation.unfolding import beside
from core.export.compact import own_bias, own_kernel
from core.formatting import number
from core.layers.convolution import Convolution
from core.layers.pooling import Pooling
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
            return _array("kernel", _kernel(step, step.kernel), digits)
        case Kind.BIAS if step.bias is not None:
            return _array("bias", own_bias(step) if isinstance(step.layer, Convolution) else step.bias, digits)
    if spot.kind is Kind.OUTPUT and step.activation in OVER_ALL_UNITS and step.pre_activation is not None:
        first, _ = beside(step, spot.unit)
        z = step.pre_activation[first : first + step.channels]
        here = "" if len(step.shape) == 1 else " of its place"
        return f"{step.activation} of all z{here}: {_array('z', z, digits)}"
    chosen = isinstance(step.layer, Pooling) and step.kernel is None
    size = len(step.connections(spot.unit))
    if size > MAX_PRODUCTS and (chosen or spot.kind is Kind.SUM):
        return f"{size:,} {'numbers' if chosen else 'products'}, which the By hand tab shows"
    parts = _before(step, spot)
    written = [f"{symbol(network, part)} = {number(value(trace, part), digits)}" for part in parts]
    applies = spot.kind is Kind.OUTPUT and step.pre_activation is not None
    applied = f"; the activation is {step.activation}" if applies else ""
    return ("the largest of " if chosen else "") + ", ".join(written) + applied


def _kernel(step: Step, kernel: Array) -> Array:
    """Return a layer's kernel as the layer has it: a convolution's along its window, channels and filters."""
    layer = step.layer
    if not isinstance(layer, Convolution):
        return kernel
    return own_kernel(step).reshape(*layer.kernel_size, step.shape[-1], layer.filters)


def _array(name: str, values: Array, digits: int) -> str:
    if values.size > MAX_NUMBERS:
        return f"{name} of {values.size:,} numbers, which the By hand tab shows"
    return f"{name} {' '.join(format_array(values, digits).split())}"


def _before(step: Step, spot: Spot) -> list[Spot]:
    """Return the places of the numbers from which a calculated one is made directly."""
    place, unit = spot.step, spot.unit
    if spot.kind is Kind.OUTPUT and step.pre_activation is not None:
        return [Spot(place, Kind.Z, unit)]
    rows = step.connections(unit).tolist()
    if step.kernel is None:
        return [Spot(place, Kind.INPUT, 0, row) for row in rows]
    if spot.kind is Kind.Z:
        return [Spot(place, kind, unit) for kind in (Kind.SUM, Kind.BIAS) if kind is Kind.SUM or step.bias is not None]
    return [part for row in rows for part in (Spot(place, Kind.INPUT, 0, row), Spot(place, Kind.WEIGHT, unit, row))]
