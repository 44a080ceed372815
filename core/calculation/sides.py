"""The points that changed side: the rows that are answered otherwise than with the weights before."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from core.chunks import Pause, go_on, pieces

if TYPE_CHECKING:
    import numpy.typing as npt
    from jaxtyping import Float, Int

    from core.arrays import AnyArray, KerasArray
    from core.calculation.effect import Effect
    from core.data.dataset import Dataset
    from core.tasks import Binary, Classes, Signs


class Became(StrEnum):
    """What a point that changed side is now; an output that answers nothing is wrong before and after."""

    RIGHT = "became right"
    WRONG = "became wrong"
    STILL_WRONG = "is still wrong"


class Side(NamedTuple):
    """One row of the data set, counted from 0, its label in words, and the output that answered before and after.

    ``answers`` are the places of the classes that were answered before and after, -1 for none.
    """

    row: int
    label: str
    before: float
    after: float
    answers: tuple[int, int]
    became: Became


@dataclass(frozen=True, eq=False)
class Answered:
    """What every row of the data is answered: the place of a class, or -1, and the output that says so, in float32."""

    task: Signs | Binary | Classes
    places: Int[npt.NDArray[np.int64], "rows"]
    values: Float[KerasArray, "rows"]


@dataclass(frozen=True, eq=False)
class Sides:
    """The ``rows`` of the data set that changed side, in their order, and what all rows were answered before and after.

    So many of them became ``right``, so many ``wrong``; the others are wrong before and after.
    """

    dataset: Dataset
    before: Answered
    after: Answered
    rows: Int[npt.NDArray[np.int64], "rows"]
    right: int
    wrong: int

    def __len__(self) -> int:
        return len(self.rows)

    def at(self, place: int) -> Side:
        """Return the row at ``place`` among those that changed side."""
        row, task = int(self.rows[place]), self.after.task
        label = self.dataset.labels[row]
        wanted = int(task.places(label[np.newaxis])[0])
        old, new = (int(one.places[row]) for one in (self.before, self.after))
        became = Became.RIGHT if new == wanted else Became.WRONG if old == wanted else Became.STILL_WRONG
        outputs = float(self.before.values[row]), float(self.after.values[row])
        return Side(row, task.label_text(label), *outputs, (old, new), became)


def sides(before: Effect, after: Effect, pause: Pause = go_on) -> Sides | None:
    """Return which rows changed side between two effects; None where they are not of the same data, or have no sides.

    The rows are compared some at a time, with a ``pause`` before each of them.
    """
    old, new = before.answers, after.answers
    if before.dataset is not after.dataset or before.task.name != after.task.name or old is None or new is None:
        return None
    right, wrong, parts = 0, 0, []
    for piece in pieces(len(new.places), pause):
        old_places, new_places = old.places[piece], new.places[piece]
        changed = np.flatnonzero(old_places != new_places)
        wanted = new.task.places(after.dataset.labels[piece][changed])
        right += int(np.count_nonzero(new_places[changed] == wanted))
        wrong += int(np.count_nonzero(old_places[changed] == wanted))
        parts.append(changed + piece.start)
    return Sides(after.dataset, old, new, np.concatenate(parts), right, wrong)


def largest_output(predictions: Float[AnyArray, "rows outputs"]) -> Int[npt.NDArray[np.int64], "rows"]:
    """Return which output of each row is the largest in float32, the first of equal ones; -1 where one is not a number.

    A model with several outputs is commonly read so: the largest is the class that it answers.
    """
    with np.errstate(over="ignore"):
        values = predictions.astype(np.float32)
    return np.where(np.isnan(values).any(axis=1), -1, values.argmax(axis=1))


def largest_change(before: Effect, after: Effect) -> float | None:
    """Return by how much what is predicted differs at most; NaN where a number is none.

    None where data, outputs or task are not the same, or labels are no numbers.
    """
    old, new = before.predicted, after.predicted
    if before.dataset is not after.dataset or old is None or new is None or old.shape != new.shape:
        return None
    with np.errstate(all="ignore"):
        return float(np.abs(new.astype(np.float64) - old).max(initial=0.0))


def moved(before: Effect, after: Effect) -> int | None:
    """Return for how many rows another output is the largest; None where data or outputs are not the same."""
    if before.dataset is not after.dataset or before.prediction.size != after.prediction.size:
        return None
    if before.largest is None or after.largest is None:
        return None
    return int(np.count_nonzero(before.largest != after.largest))
