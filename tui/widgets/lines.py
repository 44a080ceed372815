"""Lines: many lines of text with a cursor, each made only when it is drawn, so that their number costs nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual.binding import Binding
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.widgets.text import fit

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.style import Style
    from textual import events

ALL = 1_000_000_000
"""More lines than there are."""

MOVES = (
    Binding("up", "move(-1)", "Up", show=False),
    Binding("down", "move(1)", "Down", show=False),
    Binding("pageup", "page(-1)", "Page up", show=False),
    Binding("pagedown", "page(1)", "Page down", show=False),
    Binding("home,ctrl+home", f"move(-{ALL})", "First line", show=False),
    Binding("end,ctrl+end", f"move({ALL})", "Last line", show=False),
)
"""The keys of whatever has lines one below the other."""

TAKE = Binding("enter", "take", "Take", show=False)


class Lines(ScrollView, can_focus=True):
    """Shows lines of which one is chosen by the arrow keys or a click; enter takes it."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"lines--line", "lines--heading", "lines--cursor"}

    BINDINGS: ClassVar = [
        *MOVES,
        TAKE,
        Binding("k", "move(-1)", "Up", show=False),
        Binding("j", "move(1)", "Down", show=False),
    ]

    cursor: reactive[int] = reactive(0)

    class Moved(Message):
        """The cursor has come to another line."""

        def __init__(self, lines: Lines, line: int) -> None:
            self.lines, self.line = lines, line
            super().__init__()

    class Taken(Message):
        """Enter was pressed on a line, or the chosen one was clicked."""

        def __init__(self, lines: Lines, line: int) -> None:
            self.lines, self.line = lines, line
            super().__init__()

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._count = 0
        self._line: Callable[[int], str] = str
        self._is_heading: Callable[[int], bool] = bool

    def show(
        self, count: int, line: Callable[[int], str], is_heading: Callable[[int], bool] = lambda _line: False
    ) -> None:
        """Show so many lines; a heading can't be chosen."""
        self._count, self._line, self._is_heading = count, line, is_heading
        self.virtual_size = Size(1, count)
        self.set_reactive(Lines.cursor, self._nearest(min(self.cursor, max(count - 1, 0)), 1))
        self.refresh()

    def _nearest(self, line: int, step: int) -> int:
        """Return the next line that is no heading, in the direction of ``step`` and, at the end, back."""
        for direction in (step, -step):
            place = line
            while 0 <= place < self._count and self._is_heading(place):
                place += direction
            if 0 <= place < self._count:
                return place
        return 0

    def watch_cursor(self, old: int, new: int) -> None:
        for line in (old, new):
            self.refresh(Region(0, line - self.scroll_offset.y, self.size.width, 1))
        self._reveal()
        if self._count:
            self.post_message(self.Moved(self, new))

    def _reveal(self) -> None:
        self.scroll_to_region(Region(0, max(self.cursor - 1, 0), 1, 2), animate=False, force=True)

    def cursor_region(self) -> Region:
        """Return where the chosen line is seen."""
        return Region(0, self.cursor - self.scroll_offset.y, self.scrollable_content_region.width, 1)

    def put_cursor(self, line: int) -> None:
        """Move the cursor to ``line`` without telling anybody."""
        self.set_reactive(Lines.cursor, line)
        self._reveal()
        self.refresh()

    def action_move(self, lines: int) -> None:
        if self._count:
            wanted = min(max(self.cursor + lines, 0), self._count - 1)
            self.cursor = self._nearest(wanted, 1 if lines > 0 else -1)

    def action_page(self, pages: int) -> None:
        self.action_move(pages * max(1, self.scrollable_content_region.height - 1))

    def action_take(self) -> None:
        if self._count:
            self.post_message(self.Taken(self, self.cursor))

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        line = -1 if offset is None else offset.y + self.scroll_offset.y
        if 0 <= line < self._count and not self._is_heading(line):
            if line == self.cursor:
                self.action_take()
            self.cursor = line

    def render_line(self, y: int) -> Strip:
        place, width = y + self.scroll_offset.y, self.scrollable_content_region.width
        if place >= self._count:
            return Strip.blank(width, self.get_component_rich_style("lines--line"))
        style = self.get_component_rich_style(f"lines--{'heading' if self._is_heading(place) else 'line'}")
        if place == self.cursor:
            style += self.get_component_rich_style("lines--cursor", partial=True)
        return Strip(self.segments(place, width, style))

    def segments(self, place: int, width: int, style: Style) -> list[Segment]:
        """Return a line, ``width`` columns of it, in ``style``."""
        return [Segment(fit(self._line(place), width), style)]
