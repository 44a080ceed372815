"""TitleBar: the first line of the screen: the model, the epoch, what Keras is doing."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from tui.widgets.text import fit

if TYPE_CHECKING:
    from rich.style import Style


class TitleBar(Widget):
    """Shows three texts on one line: ``what`` gives way if there is no room for all."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"title-bar--name", "title-bar--keras"}

    what: reactive[str] = reactive("")
    epoch: reactive[str] = reactive("")
    keras: reactive[str] = reactive("Keras starting")

    def render_line(self, _y: int) -> Strip:
        width = self.size.width
        name = " byhand  "
        right = f"{self.epoch}   " if self.epoch else ""
        status = f"{self.keras} "
        room = max(width - cell_len(name) - cell_len(right) - cell_len(status) - 1, 0)
        return Strip(
            [
                Segment(name, self._style("name")),
                Segment(fit(self.what, room) + " ", self.rich_style),
                Segment(right, self.rich_style),
                Segment(status, self._style("keras")),
            ]
        ).adjust_cell_length(width, self.rich_style)

    def _style(self, part: str) -> Style:
        return self.get_component_rich_style(f"title-bar--{part}")
