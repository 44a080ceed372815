"""The explanation of the calculation of a row of numbers, as the tabs have it, with what was tried out in it."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from core.calculation.running import split
from core.export.calculation.explanation import explain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jaxtyping import Float

    from core.arrays import Array, KerasArray
    from core.calculation.calculated import Spot
    from core.export.calculation.explanation import Explanation
    from core.formatting import Notation
    from core.model.network import Network
    from core.model.weights import Weights
    from core.operations.rounding import Rounding


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
