"""Whether two calculations agree: by hand in float64 with Keras's in float32, and a person's number with both.

How far float32 may be off is bounded along the calculation (Higham, "Accuracy and Stability of Numerical Algorithms",
chapter 3: a sum of n products is off by at most about n units of rounding times the sum of the products' sizes).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.activations import OVER_ALL_UNITS, activation
from core.calculation import wiring
from core.calculation.spot import Kind, Spot
from core.layers import pooling
from core.model.network import Pooling

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jaxtyping import Float

    from core.arrays import Array, KerasArray
    from core.calculation.forward import Step, Trace

ROUNDING = 2.0**-24
"""The most by which one rounding to float32 changes a number of size 1."""

FUNCTION = 32 * ROUNDING
"""How far Keras's own tanh, exp or erf may be off, for a result of size 1: they are approximations too."""


@dataclass(frozen=True)
class Parting:
    """The first number that differs by more than float32 explains: where, by hand, Keras's, and what is explained."""

    spot: Spot
    by_hand: float
    keras: float
    tolerance: float


def tolerances(trace: Trace) -> list[Float[Array, "units"]]:
    """Return, for every step's outputs, how far float32 may be off from the exact ``trace``."""
    off = ROUNDING * np.abs(trace.x)
    bounds = []
    with np.errstate(all="ignore"):
        for step in trace.steps:
            off = _step(step, off)
            bounds.append(off)
    return bounds


def _step(step: Step, off: Array) -> Array:
    if step.pre_activation is None:
        if isinstance(step.layer, Pooling):
            # The largest of several numbers is off by no more than the one that is off most.
            return pooling.largest(off, step.shape[-1], wiring.under(step.layer, step.shape))
        return off
    if step.kernel is not None:
        sizes = np.abs(step.kernel).T
        bias = 0.0 if step.bias is None else np.abs(step.bias)
        roundings = (wiring.most_connections(step.layer, step.shape) + 2) * ROUNDING
        off = roundings * (_added(sizes, np.abs(step.inputs)) + bias) + _added(sizes, off)
    if step.activation == "linear":
        return off
    z, function = step.pre_activation, activation(step.activation).function
    if step.activation in OVER_ALL_UNITS:
        spread = _spread_over_all(step, off)
    else:
        spread = np.maximum(np.abs(function(z + off) - step.output), np.abs(function(z - off) - step.output))
    return spread + FUNCTION * np.maximum(1.0, np.abs(step.output))


def _added(sizes: Array, values: Array) -> Array:
    """Return ``sizes @ values``, but 0 times infinity, where a convolution has no weight, is nothing."""
    lost = ~np.isfinite(values)
    added = sizes @ np.where(lost, 0.0, values)
    return np.where((sizes[:, lost] != 0).any(axis=1), np.nan, added)


def _spread_over_all(step: Step, off: Array) -> Array:
    """Return how far an activation over all units of a place may be off, of which ``off`` are the pre-activations."""
    most = off.reshape(-1, step.channels).max(axis=1, keepdims=True)
    outputs = step.output.reshape(len(most), -1)
    largest = np.maximum(1.0, np.abs(outputs).max(axis=1, keepdims=True))
    return np.broadcast_to(2.0 * most * largest, outputs.shape).reshape(-1)


def parting(trace: Trace, keras: Sequence[KerasArray]) -> Parting | None:
    """Return the first output, step by step, that Keras has otherwise; ``keras`` has every step's outputs."""
    for place, (step, bound, outputs) in enumerate(zip(trace.steps, tolerances(trace), keras, strict=True)):
        with np.errstate(invalid="ignore"):
            differs = ~(np.abs(step.output - outputs) <= bound) & ~_same_but_not_numbers(step.output, outputs)
        if differs.any():
            unit = int(np.argmax(differs))
            where = Spot(place, Kind.OUTPUT, unit)
            return Parting(where, float(step.output[unit]), float(outputs[unit]), float(bound[unit]))
    return None


def _same_but_not_numbers(ours: Array, theirs: KerasArray) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Both NaN, or both the same infinity, which no difference tells."""
    return np.asarray((np.isnan(ours) & np.isnan(theirs)) | (np.isinf(theirs) & (np.sign(ours) == np.sign(theirs))))
