"""What stands above a table and is none of it: lines of comments, a title and the like."""

from __future__ import annotations

import csv
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING

from core.data.cells import is_missing, is_number
from core.data.dialect import LOOKED_AT, cells_of, has_header, separator_of

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMENT = "#"

MOST_ABOVE = 10
"""Lines of a title, and what goes with it, at most."""


def comments_above(lines: Sequence[str]) -> int:
    """Return how many first lines are comments, empty ones among and below them."""
    if not any(line.startswith(COMMENT) for line in lines[:1]):
        return 0
    return next((place for place, line in enumerate(lines) if line.strip() and line[0] != COMMENT), 0)


def names_in_comment(lines: Sequence[str], comments: int, separator: str) -> str | None:
    """Return the last of the comments above a table as its line of names; None if it is no such line.

    It is one where the table has none of its own and as many columns as the comment has words between separators.
    """
    place = next((place for place in reversed(range(comments)) if lines[place].strip()), None)
    rows = rows_of(lines[comments : comments + LOOKED_AT], separator)
    if place is None or not rows or len(rows[0]) < 2 or has_header(rows):
        return None
    plain = lines[place].lstrip(COMMENT).lstrip()
    for line in (lines[place], plain):
        cells = next(iter(rows_of([line], separator)), [])
        # A column of row numbers may be called so.
        if len(cells) == len(rows[0]) and (line is plain or cells[0] == COMMENT):
            return line
    return None


def title_above(rows: Sequence[Sequence[str]]) -> int:
    """Return how many first rows are a title: words in fewer cells than the table's rows have, above its names."""
    widths = [sum(bool(cell.strip()) for cell in row) for row in rows]
    typical = Counter(widths[min(MOST_ABOVE, len(rows) // 2) :]).most_common(1)[0][0] if rows else 0
    place = 0
    while place < len(rows) and (not widths[place] or (widths[place] < typical and _is_words(rows[place][0]))):
        place += 1
    if not 0 < place <= MOST_ABOVE or place == len(rows) or not any(widths[:place]):
        return 0
    # Names may be fewer than the cells below, too: R has none for its row names.
    single = max(widths[:place]) == 1 and typical > 2
    return place if single or has_header([list(row) for row in rows[place:]]) else 0


def title_lines(lines: Sequence[str], separator: str) -> tuple[int, str]:
    """Return how many first lines are a title, and what separates the cells below it, if not by ``separator``."""
    lines = lines[:LOOKED_AT]
    below = [line for line in lines[min(MOST_ABOVE, len(lines) // 2) :] if line.strip()]
    mark = separator or separator_of(below)
    # Each line alone: in a row of several lines none would be its own.
    rows = [next(iter(rows_of([line], mark)), []) for line in lines]
    return title_above(rows), mark


def rows_of(lines: Sequence[str], separator: str) -> list[list[str]]:
    """Return rows up to the first one whose quotes are not in order."""
    rows: list[list[str]] = []
    with suppress(csv.Error):
        rows.extend(cells_of(lines, separator))
    return rows


def _is_words(cell: str) -> bool:
    return not is_missing(cell) and not is_number(cell)
