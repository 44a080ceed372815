"""Drawing: one table of a page as lines: its head, and as many of its rows and columns as there is room for."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.segment import Segment

from core.formatting import ends
from tui.pages.layout import corner_of, folded
from tui.widgets.image import NOT_FINITE, SHADES
from tui.widgets.text import fit, fit_ends, fit_right

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rich.style import Style

    from core.calculation.page import Cells, Panel
    from core.formatting import Notation
    from tui.pages.layout import Box

    Cell = tuple[int, int]

PARTS = ("title", "heading", "number", "source", "hand")
"""What the styles of a page are for."""

KINDS = ("number", "source", "hand")

OPENING = {
    (before, after): ">" if after == "hand" else "[" if after == "source" and before != "source" else ""
    for before in KINDS
    for after in KINDS
}
"""The sign before a number, by the kind of the one before it and its own."""

CLOSING = {
    (before, after): "<" if before == "hand" else "]" if before == "source" and after != "source" else ""
    for before in KINDS
    for after in KINDS
}
"""The sign behind a number, by its kind and that of the one behind it."""

NOTHING = "."
"""Stands where there is no number."""

WIDEST = 9
"""Columns of a number in the legend of a picture."""


class Drawing:
    """Draws a table with ``hand`` as the cell in hand, if it is in it, and ``marked`` as what that is made of.

    The number in hand stands between > and <, those that it is made of between [ and ].
    """

    def __init__(self, box: Box, notation: Notation, hand: Cell | None, marked: Cells) -> None:
        self.box, self.panel, self.notation, self.hand, self.marked = box, box.panel, notation, hand, marked
        self.first = (0, 0)
        """The first cell that is seen."""
        self.styles: Mapping[str, Style] = {}
        self.sources: set[Cell] = set()

    def see_from(self, before: Cell) -> None:
        """Find the first cell that is seen, near the one ``before``: what matters has to be in sight."""
        box, panel = self.box, self.panel
        rows, columns = (self._reach(axis) for axis in (0, 1))
        self.first = _first(before[0], rows, box.seen_rows, panel.rows), self._first_column(before[1], columns)

    @property
    def unsaid_legend(self) -> str:
        """What the signs of a picture stand for, with its name, if its title has no room for that."""
        if not self.box.is_shades or legend(self.panel) in self._title():
            return ""
        name, _, _ = self.panel.title.partition(",")
        return f"{name} {legend(self.panel)}"

    def _first_column(self, before: int, reach: tuple[int, int] | None) -> int:
        """Return the first column that is seen, moved as little as can be."""
        box, last = self.box, max(self.panel.columns - 1, 0)
        # A wider table may have stood here before.
        before = min(before, last)
        low, high = reach or (before, before)
        first = min(before, low)
        while first < low and high not in box.columns_from(first):
            first += 1
        # No room is left over at the right while there is more at the left.
        while first > 0 and last in box.columns_from(first - 1):
            first -= 1
        return first

    def _reach(self, axis: int) -> tuple[int, int] | None:
        """Return what has to be in sight along an axis: the number in hand, and what it is made of if both fit."""
        places = self.marked[:, axis]
        if self.hand is None:
            return (int(places.min()), int(places.max())) if len(places) else None
        low, high = int(places.min(initial=self.hand[axis])), int(places.max(initial=self.hand[axis]))
        fits = high - low < self.box.seen_rows if axis == 0 else high in self.box.columns_from(low)
        return (low, high) if fits else (self.hand[axis], self.hand[axis])

    def lines(self, styles: Mapping[str, Style]) -> Iterator[list[Segment]]:
        """Give the lines of the table from the first cell that is seen on."""
        self.styles, first = styles, self.first
        in_sight = (self.marked >= first).all(axis=1) & (self.marked[:, 0] < first[0] + self.box.seen_rows)
        self.sources = {(row, column) for row, column in self.marked[in_sight].tolist()}
        yield from self._head()
        columns = self.box.columns_from(first[1])
        for row in range(first[0], first[0] + self.box.seen_rows):
            yield self._row(row, columns)

    def _head(self) -> Iterator[list[Segment]]:
        box, styles, first = self.box, self.styles, self.first
        if self.panel.title or box.is_shades:
            yield [Segment(fit_ends(self._title(), box.width), styles["title"])]
        if box.is_shades:
            return
        columns = box.columns_from(first[1])
        names = [folded(self.panel.column_name(column), box.column_width(column) - 1) for column in columns]
        high = box.head - bool(self.panel.title)
        corner = corner_of(self.panel) if self.panel.corner else [*[""] * (high - 1), self._rows()]
        corner = [*[""] * (high - len(corner)), *corner]
        for line in range(high):
            left = corner[line] if cell_len(corner[line]) <= box.heading else ""
            cells = [Segment(fit_right(left, box.heading), styles["heading"])]
            for column, name in zip(columns, names, strict=True):
                at = line - (high - len(name))
                style = styles["title" if self.hand and self.hand[1] == column else "heading"]
                cells.append(Segment(fit_right(name[at] if at >= 0 else "", box.column_width(column)), style))
            yield _to_width(cells, box.width, styles["heading"])

    def _title(self) -> str:
        """Return the title, with which part is seen and what the signs of a picture stand for, as far as that fits."""
        columns, title = self.box.columns_from(self.first[1]), self.panel.title
        if cell_len(title) > self.box.width:
            # Whose output it is says enough; a name that is cut does not.
            title = title.replace("/output", "", 1)
        more = [
            f"rows {self._rows()}" if self._rows() else "",
            f"columns {columns.start + 1}-{columns.stop} of {self.panel.columns}"
            if len(columns) < self.panel.columns
            else "",
            legend(self.panel) if self.box.is_shades else "",
        ]
        for words in filter(None, more):
            title += f"  {words}" if cell_len(title) + 2 + cell_len(words) <= self.box.width else ""
        return title

    def _rows(self) -> str:
        seen, count, first = self.box.seen_rows, self.panel.rows, self.first[0]
        return f"{first + 1}-{first + seen} of {count}" if seen < count else ""

    def _row(self, row: int, columns: range) -> list[Segment]:
        box, styles = self.box, self.styles
        name = styles["title" if self.hand and self.hand[0] == row else "heading"]
        cells = [Segment(fit(self.panel.row_name(row), box.heading), name)] if box.heading else []
        before = "number"
        for column in columns:
            kind = self._kind(row, column)
            cells += self._cell(before, kind, self._text(row, column), box.column_width(column))
            before = kind
        if CLOSING[before, "number"]:
            cells.append(Segment(CLOSING[before, "number"], styles[before]))
        return _to_width(cells, box.width, styles["number"])

    def _cell(self, before: str, kind: str, text: str, width: int) -> Iterator[Segment]:
        """Give a cell: the sign that ends what is before it, then its own before the number."""
        closing, opening = CLOSING[before, kind], OPENING[before, kind]
        left = width - len(text)
        if left == 1:
            yield Segment(opening or closing or " ", self.styles[kind if opening else before])
        else:
            yield Segment(closing or " ", self.styles[before if closing else "number"])
            yield Segment(" " * (left - 2), self.styles["number"])
            yield Segment(opening or " ", self.styles[kind if opening else "number"])
        yield Segment(text, self.styles[kind])

    def _kind(self, row: int, column: int) -> str:
        if (row, column) == self.hand:
            return "hand"
        return "source" if (row, column) in self.sources else "number"

    def _text(self, row: int, column: int) -> str:
        found = self.panel.number(row, column)
        if self.box.is_shades:
            return _shade(found, *self.panel.ends)
        return NOTHING if found is None else self.notation(found)


def legend(panel: Panel) -> str:
    """Return what the lightest and the densest sign of a picture stand for."""
    lower, upper = ends(*panel.ends, WIDEST)
    return f"{SHADES[0]} {lower} {SHADES[-1]} {upper}"


def _shade(found: float | None, low: float, high: float) -> str:
    if found is None:
        return " "
    if not isfinite(found):
        return NOT_FINITE
    return SHADES[min(int((found - low) / ((high - low) or 1.0) * len(SHADES)), len(SHADES) - 1)]


def _first(before: int, reach: tuple[int, int] | None, seen: int, count: int) -> int:
    """Return the first of ``seen`` places so that those from one to another are in sight, moved as little as can be."""
    first = before
    if reach is not None:
        low, high = reach
        first = min(max(first, high - seen + 1), low) if high - low < seen else low
    return min(max(first, 0), max(count - seen, 0))


def _to_width(cells: list[Segment], width: int, style: Style) -> list[Segment]:
    """Return cells as wide as the table."""
    return list(Segment.adjust_line_length(cells, width, style))
