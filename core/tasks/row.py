"""The label of one row: checked against a loss, or taken from the data as a loss takes it."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, NoReturn

import numpy as np

from core.arrays import frozen
from core.data.choices import NAME_LABELS
from core.data.dataset import DataFile, Dataset
from core.data.makers import Nothing, Rule
from core.errors import Refused, shorten
from core.formatting import count
from core.losses import BY_CLASS, Labels
from core.losses.table import NONNEGATIVE
from core.tasks import NoLabels, Several, task_for, task_of
from core.tasks.fitting import require_fit, require_fits
from core.tasks.scores import NAME

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    from jaxtyping import Float

    from core.arrays import AnyArray, Array, KerasArray
    from core.losses import Loss
    from core.operations.operation import Shape
    from core.session.state import State
    from core.tasks import Task

BY_RULE = "x is no row, so the data's rule gives it: "
"""Before the reason why a point that is no row has its label."""

SHOWN = 8
"""How many numbers of a refused label are repeated."""


def checked_label(
    loss: Loss, label: npt.ArrayLike, outputs: int, spread: Shape = (), whose: str = "the model"
) -> tuple[Float[Array, "labels"], str]:
    """Return ``label`` as ``loss`` takes it for so many ``outputs``, and in words what was made of it ("" if nothing).

    It is taken as a file of this one row would be: a class number for a loss of one column for each class, too. Of
    outputs that are a sequence or an image, of shape ``spread``, each place has a class of its own.

    Raises:
        Refused: loss, label and outputs don't fit; the sentence says what would.
    """
    values = np.asarray(label, dtype=np.float64).reshape(-1)
    if not (np.abs(values) <= np.finfo(np.float32).max).all():
        raise Refused(f"expected a label of finite numbers, got {_listed(values)}")
    data = Dataset(frozen(np.zeros((1, 1))), frozen(values[np.newaxis]), DataFile("the label"))
    try:
        task = task_for(data, outputs, loss.name, logits=loss.of_logits, spread=spread, ignored=loss.ignored)
        require_fit(task, loss.name, outputs, data, spread, whose)
    except Refused:
        if prod(spread[:-1]) > 1 and (values.size != outputs or loss.labels in BY_CLASS):
            _refuse_at_places(loss, values, outputs, spread, whose)
        _refuse(loss, values, outputs, whose)
    return _taken(task, values, outputs)


def _taken(task: Task, label: Float[AnyArray, "columns"], outputs: int) -> tuple[Float[Array, "labels"], str]:
    """Return what Keras gets for a label, and in words what was made of it; "" and the label itself if nothing."""
    if isinstance(task, Several):
        each = [(part.name, *_taken(part.task, label[part.labels], part.size)) for part in task.parts]
        words = ", ".join(f"{shorten(name, NAME)} {said}" for name, _, said in each if said)
        return np.concatenate([numbers for _, numbers, _ in each]), words
    taken = np.asarray(task.targets(label[np.newaxis], outputs)[0], dtype=np.float64)
    if taken.shape == label.shape and bool((taken == label.astype(np.float32)).all()):
        return label.astype(np.float64), ""
    return taken, task.in_words().split(";")[0]


def _refuse(loss: Loss, values: Array, outputs: int, whose: str) -> NoReturn:
    if loss.labels in BY_CLASS and outputs == 1:
        has = "1 output" if whose == "the model" else "1 number"
        raise Refused(f"{_wants(loss)}, and {whose} has {has}: binary_crossentropy would do")
    if values.size != outputs and (values.size != 1 or loss.labels is not Labels.CLASSES):
        wanted = f"a label for each output, or the class: {outputs:,} numbers or 1" if outputs > 1 else "1 number"
        raise Refused(
            f"{loss.name} wants {wanted}, but {whose} has {count(outputs, 'output')} and the label "
            f"{count(values.size, 'number')}, {_listed(values)}"
        )
    match loss.labels:
        case Labels.SIGNS:
            asked = f", or of 0 and 1, got {_listed(values)}: mean_squared_error takes any number"
        case Labels.BINARY if loss.name in NONNEGATIVE:
            asked = f" or other numbers from 0 up, got {_listed(values)}: mean_squared_error takes any number"
        case Labels.BINARY:
            asked = f", or numbers between, got {_listed(values)}: give 0 or 1; hinge takes -1 and +1"
        case _:
            asked = f": expected a class from 0 to {outputs - 1:,}, or a single 1 for it, got {_listed(values)}"
    raise Refused(f"{_wants(loss)}{asked}")


def _refuse_at_places(loss: Loss, values: Array, outputs: int, spread: Shape, whose: str) -> NoReturn:
    places, size = prod(spread[:-1]), spread[-1]
    if loss.labels in BY_CLASS and size == 1:
        raise Refused(f"{_wants(loss)}, and {whose} has 1 output at each place: binary_crossentropy would do")
    classes = f"a class from 0 to {size - 1:,} at each of the {places:,} places" if size > 1 else ""
    numbers = f"{outputs:,} numbers, one for each output" if loss.labels is not Labels.CLASSES or not classes else ""
    raise Refused(f"{loss.name} wants {' or '.join(filter(None, (classes, numbers)))}, got {_listed(values)}")


def _wants(loss: Loss) -> str:
    return f"{loss.name} wants {loss.labels}"


def _listed(values: Array) -> str:
    return ", ".join(f"{value:g}" for value in values[:SHOWN]) + (", ..." if values.size > SHOWN else "")


def row_label(state: State) -> tuple[Float[KerasArray, "columns"], str]:
    """Return the label of the point in hand, as the data have it, and where it is from.

    Raises:
        Refused: nothing gives it a label: the data have none, or another number of inputs than the model, or are of a
            file or a shape, of which only the rows have one.
    """
    if isinstance(state.dataset.origin, Nothing):
        raise Refused("no label: there are no data")
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


def label_for(
    state: State, losses: Sequence[Loss], label: Float[KerasArray, "columns"]
) -> tuple[Float[Array, "labels"], str]:
    """Return a label of the data as the losses of the outputs take it, and in words what was made of it, or "".

    Raises:
        Refused: such labels don't fit that loss and the model's outputs; the sentence says what would.
    """
    network = state.model.network
    task = task_of(state.dataset, network, losses, state.recipe.task)
    require_fits(task, losses, network, state.dataset)
    if isinstance(task, NoLabels):
        raise Refused("no label: the task none was chosen; choose another")
    return _taken(task, label, network.outputs)
