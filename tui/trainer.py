"""Trainer: what the keys of the Training tab do to session and engine: start, stop, steps, dials, replay."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from core.errors import Refused
from core.session.state import Place
from tui.keras_status import Keras

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.timer import Timer

    from core.session.dials import Dial
    from core.session.session import Session
    from tui.keras_link import KerasLink


class Wanted(StrEnum):
    """What a person can want of a training."""

    START = "start or go on"
    STOP = "stop"
    BATCH = "one batch"
    EPOCH = "one epoch"
    TEN_EPOCHS = "ten epochs"
    GO_ON = "the epochs that are left of one that ended before"
    END = "end the waiting one"
    NOT_NOW = "don't start one once Keras is ready"
    PLAY = "play or pause"
    FASTER = "faster"
    SLOWER = "slower"


STARTS = frozenset({Wanted.START, Wanted.BATCH, Wanted.EPOCH, Wanted.TEN_EPOCHS, Wanted.GO_ON})
"""What can begin a training."""

SPEEDS = (1, 2, 5, 10, 20, 50, 100, None)
"""Epochs a second at which a training is played; None is all at once."""

FRAME = 0.05
"""Seconds between two pictures of a training that is played."""

SLOW_FRAME = 0.25
"""The same over a slow line."""


class Trainer:
    """Turns wishes into calls of session and link; says why where one cannot be had."""

    def __init__(
        self, session: Session, link: KerasLink, refuse: Callable[[str], None], say: Callable[[str], None]
    ) -> None:
        self._session = session
        self._link = link
        self._refuse = refuse
        self._say = say
        self._turns: list[tuple[Dial, int]] = []
        self._wish: Wanted | None = None
        self._timer: Timer | None = None
        self._steps: tuple[str, ...] = ()
        self._due = 0.0
        self.playing = False
        self._speed = SPEEDS.index(20)
        self.frame = FRAME

    @property
    def speed(self) -> str:
        """The speed of playing, in words."""
        speed = SPEEDS[self._speed]
        return "all at once" if speed is None else f"{speed} a second"

    @property
    def waits(self) -> bool:
        """Whether a training is to begin once Keras has started."""
        return self._wish is not None and self._link.keras is Keras.STARTING

    def play_with(self, timer: Timer, frame: float) -> None:
        """Use ``timer``, which calls :meth:`tick` every ``frame`` seconds and is paused for now."""
        self._timer, self.frame = timer, frame

    def want(self, wanted: Wanted) -> None:
        """Do it, or say why not."""
        try:
            if wanted is Wanted.NOT_NOW or (self.waits and wanted is Wanted.START):
                self._wish = None
            elif wanted in STARTS and self._link.keras is Keras.STARTING:
                self._wish = wanted
            else:
                self._do(wanted)
        except Refused as refusal:
            self._refuse(str(refusal))

    def _do(self, wanted: Wanted) -> None:
        match wanted:
            case Wanted.START:
                self._start_or_go_on()
            case Wanted.STOP:
                self._link.stop()
            case Wanted.BATCH:
                self._advance(0, 1)
            case Wanted.EPOCH:
                self._advance(1, 0)
            case Wanted.TEN_EPOCHS:
                self._advance(10, 0)
            case Wanted.GO_ON:
                self._go_on()
            case Wanted.END:
                self._end()
            case Wanted.PLAY:
                self._play()
            case Wanted.FASTER:
                self._go_at(self._speed + 1)
            case Wanted.SLOWER:
                self._go_at(self._speed - 1)

    # Training

    def _start_or_go_on(self) -> None:
        run = self._session.state.model.run
        if run is not None and run.running:
            self._resume(None)
        else:
            self._start(None)

    def _start(self, until: Place | None) -> None:
        self._require_keras()
        state = self._session.state
        self._link.train(state, self._session.runs.start(), until)

    def _require_keras(self) -> None:
        if not self._link.ready:
            raise Refused(f"Keras is {self._link.keras}; everything else works meanwhile")

    def _go_on(self) -> None:
        """Train the epochs that are left, from the last one kept, and say what begins anew, if anything does."""
        self._require_keras()
        runs = self._session.runs
        why = runs.begins_anew
        run = runs.go_on()
        self._link.train(self._session.state, run, None)
        if why:
            self._say(
                f"Training the {run.epochs_left:,} epochs that were left; optimizer and curves begin anew: {why}."
            )
        elif not run.since:
            self._say("Training from the beginning: no epoch of it is kept.")
        else:
            counts = run.recipe.patience and (run.standing is None or run.standing.heard is None)
            anew = "; early stopping counts anew" if counts else ""
            self._say(
                f"Going on after epoch {run.since:,} of {run.recipe.epochs:,}, the optimizer as it was then{anew}."
            )

    def _resume(self, until: Place | None) -> None:
        self._session.runs.resume()
        self._link.resume(until)

    def _advance(self, epochs: int, batches: int) -> None:
        """Go whole epochs on, or a batch, and wait there."""
        run = self._session.state.model.run
        if run is None or not run.running:
            self._start(Place(epochs, batches, 0))
        elif run.paused is None:
            raise Refused("the training is under way: space stops it")
        else:
            here = run.paused
            self._resume(Place(here.epoch + epochs, here.batch + batches if batches else 0, here.batches))

    def _end(self) -> None:
        run = self._session.state.model.run
        if run is None or run.paused is None:
            raise Refused("expected a training that waits, got none")
        self._link.stop()

    def again(self) -> None:
        """Train again from the initial weights, with whatever the settings now are; say why where they can't be."""
        try:
            with self._session.trail.together():
                self._session.reset()
                if self._link.ready:
                    self._start(None)
        except Refused as refusal:
            self._refuse(str(refusal))

    def turn(self, dial: Dial, notch: int) -> None:
        """Turn a dial and train again from the initial weights; a training under way is stopped first."""
        self._turns.append((dial, notch))
        if not self._session.state.training:
            self.idle()
        elif len(self._turns) == 1:
            self._link.stop()

    def idle(self) -> None:
        """Keras is ready for the next thing: the training that waited for that, or turned dials and then a training."""
        if self._wish is not None and self._link.ready:
            wish, self._wish = self._wish, None
            self.want(wish)
        if not self._turns or self._session.state.training:
            return
        turns, self._turns = self._turns, []
        try:
            # Together, for what lies between would be shown and asked of Keras before the training is.
            with self._session.trail.together():
                for dial, notch in turns:
                    self._session.turn(dial, notch)
                if self._link.ready:
                    self._start(None)
        except Refused as refusal:
            self._refuse(str(refusal))

    # Playing

    def _play(self) -> None:
        run = self._session.state.model.run
        if self._timer is None or run is None or not run.epochs:
            raise Refused("expected a training to play, got none: space trains")
        if self.playing:
            self._pause()
        elif SPEEDS[self._speed] is None:
            self._session.runs.go_to_epoch(run.kept.last)
        else:
            if self._session.state.model.epoch in (None, run.kept.last):
                self._session.runs.go_to_epoch(0)
            self._due, self.playing, self._steps = 0.0, True, self._session.state.done
            self._timer.resume()

    def _go_at(self, speed: int) -> None:
        self._speed = min(max(speed, 0), len(SPEEDS) - 1)
        self._say(f"y plays {self.speed}" if SPEEDS[self._speed] is None else f"y plays {self.speed}: epochs")

    def _pause(self) -> None:
        self.playing = False
        if self._timer is not None:
            self._timer.pause()

    def tick(self) -> None:
        """Show the epochs that are due; stop at the last one, or when anything was done to the model meanwhile."""
        state, speed = self._session.state, SPEEDS[self._speed]
        model, other = state.model, state.done is not self._steps
        if other or model.run is None or model.epoch is None or model.epoch >= model.run.kept.last:
            self._pause()
            return
        self._due += self.frame * speed if speed is not None else model.run.kept.last
        if self._due >= 1:
            whole, self._due = int(self._due), self._due % 1
            self._session.runs.step_epoch(whole)
