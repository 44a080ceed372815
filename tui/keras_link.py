"""KerasLink: keeps Keras's model in step with the session, and brings what Keras says back into it."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from core.engine.protocol import (
    AskWeights,
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
from tui.engine_client import Gone
from tui.keras_status import Answer, Keras

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    from core.arrays import Array
    from core.engine.protocol import Event
    from core.session import Session, State
    from tui.engine_client import Engine

    class Screen(Protocol):
        """What the link tells."""

        def keras_is(self, keras: Keras) -> None: ...
        def keras_answered(self, answer: Answer) -> None: ...
        def keras_trouble(self, message: str) -> None: ...
        def restart_keras(self) -> None: ...


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
        self._ready = False
        self._restarts = 0
        self._sent: SetWeights | None = None
        self._asked: tuple[int, int, Array] | None = None
        self._training = 0
        self._ended = 0
        self._weights_asked = False

    async def start(self) -> None:
        """Start the engine process; Keras is imported there."""
        self._screen.keras_is(Keras.STARTING)
        await self._engine.start()

    async def close(self) -> None:
        """End the engine process."""
        await self._engine.close()

    def follow(self, state: State) -> None:
        """Give Keras the state's weights and ask for its prediction, unless it has them and was asked already."""
        if not self._ready or state.training:
            return
        weights = state.model.weights
        if self._sent is None or self._sent.version != weights.version:
            layers = to_tensors(weights.layers)
            self._sent = SetWeights(next(self._ids), weights.version, state.model.network, layers)
            self._engine.send(self._sent)
        if self._asked is None or self._asked[1] != weights.version or self._asked[2] is not state.x:
            identity = next(self._ids)
            self._asked = (identity, weights.version, state.x)
            self._engine.send(Predict(identity, weights.version, Tensor.of(state.x[None, :])))

    def train(self, state: State) -> None:
        """Train from the state's weights, which Keras holds by now."""
        self._training = next(self._ids)
        self._weights_asked = False
        data, version = state.dataset, state.model.weights.version
        points, labels = Tensor.of(data.points), Tensor.of(data.labels)
        self._engine.send(Train(self._training, version, state.recipe, points, labels))
        self._screen.keras_is(Keras.TRAINING)

    def stop(self) -> None:
        """Ask a training to end after its present batch."""
        if self._training:
            self._engine.send(Stop(self._training))

    @property
    def ready(self) -> bool:
        """Whether Keras is up and idle."""
        return self._ready and not self._training

    # What comes back

    def _on_event(self, event: Event | Gone) -> None:
        match event:
            case Ready():
                self._ready, self._restarts = True, 0
                self._screen.keras_is(Keras.READY)
                self.follow(self._session.state)
            case Held():
                self._compare(event)
            case Predicted():
                self._answer(event)
            case Progress() | TrainingWeights() | Trained():
                self._trained_on(event)
            case Failed():
                self._failed(event)
            case Gone():
                self._gone(event)

    def _compare(self, held: Held) -> None:
        """Keras must hold what it was given, bit for bit."""
        if self._sent is None or held.id != self._sent.id:
            return
        if held.layers != self._sent.layers:
            self._screen.keras_trouble("Keras holds other weights than it was given; the file is untouched")

    def _answer(self, event: Predicted) -> None:
        if self._asked is not None and event.id == self._asked[0]:
            self._screen.keras_answered(Answer(event.version, self._asked[2], event.outputs.array()[0]))

    def _trained_on(self, event: Progress | TrainingWeights | Trained) -> None:
        if event.id != self._training:
            return
        match event:
            case Progress():
                self._session.add_epochs(event.epochs, event.seconds)
                if not self._weights_asked:
                    self._weights_asked = True
                    self._engine.send(AskWeights(self._training))
            case TrainingWeights():
                self._weights_asked = False
                self._session.show_weights(to_arrays(event.layers))
            case Trained():
                self._end_training()
                self._screen.keras_is(Keras.READY)
                self._session.finish_run(to_arrays(event.layers), event.seconds, event.stopped)

    def _end_training(self) -> None:
        self._ended, self._training = self._training, 0
        self._sent = None

    def _failed(self, event: Failed) -> None:
        if event.id == self._ended:
            # A stop, or a question for weights, that crossed with the training's end.
            return
        self._screen.keras_trouble(f"Keras: {event.message}")
        if event.id == self._training:
            self._end_training()
            self._screen.keras_is(Keras.READY)
            self._session.abandon_run()
        elif self._sent is not None and event.id == self._sent.id and not self._session.state.training:
            # Refused by Keras, so it must not stand here either.
            self._sent = None
            if self._session.state.done:
                self._session.undo()

    def _gone(self, gone: Gone) -> None:
        was_ready, self._ready = self._ready, False
        self._sent = self._asked = None
        self._screen.keras_is(Keras.GONE)
        if self._training:
            self._training = 0
            self._session.break_off_run()
        self._restarts = 0 if was_ready else self._restarts + 1
        again = self._restarts < RESTARTS
        last = gone.log_tail.strip().splitlines()[-1:] or ["nothing in its log"]
        then = "starting a new one" if again else "not starting it again; everything but Keras's numbers works"
        self._screen.keras_trouble(f"Keras's process ended (exit code {gone.exit_code}: {last[0]}); {then}")
        if again:
            self._screen.restart_keras()
