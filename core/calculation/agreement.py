"""Whether two calculations agree: by hand in float64 with Keras's in float32, and a person's number with both.

How far float32 may be off is bounded along the calculation (Higham and Mary, "A New Approach to Probabilistic Rounding
Error Analysis", 2019): the roundings of a sum of n products partly cancel, so that it is off by at most some square
roots of n, not n, units of rounding times the sum of the products' sizes. That is not certain, but as good as: for one
sum the chance of more is below 2 exp(-LIKELY^2 / 2). What the layer before was off is carried on in the same way.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.activations import OVER_ALL_UNITS, activation
from core.arrays import Array
from core.calculation import wiring
from core.calculation.rounding import EXACT
from core.calculation.spot import Kind, Spot
from core.layers import convolution, pooling
from core.layers.convolution import Convolution
from core.layers.dense import Dense
from core.layers.pooling import Pooling

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    from jaxtyping import Bool, Float

    from core.arrays import AnyArray, KerasArray
    from core.calculation.forward import Step, Trace

ROUNDING = 2.0**-24
"""The most by which one rounding to float32 changes a number of size 1."""

LIKELY = 10.0
"""How many times the usual sum of roundings is tolerated; Higham and Mary's lambda."""

FUNCTION = 32 * ROUNDING
"""How far Keras's own tanh, exp or erf may be off, for a result of size 1: they are approximations too."""

PIECE = 1 << 20
"""How many numbers of a kernel are taken at once: few enough to stay in the processor's memory."""

LARGEST = float(np.finfo(np.float32).max)

FLUSHED = float(np.finfo(np.float32).tiny)
"""Below this size a float32 has fewer digits, and TensorFlow may take it for 0."""


@dataclass(frozen=True)
class Parting:
    """The first number that differs by more than float32 explains: where, by hand, Keras's, and what is explained.

    ``in_predict`` if every layer called by itself agrees, and ``model.predict`` alone gives another output.
    """

    spot: Spot
    by_hand: float
    keras: float
    tolerance: float
    in_predict: bool = False


@dataclass(frozen=True, eq=False)
class Agreement:
    """How far every output of the last layer may be off in float32, and where Keras's calculation first parts."""

    tolerances: Float[Array, "outputs"]
    parting: Parting | None


def agreement(trace: Trace, layers: Sequence[KerasArray], predicted: KerasArray) -> Agreement:
    """Compare the exact ``trace`` with every layer's outputs as Keras has them, then with what ``predict`` gave.

    That is the number which is shown, and TensorFlow may calculate it otherwise than one layer after the other.
    """
    bounds = tolerances(trace)
    last = bounds[-1] if bounds else np.zeros(trace.prediction.size)
    return Agreement(last, _parting(trace, bounds, layers) or _in_predict(trace, last, predicted))


def _in_predict(trace: Trace, bound: Array, predicted: KerasArray) -> Parting | None:
    differs = ~_same(trace.prediction, predicted, bound)
    if not differs.any():
        return None
    unit = int(np.argmax(differs))
    where = Spot(max(len(trace.steps) - 1, 0), Kind.OUTPUT, unit)
    return Parting(where, float(trace.prediction[unit]), float(predicted[unit]), float(bound[unit]), in_predict=True)


def tolerances(trace: Trace) -> list[Float[Array, "units"]]:
    """Return, for every step's outputs, how far float32 may be off from the exact ``trace``.

    It is 0 for what is not finite: NaN and the infinities are the same in float32, or they are a difference.
    """
    off = _rounded_off(trace.x)
    bounds = []
    with np.errstate(all="ignore"):
        for step in trace.steps:
            off = _step(step, np.where(np.isfinite(step.inputs), off, 0.0))
            # Where nothing can be said any more, nothing is told to differ.
            off = np.where(np.isfinite(step.output), np.where(np.isnan(off), np.inf, off), 0.0)
            bounds.append(off)
    return bounds


def differences(ours: Array, theirs: AnyArray) -> Array:
    """Return how far each number is from the other, NaN where that cannot be told."""
    with np.errstate(all="ignore"):
        return np.abs(ours - theirs)


def _rounded_off(values: Array) -> Array:
    """Return how far float32 may be off from numbers that are only taken over."""
    sizes = np.abs(values)
    return np.maximum(ROUNDING * sizes, np.minimum(sizes, FLUSHED))


def _step(step: Step, off: Array) -> Array:
    if step.pre_activation is None:
        if isinstance(step.layer, Pooling):
            # The largest of several numbers is off by no more than the one that is off most.
            return pooling.largest(off, step.shape[-1], wiring.under(step.layer, step.shape))
        return off
    if step.own is not None:
        off = _sum(step, step.own, off)
    if step.activation == "linear":
        return off
    z, function = step.pre_activation, activation(step.activation).function
    off = np.where(np.isfinite(z), off, 0.0)
    if step.activation in OVER_ALL_UNITS:
        spread = _spread_over_all(step, off)
    else:
        spread = np.maximum(np.abs(function(z + off) - step.output), np.abs(function(z - off) - step.output))
    if step.activation == "squareplus":
        # z and the root of z^2 + 4 are taken from each other where z is negative; float32 may have no z^2.
        return np.where(z * z > LARGEST, np.inf, spread + FUNCTION * np.maximum(1.0, np.abs(z)))
    return spread + FUNCTION * np.maximum(1.0, np.abs(step.output))


def _sum(step: Step, own: Array, off: Array) -> Array:
    """Return how far the pre-activations may be off, of which ``off`` are the inputs."""
    terms = wiring.most_connections(step.layer, step.shape) + 2
    roundings = min(terms, LIKELY * np.sqrt(terms)) * ROUNDING
    add = _dense if isinstance(step.layer, Dense) else _windows
    sizes, squares, together = add(step, own, np.abs(step.inputs), off)
    bias = 0.0 if step.bias is None else np.abs(step.bias)
    # Units that are much the same are off in much the same way: what they are off adds up.
    flushed = FLUSHED * (terms + np.abs(step.inputs[np.isfinite(step.inputs)]).sum())
    return np.asarray(roundings * (sizes + bias) + np.sqrt(squares + together**2) + flushed)


Sums = tuple[Array, Array, Array]
"""For every unit: |w| times its inputs' sizes added up, the squares of w times what they are off, and w times that."""


def _dense(_step: Step, kernel: Array, sizes: Array, off: Array) -> Sums:
    made = np.zeros((3, kernel.shape[1]))
    rows = max(1, PIECE // max(kernel.shape[1], 1))
    for start in range(0, len(kernel), rows):
        piece, here = kernel[start : start + rows], slice(start, start + rows)
        made += sizes[here] @ np.abs(piece), off[here] ** 2 @ piece**2, off[here] @ piece
    return made[0], made[1], made[2]


def _windows(step: Step, own: Array, sizes: Array, off: Array) -> Sums:
    if isinstance(step.layer, Convolution):
        under = wiring.under(step.layer, step.shape)
        pairs = (np.abs(own), sizes), (own**2, off**2), (own, off)
        made = [convolution.weighted_sum(values, kernel, under, EXACT) for kernel, values in pairs]
        return made[0], made[1], made[2]
    assert isinstance(step.layer, Pooling)
    under, channels = wiring.under(step.layer, step.shape), step.shape[-1]
    means = [pooling.average(values, channels, under, EXACT) for values in (sizes, off**2, off)]
    return means[0], means[1] * np.repeat(own, channels), means[2]


def _spread_over_all(step: Step, off: Array) -> Array:
    """Return how far an activation over all units of a place may be off, of which ``off`` are the pre-activations."""
    most = off.reshape(-1, step.channels).max(axis=1, keepdims=True)
    outputs = step.output.reshape(len(most), -1)
    if step.activation == "softmax":
        # Each exponential, and their sum, is off by a factor of exp(most) at most.
        return np.asarray((outputs * np.expm1(2.0 * most)).reshape(-1))
    largest = np.maximum(1.0, np.abs(outputs).max(axis=1, keepdims=True))
    return np.broadcast_to(2.0 * most * largest, outputs.shape).reshape(-1)


def _parting(trace: Trace, bounds: Sequence[Array], keras: Sequence[KerasArray]) -> Parting | None:
    for place, (step, bound, outputs) in enumerate(zip(trace.steps, bounds, keras, strict=True)):
        differs = ~_same(step.output, outputs, bound)
        if differs.any():
            unit = int(np.argmax(differs))
            where = Spot(place, Kind.OUTPUT, unit)
            return Parting(where, float(step.output[unit]), float(outputs[unit]), float(bound[unit]))
    return None


def _same(ours: Array, theirs: KerasArray, bound: Array) -> Bool[npt.NDArray[np.bool_], "units"]:
    """Return which numbers agree: those within the bound, NaN with NaN, and infinity with what float32 has so.

    An infinite bound says that nothing can be told.
    """
    with np.errstate(invalid="ignore"):
        near = np.isfinite(theirs) & np.isfinite(ours) & (np.abs(ours - theirs) <= bound)
        largest = np.abs(ours) + bound
        too_large = np.isinf(theirs) & (np.sign(ours) == np.sign(theirs)) & (largest >= LARGEST)
    return np.asarray(near | (ours == theirs) | (np.isnan(ours) & np.isnan(theirs)) | too_large | np.isinf(bound))
