"""Curves: numbers over the epochs as lines in braille dots, no more points than there are dots.

A dotted line can be told from a solid one without colour.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from core.formatting import ends
from tui.widgets.braille import ACROSS, BLANK, DOWN, Braille, joined, middles

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from core.arrays import Array
    from tui.widgets.braille import Spans

LEFT = 7
"""Columns for the numbers on the vertical axis."""


@dataclass(frozen=True)
class Curve:
    """One line: its values, the epochs that they belong to (1, 2, ... if not given), its colour, if it is dotted.

    One that is ``foreign`` has numbers of another kind, of which what lies between the others' is drawn.
    """

    values: Sequence[float] | Array
    colour: str
    dotted: bool = False
    at: npt.NDArray[np.int64] | None = None
    foreign: bool = False


class Curves(Widget):
    """Draws curves from epoch 1 on, between the smallest and the largest value, which are written at the left."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"curves--axis", "curves--training", "curves--validation", "curves--faint"}

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._curves: Sequence[Curve] = ()
        self._epochs = 1
        self._at: int | None = None
        self._drawn_for = (0, 0)
        self._edge: list[str] = []
        self._picture = Braille(0, 0)

    def show(self, curves: Sequence[Curve], epochs: int, at: int | None = None) -> None:
        """Draw ``curves`` on an axis of ``epochs`` epochs, with a mark below the one that is shown."""
        self._curves, self._epochs, self._at = curves, max(epochs, 2), at
        self._drawn_for = (0, 0)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        columns, rows = self.content_size.width - LEFT, self.content_size.height - 1
        axis = self.get_component_rich_style("curves--axis")
        if columns <= 2 or rows < 2:
            return Strip.blank(self.content_size.width, axis)
        if self._drawn_for != (columns, rows):
            self._drawn_for = (columns, rows)
            self._draw(columns, rows)
        if y == rows:
            line = Segment(" " * LEFT + axis_line(columns, self._epochs, self._at), axis)
            return Strip([line]).adjust_cell_length(self.content_size.width, axis)
        inks = [self.get_component_rich_style(f"curves--{curve.colour}") for curve in self._curves]
        runs = groupby(self._picture.row(y), key=itemgetter(1))
        cells = [Segment("".join(text for text, _ in run), axis if ink == BLANK else inks[ink]) for ink, run in runs]
        return Strip([Segment(self._edge[y], axis), *cells])

    def _draw(self, columns: int, rows: int) -> None:
        self._picture, self._edge = Braille(columns, rows), [f"{'|':>{LEFT}}"] * rows
        measure = [np.asarray(curve.values, dtype=float) for curve in self._curves if not curve.foreign]
        values = np.concatenate([*measure, np.empty(0)])
        values = values[np.isfinite(values)]
        if not values.size:
            return
        low, high = float(values.min()), float(values.max())
        lower, upper = ends(low, high, LEFT - 1)
        self._edge[0] = f"{upper:>{LEFT - 1}.{LEFT - 1}}|"
        if high > low:
            self._edge[-1] = f"{lower:>{LEFT - 1}.{LEFT - 1}}|"
        for ink, curve in enumerate(self._curves):
            spans = spans_of(curve, self._epochs, (low, high), (columns, rows))
            self._picture.draw(middles(spans)[::3] if curve.dotted else joined(spans), ink)


def axis_line(width: int, epochs: int, at: int | None) -> str:
    """Return the line below the curves: the first epoch, the last, and ``^ epoch 55`` below the one that is shown."""
    label = f"epoch {epochs:,}"
    plain = "1".ljust(max(width - len(label), 2)) + label
    if at is None or not 1 < at < epochs:
        return plain
    place = round((at - 1) / (epochs - 1) * (width - 1))
    for words in (f"epoch {at:,}", f"{at:,}"):
        right, left, start = f"^ {words}", f"{words} ^", max(place, 2)
        if start + len(right) + 1 < width - len(label):
            return plain[:start] + right + plain[start + len(right) :]
        if place > len(left) + 1:
            line = "1".ljust(place - len(left) + 1) + left
            return line + (plain[len(line) :] if len(line) < width - len(label) else "")
    return plain


def spans_of(curve: Curve, epochs: int, values: tuple[float, float], room: tuple[int, int]) -> Spans:
    """Return for every column of dots that the curve reaches how far up and down the values of its epochs go."""
    (low, high), (width, height) = values, room
    numbers = np.asarray(curve.values, dtype=float)
    at = np.arange(1, len(numbers) + 1) if curve.at is None else curve.at
    columns = np.arange(width * ACROSS)
    each = (epochs - 1) / (len(columns) - 1)
    places = np.searchsorted(at, 1 + columns * each - max(each, 1) / 2)
    columns, places = columns[places < len(numbers)], places[places < len(numbers)]
    if not len(places):
        return np.empty((0, 3), np.int64)
    # From its first epoch to before the next column's: a single one that is high above its neighbours is seen.
    ends = [edge.reduceat(numbers, places) for edge in (np.fmax, np.fmin)]
    seen = np.isfinite(ends).all(axis=0) & (ends[0] >= low) & (ends[1] <= high)
    # What is the same everywhere stands where its number does: at the top.
    shares = [(high - np.clip(end[seen], low, high)) / (high - low or 1.0) for end in ends]
    down = [np.rint((height * DOWN - 1) * share) for share in shares]
    return np.column_stack([columns[seen], *down]).astype(np.int64)
