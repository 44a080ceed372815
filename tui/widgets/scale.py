"""Scale: one line that says what the shades of a matrix stand for."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from tui.widgets.matrix import SHADES, Matrix

if TYPE_CHECKING:
    from rich.style import Style


ROOM = len("scale ") + 3 * len(" - ") + len(" 0 ") + 3 * len("  ")
"""Columns of all that is no digit."""


class Scale(Widget):
    """Draws the thirds of a scale, from its negative end over 0 to its positive one, each in its shade."""

    COMPONENT_CLASSES: ClassVar[set[str]] = Matrix.COMPONENT_CLASSES - {"matrix--cursor", "matrix--selected"}

    scale: reactive[float] = reactive(0.0)

    def render_line(self, _y: int) -> Strip:
        if not self.scale:
            return Strip.blank(self.size.width, self._style("heading"))
        thirds = thirds_of(self.scale, self.size.width)
        cells = [Segment("scale ", self._style("heading"))]
        for shade, end in zip(reversed(SHADES), reversed(thirds), strict=True):
            cells.append(Segment(f" -{end} " if end else "  ", self._style(f"negative-{shade}")))
        cells.append(Segment(" 0 ", self._style("zero")))
        for shade, end in zip(SHADES, thirds, strict=True):
            cells.append(Segment(f" {end} " if end else "  ", self._style(f"positive-{shade}")))
        return Strip(cells).adjust_cell_length(self.size.width, self._style("heading"))

    def _style(self, part: str) -> Style:
        return self.get_component_rich_style(f"matrix--{part}")


def thirds_of(scale: float, width: int) -> list[str]:
    """Return the ends of the thirds with as many digits as there is room for: a number that is cut is another one.

    In less room only the scale's own ends have a number, or none: by one digit 0.157 and 0.235 would be both 0.2.
    """
    texts = [[f"{scale * place / 3:.{digits}g}" for place in (1, 2, 3)] for digits in (3, 2)]
    texts += [["", "", f"{scale:.{digits}g}"] for digits in (3, 2)]
    return next((thirds for thirds in texts if 2 * sum(map(len, thirds)) + ROOM <= width), ["", "", ""])
