"""The points that changed side: the rows whose prediction has another sign than with the weights before."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from core.answers import threshold
from core.chunks import Pause, go_on, pieces

if TYPE_CHECKING:
    import numpy.typing as npt
    from jaxtyping import Float, Int

    from core.arrays import AnyArray, KerasArray
    from core.calculation.effect import Effect
    from core.data.dataset import Dataset


class Became(StrEnum):
    """What a point that changed side is now; a prediction of 0 is on neither side, and wrong before and after."""

    RIGHT = "became right"
    WRONG = "became wrong"
    STILL_WRONG = "is still wrong"


class Side(NamedTuple):
    """One row of the data set, counted from 0, its label, and its prediction before and after."""

    row: int
    label: float
    before: float
    after: float
    became: Became


@dataclass(frozen=True, eq=False)
class Sides:
    """The ``rows`` of the data set that changed side, in their order, with their predictions before and after.

    So many of them became ``right``, so many ``wrong``; the others are wrong before and after. A side is what is above
    or below ``threshold``.
    """

    dataset: Dataset
    rows: Int[npt.NDArray[np.int64], "rows"]
    before: Float[KerasArray, "rows"]
    after: Float[KerasArray, "rows"]
    right: int
    wrong: int
    threshold: float = 0.0

    def __len__(self) -> int:
        return len(self.rows)

    def at(self, place: int) -> Side:
        """Return the row at ``place`` among those that changed side."""
        row, here = int(self.rows[place]), slice(place, place + 1)
        label, before, after = self.dataset.labels[row], self.before[here], self.after[here]
        wrong = Became.WRONG if sign(before, self.threshold)[0] == label else Became.STILL_WRONG
        became = Became.RIGHT if sign(after, self.threshold)[0] == label else wrong
        return Side(row, float(label), float(before[0]), float(after[0]), became)


def sign(predictions: AnyArray, at: float) -> AnyArray:
    """Return -1, 0 or +1 for each prediction below, on or above ``at``; what is not a number gives 0."""
    return np.asarray(np.nan_to_num(np.sign(predictions - np.float32(at))))


def sides(before: Effect, after: Effect, pause: Pause = go_on) -> Sides | None:
    """Return which rows changed side between two effects; None where they are not of the same data, or one has none.

    The rows are compared some at a time, with a ``pause`` before each of them.
    """
    old, new = before.outputs, after.outputs
    if before.dataset is not after.dataset or old is None or new is None:
        return None
    right, wrong, parts, at = 0, 0, [], threshold(after.loss)
    for piece in pieces(len(new), pause):
        old_signs, new_signs = sign(old[piece], at), sign(new[piece], at)
        changed = np.flatnonzero(old_signs != new_signs)
        labels = after.dataset.labels[piece][changed]
        right += int(np.count_nonzero(new_signs[changed] == labels))
        wrong += int(np.count_nonzero(old_signs[changed] == labels))
        parts.append(changed + piece.start)
    rows = np.concatenate(parts)
    return Sides(after.dataset, rows, old[rows], new[rows], right, wrong, at)


def largest_output(predictions: Float[AnyArray, "rows outputs"]) -> Int[npt.NDArray[np.int64], "rows"]:
    """Return which output of each row is the largest in float32, the first of equal ones; -1 where one is not a number.

    A model with several outputs is commonly read so: the largest is the class that it answers.
    """
    with np.errstate(over="ignore"):
        values = predictions.astype(np.float32)
    return np.where(np.isnan(values).any(axis=1), -1, values.argmax(axis=1))


def moved(before: Effect, after: Effect) -> int | None:
    """Return for how many rows another output is the largest; None where data or outputs are not the same."""
    if before.dataset is not after.dataset or before.prediction.size != after.prediction.size:
        return None
    if before.largest is None or after.largest is None:
        return None
    return int(np.count_nonzero(before.largest != after.largest))
