"""AnyModelScreen: a model of any layers and calls, its numbers for one point, and each of them opened and followed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import Screen

from core.calculation.calculated import Spot, calculated
from core.data.model_inputs import one_point
from core.errors import Refused, shorten
from core.export.opened import Symbols, opened
from core.formatting import DEFAULT_DIGITS, number
from core.model.summary import summary
from core.operations.rounding import Carry, Rounding
from tui.dialogs.form_dialog import FormDialog
from tui.pages.page import Page
from tui.widgets.form import Field
from tui.widgets.key_bar import KeyBar
from tui.widgets.lines import Lines
from tui.widgets.text import plain
from tui.widgets.words import Words

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from core.arrays import AnyArray
    from core.calculation.calculated import Calculated, Value
    from core.calculation.origins import At
    from core.model.files.opening import OpenedGraph
    from core.model.summary import LayerRow

POINT = (Field("x", "x", str.strip, wide=True),)


@dataclass(frozen=True)
class Entry:
    """A line of the list: the heading of a call, or a value or weight in it."""

    text: str
    value: Value | None = None


class AnyModelScreen(Screen[None]):
    """Calls and their values on the left; the chosen value's numbers, one of them opened, and what that is made of."""

    BINDINGS: ClassVar = [
        Binding("x", "point", "Give x"),
        Binding("backspace", "back", "Back"),
        Binding("r", "rounding", "Rounding"),
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
        self._entries: list[Entry] = []
        self._spot: Spot | None = None
        self._before: list[Spot] = []
        self._sources: list[tuple[Value, At]] = []

    def compose(self) -> ComposeResult:
        yield Words(id="about")
        with Horizontal():
            yield Lines(id="values")
            with Vertical():
                yield Page(id="page")
                with VerticalScroll(id="formula"):
                    yield Words(id="opened")
                yield Words("made of (enter goes there, and follows one):", id="made-of")
                yield Lines(id="sources")
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one("#values").focus()
        self._calculate()

    # Calculating, beside the screen

    def _calculate(self) -> None:
        self.query_one("#about", Words).show("calculating ...")
        work = partial(self._work, self._point, Carry(self._rounding, self._digits))
        self.run_worker(work, thread=True, exclusive=True, exit_on_error=False)

    def _work(self, point: list[AnyArray], carry: Carry) -> None:
        try:
            made = calculated(self._model.graph, self._model.weights, point, carry)
            entries = _entries(self._model, made)
        except Refused as refusal:
            self.app.call_from_thread(self._say, str(refusal))
            return
        self.app.call_from_thread(self._show, made, entries)

    def _say(self, words: str) -> None:
        if self.is_attached:
            self.query_one("#about", Words).show(plain(words))

    def _show(self, made: Calculated, entries: list[Entry]) -> None:
        if not self.is_attached:
            return
        self._made, self._entries = made, entries
        given = "" if self._is_given else " x is zeros: x gives it."
        rounds = f" Rounding {self._rounding}, {self._digits} decimal places."
        stops = f" {made.written.stops}." if made.written.stops else ""
        self._say(f"{shorten(self._file)}: {self._model.graph.name}.{given}{rounds}{stops}")
        values = self.query_one("#values", Lines)
        values.show(len(entries), lambda line: entries[line].text, lambda line: entries[line].value is None)
        line = None if self._spot is None else self._line_of(self._spot)
        value = entries[values.cursor if line is None else line].value
        if self._spot is None or line is None or value is None:
            self._look(value)
        elif 0 not in value.shape:
            # The point may have fewer steps than the one before.
            inside = zip(self._spot.index, value.shape, strict=True)
            self._open_at(value.spot(tuple(min(at, size - 1) for at, size in inside)))

    def _line_of(self, spot: Spot) -> int | None:
        for line, entry in enumerate(self._entries):
            if entry.value is not None and (entry.value.call, entry.value.name) == (spot.call, spot.value):
                return line
        return None

    # Looking at a value, and opening a number of it

    def on_lines_moved(self, event: Lines.Moved) -> None:
        if event.lines.id == "values":
            value = self._entries[event.line].value
            if self._spot is None or value is None or (value.call, value.name) != (self._spot.call, self._spot.value):
                self._look(value)

    def _look(self, value: Value | None) -> None:
        """Show the page of a value's call, its first number in hand."""
        if value is not None and 0 not in value.shape:
            self._open_at(value.spot((0,) * len(value.shape)))

    def _open_at(self, spot: Spot | None) -> None:
        """Show the page of the call that the number at ``spot`` is of, with that in hand."""
        if self._made is not None and spot is not None:
            self.query_one("#page", Page).show(self._made, spot.call, spot, self._digits)
            self._open(spot)

    def on_page_moved(self, event: Page.Moved) -> None:
        self._mark_in_list(event.spot)
        self._open(event.spot)

    def _open(self, spot: Spot) -> None:
        """Open the number in hand, and list what it is made of."""
        assert self._made is not None
        made, self._spot = self._made, spot
        value = made.value_of(spot)
        lines = opened(made, value, spot.index, self._digits)
        self.query_one("#opened", Words).show("\n".join(map(plain, lines)))
        self._sources = made.origins(spot)
        symbol = Symbols(made, value)

        def line(at: int) -> str:
            source = self._source(at)
            return f"{symbol.of(made.place(source))} = {number(made.number(source), self._digits)}"

        self.query_one("#sources", Lines).show(sum(len(at) for _, at in self._sources), line)

    def _source(self, line: int) -> Spot:
        """Return which number stands on a line of the list of what the one in hand is made of."""
        for value, at in self._sources:
            if line < len(at):
                return value.spot(tuple(at[line].tolist()))
            line -= len(at)
        raise IndexError(line)

    # Following

    def on_page_chosen(self) -> None:
        if self._sources:
            self.query_one("#sources").focus()

    def on_lines_taken(self, event: Lines.Taken) -> None:
        if event.lines.id == "values":
            self.query_one("#page").focus()
        elif self._spot is not None:
            self._before.append(self._spot)
            self._go(self._source(event.line))

    def _go(self, spot: Spot) -> None:
        self._open_at(spot)
        self._mark_in_list(spot)
        self.query_one("#page").focus()

    def _mark_in_list(self, spot: Spot) -> None:
        """Let the list say which value the number in hand is of."""
        line, values = self._line_of(spot), self.query_one("#values", Lines)
        self._spot = spot
        if line is not None and line != values.cursor:
            values.cursor = line

    def action_back(self) -> None:
        if self._before:
            self._go(self._before.pop())

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

    def action_unchanged(self) -> None:
        self.app.notify("Nothing was changed: this model can be looked at only, as yet.", markup=False)

    def action_leave(self) -> None:
        self.dismiss(None)


def _shape(shape: tuple[int | None, ...]) -> str:
    return " x ".join("any" if size is None else str(size) for size in shape) or "1"


def _entries(model: OpenedGraph, made: Calculated) -> list[Entry]:
    """Return the lines of the list: the inputs, then every call with its weights and values."""
    rows = {row.path: row for row in summary(model.graph).rows}
    entries: list[Entry] = [Entry("inputs")]
    call: tuple[str, ...] = ()
    shown = set[tuple[str, ...]]()
    for value in made.values:
        if value.call != call:
            entries += [
                _heading(value.call[:depth], rows.get(value.call[:depth]))
                for depth in range(1, len(value.call) + 1)
                if value.call[:depth] != call[:depth]
            ]
            call = value.call
            layer = tuple(part.partition(" (call ")[0] for part in call)
            if layer not in shown:
                shown.add(layer)
                entries += [_entry(weight) for weight in made.weights if weight.call == layer]
        entries.append(_entry(value))
    return entries


def _heading(call: tuple[str, ...], row: LayerRow | None) -> Entry:
    """Return the line of a call: its layer's name and class and, where there are several, its sources."""
    words = ["  " * (len(call) - 1) + call[-1]]
    if row is not None:
        words += [row.keras_class, *([f"of {', '.join(row.sources)}"] if len(row.sources) > 1 else [])]
    return Entry(plain("  ".join(words)))


def _entry(value: Value) -> Entry:
    return Entry(plain(f"{'  ' * max(len(value.call), 1)}{value.name}  {' x '.join(map(str, value.shape))}"), value)
