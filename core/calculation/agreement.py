"""Whether two calculations agree: by hand in float64 with Keras's in float32, and a person's number with both.

How far float32 may be off is bounded along the calculation: see :mod:`core.operations.bounds`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.calculation.spot import Kind, Spot
from core.operations.bounds import LARGEST, offs

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    from jaxtyping import Bool, Float

    from core.arrays import AnyArray, Array, KerasArray
    from core.calculation.forward import Trace


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
    """Return, for every step's outputs, how far float32 may be off from the exact ``trace``; see :func:`offs`."""
    found = offs(trace.program, trace.values)
    return [found[number].reshape(-1) for number in trace.outputs]


def differences(ours: Array, theirs: AnyArray) -> Array:
    """Return how far each number is from the other, NaN where that cannot be told."""
    with np.errstate(all="ignore"):
        return np.abs(ours - theirs)


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
