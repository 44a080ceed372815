"""The signs between the printed numbers of a layer: where they come to another last digit than is printed, ``~=``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.activations import OVER_ALL_UNITS
from core.calculation.printed import EQUALS, sign, sign_over_all
from core.calculation.spot import Kind, Spot
from core.calculation.unfold import plus, times
from core.calculation.unfolding import beside
from core.operations.rounding import Rounding

if TYPE_CHECKING:
    from core.export.explanation import Explanation

MOST_BESIDE = 40
"""Of an activation over more units than this not all pre-activations are printed."""


def products_sign(explanation: Explanation, place: int, unit: int) -> str:
    """Return the sign between all weights times inputs of a unit, added up, and its weighted sum."""
    step, written = explanation.trace.steps[place], explanation.written
    total = Spot(place, Kind.SUM, unit)
    if explanation.rounding is Rounding.CARRIED:
        parts = [explanation.notation(made) for made in explanation.products(step, unit)]
    else:
        rows = step.connections(unit).tolist()
        pairs = [(Spot(place, Kind.WEIGHT, unit, row), Spot(place, Kind.INPUT, unit, row)) for row in rows]
        parts = [times(written(weight), written(source)) for weight, source in pairs]
    return sign(plus(parts), written(total))


def sum_sign(explanation: Explanation, place: int, unit: int) -> str:
    """Return the sign between a unit's weighted sum plus bias and its pre-activation."""
    step, z = explanation.trace.steps[place], Spot(place, Kind.Z, unit)
    if step.bias is None:
        return EQUALS
    parts = [explanation.written(Spot(place, kind, unit)) for kind in (Kind.SUM, Kind.BIAS)]
    return sign(plus(parts), explanation.written(z))


def output_sign(explanation: Explanation, place: int, unit: int) -> str:
    """Return the sign between the activation of what is printed and a unit's output."""
    step, output, written = explanation.trace.steps[place], Spot(place, Kind.OUTPUT, unit), explanation.written
    if step.activation not in OVER_ALL_UNITS:
        z = written(Spot(place, Kind.Z, unit))
        return sign(z if step.activation == "linear" else f"{step.activation}({z})", written(output))
    if step.channels > MOST_BESIDE:
        return EQUALS
    first, own = beside(step, unit)
    all_z = [written(Spot(place, Kind.Z, at)) for at in range(first, first + step.channels)]
    return sign_over_all(step.activation, all_z, own, written(output))
