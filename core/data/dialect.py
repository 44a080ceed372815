"""The dialect of a table of text: what separates its cells, and whether its first line are names."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING

from core.data.cells import is_missing, is_number
from core.data.lines import require_row, row_by_row
from core.errors import Refused, shorten

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SPACES = " "
"""Stands for any number of spaces and tabs between two cells."""

SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", SPACES: "spaces"}
"""What may separate cells -> what it is called; the first of equals is taken."""

LOOKED_AT = 100
"""Lines that the dialect is found by."""

_CELL = re.compile(r'"((?:[^"]|"")*)"(?=\s|$)|(\S+)')

_FROM_0 = re.compile(r"\d+", re.ASCII)


def separator_called(text: str) -> str:
    """Return the separator that a person named, by itself or by its name.

    Raises:
        Refused: it is none.
    """
    named = {name: mark for mark, name in SEPARATORS.items()} | {"\\t": "\t", "space": SPACES, "pipe": "|"}
    mark = text if text in SEPARATORS else named.get(text.strip().casefold(), text.strip())
    if len(mark) != 1 or mark.isalnum() or mark in "\"'.+-\r\n\0":
        raise Refused(
            f"expected a separator: {', '.join(SEPARATORS.values())} or another single mark, got {shorten(text)!r}"
        )
    return mark


def cells_of(lines: Iterable[str], separator: str) -> Iterator[list[str]]:
    """Give the cells of each row, of empty lines none.

    Raises:
        csv.Error: a quote is not in order, or a row is longer than any may be.
    """
    if separator == SPACES:
        return filter(None, map(_between_spaces, lines))
    return _cells(lines, separator)


def _cells(lines: Iterable[str], separator: str) -> Iterator[list[str]]:
    read = [0, 0]
    # Strictly: a quote that is never closed would make one cell of all the rest.
    for row in csv.reader(row_by_row(lines, separator, read), delimiter=separator, strict=True):
        read[0] = read[1] = 0
        if row:
            yield row


def _between_spaces(line: str) -> list[str]:
    require_row(line, SPACES)
    if '"' not in line:
        return line.split()
    return [whole or quoted.replace('""', '"') for quoted, whole in _CELL.findall(line)]


def separator_of(lines: list[str]) -> str:
    """Return what separates the cells of ``lines``, the first of which has as many cells as a row has."""
    scores = {mark: _score(lines[:LOOKED_AT], mark) for mark in SEPARATORS}
    best = max(scores, key=scores.__getitem__)
    return best if scores[best] else ","


def _score(lines: list[str], separator: str) -> float:
    """Return how well lines fall into rows of one width, most of whose cells are numbers; 0 if into single cells."""
    try:
        rows = list(cells_of(lines, separator))
    except csv.Error:
        return 0.0
    if not rows or len(rows[0]) == 1:
        return 0.0
    even = sum(len(row) == len(rows[0]) for row in rows) / len(rows)
    cells = [cell for row in rows for cell in row]
    numbers = sum(is_number(cell) or is_missing(cell) for cell in cells) / len(cells)
    return even * (0.1 + numbers)


def has_header(rows: list[list[str]]) -> bool:
    """Say whether the first row are the names of columns: it has text where the rows below have numbers."""
    first, below = rows[0], rows[1:]
    texts = [not (is_number(cell) or is_missing(cell)) for cell in first]
    if all(texts) or _counts(first, below):
        return True
    return any(text and _are_numbers(below, place) for place, text in enumerate(texts))


def _counts(first: list[str], below: list[list[str]]) -> bool:
    """Say whether the names are 0, 1, 2 ..., as pandas has them of an array, perhaps after an index's empty one."""
    names = first[1:] if first[0].strip() == "" else first
    if len(names) < (1 if names is not first else 3) or names != [str(place) for place in range(len(names))]:
        return False
    return names is not first or any(not _FROM_0.fullmatch(cell.strip()) for row in below for cell in row)


def _are_numbers(rows: list[list[str]], place: int) -> bool:
    cells = [row[place] for row in rows if place < len(row) and not is_missing(row[place])]
    return bool(cells) and sum(map(is_number, cells)) > len(cells) / 2
