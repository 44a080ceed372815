"""A stand-in for the engine process in tests: the same commands and events, NumPy instead of Keras, at once."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

import numpy as np

from core.arrays import frozen
from core.calculation.forward import predict
from core.engine.checks import require_finite, require_labels, require_points, require_version
from core.engine.protocol import (
    AskWeights,
    EpochMetrics,
    Evaluate,
    Evaluated,
    Failed,
    Held,
    Predict,
    Predicted,
    Progress,
    Ready,
    SetWeights,
    Stop,
    Tensor,
    Train,
    Trained,
    TrainingWeights,
    to_arrays,
    to_tensors,
)
from core.errors import Refused
from core.metrics import evaluate
from core.model.network import Network
from core.model.weights import Weights

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.arrays import Array, KerasArray
    from core.engine.protocol import Command, Event

CHUNK = 10
"""Epochs told at a time, one ``Progress`` a turn of the event loop."""

TRIES = 8
REACH = 0.1
"""An epoch tries this many steps, each array's numbers moved by about this much, and keeps what lowers the loss."""

LOSSES: dict[str, Callable[[Array, Array], Array]] = {
    "hinge": lambda labels, outputs: np.maximum(1 - labels * outputs, 0),
    "squared_hinge": lambda labels, outputs: np.maximum(1 - labels * outputs, 0) ** 2,
    "mean_squared_error": lambda labels, outputs: (labels - outputs) ** 2,
    "mean_absolute_error": lambda labels, outputs: np.abs(labels - outputs),
    "huber": lambda labels, outputs: _huber(np.abs(labels - outputs)),
    "log_cosh": lambda labels, outputs: np.logaddexp(outputs - labels, labels - outputs) - np.log(2),
}
"""Keras's name of a loss -> the loss of every point, by the formulas of the Keras 3 documentation ("Losses")."""


def _huber(error: Array) -> Array:
    return np.where(error <= 1, 0.5 * error**2, error - 0.5)


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
            case AskWeights() | Stop():
                raise Refused("no training is running")
            case _:
                return self._answer_about_points(command)

    def _answer_about_points(self, command: Predict | Evaluate | Train) -> Event | None:
        held, network, weights = self._held or (None, Network(0, ()), Weights(()))
        require_version(held, command.version)
        points = command.points.array()
        require_points(network, points)
        if isinstance(command, Predict):
            return Predicted(command.id, command.version, Tensor.of(predict(network, weights, _wide(points))))
        labels = command.labels.array()
        require_labels(network, points, labels)
        if isinstance(command, Evaluate):
            loss, _, accuracy = _measure(command.loss, network, weights, _wide(points), _wide(labels))
            return Evaluated(command.id, command.version, loss, accuracy)
        require_finite(points, labels)
        self._climb = _Climb(command, network, weights)
        return None

    def _train_on(self, climb: _Climb) -> None:
        for command in [command for command in self._commands if isinstance(command, Stop | AskWeights)]:
            self._commands.remove(command)
            if isinstance(command, Stop):
                self._finish(climb, stopped=True)
                return
            self._post(TrainingWeights(command.id, climb.epoch, to_tensors(climb.weights.layers)))
        if climb.epoch == self.pause_at:
            return
        until = min(climb.epoch + CHUNK, climb.epochs)
        if self.pause_at is not None and climb.epoch < self.pause_at:
            until = min(until, self.pause_at)
        epochs = tuple(climb.next_epoch() for _ in range(climb.epoch, until))
        self._post(Progress(climb.id, epochs, climb.seconds))
        if climb.epoch == climb.epochs:
            self._finish(climb, stopped=False)

    def _finish(self, climb: _Climb, *, stopped: bool) -> None:
        self._climb = None
        self._post(Trained(climb.id, to_tensors(climb.weights.layers), climb.seconds, stopped))


class _Climb:
    """A training without gradients: small random steps, kept where they lower the loss of the training points."""

    def __init__(self, command: Train, network: Network, weights: Weights) -> None:
        recipe = command.recipe
        split = recipe.training_points(len(command.labels.array()))
        points, labels = _wide(command.points.array()), _wide(command.labels.array())
        self.id = command.id
        self.epochs = recipe.epochs
        self.epoch = 0
        self.weights = weights
        self._network = network
        self._loss = recipe.loss
        self._training = (points[:split], labels[:split])
        self._validation = (points[split:], labels[split:])
        self._random = np.random.default_rng(recipe.seed)

    @property
    def seconds(self) -> float:
        """A time that is the same in every test."""
        return self.epoch / 100

    def next_epoch(self) -> EpochMetrics:
        """Try some steps; return what the weights then are worth."""
        best = _measure(self._loss, self._network, self.weights, *self._training)
        for _ in range(TRIES):
            tried = self._step()
            worth = _measure(self._loss, self._network, tried, *self._training)
            if worth[0] < best[0]:
                self.weights, best = tried, worth
        self.epoch += 1
        if len(self._validation[1]) == 0:
            return EpochMetrics(*best)
        return EpochMetrics(*best, *_measure(self._loss, self._network, self.weights, *self._validation))

    def _step(self) -> Weights:
        return Weights(
            tuple(
                tuple(frozen(array + self._random.normal(0, REACH, array.shape)) for array in arrays)
                for arrays in self.weights.layers
            )
        )


def _wide(values: KerasArray) -> Array:
    return values.astype(np.float64)


def _measure(loss: str, network: Network, weights: Weights, points: Array, labels: Array) -> tuple[float, float, float]:
    """Return loss, sign accuracy and ``binary_accuracy``, the numbers of an epoch in their order."""
    outputs = predict(network, weights, points)
    worth = evaluate(outputs, labels)
    return float(LOSSES[loss](labels, outputs[:, 0]).mean()), worth.sign_accuracy, worth.binary_accuracy
