"""The forward pass, fast over many points or step by step over one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from core.activations import activation
from core.calculation import wiring
from core.calculation.rounding import EXACT, Carry, Rounding
from core.calculation.running import ready_chain
from core.calculation.written_out import (
    MOST_WRITTEN_OUT,
    average_written_out,
    fits_written_out,
    kernel_written_out,
    require_written_out,
)
from core.errors import Refused
from core.formatting import DEFAULT_DIGITS
from core.layers import convolution, dense, pooling
from core.layers.activation_layers import Activation
from core.layers.convolution import Convolution
from core.layers.dense import Dense
from core.layers.pooling import Pooling
from core.model.network import Weighted

if TYPE_CHECKING:
    import numpy.typing as npt
    from jaxtyping import Float, Int

    from core.arrays import AnyArray, Array
    from core.model.network import Layer, Network
    from core.model.weights import LayerArrays, Weights

__all__ = [
    "MOST_WRITTEN_OUT",
    "Forced",
    "Part",
    "Step",
    "Trace",
    "predict",
    "trace",
    "trace_of_any_size",
]


class Part(StrEnum):
    """The numbers of a step that can be replaced by others in a what-if."""

    WEIGHTED_SUM = "weighted sum"
    PRE_ACTIVATION = "pre-activation"
    OUTPUT = "output"


Forced = Mapping[tuple[int, Part, int], float]
"""(step, part, unit) -> the number to go on with instead of the calculated one."""


@dataclass(frozen=True, eq=False)
class Step:
    """What one layer did to one point, all of it flat: ``shape``, that of its inputs, has the channels last.

    ``inputs`` and ``kernel`` are as they were written down (see :class:`Rounding`). The kernel of a convolution is the
    matrix that it is, 0 where an output has nothing of an input, and its bias is there for every output; an average has
    a matrix of shares and no bias. ``own`` is what that matrix is made of: a convolution's own kernel, an average's
    share at every place; where the matrix would be too large (see :func:`trace_of_any_size`) there is only that. A
    layer that adds up nothing has neither kernel nor weighted sum, and one that applies nothing no ``pre_activation``:
    Dropout and Flatten pass their inputs on, the largest number is just chosen.
    """

    layer: Layer
    shape: tuple[int, ...]
    inputs: Float[Array, "inputs"]
    kernel: Float[Array, "inputs units"] | None
    weighted_sum: Float[Array, "units"] | None
    bias: Float[Array, "units"] | None
    pre_activation: Float[Array, "units"] | None
    output: Float[Array, "units"]
    own: Float[Array, "*kernel"] | None = None

    @property
    def activation(self) -> str:
        """Keras's name of what was applied to the pre-activation."""
        return self.layer.activation if isinstance(self.layer, Weighted | Activation) else "linear"

    @property
    def channels(self) -> int:
        """How many pre-activations one place has: what an activation such as softmax is over."""
        return wiring.channels_before_activation(self.layer, self.shape)

    def connections(self, unit: int) -> Int[npt.NDArray[np.int64], "rows"]:
        """Return the rows of ``inputs`` that ``unit`` is made of: without padding, and of its own channel if pooled."""
        return wiring.connections(self.layer, self.shape, unit)

    def products(self, unit: int, carry: Carry) -> Float[Array, "rows"]:
        """Return the products, one for each of the ``connections``, whose sum is the weighted sum of ``unit``."""
        return carry.product(self.inputs[self.connections(unit)], self.weights(unit))

    def weights(self, unit: int) -> Float[Array, "rows"]:
        """Return the weights or shares, one for each of the ``connections``, by which ``unit`` takes its inputs."""
        if self.kernel is not None:
            return np.asarray(self.kernel[self.connections(unit), unit])
        assert self.own is not None
        return wiring.weights_into(self.layer, self.shape, self.own, unit)

    def weight(self, row: int, unit: int) -> float:
        """Return the weight from one of the inputs to ``unit``, 0 where nothing connects them."""
        if self.kernel is not None:
            return float(self.kernel[row, unit])
        return float(self.weights(unit)[self.connections(unit) == row].sum())


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
    ready, rows = ready_chain(network, weights)
    parts = [
        ready(np.asarray(points[start : start + rows], dtype=np.float64))[0] for start in range(0, len(points), rows)
    ]
    return np.concatenate(parts) if parts else np.empty((0, network.outputs))


def _pooled(layer: Pooling, inputs: Array, shape: tuple[int, ...], carry: Carry) -> Array:
    under = wiring.under(layer, shape)
    if layer.takes == "max":
        return pooling.largest(inputs, shape[-1], under)
    return pooling.average(inputs, shape[-1], under, carry)


def _weighted_sum(layer: Weighted, kernel: Array, inputs: Array, shape: tuple[int, ...], carry: Carry) -> Array:
    if isinstance(layer, Dense):
        return dense.weighted_sum(inputs, kernel, carry)
    return convolution.weighted_sum(inputs, kernel, wiring.under(layer, shape), carry)


def _repeated(bias: Array, width: int) -> Array:
    """Return ``bias`` for every place of the window; a Dense layer has one place."""
    return np.tile(bias, width // bias.size)


def _activated(layer: Weighted | Activation, z: Array, shape: tuple[int, ...]) -> Array:
    """Return the activation of flat ``z``, over the channels of every place."""
    channels = wiring.channels_before_activation(layer, shape)
    made = activation(layer.activation).function(z.reshape(*z.shape[:-1], z.shape[-1] // channels, channels))
    return made.reshape(*z.shape[:-1], made.shape[-2] * made.shape[-1])


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
    decimal places as it is written down, half away from zero, and the rounded number is carried on. Numbers in
    ``forced`` stand in for calculated ones, and are written down like those.

    Raises:
        Refused: ``x`` has another number of inputs than the network, or a layer is too large to be written out.
    """
    require_written_out(network)
    return trace_of_any_size(network, weights, x, rounding, digits, forced)


def trace_of_any_size(
    network: Network,
    weights: Weights,
    x: Float[AnyArray, "inputs"],
    rounding: Rounding = Rounding.SHOWN,
    digits: int = DEFAULT_DIGITS,
    forced: Forced = MappingProxyType({}),
) -> Trace:
    """Return the same as :func:`trace`, but without the ``kernel`` of a layer that is too large to be written out.

    Raises:
        Refused: ``x`` has another number of inputs than the network.
    """
    if x.shape != (network.inputs,):
        raise Refused(f"expected {network.inputs} numbers, got {x.size}")
    carry = EXACT if rounding is Rounding.SHOWN else Carry(rounding, digits)
    first = values = carry(x)
    steps = []
    with np.errstate(all="ignore"):
        for place, (layer, shape) in enumerate(zip(network.layers, network.shapes(), strict=False)):
            here = {(part, unit): float(carry(value)) for (at, part, unit), value in forced.items() if at == place}
            steps.append(_step(layer, shape, weights.layers[place], values, carry, here))
            values = steps[-1].output
    return Trace(first, tuple(steps))


Here = Mapping[tuple[Part, int], float]


def _step(layer: Layer, shape: tuple[int, ...], arrays: LayerArrays, values: Array, carry: Carry, here: Here) -> Step:
    match layer:
        case Dense() | Convolution():
            return _weighted_step(layer, shape, arrays, values, carry, here)
        case Pooling(takes="average"):
            total = _instead(_pooled(layer, values, shape, carry), Part.WEIGHTED_SUM, here)
            z, own = _instead(total, Part.PRE_ACTIVATION, here), pooling.shares(wiring.under(layer, shape), carry)
            kernel = average_written_out(layer, shape, carry) if fits_written_out(layer, shape) else None
            return Step(layer, shape, values, kernel, total, None, z, _instead(z, Part.OUTPUT, here), own)
        case Activation():
            z = _instead(values, Part.PRE_ACTIVATION, here)
            output = _instead(carry(_activated(layer, z, shape)), Part.OUTPUT, here)
            return Step(layer, shape, values, None, None, None, z, output)
    output = _pooled(layer, values, shape, carry) if isinstance(layer, Pooling) else values
    return Step(layer, shape, values, None, None, None, None, _instead(output, Part.OUTPUT, here))


def _weighted_step(
    layer: Weighted, shape: tuple[int, ...], arrays: LayerArrays, values: Array, carry: Carry, here: Here
) -> Step:
    kernel: Array | None
    own = kernel = carry(arrays[0])
    z = total = _instead(_weighted_sum(layer, own, values, shape, carry), Part.WEIGHTED_SUM, here)
    bias = _repeated(carry(arrays[1]), total.size) if layer.use_bias else None
    if bias is not None:
        z = carry(total + bias)
    z = _instead(z, Part.PRE_ACTIVATION, here)
    output = _instead(carry(_activated(layer, z, shape)), Part.OUTPUT, here)
    if isinstance(layer, Convolution):
        fits = fits_written_out(layer, shape)
        kernel = kernel_written_out(layer, shape, arrays[0], carry) if fits else None
    return Step(layer, shape, values, kernel, total, bias, z, output, own)


def _instead(values: Array, part: Part, here: Here) -> Array:
    """Return ``values`` with the forced ones of ``part`` in their places."""
    changes = {unit: value for (at, unit), value in here.items() if at is part}
    if not changes:
        return values
    values = values.copy()
    for unit, value in changes.items():
        values[unit] = value
    return values
