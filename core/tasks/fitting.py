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
from core.tasks.signs import Signs
from core.training.keras_metrics import require_metrics_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.arrays import AnyArray
    from core.losses import Loss
    from core.model.network import Network
    from core.model.written import Output
    from core.operations.operation import Shape
    from core.session.state import State
    from core.tasks import Task
    from core.training.recipe import Recipe


def require_scored(task: Task, outputs: int, spread: Shape = ()) -> None:
    """Refuse ``outputs``, of shape ``spread`` if they are an image or a sequence, that can't be held against labels of
    ``task``.

    Raises:
        Refused: there are too many or too few of them, or no labels; the sentence says what would do.
    """
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


def require_outputs_of_ignored(loss: Loss, dataset: Dataset, outputs: int) -> None:
    """Refuse rows whose label the loss leaves out and no output stands for: no answer is right for them.

    Raises:
        Refused: there are such rows; the sentence says what would do.
    """
    ignored = loss.ignored
    if ignored is None or 0 <= ignored < outputs or dataset.labels.shape[1] != 1:
        return
    if rows := int((dataset.labels == ignored).sum()):
        raise Refused(
            f"expected a class from 0 to {outputs - 1:,} as every label, got {ignored:g}, the loss's ignore_class, in "
            f"{count(rows, 'row')}: these are not followed here; take them out"
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


def require_fit(task: Task, loss_name: str, outputs: int, dataset: Dataset, spread: Shape = ()) -> None:
    """Refuse labels of ``task`` that are none for the loss of that name, or outputs that are none for either.

    Outputs that are an image or a sequence are of shape ``spread``.

    Raises:
        Refused: the sentence says which two things don't fit, and what would.
    """
    loss = KERAS_LOSSES[loss_name]
    if isinstance(task, Classes) and len(task.classes) > 2:
        require_scored(task, outputs, spread)
    if loss.labels in BY_CLASS and (spread[-1] if spread else outputs) == 1 and not isinstance(task, Numbers):
        of = f" for {task.in_words().split(':')[0]}" if isinstance(task, Signs | Binary) else ""
        raise Refused(
            f"{loss_name} wants an output for each class{of}, and the model has 1{' at each place' if spread else ''}: "
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
            _require_numbers_fit(loss, dataset)


def require_fits(task: Task, losses: Sequence[Loss], network: Network, dataset: Dataset) -> None:
    """Refuse labels of ``task`` that are none for the losses of a network's outputs, or outputs that are none for them.

    Several outputs take the label columns in their order, one for each number of theirs.

    Raises:
        Refused: the sentence says which two things don't fit, and what would.
    """
    outputs = network.each_output
    if len(outputs) == 1 or isinstance(task, NoLabels):
        require_fit(task, losses[0].name, network.outputs, dataset, network.spread)
        return
    require_columns(network, dataset)
    targets = task.targets(dataset.labels, network.outputs)
    for loss, output in zip(losses, outputs, strict=True):
        _require_output_fits(loss, output, targets[:, output.columns])


def require_columns(network: Network, dataset: Dataset) -> None:
    """Refuse other label columns than one for each number of a network's several outputs.

    Raises:
        Refused: the sentence says which the outputs want.
    """
    columns = dataset.labels.shape[1]
    if len(network.graph.outputs) > 1 and columns not in (0, network.outputs):
        each = ", ".join(f"{shorten(one.name, 20)} {prod(one.shape):,}" for one in network.each_output)
        raise Refused(
            f"expected {_labels(network.outputs)} a row, one for each number of the model's outputs in their order "
            f"({each}), got {columns:,}; name these columns (--labels; in the dialog: label columns)"
        )


def _require_output_fits(loss: Loss, output: Output, labels: AnyArray) -> None:
    """Refuse labels of one of several outputs that are none for its loss."""
    whose = f"the output {shorten(output.name, 20)}"
    if loss.labels is Labels.CLASSES:
        raise Refused(
            f"{loss.name} wants class numbers, and {whose} has a label column for each class: "
            "categorical_crossentropy takes these"
        )
    if loss.labels is Labels.ONE_HOT and output.shape[-1] == 1:
        raise Refused(f"{loss.name} wants an output for each class, and {whose} has 1: binary_crossentropy would do")
    low, high = float(labels.min()), float(labels.max())
    largest = np.inf if loss.name in NONNEGATIVE else 1.0
    truths = loss.labels is not Labels.BINARY or (low >= 0 and high <= largest)
    if not truths or (loss.labels is Labels.SIGNS and not np.isin(np.abs(labels), (0.0, 1.0)).all()):
        raise Refused(
            f"{loss.name} wants {loss.labels}, and those of {whose} go from {low:g} to {high:g}: mean_squared_error "
            "takes any numbers"
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
    require_metrics_of(recipe.metrics, label_kind(task))
    require_class_weights(task, recipe.class_weights)


def trains(state: State) -> bool:
    """Say whether a state's labels, loss, metrics, weights of classes and outputs fit together."""
    try:
        require_trains(state.task, state.recipe, state.model.network, state.dataset)
    except Refused:
        return False
    return True


def _require_numbers_fit(loss: Loss, dataset: Dataset) -> None:
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
                f"{loss.name} wants {wanted}, and the data's go from {low:g} to {high:g}: mean_squared_error would do"
            )
        case Labels.ONE_HOT if labels.shape[1] > 1:
            # Any row of as many numbers as there are outputs is one that Keras calculates with.
            return
    raise Refused(f"{loss.name} wants {loss.labels}, and the data's are numbers: mean_squared_error would do")


def labels_taken_otherwise(task: Task) -> str:
    """Return why Keras's number would be another for the labels as they are in a file, "" if it would not."""
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
    if not isinstance(task, Classes) or not task.values:
        return ""
    if not task.sparse:
        return "one-hot"
    return "" if task.values == tuple(range(len(task.values))) else f"0 to {len(task.values) - 1}"


def usual_loss(task: Task) -> str:
    """Return the loss that is taken for a task where none is named."""
    match task:
        case Binary():
            return "binary_crossentropy"
        case Classes():
            return "sparse_categorical_crossentropy" if task.values else "categorical_crossentropy"
        case Numbers():
            return "mean_squared_error"
    return "hinge"


def label_kind(task: Task) -> Labels:
    """Return what the labels that Keras gets are."""
    match task:
        case Signs():
            return Labels.SIGNS
        case Binary():
            return Labels.BINARY
        case Classes(sparse=sparse):
            return Labels.CLASSES if sparse else Labels.ONE_HOT
    return Labels.NUMBERS
