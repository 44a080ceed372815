"""The forward pass of a chain over one point, step by step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from core.errors import Refused, shorten
from core.formatting import DEFAULT_DIGITS
from core.model.network import describe
from core.operations.program import Program
from core.operations.rounding import EXACT, Carry, Rounding

if TYPE_CHECKING:
    from jaxtyping import Float

    from core.arrays import AnyArray, Array
    from core.layers.layer import Layer
    from core.model.network import Network
    from core.model.weights import Weights
    from core.operations.operation import Index
    from core.operations.run import Instead


class Part(StrEnum):
    """The numbers of a step that can be replaced by others in a what-if."""

    WEIGHTED_SUM = "weighted sum"
    PRE_ACTIVATION = "pre-activation"
    OUTPUT = "output"


Forced = Mapping[tuple[int, Part, int], float]
"""(step, part, unit) -> the number to go on with instead of the calculated one."""


@dataclass(frozen=True, eq=False)
class Step:
    """What one layer did to one point.

    ``inputs`` and ``kernel`` are as they were written down (see :class:`Rounding`). A layer without weights has neither
    kernel nor weighted sum, and one that applies nothing no ``pre_activation``: it passes its inputs on.
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
        return "linear" if self.pre_activation is None else self.layer.last_activation

    def products(self, unit: int, carry: Carry) -> Float[Array, "inputs"]:
        """Return the products of the inputs and their weights whose sum is the weighted sum of ``unit``."""
        assert self.kernel is not None
        return carry.product(self.inputs, self.kernel[:, unit])


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
        Refused: ``x`` has another number of inputs than the network, or that is no chain.
    """
    if x.shape != (network.inputs,):
        raise Refused(f"expected {network.inputs} numbers, got {x.size}")
    if not network.is_chain:
        raise Refused(f"expected a chain of layers such as Dense over rows here, got {shorten(describe(network))}")
    carry = EXACT if rounding is Rounding.SHOWN else Carry(rounding, digits)
    written, arrays = network.written, weights.by_name(network)
    given = {number: np.asarray(arrays[weight], dtype=np.float64) for weight, number in written.weights.items()}
    given[written.inputs[0]] = np.asarray(x, dtype=np.float64)
    values = written.tracer(given, carry, _instead(network, forced))
    inputs, steps = values[written.inputs[0]], list[Step]()
    for layer, path in zip(network.layers, network.paths, strict=True):
        made = {name: values[number] for name, number in written.of_call(path).items()}
        kernel, total, bias, z = (made.get(name) for name in ("kernel", "weighted sum", "bias", "pre-activation"))
        steps.append(Step(layer, inputs, kernel, total, bias, z, made[Part.OUTPUT]))
        inputs = made[Part.OUTPUT]
    return Trace(values[written.inputs[0]], tuple(steps), written.program, tuple(values), network.made_by_layers)


def _instead(network: Network, forced: Forced) -> Instead:
    """Return the numbers that stand for calculated ones, by their values and where they are in them."""
    found: dict[int, dict[Index, float]] = {}
    for (place, part, unit), number in forced.items():
        value = network.written.of_call(network.paths[place]).get(part)
        if value is not None:
            found.setdefault(value, {})[(unit,)] = number
    return found
