"""The peer: a Textual app with five tabs and the same kinds of widgets in the same places as byhand, and no logic."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from rich.segment import Segment
from textual.app import App
from textual.containers import Container, Horizontal, Vertical
from textual.geometry import Size
from textual.screen import ModalScreen
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import (
    Footer,
    Input,
    Label,
    OptionList,
    ProgressBar,
    Select,
    Static,
    TabbedContent,
    TabPane,
    TextArea,
)

if TYPE_CHECKING:
    from textual.app import ComposeResult

NUMBERS = np.random.default_rng(0).random((250, 3))


class Line(Widget):
    """Draws one text on every line."""

    def render_line(self, _y: int) -> Strip:
        return Strip([Segment("line".ljust(self.size.width), self.rich_style)])


class Numbers(ScrollView, can_focus=True):
    """Draws an array line by line."""

    def on_mount(self) -> None:
        self.virtual_size = Size(30, len(NUMBERS))

    def render_line(self, y: int) -> Strip:
        row = NUMBERS[min(y + self.scroll_offset.y, len(NUMBERS) - 1)]
        cells = [Segment(f"{value:10.4f}", self.rich_style) for value in row]
        return Strip(cells).adjust_cell_length(self.size.width, self.rich_style)


class Dialog(ModalScreen[None]):
    """A dialog that is not opened."""

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Label("dialog")
            yield Input()
            yield Select([("one", 1), ("two", 2)])
            yield TextArea()
        yield Footer(show_command_palette=False)


class BareApp(App[None]):
    """Shows widgets."""

    CSS = """
    TabbedContent { height: 1fr; }
    Line { height: 1; }
    Numbers, #scatter, #boundary, #loss, #accuracy { width: 1fr; height: 1fr; }
    .side { width: 24; }
    .rest, #too-small { display: none; }
    """
    BINDINGS: ClassVar = [
        ("s", "settings", "Settings"),
        ("m", "preset", "Tutorial part"),
        ("x", "use", "Use as x"),
        ("ctrl+s", "save", "Save"),
        ("question_mark", "help", "Help"),
        ("q", "quit", "Quit"),
    ]

    def compose(self) -> ComposeResult:
        yield Line()
        with TabbedContent():
            with TabPane("1 Data"), Vertical():
                yield from self._data()
            with TabPane("2 Training"), Vertical():
                yield from self._training()
            with TabPane("3 Weights"), Vertical():
                yield from self._weights()
            with TabPane("4 By hand"), Vertical():
                yield from self._by_hand()
            with TabPane("5 Set weights"), Vertical():
                yield from self._set_weights()
        yield Footer(show_command_palette=False)
        with Container(id="too-small"):
            yield Static("too small")

    def _data(self) -> ComposeResult:
        yield Static("words")
        yield Static("rule")
        yield Static("balance")
        with Horizontal():
            yield Numbers()
            yield Line(id="scatter")

    def _training(self) -> ComposeResult:
        yield Static("words")
        yield Static("recipe")
        with Horizontal():
            with Vertical():
                yield Static("loss")
                yield Line(id="loss")
                yield Static("accuracy")
                yield Line(id="accuracy")
            with Vertical():
                yield Line(id="boundary")
                yield Static("numbers")
        with Horizontal():
            yield ProgressBar(show_percentage=False, show_eta=False)
            yield Static("time")

    def _weights(self) -> ComposeResult:
        yield Static("words")
        with Horizontal():
            with Vertical(classes="side"):
                yield OptionList("hidden", "output", compact=True)
                yield Static("statistics")
            with Vertical():
                yield Static("title")
                yield Numbers()
                yield Static("cell")

    def _by_hand(self) -> ComposeResult:
        yield Static("words")
        with Horizontal():
            yield Label("x =")
            yield Input(compact=True)
            yield Static("message")
        yield Numbers()
        yield Input(compact=True, classes="rest")
        yield Static("line")
        yield Static("check")

    def _set_weights(self) -> ComposeResult:
        yield Static("words")
        with Horizontal():
            with Vertical(classes="side"):
                yield OptionList("hidden", "output", compact=True)
                yield Static("steps")
            with Vertical():
                yield Static("title")
                with Container():
                    yield Numbers()
                    yield Input(compact=True, classes="rest")
                    yield Static("message", classes="rest")
        yield Static("effect")

    def on_mount(self) -> None:
        self.query(Numbers).first().focus()


if __name__ == "__main__":
    BareApp().run()
