"""Which task a model and its data have: by the labels as they are, the loss and the outputs, or as a person chose."""

from __future__ import annotations

from enum import StrEnum
from functools import partial
from itertools import zip_longest
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from core.data.dataset import DataFile
from core.errors import Refused, shorten
from core.formatting import count
from core.losses import BY_CLASS, KERAS_LOSSES, Labels
from core.losses.table import NONNEGATIVE
from core.tasks.binary import Binary
from core.tasks.classes import Classes
from core.tasks.nothing import NoLabels
from core.tasks.numbers import Numbers
from core.tasks.several import Part, Several, label_sizes
from core.tasks.signs import Signs

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.data.dataset import Dataset
    from core.losses import Loss
    from core.model.network import Network
    from core.operations.operation import Shape
    from core.tasks import Task

ROWS_A_CLASS = 2
"""Whole numbers are taken for classes only where there are so many rows for each, on average."""

MOST_BY_ITSELF = 100
"""More different whole numbers than these are taken for classes only if a person or a loss says so."""


class TaskName(StrEnum):
    """The tasks that can be chosen."""

    SIGNS = "signs"
    BINARY = "binary"
    CLASSES = "classes"
    NUMBERS = "numbers"
    NONE = "none"


def task_for(
    dataset: Dataset,
    outputs: int,
    loss_name: str = "",
    chosen: TaskName | None = None,
    *,
    logits: bool = False,
    spread: Shape = (),
    ignored: float | None = None,
) -> Task:
    """Return what the labels of ``dataset`` mean to a model of so many ``outputs`` and the loss of that name, if any.

    ``logits`` says that outputs are logits, which change sides at 0. Outputs that are a sequence or an image, of shape
    ``spread``, may have a class at each place; the loss leaves out labels that are ``ignored``. Whether all of them
    fit, :mod:`core.tasks.fitting` says.

    Raises:
        Refused: the ``chosen`` task is none that such labels can have.
    """
    loss = KERAS_LOSSES[loss_name] if loss_name else None
    if dataset.labels.shape[1] == 0 or chosen is TaskName.NONE:
        return NoLabels()
    at, left_out = _threshold(loss, logits), _left_out(dataset, outputs, spread, ignored)
    match chosen or _by_itself(dataset, outputs, loss, spread, left_out):
        case TaskName.SIGNS:
            probabilities = loss is not None and loss.labels is Labels.BINARY
            return _signs(dataset, at if probabilities else 0.0, spread)
        case TaskName.BINARY:
            return _binary(dataset, at, spread)
        case TaskName.CLASSES:
            return _classes(dataset, outputs, loss, spread, left_out)
    return _numbers(dataset)


def task_of(dataset: Dataset, network: Network, losses: Sequence[Loss], chosen: TaskName | None = None) -> Task:
    """Return what the labels of ``dataset`` mean to a network with a loss for each of its outputs, if there is one.

    Of several outputs each has a task of its own, the ``chosen`` one where its labels can have it.

    Raises:
        Refused: the ``chosen`` task is none that such labels can have.
    """
    if len(network.graph.outputs) > 1 and dataset.labels.shape[1] and chosen is not TaskName.NONE:
        return _of_outputs(dataset, network, losses, chosen)
    found = _task_with(losses[0] if losses else None)
    return found(dataset, network.outputs, chosen=chosen, spread=network.spread)


def _task_with(loss: Loss | None) -> Callable[..., Task]:
    """Return what asks for a task with the name and settings of a loss, if there is one."""
    if loss is None:
        return task_for
    return partial(task_for, loss_name=loss.name, logits=loss.of_logits, ignored=loss.ignored)


def _of_outputs(
    dataset: Dataset, network: Network, losses: Sequence[Loss], chosen: TaskName | None
) -> Several | Numbers:
    """Return the task of each output; where the label columns are none for them, numbers that nothing fits."""
    outputs, columns = network.each_output, dataset.labels.shape[1]
    sizes = label_sizes(columns, [output.shape for output in outputs], losses)
    if sizes is None:
        return Numbers(_names(dataset, columns))
    parts, refusals, start = list[Part](), list[Refused](), 0
    for output, size, loss in zip_longest(outputs, sizes, losses):
        own = dataset.of_labels(start, start + size)
        found = partial(_task_with(loss), own, prod(output.shape), spread=output.spread)
        try:
            task = found(chosen=chosen)
        except Refused as refusal:
            refusals.append(refusal)
            task = found()
        assert not isinstance(task, NoLabels | Several)
        parts.append(Part(output.name, task, slice(start, start + size), output.columns, output.spread))
        start += size
    if len(refusals) == len(parts):
        raise refusals[0]
    return Several(tuple(parts))


def _threshold(loss: Loss | None, logits: bool) -> float:
    # The hinge losses make -1 of 0, so that the sides are those of a sign.
    return 0.0 if logits or (loss is not None and loss.labels is Labels.SIGNS) else 0.5


def _left_out(dataset: Dataset, outputs: int, spread: Shape, ignored: float | None) -> float | None:
    """Return the ``ignored`` label where a place's outputs have none for it and such labels are there."""
    size, places = spread[-1] if spread else outputs, prod(spread[:-1])
    if ignored is None or 0 <= ignored < size or dataset.labels.shape[1] != places:
        return None
    return ignored if (dataset.labels == ignored).any() else None


def _by_itself(dataset: Dataset, outputs: int, loss: Loss | None, spread: Shape, left_out: float | None) -> TaskName:
    """Return the task that labels, loss and outputs have where nobody has chosen one."""
    if left_out is not None:
        others = dataset.labels[dataset.labels != left_out]
        return TaskName.CLASSES if ((others >= 0) & (others % 1 == 0)).all() else TaskName.NUMBERS
    wants_class = loss is not None and loss.labels in BY_CLASS
    columns, distinct, places = dataset.labels.shape[1], dataset.distinct, prod(spread[:-1])
    if columns == places > 1 and spread[-1] > 1:
        of_classes = _class_numbers(dataset, spread[-1], loss, wants_class)
        return TaskName.CLASSES if of_classes else TaskName.NUMBERS
    if columns > 1:
        return _of_several(dataset, wants_class, places)
    if distinct is None:
        return TaskName.NUMBERS
    if dataset.classes:
        return TaskName.BINARY if len(dataset.classes) <= 2 and outputs == 1 and not wants_class else TaskName.CLASSES
    if set(distinct) <= {-1.0, 1.0} or set(distinct) <= {0.0, 1.0}:
        return _of_two(dataset, outputs, loss, wants_class)
    if len(distinct) == 2 and (len(dataset) >= 2 * ROWS_A_CLASS or all(value.is_integer() for value in distinct)):
        return _of_other_two(outputs, loss, wants_class)
    return TaskName.CLASSES if _class_numbers(dataset, outputs, loss, wants_class) else TaskName.NUMBERS


def _of_several(dataset: Dataset, wants_class: bool, places: int) -> TaskName:
    if dataset.one_hot_at(places):
        return TaskName.CLASSES
    if dataset.zeros_and_ones:
        return TaskName.BINARY
    # A loss of one column for each class takes a row of -1 and +1 as numbers, if at all.
    return TaskName.SIGNS if dataset.signs and not wants_class else TaskName.NUMBERS


def _of_two(dataset: Dataset, outputs: int, loss: Loss | None, wants_class: bool) -> TaskName:
    distinct = set(dataset.distinct or ())
    signs = -1.0 in distinct and loss is not None
    # One output has a sign; several are classes only for a loss of such.
    if wants_class or (outputs > 1 and not signs):
        return TaskName.CLASSES
    if -1.0 not in distinct and 0.0 in distinct:
        return TaskName.BINARY
    # Labels that a rule makes are made as the loss takes them; those of a file are as they are.
    made = not isinstance(dataset.origin, DataFile) or dataset.origin.made is not None
    truths = loss is not None and loss.labels is Labels.BINARY
    return TaskName.BINARY if truths and (made or distinct == {1.0}) else TaskName.SIGNS


def _of_other_two(outputs: int, loss: Loss | None, wants_class: bool) -> TaskName:
    """Return what two values are that are neither -1 and +1 nor 0 and 1: a loss of numbers takes them as they are."""
    if outputs > 1 or wants_class:
        return TaskName.CLASSES
    as_they_are = loss is not None and (loss.labels is Labels.NUMBERS or loss.name in NONNEGATIVE)
    return TaskName.NUMBERS if as_they_are else TaskName.BINARY


def _class_numbers(dataset: Dataset, outputs: int, loss: Loss | None, wants_class: bool) -> bool:
    """Say whether labels, a whole number each, are numbers of classes of so many ``outputs``."""
    distinct = dataset.distinct_everywhere or (-1.0,)
    if not all(value.is_integer() and value >= 0 for value in distinct):
        return False
    if wants_class or (outputs > 1 and distinct[-1] < outputs):
        return True
    of_numbers = loss is not None and outputs == 1 and loss.labels not in BY_CLASS
    every = distinct in (tuple(range(len(distinct))), tuple(range(1, len(distinct) + 1)))
    few = 2 < len(distinct) <= MOST_BY_ITSELF and len(dataset) >= ROWS_A_CLASS * len(distinct)
    return every and few and not of_numbers


def _pair(dataset: Dataset, name: TaskName) -> tuple[float, float]:
    """Return the two values of one label column that are taken as -1 and +1, or 0 and 1."""
    distinct = dataset.distinct
    if dataset.classes:
        distinct = tuple(float(place) for place in range(len(dataset.classes)))
    if dataset.labels.shape[1] == 1 and distinct is not None:
        for pair in ((-1.0, 1.0), (0.0, 1.0)):
            if set(distinct) <= set(pair):
                return pair
        if len(distinct) == 2:
            return distinct[0], distinct[1]
    got = count(len(distinct), "different one") if distinct else f"{dataset.labels.shape[1]:,} a row"
    if distinct is None and dataset.labels.shape[1] == 1:
        got = f"more than {dataset.MOST_DISTINCT:,} different ones"
    raise Refused(f"expected one label of two values a row for the task {name}, got {got}; {_instead(dataset)}")


def _instead(dataset: Dataset, spread: Shape = ()) -> str:
    """Return which of the tasks that take many labels take these."""
    at_places = dataset.labels.shape[1] == prod(spread[:-1]) > 1 and spread[-1] > 1
    if dataset.classes or at_places:
        return "choose classes"
    one_column = dataset.labels.shape[1] == 1
    are_classes = dataset.distinct is not None if one_column else dataset.one_hot
    return "choose classes or numbers" if are_classes else "choose numbers"


def _signs(dataset: Dataset, at: float, spread: Shape) -> Signs:
    columns = dataset.labels.shape[1]
    if columns == 1:
        return Signs(_pair(dataset, TaskName.SIGNS), at)
    if dataset.signs:
        return Signs(at=at, columns=columns)
    if dataset.zeros_and_ones:
        return Signs((0.0, 1.0), at, columns)
    raise Refused(f"expected labels of -1 and +1 alone for the task signs, got others too; {_instead(dataset, spread)}")


def _binary(dataset: Dataset, at: float, spread: Shape) -> Binary:
    columns = dataset.labels.shape[1]
    if columns > 1:
        if dataset.zeros_and_ones:
            return Binary(at=at, columns=columns)
        if dataset.signs:
            return Binary(pair=(-1.0, 1.0), at=at, columns=columns)
        instead = _instead(dataset, spread)
        raise Refused(f"expected labels of 0 and 1 alone for the task binary, got others too; {instead}")
    pair = _pair(dataset, TaskName.BINARY)
    names = dataset.classes if len(dataset.classes) == 2 else ("0", "1")
    if pair not in ((0.0, 1.0), (-1.0, 1.0)):
        names = (f"{pair[0]:g}", f"{pair[1]:g}")
    return Binary((names[0], names[1]), pair, at)


def _classes(dataset: Dataset, outputs: int, loss: Loss | None, spread: Shape, left_out: float | None) -> Classes:
    sparse = loss is not None and loss.labels is Labels.CLASSES
    columns, places = dataset.labels.shape[1], prod(spread[:-1])
    if left_out is not None:
        return _classes_beside(dataset, outputs // places, left_out)
    if places > 1 and dataset.one_hot_at(places) and columns == outputs:
        return Classes(_names(dataset, spread[-1]), (), sparse, places)
    if columns > 1 and columns != places:
        if not dataset.one_hot:
            raise Refused(
                "expected one label column, or columns with a single 1 a row, for the task classes, got "
                f"{columns:,} columns of others; choose numbers"
            )
        return Classes(_names(dataset, columns), (), sparse)
    if dataset.classes:
        return Classes(dataset.classes, tuple(float(place) for place in range(len(dataset.classes))), sparse)
    distinct, outputs = dataset.distinct_everywhere, outputs // columns
    if distinct is None:
        raise Refused(
            f"expected at most {dataset.MOST_DISTINCT:,} different labels for the task classes, got more; "
            "choose numbers"
        )
    if set(distinct) <= {-1.0, 1.0} and (columns == 1 or -1.0 in distinct):
        return Classes(("-1", "+1"), (-1.0, 1.0), sparse, columns)
    counted = all(value.is_integer() and value >= 0 for value in distinct) and distinct[-1] < dataset.MOST_DISTINCT
    # Keras takes a class number for the place of an output, from 0 on; one that no row has keeps its output. Numbers
    # from 1 on that it would refuse, one for each output, as 1, 2, 3 are for three, stand for the outputs in order.
    if counted and (distinct[0] == 0 or distinct[-1] < outputs or len(distinct) != outputs):
        distinct = tuple(float(place) for place in range(max(2, int(distinct[-1]) + 1)))
    return Classes(tuple(f"{value:g}" for value in distinct), distinct, sparse, columns)


def _classes_beside(dataset: Dataset, outputs: int, left_out: float) -> Classes:
    """Return a class for each of a place's ``outputs``, beside a label that the loss leaves out."""
    others = np.unique(dataset.labels[dataset.labels != left_out]).tolist()
    most = max(dataset.MOST_DISTINCT, outputs)
    if not all(value.is_integer() and 0 <= value < most for value in others):
        raise Refused(
            f"expected class numbers from 0 on beside the label {left_out:g}, which the loss leaves out, got "
            f"{next(value for value in others if not value.is_integer() or not 0 <= value < most):g}"
        )
    places = range(max(outputs, int(max(others, default=0)) + 1))
    named = dict(enumerate(dataset.classes))
    names = tuple(named.get(place, f"{place}") for place in places)
    return Classes(names, tuple(map(float, places)), True, dataset.labels.shape[1], left_out)


def _numbers(dataset: Dataset) -> Numbers:
    if dataset.classes:
        raise Refused(
            f"expected labels that are numbers for the task numbers, got text such as {shorten(dataset.classes[0])!r}; "
            "choose classes"
        )
    return Numbers(_names(dataset, dataset.labels.shape[1]))


def _names(dataset: Dataset, columns: int) -> tuple[str, ...]:
    own = dataset.origin.targets if isinstance(dataset.origin, DataFile) else ()
    if len(own) == columns:
        return own
    return ("label",) if columns == 1 else tuple(f"{place}" for place in range(columns))
