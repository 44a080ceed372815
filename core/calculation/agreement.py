"""Whether two calculations agree: by hand in float64 with Keras's in float32, and a person's number with both.

How far float32 may be off is bounded along the calculation: see :mod:`core.operations.bounds`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.operations.bounds import LARGEST, offs

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    from jaxtyping import Bool, Float

    from core.arrays import AnyArray, Array, KerasArray
    from core.operations.program import Program


@dataclass(frozen=True)
class Parting:
    """The first number that differs by more than float32 explains: where, by hand, Keras's, and what is explained.

    That is an output of the layer at ``place``: the one that is ``unit`` among them in a row, both counted from 0.
    ``in_predict`` if every layer called by itself agrees, and ``model.predict`` alone gives another output.
    """

    place: int
    unit: int
    by_hand: float
    keras: float
    tolerance: float
    in_predict: bool = False


@dataclass(frozen=True, eq=False)
class Agreement:
    """How far every number of a prediction may be off in float32, and where Keras's calculation first parts."""

    tolerances: Float[Array, "outputs"]
    parting: Parting | None


def compared(
    program: Program,
    values: Sequence[Array],
    of_layers: Sequence[int],
    outputs: Sequence[int],
    layers: Sequence[KerasArray],
    predicted: KerasArray,
) -> Agreement:
    """Compare an exact calculation with the outputs of every layer as Keras has them, then with what ``predict`` gave.

    ``of_layers`` and ``outputs`` are the numbers of the program's ``values`` that are those. What ``predict`` gives is
    the number which is shown, and TensorFlow may calculate it otherwise than one layer after the other.
    """
    bounds = offs(program, values)
    in_rows = [(values[number].reshape(-1), bounds[number].reshape(-1)) for number in of_layers]
    ours = _joined([values[number] for number in outputs])
    bound = _joined([bounds[number] for number in outputs])
    return Agreement(bound, _parting(in_rows, layers) or _in_predict(len(in_rows), ours, bound, predicted))


def _joined(arrays: Sequence[Array]) -> Array:
    return np.concatenate([array.reshape(-1) for array in arrays]) if arrays else np.zeros(0)


def _in_predict(layers: int, ours: Array, bound: Array, predicted: KerasArray) -> Parting | None:
    differs = ~_same(ours, predicted, bound) if ours.size else np.zeros(0, dtype=np.bool_)
    if not differs.any():
        return None
    unit = int(np.argmax(differs))
    numbers = float(ours[unit]), float(predicted[unit]), float(bound[unit])
    return Parting(max(layers - 1, 0), unit, *numbers, in_predict=True)


def differences(ours: Array, theirs: AnyArray) -> Array:
    """Return how far each number is from the other, NaN where that cannot be told."""
    with np.errstate(all="ignore"):
        return np.abs(ours - theirs)


def _parting(ours: Sequence[tuple[Array, Array]], keras: Sequence[KerasArray]) -> Parting | None:
    for place, ((made, bound), outputs) in enumerate(zip(ours, keras, strict=True)):
        differs = ~_same(made, outputs, bound)
        if differs.any():
            unit = int(np.argmax(differs))
            return Parting(place, unit, float(made[unit]), float(outputs[unit]), float(bound[unit]))
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
