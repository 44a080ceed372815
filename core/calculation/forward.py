"""The forward pass, fast over many points or step by step over one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from core.calculation import wiring
from core.calculation.running import predict
from core.calculation.written_out import (
    MOST_WRITTEN_OUT,
    average_written_out,
    fits_written_out,
    kernel_written_out,
    require_written_out,
)
from core.errors import Refused, shorten
from core.formatting import DEFAULT_DIGITS
from core.layers.activation_layers import Activation
from core.layers.convolution import Convolution
from core.layers.dense import Dense
from core.layers.pooling import Pooling
from core.model.network import Weighted, describe
from core.operations.program import Program
from core.operations.rounding import EXACT, Carry, Rounding

if TYPE_CHECKING:
    import numpy.typing as npt
    from jaxtyping import Float, Int

    from core.arrays import AnyArray, Array
    from core.layers.layer import Layer
    from core.model.network import Network
    from core.model.weights import LayerArrays, Weights
    from core.operations.operation import Index
    from core.operations.run import Instead

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
    """Every intermediate of one forward pass over one point; ``values`` are those of the ``program`` that made them.

    ``outputs`` are the numbers of those values that are the steps' outputs.
    """

    x: Float[Array, "inputs"]
    steps: tuple[Step, ...]
    program: Program = field(default_factory=Program)
    values: tuple[Array, ...] = ()
    outputs: tuple[int, ...] = ()

    @property
    def prediction(self) -> Float[Array, "outputs"]:
        """The last step's output."""
        return self.steps[-1].output if self.steps else self.x


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
    if not network.is_chain:
        raise Refused(f"expected a chain of layers such as Dense and Conv2D here, got {shorten(describe(network))}")
    written, arrays = network.written, weights.by_name(network)
    given = {number: np.asarray(arrays[weight], dtype=np.float64) for weight, number in written.weights.items()}
    given[written.inputs[0]] = np.asarray(x, dtype=np.float64)
    values = written.tracer(given, carry, _instead(network, forced))
    steps: list[Step] = []
    for place, (layer, shape) in enumerate(zip(network.layers, network.shapes(), strict=False)):
        made = {name: values[number] for name, number in written.of_call(network.paths[place]).items()}
        inputs = steps[-1].output if steps else values[written.inputs[0]]
        own, kernel = _own(layer, shape, made, weights.layers[place], carry)
        steps.append(_step(layer, shape, inputs, made, own, kernel))
    return Trace(values[written.inputs[0]], tuple(steps), written.program, tuple(values), network.made_by_layers)


def _instead(network: Network, forced: Forced) -> Instead:
    """Return the numbers that stand for calculated ones, by their values and where they are in them."""
    found: dict[int, dict[Index, float]] = {}
    for (place, part, unit), number in forced.items():
        value = network.written.of_call(network.paths[place]).get(part)
        if value is not None:
            shape = network.written.program.lines[value].shape
            found.setdefault(value, {})[tuple(int(at) for at in np.unravel_index(unit, shape))] = number
    return found


def _own(
    layer: Layer, shape: tuple[int, ...], made: Mapping[str, Array], arrays: LayerArrays, carry: Carry
) -> tuple[Array | None, Array | None]:
    """Return a layer's own kernel, or shares, as they were written down, and the matrix that it is; see Step."""
    match layer:
        case Dense():
            return made["kernel"], made["kernel"]
        case Convolution():
            fits = fits_written_out(layer, shape)
            return made["kernel"], kernel_written_out(layer, shape, arrays[0], carry) if fits else None
        case Pooling(takes="average"):
            share = made["share"]
            shares = share.max(axis=tuple(range(1, share.ndim, 2))).reshape(-1)
            return shares, average_written_out(layer, shape, carry) if fits_written_out(layer, shape) else None
    return None, None


def _step(
    layer: Layer,
    shape: tuple[int, ...],
    inputs: Array,
    made: Mapping[str, Array],
    own: Array | None,
    kernel: Array | None,
) -> Step:
    total, z = (made[part].reshape(-1) if part in made else None for part in (Part.WEIGHTED_SUM, Part.PRE_ACTIVATION))
    bias = None
    if "bias" in made and z is not None:
        # A convolution has one for each filter, at every place.
        bias = np.tile(made["bias"], z.size // made["bias"].size)
    return Step(layer, shape, inputs, kernel, total, bias, z, made[Part.OUTPUT].reshape(-1), own)
