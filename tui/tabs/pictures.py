"""Data as a picture: which mark each point has, and what is said of the marks, by the task."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.errors import shorten
from core.tasks import Binary, Classes, Numbers, Signs
from tui.widgets.plane import MOST_KINDS, Picture

if TYPE_CHECKING:
    import numpy.typing as npt

    from core.arrays import AnyArray
    from core.data.dataset import Dataset
    from core.tasks import Task


def picture(
    data: Dataset,
    task: Task,
    field: AnyArray | None,
    rows: int | npt.NDArray[np.int64],
    marked: npt.NDArray[np.bool_] | None = None,
) -> Picture:
    """Return the picture of some ``rows`` of ``data``, or the first so many, over a ``field`` of predictions."""
    rows = np.arange(min(rows, len(data))) if isinstance(rows, int) else rows
    kinds, names, shift = _kinds(data, task, rows)
    if field is not None:
        field = field - shift
    several = isinstance(task, Classes)
    return Picture(field, data.points[rows], kinds, marked, data.extent, names, several)


def _kinds(
    data: Dataset, task: Task, rows: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int8], tuple[str, ...], float]:
    """Return the kind of each point, what the kinds are, and from where on a prediction is of the second kind."""
    match task:
        case Signs() | Binary() | Classes():
            kinds = np.minimum(task.places(data.labels[rows]), MOST_KINDS - 1)
            return kinds.astype(np.int8), tuple(shorten(name, 12) for name in task.classes), 0.0
        case Numbers() if len(rows):
            middle = float(np.median(data.labels[:, 0]))
            kinds = (data.labels[rows, 0] > middle).astype(np.int8)
            return kinds, (f"up to {middle:.3g}", "above"), middle
    return np.zeros(len(rows), dtype=np.int8), ("a row",), 0.0
