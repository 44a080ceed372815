"""Trail: the state with its steps back and forth; each step is a reference to what it replaced."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from core.arrays import Array, point
from core.errors import Refused
from core.session.budget import (
    UNCOUNTED,
    Room,
    allowed_beside,
    files_fitting,
    fitting,
    held_by,
    held_by_file,
    taken_by,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from core.data.dataset import Dataset
    from core.data.editing import Moved
    from core.session.budget import Held
    from core.session.state import Model, Saved, State
    from core.training.recipe import Recipe


@dataclass(frozen=True, eq=False)
class Step:
    """What one undoable change replaced: the recipe if it took another one, the path if it ``opened`` a file.

    ``moved`` is where the rows of the data went, if it changed these and took no others.
    """

    name: str
    dataset: Dataset
    model: Model
    x: Array
    recipe: Recipe | None
    path: Path | None
    opened: bool
    moved: Moved | None = None

    @cached_property
    def held(self) -> Held:
        """The memory that it takes."""
        return held_by(self.model, self.dataset)


@dataclass(frozen=True)
class Steps:
    """The steps that can be undone, the oldest first, and those that can be redone, the next one last.

    ``beginning`` says what there was before them, "" if that is not known; ``saved_as`` is the name of the file that
    they were kept with, "" if they are all of this session.
    """

    undo: tuple[Step, ...] = ()
    redo: tuple[Step, ...] = ()
    beginning: str = ""
    saved_as: str = ""

    def since_opened(self) -> Steps:
        """Return the steps of the present file alone: those between two openings."""
        place = _place_of_opening(self.undo)
        beginning = self.beginning if place is None else self.undo[place].name
        return replace(self, undo=_behind_opening(self.undo), redo=_behind_opening(self.redo), beginning=beginning)


def _place_of_opening(steps: Sequence[Step]) -> int | None:
    return max((place for place, step in enumerate(steps) if step.opened), default=None)


def _behind_opening(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    place = _place_of_opening(steps)
    return steps if place is None else steps[place + 1 :]


class Trail:
    """Holds the current :class:`State` and tells ``on_change`` of every new one."""

    def __init__(self, state: State, on_change: Callable[[State], None]) -> None:
        self.state = state
        self._on_change = on_change
        self._undo: list[Step] = []
        self._redo: list[Step] = []
        self._beginning = self._saved_as = ""
        self._gone = self._uncounted = 0

    @property
    def steps(self) -> Steps:
        """The steps back and forth as they are now."""
        return Steps(tuple(self._undo), tuple(self._redo), self._beginning, self._saved_as)

    @property
    def room(self) -> Room:
        """What the steps take of what they may take."""
        state, steps = self.state, [step.held for step in (*self._undo, *self._redo)]
        elsewhere, pinned = self._elsewhere(state.model, state.dataset), self.state.pinned
        pins = taken_by([held_by(one.model, one.dataset) for one in pinned], {}) if pinned else 0
        files = self._of_files(elsewhere)
        taken = files + taken_by(steps, {**elsewhere, **self._held_by_files()})
        return Room(len(steps), taken, allowed_beside(state.model), self._gone, files, len(pinned), pins)

    def _held_by_files(self) -> Held:
        return {key: size for file in self.state.files.values() for key, size in held_by_file(file).items()}

    def _of_files(self, elsewhere: Held) -> int:
        """Return how many bytes what files had takes beside what is held ``elsewhere``."""
        return sum(size for key, size in self._held_by_files().items() if key not in elsewhere)

    def with_file(self, path: Path, file: Saved) -> Mapping[Path, Saved]:
        """Return the files that are known once ``file`` is what ``path`` has; those of longest ago make room.

        Where a step leads back to, the model is of its own file, and not of another that has the same layers.
        """
        files = {**{other: held for other, held in self.state.files.items() if other != path}, path: file}
        elsewhere, allowed = self._elsewhere(self.state.model, self.state.dataset), allowed_beside(self.state.model)
        stay = files_fitting([held_by_file(one) for one in files.values()], elsewhere, allowed)
        back = {self.state.path, *(step.path for step in (*self._undo, *self._redo) if step.opened)}
        first = len(files) - stay
        return {other: held for at, (other, held) in enumerate(files.items()) if at >= first or other in back}

    def _elsewhere(self, model: Model, dataset: Dataset) -> Held:
        held = held_by(model, dataset)
        for pinned in self.state.pinned:
            held.update(held_by(pinned.model, pinned.dataset))
        return held

    def _make_room(self, model: Model, dataset: Dataset) -> None:
        """Let the oldest steps go that there is no room for once ``model`` and ``dataset`` are the present ones.

        To go back and forth takes no more than there was room for, so that no step goes then.
        """
        elsewhere, allowed = self._elsewhere(model, dataset), allowed_beside(model)
        allowed -= self._of_files(elsewhere)
        elsewhere.update(self._held_by_files())
        undo = [step.held for step in self._undo]
        self._uncounted += taken_by(undo[-1:], elsewhere)
        if self._uncounted < UNCOUNTED * allowed:
            return
        self._uncounted = 0
        if gone := len(undo) - fitting(undo, (step.held for step in self._redo), elsewhere, allowed):
            del self._undo[:gone]
            self._gone += gone
            self._beginning = ""

    def take_up(self, steps: Steps) -> None:
        """Have the steps that once led to the present weights, in place of those of this session."""
        state = self.state
        self._have(steps, state.model)
        self._make_room(state.model, state.dataset)
        self.put(state.model, state.dataset, state.x, None, state.path)

    def become(self, state: State, steps: Steps) -> None:
        """Be where another session stood, with the steps that led there."""
        self._have(steps, state.model)
        self.change(state)

    def _have(self, steps: Steps, model: Model) -> None:
        # How much there is beside the present model is not known, so that all is counted the next time.
        self._undo, self._redo, self._uncounted = list(steps.undo), list(steps.redo), allowed_beside(model)
        self._beginning, self._saved_as = steps.beginning, steps.saved_as

    def undo(self) -> str:
        """Take the last step back, and return its name.

        Raises:
            Refused: there is none, or a training is under way.
        """
        return self._travel(self._undo, self._redo, "undo")

    def redo(self) -> str:
        """Do the last step that was undone again, and return its name.

        Raises:
            Refused: there is none, or a training is under way.
        """
        return self._travel(self._redo, self._undo, "redo")

    def go_to_step(self, steps: int) -> None:
        """Undo or redo until ``steps`` steps are done.

        Raises:
            Refused: there are not so many, or a training is under way.
        """
        if not 0 <= steps <= len(self._undo) + len(self._redo):
            raise Refused(f"expected 0 to {len(self._undo) + len(self._redo)} steps, got {steps}")
        with self.together():
            while len(self._undo) != steps:
                (self.undo if len(self._undo) > steps else self.redo)()

    def _travel(self, source: list[Step], target: list[Step], verb: str) -> str:
        self.refuse_while_training()
        if not source:
            raise Refused(f"nothing to {verb}")
        step = source.pop()
        present = self._present(step.name, recipe=step.recipe is not None, opened=step.opened, moved=step.moved)
        target.append(present)
        self._restore(step, None if step.moved is None else self._row(step.moved, back=source is self._undo))
        return step.name

    @contextmanager
    def together(self) -> Iterator[None]:
        """Make several changes one: ``on_change`` is told once, of what they come to."""
        before, tell = self.state, self._on_change
        self._on_change = lambda _state: None
        try:
            yield
        finally:
            self._on_change = tell
            if self.state is not before:
                tell(self.state)

    def change(self, state: State) -> None:
        """Be at another state, which is no step."""
        self.state = state
        self._on_change(state)

    def go_on(
        self,
        name: str,
        model: Model,
        dataset: Dataset | None = None,
        recipe: Recipe | None = None,
        opened: Path | None = None,
        moved: Moved | None = None,
    ) -> None:
        """Go on to ``model``, and to the data, the recipe and the path of an opened file that are given.

        Of data whose rows ``moved`` the row in hand stays in hand.
        """
        recipe = None if recipe == self.state.recipe else recipe
        self._undo.append(self._present(name, recipe=recipe is not None, opened=opened is not None, moved=moved))
        self._redo.clear()
        row = None if moved is None else self._row(moved, back=False)
        data = self.state.dataset if dataset is None else dataset
        self._make_room(model, data)
        self.put(model, data, self.state.x, recipe, opened or self.state.path, row)

    @property
    def last(self) -> Step:
        """The last step that was done; there must be one."""
        return self._undo[-1]

    def drop_last(self) -> Step:
        """Forget that the last step was done, and return what it replaced."""
        return self._undo.pop()

    def rename_last(self, name: str) -> None:
        """Call the last step otherwise, now that it is known what became of it."""
        self._undo[-1] = replace(self._undo[-1], name=name)
        self.state = replace(self.state, done=tuple(step.name for step in self._undo))

    def _row(self, moved: Moved, *, back: bool) -> int | None:
        """Return where the row in hand is once rows have moved, or have moved ``back``; None if there is none."""
        row = self.state.row
        if row is None:
            return None
        return moved.before(row) if back else moved.after(row)

    def _restore(self, step: Step, row: int | None) -> None:
        # The point in hand is no part of a step: it stays, unless it no longer fits, or is of another file.
        fits = not step.opened and self.state.x.shape == (step.model.network.inputs,)
        path = step.path if step.opened else self.state.path
        self.put(step.model, step.dataset, self.state.x if fits else step.x, step.recipe, path, row)

    def put(
        self,
        model: Model,
        dataset: Dataset,
        x: Array,
        recipe: Recipe | None,
        path: Path | None,
        row: int | None = None,
    ) -> None:
        """Be at a model and the data, with x and the row in hand as far as they fit."""
        fits = dataset.inputs == model.network.inputs
        if row is not None and row < len(dataset) and fits:
            taken = point(dataset.points[row])
            x = x if np.array_equal(x, taken) else taken
        else:
            row = self.state.row if x is self.state.x and dataset is self.state.dataset else None
        if x.shape != (model.network.inputs,):
            x, row = (point(dataset.points[0]), 0) if fits else (model.own_point, None)
        self.change(
            replace(
                self.state,
                model=model,
                dataset=dataset,
                recipe=recipe or self.state.recipe,
                x=x,
                row=row,
                given=self.state.given and x is self.state.x,
                path=path,
                # Another file is another model: nothing of it was changed yet.
                before=self._undo[-1].model if self._undo and not self._undo[-1].opened else None,
                done=tuple(step.name for step in self._undo),
                undone=tuple(step.name for step in self._redo),
                gone=self._gone,
            )
        )

    def _present(self, name: str, *, recipe: bool, opened: bool, moved: Moved | None) -> Step:
        state = self.state
        kept = state.recipe if recipe else None
        return Step(name, state.dataset, state.model, state.x, kept, state.path, opened, moved)

    def refuse_while_training(self) -> None:
        """Refuse what would change the state under a training.

        Raises:
            Refused: one is under way, or waits.
        """
        run = self.state.model.run
        if run is not None and run.paused is not None:
            raise Refused("a training waits: end it first (x on the Training tab), or let it go on to its end (space)")
        if self.state.training:
            raise Refused("a training is under way: stop it first (space on the Training tab)")
