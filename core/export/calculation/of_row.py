"""The explanation of the calculation of a row of numbers, as the tabs have it, with what was tried out in it."""

from __future__ import annotations

from math import prod
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from core.calculation.calculated import Spot, calculated
from core.calculation.running import split
from core.calculation.what_if import WhatIf
from core.export.calculation.explanation import explain
from core.operations.rounding import EXACT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jaxtyping import Float

    from core.arrays import AnyArray, Array, KerasArray
    from core.export.calculation.explanation import Explanation
    from core.formatting import Notation
    from core.model.network import Network
    from core.model.weights import Weights
    from core.operations.operation import Shape
    from core.operations.rounding import Rounding

NOTHING: WhatIf = WhatIf()


def explain_row(
    network: Network,
    weights: Weights,
    x: Float[Array, "inputs"],
    rounding: Rounding,
    notation: Notation,
    keras: Float[KerasArray, "outputs"] | None = None,
    instead: Mapping[Spot, float] = MappingProxyType({}),
) -> Explanation:
    """Calculate one row and return the explanation; ``keras`` is what ``predict`` made of it, all outputs in a row."""
    point = split(x, network.input_shapes)
    lines = network.written.program.lines
    theirs = None if keras is None else split(keras, [lines[at].shape for at in network.written.outputs])
    return explain(network.graph, weights.by_name(network), point, rounding, notation, instead, theirs)


def explain_tried(
    network: Network,
    weights: Weights,
    x: Float[Array, "inputs"],
    rounding: Rounding,
    notation: Notation,
    keras: Float[KerasArray, "outputs"] | None = None,
    what_if: WhatIf = NOTHING,
) -> Explanation:
    """Return what :func:`explain_row` does, with the numbers that were tried out on the page of a chain."""
    instead = _spots(network, weights, split(x, network.input_shapes), what_if) if what_if else {}
    return explain_row(network, weights, x, rounding, notation, keras, instead)


def _spots(network: Network, weights: Weights, point: list[AnyArray], what_if: WhatIf) -> dict[Spot, float]:
    """Return the changed numbers by their addresses."""
    done = calculated(network.graph, weights.by_name(network), point, EXACT)
    shapes = {(value.call, value.name): value.shape for value in done.values}
    starts = np.cumsum([0, *map(prod, network.input_shapes)])
    found = {}
    for unit, number in what_if.x.items():
        at = int(np.searchsorted(starts, unit, side="right")) - 1
        index = _index(unit - int(starts[at]), network.input_shapes[at])
        found[Spot((), network.graph.inputs[at].name, index)] = number
    places = {place: weight for weight, place in network.places.items()}
    for (layer, array, index), number in what_if.arrays.items():
        weight = places[layer, array]
        found[Spot(weight.layer, weight.name, index)] = number
    for (layer, part, unit), number in what_if.parts.items():
        call = network.paths[layer]
        found[Spot(call, str(part), _index(unit, shapes[call, str(part)]))] = number
    return found


def _index(unit: int, shape: Shape) -> tuple[int, ...]:
    return tuple(int(at) for at in np.unravel_index(unit, shape))
