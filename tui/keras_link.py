"""KerasLink: keeps Keras's model in step with the session, and brings what Keras says back into it."""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from core.engine.asking import call_of
from core.engine.protocol import (
    AskLoss,
    CallLayer,
    Compiling,
    Failed,
    Held,
    LayerMade,
    Paused,
    Position,
    Predict,
    Predicted,
    Prepare,
    Progress,
    Ready,
    Resume,
    RowLoss,
    SetWeights,
    Stop,
    Tensor,
    Train,
    Trained,
    to_arrays,
    to_tensors,
)
from core.engine.reading import reading_of
from core.engine.stopping import stop_rule
from core.export.loss import KerasLoss
from core.session.state import Place
from core.tasks.fitting import trains
from tui.engine_client import Gone
from tui.keras_status import Answer, Keras, LossAnswer
from tui.keras_watch import ANEW, KerasWatch
from tui.threads import unforeseen

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Protocol

    from core.arrays import Array, KerasArray
    from core.calculation.beyond import Question
    from core.engine.protocol import Event
    from core.session.session import Session
    from core.session.state import Run, State
    from tui.engine_client import Engine
    from tui.keras_status import LossQuestion

    class Screen(Protocol):
        """What the link tells."""

        def keras_is(self, keras: Keras, late: str = "") -> None: ...
        def keras_answered(self, answer: Answer) -> None: ...
        def keras_gave_loss(self, answer: LossAnswer) -> None: ...
        def keras_trouble(self, message: str) -> None: ...
        def action_start_keras(self) -> None: ...


RESTARTS = 3
"""How many times in a row the engine is started again before it has been ready once."""


class KerasLink:
    """Sends what changed, one question at a time, and drops answers that speak of older weights."""

    def __init__(
        self, session: Session, engine: Callable[[Callable[[Event | Gone], None]], Engine], screen: Screen
    ) -> None:
        self._session = session
        self._engine = engine(self._on_event)
        self._screen = screen
        self._ids = itertools.count(1)
        self.keras = Keras.STARTING
        self._restarts = 0
        self._layers_asked: dict[int, tuple[CallLayer, Callable[[Sequence[KerasArray] | str], None]]] = {}
        self._training = 0
        self._ended = 0
        self._watch = KerasWatch(self._engine, lambda: self._awaits, self._late, screen.keras_trouble)
        self._watching: asyncio.Task[None] | None = None
        self._forget()

    def _forget(self) -> None:
        """Know of nothing that an engine holds or was asked: there is a new one, or none."""
        self._ready = False
        self._sent: SetWeights | None = None
        self._asked: tuple[int, int, Array] | None = None
        self._loss_wanted: LossQuestion | None = None
        self._loss_asked: tuple[int, LossQuestion] | None = None
        self._waiting = self._held = False
        self._prepared: tuple[object, ...] = ()
        self._preparing = 0

    def _is(self, keras: Keras) -> None:
        self.keras = keras
        self._screen.keras_is(keras)

    def _late(self, what: str) -> None:
        # What it works at is known then.
        busy = self.keras in (Keras.STARTING, Keras.TRAINING)
        self._screen.keras_is(self.keras, what.replace("busy", self.keras) if busy else what)

    @property
    def _awaits(self) -> bool:
        """Whether the engine owes an answer."""
        asked = self._waiting or (self._sent is not None and not self._held) or bool(self._layers_asked)
        return self.keras in (Keras.STARTING, Keras.TRAINING) or (self._ready and asked)

    async def start(self) -> None:
        """Start the engine process; Keras is imported there."""
        self._is(Keras.STARTING)
        self._watch.heard()
        if self._watching is None:
            self._watching = asyncio.create_task(self._watch.run())
        try:
            await self._engine.start()
        except OSError as error:
            self._lose("Keras's process can't be started")
            why = error.strerror or type(error).__name__
            self._screen.keras_trouble(f"Keras's process can't be started: {why}. ^k tries it again")

    async def start_anew(self) -> None:
        """End the engine process, whatever it is doing, and start another."""
        if self.keras is not Keras.GONE:
            self._lose("Keras's process was ended")
            self._is(Keras.STARTING)
        await self._engine.close()
        await self.start()

    async def close(self) -> None:
        """End the engine process."""
        if self._watching is not None:
            self._watching.cancel()
        await self._engine.close()

    @property
    def ready(self) -> bool:
        """Whether Keras is up and idle."""
        return self._ready and not self._training

    def follow(self, state: State) -> None:
        """Give Keras the state's weights and ask for its prediction; have the training compiled that may come next.

        While an answer is awaited nothing is asked: the newest state is followed when it has come.
        """
        waits = state.model.run is not None and state.model.run.paused is not None
        if not self._ready or (self._training and not waits) or (state.training and not waits):
            return
        if not waits:
            self._prepare(state)
        if self._waiting:
            return
        version = state.model.weights.version
        self._hold(state)
        if self._session.state is not state:
            # Refused at once, they were taken back, and what there is now has been followed.
            return
        if self._asked is None or self._asked[1] != version or self._asked[2] is not state.x:
            self._asked = (next(self._ids), version, state.x)
            self._waiting = True
            self._engine.send(Predict(self._asked[0], version, Tensor.of(state.x[None, :])))
        elif self._loss_wanted is not None:
            wanted, self._loss_wanted = self._loss_wanted, None
            if wanted.version == version:
                self._ask_loss(wanted)

    def want_loss(self, question: LossQuestion) -> None:
        """Ask for the loss of a row, once nothing else is awaited; of several questions the newest is asked."""
        self._loss_wanted = question
        self.follow(self._session.state)

    def ask_layer(self, question: Question, answered: Callable[[Sequence[KerasArray] | str], None]) -> None:
        """Ask what a layer makes that is not followed; ``answered`` is given its outputs, or why there are none."""
        command = call_of(question, next(self._ids))
        self._layers_asked[command.id] = command, answered
        if self._ready:
            self._engine.send(command)
        elif self.keras is Keras.GONE:
            self._answer_layer(command.id, "Keras is not running")

    def _answer_layer(self, identity: int, outputs: Sequence[KerasArray] | str) -> bool:
        """Tell whoever asked for a layer's outputs; return whether somebody did."""
        asked = self._layers_asked.pop(identity, None)
        if asked is not None:
            asked[1](outputs)
        return asked is not None

    def _ask_loss(self, question: LossQuestion) -> None:
        self._loss_asked = (next(self._ids), question)
        self._waiting = True
        point, label = Tensor.of(question.x), Tensor.of(question.label)
        wanted = question.loss, question.options, question.by_output
        self._engine.send(AskLoss(self._loss_asked[0], question.version, point, label, *wanted))

    def _hold(self, state: State) -> None:
        network, weights = state.model.network, state.model.weights
        # A layer that was frozen keeps its weights, but Keras's model of it trains otherwise.
        if self._sent is None or self._sent.version != weights.version or self._sent.network != network:
            layers = to_tensors(weights.layers)
            self._sent, self._held = SetWeights(next(self._ids), weights.version, network, layers), False
            self._engine.send(self._sent)

    def _prepare(self, state: State) -> None:
        """Have what ``space`` would run compiled before it is asked for."""
        recipe, shape = state.recipe, state.dataset.points.shape
        rest = msgspec.structs.replace(
            recipe, learning_rate=1.0, epochs=1, seed=0, patience=0, target=0.0, min_delta=0.0, baseline=None
        )
        weighted = state.dataset.weights is not None
        static = (state.model.network, rest, shape, weighted, state.task)
        if static == self._prepared or not state.fits or not trains(state):
            return
        self._prepared = static
        self._preparing = next(self._ids)
        targets = state.task.targets(state.dataset.labels[:1], state.model.network.outputs)
        reading, size = reading_of(state.task), (shape[0], shape[1])
        network = state.model.network
        self._engine.send(Prepare(self._preparing, network, recipe, size, weighted, reading, targets.shape[1]))

    # Training

    def train(self, state: State, run: Run, until: Place | None) -> None:
        """Have a training run from the state's weights to its last epoch, or to ``until`` and wait there."""
        self._training, recipe = next(self._ids), run.recipe
        model, data = state.model, state.dataset
        layers, points = to_tensors(model.weights.layers), Tensor.of(data.points)
        labels = Tensor.of(state.task.targets(data.labels, model.network.outputs))
        train = Train(
            self._training,
            model.network,
            layers,
            recipe,
            points,
            labels,
            until=_position(until),
            stop_rule=stop_rule(recipe, state.task),
            sample_weights=None if data.weights is None else Tensor.of(data.weights),
            reading=reading_of(state.task),
            standing=run.standing,
        )
        self._engine.send(train)
        self._is(Keras.TRAINING)

    def resume(self, until: Place | None) -> None:
        """Go on with the training that waits."""
        if self._training:
            self._engine.send(Resume(self._training, _position(until)))
            self._is(Keras.TRAINING)

    def stop(self) -> None:
        """Ask a training to end after its present batch."""
        if self._training:
            self._engine.send(Stop(self._training))

    # What comes back

    def _on_event(self, event: Event | Gone) -> None:
        self._watch.heard()
        try:
            self._take(event)
        except Exception as problem:
            # Who reads what Keras says would end without a word.
            self._lose(why := "what Keras said could not be taken in")
            self._screen.keras_trouble(f"{why}: {unforeseen(problem)}. {ANEW}.")

    def _take(self, event: Event | Gone) -> None:
        match event:
            case Ready():
                self._ready, self._restarts = True, 0
                self._is(Keras.READY)
                self.follow(self._session.state)
                for command, _ in self._layers_asked.values():
                    self._engine.send(command)
            case LayerMade():
                self._answer_layer(event.id, [one.array() for one in event.outputs])
            case Held():
                self._compare(event)
            case Predicted():
                self._answer(event)
            case RowLoss():
                self._answer_loss(event)
            case Compiling() | Progress() | Paused() | Trained():
                if event.id == self._training:
                    self._trained_on(event)
            case Failed():
                self._failed(event)
            case Gone():
                self._gone(event)

    def _compare(self, held: Held) -> None:
        """Keras must hold what it was given, bit for bit."""
        if self._sent is None or held.id != self._sent.id:
            return
        self._held = True
        if held.layers != self._sent.layers:
            self._screen.keras_trouble("Keras holds other weights than it was given; the file is untouched")

    def _answer(self, event: Predicted) -> None:
        self._waiting = False
        if self._asked is not None and event.id == self._asked[0]:
            layers = tuple(outputs.array() for outputs in event.layers)
            self._screen.keras_answered(Answer(event.version, self._asked[2], event.outputs.array()[0], layers))
        self.follow(self._session.state)

    def _answer_loss(self, event: RowLoss) -> None:
        self._waiting = False
        if self._loss_asked is not None and event.id == self._loss_asked[0]:
            self._screen.keras_gave_loss(LossAnswer(self._loss_asked[1], KerasLoss(event.loss, event.of_prediction)))
        self.follow(self._session.state)

    def _trained_on(self, event: Compiling | Progress | Paused | Trained) -> None:
        match event:
            case Compiling():
                self._session.runs.compiling(event.seconds)
            case Progress():
                epochs, stacked = [epoch.by_name() for epoch in event.epochs], to_arrays(event.weights)
                at = event.seconds, event.weights_epochs, stacked, event.method, event.standing
                self._session.runs.add_epochs(epochs, *at)
            case Paused():
                self._is(Keras.WAITING)
                self._session.runs.pause(to_arrays(event.layers), Place(event.epoch, event.batch, event.batches))
            case Trained():
                self._end_training()
                self.keras = Keras.READY
                self._session.runs.finish(
                    to_arrays(event.layers),
                    event.seconds,
                    stopped=event.stopped,
                    epoch=event.epoch if event.batch == 0 else None,
                    method=event.method,
                    reason=event.reason,
                    standing=event.standing,
                )
                self._is(Keras.READY)

    def _end_training(self) -> None:
        self._ended, self._training = self._training, 0

    def _failed(self, event: Failed) -> None:
        if self._answer_layer(event.id, f"Keras: {event.message}"):
            return
        if event.id in (self._ended, self._preparing):
            # A stop that crossed with the training's end; a program that could not be made before it was needed.
            return
        if event.id == self._training:
            run = self._session.state.model.run
            kept = f"after epoch {run.epochs:,}" if run is not None and run.epochs else "from before this training"
            self._screen.keras_trouble(f"Keras: {event.message}; the weights {kept} are kept")
            self._end_training()
            self._is(Keras.READY)
            self._session.runs.break_off(event.message)
            return
        self._screen.keras_trouble(f"Keras: {event.message}")
        if self._asked is not None and event.id == self._asked[0]:
            self._waiting = False
            self._screen.keras_answered(Answer(*self._asked[1:], np.zeros(0, np.float32), (), event.message))
            self.follow(self._session.state)
        elif self._loss_asked is not None and event.id == self._loss_asked[0]:
            self._waiting = False
        elif self._sent is not None and event.id == self._sent.id and not self._session.state.training:
            # Refused by Keras, so it must not stand here either.
            self._sent = None
            if self._session.state.done:
                self._session.trail.undo()

    def _gone(self, gone: Gone) -> None:
        was_ready = self._ready
        self._lose("Keras's process ended")
        self._restarts = 0 if was_ready else self._restarts + 1
        again = self._restarts < RESTARTS
        given_up = "not starting it again (^k does); everything but Keras's numbers works"
        then = "starting a new one" if again else given_up
        self._screen.keras_trouble(f"Keras's process ended ({gone.in_words}); {then}")
        if again:
            self._screen.action_start_keras()

    def _lose(self, why: str) -> None:
        """Know of no engine any more: who asked is told why, and of a training what it came to stays."""
        self._forget()
        self._is(Keras.GONE)
        for identity in list(self._layers_asked):
            self._answer_layer(identity, why)
        if self._training:
            self._end_training()
            self._session.runs.break_off(why)


def _position(place: Place | None) -> Position | None:
    return None if place is None else Position(place.epoch, place.batch)
