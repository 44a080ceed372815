"""The frozen values that a screen shows: a training, a model, a pinned run, and the state that holds them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from core.arrays import point
from core.calculation.running import in_a_row
from core.data.dataset import DataFile
from core.data.makers import Nothing
from core.errors import Refused, shorten
from core.formatting import count
from core.model.network import why_no_loss, with_length
from core.model.own_inputs import own_inputs
from core.model.weights import Weights
from core.session.history import History, KeptWeights
from core.tasks import NoLabels, task_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from core.arrays import Array
    from core.data.dataset import Dataset
    from core.model.between import Content
    from core.model.network import Network
    from core.saving import Stamp
    from core.session.history import EpochNumbers, Stacked
    from core.tasks import Task
    from core.training.recipe import Recipe
    from core.training.standing import Standing


@dataclass(frozen=True, eq=False)
class Run:
    """One training: its recipe and data, what it told of every epoch, the weights that are kept, and how it ended.

    ``method`` is what ran ("xla", "tf.function", "fit"), ``reason`` a sentence if a stop rule ended it. ``compiling``
    are the seconds that it has waited for programs to be compiled, and with ``waits`` it is waiting for one now.
    ``identity`` is the same for all that one training comes to. ``since`` is the epoch after which it went on, if it
    had been cut before, and ``standing`` where it stood, beside its weights, after the last epoch told.
    """

    recipe: Recipe
    kept: KeptWeights
    history: History = field(default_factory=History)
    seconds: float = 0.0
    running: bool = False
    paused: Place | None = None
    stopped: bool = False
    method: str = ""
    reason: str = ""
    dataset: Dataset | None = None
    compiling: float = 0.0
    waits: bool = False
    identity: object = field(default_factory=object)
    since: int = 0
    standing: Standing | None = None

    @property
    def epochs(self) -> int:
        """How many epochs have ended."""
        return len(self.history)

    @property
    def epochs_left(self) -> int:
        """How many epochs of the recipe come after the last one whose weights are kept."""
        return max(self.recipe.epochs - self.kept.last, 0)

    def grown(
        self,
        epochs: Sequence[EpochNumbers],
        seconds: float,
        kept: Sequence[int],
        stacked: Stacked,
        method: str,
        standing: Standing | None,
    ) -> Run:
        """Return this after more epochs, with the weights after those in ``kept``, and where it stands then."""
        history = self.history.extended(epochs)
        weights = self.kept.extended(kept, stacked, history.best) if kept else self.kept
        return replace(
            self,
            history=history,
            kept=weights,
            seconds=seconds,
            method=method or self.method,
            waits=False,
            standing=standing,
        )

    def ended(
        self,
        seconds: float,
        *,
        stopped: bool,
        method: str = "",
        reason: str = "",
        standing: Standing | None = None,
    ) -> Run:
        """Return this as it is after its end; where one stood that can't go on is let go."""
        run = replace(self, running=False, paused=None, stopped=stopped, seconds=seconds, reason=reason)
        return replace(
            run, method=method or self.method, standing=(standing or self.standing) if self.epochs_left else None
        )

    def gone_on(self, recipe: Recipe) -> Run:
        """Return this as it goes on after the last epoch kept, as another training: what it came to stays as it is."""
        standing = self.standing if self.kept.last else None
        if standing is not None and not recipe.stops_as(self.recipe):
            standing = msgspec.structs.replace(standing, heard=None)
        return replace(
            self,
            recipe=recipe,
            history=self.history.until(self.kept.last),
            running=True,
            stopped=False,
            reason="",
            identity=object(),
            since=self.kept.last,
            standing=standing,
        )


@dataclass(frozen=True)
class Place:
    """Where a training waits: after ``epoch`` whole epochs and ``batch`` of the next one's ``batches`` batches."""

    epoch: int
    batch: int
    batches: int


@dataclass(frozen=True, eq=False)
class Model:
    """A network with its weights, the ones that it began with, and the training that led from one to the other.

    ``epoch`` is the one of the training whose weights these are, None if they are of none. ``archive`` is the
    file that it was opened from, kept so that saving loses nothing of it.
    """

    network: Network
    initial: Weights
    weights: Weights
    run: Run | None = None
    epoch: int | None = None
    archive: Content | None = None

    @cached_property
    def own_point(self) -> Array:
        """What x is until somebody gives another one: the mean that the model itself has of its inputs, else zeros."""
        network = self.network
        return point(in_a_row(own_inputs(network.graph, self.weights.by_name(network), network.input_shapes)))

    def as_long(self, inputs: int) -> Model:
        """Return this over rows of so many numbers, of no training, if its length is not fixed; else this."""
        return self._over(with_length(self.network, inputs))

    def of_lengths(self, lengths: tuple[int, ...]) -> Model:
        """Return this with these sizes of the axes whose length is not fixed, of no training if they are others.

        Raises:
            Refused: it can't be calculated so.
        """
        network = msgspec.structs.replace(self.network, lengths=lengths)
        if network.written.stops:
            raise Refused(network.written.stops)
        return self._over(network)

    def _over(self, network: Network) -> Model:
        if network.lengths == self.network.lengths:
            return self
        weights, initial = Weights(self.weights.layers), Weights(self.initial.layers)
        return replace(self, network=network, weights=weights, initial=initial, run=None, epoch=None)

    def at(self, epoch: int) -> Model:
        """Return this with the weights after ``epoch``.

        Raises:
            KeyError: that epoch is not kept.
        """
        if self.run is None:
            raise KeyError(epoch)
        return replace(self, weights=self.run.kept.weights(epoch), epoch=epoch)

    def following(self, run: Run) -> Model:
        """Return this with what has become of its training: its newest weights, unless older ones are shown."""
        follows = self.run is None or self.epoch is None or self.epoch == self.run.kept.last
        model = replace(self, run=run)
        return model.at(run.kept.last) if follows else model

    def with_weights(self, weights: Weights, epoch: int | None = None) -> Model:
        """Return this with ``weights``: those that are kept of ``epoch``, if they are the same, else of no epoch."""
        if (
            self.run is not None
            and epoch is not None
            and epoch in self.run.kept
            and self.run.kept.weights(epoch).equal(weights)
        ):
            return self.at(epoch)
        return replace(self, weights=weights, epoch=None)


@dataclass(frozen=True, eq=False)
class Saved:
    """What of a model a file has: its network, with the layers that are frozen, its weights, and its settings.

    ``stamp`` is by what it is known whether somebody else has changed the file since; ``recipe`` is what was set when
    the file was opened or saved, None if that is not known.
    """

    network: Network
    weights: Weights
    stamp: Stamp | None = None
    recipe: Recipe | None = None


@dataclass(frozen=True, eq=False)
class Pinned:
    """A finished training that can be compared and returned to."""

    name: str
    dataset: Dataset
    model: Model
    run: Run


@dataclass(frozen=True, eq=False)
class State:
    """Everything that a screen shows. ``done`` and ``undone`` are the names of the steps to undo and redo,
    ``gone`` how many older ones there was no more room for (see :mod:`core.session.budget`).

    ``before`` is the model before the last step, ``previous`` the training before the present one; ``row`` is the
    row of the data that ``x`` was taken from, None if it is of none, and ``given`` whether somebody typed ``x``;
    ``files`` are those opened or saved, the last one last, with what they have; ``path`` is the one that is in hand.
    ``saved_data`` are the data that were saved last.
    """

    dataset: Dataset
    model: Model
    recipe: Recipe
    x: Array
    row: int | None = None
    given: bool = False
    path: Path | None = None
    files: Mapping[Path, Saved] = field(default_factory=dict)
    before: Model | None = None
    previous: Run | None = None
    saved_data: Dataset | None = None
    pinned: tuple[Pinned, ...] = ()
    done: tuple[str, ...] = ()
    undone: tuple[str, ...] = ()
    gone: int = 0

    @property
    def training(self) -> bool:
        """Whether a training is under way."""
        return self.model.run is not None and self.model.run.running

    @property
    def steps_in_words(self) -> tuple[str, ...]:
        """The steps that are done; the last one is said to be under way while it is a training that is."""
        run = self.model.run
        if run is None or not run.running:
            return self.done
        return (*self.done[:-1], *(f"{name}, {'waits' if run.paused else 'under way'}" for name in self.done[-1:]))

    @property
    def unsaved(self) -> bool:
        """Whether there is a model that no file has, and that was not there at the start."""
        model = self.model
        held = (model.weights is file.weights and model.network == file.network for file in self.files.values())
        return bool(self.done) and not any(held)

    @property
    def unsaved_data(self) -> bool:
        """Whether rows of the data were changed since they were opened, made or saved."""
        origin = self.dataset.origin
        return isinstance(origin, DataFile) and origin.edits is not None and self.dataset is not self.saved_data

    @property
    def own_file(self) -> Path | None:
        """The file that the model is of: the last one that has its layers, frozen or not; None if there is none."""
        graph = self.model.network.unfrozen
        of_it = [path for path, file in self.files.items() if file.network.unfrozen == graph]
        return self.path if self.path in of_it else next(reversed(of_it), None)

    @cached_property
    def task(self) -> Task:
        """What the labels mean to the model and the recipe's loss; what was chosen for other labels does not count."""
        if why := why_no_loss(self.model.network):
            return NoLabels(why)
        losses = self.recipe.losses(len(self.model.network.graph.outputs))
        asked = self.dataset, self.model.network, losses
        try:
            return task_of(*asked, self.recipe.task)
        except Refused:
            return task_of(*asked)

    @property
    def fits(self) -> bool:
        """Whether the data set has as many inputs as the network."""
        return self.dataset.inputs == self.model.network.inputs

    @property
    def awaits_row(self) -> bool:
        """Whether x is to be row 1 of data that are new: nobody gave x, and it is not the tutorial's, or they are own.

        Made data leave the tutorial's x as it is.
        """
        untouched = np.array_equal(self.x, self.model.own_point)
        return self.fits and not self.given and (untouched or isinstance(self.dataset.origin, DataFile))

    @property
    def misfit(self) -> str:
        """That the data don't fit the model, and what to do, in a sentence; "" if they do."""
        if self.fits:
            return ""
        origin = self.dataset.origin
        if isinstance(origin, Nothing):
            return "There are no data: on Data, o opens some, s makes some."
        data = shorten(origin.name) if isinstance(origin, DataFile) else "a point of the data"
        return (
            f"The model has {count(self.model.network.inputs, 'input')}, {data} has {self.dataset.inputs:,}: "
            "the data don't fit it, and stay as they are. On Data, o opens others, or other columns of these, "
            "s makes some."
        )


def only_data_changed(state: State) -> bool:
    """Whether data were changed and not saved, while the model is as it began."""
    return state.unsaved_data and state.model.weights is state.model.initial
