"""What a change of weights does: the prediction for a point, what all are worth to their labels, who changed side."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property, partial
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from core.calculation.penalties import Penalty, activity_penalties, weight_penalties
from core.calculation.running import in_pieces, in_rows, predict, rows_at_once, unmasked
from core.chunks import Pause, go_on, pieces
from core.data.dataset import MAX_NUMBERS, Dataset, fresh
from core.errors import Refused
from core.losses.batches import KERAS_BATCH, evaluated_outputs
from core.losses.logits import compared
from core.model.network import require_loss, with_length
from core.tasks import Answers, Classes, NoLabels, Numbers, Several
from core.tasks.fitting import require_fits, require_scored

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    from jaxtyping import Bool, Float, Int

    from core.arrays import AnyArray, Array, KerasArray
    from core.losses import Loss
    from core.model.network import Network
    from core.model.weights import Weights
    from core.session.state import State
    from core.tasks import Binary, Scores, Signs, Task
    from core.training.recipe import Recipe

FRESH_POINTS = 200
"""How many new points the tutorial tests its always-right model on."""

ROWS = 1 << 12
"""How many predictions are compared with their labels at once, as the engine has Keras evaluate them.

It keeps the screen waiting for a millisecond at most. A loss that depends on how many rows make a batch is of Keras's
own number of them.
"""


@dataclass(frozen=True, eq=False)
class Worth:
    """What the predictions for some labelled points are worth: their scores, and the loss that ``evaluate`` gives.

    ``penalties`` are what regularizers add to it. There is no loss where the labels are none for it.
    """

    scores: Scores
    loss: float | None
    penalties: tuple[Penalty, ...] = ()


class Became(StrEnum):
    """What a point that changed side is now; an output that answers nothing is wrong before and after."""

    RIGHT = "became right"
    WRONG = "became wrong"
    STILL_WRONG = "is still wrong"


class Side(NamedTuple):
    """One row of the data set, counted from 0, its label in words, and the output that answered before and after.

    ``answers`` are the places of the classes that were answered before and after, -1 for none.
    """

    row: int
    label: str
    before: float
    after: float
    answers: tuple[int, int]
    became: Became


@dataclass(frozen=True, eq=False)
class Answered:
    """What every row of the data is answered: the place of a class, or -1, and the output that says so, in float32."""

    task: Signs | Binary | Classes
    places: Int[npt.NDArray[np.int64], "rows"]
    values: Float[KerasArray, "rows"]


@dataclass(frozen=True, eq=False)
class Sides:
    """The ``rows`` of the data set that changed side, in their order, and what all rows were answered before and after.

    So many of them became ``right``, so many ``wrong``; the others are wrong before and after.
    """

    dataset: Dataset
    before: Answered
    after: Answered
    rows: Int[npt.NDArray[np.int64], "rows"]
    right: int
    wrong: int

    def __len__(self) -> int:
        return len(self.rows)

    def at(self, place: int) -> Side:
        """Return the row at ``place`` among those that changed side."""
        row, task = int(self.rows[place]), self.after.task
        label = self.dataset.labels[row]
        wanted = int(task.places(label[np.newaxis])[0])
        old, new = (int(one.places[row]) for one in (self.before, self.after))
        became = Became.RIGHT if new == wanted else Became.WRONG if old == wanted else Became.STILL_WRONG
        outputs = float(self.before.values[row]), float(self.after.values[row])
        return Side(row, task.label_text(label), *outputs, (old, new), became)


@dataclass(frozen=True, eq=False)
class Effect:
    """The consequences of one version of the weights.

    ``task`` is what labels and outputs mean, ``answers`` what the rows of the data set are answered by it, if they are;
    ``predicted`` what is predicted for them where labels are numbers; ``data`` are the scores of all rows, ``training``
    and ``validation`` of those that the recipe trains on and validates with; ``validation`` is None without a split.
    Where the split leaves no points on one side, nothing can be trained: ``training`` is of all points, and is not
    ``divided``. All of them are None where the labels don't fit the model. Where there are no other points than the
    data, as of a file, none are ``fresh``. ``loss`` is the recipe's loss by Keras's name, or those of several outputs.
    ``sides`` says which rows changed side since the weights before, if that is known.

    Of a model with several outputs there is the ``largest`` of them for every row, in float32 and the first of equal
    ones, -1 where one is not a number; and for how many rows it has ``moved`` since the weights before. Predicted
    numbers, and those of a model of several outputs, have ``changed`` by so much at most.
    """

    version: int
    prediction: Float[Array, "outputs"]
    dataset: Dataset
    task: Task
    answers: Answered | None
    predicted: Float[KerasArray, "rows outputs"] | None
    loss: str
    data: Scores | None
    training: Worth | None
    validation: Worth | None
    fresh: Worth | None
    fresh_data: Dataset | None
    sides: Sides | None = None
    largest: Int[npt.NDArray[np.int64], "rows"] | None = None
    moved: int | None = None
    changed: float | None = None
    divided: bool = True


def measure(
    network: Network, weights: Weights, dataset: Dataset, x: Array, recipe: Recipe, task: Task, pause: Pause = go_on
) -> Effect:
    """Return what ``weights`` predict for ``x``, and how they do on the data set and on fresh points of its rule.

    The rows are taken some at a time, with a ``pause`` before each of them.
    """
    new = fresh(dataset.origin, min(FRESH_POINTS, max(1, MAX_NUMBERS // max(1, dataset.inputs))))
    split, divided = _training_points(recipe, len(dataset))
    made_of = partial(_made, network, weights, task, _losses_for(task, recipe, network, dataset), pause)
    made, of_new = made_of(dataset), None if new is None else made_of(new)
    outputs = made.outputs if made is not None and made.fits else None
    training = None if made is None else made.worth(slice(split))
    validation = None if made is None else made.worth(slice(split, None))
    return Effect(
        version=weights.version,
        prediction=predict(network, weights, np.asarray(x)[np.newaxis])[0],
        dataset=dataset,
        task=task,
        answers=None if outputs is None else _answered(task, outputs),
        predicted=outputs if isinstance(task, Numbers | Several) else None,
        loss=" + ".join(dict.fromkeys(loss.name for loss in recipe.losses(len(network.each_output)))),
        data=None if made is None else made.scores((training, validation)),
        training=training,
        validation=validation,
        fresh=None if of_new is None else of_new.worth(slice(None)),
        fresh_data=new,
        largest=None if made is None or network.outputs < 2 else largest_output(made.outputs),
        divided=divided,
    )


def _losses_for(task: Task, recipe: Recipe, network: Network, dataset: Dataset) -> tuple[Loss, ...]:
    """Return the recipe's loss of each output, if the labels are some for it."""
    losses = recipe.losses(len(network.each_output))
    try:
        require_fits(task, losses, network, dataset)
        require_loss(network)
    except Refused:
        return ()
    return losses


def _answered(task: Task, outputs: Float[KerasArray, "rows outputs"]) -> Answered | None:
    if isinstance(task, Numbers | NoLabels | Several) or task.columns > 1:
        return None
    places = task.answers(outputs)
    said = np.maximum(places, 0) if isinstance(task, Classes) else np.zeros(len(outputs), dtype=np.int64)
    return Answered(task, places, outputs[np.arange(len(outputs)), said])


def measure_change(state: State, pause: Pause = go_on) -> tuple[Effect, Effect | None]:
    """Return what the model's weights do, and what those before the last step do with the same data, x and recipe.

    The second is None where there was no step, or the model before can't be run over x.
    """
    model, before = state.model, state.before
    now = measure(model.network, model.weights, state.dataset, state.x, state.recipe, state.task, pause)
    network = None if before is None else with_length(before.network, state.x.size)
    if before is None or network is None or network.inputs != state.x.size:
        return now, None
    task = replace(state, model=before).task
    earlier = measure(network, before.weights, state.dataset, state.x, state.recipe, task, pause)
    changed = largest_change(earlier, now)
    return replace(now, sides=sides(earlier, now, pause), moved=moved(earlier, now), changed=changed), earlier


MEASURED = attrgetter("model.weights", "dataset", "x", "before", "recipe")
"""What of a state :func:`measure_change` goes by."""


def may_differ(before: State, after: State) -> bool:
    """Return whether what :func:`measure_change` says of two states may differ."""
    return any(old is not new for old, new in zip(MEASURED(before), MEASURED(after), strict=True))


def _training_points(recipe: Recipe, points: int) -> tuple[int, bool]:
    """Return how many of ``points`` are trained on; all of them, and False, if they are too few to be split."""
    try:
        return recipe.training_points(points), True
    except Refused:
        return points, False


@dataclass(frozen=True, eq=False)
class _Made:
    """What a network makes of the points of ``dataset``, in float32 as Keras has it, and what ``evaluate`` takes.

    ``of_loss`` is what ``losses``, one for each output if there are some, are calculated of: the outputs, or z where
    Keras looks under the last activation. A mask may leave out what is not ``kept``. Whether labels can be held against
    the outputs says ``fits``; else they are worth nothing.
    """

    network: Network
    weights: Weights
    dataset: Dataset
    task: Task
    losses: tuple[Loss, ...]
    pause: Pause
    fits: bool
    outputs: Float[KerasArray, "points outputs"]
    of_loss: Float[KerasArray, "points outputs"]
    kept: Bool[npt.NDArray[np.bool_], "points outputs"] | None

    @cached_property
    def _of_weights(self) -> tuple[Penalty, ...]:
        return weight_penalties(self.network, self.weights)

    def _judged(self, rows: slice) -> Scores:
        kept = None if self.kept is None else self.kept[rows]
        return self.task.judged(self.outputs[rows], self.dataset.labels[rows], kept)

    def scores(self, parts: Sequence[Worth | None]) -> Scores | None:
        """Return the scores of all rows: those of the parts together, but for errors, as their baselines are others."""
        if self.fits and isinstance(self.task, Numbers | Several):
            return self._judged(slice(None))
        answers = [part.scores for part in parts if part is not None and isinstance(part.scores, Answers)]
        return Answers.joined(answers) if answers else None

    def worth(self, rows: slice) -> Worth | None:
        """Return what the predictions of ``rows`` are worth; their loss is what Keras's ``evaluate`` gives."""
        start, stop, _ = rows.indices(len(self.outputs))
        if not self.fits or start == stop:
            return None
        answers, total = list[Answers](), 0.0
        with np.errstate(all="ignore"):
            for piece in pieces(stop - start, self.pause, ROWS):
                part = slice(start + piece.start, start + piece.stop)
                if not isinstance(self.task, Numbers | Several):
                    judged = self._judged(part)
                    assert isinstance(judged, Answers)
                    answers.append(judged)
                total += self._loss(part) * (part.stop - part.start)
            of_outputs = activity_penalties(self.network, self.weights, self.dataset.points[rows], self.pause)
        penalties = (*self._of_weights, *of_outputs)
        added = sum(one.value for one in penalties)
        scores = Answers.joined(answers) if answers else self._judged(rows)
        return Worth(scores, total / (stop - start) + added if self.losses else None, penalties)

    def _loss(self, rows: slice) -> float:
        """Return the loss of some rows without regularizers; 0 where there is none."""
        if not self.losses:
            return 0.0
        wanted = self.task.targets(self.dataset.labels[rows], self.network.outputs).astype(np.float64)
        by_batch = self.kept is not None or any(loss.by_batch for loss in self.losses)
        of_loss, size = self.of_loss[rows].astype(np.float64), KERAS_BATCH if by_batch else ROWS
        kept = None if self.kept is None else self.kept[rows]
        return evaluated_outputs(self.losses, self.network.each_output, wanted, of_loss, None, size, kept)


def _made(
    network: Network, weights: Weights, task: Task, losses: tuple[Loss, ...], pause: Pause, dataset: Dataset
) -> _Made | None:
    """Return what a network makes of data; None if it can't be run, or its one output has no labels that fit."""
    points, fits = dataset.points, True
    try:
        require_scored(task, network.outputs, network.spread)
    except Refused:
        fits = False
    if points.shape[1] != network.inputs or network.written.stops or not (fits or network.outputs > 1):
        return None
    of_z, before = compared(network, losses)
    outputs = np.empty((len(points), network.outputs), dtype=np.float32)
    of_loss = outputs if before == network.written.outputs else np.empty_like(outputs)
    end, wanted = len(network.written.outputs), (*network.written.outputs, *before)
    for piece, made in in_pieces(network, weights, wanted, points, pause, rows_at_once(network)):
        with np.errstate(all="ignore"):
            outputs[piece] = in_rows(made[:end], piece.stop - piece.start)
            of_loss[piece] = in_rows(made[end:], piece.stop - piece.start)
    outputs.setflags(write=False)
    kept = unmasked(network, weights, points)
    return _Made(network, weights, dataset, task, of_z, pause, fits, outputs, of_loss, kept)


# What is otherwise than before


def sides(before: Effect, after: Effect, pause: Pause = go_on) -> Sides | None:
    """Return which rows changed side between two effects; None where they are not of the same data, or have no sides.

    The rows are compared some at a time, with a ``pause`` before each of them.
    """
    old, new = before.answers, after.answers
    if before.dataset is not after.dataset or before.task.name != after.task.name or old is None or new is None:
        return None
    right, wrong, parts = 0, 0, []
    for piece in pieces(len(new.places), pause):
        old_places, new_places = old.places[piece], new.places[piece]
        changed = np.flatnonzero(old_places != new_places)
        wanted = new.task.places(after.dataset.labels[piece][changed])
        right += int(np.count_nonzero(new_places[changed] == wanted))
        wrong += int(np.count_nonzero(old_places[changed] == wanted))
        parts.append(changed + piece.start)
    return Sides(after.dataset, old, new, np.concatenate(parts), right, wrong)


def largest_output(predictions: Float[AnyArray, "rows outputs"]) -> Int[npt.NDArray[np.int64], "rows"]:
    """Return which output of each row is the largest in float32, the first of equal ones; -1 where one is not a number.

    A model with several outputs is commonly read so: the largest is the class that it answers.
    """
    with np.errstate(over="ignore"):
        values = predictions.astype(np.float32)
    return np.where(np.isnan(values).any(axis=1), -1, values.argmax(axis=1))


def largest_change(before: Effect, after: Effect) -> float | None:
    """Return by how much what is predicted differs at most; NaN where a number is none.

    None where data, outputs or task are not the same, or labels are no numbers.
    """
    old, new = before.predicted, after.predicted
    if before.dataset is not after.dataset or old is None or new is None or old.shape != new.shape:
        return None
    with np.errstate(all="ignore"):
        return float(np.abs(new.astype(np.float64) - old).max(initial=0.0))


def moved(before: Effect, after: Effect) -> int | None:
    """Return for how many rows another output is the largest; None where data or outputs are not the same."""
    if before.dataset is not after.dataset or before.prediction.size != after.prediction.size:
        return None
    if before.largest is None or after.largest is None:
        return None
    return int(np.count_nonzero(before.largest != after.largest))
