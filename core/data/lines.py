"""Lines of a text and the cells of a row, never more of them in memory than a row of data may have."""

from __future__ import annotations

import csv
from functools import partial
from typing import TYPE_CHECKING, TextIO

from core.chunks import go_on
from core.data.limits import MAX_INPUTS
from core.errors import Refused
from core.limits import most, or_allowing, times

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from core.chunks import Pause

LONGEST = 1 << 25
"""Characters of a line, and of a row whose cells go on in other lines: room for a million inputs with all digits."""

MOST_CELLS = 2 * MAX_INPUTS
"""Of a row: as many as there may be inputs, and as many that are something else."""

AT_ONCE = 1 << 22
"""Characters that are held as text at once, where the rows allow it."""

LINES_AT_ONCE = 1 << 16
"""Lines after which reading may be stopped, also where none of them makes a row."""

PART = "take a part of it"


class LongRow(csv.Error):
    """A row has more cells than any data may have, or more characters."""

    def __init__(self) -> None:
        super().__init__(f"expected at most {most(MOST_CELLS):,} cells and {most(LONGEST):,} characters in a row")

    def refusal(self, name: str) -> Refused:
        """Return it as what is said of the file called ``name``."""
        return Refused(f"{name}: {self}, got more; {or_allowing(PART, 4 * times(), 1)}")


def lines_of(text: TextIO, name: str, pause: Pause = go_on) -> Iterator[str]:
    """Give the lines of ``text``, which is that of the file called ``name``; now and then, it may stop.

    Raises:
        Refused: one is too long.
    """
    longest = most(LONGEST)
    for number, line in enumerate(iter(partial(text.readline, longest), ""), 1):
        if len(line) >= longest:
            raise Refused(
                f"{name}, line {number:,}: expected at most {longest:,} characters in a line, got more; "
                f"{or_allowing(PART, 4 * times(), 1)}"
            )
        if not number % LINES_AT_ONCE:
            pause()
        yield line


def some_lines(lines: Iterator[str], rows: int, separator: str) -> list[str]:
    """Return the next lines, each of which is a row: at most so many ``rows``, and no more text than is held at once.

    Raises:
        LongRow: one has too many cells.
    """
    some: list[str] = []
    room = AT_ONCE
    for line in lines:
        some.append(line)
        room -= len(line)
        if room < 0:
            require_row(line, separator)
            break
        if len(some) == rows:
            break
    return some


def some_rows(rows: Iterator[list[str]], many: int) -> list[list[str]]:
    """Return the next rows, at most so ``many``, and no more text than is held at once."""
    some: list[list[str]] = []
    room = AT_ONCE
    for row in rows:
        some.append(row)
        room -= len(row) + len("".join(row))
        if room < 0 or len(some) == many:
            break
    return some


def require_row(line: str, separator: str) -> None:
    """Refuse a line with more cells than a row may have, before it is cut into them.

    Raises:
        LongRow: it has more.
    """
    limit = most(MOST_CELLS)
    if len(line) > limit:
        # Between spaces, which stand for any number of them, no more is cut than has to be known.
        cells = len(line.split(None, limit)) if separator == " " else line.count(separator) + 1
        if cells > limit:
            raise LongRow


def row_by_row(lines: Iterable[str], separator: str, row: list[int]) -> Iterator[str]:
    """Give lines of which some make a row; ``row`` is its characters and cells, until now, which its end sets to 0.

    Raises:
        LongRow: it is longer than any may be.
    """
    for line in lines:
        row[0] += len(line)
        if row[0] > MOST_CELLS:
            row[1] += line.count(separator)
            if row[1] > most(MOST_CELLS) or row[0] > most(LONGEST):
                raise LongRow
        yield line
