"""Paper: a calculation's page, a field over the number that is typed there, and the number that is unfolded over it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.containers import Container
from textual.message import Message
from textual.widgets import Input

from tui.widgets.calculation import Calculation
from tui.widgets.cell_input import CellInput
from tui.widgets.unfolded import Unfolded

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult

    from core.calculation.calculated import Spot
    from core.model.network import Network
    from tui.widgets.page_block import Page
    from tui.widgets.unfolded import Unfolding


WIDE = 140
"""Columns from which on the page stays beside what is unfolded."""


@dataclass(frozen=True, eq=False)
class Sheet:
    """A page, and what unfolds its numbers; where nothing does, it is None."""

    page: Page
    unfold: Callable[[Spot], Unfolding] | None = None


class NumberField(CellInput):
    """The field over a number, which leaves the signs to keys that no number has."""

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Say whether a key is typed here."""
        return (character is None or character not in "<>()") and super().check_consume_key(key, character)


class Paper(Container):
    """Shows a :class:`Sheet`. An entry is for the number that the field was opened on; going elsewhere gives it up."""

    BINDINGS: ClassVar = [
        # The page and what is unfolded have these keys themselves; this is for the field over a number.
        Binding("up", "scroll(-1)", "Scroll the page", show=False),
        Binding("down", "scroll(1)", "Scroll the page", show=False),
        Binding("pageup", "scroll(-10)", "Scroll the page", show=False),
        Binding("pagedown", "scroll(10)", "Scroll the page", show=False),
    ]

    class Moved(Message):
        """Another number is the current one."""

    class Typed(Message):
        """Something was typed for a number."""

        def __init__(self, spot: Spot, text: str) -> None:
            self.spot, self.text = spot, text
            super().__init__()

    class Chosen(Message):
        """The page's current number was clicked."""

    class LeftField(Message):
        """An entry was given up."""

    def __init__(self) -> None:
        super().__init__()
        self._sheet: Sheet | None = None
        self._typed_at: Spot | None = None
        self._trail: list[tuple[Spot, tuple[int, int]]] = []

    def compose(self) -> ComposeResult:
        yield Calculation()
        yield Unfolded()
        yield NumberField(id="typed")

    def on_resize(self) -> None:
        if self._trail:
            self._trail[-1] = (self._trail[-1][0], self._unfolded.at)
        self._draw_trail()

    def on_mount(self) -> None:
        self._field.display = self._unfolded.display = False

    @property
    def calculation(self) -> Calculation:
        """The page itself."""
        return self.query_one(Calculation)

    @property
    def _unfolded(self) -> Unfolded:
        return self.query_one(Unfolded)

    @property
    def _field(self) -> CellInput:
        return self.query_one("#typed", CellInput)

    @property
    def spot(self) -> Spot:
        """The current number: the factor under the cursor of what is unfolded, else the one under the page's."""
        if self._trail:
            return self._unfolded.factor or self._trail[-1][0]
        return self.calculation.spot

    @property
    def network(self) -> Network | None:
        """The network whose numbers are shown; None as long as there is no page."""
        return None if self._sheet is None else self._sheet.page.chain.network

    @property
    def unfolds(self) -> bool:
        """Whether a number is unfolded."""
        return bool(self._trail)

    def show(self, sheet: Sheet) -> None:
        """Show ``sheet``; what is unfolded or typed stays so if the network still has it."""
        if self._sheet is not None and self._sheet.page.chain.network != sheet.page.chain.network:
            self._trail = []
        if self._trail:
            self._trail[-1] = (self._trail[-1][0], self._unfolded.at)
        self._sheet = sheet
        self.calculation.show(sheet.page)
        self._draw_trail()

    def say(self, sentence: str) -> None:
        """Show a sentence until there is a page."""
        self.calculation.say(sentence)

    def go_to(self, spot: Spot) -> None:
        """Make another number the current one: unfolded if one was, or if the page has no place for it."""
        unfolds = self.unfolds
        self.close_unfolded()
        self.calculation.go_to(spot)
        if unfolds or self.calculation.spot != spot:
            self._open(spot)

    def bring_into_sight(self, spot: Spot) -> None:
        """Have a number on the screen, if the page has a place for it; the focus stays where it is."""
        self._trail = []
        self._draw_trail()
        self.calculation.go_to(spot)

    def go_to_layer(self, places: int) -> None:
        """Go to a layer of the page further on or back."""
        self.close_unfolded()
        self.calculation.go_to_layer(places)

    def focus_paper(self) -> None:
        """Put the focus where the keys work."""
        widget = self._field if self._field.display else self._unfolded if self._trail else self.calculation
        widget.focus()

    # Unfolding

    @on(Calculation.Chosen)
    def _clicked(self) -> None:
        self.post_message(self.Chosen())

    def unfold(self) -> None:
        """Open the page's current number, unless one is open."""
        if not self._trail:
            self._open(self.calculation.spot)

    @on(Unfolded.Follow)
    def _follow(self, event: Unfolded.Follow) -> None:
        if not self._trail or event.spot == self._trail[-1][0]:
            # A key that was pressed before the first one's number was drawn.
            return
        self._trail[-1] = (self._trail[-1][0], self._unfolded.at)
        self._open(event.spot)

    def _open(self, spot: Spot) -> None:
        self._trail.append((spot, (0, 0)))
        self._draw_trail()
        self.focus_paper()
        self.post_message(self.Moved())

    @on(Unfolded.Back)
    def _back(self) -> None:
        if not self._trail:
            # It was on its way when another network came, of which nothing is unfolded.
            return
        self._trail.pop()
        self._draw_trail()
        self.focus_paper()
        self.post_message(self.Moved())

    @on(Unfolded.Leave)
    def close_unfolded(self) -> None:
        """Go back to the page."""
        if self._trail:
            self._trail = self._trail[:1]
            self._back()

    def _draw_trail(self) -> None:
        sheet = self._sheet
        if sheet is not None and sheet.unfold is not None and self._trail:
            spot, at = self._trail[-1]
            self._unfolded.show(sheet.unfold(spot), [sheet.page.chain.name(place) for place, _ in self._trail], at)
        self._unfolded.display = bool(self._trail)
        self.calculation.display = not self._trail or self.size.width >= WIDE

    # Typing

    def open_field(self, text: str) -> None:
        """Lay the field over the page's current number, with ``text`` in it."""
        self._typed_at = self.calculation.spot
        self._field.select_on_focus = True
        page = self.calculation
        self._field.lay_over(page.cursor_region(), self.size.width, text, page.between, page.between)
        self.post_message(self.Moved())

    def type(self, character: str) -> None:
        """Put a character that was typed before the field had the focus behind what stands in it."""
        self._field.select_on_focus = False
        self._field.value += character
        self._field.cursor_position = len(self._field.value)

    def submit(self) -> None:
        """Enter what stands in the field."""
        if self._typed_at is not None:
            self.post_message(self.Typed(self._typed_at, self._field.value))

    @property
    def types(self) -> bool:
        """Whether the field is open."""
        return self._field.display

    def action_scroll(self, lines: int) -> None:
        """Scroll the page under the field, which goes with its number."""
        self.calculation.scroll_relative(y=lines, animate=False, force=True)
        self._shifted()

    def slide(self, windows: int) -> None:
        """See other inputs of the current number's layer; the field, if it is open, goes with its number."""
        self.calculation.slide(windows)
        self._shifted()

    def close_field(self) -> None:
        """Take the field away, and what is in it."""
        if self._field.display:
            self._field.display = False
            self.focus_paper()

    @on(Calculation.Moved)
    @on(Unfolded.Moved)
    def _moved(self) -> None:
        if self._field.display and self.calculation.spot != self._typed_at:
            self.close_field()
        self.post_message(self.Moved())

    @on(Calculation.Shifted)
    def _shifted(self) -> None:
        if self._field.display:
            self.call_after_refresh(self._follow_cell)

    def _follow_cell(self) -> None:
        page = self.calculation
        # The number before the last one is needed for that.
        self._field.stay_over(page.cursor_region(), self.size.width, page.between, page.between)

    @on(Input.Submitted, "#typed")
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.submit()

    @on(CellInput.Left)
    def _left_field(self, event: CellInput.Left) -> None:
        event.stop()
        self.close_field()
        self.post_message(self.LeftField())
