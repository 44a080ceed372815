"""The engine's loop: import Keras, then answer one command after the other; none of them can end it."""

from __future__ import annotations

import os
import re
import threading
import traceback
from contextlib import contextmanager
from typing import TYPE_CHECKING

from core.calculation.troubles import index_of_no_row
from core.engine.checks import require_labels, require_points, require_shape, require_version, weights_to_train
from core.engine.frames import frame
from core.engine.inbox import MAX_MESSAGE, Inbox
from core.engine.protocol import (
    AskLoss,
    AskWeights,
    CallLayer,
    Evaluate,
    Evaluated,
    Failed,
    Held,
    LayerMade,
    Predict,
    Predicted,
    Prepare,
    Prepared,
    Resume,
    RowLoss,
    SetWeights,
    Stop,
    Tensor,
    Train,
    to_arrays,
    to_tensors,
)
from core.errors import Refused, shorten
from core.losses import losses_called
from core.model.network import Network, require_trainable
from core.model.weights import Weights

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import BinaryIO

    from core.arrays import KerasArray
    from core.engine.built import KerasModel
    from core.engine.mirrored import Strategy
    from core.engine.protocol import Command, Event
    from core.engine.reading import Reading
    from core.losses import Loss

AROUND = re.compile(r"\x1b\[[0-9;]*m|\{\{.*?\}\}| \[Op:\w*\]")
"""Colours, and names of nodes and operations."""

WHERE = ("Exception encountered when calling", "Graph execution error", "Detected at node", "File ")
"""What lines begin with that say where something went wrong, and not what."""


def run(commands: BinaryIO, events: BinaryIO, at_end: Callable[[], None], strategy: str | None = None) -> None:
    """Answer what comes in ``commands`` on ``events``; the end of ``commands`` ends the process, ``at_end`` first.

    With a ``strategy`` trainings run on several devices.
    """
    inbox = Inbox(commands, at_end)
    inbox.start()
    from core.engine.keras_model import ready
    from core.engine.mirrored import devices, mirrored

    shared = None if strategy is None else mirrored()
    engine = _Engine(inbox, events, shared)
    engine.send(ready(() if shared is None else devices(shared)))
    while True:
        engine.serve(inbox.next())


def one_line(error: BaseException) -> str:
    """Return the first line of ``error`` that says what is wrong, without what Keras and TensorFlow put around it."""
    lines = [line.strip() for line in AROUND.sub("", str(error)).splitlines() if line.strip()]
    text = next((line for line in lines if not line.startswith(WHERE)), (lines or [type(error).__name__])[0])
    return shorten(text, MAX_MESSAGE)


class _Engine:
    """The held model and what is done with it."""

    def __init__(self, inbox: Inbox, events: BinaryIO, strategy: Strategy | None) -> None:
        from core.engine.programs import Programs
        from core.engine.training import Trainings

        self._events = events
        self._writing = threading.Lock()
        self._programs = Programs(strategy)
        self._trainings = Trainings(self._programs, inbox, self.send)
        self._version: int | None = None
        self._network = Network("")
        self._model: KerasModel = None
        self._compiled: tuple[tuple[Loss, ...], Reading, tuple[tuple[str, ...], ...]] | None = None

    def send(self, event: Event) -> None:
        """Write ``event``, from any thread; a reader that has gone ends the process."""
        try:
            with self._writing:
                self._events.write(frame(event))
                self._events.flush()
        except BrokenPipeError:
            os._exit(0)

    def serve(self, command: Command | Failed) -> None:
        """Answer one command, with ``Failed`` if anything at all is wrong with it."""
        try:
            answer = self._answer(command)
        except Exception as error:
            if not isinstance(error, Refused):
                traceback.print_exc()
            answer = _failed(command.id, error)
        if answer is not None:
            self.send(answer)

    @contextmanager
    def _asked_of(self, points: KerasArray) -> Iterator[None]:
        """Say which layer is given an index of no row, where Keras stops at that.

        Raises:
            Refused: it did.
        """
        from core.engine.built import get_weights

        try:
            yield
        except Refused:
            raise
        except Exception:
            held = Weights.for_network(self._network, get_weights(self._model))
            if why := index_of_no_row(self._network, held, points):
                raise Refused(why) from None
            raise

    def _answer(self, command: Command | Failed) -> Event | None:
        match command:
            case SetWeights():
                return self._set_weights(command)
            case Predict():
                return self._predict(command)
            case CallLayer():
                return _call_layer(command)
            case Evaluate():
                return self._evaluate(command)
            case AskLoss():
                return self._loss_of_row(command)
            case Train():
                return self._trainings.train(command, weights_to_train(command).layers)
            case Resume():
                return self._trainings.resume(command)
            case Prepare():
                self._prepare(command)
                return None
            case Stop():
                return self._trainings.stop(command)
            case AskWeights():
                raise Refused("no training is running")
            case Failed():
                return command

    def _set_weights(self, command: SetWeights) -> Held:
        from core.engine.built import build, get_weights, set_weights

        weights = Weights.for_network(command.network, to_arrays(command.layers))
        known = self._model is not None and command.network == self._network
        model = self._model if known else build(command.network)
        # A new model takes the held one's place only after Keras has taken every array. The held one has
        # taken arrays of just these shapes before.
        set_weights(model, weights.layers)
        if not known:
            self._model, self._network, self._compiled = model, command.network, None
        self._version = command.version
        return Held(command.id, command.version, to_tensors(get_weights(model)))

    def _predict(self, command: Predict) -> Predicted:
        from core.engine.built import layer_outputs
        from core.engine.keras_model import predict

        require_version(self._version, command.version)
        points = command.points.array()
        require_points(self._network, points)
        with self._asked_of(points):
            layers = tuple(Tensor.of(outputs) for outputs in layer_outputs(self._model, points[0]))
            return Predicted(command.id, command.version, Tensor.of(predict(self._model, points)), layers)

    def _evaluate(self, command: Evaluate) -> Evaluated:
        from core.engine.keras_model import batch_to_evaluate, compile_to_evaluate, evaluate

        require_version(self._version, command.version)
        points, labels = command.points.array(), command.labels.array()
        require_points(self._network, points)
        losses = self._losses(command)
        require_labels(self._network, points, labels, losses)
        wanted = losses, command.reading, command.metrics or ((),) * len(losses)
        if wanted != self._compiled:
            # Compiled anew, Keras traces anew: only for another loss.
            compile_to_evaluate(self._model, self._network, *wanted)
            self._compiled = wanted
        batch = batch_to_evaluate(self._network, losses)
        with self._asked_of(points):
            value, metrics = evaluate(self._model, points, labels, batch)
        return Evaluated(command.id, command.version, value, metrics, batch)

    def _loss_of_row(self, command: AskLoss) -> RowLoss:
        from core.engine.keras_model import loss_of_row

        require_version(self._version, command.version)
        point, label = command.point.array(), command.label.array()
        require_points(self._network, point[None])
        losses = self._losses(command)
        require_labels(self._network, point[None], label[None], losses)
        with self._asked_of(point[None]):
            return RowLoss(command.id, command.version, *loss_of_row(self._model, self._network, point, label, losses))

    def _losses(self, command: Evaluate | AskLoss) -> tuple[Loss, ...]:
        outputs = len(self._network.each_output)
        return losses_called(command.loss, command.loss_options, command.by_output, outputs)

    def _prepare(self, command: Prepare) -> None:
        """Have it compiled in a thread, which answers."""
        from core.engine.programs import Fed

        def tell(method: str, seconds: float, error: BaseException | None) -> None:
            self.send(Prepared(command.id, method, seconds) if error is None else _failed(command.id, error))

        require_shape(command.network, command.points_shape)
        require_trainable(command.network)
        command.recipe.training_points(command.points_shape[0])
        fed = Fed(command.points_shape[0], command.reading, command.columns, command.weighted)
        self._programs.prepare(command.network, command.recipe, fed, tell)


def _call_layer(command: CallLayer) -> LayerMade:
    from core.engine.one_layer import outputs

    arrays = [(name, tensor.array()) for name, tensor in command.arrays]
    inputs = [tensor.array() for tensor in command.inputs]
    made = outputs(command.entry, arrays, inputs, command.listed, dict(command.named))
    return LayerMade(command.id, tuple(map(Tensor.of, made)))


def _failed(identity: int, error: BaseException) -> Failed:
    """Return the refusal, with the place where numbers broke if that is what it is."""
    from core.engine.trouble import Broken

    if isinstance(error, Broken):
        return Failed(identity, one_line(error), error.epoch, error.batch, error.layer)
    return Failed(identity, one_line(error))
