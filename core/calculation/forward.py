"""The forward pass, fast over many points or step by step over one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from core.activations import activation
from core.calculation.rounding import EXACT, Carry, Rounding
from core.errors import Refused
from core.formatting import DEFAULT_DIGITS
from core.layers.dense import weighted_sum
from core.model.network import Dense, Dropout

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jaxtyping import Float

    from core.arrays import AnyArray, Array
    from core.model.network import Layer, Network
    from core.model.weights import LayerArrays, Weights

CHUNK = 1 << 22
"""How many intermediate numbers of one layer are held at once when many points are calculated."""


class Part(StrEnum):
    """The numbers of a step that can be replaced by others in a what-if."""

    WEIGHTED_SUM = "weighted sum"
    PRE_ACTIVATION = "pre-activation"
    OUTPUT = "output"


Forced = Mapping[tuple[int, Part, int], float]
"""(step, part, unit) -> the number to go on with instead of the calculated one."""


@dataclass(frozen=True, eq=False)
class Step:
    """What one layer did to one point. A layer without weights has no weighted sum and no bias.

    ``inputs`` and ``kernel`` are as they were written down (see :class:`Rounding`); ``pre_activation`` is
    None where nothing is applied to it (Dropout, which passes its inputs on when predicting).
    """

    layer: Layer
    inputs: Float[Array, "inputs"]
    kernel: Float[Array, "inputs units"] | None
    weighted_sum: Float[Array, "units"] | None
    bias: Float[Array, "units"] | None
    pre_activation: Float[Array, "units"] | None
    output: Float[Array, "units"]

    @property
    def activation(self) -> str:
        """Keras's name of what was applied to the pre-activation."""
        return "linear" if isinstance(self.layer, Dropout) else self.layer.activation


@dataclass(frozen=True, eq=False)
class Trace:
    """Every intermediate of one forward pass over one point."""

    x: Float[Array, "inputs"]
    steps: tuple[Step, ...]

    @property
    def prediction(self) -> Float[Array, "outputs"]:
        """The last step's output."""
        return self.steps[-1].output if self.steps else self.x


def predict(
    network: Network, weights: Weights, points: Float[AnyArray, "batch inputs"]
) -> Float[Array, "batch outputs"]:
    """Return the predictions for all ``points``, in float64, without keeping the steps.

    Raises:
        Refused: the points have another number of inputs than the network.
    """
    if points.ndim != 2 or points.shape[1] != network.inputs:
        raise Refused(f"expected points of {network.inputs} numbers, got an array of shape {points.shape}")
    widest = max(network.widths())
    rows = max(1, CHUNK // widest)
    layers = [[np.asarray(array, dtype=np.float64) for array in arrays] for arrays in weights.layers]
    parts = [
        _through(network, layers, np.asarray(points[start : start + rows], dtype=np.float64))
        for start in range(0, len(points), rows)
    ]
    return np.concatenate(parts) if parts else np.empty((0, network.outputs))


def _through(network: Network, layers: list[list[Array]], values: Array) -> Array:
    with np.errstate(all="ignore"):
        for layer, arrays in zip(network.layers, layers, strict=True):
            values = layer_output(layer, arrays, values)
    return values


def layer_output(
    layer: Layer, arrays: Sequence[Array], inputs: Float[Array, "batch inputs"]
) -> Float[Array, "batch outputs"]:
    """Return what one layer, with its ``arrays`` in float64, makes of many points' ``inputs``."""
    if isinstance(layer, Dropout):
        return inputs
    z = inputs
    if isinstance(layer, Dense):
        z = inputs @ arrays[0]
        if layer.use_bias:
            z = z + arrays[1]
    return activation(layer.activation).function(z)


def trace(
    network: Network,
    weights: Weights,
    x: Float[AnyArray, "inputs"],
    rounding: Rounding = Rounding.SHOWN,
    digits: int = DEFAULT_DIGITS,
    forced: Forced = MappingProxyType({}),
) -> Trace:
    """Return every step of the calculation for one point, in float64.

    With ``Rounding.CARRIED`` every number (inputs, weights, products, sums, outputs) is rounded to ``digits``
    decimal places as it is written down, and the rounded number is carried on. Numbers in ``forced`` stand in
    for calculated ones.

    Raises:
        Refused: ``x`` has another number of inputs than the network.
    """
    if x.shape != (network.inputs,):
        raise Refused(f"expected {network.inputs} numbers, got {x.size}")
    carry = EXACT if rounding is Rounding.SHOWN else Carry(rounding, digits)
    first = values = carry(x)
    steps = []
    with np.errstate(all="ignore"):
        for place, (layer, arrays) in enumerate(zip(network.layers, weights.layers, strict=True)):
            here = {(part, unit): value for (at, part, unit), value in forced.items() if at == place}
            steps.append(_step(layer, arrays, values, carry, here))
            values = steps[-1].output
    return Trace(first, tuple(steps))


Here = Mapping[tuple[Part, int], float]


def _step(layer: Layer, arrays: LayerArrays, values: Array, carry: Carry, here: Here) -> Step:
    kernel = total = bias = None
    z = values
    if isinstance(layer, Dense):
        kernel = carry(arrays[0])
        z = total = _instead(weighted_sum(values, kernel, carry), Part.WEIGHTED_SUM, here)
        if layer.use_bias:
            bias = carry(arrays[1])
            z = carry(total + bias)
    z = _instead(z, Part.PRE_ACTIVATION, here)
    if isinstance(layer, Dropout):
        return Step(layer, values, None, None, None, None, _instead(z, Part.OUTPUT, here))
    output = carry(activation(layer.activation).function(z))
    return Step(layer, values, kernel, total, bias, z, _instead(output, Part.OUTPUT, here))


def _instead(values: Array, part: Part, here: Here) -> Array:
    """Return ``values`` with the forced ones of ``part`` in their places."""
    changes = {unit: value for (at, unit), value in here.items() if at is part}
    if not changes:
        return values
    values = values.copy()
    for unit, value in changes.items():
        values[unit] = value
    return values
