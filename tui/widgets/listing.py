"""Listing: many lines of plain text, each of them made only when it is drawn, so that their number costs nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.widgets.lines import MOVES
from tui.widgets.text import fit

if TYPE_CHECKING:
    from collections.abc import Callable


class Listing(ScrollView, can_focus=True):
    """Shows ``lines`` lines; the arrow keys, page and home/end keys scroll, all at once."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"listing--line"}

    BINDINGS: ClassVar = [*MOVES]

    def __init__(self, lines: int, line: Callable[[int], str]) -> None:
        super().__init__()
        self._lines, self._line = lines, line
        self.virtual_size = Size(1, lines)

    def action_move(self, lines: int) -> None:
        self.scroll_to(y=min(max(self.scroll_offset.y + lines, 0), self.max_scroll_y), animate=False)

    def action_page(self, pages: int) -> None:
        self.action_move(pages * max(1, self.scrollable_content_region.height))

    def render_line(self, y: int) -> Strip:
        place, width = y + self.scroll_offset.y, self.scrollable_content_region.width
        text = self._line(place) if place < self._lines else ""
        return Strip([Segment(fit(text, width), self.get_component_rich_style("listing--line"))])
