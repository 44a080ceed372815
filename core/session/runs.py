"""Runs: the session's trainings: begun, followed, ended, gone back in, pinned. Every change can be taken back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from core.data.checks import require_one_kind
from core.errors import Refused, shorten
from core.formatting import count
from core.model.network import require_loss, require_trainable
from core.model.weights import LayerArrays, Weights
from core.session.budget import held_by, require_room
from core.session.history import KeptWeights
from core.session.state import Pinned, Place, Run
from core.tasks.fitting import require_trains

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.session.history import EpochNumbers, Stacked
    from core.session.state import Model
    from core.session.trail import Trail
    from core.training.recipe import Recipe
    from core.training.standing import Standing

MAX_NAME = 80
"""Characters of a pinned training's name: enough for its settings in words."""


class Runs:
    """What trainings make of the state of a trail; ``budget`` bytes of each training's weights are kept."""

    def __init__(self, trail: Trail, budget: int) -> None:
        self._trail, self._budget = trail, budget

    # Training

    def start(self) -> Run:
        """Begin a training from the present weights, over rows as long as the data's if the length is not fixed.

        Raises:
            Refused: one is under way, or data, labels and model don't fit, or every layer is frozen.
        """
        self._trail.refuse_while_training()
        state = self._trail.state
        model = state.model.as_long(state.dataset.inputs)
        if model is not state.model:
            self._trail.put(model, state.dataset, state.x, None, state.path, 0)
            state = self._trail.state
        return self._begin(state.model, state.recipe)

    @property
    def begins_anew(self) -> str:
        """Why :meth:`go_on` lets the optimizer, its learning rate and the curves begin anew; "" if they go on."""
        state, run = self._trail.state, self._cut_short()
        if state.dataset is not run.dataset:
            return "the data have changed since"
        if not state.recipe.trains_as(run.recipe):
            return "settings have changed since"
        if run.kept.last and (run.standing is None or run.standing.epoch != run.kept.last):
            return f"what it held after epoch {run.kept.last:,} is not kept"
        return ""

    def go_on(self) -> Run:
        """Train the epochs that are left of a training that ended before its last, from the last one kept.

        What it comes to is what it would have come to if it had never ended, unless something :attr:`begins_anew`.

        Raises:
            Refused: there is no such training, or for what :meth:`start` refuses.
        """
        self._trail.refuse_while_training()
        state, run = self._trail.state, self._cut_short()
        model = state.model.at(run.kept.last)
        if self.begins_anew:
            return self._begin(model, msgspec.structs.replace(state.recipe, epochs=run.epochs_left))
        self._require_trains(model)
        run = run.gone_on(msgspec.structs.replace(state.recipe, epochs=run.recipe.epochs))
        name = f"go on from epoch {run.since:,} to {count(run.recipe.epochs, 'epoch')}"
        self._trail.go_on(name, replace(model, run=run))
        return run

    def _cut_short(self) -> Run:
        run = self._trail.state.model.run
        if run is None or run.running or not run.epochs_left:
            raise Refused("expected a training that ended before its last epoch, got none: space trains")
        return run

    def _begin(self, model: Model, recipe: Recipe) -> Run:
        """Begin a training from the weights of ``model``."""
        state = self._trail.state
        self._require_trains(model)
        kept = KeptWeights.starting(model.weights, self._budget)
        run = Run(recipe, kept, running=True, dataset=state.dataset)
        self._trail.state = replace(state, previous=self.previous())
        self._trail.go_on(_training_name(model, recipe.epochs), replace(model, run=run, epoch=0))
        return run

    def _require_trains(self, model: Model) -> None:
        """Refuse a training of a model, which fits the one that is here, if it could not be."""
        state = self._trail.state
        require_loss(model.network)
        if not len(state.dataset):
            raise Refused(f"expected data to train on, got none. {state.misfit}")
        if not state.fits:
            raise Refused(
                f"expected data of {count(model.network.inputs, 'input')} for this model, "
                f"got points of {state.dataset.inputs}: make such data on the Data tab"
            )
        require_trains(state.task, state.recipe, model.network, state.dataset)
        if model.weights.count == 0:
            raise Refused("expected a model with weights to train, got one without any")
        require_trainable(model.network)
        state.recipe.training_points(len(state.dataset))
        require_one_kind(state.recipe.class_weights, state.dataset.weights)

    def add_epochs(
        self,
        epochs: Sequence[EpochNumbers],
        seconds: float,
        kept: Sequence[int] = (),
        stacked: Stacked = (),
        method: str = "",
        standing: Standing | None = None,
    ) -> None:
        """Note epochs that have ended, ``seconds`` after the training began, and the weights after those in ``kept``.

        ``standing`` is where it stands beside them after the last. The newest weights are shown, unless the person has
        gone back to an earlier epoch.
        """
        run = self._running().grown(epochs, seconds, kept, stacked, method, standing)
        self._trail.change(replace(self._trail.state, model=self._trail.state.model.following(run)))

    def compiling(self, seconds: float) -> None:
        """Note that the training waits for its program, and has waited so many ``seconds`` in all."""
        run = replace(self._running(), compiling=seconds, waits=True)
        self._trail.change(replace(self._trail.state, model=replace(self._trail.state.model, run=run)))

    def finish(
        self,
        layers: tuple[LayerArrays, ...],
        seconds: float,
        *,
        stopped: bool,
        epoch: int | None = None,
        method: str = "",
        reason: str = "",
        standing: Standing | None = None,
    ) -> None:
        """End the training with its last weights: those after ``epoch``, or None if it ended within one.

        They are shown, unless they are kept and the person has gone back to an earlier epoch. A training that was
        stopped before its first batch leaves everything as it was.
        """
        run, weights = self._running(), self._checked(layers)
        if stopped and run.epochs == run.since and self._trail.state.model.weights.equal(weights):
            self.abandon()
            return
        run = self._name_end(run.ended(seconds, stopped=stopped, method=method, reason=reason, standing=standing))
        shown = replace(self._trail.state.model, run=run)
        last = shown.with_weights(weights, epoch)
        looks_back = shown.epoch is not None and shown.epoch < run.kept.last
        self._trail.change(replace(self._trail.state, model=shown if looks_back and last.epoch is not None else last))

    def pause(self, layers: tuple[LayerArrays, ...], place: Place) -> None:
        """Show the weights at which a training waits."""
        run = replace(self._running(), paused=place, waits=False)
        epoch = place.epoch if place.batch == 0 else None
        model = replace(self._trail.state.model, run=run).with_weights(self._checked(layers), epoch)
        self._trail.change(replace(self._trail.state, model=model))

    def resume(self) -> None:
        """Go on with a training that waits."""
        run = replace(self._running(), paused=None)
        self._trail.change(replace(self._trail.state, model=replace(self._trail.state.model, run=run)))

    def _name_end(self, run: Run) -> Run:
        """Have the step of a training that ended early say so."""
        if (name := named_by_end(self._trail.last.name, run)) != self._trail.last.name:
            self._trail.rename_last(name)
        return run

    def break_off(self, reason: str) -> None:
        """End a training that could not go on, for ``reason``: what it had come to is kept.

        If it had not come to the end of an epoch, the model is again what it was before it began.
        """
        run = self._running()
        if run.epochs == run.since:
            self.abandon()
            return
        run = self._name_end(run.ended(run.seconds, stopped=True, reason=reason))
        self._trail.change(replace(self._trail.state, model=replace(self._trail.state.model, run=run)))

    def abandon(self) -> None:
        """End a training that came to nothing: the model is again what it was before it began."""
        self._running()
        step = self._trail.drop_last()
        # Another point may have been chosen meanwhile; it stays.
        self._trail.put(step.model, step.dataset, self._trail.state.x, None, self._trail.state.path)

    # Time

    def go_to_epoch(self, epoch: int) -> None:
        """Show the weights after ``epoch`` everywhere; to train from there is to start a training.

        From weights that are of no epoch, such as edited ones, this is a step that can be taken back.

        Raises:
            Refused: there was no training, or that epoch's weights are not kept.
        """
        try:
            model = self._trail.state.model.at(epoch)
        except KeyError:
            raise Refused(self._why_no_epoch(epoch)) from None
        if self._trail.state.model.epoch is None and not self._trail.state.training:
            self._trail.go_on(f"go to epoch {epoch:,}", model)
        elif model.weights is not self._trail.state.model.weights:
            self._trail.change(replace(self._trail.state, model=model))

    def step_epoch(self, epochs: int) -> None:
        """Go ``epochs`` epochs on or back, to the nearest one in that direction that is kept.

        Raises:
            Refused: there was no training.
        """
        run = self._trail.state.model.run
        if run is None:
            raise Refused(self._why_no_epoch(0))
        here = run.kept.last if self._trail.state.model.epoch is None else self._trail.state.model.epoch
        self.go_to_epoch(run.kept.towards(here, epochs))

    def go_near_epoch(self, epoch: int) -> None:
        """Show the kept epoch that is nearest to ``epoch``.

        Raises:
            Refused: there was no training.
        """
        run = self._trail.state.model.run
        if run is None:
            raise Refused(self._why_no_epoch(epoch))
        self.go_to_epoch(run.kept.nearest(epoch))

    def _why_no_epoch(self, epoch: int) -> str:
        run = self._trail.state.model.run
        if run is None:
            return "expected a training whose epochs could be shown, got none: space on the Training tab starts one"
        return f"expected one of the {len(run.kept):,} epochs from 0 to {run.kept.last:,} that are kept, got {epoch:,}"

    # Runs to compare

    def pin(self, name: str) -> None:
        """Keep the present training under ``name``.

        Raises:
            Refused: there is none, it is under way, the name is taken or empty, or the pinned ones get too large.
        """
        self._trail.refuse_while_training()
        model, name = self._trail.state.model, shorten(name.strip(), MAX_NAME)
        if model.run is None or not model.run.epochs:
            raise Refused("expected a finished training to pin, got none")
        if not name or any(pinned.name == name for pinned in self._trail.state.pinned):
            raise Refused(f"expected a new name, got {name!r}, which is {'taken' if name else 'empty'}")
        pinned = *self._trail.state.pinned, Pinned(name, self._trail.state.dataset, model, model.run)
        require_room([held_by(one.model, one.dataset) for one in pinned])
        self._trail.change(replace(self._trail.state, pinned=pinned))

    def unpin(self, place: int) -> None:
        """Let a pinned training go."""
        pinned = self._trail.state.pinned
        self._trail.change(replace(self._trail.state, pinned=pinned[:place] + pinned[place + 1 :]))

    def return_to(self, place: int) -> None:
        """Take a pinned training's model, data and recipe again."""
        self._trail.refuse_while_training()
        pinned = self._trail.state.pinned[place]
        self._trail.go_on(f"return to {pinned.name}", pinned.model, pinned.dataset, pinned.run.recipe)

    # What several of these do

    def previous(self) -> Run | None:
        """Return the training that the next one is compared with: the present one, if it came to anything."""
        run = self._trail.state.model.run
        return run if run is not None and run.epochs else self._trail.state.previous

    def _checked(self, layers: tuple[LayerArrays, ...]) -> Weights:
        return Weights.for_network(self._trail.state.model.network, layers)

    def _running(self) -> Run:
        run = self._trail.state.model.run
        if run is None or not run.running:
            raise Refused("no training is under way")
        return run


def named_by_end(name: str, run: Run) -> str:
    """Return what the step of a training is called, once called ``name``, which may have ended early."""
    wanted = count(run.recipe.epochs, "epoch")
    early = run.stopped and run.epochs < run.recipe.epochs
    return name.replace(wanted, f"{run.epochs:,} of {wanted}", 1) if early else name


def _training_name(model: Model, amount: int) -> str:
    """Return what a training of so many epochs from a model's weights is called in the list of steps."""
    epochs = f"train {count(amount, 'epoch')}"
    run, epoch = model.run, model.epoch
    branches = run is not None and epoch is not None and 0 < epoch < run.epochs
    return f"{epochs} on from epoch {epoch:,}" if branches else epochs
