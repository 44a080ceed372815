"""Runs: the session's trainings: begun, followed, ended, gone back in, pinned. Every change can be taken back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from core.data.checks import require_one_kind
from core.errors import Refused, shorten
from core.history import KeptWeights
from core.model.network import require_one_output, require_trainable
from core.model.weights import LayerArrays, Weights
from core.state import Pinned, Place, Run, State
from core.tasks.fitting import require_places, require_trains
from core.undo import Undoable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.history import EpochNumbers, Stacked

MAX_NAME = 80
"""Characters of a pinned training's name: enough for its settings in words."""


class Runs(Undoable):
    """Holds the state and what trainings make of it; ``budget`` bytes of each training's weights are kept."""

    def __init__(self, state: State, on_change: Callable[[State], None], budget: int) -> None:
        super().__init__(state, on_change)
        self._budget = budget

    # Training

    def start_run(self) -> Run:
        """Begin a training from the present weights.

        Raises:
            Refused: one is under way, or data, labels and model don't fit, or every layer is frozen.
        """
        self._refuse_while_training()
        state = self.state
        if not state.fits:
            raise Refused(
                f"expected data of {state.model.network.inputs} inputs for this model, "
                f"got points of {state.dataset.inputs}: make such data on the Data tab"
            )
        require_one_output(state.model.network)
        require_trains(state.task, state.recipe, state.model.network.outputs, state.dataset)
        require_places(state.task, state.model.network.spread)
        if state.model.weights.count == 0:
            raise Refused("expected a model with weights to train, got one without any")
        require_trainable(state.model.network)
        state.recipe.training_points(len(state.dataset))
        require_one_kind(state.recipe.class_weights, state.dataset.weights)
        model = state.model
        run = Run(state.recipe, KeptWeights.starting(model.weights, self._budget), running=True, dataset=state.dataset)
        self.state = replace(state, previous=self._previous())
        self._step(_training_name(state), replace(model, run=run, epoch=0))
        return run

    def add_epochs(
        self,
        epochs: Sequence[EpochNumbers],
        seconds: float,
        kept: Sequence[int] = (),
        stacked: Stacked = (),
        method: str = "",
    ) -> None:
        """Note epochs that have ended, ``seconds`` after the training began, and the weights after those in ``kept``.

        The newest weights are shown, unless the person has gone back to an earlier epoch.
        """
        run = self._running().grown(epochs, seconds, kept, stacked, method)
        self._change(replace(self.state, model=self.state.model.following(run)))

    def finish_run(
        self,
        layers: tuple[LayerArrays, ...],
        seconds: float,
        *,
        stopped: bool,
        epoch: int | None = None,
        method: str = "",
        reason: str = "",
    ) -> None:
        """End the training with its last weights: those after ``epoch``, or None if it ended within one.

        They are shown, unless they are kept and the person has gone back to an earlier epoch. A training that was
        stopped before its first batch leaves everything as it was.
        """
        run, weights = self._running(), self._checked(layers)
        if stopped and not run.epochs and self.state.model.weights.equal(weights):
            self.abandon_run()
            return
        run = self._name_end(run.ended(seconds, stopped=stopped, method=method, reason=reason))
        shown = replace(self.state.model, run=run)
        last = shown.with_weights(weights, epoch)
        looks_back = shown.epoch is not None and shown.epoch < run.kept.last
        self._change(replace(self.state, model=shown if looks_back and last.epoch is not None else last))

    def pause_run(self, layers: tuple[LayerArrays, ...], place: Place) -> None:
        """Show the weights at which a training waits."""
        run = replace(self._running(), paused=place)
        epoch = place.epoch if place.batch == 0 else None
        model = replace(self.state.model, run=run).with_weights(self._checked(layers), epoch)
        self._change(replace(self.state, model=model))

    def resume_run(self) -> None:
        """Go on with a training that waits."""
        run = replace(self._running(), paused=None)
        self._change(replace(self.state, model=replace(self.state.model, run=run)))

    def _name_end(self, run: Run) -> Run:
        """Have the step of a training that ended early say so."""
        wanted = f"{run.recipe.epochs:,} epochs"
        if run.stopped and run.epochs < run.recipe.epochs:
            self._rename_last(self._undo[-1].name.replace(wanted, f"{run.epochs:,} of {wanted}", 1))
        return run

    def break_off_run(self, reason: str) -> None:
        """End a training that could not go on, for ``reason``: what it had come to is kept.

        If it had not come to the end of an epoch, the model is again what it was before it began.
        """
        run = self._running()
        if not run.epochs:
            self.abandon_run()
            return
        run = self._name_end(run.ended(run.seconds, stopped=True, reason=reason))
        self._change(replace(self.state, model=replace(self.state.model, run=run)))

    def abandon_run(self) -> None:
        """End a training that came to nothing: the model is again what it was before it began."""
        self._running()
        step = self._undo.pop()
        # Another point may have been chosen meanwhile; it stays.
        self._put(step.model, step.dataset, self.state.x, None, self.state.path)

    # Time

    def go_to_epoch(self, epoch: int) -> None:
        """Show the weights after ``epoch`` everywhere; to train from there is to start a training.

        From weights that are of no epoch, such as edited ones, this is a step that can be taken back.

        Raises:
            Refused: there was no training, or that epoch's weights are not kept.
        """
        try:
            model = self.state.model.at(epoch)
        except KeyError:
            raise Refused(self._why_no_epoch(epoch)) from None
        if self.state.model.epoch is None and not self.state.training:
            self._step(f"go to epoch {epoch:,}", model)
        elif model.weights is not self.state.model.weights:
            self._change(replace(self.state, model=model))

    def step_epoch(self, epochs: int) -> None:
        """Go ``epochs`` epochs on or back, to the nearest one in that direction that is kept.

        Raises:
            Refused: there was no training.
        """
        run = self.state.model.run
        if run is None:
            raise Refused(self._why_no_epoch(0))
        here = run.kept.last if self.state.model.epoch is None else self.state.model.epoch
        self.go_to_epoch(run.kept.towards(here, epochs))

    def go_near_epoch(self, epoch: int) -> None:
        """Show the kept epoch that is nearest to ``epoch``.

        Raises:
            Refused: there was no training.
        """
        run = self.state.model.run
        if run is None:
            raise Refused(self._why_no_epoch(epoch))
        self.go_to_epoch(run.kept.nearest(epoch))

    def _why_no_epoch(self, epoch: int) -> str:
        run = self.state.model.run
        if run is None:
            return "expected a training whose epochs could be shown, got none: space on the Training tab starts one"
        return f"expected one of the {len(run.kept):,} epochs from 0 to {run.kept.last:,} that are kept, got {epoch:,}"

    # Runs to compare

    def pin(self, name: str) -> None:
        """Keep the present training under ``name``.

        Raises:
            Refused: there is none, it is under way, or the name is taken or empty.
        """
        self._refuse_while_training()
        model, name = self.state.model, shorten(name.strip(), MAX_NAME)
        if model.run is None or not model.run.epochs:
            raise Refused("expected a finished training to pin, got none")
        if not name or any(pinned.name == name for pinned in self.state.pinned):
            raise Refused(f"expected a new name, got {name!r}, which is {'taken' if name else 'empty'}")
        pinned = Pinned(name, self.state.dataset, model, model.run)
        self._change(replace(self.state, pinned=(*self.state.pinned, pinned)))

    def unpin(self, place: int) -> None:
        """Let a pinned training go."""
        pinned = self.state.pinned
        self._change(replace(self.state, pinned=pinned[:place] + pinned[place + 1 :]))

    def return_to(self, place: int) -> None:
        """Take a pinned training's model, data and recipe again."""
        self._refuse_while_training()
        pinned = self.state.pinned[place]
        self._step(f"return to {pinned.name}", pinned.model, pinned.dataset, pinned.run.recipe)

    # What several of these do

    def _previous(self) -> Run | None:
        """Return the training that the next one is compared with: the present one, if it came to anything."""
        run = self.state.model.run
        return run if run is not None and run.epochs else self.state.previous

    def _checked(self, layers: tuple[LayerArrays, ...]) -> Weights:
        return Weights.for_network(self.state.model.network, layers)

    def _running(self) -> Run:
        run = self.state.model.run
        if run is None or not run.running:
            raise Refused("no training is under way")
        return run


def _training_name(state: State) -> str:
    """Return what a training from the present weights is called in the list of steps."""
    epochs = f"train {state.recipe.epochs:,} epochs"
    run, epoch = state.model.run, state.model.epoch
    branches = run is not None and epoch is not None and 0 < epoch < run.epochs
    return f"{epochs} on from epoch {epoch:,}" if branches else epochs
