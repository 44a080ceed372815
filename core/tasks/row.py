"""The label of one row: checked against a loss, or taken from the data as a loss takes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.arrays import frozen
from core.data.choices import NAME_LABELS
from core.data.dataset import DataFile
from core.data.makers import Rule
from core.errors import Refused
from core.formatting import count
from core.losses import BY_CLASS, Labels
from core.tasks import NoLabels, task_for
from core.tasks.fitting import require_fit

if TYPE_CHECKING:
    import numpy.typing as npt
    from jaxtyping import Float

    from core.arrays import Array, KerasArray
    from core.losses import Loss
    from core.state import State

BY_RULE = "x is no row, so the data's rule gives it: "
"""Before the reason why a point that is no row has its label."""

SHOWN = 8
"""How many numbers of a refused label are repeated."""


def checked_label(loss: Loss, label: npt.ArrayLike, outputs: int) -> Float[Array, "labels"]:
    """Return ``label`` as a row of numbers, if it is one that ``loss`` takes for a model of so many ``outputs``.

    Raises:
        Refused: loss, label and outputs don't fit; the sentence says what would.
    """
    values = np.asarray(label, dtype=np.float64).reshape(-1)
    if loss.labels in BY_CLASS and outputs == 1:
        _refuse_one_output(loss)
    if loss.labels is Labels.CLASSES:
        _require_class(loss, values, outputs)
    elif values.size != outputs:
        raise Refused(
            f"{loss.name} wants {_count_wanted(loss)}, but the model has {count(outputs, 'output')} and the label "
            f"{count(values.size, 'number')}: give {outputs:,}"
            + (", or the class with sparse_categorical_crossentropy" if outputs > 1 else "")
        )
    else:
        _require_numbers(loss, values)
    return values


def _refuse_one_output(loss: Loss) -> None:
    raise Refused(f"{_wants(loss)}, and the model has 1 output: binary_crossentropy would do")


def _wants(loss: Loss) -> str:
    return f"{loss.name} wants {loss.labels}"


def _count_wanted(loss: Loss) -> str:
    return str(loss.labels) if loss.labels is Labels.ONE_HOT else "a label for each output"


def _require_class(loss: Loss, values: Array, outputs: int) -> None:
    if values.size != 1:
        raise Refused(
            f"{_wants(loss)}: expected one class, got {count(values.size, 'number')}; "
            "categorical_crossentropy takes a 0 or 1 for each class"
        )
    if not (values[0].is_integer() and 0 <= values[0] < outputs):
        raise Refused(
            f"{_wants(loss)}: expected a class from 0 to {outputs - 1:,} for the model's {outputs:,} outputs, "
            f"got {values[0]:g}"
        )


def _require_numbers(loss: Loss, values: Array) -> None:
    got = ", ".join(f"{value:g}" for value in values[:SHOWN]) + (", ..." if values.size > SHOWN else "")
    if not np.isfinite(values).all():
        raise Refused(f"expected a label of finite numbers, got {got}")
    match loss.labels:
        case Labels.SIGNS if not (np.isin(values, (-1, 1)).all() or np.isin(values, (0, 1)).all()):
            raise Refused(f"{_wants(loss)}, or of 0 and 1, got {got}: mean_squared_error takes any number")
        case Labels.BINARY if not np.isin(values, (0, 1)).all():
            raise Refused(f"{_wants(loss)}, got {got}: give 0 or 1; hinge takes -1 and +1")
        case Labels.ONE_HOT if sorted(values) != [*[0] * (values.size - 1), 1]:
            raise Refused(f"{_wants(loss)}, a 1 for the label's class and 0 for the others, got {got}")


def row_label(state: State) -> tuple[Float[KerasArray, "columns"], str]:
    """Return the label of the point in hand, as the data have it, and where it is from.

    Raises:
        Refused: nothing gives it a label: the data have none, or another number of inputs than the model, or are of a
            file or a shape, of which only the rows have one.
    """
    if not state.fits:
        raise Refused(
            f"no label: the data have {count(state.dataset.inputs, 'input')}, the model has "
            f"{state.model.network.inputs:,}; make such data on the Data tab"
        )
    if state.dataset.labels.shape[1] == 0:
        raise Refused(f"no label: the data are rows without labels; {NAME_LABELS}")
    if state.row is not None:
        return state.dataset.labels[state.row], f"the label of {state.dataset.row_in_words(state.row)}"
    origin = state.dataset.origin
    if isinstance(origin, Rule):
        label, why = origin.label(state.x)
        return frozen([label]), f"{BY_RULE}{why}"
    of, which = (f" of {origin.name}", "which has") if isinstance(origin, DataFile) else ("", f"and {origin.kind} has")
    raise Refused(f"no label: x is no row{of}, {which} no rule to make one by; n takes a row")


def label_for(state: State, loss: Loss, label: Float[KerasArray, "columns"]) -> tuple[Float[Array, "labels"], str]:
    """Return a label of the data as ``loss`` takes it, and in words what was made of it ("" if nothing).

    Raises:
        Refused: such labels don't fit that loss and the model's outputs; the sentence says what would.
    """
    outputs = state.model.network.outputs
    task = task_for(state.dataset, outputs, loss.name, state.recipe.task)
    require_fit(task, loss.name, outputs, state.dataset)
    if isinstance(task, NoLabels):
        raise Refused("no label: the task none was chosen; choose another")
    taken = np.asarray(task.targets(label[np.newaxis], outputs)[0], dtype=np.float64)
    same = taken.shape == label.shape and bool((taken == label).all())
    return taken, "" if same else f"{task.in_words().split(';')[0]}"
