"""Image: a row of data that is a picture, drawn in signs from light to dense, so that it needs no colour."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from core.data.images import brightness, cells, places_in_one
from core.formatting import ends
from tui.widgets.text import fit

if TYPE_CHECKING:
    from textual.geometry import Size

    from core.arrays import AnyArray

SHADES = ".:-=+*#%@"
"""How a place is drawn, from the least number of all rows to the largest."""

NOT_FINITE = "?"

LEGEND = 50
"""Columns of the words below it, with the longest ends and that rows and channels stand in one."""

WIDEST = 11
"""Columns of a number at most."""


class Image(Widget):
    """Draws one point of data, and below it what the lightest and the densest sign stand for."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"image--words", "image--place"}

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._point: AnyArray = np.zeros(0)
        self._shape: tuple[int, ...] = (0, 0)
        self._ends = (0.0, 1.0)
        self._title = ""
        self._wanted = (0, 0)
        self._drawn_for = (0, 0)
        self._lines: list[str] = []

    def show(self, point: AnyArray, shape: tuple[int, ...], ends: tuple[float, float], title: str) -> None:
        """Draw another point of ``shape``, in shades from the least to the largest number of all points."""
        self._point, self._shape, self._ends, self._title = point, shape, ends, title
        self._drawn_for = (0, 0)
        self.refresh(layout=(2 * shape[1], len(title)) != self._wanted)
        self._wanted = (2 * shape[1], len(title))

    def get_content_width(self, container: Size, viewport: Size) -> int:  # noqa: ARG002 - Textual's
        """Return the columns of the whole picture, or of the words above and below it."""
        return max(*self._wanted, LEGEND)

    def render_line(self, y: int) -> Strip:
        width, height = self.size
        if self._drawn_for != (width, height):
            self._drawn_for = (width, height)
            self._lines = self._drawn(width, height)
        style = self.get_component_rich_style(f"image--{'place' if 0 < y < len(self._lines) - 1 else 'words'}")
        return Strip([Segment(fit(self._lines[y] if y < len(self._lines) else "", width), style)])

    def _drawn(self, width: int, height: int) -> list[str]:
        """Return the title, the picture line by line, and the legend."""
        rows = height - 2
        if rows < 1 or width < 1 or not self._point.size:
            return [self._title]
        places = places_in_one(self._shape, rows, width)
        low, high = self._ends
        with np.errstate(all="ignore"):
            shares = (cells(brightness(self._point, self._shape), places) - low) / (high - low or 1.0)
        signs = np.clip(np.nan_to_num(shares, nan=0.0) * len(SHADES), 0, len(SHADES) - 1).astype(np.int64)
        drawn = ["".join(line) for line in np.where(np.isnan(shares), NOT_FINITE, np.array(list(SHADES))[signs])]
        lower, upper = ends(low, high, WIDEST)
        many = f"; {places} rows in one" if places > 1 else ""
        mean = f"; mean of {self._shape[2]} channels" if len(self._shape) > 2 and self._shape[2] > 1 else ""
        return [self._title, *drawn, f". {lower}, @ {upper}{many}{mean}"]
