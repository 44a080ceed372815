"""Labels of -1 and +1 as tests have them, one a row, as the task of a loss takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.arrays import frozen
from core.data.dataset import Dataset, SumRule
from core.engine.reading import Reading, reading_of
from core.errors import Refused
from core.losses import BY_CLASS, KERAS_LOSSES
from core.tasks import Answers, Binary, Classes, Signs, task_for
from core.tasks.fitting import require_fit

if TYPE_CHECKING:
    import numpy.typing as npt


def labelled(labels: npt.ArrayLike, inputs: int = 2) -> Dataset:
    """Return data of these labels, as a rule makes them."""
    column = np.asarray(labels, dtype=np.float32).reshape(-1, 1)
    return Dataset(frozen(np.zeros((len(column), inputs))), frozen(column), SumRule())


def task_of(loss: str = "hinge", outputs: int = 1) -> Signs | Binary | Classes:
    """Return what labels of -1 and +1 that a rule made mean to a loss and so many outputs."""
    task = task_for(labelled([-1.0, 1.0]), outputs, loss if loss in KERAS_LOSSES else "hinge")
    assert isinstance(task, Signs | Binary | Classes)
    return task


def targets(loss: str, labels: npt.ArrayLike, outputs: int) -> npt.NDArray[np.float32]:
    """Return such labels as Keras gets them for a loss and so many outputs."""
    return task_of(loss, outputs).targets(np.asarray(labels, dtype=np.float32).reshape(-1, 1), outputs)


def judged(outputs: npt.NDArray[np.floating], labels: npt.ArrayLike, loss: str = "hinge") -> Answers:
    """Count the outputs, in float32, against such labels."""
    with np.errstate(over="ignore"):
        held = outputs.astype(np.float32)
    return task_of(loss, outputs.shape[1]).judged(held, np.asarray(labels, dtype=np.float32).reshape(-1, 1))


def by_class(loss: str) -> bool:
    """Say whether a loss wants an output for each class."""
    return KERAS_LOSSES[loss].labels in BY_CLASS


def fits(loss: str, outputs: int) -> bool:
    """Say whether a loss takes labels of -1 and +1, as a rule makes them, and so many outputs."""
    try:
        require_fit(task_of(loss, outputs), loss, outputs, labelled([-1.0, 1.0]))
    except Refused:
        return False
    return True


def reading(loss: str, outputs: int) -> Reading:
    """Return what the engine counts for such labels."""
    return reading_of(task_of(loss, outputs))
