"""Whether a task, a loss and a model's outputs fit together: if not, which two don't, and what would."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

import numpy as np

from core.data.choices import listed
from core.data.dataset import Dataset
from core.errors import Refused, shorten
from core.formatting import count
from core.losses import BY_CLASS, KERAS_LOSSES, Labels
from core.losses.table import NONNEGATIVE
from core.tasks.binary import Binary
from core.tasks.class_weights import require_class_weights
from core.tasks.classes import Classes
from core.tasks.nothing import NoLabels
from core.tasks.numbers import Numbers
from core.tasks.scores import NAME
from core.tasks.several import Several, label_sizes
from core.tasks.signs import Signs
from core.training.keras_metrics import require_metrics_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.losses import Loss
    from core.model.network import Network
    from core.operations.operation import Shape
    from core.session.state import State
    from core.tasks import Task
    from core.training.recipe import Recipe


OF_ITS_OUTPUT = "sparse_categorical_crossentropy"
"""The metric that goes by the output of each label's class."""


def require_scored(task: Task, outputs: int, spread: Shape = ()) -> None:
    """Refuse ``outputs``, of shape ``spread`` if they are an image or a sequence, that can't be held against labels of
    ``task``.

    Raises:
        Refused: there are too many or too few of them, or no labels; the sentence says what would do.
    """
    if isinstance(task, Several):
        for part in task.parts:
            require_scored(part.task, part.size, part.spread)
        return
    if prod(spread[:-1]) > 1:
        _require_scored_at_places(task, outputs, spread)
        return
    match task:
        case NoLabels():
            raise Refused(task.why)
        case Signs(columns=1) if outputs != 1:
            raise Refused(
                f"expected a model with 1 output for labels of -1 and +1, got {outputs:,} outputs: "
                "categorical_crossentropy takes these as two classes, an output for each"
            )
        case Signs(columns=columns) if outputs != columns:
            raise Refused(
                f"expected a model with {count(columns, 'output')} for {_labels(columns)} of -1 and +1 a row, "
                f"got {count(outputs, 'output')}; take such a model"
            )
        case Binary(columns=columns) if outputs != columns:
            raise Refused(
                f"expected a model with {count(columns, 'output')} for {_labels(columns)} of 0 and 1 a row, "
                f"got {count(outputs, 'output')}; take such a model"
            )
        case Classes(classes=classes) if outputs < len(classes) or outputs == 1:
            raise Refused(
                f"expected an output for each of the {len(classes):,} classes of the labels ({_named(classes)}), "
                f"got a model with {count(outputs, 'output')}; {_would_do(classes, outputs)}"
            )
        case Numbers(named=named) if outputs != len(named):
            raise Refused(
                f"expected a model with {count(len(named), 'output')} for {_labels(len(named))} a row that are "
                f"numbers, got {count(outputs, 'output')}; take such a model, other label columns, or the task "
                f"classes ({Dataset.MOST_DISTINCT:,} at most)"
            )


def _require_scored_at_places(task: Task, outputs: int, spread: Shape) -> None:
    """Refuse labels that are neither one for each output nor, of classes, one for each place of the outputs."""
    places, size, shape = prod(spread[:-1]), spread[-1], " x ".join(map(str, spread))
    match task:
        case NoLabels():
            raise Refused(task.why)
        case Signs(columns=columns) | Binary(columns=columns):
            got = f"{_labels(columns)} a row"
            fits = columns == outputs
        case Numbers(named=named):
            got = f"{_labels(len(named))} a row that {'is a number' if len(named) == 1 else 'are numbers'}"
            fits = len(named) == outputs
        case Classes(classes=classes, columns=columns):
            got, fits = "one class a row", columns == places and size > 1
            if fits and len(classes) > size:
                raise Refused(
                    f"expected an output for each of the {len(classes):,} classes of the labels ({_named(classes)}) at "
                    f"each place of outputs of {shape}, got {size:,}; {_would_do(classes, size)}"
                )
    if not fits:
        numbers = f"{places:,} label columns of class numbers, 0 to {size - 1:,}, or " if size > 1 else ""
        raise Refused(
            f"expected labels for each place of outputs of {shape}, got {got}; name {numbers}{outputs:,} label "
            "columns, one for each output (--labels; in the dialog: label columns)"
        )


def scored(state: State) -> bool:
    """Say whether a state's outputs can be held against its labels."""
    network = state.model.network
    try:
        require_scored(state.task, network.outputs, network.spread)
    except Refused:
        return False
    return True


def _are_counted(classes: tuple[str, ...]) -> bool:
    return classes == tuple(f"{place}" for place in range(len(classes)))


def _named(classes: tuple[str, ...]) -> str:
    if _are_counted(classes):
        return f"0 to {len(classes) - 1:,}, as Keras counts them"
    return listed(classes, 3)


def _would_do(classes: tuple[str, ...], outputs: int) -> str:
    if len(classes) == 2:
        return "binary_crossentropy or hinge take two of them with one output"
    other = "number the classes otherwise" if outputs > 1 else "the task numbers"
    if _are_counted(classes):
        return f"take such a model, or {other}"
    return "take such a model" + (", or a label column of numbers for one output" if outputs == 1 else "")


def _labels(columns: int) -> str:
    return f"{count(columns, 'label')}"


def require_fit(
    task: Task, loss_name: str, outputs: int, dataset: Dataset, spread: Shape = (), whose: str = "the model"
) -> None:
    """Refuse labels of ``task`` that are none for the loss of that name, or outputs that are none for either.

    Outputs that are an image or a sequence are of shape ``spread``; ``whose`` they are is said.

    Raises:
        Refused: the sentence says which two things don't fit, and what would.
    """
    loss = KERAS_LOSSES[loss_name]
    if isinstance(task, Classes) and len(task.classes) > 2:
        require_scored(task, outputs, spread)
    if loss.labels in BY_CLASS and (spread[-1] if spread else outputs) == 1 and not isinstance(task, Numbers):
        of = f" for {task.in_words().split(':')[0]}" if isinstance(task, Signs | Binary) else ""
        raise Refused(
            f"{loss_name} wants an output for each class{of}, and {whose} has 1{' at each place' if spread else ''}: "
            "binary_crossentropy or hinge would do"
        )
    require_scored(task, outputs, spread)
    match task:
        case Signs() if loss.labels is Labels.BINARY:
            raise Refused(
                f"{loss_name} wants {loss.labels}, and the data's are -1 and +1: hinge takes these, or the task "
                "binary, which takes -1 as 0"
            )
        case Signs() | Binary() if loss.labels is Labels.CLASSES:
            raise Refused(
                f"{loss_name} wants {loss.labels}, and the data have {_labels(task.columns)} a row: "
                "binary_crossentropy takes 0 and 1 for each output"
            )
        case Numbers():
            _require_numbers_fit(loss, dataset, "the data's" if whose == "the model" else f"those of {whose}")


def require_fits(task: Task, losses: Sequence[Loss], network: Network, dataset: Dataset) -> None:
    """Refuse labels of ``task`` that are none for the losses of a network's outputs, or outputs that are none for them.

    Several outputs take the label columns in their order: one for each of their numbers, or class numbers.

    Raises:
        Refused: the sentence says which two things don't fit, and what would.
    """
    require_columns(network, dataset, losses)
    if not isinstance(task, Several):
        require_fit(task, losses[0].name, network.outputs, dataset, network.spread)
        return
    for loss, part in zip(losses, task.parts, strict=True):
        own = dataset.of_labels(part.labels.start, part.labels.stop)
        require_fit(part.task, loss.name, part.size, own, part.spread, f"the output {shorten(part.name, NAME)}")


def require_columns(network: Network, dataset: Dataset, losses: Sequence[Loss]) -> None:
    """Refuse other label columns than a network's several outputs and their losses, if they have any, take.

    Raises:
        Refused: the sentence says which these are.
    """
    columns, outputs = dataset.labels.shape[1], network.each_output
    if len(network.graph.outputs) == 1 or not columns:
        return
    if label_sizes(columns, [output.shape for output in outputs], losses) is None:
        sizes = [one.label_size(output.shape) for one, output in zip(losses, outputs, strict=False)]
        sizes = sizes or [prod(output.shape) for output in outputs]
        both = list(zip(outputs, sizes, strict=True))
        of = ["" if size == prod(output.shape) else " of class numbers" for output, size in both]
        each = ", ".join(
            f"{shorten(one.name, NAME)} {size:,}{what}" for (one, size), what in zip(both, of, strict=True)
        )
        whole = "" if any(of) else ", one for each number"
        raise Refused(
            f"expected {_labels(sum(sizes))} a row{whole} of the model's outputs in their order "
            f"({each}), got {columns:,}; name these columns (--labels; in the dialog: label columns)"
        )


def require_trains(task: Task, recipe: Recipe, network: Network, dataset: Dataset) -> None:
    """Refuse a training whose labels, losses, metrics, weights of classes and outputs don't fit together.

    Raises:
        Refused: the sentence says which two things don't fit, and what would.
    """
    outputs = len(network.each_output)
    require_fits(task, recipe.losses(outputs), network, dataset)
    if outputs > 1 and recipe.class_weights:
        raise Refused(f"expected no class weights, which Keras has for models of one output, got a model of {outputs}")
    require_metrics_fit(task, recipe)
    require_class_weights(task, recipe.class_weights)


def require_metrics_fit(task: Task, recipe: Recipe) -> None:
    """Refuse metrics of a recipe that don't fit the labels of ``task``, of several outputs each one's.

    Raises:
        Refused: which two things don't fit, and what would.
    """
    tasks = [part.task for part in task.parts] if isinstance(task, Several) else [task]
    for own, kind, entries in zip(tasks, label_kinds(task), recipe.metrics_of_each(len(tasks)), strict=True):
        require_metrics_of(entries, kind)
        if isinstance(own, Classes) and own.left_out is not None and OF_ITS_OUTPUT in entries:
            raise Refused(
                f"expected metrics that need no output for the label {own.left_out:g}, which the loss leaves out, got "
                f"{OF_ITS_OUTPUT}: take it away, the loss has the same"
            )


def trains(state: State) -> bool:
    """Say whether a state's labels, loss, metrics, weights of classes and outputs fit together."""
    try:
        require_trains(state.task, state.recipe, state.model.network, state.dataset)
    except Refused:
        return False
    return True


def _require_numbers_fit(loss: Loss, dataset: Dataset, whose: str) -> None:
    labels = dataset.labels
    match loss.labels:
        case Labels.NUMBERS:
            return
        case Labels.BINARY:
            low, high = float(labels.min()), float(labels.max())
            largest = np.inf if loss.name in NONNEGATIVE else 1.0
            if low >= 0 and high <= largest:
                return
            wanted = "labels of 0 or more" if loss.name in NONNEGATIVE else "labels from 0 to 1"
            raise Refused(
                f"{loss.name} wants {wanted}, and {whose} go from {low:g} to {high:g}: mean_squared_error would do"
            )
        case Labels.ONE_HOT if labels.shape[1] > 1:
            # Any row of as many numbers as there are outputs is one that Keras calculates with.
            return
    raise Refused(f"{loss.name} wants {loss.labels}, and {whose} are numbers: mean_squared_error would do")


def labels_taken_otherwise(task: Task) -> str:
    """Return why Keras's number would be another for the labels as they are in a file, "" if it would not."""
    if isinstance(task, Several):
        return next(filter(None, (labels_taken_otherwise(part.task) for part in task.parts)), "")
    if (
        not isinstance(task, Binary)
        or task.pair == (0.0, 1.0)
        or task.classes != tuple(f"{one:g}" for one in task.pair)
    ):
        return ""
    low, high = task.classes
    return f"its loss takes {low} and {high} as numbers, and here they are two classes; write 0 and 1 for them"


def labels_given(task: Task) -> str:
    """Return as what Keras gets labels of classes that are not so in the file, "" if it gets them as they are."""
    if isinstance(task, Several):
        each = ((shorten(part.name, NAME), labels_given(part.task)) for part in task.parts)
        return ", ".join(f"{name} {given}" for name, given in each if given)
    if not isinstance(task, Classes) or not task.values:
        return ""
    if not task.sparse:
        return "one-hot"
    return "" if task.values == tuple(range(len(task.values))) else f"0 to {len(task.values) - 1}"


def usual_loss(task: Task) -> str:
    """Return the loss that is taken for a task where none is named, of several outputs for each."""
    if isinstance(task, Several):
        return ",".join(usual_loss(part.task) for part in task.parts)
    match task:
        case Binary():
            return "binary_crossentropy"
        case Classes():
            return "sparse_categorical_crossentropy" if task.values else "categorical_crossentropy"
        case Numbers():
            return "mean_squared_error"
    return "hinge"


def label_kinds(task: Task) -> tuple[Labels, ...]:
    """Return what the labels that Keras gets are, for each output."""
    if isinstance(task, Several):
        return tuple(kind for part in task.parts for kind in label_kinds(part.task))
    match task:
        case Signs():
            return (Labels.SIGNS,)
        case Binary():
            return (Labels.BINARY,)
        case Classes(sparse=sparse):
            return (Labels.CLASSES if sparse else Labels.ONE_HOT,)
    return (Labels.NUMBERS,)
