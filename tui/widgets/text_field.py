"""TextField: a line to type in that says where its text is cut."""

from __future__ import annotations

import re

from rich.cells import cell_len
from rich.segment import Segment
from textual.strip import Strip
from textual.widgets import Input

from tui.widgets.text import CUT

NUMBERS = re.compile(r"[-+\d., e]*\Z")
"""What is but numbers with commas between."""


class TextField(Input):
    """Shows three dots at an end where there is more than it has room for; never over the cursor.

    Without the focus its beginning is seen, and of numbers those that are whole: one that is cut reads as another one.
    """

    def on_blur(self) -> None:
        self.cursor_position = 0

    def watch_value(self) -> None:
        if not self.has_focus:
            self.cursor_position = 0

    def render_line(self, y: int) -> Strip:
        strip, width = super().render_line(y), self.scrollable_content_region.width
        if y or width <= 2 * len(CUT):
            return strip
        first, whole = int(self.scroll_x), cell_len(self.value)
        cursor = cell_len(self.value[: self.cursor_position]) - first if self.has_focus else None
        left, right = Strip.blank(0), Strip.blank(0)
        if first > 0 and (cursor is None or cursor >= len(CUT)):
            left = _dots(strip)
        if whole - first > width and (cursor is None or cursor < width - len(CUT)):
            right = _dots(strip)
        if right.cell_length and cursor is None and NUMBERS.match(self.value, 0, width):
            comma = self.value.rfind(", ", 0, width - len(CUT))
            right = right.extend_cell_length(width - comma - len(", ") if comma > 0 else len(CUT))
        middle = strip.crop(left.cell_length, width - right.cell_length)
        return Strip.join([left, middle, right, strip.crop(width, strip.cell_length)])


def _dots(strip: Strip) -> Strip:
    style = next((segment.style for segment in strip), None)
    return Strip([Segment(CUT, style)], len(CUT))
