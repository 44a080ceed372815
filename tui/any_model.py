"""AnyModelScreen: a model of any layers and calls, its numbers for one point, and each of them opened and followed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.screen import Screen

from core.calculation.calculated import calculated
from core.data.model_inputs import one_point
from core.errors import Refused, shorten
from core.export.opened import Symbols, opened
from core.formatting import DEFAULT_DIGITS, Notation, number
from core.model.outline import Line, Outline, Sign
from core.model.summary import summary
from core.model.table import Table
from core.operations.rounding import Carry, Rounding
from tui.dialogs.form_dialog import FormDialog
from tui.widgets.form import Field
from tui.widgets.graph_list import GraphList
from tui.widgets.key_bar import KeyBar
from tui.widgets.lines import Lines
from tui.widgets.matrix import Grid, Matrix
from tui.widgets.text import plain
from tui.widgets.words import Words

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from core.arrays import AnyArray
    from core.calculation.calculated import Calculated, Value
    from core.calculation.expression import Place
    from core.model.files.opening import OpenedGraph
    from core.operations.operation import Index

FOLLOWED = 400
"""How many of the numbers that a number is made of are listed."""

POINT = (Field("x", "x", str.strip, wide=True),)


@dataclass(frozen=True)
class Spot:
    """A number that is looked at: of which value, and where."""

    value: Value
    index: Index


class AnyModelScreen(Screen[None]):
    """Calls and their values on the left; the chosen value's numbers, one of them opened, and what that is made of."""

    BINDINGS: ClassVar = [
        Binding("x", "point", "Give x"),
        Binding("backspace", "back", "Back"),
        Binding("r", "rounding", "Rounding"),
        Binding("t", "take_away", "Take away"),
        Binding("right_square_bracket", "plane(1)", "Next plane"),
        Binding("left_square_bracket", "plane(-1)", "Plane before", show=False),
        Binding("escape", "leave", "Close the model"),
        # Beneath lies the model of the tabs, which none of these keys is meant for.
        Binding("ctrl+s,u,U", "unchanged", show=False, priority=True),
    ]

    def __init__(self, model: OpenedGraph, name: str) -> None:
        super().__init__()
        self._model, self._file = model, name
        self._rounding, self._digits = Rounding.SHOWN, DEFAULT_DIGITS
        self._point: list[AnyArray] = [
            np.zeros([4 if size is None else size for size in given.shape]) for given in model.graph.inputs
        ]
        self._is_given = False
        self._made: Calculated | None = None
        self._values: dict[tuple[tuple[str, ...], str], Value] = {}
        self._spot: Spot | None = None
        self._before: list[Spot] = []
        self._sources: list[Place] = []
        self._plane = 0

    def compose(self) -> ComposeResult:
        yield Words(id="about")
        with Horizontal():
            yield GraphList(id="values")
            with Vertical():
                yield Words(id="value")
                yield Matrix(id="numbers")
                yield Words(id="opened")
                yield Words("made of (tab, enter follows one):", id="made-of")
                yield Lines(id="sources")
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one(GraphList).lines.focus()
        self._calculate()

    # Calculating, beside the screen

    def _calculate(self) -> None:
        self.query_one("#about", Words).show("calculating ...")
        work = partial(self._work, self._point, Carry(self._rounding, self._digits))
        self.run_worker(work, thread=True, exclusive=True, exit_on_error=False)

    def _work(self, point: list[AnyArray], carry: Carry) -> None:
        try:
            made = calculated(self._model.graph, self._model.weights, point, carry)
            outline = _outline(self._model, made)
        except Refused as refusal:
            self.app.call_from_thread(self._say, str(refusal))
            return
        self.app.call_from_thread(self._show, made, outline)

    def _say(self, words: str) -> None:
        if self.is_attached:
            self.query_one("#about", Words).show(plain(words))

    def _show(self, made: Calculated, outline: Outline) -> None:
        if not self.is_attached:
            return
        self._made = made
        self._values = {(value.call, value.name): value for value in (*made.weights, *made.values)}
        given = "" if self._is_given else " x is zeros: x gives it."
        rounds = f" Rounding {self._rounding}, {self._digits} decimal places."
        stops = f" {made.written.stops}." if made.written.stops else ""
        self._say(f"{shorten(self._file)}: {self._model.graph.name}.{given}{rounds}{stops}")
        graph = self.query_one(GraphList)
        graph.show(outline)
        self._look_at(graph.line)

    # Looking at a value, and opening a number of it

    def on_graph_list_moved(self, event: GraphList.Moved) -> None:
        self._look_at(event.line)

    def _look_at(self, line: Line | None) -> None:
        """Show the numbers of a line of the list, if they were calculated."""
        if line is None or self._made is None:
            return
        value = self._values.get((line.call, line.value))
        if value is None:
            self._look_at_nothing(line)
        else:
            self._look(value)

    def _look_at_nothing(self, line: Line) -> None:
        """Show no numbers: the calculation stops before the line."""
        self._spot, self._sources = None, []
        self.query_one("#value", Words).show(plain(f"{line.name} was not calculated"))
        self.query_one("#numbers", Matrix).show(Grid(Table(np.zeros((0, 0))), str, str))
        self.query_one("#opened", Words).show("")
        self.query_one("#sources", Lines).show(0, str)

    def _look(self, value: Value | None, index: Index | None = None) -> None:
        """Show a value's numbers, with the cursor at ``index``, at its first number if there is none."""
        if value is None or self._made is None:
            return
        matrix = self.query_one("#numbers", Matrix)
        index = index if index is not None else (0,) * len(value.shape)
        rest = value.shape[2:]
        self._plane = int(np.ravel_multi_index(index[2:], rest)) if rest else 0
        self._spot = Spot(value, index)
        self._show_numbers()
        row, column, *_ = *index, 0, 0
        matrix.cursor = (row, column)
        self._open()

    def _show_numbers(self) -> None:
        assert self._made is not None and self._spot is not None
        value = self._spot.value
        array, rest = self._made.array(value), value.shape[2:]
        flat = array.reshape(*(*array.shape, 1, 1)[:2], -1) if array.ndim < 3 else array.reshape(*array.shape[:2], -1)
        table = flat[:, :, min(self._plane, flat.shape[2] - 1)] if flat.size else np.zeros((0, 0))
        axes = self._made.axes_of(value)
        names = [*axes, *["row", "column"][len(axes) :]] if len(axes) < 2 else list(axes)
        grid = Grid(Table(np.asarray(table)), lambda row: f"{names[0]} {row + 1}", partial(_column, axes))
        matrix = self.query_one("#numbers", Matrix)
        # No more room than the rows take, and the heading.
        matrix.styles.max_height = grid.table.rows + 2
        matrix.show(grid)
        size = " x ".join(map(str, value.shape)) or "one number"
        plane = ""
        if rest:
            at = ", ".join(str(int(place) + 1) for place in np.unravel_index(self._plane, rest))
            plane = f"   plane {at} of {' x '.join(map(str, rest))}: [ and ]"
        self.query_one("#value", Words).show(plain(f"{value.words}   {size}{plane}"))

    def on_matrix_moved(self, event: Matrix.Moved) -> None:
        if self._spot is not None:
            self._spot = Spot(self._spot.value, self._index_at(event.row, event.column))
            self._open()

    def _index_at(self, row: int, column: int) -> Index:
        assert self._spot is not None
        shape = self._spot.value.shape
        beyond = tuple(int(at) for at in np.unravel_index(self._plane, shape[2:])) if shape[2:] else ()
        return (*(row, column)[: len(shape)], *beyond)

    def _open(self) -> None:
        """Open the number under the cursor, and list what it is made of."""
        assert self._made is not None and self._spot is not None
        made, spot = self._made, self._spot
        if not all(at < size for at, size in zip(spot.index, spot.value.shape, strict=True)):
            return
        lines = opened(made, spot.value, spot.index, self._digits)
        self.query_one("#opened", Words).show("\n".join(map(plain, lines)))
        place = spot.value.place(spot.index)
        self._sources = made.opener.made_of(place, FOLLOWED)
        symbol = Symbols(made, spot.value)

        def line(at: int) -> str:
            source = self._sources[at]
            return f"{symbol.of(source)} = {number(made.opener.number(source), self._digits)}"

        self.query_one("#sources", Lines).show(len(self._sources), line)

    # Following

    def on_matrix_chosen(self) -> None:
        if self._sources:
            self.query_one("#sources").focus()

    def on_graph_list_taken(self) -> None:
        self.query_one("#numbers").focus()

    def on_lines_taken(self, event: Lines.Taken) -> None:
        if self._made is not None and self._spot is not None:
            found = self._made.named(self._sources[event.line])
            if found is not None:
                self._before.append(self._spot)
                self._go(Spot(*found))

    def _go(self, spot: Spot) -> None:
        self.query_one(GraphList).go_to(spot.value.call, spot.value.name)
        self._look(spot.value, spot.index)
        self.query_one("#numbers").focus()

    def action_back(self) -> None:
        if self._before:
            self._go(self._before.pop())

    def action_plane(self, step: int) -> None:
        if self._spot is None or not self._spot.value.shape[2:]:
            return
        self._plane = (self._plane + step) % int(np.prod(self._spot.value.shape[2:]))
        self._show_numbers()
        row, column = self.query_one("#numbers", Matrix).cursor
        self._spot = Spot(self._spot.value, self._index_at(row, column))
        self._open()

    # The point, and how it is rounded

    def action_rounding(self) -> None:
        self._rounding = Rounding.CARRIED if self._rounding is Rounding.SHOWN else Rounding.SHOWN
        self._calculate()

    def action_point(self) -> None:
        graph = self._model.graph

        def read(values: dict[str, Any]) -> list[AnyArray]:
            return one_point(values["x"], graph)

        def taken(point: list[AnyArray]) -> None:
            self._point, self._is_given = point, True
            self._calculate()

        shapes = ", ".join(f"{shorten(given.name)} {_shape(given.shape)}" for given in graph.inputs)
        words = (
            f"Numbers with commas between, or a file: .npz with x0, x1 ..., .npy; the points first.\n{plain(shapes)}"
        )
        self.app.push_screen(FormDialog("Give x", POINT, {"x": ""}, read, taken, words))

    def action_take_away(self) -> None:
        from core.export.calculation.explanation import explain
        from tui.dialogs.take_away_dialog import calculation_dialog

        made = (self._model.graph, self._model.weights, self._point, self._rounding, Notation(self._digits))
        self.app.push_screen(calculation_dialog(partial(explain, *made)))

    def action_unchanged(self) -> None:
        self.app.notify("Nothing was changed: this model can be looked at only, as yet.", markup=False)

    def action_leave(self) -> None:
        self.dismiss(None)


def _column(axes: tuple[str, ...], column: int) -> str:
    return f"{axes[1]} {column + 1}" if len(axes) > 1 else f"{column + 1}"


def _shape(shape: tuple[int | None, ...]) -> str:
    return " x ".join("any" if size is None else str(size) for size in shape) or "1"


def _outline(model: OpenedGraph, made: Calculated) -> Outline:
    """Return the model's lines, with every call's weights and values inside it."""
    calls = summary(model.graph).calls
    known = {row.path: row for row in calls.every()}
    held: dict[tuple[str, ...], list[Line]] = {}
    for value in (*made.weights, *made.values):
        # A layer's own layers, such as those of a Bidirectional, are no calls of the model.
        around = next(
            (value.call[:depth] for depth in range(len(value.call), 0, -1) if value.call[:depth] in known), ()
        )
        name = "/".join((*value.call[len(around) :], value.name))
        if around not in known or (known[around].inside is not None and name == "output"):
            continue
        held.setdefault(around, []).append(Line(Sign.VALUE, value.call, value.name, name, value.shape, len(around)))
    return Outline(calls, held)
