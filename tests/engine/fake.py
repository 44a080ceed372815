"""A stand-in for the engine process in tests: the same commands and events, NumPy instead of Keras, at once."""

from __future__ import annotations

import asyncio
import hashlib
from collections import deque
from math import prod
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from core.arrays import frozen
from core.calculation.penalties import all_penalties
from core.calculation.running import in_rows, layer_outputs, predict, ready_values, unmasked
from core.engine.checks import require_labels, require_points, require_shape, require_version, weights_to_train
from core.engine.protocol import (
    AskLoss,
    AskWeights,
    CallLayer,
    EpochMetrics,
    Evaluate,
    Evaluated,
    Failed,
    Held,
    LayerMade,
    Paused,
    Position,
    Predict,
    Predicted,
    Prepare,
    Prepared,
    Progress,
    Ready,
    Resume,
    RowLoss,
    SetWeights,
    Stop,
    Tensor,
    Train,
    Trained,
    TrainingWeights,
    to_arrays,
    to_tensors,
)
from core.engine.stopping import Judge
from core.engine.stream import go_on_from, stand_of
from core.errors import Refused
from core.losses import KERAS_LOSSES, losses_called
from core.losses.batches import KERAS_BATCH, evaluated_outputs, labels_of_each
from core.losses.logits import compared
from core.model.network import Network, require_trainable
from core.model.weights import Weights
from core.training.keras_metrics import always
from core.training.standing import Standing

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.arrays import Array, KerasArray
    from core.engine.protocol import Command, Event
    from core.engine.pulse import Pulse
    from core.engine.reading import Reading
    from core.losses import Loss
    from core.operations.operation import Shape

CHUNK = 10
"""Epochs told at a time, one ``Progress`` a turn of the event loop."""

METHOD = "fake"
"""What it says that ran."""

TRIES = 8
REACH = 0.1
"""An epoch tries this many steps, each array's numbers moved by about this much, and keeps what lowers the loss."""

_losses_known: dict[bytes, float] = {}
_worths_known: dict[bytes, EpochMetrics] = {}
"""What weights came to in the trainings of this process: a hundred tests train the same model with the same points."""


class FakeEngine:
    """Answers from the event loop, in order. ``pause_at`` is the epoch at which a training waits for ``resume``."""

    def __init__(
        self,
        on_event: Callable[[Event], None],
        on_gone: Callable[[], None] | None = None,
        pause_at: int | None = None,
    ) -> None:
        self.pause_at = pause_at
        self._on_event = on_event
        self._on_gone = on_gone
        self._commands: deque[Command] = deque()
        self._alive = self._scheduled = False
        self._held: tuple[int, Network, Weights] | None = None
        self._climb: _Climb | None = None
        self._paused: dict[int, _Climb] = {}

    async def start(self) -> None:
        """Become alive; ``Ready`` comes first."""
        if not self._alive:
            self._alive = True
            asyncio.get_running_loop().call_soon(self._post, Ready("fake", "fake"))
            self._wake()

    def send(self, command: Command) -> None:
        """Queue ``command``."""
        self._commands.append(command)
        self._wake()

    async def close(self) -> None:
        """Say nothing any more."""
        self._end()

    def pulse(self) -> Pulse | None:
        """Return nothing: there is no process to look at."""
        return None

    def die(self) -> None:
        """End as a killed process does: what was held and asked is lost, and ``on_gone`` is called."""
        self._end()
        if self._on_gone is not None:
            self._on_gone()

    def resume(self) -> None:
        """Let the training go on to its end."""
        self.pause_at = None
        self._wake()

    def _end(self) -> None:
        self._alive = False
        self._held = self._climb = None
        self._commands.clear()
        self._paused.clear()

    def _post(self, event: Event) -> None:
        if self._alive:
            self._on_event(event)

    def _wake(self) -> None:
        if self._alive and not self._scheduled:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._turn)

    def _turn(self) -> None:
        self._scheduled = False
        if not self._alive:
            return
        if self._climb is not None:
            self._train_on(self._climb)
        elif self._commands:
            self._serve(self._commands.popleft())
        if self._commands or self._climb is not None:
            self._wake_unless_paused()

    def _wake_unless_paused(self) -> None:
        if self._climb is None or self._climb.epoch != self.pause_at:
            self._wake()

    def _serve(self, command: Command) -> None:
        try:
            answer = self._answer(command)
        except Refused as error:
            answer = Failed(command.id, str(error))
        if answer is not None:
            self._post(answer)

    def _answer(self, command: Command) -> Event | None:
        match command:
            case SetWeights():
                weights = Weights.for_network(command.network, to_arrays(command.layers))
                self._held = (command.version, command.network, weights)
                return Held(command.id, command.version, to_tensors(weights.layers))
            case CallLayer():
                # A layer that doubles what it is given.
                return LayerMade(command.id, tuple(Tensor.of(2 * one.array()) for one in command.inputs))
            case Prepare():
                require_shape(command.network, command.points_shape)
                require_trainable(command.network)
                return Prepared(command.id, METHOD, 0.0)
            case Resume():
                self._climb = self._take(command.id)
                self._climb.until = command.until
                return None
            case Train():
                self._climb = _Climb(command, weights_to_train(command))
                return None
            case Stop():
                return _trained(self._take(command.id), stopped=True)
            case AskWeights():
                raise Refused("no training is running")
            case _:
                return self._answer_about_points(command)

    def _take(self, identity: int) -> _Climb:
        if identity not in self._paused:
            raise Refused("no training is running or paused under that number: it has ended, or gave way to newer ones")
        return self._paused.pop(identity)

    def _answer_about_points(self, command: Predict | Evaluate | AskLoss) -> Event:
        held, network, weights = self._held or (None, Network(""), Weights(()))
        require_version(held, command.version)
        if isinstance(command, AskLoss):
            return _loss_of_row(command, network, weights)
        points = command.points.array()
        require_points(network, points)
        if isinstance(command, Predict):
            layers = tuple(Tensor.of(made[0]) for made in layer_outputs(network, weights, points[:1]))
            return Predicted(command.id, command.version, Tensor.of(predict(network, weights, _wide(points))), layers)
        labels = command.labels.array()
        losses = _losses(command, network)
        require_labels(network, points, labels, losses)
        value = _loss(losses, network, weights, _wide(points), _wide(labels))
        outputs = predict(network, weights, _wide(points))
        metrics = _counted(command.reading.of_keras, network, losses, outputs, _wide(labels))
        return Evaluated(command.id, command.version, value, metrics, KERAS_BATCH)

    def _train_on(self, climb: _Climb) -> None:
        for command in [command for command in self._commands if isinstance(command, Stop | AskWeights)]:
            self._commands.remove(command)
            if isinstance(command, Stop):
                self._finish(climb, stopped=True)
                return
            self._post(TrainingWeights(command.id, climb.epoch, to_tensors(climb.weights.layers), climb.batch))
        if climb.epoch == self.pause_at:
            return
        until = min(climb.epoch + CHUNK, climb.goal.epoch)
        if self.pause_at is not None and climb.epoch < self.pause_at:
            until = min(until, self.pause_at)
        self._climb_epochs(climb, until)
        if climb.reason or climb.epoch == climb.epochs:
            self._finish(climb, stopped=False)
        elif climb.epoch >= climb.goal.epoch:
            climb.step_to(climb.goal.batch)
            self._climb, self._paused[climb.id] = None, climb
            self._post(climb.paused())

    def _climb_epochs(self, climb: _Climb, until: int) -> None:
        """Climb to the end of epoch ``until`` and tell it."""
        first, epochs, weights = climb.epoch + 1, [], []
        while climb.epoch < until and not climb.reason:
            epochs.append(climb.next_epoch())
            weights.append(climb.weights.layers)
        if epochs:
            stacks = [[np.stack(arrays) for arrays in zip(*layer, strict=True)] for layer in zip(*weights, strict=True)]
            numbers = tuple(range(first, climb.epoch + 1))
            told = to_tensors(stacks)
            self._post(Progress(climb.id, tuple(epochs), climb.seconds, METHOD, told, numbers, climb.ended))

    def _finish(self, climb: _Climb, *, stopped: bool) -> None:
        self._climb = None
        self._post(_trained(climb, stopped))


def _trained(climb: _Climb, stopped: bool) -> Trained:
    """Return a climb's end, with the best epoch's weights if a stop rule wants them."""
    early, best = stopped or climb.epoch < climb.epochs, climb.judge.best
    if best is None or stopped:
        last = to_tensors(climb.weights.layers)
        standing = climb.ended if early else None
        at = climb.epoch, climb.batch, standing
        return Trained(climb.id, last, climb.seconds, early, METHOD, climb.reason, 0.0, *at)
    reason = f"{climb.reason or 'the last epoch'}; the weights are the best epoch's, {best:,}"
    layers = to_tensors(climb.judge.best_weights.layers)
    return Trained(climb.id, layers, climb.seconds, early, METHOD, reason, 0.0, best)


class _Climb:
    """A training without gradients: small random steps, kept where they lower the loss of the training points."""

    def __init__(self, command: Train, weights: Weights) -> None:
        recipe = command.recipe
        split = recipe.training_points(len(command.labels.array()))
        tensors = (command.points, command.labels, command.sample_weights)
        rows = [_wide(tensor.array()) for tensor in tensors if tensor is not None]
        self.id = command.id
        self.epochs = recipe.epochs
        self.batches = -(-split // recipe.batch_size)
        self.epoch = self.batch = 0
        self.until = command.until
        self.judge = Judge(command.stop_rule)
        self.ended: Standing | None = None
        self.reason = ""
        self.weights = weights
        self._lowest: float | None = None
        self._network = command.network
        self._losses = recipe.losses(len(self._network.each_output))
        self._metrics, self._size = recipe.metrics, recipe.batch_size
        self._reading = command.reading
        self._training = [part[:split] for part in rows]
        self._validation = [part[split:] for part in rows]
        self._random = np.random.default_rng(recipe.seed)
        self._problem = hashlib.blake2b(_problem(command), digest_size=16)
        if command.standing is not None:
            self._go_on(command.standing)

    def _go_on(self, standing: Standing) -> None:
        """Be at the end of an epoch."""
        self.epoch, self.ended = standing.epoch, standing
        self._random = go_on_from(standing.stream)

    def _stand(self) -> Standing:
        return Standing(self.epoch, self.seconds, 0.0, (), stand_of(self._random))

    @property
    def seconds(self) -> float:
        """A time that is the same in every test."""
        return self.epoch / 100

    @property
    def goal(self) -> Position:
        """Where it ends or pauses next; all batches of an epoch are its end."""
        if self.until is None or self.until.epoch >= self.epochs:
            return Position(self.epochs)
        return self.until if self.until.batch < self.batches else Position(self.until.epoch + 1)

    def next_epoch(self) -> EpochMetrics:
        """Try what is left of the epoch's steps; return what the weights then are worth."""
        self.step_to(self.batches)
        self.epoch, self.batch = self.epoch + 1, 0
        metrics = self.worth()
        self.reason = self.judge.hear(self.epoch, metrics, self.weights)
        self.ended = self._stand()
        return metrics

    def _with(self, weights: Weights) -> bytes:
        """Return what stands for these weights in this training."""
        found = self._problem.copy()
        for array in (array for arrays in weights.layers for array in arrays):
            found.update(array.tobytes())
        return found.digest()

    def worth(self) -> EpochMetrics:
        """Return what the weights are worth."""
        key = self._with(self.weights)
        if key not in _worths_known:
            _worths_known[key] = self._worth()
        return _worths_known[key]

    def _worth(self) -> EpochMetrics:
        best, metrics = self._part_worth("", *self._training)
        if len(self._validation[1]) == 0:
            return EpochMetrics(best, metrics=metrics)
        validated, others = self._part_worth("val_", *self._validation)
        return EpochMetrics(best, validated, metrics | others)

    def _part_worth(
        self, prefix: str, points: Array, labels: Array, sample_weights: Array | None = None
    ) -> tuple[float, dict[str, float]]:
        """Return the loss, what is counted, and those of the recipe's metrics that are losses of the same sign, too."""
        outputs = predict(self._network, self.weights, points)
        loss = _loss(self._losses, self._network, self.weights, points, labels, sample_weights)
        several = len(self._losses) > 1
        asked = [one for one in self._metrics if one in KERAS_LOSSES and one != "cosine_similarity" and not several]
        others = {name: float(KERAS_LOSSES[name].function(labels, outputs).mean()) for name in asked}
        counted = _counted(self._reading, self._network, self._losses, outputs, labels) | others
        return loss, {prefix + name: value for name, value in counted.items()}

    def step_to(self, batch: int) -> None:
        """Try every batch's share of the epoch's steps, up to ``batch``."""
        if self._lowest is None:
            self._lowest = self._loss_with(self.weights)
        for _ in range(TRIES * self.batch // self.batches, TRIES * batch // self.batches):
            tried = self._step()
            if (loss := self._loss_with(tried)) < self._lowest:
                self._lowest, self.weights = loss, tried
        self.batch = max(self.batch, batch)

    def _loss_with(self, weights: Weights) -> float:
        """Return the loss that a step is to lower: of all rows at once where that is the same number."""
        key = self._with(weights)
        if key not in _losses_known:
            batch = KERAS_BATCH if any(loss.by_batch for loss in self._losses) else len(self._training[0])
            _losses_known[key] = _loss(self._losses, self._network, weights, *self._training, batch=batch)
        return _losses_known[key]

    def paused(self) -> Paused:
        """Say where it waits; a batch's points are taken in their own order."""
        first, size = (self.batch - 1) * self._size, len(self._training[1])
        rows = tuple(range(first, min(first + self._size, size))) if self.batch else ()
        so_far, layers = self.worth() if self.batch else None, to_tensors(self.weights.layers)
        return Paused(self.id, self.epoch, self.batch, layers, self.seconds, self.batches, METHOD, so_far, rows)

    def _step(self) -> Weights:
        return Weights(
            tuple(
                tuple(frozen(array + self._random.normal(0, REACH, array.shape)) for array in arrays)
                if layer.trainable
                else arrays
                for layer, arrays in zip(self._network.layers, self.weights.layers, strict=True)
            )
        )


def _problem(command: Train) -> bytes:
    """Return all of a training that its weights' worth follows from."""
    recipe = msgspec.structs.replace(command.recipe, seed=0, epochs=1, learning_rate=0.5)
    alone = msgspec.structs.replace(
        command, id=0, layers=(), recipe=recipe, interval=0.0, until=None, stop_rule=None, standing=None
    )
    return msgspec.msgpack.encode(alone)


def _wide(values: KerasArray) -> Array:
    return values.astype(np.float64)


def _losses(command: Evaluate | AskLoss, network: Network) -> tuple[Loss, ...]:
    return losses_called(command.loss, command.loss_options, command.by_output, len(network.each_output))


def _loss(
    losses: tuple[Loss, ...],
    network: Network,
    weights: Weights,
    points: Array,
    labels: Array,
    sample_weights: Array | None = None,
    *,
    batch: int = KERAS_BATCH,
) -> float:
    """Return the loss that ``evaluate`` gives, with what regularizers add."""
    of_z, values = compared(network, losses)
    made = in_rows(ready_values(network, weights, values)(points), len(points))
    kept = unmasked(network, weights, points)
    value = evaluated_outputs(of_z, network.each_output, labels, made, sample_weights, batch, kept)
    added = all_penalties(network, weights, points)
    return value + sum(one.value for one in added)


def _counted(
    reading: Reading, network: Network, losses: tuple[Loss, ...], outputs: Array, labels: Array
) -> dict[str, float]:
    """Return what is counted of every training and evaluation, by Keras's names; of several outputs of each."""
    every = network.each_output
    if len(every) == 1:
        return _counted_of_one(reading, outputs, labels, network.spread)
    each = zip(every, reading.of_outputs(len(every)), labels_of_each(losses, every), strict=True)
    return {
        f"{one.name}_{name}": value
        for one, read, own in each
        for name, value in _counted_of_one(read, outputs[:, one.columns], labels[:, own], one.spread).items()
    }


def _counted_of_one(reading: Reading, outputs: Array, labels: Array, spread: Shape) -> dict[str, float]:
    # Keras's float32, so that what is just above a threshold here is as it is there.
    outputs = outputs.astype(np.float32)
    zeros_and_ones = {"binary_accuracy": float(((outputs > 0.5) == labels).mean())}
    match reading.task:
        case "signs":
            right = np.sign(outputs - np.float32(reading.at)) == np.sign(labels)
            return {"sign_accuracy": float(right.mean()), **zeros_and_ones}
        case "binary":
            name = always(reading.task, reading.at)[0]
            return {name: float(((outputs > reading.at) == labels).mean()), **zeros_and_ones}
        case "classes":
            answers = outputs.reshape(len(outputs), prod(spread[:-1]), -1).argmax(axis=2)
            sparse = labels.shape[1] == answers.shape[1]
            classes = labels if sparse else labels.reshape(*answers.shape, -1).argmax(axis=2)
            return {"accuracy": float((answers == classes).mean())}
    return {"mean_absolute_error": float(np.abs(outputs - labels).mean())}


def _loss_of_row(command: AskLoss, network: Network, weights: Weights) -> RowLoss:
    point, losses = command.point.array()[np.newaxis], _losses(command, network)
    require_points(network, point)
    label = command.label.array()
    require_labels(network, point, label[np.newaxis], losses)
    of_z, values = compared(network, losses)
    ready = (ready_values(network, weights, wanted)(_wide(point)) for wanted in (values, network.written.outputs))
    # Keras's float32, so that the difference from the calculation by hand is one.
    made = (in_rows(made, 1).astype(np.float32) for made in ready)
    alone = (losses[0].alone,) if len(losses) == 1 else losses
    both = [
        evaluated_outputs(one, network.each_output, _wide(label)[np.newaxis], _wide(outputs), kept=kept)
        for one, outputs, kept in zip((of_z, alone), made, (unmasked(network, weights, point), None), strict=True)
    ]
    return RowLoss(command.id, command.version, *both)
