"""FitPicture: labels that are numbers beside what is predicted for them, as dots with a line to go by."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from core.errors import shorten
from core.formatting import count, ends
from tui.widgets.braille import ACROSS, BLANK, DOWN, Braille, joined
from tui.widgets.text import fit

if TYPE_CHECKING:
    import numpy.typing as npt

    from core.arrays import Array
    from core.calculation.fit import Fit

INKS = ("line", "points")
"""What is drawn, the last above the first."""

MOST_EDGE = 11
"""Columns of the left edge at most."""


class FitPicture(Widget):
    """Draws a :class:`~core.calculation.fit.Fit` in braille dots, its axes named on the left and below."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"fit-picture--axis", *(f"fit-picture--{ink}" for ink in INKS)}

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._fit: Fit | None = None
        self._drawn_for = (0, 0)
        self._picture = Braille(0, 0)

    def show(self, fit: Fit | None) -> None:
        """Draw another picture, or none."""
        self._fit, self._drawn_for = fit, (0, 0)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        axis, width, rows = self.get_component_rich_style("fit-picture--axis"), self.size.width, self.size.height - 1
        if self._fit is None:
            return Strip.blank(width, axis)
        left, right, bottom, top = self._fit.extent
        edges, up = ends(bottom, top, MOST_EDGE), shorten(self._fit.up, MOST_EDGE)
        edge = max(map(len, (*edges, up)))
        columns = width - edge - 1
        if columns < 2 or rows < 2:
            return Strip.blank(width, axis)
        if y >= rows:
            line = " " * (edge + 1) + self._lower_edge(columns, ends(left, right, MOST_EDGE))
            return Strip([Segment(fit(line, width), axis)])
        if self._drawn_for != (columns, rows):
            self._drawn_for = (columns, rows)
            self._picture = drawn(self._fit, columns, rows)
        named = {rows // 2: up, rows - 1: edges[0], 0: edges[1]}
        inks = [self.get_component_rich_style(f"fit-picture--{ink}") for ink in INKS]
        runs = groupby(self._picture.row(y), key=itemgetter(1))
        cells = [Segment("".join(text for text, _ in run), axis if ink == BLANK else inks[ink]) for ink, run in runs]
        return Strip([Segment(f"{named.get(y, ''):>{edge}}|", axis), *cells])

    def _lower_edge(self, columns: int, edges: tuple[str, str]) -> str:
        """Return the axis below: both ends, its name, and how many rows are not drawn."""
        if self._fit is None:
            return ""
        name, left_out = shorten(self._fit.across, 16), self._fit.left_out
        words = f"{name}; {count(left_out, 'row')} not finite" if left_out else name
        room = columns - len(edges[0]) - len(edges[1])
        return f"{edges[0]}{words:^{max(room, 0)}}{edges[1]}"


def drawn(fit: Fit, columns: int, rows: int) -> Braille:
    """Return the picture in so many cells; a million points take some milliseconds."""
    picture, across, down = Braille(columns, rows), columns * ACROSS, rows * DOWN
    left, right, bottom, top = fit.extent
    if len(fit.line):
        dots = np.arange(across)
        places = left + dots / (across - 1) * (right - left)
        reached = (places >= fit.line[0, 0]) & (places <= fit.line[-1, 0])
        height = _dots_of(-np.interp(places, *fit.line.T), -top, -bottom, down)
        picture.draw(joined(np.column_stack([dots, height, height])[reached]), 0)
    is_dot = np.zeros((across, down), dtype=np.bool_)
    is_dot[_dots_of(fit.points[:, 0], left, right, across), _dots_of(-fit.points[:, 1], -top, -bottom, down)] = True
    picture.draw(np.argwhere(is_dot), 1)
    return picture


def _dots_of(values: Array, low: float, high: float, dots: int) -> npt.NDArray[np.int64]:
    """Return in which of so many dots between ``low`` and ``high`` each value lies; in the nearest if in none."""
    places = (values - low) * ((dots - 1) / (high - low))
    return np.clip(np.rint(places), 0, dots - 1).astype(np.int64)
