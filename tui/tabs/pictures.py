"""Data as a picture: which mark each point has, and what is said of the marks, by the task."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.calculation.fit import step_of, steps
from core.names import told_apart
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
    output: int = 0,
) -> Picture:
    """Return the picture of some ``rows`` of ``data``, or the first so many, over a ``field`` of predictions."""
    rows = np.arange(min(rows, len(data))) if isinstance(rows, int) else rows
    if isinstance(task, Numbers):
        edges = steps(data.labels[:, output])
        kinds, names = step_of(data.labels[rows, output], edges).astype(np.int8), _step_names(edges)
        field = None if field is None else step_of(field, edges)
    else:
        kinds, names = _kinds(data, task, rows)
    return Picture(field, data.points[rows], kinds, marked, data.extent, names, isinstance(task, Classes | Numbers))


def _kinds(data: Dataset, task: Task, rows: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int8], tuple[str, ...]]:
    """Return the kind of each point, and what the kinds are."""
    if isinstance(task, Signs | Binary | Classes):
        kinds = np.minimum(task.places(data.labels[rows]), MOST_KINDS - 1)
        return kinds.astype(np.int8), told_apart(task.labels if isinstance(task, Classes) else task.classes, 12)
    return np.zeros(len(rows), dtype=np.int8), ("a row",)


def _step_names(edges: tuple[float, ...]) -> tuple[str, ...]:
    """Return what each step between ``edges`` is called."""
    return (*(f"<{edge:.3g}" for edge in edges), "above") if edges else ("a row",)
