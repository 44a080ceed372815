"""Reading data from a CSV file: a header of names, one column called label, perhaps one called weight, and inputs."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING, NoReturn

import numpy as np

from core.data.checks import dataset_of, require_held, require_size
from core.data.dataset import MAX_INPUTS
from core.errors import Refused, shorten

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from core.arrays import KerasArray
    from core.data.dataset import Dataset

LABEL, WEIGHT = "label", "weight"

NUMBERS_AT_ONCE = 100_000
"""How many cells are read at once: as text they take much more room than as numbers."""

NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)

NO_NUMBERS = re.compile(r"[+-]?(?:nan|inf|infinity)", re.IGNORECASE)

SHOWN = 5
"""Names of columns that a refusal repeats."""


@dataclass(frozen=True)
class _Header:
    """The names of all columns, and where label and weight are among them."""

    names: tuple[str, ...]
    label: int
    weight: int | None

    @property
    def inputs(self) -> list[int]:
        """The places of all the others."""
        return [place for place in range(len(self.names)) if place not in (self.label, self.weight)]


def read_csv(file: BinaryIO, name: str) -> Dataset:
    """Return the data in ``file``, text in UTF-8, which is called ``name``.

    Raises:
        Refused: it is no such table, or a cell is no number that can be trained on.
    """
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    # Strictly: a quote that is never closed would make one cell of all the rest.
    reader = csv.reader(text, strict=True)
    rows = filter(None, reader)
    try:
        header = _header(next(rows, []), name)
        parts = list(_parts(rows, header, name))
    except UnicodeDecodeError as error:
        where, byte = f"{name}, line {_first_bad_line(file):,}", error.object[error.start]
        raise Refused(f"{where}: expected text in UTF-8, got the byte 0x{byte:02x}; save it as CSV in UTF-8") from None
    except csv.Error as error:
        where = f"{name}, line {reader.line_num:,}"
        raise Refused(f"{where}: expected cells between commas, but one is not in order: {error}; correct it") from None
    return _dataset(header, np.concatenate(parts) if parts else np.empty((0, len(header.names)), np.float32), name)


def _first_bad_line(file: BinaryIO) -> int:
    """Return the first line that is no UTF-8, the header being line 1."""
    file.seek(0)
    for place, line in enumerate(file, 1):
        try:
            line.decode()
        except UnicodeDecodeError:
            return place
    return 1


def _dataset(header: _Header, values: KerasArray, name: str) -> Dataset:
    require_size(name, len(values), len(header.inputs))
    names = tuple(shorten(header.names[place]) for place in header.inputs)
    others = () if names == tuple(f"x{place + 1}" for place in range(len(names))) else names
    weights = None if header.weight is None else values[:, header.weight]
    return dataset_of(name, others, values[:, header.inputs], values[:, header.label], weights)


def _header(cells: list[str], name: str) -> _Header:
    if not cells:
        raise Refused(f"{name} is empty: expected a first line of names, one of them {LABEL!r}, and rows of numbers")
    names = tuple(cell.strip() for cell in cells)
    if len(names) > MAX_INPUTS + 2:
        require_size(name, 1, len(names) - 1)
    if names.count(LABEL) != 1:
        _refuse_without_label(names, name)
    if names.count(WEIGHT) > 1:
        raise Refused(f"{name}: expected at most one column called {WEIGHT!r}, got {names.count(WEIGHT)}; rename one")
    if "" in names:
        raise Refused(
            f"{name}: expected a name for every column in the first line, got none for column {names.index('') + 1:,}; "
            "name it, or leave it out (of pandas: index=False)"
        )
    return _Header(names, names.index(LABEL), names.index(WEIGHT) if WEIGHT in names else None)


def _refuse_without_label(names: tuple[str, ...], name: str) -> NoReturn:
    shown = ", ".join(shorten(column) or "''" for column in names[:SHOWN]) + (", ..." if len(names) > SHOWN else "")
    advice = "name the labels so in the first line"
    if len(names) == 1 and any(mark in names[0] for mark in ";\t"):
        advice = "the columns are separated by something else than commas: save it with commas"
    elif names.count(LABEL) > 1:
        advice = "rename the others"
    elif all(NUMBER.fullmatch(column) for column in names):
        advice = "the first line are numbers: put a line of names before it"
    raise Refused(f"{name}: expected one column called {LABEL!r}, got {names.count(LABEL)}: {shown}; {advice}")


def _parts(rows: Iterator[list[str]], header: _Header, name: str) -> Iterator[KerasArray]:
    """Give some rows of numbers after the other, each checked."""
    width, read = len(header.names), 0
    at_once = max(1, NUMBERS_AT_ONCE // width)
    while cells := list(islice(rows, at_once)):
        _require_width(cells, width, read, name)
        yield require_held(name, _numbers(cells, header, read, name), header.names, read)
        read += len(cells)
        # No more is read than may be.
        require_size(name, read, len(header.inputs) or 1)


def _require_width(cells: list[list[str]], width: int, read: int, name: str) -> None:
    for place, row in enumerate(cells):
        if len(row) != width:
            raise Refused(
                f"{name}, row {read + place + 1:,}: expected {width:,} cells, as in the first line, got {len(row):,}; "
                "complete the row, or leave it out"
            )


def _numbers(cells: list[list[str]], header: _Header, read: int, name: str) -> np.ndarray:
    try:
        values = np.fromiter(map(float, chain.from_iterable(cells)), np.float64, len(cells) * len(header.names))
    except ValueError:
        _require_numbers(cells, header, read, name)
        raise
    text = "".join(chain.from_iterable(cells))
    # Python reads 1_000 and the digits of every script; whoever wrote them meant a name or a date.
    if "_" in text or not text.isascii() or not np.isfinite(values).all():
        _require_numbers(cells, header, read, name)
    return values.reshape(len(cells), -1)


def _require_numbers(cells: list[list[str]], header: _Header, read: int, name: str) -> None:
    for row, texts in enumerate(cells):
        for column, text in enumerate(texts):
            if not NUMBER.fullmatch(text.strip()):
                wanted = "a finite number" if NO_NUMBERS.fullmatch(text.strip()) else "a number such as -0.25 or 1e-3"
                got = repr(shorten(text)) if text.strip() else "an empty cell"
                where = f"{name}, row {read + row + 1:,}, column {shorten(header.names[column])}"
                raise Refused(f"{where}: expected {wanted}, got {got}; correct it, or leave the row out")
