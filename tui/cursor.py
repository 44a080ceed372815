"""The terminal's own cursor stands on what is in hand, hidden as it is: a screen reader and a braille line follow it.

So does the window of an input method. Textual puts it, at the end of every frame, where the app says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from rich.cells import cell_len
from textual.app import App
from textual.geometry import Offset, Region
from textual.widgets import Input, OptionList, TextArea

if TYPE_CHECKING:
    from textual.widget import Widget


@runtime_checkable
class HasCursor(Protocol):
    """A widget with something in hand: a number, a line, a picture."""

    def cursor_region(self) -> Region:
        """Return where that stands among what is seen of the widget's content."""


@runtime_checkable
class HasHand(Protocol):
    """A widget that has the focus for a part of it, which shows what is in hand."""

    def in_hand(self) -> Widget:
        """Return that part."""


class CursorInHand(App[int]):
    """Asks the widget that has the focus where the cursor is to stand."""

    _stood = Offset(0, 0)

    @property
    def cursor_position(self) -> Offset:
        """Where the terminal's cursor stands after this frame."""
        focused = self.focused
        if focused is not None and focused.is_attached and focused.region:
            self._stood = place_of_cursor(focused)
        return self._stood

    @cursor_position.setter
    def cursor_position(self, _told: Offset) -> None:
        # Textual's fields tell of theirs when it moves; all are asked when it is drawn.
        pass


def place_of_cursor(focused: Widget) -> Offset:
    """Return where on the screen what is in hand begins: the first sign of it that is no space."""
    if isinstance(focused, TextArea):
        return focused.cursor_screen_offset
    if isinstance(focused, Input):
        # Textual's own offset is one too far at the end, for which it scrolls.
        before = cell_len(focused.value[: focused.cursor_position])
        return focused.content_region.offset + Offset(before - focused.scroll_offset.x, 0)
    widget = focused.in_hand() if isinstance(focused, HasHand) else focused
    region, seen = _region(widget), widget.content_region
    x, y = max(region.x, 0), min(max(region.y, 0), max(seen.height - 1, 0))
    text = widget.render_line(y).crop(x, max(region.right, x)).text
    return seen.offset + Offset(min(x + len(text) - len(text.lstrip()), max(seen.width - 1, 0)), y)


def _region(widget: Widget) -> Region:
    if isinstance(widget, HasCursor):
        return widget.cursor_region()
    if isinstance(widget, OptionList):
        line = widget._index_to_line.get(widget.highlighted or 0, 0)
        return Region(0, line - widget.scroll_offset.y, widget.content_size.width, 1)
    return Region(0, 0, widget.content_size.width, 1)
