"""DialRow: settings in a row, one of them chosen; what it does when one is turned is for others to say."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual.geometry import Region
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from tui.widgets.text import fit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events

GAP = "   "


class DialRow(Widget):
    """Shows names and values, as many lines as they need; a click chooses one."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"dial-row--name", "dial-row--value", "dial-row--chosen"}

    chosen: reactive[int] = reactive(0)

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._dials: Sequence[tuple[str, str]] = ()

    def show(self, dials: Sequence[tuple[str, str]]) -> None:
        """Show these names and values."""
        if dials != self._dials:
            width, before = self.size.width, self._lines(self.size.width)
            self._dials = dials
            self.refresh(layout=not width or len(self._lines(width)) != len(before))

    def choose(self, places: int) -> None:
        """Choose a dial further on or back, round the ends."""
        self.chosen = (self.chosen + places) % max(len(self._dials), 1)

    def _lines(self, columns: int) -> list[list[int]]:
        """Return which dials stand on which line of so many columns."""
        lines: list[list[int]] = [[]]
        used = 0
        for place, (name, value) in enumerate(self._dials):
            width = len(name) + 1 + len(value) + len(GAP)
            if lines[-1] and used + width > columns + len(GAP):
                lines.append([])
                used = 0
            lines[-1].append(place)
            used += width
        return lines

    def get_content_height(self, _container: object, _viewport: object, width: int) -> int:
        return len(self._lines(width))

    def on_click(self, event: events.Click) -> None:
        x = 0
        lines = self._lines(self.size.width)
        for place in lines[event.y] if event.y < len(lines) else []:
            name, value = self._dials[place]
            if x <= event.x < x + len(name) + 1 + len(value):
                self.chosen = place
            x += len(name) + 1 + len(value) + len(GAP)

    def cursor_region(self) -> Region:
        """Return where the chosen value is seen."""
        for y, line in enumerate(self._lines(self.size.width)):
            x = 0
            for place in line:
                name, value = self._dials[place]
                if place == self.chosen:
                    return Region(x + len(name) + 1, y, len(value), 1)
                x += len(name) + 1 + len(value) + len(GAP)
        return Region(0, 0, self.size.width, 1)

    def render_line(self, y: int) -> Strip:
        lines = self._lines(self.size.width)
        named, plain, chosen = (
            self.get_component_rich_style(f"dial-row--{part}") for part in ("name", "value", "chosen")
        )
        cells = []
        for place in lines[y] if y < len(lines) else []:
            name, value = self._dials[place]
            cells.append(Segment(f"{name} ", named))
            cells.append(Segment(fit(value, len(value)), chosen if place == self.chosen else plain))
            cells.append(Segment(GAP, named))
        return Strip(cells).adjust_cell_length(self.size.width, named)
