"""byhand evaluate: how often a model's answer is right, or how far off it is, beside what Keras itself says."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import partial
from math import isfinite
from typing import TYPE_CHECKING, Any

from tui.headless.data import data_json, data_of_file, data_text, split_json, split_text
from tui.headless.how_far import reading
from tui.headless.making import maker_of
from tui.headless.output import note, scores_json, scores_text, write, write_json
from tui.headless.usage import usage

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Collection
    from contextlib import AbstractContextManager
    from pathlib import Path

    from core.calculation.penalties import Penalty
    from core.data.dataset import Dataset
    from core.engine.client import EngineClient
    from core.engine.protocol import Evaluated
    from core.losses import Loss
    from core.model.files.opening import OpenedModel
    from core.model.network import Network
    from core.tasks import Answers, Scores, Task, TaskName
    from core.training.recipe import Recipe

SETTINGS = ("points", "seed", "threshold", "noise", "classes", "size")
"""The settings of a maker that are options here."""

MAX_FAILURES = 10
"""How many wrong points the text form lists; the JSON form has them all."""

NAN_LOST = "Keras has a loss all the same: compiled, its relu and its like make another number of NaN."
"""Said where outputs are NaN and Keras's numbers are none."""


def run(arguments: Namespace) -> int:
    """Open the model, take or make the data, compare answers with labels, and ask Keras for its metrics."""
    from core.engine.client import EngineClient
    from core.losses import losses_named
    from core.model.files.opening import open_model
    from core.model.network import with_length
    from core.tasks import TaskName

    model = reading(arguments.model, open_model)
    dataset, split = _data(arguments, model.network), arguments.validation_split
    model = replace(model, network=with_length(model.network, dataset.inputs))
    chosen = None if arguments.task is None else TaskName(arguments.task)
    with usage():
        told = None if split is None else split_text(dataset, split)
        named = None if arguments.loss is None else losses_named(arguments.loss, len(model.network.graph.outputs))
    # Of a loss or a task that was named it is the naming that doesn't fit.
    with usage() if named or chosen else nullcontext():
        judged = judge(model, dataset, EngineClient, named, chosen)
    note(model.notes)
    if arguments.json:
        held = {} if split is None else {"split": split_json(dataset, split)}
        write_json(_json(judged, arguments.data) | held)
    else:
        write(_text(judged, told, model.network.whole_columns))
    return 0


@dataclass(frozen=True, eq=False)
class Judged:
    """What a model is worth on data: its scores, and what Keras gave, or why it would not be Keras's number.

    ``penalties`` are what regularizers add to a loss of these data.
    """

    dataset: Dataset
    task: Task
    scores: Scores
    losses: tuple[Loss, ...]
    penalties: tuple[Penalty, ...]
    keras: Evaluated | None
    why: str


def judge(
    model: OpenedModel,
    dataset: Dataset,
    engine: Callable[[], AbstractContextManager[EngineClient]],
    named: tuple[Loss, ...] | None = None,
    chosen: TaskName | None = None,
) -> Judged:
    """Return what ``model`` is worth on ``dataset`` by the losses ``named`` for its outputs, else by those of its file.

    Raises:
        Refused: the labels are none that its outputs can be held against.
    """
    import numpy as np

    from core.calculation.penalties import all_penalties
    from core.calculation.running import predict, unmasked
    from core.errors import Refused
    from core.model.network import require_loss
    from core.tasks import task_of
    from core.tasks.fitting import require_columns, require_scored

    require_loss(model.network)
    outputs, several = model.network.outputs, len(model.network.each_output)
    own = model.recipe.losses(several) if model.recipe else ()
    losses = own if named is None else named
    if named is not None and own:
        # Its own loss, named again, has its own settings.
        losses = tuple(held if held.name == loss.name else loss for loss, held in zip(named, own, strict=True))
    require_columns(model.network, dataset, losses)
    task = task_of(dataset, model.network, losses, chosen)
    require_scored(task, outputs, model.network.spread)
    with np.errstate(all="ignore"):
        predictions = predict(model.network, model.weights, dataset.points).astype(np.float32)
        penalties = all_penalties(model.network, model.weights, dataset.points)
        kept = unmasked(model.network, model.weights, dataset.points)
    judged = partial(Judged, dataset, task, task.judged(predictions, dataset.labels, kept), losses, penalties)
    why = _why_not(model, dataset, task, losses)
    if not losses or why:
        return judged(None, why)
    metrics = _metrics(model.recipe, task, losses, own)
    try:
        with engine() as client:
            return judged(_ask_keras(client, model, dataset, task, losses, metrics), "")
    except Refused as refusal:
        return judged(None, f"Keras refused: {refusal}")


def _metrics(
    recipe: Recipe | None, task: Task, losses: tuple[Loss, ...], own: tuple[Loss, ...]
) -> tuple[tuple[str, ...], ...]:
    """Return the metrics that Keras is asked for of each output: all that the file is compiled with, of another loss
    those that fit.

    Beside a loss of signs, or of 0 and 1, there is always binary_accuracy, but for labels that are numbers.
    """
    from core.losses import Labels
    from core.tasks.fitting import label_kinds
    from core.training.keras_metrics import fits_kind, metric_name

    each = [()] * len(losses) if recipe is None else recipe.metrics_of_each(len(losses))
    found = []
    for loss, kind, entries in zip(losses, label_kinds(task), each, strict=True):
        kept = tuple(one for one in entries if any(loss is held for held in own) or fits_kind(one, kind))
        counted = loss.labels in (Labels.SIGNS, Labels.BINARY) and kind is not Labels.NUMBERS
        always = ("binary_accuracy",) if counted else ()
        found.append((*(name for name in always if name not in map(metric_name, kept)), *kept))
    return tuple(found)


def _why_not(model: OpenedModel, dataset: Dataset, task: Task, losses: tuple[Loss, ...]) -> str:
    """Return why what Keras would be asked is not what ``model.evaluate`` gives, or "" if it is."""
    from core.errors import Refused
    from core.tasks.fitting import labels_taken_otherwise, require_fits, usual_loss

    if not losses and model.not_followed:
        return f"something of the file is not followed, so that Keras's loss is another: {model.not_followed[0]}"
    if not losses:
        return f"the file names no loss that is followed here: --loss names one, such as --loss {usual_loss(task)}"
    try:
        require_fits(task, losses, model.network, dataset)
    except Refused as refusal:
        return str(refusal)
    if taken := labels_taken_otherwise(task):
        return taken
    if model.not_followed:
        return f"something of the file is not followed, so that Keras's loss is another: {model.not_followed[0]}"
    return ""


def _data(arguments: Namespace, network: Network) -> Dataset:
    """Return the data of a file, or made ones, that fit the model, whose length may not be fixed.

    Raises:
        Refused: neither is asked for, or they don't fit.
    """
    from core.data.checks import require_inputs
    from core.data.dataset import generate, usual_threshold
    from core.data.makers import MAKERS
    from core.errors import Refused
    from core.model.network import with_length

    if all(getattr(arguments, name) is None for name in ("data", "make", *SETTINGS)):
        with usage():
            raise Refused("expected data to evaluate the model on: name a file (--data) or make some (--make sum)")
    dataset, inputs = data_of_file(arguments, ("make", *SETTINGS), network.graph), network.inputs
    if dataset is None:
        usual = {"inputs": inputs, "threshold": usual_threshold(inputs), "seed": 1}
        if not MAKERS[arguments.make or "sum"].fixed:
            usual["points"] = 200
        dataset = generate(maker_of(arguments, {name: name for name in SETTINGS}, usual))
    require_inputs(dataset, with_length(network, dataset.inputs).inputs)
    return dataset


def _ask_keras(
    engine: EngineClient,
    model: OpenedModel,
    dataset: Dataset,
    task: Task,
    losses: tuple[Loss, ...],
    metrics: tuple[tuple[str, ...], ...],
) -> Evaluated:
    from core.engine.protocol import Evaluate, Evaluated, SetWeights, Tensor, to_tensors
    from core.engine.reading import reading_of
    from core.errors import Refused

    version = model.weights.version
    points, labels = Tensor.of(dataset.points), Tensor.of(task.targets(dataset.labels, model.network.outputs))
    engine.ask(SetWeights(1, version, model.network, to_tensors(model.weights.layers)))
    by_output = tuple((loss.name, loss.given) for loss in losses)
    name, given = by_output[0]
    asked = Evaluate(2, version, points, labels, name, reading_of(task), given, metrics, by_output)
    answer = engine.ask(asked)
    if not isinstance(answer, Evaluated):
        raise Refused(f"expected metrics from Keras, got {type(answer).__name__}")
    return answer


def _json(judged: Judged, file: Path | None) -> dict[str, Any]:
    from core.export.json_numbers import plain
    from core.tasks.fitting import labels_given

    data, keras = data_json(judged.dataset, file), judged.keras
    told: dict[str, Any] | None = None
    if keras is not None:
        told = {"loss": plain(keras.loss), **plain(keras.metrics), "batch_size": keras.batch_size}
        if given := labels_given(judged.task):
            told["labels"] = given
    return {
        **{name: value for name, value in data.items() if name != "inputs"},
        **scores_json(judged.task, judged.scores),
        "loss": _losses_json(judged),
        **({"regularizers": plain(dict(judged.penalties))} if judged.penalties else {}),
        "keras": told,
        **({"why": judged.why} if keras is None else {}),
        **_in_file(judged),
    }


def _losses_json(judged: Judged) -> str | dict[str, str] | None:
    """Return the name of the loss, of several outputs each one's by the output's name."""
    from core.tasks import Several

    if not judged.losses:
        return None
    if isinstance(judged.task, Several):
        return {part.name: loss.name for part, loss in zip(judged.task.parts, judged.losses, strict=True)}
    return judged.losses[0].name


def _in_file(judged: Judged) -> dict[str, list[int]]:
    """Return the places in their file of the rows that failed, from 0 on, where some of it were left out."""
    from core.tasks import Answers

    rows, scores = judged.dataset.file_rows, judged.scores
    if rows is None or not isinstance(scores, Answers):
        return {}
    return {"failures_in_file": rows[scores.failures].tolist()}


def _text(judged: Judged, split: str | None, whole_columns: Collection[int]) -> str:
    from core.calculation.penalties import in_words
    from core.formatting import number
    from core.tasks import Answers
    from core.tasks.fitting import labels_given
    from core.tasks.words import how_it_is_read, unanswered_words

    task, scores, keras = judged.task, judged.scores, judged.keras
    if keras is None:
        told = f"Keras: not asked, {judged.why}"
    else:
        metrics = [_metric(*one) for one in keras.metrics.items()]
        given = f", labels given {given}" if (given := labels_given(task)) else ""
        told = f"Keras, {keras.batch_size:,} rows a batch{given}: {', '.join([f'loss {number(keras.loss)}', *metrics])}"
    lines = [data_text(judged.dataset), *([] if split is None else [split]), scores_text(scores), told]
    names = ", ".join(dict.fromkeys(loss.name for loss in judged.losses))
    if keras is not None and judged.penalties:
        alone = keras.loss - sum(one.value for one in judged.penalties)
        lines.append(f"loss {in_words(names, alone, judged.penalties, 4)}")
    lines.append(how_it_is_read(task, judged.losses))
    if unanswered := unanswered_words((scores,)):
        lines.append(unanswered)
    if scores.nan and keras is not None and isfinite(keras.loss):
        lines.append(NAN_LOST)
    failures = _failures(judged.dataset, task, scores, whole_columns) if isinstance(scores, Answers) else []
    return "\n".join([*lines, *failures]) + "\n"


def _metric(name: str, value: float) -> str:
    from core.formatting import number, percent

    return f"{name} {percent(value) if name.endswith('accuracy') else number(value)}"


def _failures(dataset: Dataset, task: Task, answers: Answers, whole_columns: Collection[int]) -> list[str]:
    """Return the wrong points, by their rows as the screens name them."""
    from core.formatting import DEFAULT_DIGITS, count, in_a_line

    written = answers.failures[:MAX_FAILURES]
    lines = ["", "Wrong:"] if len(written) else []
    for row in written:
        point = in_a_line(dataset.points[row, :MAX_FAILURES], DEFAULT_DIGITS, whole_columns)
        rest = ", ..." if dataset.inputs > MAX_FAILURES else ""
        lines.append(f"  {dataset.row_in_words(row)}: {point}{rest}   label {task.label_text(dataset.labels[row])}")
    if len(answers.failures) > len(written):
        lines.append(f"  and {count(len(answers.failures) - len(written), 'more point')}")
    return lines
