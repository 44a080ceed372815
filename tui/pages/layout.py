"""Where the tables of a page stand: beside each other as far as there is room, then below; each scrolls by itself."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from rich.cells import cell_len

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from core.calculation.page import Panel
    from core.formatting import Notation

GAP = 2
"""Columns between two tables."""

LEAST_ROWS = 2
"""Rows that a table has at least, if it is drawn."""

HAND_ROWS = 3
"""Rows around the number in hand, where there is room for all that it is made of."""

ENOUGH_ROWS = 4
"""Rows that each table has, if there are so many, where one is drawn that has nothing to do with the number in hand."""

NARROWEST = 18
"""Columns that a picture in shades can make do with."""

LEGEND = 24
"""Columns that say what the shades of a picture stand for."""

WIDEST_NAME = 26
"""Columns of the name of a row at most."""

LONG_CORNER = 12
"""Columns from which on the names of several axes stand on two lines."""

ALIKE = 2
"""Columns whose widths differ by less are all as wide as the widest."""

MEASURED = 64
"""Of how many rows and columns the names are measured."""


@dataclass(frozen=True)
class Box:
    """A table and its place on the page: how wide the names of its rows and its columns are, and how high its head.

    Columns are all as wide as the one of ``widths``, or each as its own; the last one is followed by a sign.
    """

    panel: Panel
    is_shades: bool
    heading: int
    widths: tuple[int, ...]
    head: int
    left: int = 0
    top: int = 0
    width: int = 0
    height: int = 0

    @property
    def _numbers(self) -> int:
        all_columns = sum(self.widths) if len(self.widths) > 1 else self.widths[0] * self.panel.columns
        return self.heading + all_columns + 1

    @property
    def natural_width(self) -> int:
        """The width of the whole of it, the column behind its last number and room for the title included."""
        return max(self._numbers, cell_len(self.panel.title) + (LEGEND if self.is_shades else 0))

    @property
    def least_width(self) -> int:
        """The width that it can make do with: a picture with a part of it, any with a part of its title."""
        numbers = self._numbers
        if self.panel.is_picture:
            numbers = min(numbers, NARROWEST if self.is_shades else self.heading + 3 * self.widths[0] + 1)
        return max(numbers, min(cell_len(self.panel.title), NARROWEST))

    def column_width(self, column: int) -> int:
        """Return how wide a column is, the sign before it included."""
        return self.widths[column if len(self.widths) > 1 else 0]

    def columns_from(self, first: int) -> range:
        """Return which columns are seen if ``first`` is the first of them: one at least, and none in part."""
        left, column = self.width - self.heading - 1, first
        while column < self.panel.columns and (left >= self.column_width(column) or column == first):
            left -= self.column_width(column)
            column += 1
        return range(first, column)

    def column_at(self, first: int, x: int) -> int | None:
        """Return the column at ``x`` from the left of the box, if ``first`` is the first that is seen."""
        x -= self.heading
        for column in self.columns_from(first) if x >= 0 else ():
            x -= self.column_width(column)
            if x < 0:
                return column
        return None

    def left_of(self, first: int, column: int) -> int:
        """Return where a column begins, counted from the left of the box."""
        return self.heading + sum(self.column_width(one) for one in range(first, column))

    @property
    def natural_height(self) -> int:
        """The height of the whole of it."""
        return self.head + self.panel.rows

    def height_for(self, rows: int) -> int:
        """Return the height of so many of its rows, or all of them."""
        return self.head + min(self.panel.rows, rows)

    @property
    def seen_rows(self) -> int:
        """How many rows there is room for."""
        return max(min(self.height - self.head, self.panel.rows), 0)


def measured(panel: Panel, notation: Notation, is_shades: bool) -> Box:
    """Return a table with its widths, not yet placed."""
    if is_shades:
        return Box(panel, True, 0, (2,), 1)
    heading = max(*map(cell_len, corner_of(panel)), *(cell_len(panel.row_name(row)) for row in _some(panel.rows)), 0)
    numbers = notation.width_of(np.array(panel.ends))
    names = [folded(panel.column_name(column), numbers + 1) for column in _some(panel.columns)]
    widths = [1 + max(numbers, *(cell_len(line) for line in name)) for name in names] or [1]
    # Columns that are alike are all as wide.
    alike = panel.columns > MEASURED or max(widths) - min(widths) < ALIKE
    lines = max(len(name) for name in [*names, corner_of(panel)]) if any(map(any, names)) else 0
    head = bool(panel.title) + lines
    return Box(panel, False, min(heading, WIDEST_NAME), (max(widths),) if alike else tuple(widths), head)


def corner_of(panel: Panel) -> list[str]:
    """Return what stands above the names of the rows, on two lines if it is long."""
    before, _, last = panel.corner.rpartition(" ")
    return [before, last] if cell_len(panel.corner) > LONG_CORNER else [panel.corner]


def _some(count: int) -> list[int]:
    return [*range(min(count, MEASURED)), *([count - 1] if count > MEASURED else [])]


def folded(name: str, width: int) -> list[str]:
    """Return the name of a column on one line or, if it is wider than its numbers and has two parts, on two."""
    if cell_len(name) <= width:
        return [name]
    at = re.search(r"[ /-]", name)
    return [name] if at is None else [name[: at.end()].rstrip(), name[at.end() :]]


def placed(boxes: Sequence[Box], width: int, height: int, needed: int, marked: Mapping[int, int]) -> list[Box]:
    """Return the boxes where they stand. Those that there is no room for are left out, the ``needed`` one last of all.

    Those that have something ``marked``, by table over how many rows, come before others, which are drawn only where
    that leaves room enough.
    """
    bands = list(_bands(boxes, width))
    first = [at for at, band in enumerate(bands) if any(box is boxes[needed] for box in band)]
    first += [at for at, band in enumerate(bands) if any(box is boxes[one] for one in marked for box in band)]
    wanted = {id(boxes[table]): min(rows, ENOUGH_ROWS) for table, rows in {needed: HAND_ROWS, **marked}.items()}
    least = [max(box.height_for(max(LEAST_ROWS, wanted.get(id(box), 0))) for box in band) for band in bands]
    if sum(least[at] for at in set(first)) > height:
        least = [max(box.height_for(LEAST_ROWS) for box in band) for band in bands]
    seen = _kept(bands, least, height, first)
    kept = [bands[at] for at in seen]
    between = _fits_with_gaps(kept, height)
    heights = _shared(
        [least[at] for at in seen],
        [max(box.natural_height for box in band) for band in kept],
        height - between * (len(kept) - 1),
    )
    found, top = list[Box](), 0
    for band, high in zip(kept, heights, strict=True):
        found += _in_line(band, width, top, min(high, height))
        top += high + between
    return found


def _fits_with_gaps(bands: Sequence[Sequence[Box]], height: int) -> bool:
    return sum(max(box.natural_height for box in band) for band in bands) + len(bands) - 1 <= height


def _bands(boxes: Sequence[Box], width: int) -> Iterator[list[Box]]:
    """Give the boxes that stand beside each other."""
    band, used = list[Box](), 0
    for box in boxes:
        least = min(box.least_width, width)
        if band and used + GAP + least > width:
            yield band
            band, used = [], 0
        used += least + (GAP if band else 0)
        band.append(box)
    if band:
        yield band


def _kept(bands: list[list[Box]], least: list[int], height: int, first: Sequence[int]) -> list[int]:
    """Return which bands there is room for: those that come first with a few rows, the others with enough."""
    enough = [max(box.height_for(ENOUGH_ROWS) for box in band) for band in bands]
    kept: list[int] = []
    for at in dict.fromkeys(first):
        if not kept or sum(least[one] for one in kept) + least[at] <= height:
            kept.append(at)
    for at, size in enumerate(enough):
        if at not in kept and sum(enough[one] for one in kept) + size <= height:
            kept.append(at)
    return sorted(kept)


def _shared(least: list[int], most: list[int], room: int) -> list[int]:
    """Return the sizes of parts that want ``most``, and have ``least``: a line at a time goes to the smallest."""
    sizes = list(least)
    left = room - sum(sizes)
    while left > 0:
        wanting = [at for at, size in enumerate(sizes) if size < most[at]]
        if not wanting:
            break
        at = min(wanting, key=lambda one: sizes[one])
        sizes[at] += 1
        left -= 1
    return sizes


def _in_line(band: Sequence[Box], width: int, top: int, height: int) -> Iterator[Box]:
    """Give the boxes of a band beside each other, as wide as there is room for."""
    widths = _shared(
        [min(box.least_width, width) for box in band],
        [box.natural_width for box in band],
        width - GAP * (len(band) - 1),
    )
    left = 0
    for box, wide in zip(band, widths, strict=True):
        # Rather the name of a row is cut than a number.
        heading = min(box.heading, max(wide - max(box.widths) - 1, 0))
        yield replace(box, left=left, top=top, width=wide, height=min(height, box.natural_height), heading=heading)
        left += wide + GAP
