"""Whether two calculations agree: by hand in float64 with Keras's in float32, and where they first part.

How far float32 may be off is bounded along the calculation: see :mod:`core.operations.bounds`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.formatting import small
from core.operations.bounds import LARGEST

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt
    from jaxtyping import Bool, Float

    from core.arrays import AnyArray, Array
    from core.calculation.calculated import Calculated, Value
    from core.operations.operation import Index


@dataclass(frozen=True)
class Parting:
    """The first number that is further from Keras's than float32 explains: of which value, and both numbers.

    ``in_predict`` if every layer called by itself agrees, and ``model.predict`` alone gives another output.
    """

    value: Value
    index: Index
    by_hand: float
    keras: float
    tolerance: float
    in_predict: bool


@dataclass(frozen=True, eq=False)
class Agreement:
    """How far every number of a prediction may be off in float32, and where Keras's calculation first parts."""

    tolerances: Float[Array, "outputs"]
    parting: Parting | None


def parting(
    exact: Calculated, calls: Mapping[tuple[str, ...], AnyArray], outputs: Sequence[AnyArray]
) -> Parting | None:
    """Return where Keras's numbers first part from the exact ones: in a call's output, or in a prediction alone.

    What ``predict`` gives, the ``outputs``, is the number which is shown, and TensorFlow may calculate it otherwise
    than one layer after the other.
    """
    made = [(value, calls[value.call]) for value in exact.values if value.name == "output" and value.call in calls]
    pairs = [(value, keras, False) for value, keras in made if () in value.parts]
    pairs += [(value, keras, bool(calls)) for value, keras in zip(exact.outputs, outputs, strict=False)]
    for value, keras, in_predict in pairs:
        number = value.parts[()]
        ours, bound, theirs = exact.numbers[number], exact.off[number], np.asarray(keras).reshape(value.shape)
        differs = ~_same(ours, theirs, bound)
        if differs.any():
            index = tuple(int(at) for at in np.unravel_index(int(np.argmax(differs)), ours.shape))
            numbers = float(ours[index]), float(theirs[index]), float(bound[index])
            return Parting(value, index, *numbers, in_predict)
    return None


def differences(ours: Array, theirs: AnyArray) -> Array:
    """Return how far each number is from the other: 0 of the same, infinite or NaN ones too; NaN of one NaN alone."""
    with np.errstate(all="ignore"):
        same = (ours == theirs) | (np.isnan(ours) & np.isnan(theirs))
        return np.where(same, 0.0, np.abs(ours - theirs))


def apart(ours: npt.ArrayLike, theirs: npt.ArrayLike) -> str:
    """Return in words how far numbers are from the others at most."""
    mine, other = np.asarray(ours, dtype=np.float64), np.asarray(theirs, dtype=np.float64)
    off = differences(mine, other)
    if mine.size and not np.isfinite(mine).any() and not off.any():
        return "both are NaN" if np.isnan(mine).all() else "both are infinite"
    worst = float(off.max(initial=0.0))
    return f"differ {small(worst)}" if np.isfinite(worst) else "one of them is not finite"


def _same(ours: Array, theirs: AnyArray, bound: Array) -> Bool[npt.NDArray[np.bool_], "*numbers"]:
    """Return which numbers agree: those within the bound, NaN with NaN, and infinity with what float32 has so.

    An infinite bound says that nothing can be told.
    """
    with np.errstate(invalid="ignore"):
        near = np.isfinite(theirs) & np.isfinite(ours) & (np.abs(ours - theirs) <= bound)
        too_large = np.isinf(theirs) & (np.sign(ours) == np.sign(theirs)) & (np.abs(ours) + bound >= LARGEST)
    return np.asarray(near | (ours == theirs) | (np.isnan(ours) & np.isnan(theirs)) | too_large | np.isinf(bound))
