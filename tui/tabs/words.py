"""Numbers as the sentences and small tables that more than one tab shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.cells import cell_width, padded
from core.errors import shorten
from core.formatting import count
from core.model.layers_text import shape_text
from core.model.network import times
from core.model.own_inputs import own_in_words
from core.names import told_apart
from core.tasks import Answers, Errors, NoLabels, OfOutputs, Signs
from core.tasks.words import head_of_none
from core.training.keras_metrics import metric_name
from core.training.options import as_typed
from tui.keras_status import Keras

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.session.state import Model, Run, State
    from core.tasks import Scores


def point_as_typed(x: Iterable[float]) -> str:
    """Return a point as it is typed."""
    return ", ".join(f"{as_typed(value):.9g}" for value in x)


def share(value: float) -> str:
    """Return an accuracy in three decimal places, as Keras's progress lines have it."""
    return f"{value:.3f}"


MOST_CLASSES = 6
"""Classes of a confusion matrix that is drawn whole; of more there are the commonest mistakes."""

MISTAKES = 3
"""And so many of these."""


def scores_table(scores: Scores, width: int = 15) -> list[str]:
    """Return scores as lines: what is right beside its baseline, and the confusion matrix; or errors beside theirs."""
    if isinstance(scores, OfOutputs):
        return [line for name, one in scores.parts for line in _of_output(name, one)]
    if isinstance(scores, Errors):
        return [
            f"{'mean abs. error':<{width}} {scores.mean_absolute_error:.4g}",
            f"{'always median':<{width}} {scores.baseline:.4g}",
            f"{'mean sq. error':<{width}} {scores.mean_squared_error:.4g}",
            f"{'always mean':<{width}} {scores.baseline_squared:.4g}",
            f"{'R2':<{width}} {scores.r2:.4g}",
        ]
    always = told_apart(scores.classes, width - len("always "))[scores.baseline_class]
    lines = [f"always {padded(always, width - len('always '))} {share(scores.baseline)}   majority baseline"]
    if scores.binary_accuracy is not None:
        lines.append(f"binary_accuracy {share(scores.binary_accuracy)}   Keras's own")
    if scores.left_out:
        lines.append(f"{'left out':<{width}} {scores.left_out:,}   counted as wrong")
    return [*lines, *(mistakes(scores) if has_mistakes(scores) else confusion_table(scores))]


def _of_output(name: str, scores: Answers | Errors, width: int = 9) -> list[str]:
    """Return the scores of one of several outputs as two lines: what is right or off, above its baseline."""
    if isinstance(scores, Errors):
        found, always = f"{scores.mean_absolute_error:.4g} mean abs. error", f"{scores.baseline:.4g} always median"
    else:
        places = " places" if scores.counted == "place" else ""
        found = f"{share(scores.accuracy)} right, {scores.correct:,} of {scores.points:,}{places}"
        always = f"{share(scores.baseline)} always {told_apart(scores.classes, width)[scores.baseline_class]}"
    return [f"{padded(shorten(name, width), width)} {found}", f"{'':<{width}} {always}"]


def has_mistakes(scores: Scores) -> bool:
    """Return whether there are mistakes in the table in place of a whole confusion matrix."""
    return isinstance(scores, Answers) and len(scores.classes) > MOST_CLASSES


def class_heads(names: tuple[str, ...], beside: int, above: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what stands beside and above a table of classes, in so many columns each.

    Names are whole above it, or the numbers that stand for them beside it.
    """
    if all(cell_width(name) <= above for name in names):
        whole = told_apart(names, above)
        return whole, whole
    numbers = tuple(f"{place}" for place in range(len(names)))
    return tuple(f"{number} {name}" for number, name in zip(numbers, told_apart(names, beside), strict=True)), numbers


def confusion_table(answers: Answers) -> list[str]:
    """Return the confusion matrix as lines: a row for each class of the labels, a column for each answer."""
    names, heads = class_heads(answers.classes, 10, 5)
    signs = answers.classes == Signs.classes
    # Whatever answers nothing stands between the two signs, where 0 is.
    order = [0, 2, 1] if signs else [*range(len(names)), len(names)]
    heads = (*heads, head_of_none(answers))
    columns = [place for place in order if place < len(names) or answers.confusion[:, place].any()]
    head = "".join(f"{heads[place]:>6}" for place in columns)
    numbered = heads[0] != names[0]
    rows = [
        padded(f"  {name}" if numbered else f"  label {name}", 15)
        + "".join(f"{answers.confusion[row, place]:>6,}" for place in columns)
        for row, name in enumerate(names)
    ]
    words = "predicted sign" if signs else "label, answered" if numbered else "answered"
    return [f"{words:<15}{head}", *rows]


def mistakes(answers: Answers) -> list[str]:
    """Return the commonest mistakes, where there are too many classes for a matrix."""
    wrong = answers.confusion.copy()
    np.fill_diagonal(wrong, 0)
    commonest = np.argsort(wrong, axis=None)[::-1][:MISTAKES]
    names = [*told_apart(answers.classes, 16), "nothing"]
    lines = [
        f"  {wrong[row, place]:,} of {answers.confusion[row].sum():,} with label {names[row]}: answered {names[place]}"
        for row, place in (np.unravel_index(one, wrong.shape) for one in commonest)
        if wrong[row, place]
    ]
    return ["commonest mistakes (C: all of them):", *lines] if lines else ["no mistakes"]


def counted(state: State) -> str:
    """Return the column of ``History`` that is drawn beside the loss; of several outputs it is the first one's."""
    if isinstance(state.task, NoLabels):
        return ""
    return state.task.metric


def more_numbers(state: State) -> list[str]:
    """Return the numbers of the epoch shown beside the usual ones, a line each: what a recipe asks for.

    Of several outputs there is the loss of each, and all that is counted of it.
    """
    run, lines = state.model.run, list[str]()
    if run is None:
        return lines
    epoch = run.epochs if state.model.epoch is None else state.model.epoch
    if run.recipe.schedule is not None:
        rate = run.recipe.learning_rate_after(epoch, len(state.dataset))
        lines.append(f"learning rate   {rate:.4g} after epoch {epoch:,}")
    asked = {metric_name(entry): entry for entry in run.recipe.metrics}
    if len(state.model.network.graph.outputs) > 1:
        names = (name for name in run.history.columns if name != "loss" and not name.startswith("val_"))
        asked = {name: name for name in sorted(names, key=lambda name: not name.endswith("_loss"))}
    for name, entry in asked.items():
        told = [(run.history[f"{prefix}{name}"], words) for prefix, words in (("", ""), ("val_", ", val. "))]
        values = [f"{words}{column[epoch - 1]:.4g}" for column, words in told if 0 < epoch <= len(column)]
        lines += [f"{entry} {''.join(values)}"] if values else []
    return lines


def duration(seconds: float) -> str:
    """Return a time as minutes and seconds, or as seconds if it is short."""
    if seconds < 1:
        return f"{1000 * seconds:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d} min"


def progress_line(model: Model, total: int, keras: Keras, waits: bool = False) -> str:
    """Return how far a training is and how long it will take, or how it ended, or what to press.

    ``waits`` says that one begins once Keras is ready.
    """
    run = model.run
    if waits:
        return f"Keras is {keras}; it trains then (space or esc: don't)"
    if run is None:
        return "space trains" if keras is Keras.READY else f"Keras is {keras}; space trains once it is ready"
    if run.paused is not None:
        batch = f", batch {run.paused.batch:,} of {run.paused.batches:,}" if run.paused.batch else ""
        return f"after epoch {run.paused.epoch:,}{batch}: space goes on, x ends it"
    if run.running:
        if run.waits:
            return f"epoch {run.epochs:,} of {total:,}, compiling, {run.compiling:.0f} s so far; space stops"
        if not run.epochs:
            return f"epoch 0 of {total:,}, starting; space stops"
        left = (run.seconds - run.compiling) / run.epochs * (total - run.epochs)
        return f"epoch {run.epochs:,} of {total:,}, {duration(left)} left; space stops"
    shown = "" if model.epoch is None else f"epoch {model.epoch:,} of "
    by = f" by {run.method}" if run.method else ""
    return f"{shown}{run.epochs:,} in {duration(run.seconds)}{by}; [ ] move"


def kept_line(run: Run) -> str:
    """Return why a rule ended a training, what is left of one that was stopped, and how much of it is kept.

    In a line of its own if it can be: of one that a rule ended it is said how much is kept only where it is not all.
    """
    every = run.epochs + 1
    whole = len(run.kept) == every
    few = f" (one in {run.kept.stride:,}, the first, the last and the best)" if run.kept.stride > 1 else ""
    kept = f"{len(run.kept):,}{'' if whole else f' of {every:,}'} epochs kept{few}"
    kept = f"{kept}, {size(run.kept.bytes)} of {size(run.kept.budget)}"
    if not run.stopped:
        return f"{run.reason}. {kept}" if run.reason else kept
    # A rule may end it again, at the first epoch perhaps.
    most = "up to " if run.recipe.patience or run.recipe.target else ""
    left = f"{most}{run.epochs_left:,} more"
    if not run.reason:
        return f"{kept}; stopped: o trains {left}" if run.epochs_left else f"{kept}; stopped"
    said = f"{run.reason}; o trains {left}" if run.epochs_left else run.reason
    return said if whole else f"{said}. {kept}"


def size(amount: int) -> str:
    """Return an amount of memory in the unit that suits it."""
    if amount < 1 << 10:
        return f"{amount} B"
    return f"{amount / (1 << 10):.0f} kB" if amount < 1 << 20 else f"{amount / (1 << 20):.0f} MB"


def epoch_shown(state: State) -> str:
    """Return which epoch's weights are shown, of how many."""
    run, epoch = state.model.run, state.model.epoch
    if run is None:
        return ""
    if run.paused is not None:
        epoch = run.paused.epoch
    shown = run.epochs if epoch is None and run.running else epoch
    return f"epoch {'changed' if shown is None else f'{shown:,}'}/{run.recipe.epochs:,}"


def begun_anew(before: State, now: State) -> str:
    """Return what has become of the model when data were taken, "" if it is the same one."""
    network, inputs = now.model.network, before.model.network.inputs
    if network.config == before.model.network.config and network.inputs != inputs:
        read = " and ".join(times(shape) for shape in network.input_shapes)
        return f"Each row of {count(network.inputs, 'number')} is read as {read}; the model is the same."
    layers = shape_text(network)
    if now.recipe.loss != before.recipe.loss or layers != shape_text(before.model.network):
        return f"The model is a new one that can answer these labels: {layers}; {now.recipe.loss}."
    if network.inputs != inputs:
        return f"The model had {count(inputs, 'input')}: its layers begin anew over {network.inputs:,}."
    return ""


def in_this_file(notes: tuple[str, ...], state: State) -> tuple[str, ...]:
    """Return what is to be told of a file that was opened: its notes, and that the data are for another model."""
    own = state.model.own_point
    x = f" x is {own_in_words([own])}." if np.array_equal(state.x, own) else ""
    return notes if state.fits else (*notes, f"{state.misfit}{x}")
