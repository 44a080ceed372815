"""A chain's calculation layer by layer, of a model and a point: its numbers as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from core.calculation.calculated import Spot
from core.calculation.followed import Asked, follow
from core.operations.rounding import Rounding

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.arrays import AnyArray, Array
    from core.calculation.calculated import Calculated
    from core.layers.layer import Layer
    from core.model.network import Network
    from core.model.weights import Weights


@dataclass(frozen=True, eq=False)
class Step:
    """What one layer did to one point; what it has not is None."""

    layer: Layer
    inputs: Array
    kernel: Array | None
    weighted_sum: Array | None
    bias: Array | None
    pre_activation: Array | None
    output: Array

    @property
    def activation(self) -> str:
        """Keras's name of what was applied to the pre-activation."""
        return "linear" if self.pre_activation is None else self.layer.last_activation


@dataclass(frozen=True, eq=False)
class Trace:
    """Every number of one point's way through a chain."""

    x: Array
    steps: tuple[Step, ...]

    @property
    def prediction(self) -> Array:
        """The last layer's output."""
        return self.steps[-1].output if self.steps else self.x


def trace(
    network: Network,
    weights: Weights,
    x: AnyArray,
    rounding: Rounding = Rounding.SHOWN,
    digits: int = 4,
    tried: Mapping[Spot, float] = MappingProxyType({}),
) -> Trace:
    """Return the steps as they are written down; numbers in ``tried`` stand for those at their addresses."""
    return steps_of(network, written(network, weights, x, rounding, digits, tried))


def written(
    network: Network,
    weights: Weights,
    x: AnyArray,
    rounding: Rounding = Rounding.SHOWN,
    digits: int = 4,
    tried: Mapping[Spot, float] = MappingProxyType({}),
) -> Calculated:
    """Return the calculation as it is written down."""
    return follow(Asked(network, weights, np.asarray(x, dtype=np.float64), tried, rounding, digits)).written


def steps_of(network: Network, done: Calculated) -> Trace:
    """Return a chain's calculation layer by layer."""
    x = inputs = done.numbers[done.written.inputs[0]]
    steps: list[Step] = []
    for layer, path in zip(network.layers, network.paths, strict=True):
        made = {name: done.numbers[number] for name, number in done.written.of_call(path).items()}
        kernel, total, bias, z = (made.get(name) for name in ("kernel", "weighted sum", "bias", "pre-activation"))
        steps.append(Step(layer, inputs, kernel, total, bias, z, made["output"]))
        inputs = made["output"]
    return Trace(x, tuple(steps))


def spot(network: Network, place: int, value: str, unit: int = 0, row: int = 0) -> Spot:
    """Return the address of a number of the layer at ``place`` of a chain; its ``inputs`` are the output before."""
    if value == "inputs":
        of = (network.paths[place - 1], "output") if place else ((), network.graph.inputs[0].name)
        return Spot(*of, (row,))
    return Spot(network.paths[place], value, (row, unit) if value == "kernel" else (unit,))
