"""SidesDialog: the decision boundary before the last step and now, and the points that changed side, one by one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen

from core.calculation.boundary import field
from core.cells import cell_width, padded, padded_before
from core.errors import Refused, shorten
from core.formatting import number, width_of
from core.names import told_apart
from core.tasks import Answers, Classes, Errors, OfOutputs
from tui.beside import beside
from tui.tabs.effect_words import row_text, several_sides, sides_text, why_no_worth
from tui.tabs.pictures import picture
from tui.widgets.key_bar import KeyBar
from tui.widgets.listing import Listing
from tui.widgets.plane import Picture, Plane
from tui.widgets.text import plain
from tui.widgets.words import Words

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from core.calculation.effect import Effect, Sides
    from core.chunks import Pause
    from core.session.state import Model, State

NAME = 10
"""Columns of a class's name."""

WIDE = 100
"""Columns of a terminal from which on outputs have room beside the classes that they answer."""

DRAWN = 20_000
"""Points of a picture: more than it has cells."""


@dataclass(frozen=True, eq=False)
class Compared:
    """The models before and after the last ``step``, how many rows each gets right, and which changed side."""

    step: str
    models: tuple[Model, Model]
    right: tuple[int, int]
    sides: Sides


def compared(state: State, now: Effect | None, before: Effect | None) -> Compared:
    """Return what the last step is shown by.

    Raises:
        Refused: there was no step, its effect is not known by now, or labels don't fit both models.
    """
    if state.before is None:
        raise Refused("there is no step to compare with yet: change a number first (e)")
    old = state.before.weights.version if before is None else before.version
    known = now is not None and now.dataset is state.dataset
    if now is None or not known or (old, now.version) != (state.before.weights.version, state.model.weights.version):
        raise Refused("the effect is still being calculated: press v again in a moment")
    if now.data is None:
        raise Refused(why_no_worth(state))
    if isinstance(now.data, OfOutputs):
        raise Refused("several outputs have labels of their own: how good each was and is stands above")
    if isinstance(now.data, Errors):
        raise Refused("labels that are numbers have no sides to change; the errors before and now stand above")
    if several := several_sides(state.task):
        raise Refused(several)
    if before is None or not isinstance(before.data, Answers) or now.sides is None:
        raise Refused(
            f"expected two models of {state.dataset.inputs:,} inputs whose outputs answer these labels, "
            "but the one before or the one now has others"
        )
    models, right = (state.before, state.model), (before.data.correct, now.data.correct)
    return Compared(state.done[-1], models, right, now.sides)


def _answers_named(compared: Compared) -> tuple[str, ...]:
    """Return the name of every class that can be answered, last that of none; nothing where one output has a side."""
    task = compared.sides.after.task
    if not isinstance(task, Classes):
        return ()
    most = max(model.network.outputs for model in compared.models)
    outputs = (f"output {place + 1}" for place in range(len(task.classes), most))
    return *told_apart((*task.classes, *outputs), NAME), "none"


class SidesDialog(ModalScreen[None]):
    """Shows a :class:`Compared` as it was when the dialog was opened."""

    BINDINGS: ClassVar = [Binding("escape,v,q", "leave", "Back")]

    def __init__(self, compared: Compared, digits: int) -> None:
        super().__init__()
        self._compared, self._digits = compared, digits
        self._whole_columns = compared.models[1].network.whole_columns
        sides = compared.sides
        answered = (one.values[sides.rows] for one in (sides.before, sides.after))
        widest = [width_of(values, digits) for values in answered]
        ends = (sides.dataset.points.min(axis=0), sides.dataset.points.max(axis=0))
        self._names = _answers_named(compared)
        names = sides.after.task.classes
        self._labels = dict(zip(map(shorten, names), told_apart(names, NAME), strict=True))
        label = max(5, *map(cell_width, (*self._labels.values(), *self._names)))
        # Row, x, label and number.
        self._widths = (
            len(f"{len(sides.dataset):,}"),
            max(len(row_text(end, self._whole_columns)) for end in ends),
            label,
            max(6, *widest),
        )

    def compose(self) -> ComposeResult:
        sides, points = self._compared.sides, len(self._compared.sides.dataset)
        with Vertical(classes="dialog"):
            yield Words(f"The last step: {plain(self._compared.step)}", classes="title")
            if sides.dataset.inputs == 2:
                with Horizontal():
                    for when, right in zip(("before", "now"), self._compared.right, strict=True):
                        with Vertical():
                            yield Words(f"{when}: {right:,} of {points:,} right", classes="heading")
                            yield Plane(id=f"plane-{when}")
            yield Words(sides_text(sides))
            if len(sides):
                before = self._answer("before", "output" if self._names else "before")
                heads = self._columns("row", "x", "label", before, "   now")
                yield Words(heads, classes="words")
            yield Listing(len(sides), self._line)
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one(Listing).focus()

    def on_resize(self) -> None:
        if self.query(Plane):
            # The planes have their new size after the next layout.
            self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        """Calculate, beside the screen, one prediction for every cell of the pictures."""
        columns, rows = self.query(Plane).first().cells
        if columns and rows:
            work = partial(self._work, columns, rows)
            beside(self, "pictures", work, self._draw)

    def _work(self, columns: int, rows: int, _pause: Pause) -> list[Picture]:
        data, changed = self._compared.sides.dataset, self._compared.sides.rows[:DRAWN]
        task, extent = self._compared.sides.after.task, data.extent
        fields = [field(model.network, model.weights, columns, rows, task, extent) for model in self._compared.models]
        shown = np.concatenate([np.arange(min(DRAWN, len(data))), changed])
        marked = np.arange(len(shown)) >= len(shown) - len(changed)
        return [picture(data, task, one, shown, marked) for one in fields]

    def _draw(self, pictures: list[Picture]) -> None:
        for plane, drawn in zip(self.query(Plane), pictures, strict=False):
            plane.show(drawn)

    def _line(self, place: int) -> str:
        side = self._compared.sides.at(place)
        label = self._labels.get(side.label) or shorten(side.label, NAME)
        before, now = (
            self._answer(self._names[place] if self._names else "", number(value, self._digits))
            for place, value in zip(side.answers, (side.before, side.after), strict=True)
        )
        x = row_text(self._compared.sides.dataset.points[side.row], self._whole_columns)
        return self._columns(f"{side.row + 1:,}", x, label, before, f"-> {now}  {side.became}")

    def _answer(self, name: str, output: str) -> str:
        """Return what was answered: a class by its name, and the output that said so, if there is room or no name."""
        *_, label, numbers = self._widths
        if not self._names:
            return f"{output:>{numbers}}"
        return f"{padded(name, label)} {output:>{numbers}}" if self.app.size.width >= WIDE else padded(name, label)

    def _columns(self, row: str, x: str, label: str, before: str, now: str) -> str:
        rows, points, labels, _ = self._widths
        aligned = padded(label, labels) if self._names else padded_before(label, labels)
        return f"{row:>{max(rows, 3)}}  {x:<{points}}  {aligned}  {before} {now}"

    def action_leave(self) -> None:
        self.dismiss()
