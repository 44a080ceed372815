"""Tables of text as data: what the columns are is understood from the first rows; then all are read, in parts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, NoReturn

import msgspec
import numpy as np

from core.chunks import go_on
from core.data.cells import BadCell, Numbers, decimal_of, is_missing, plain_numbers
from core.data.checks import require_held, require_labels, require_size
from core.data.choices import ChoiceRefused, Kind, Role, Understood, listed
from core.data.dialect import SPACES
from core.data.labelling import require_few
from core.data.limits import times_allowed
from core.data.lines import some_rows
from core.data.read_rows import ReadRows, labels_in_words
from core.data.roles import columns_of
from core.errors import Refused, shorten
from core.formatting import count
from core.limits import times
from core.no_formula import in_a_cell

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from core.arrays import Array, KerasArray
    from core.chunks import Pause
    from core.data.choices import Choices, Column
    from core.data.dataset import Dataset

CELLS_AT_ONCE = 20_000
"""How many cells are read at once: as text they take much more room than as numbers."""

ROWS_AT_ONCE = 1_000
"""How many rows are counted at once."""

COUNTED = 4_000_000
"""Rows that are counted beyond those that may be, at most: that takes some seconds."""

MORE = "more than "

SHOWN_ROWS = 5
"""First rows that are shown of a table."""


def understood_table(
    file: str, names: Sequence[str], rows: Sequence[list[str]], choices: Choices, how: str
) -> Understood:
    """Return what is understood of the table called ``file`` whose first rows are ``rows``.

    Raises:
        Refused: what was chosen is not there, or no input is left.
    """
    columns = columns_of(file, names, rows, choices)
    whole = [row for row in rows if len(row) == len(names)]
    used = [place for place, column in enumerate(columns) if column.role is not Role.LEFT_OUT]
    decimal = choices.decimal or decimal_of(row[place] for row in whole for place in used)
    complete = msgspec.structs.replace(
        choices,
        decimal=decimal,
        labels=_called(columns, Role.LABEL),
        weight=(*_called(columns, Role.WEIGHT), "")[0],
        without=_called(columns, Role.LEFT_OUT),
    )
    understood = Understood(
        name=file,
        choices=complete,
        columns=columns,
        rows=tuple(tuple(row) for row in rows[:SHOWN_ROWS]),
        labels="",
        how=how + (", decimal comma" if decimal == "," else ""),
        problems=tuple(_problems(columns, rows, whole)),
    )
    return msgspec.structs.replace(understood, labels=_labels(understood, whole))


def _called(columns: Sequence[Column], role: Role) -> tuple[str, ...]:
    """Return the columns of ``role`` by name, or by number where a name is not one column's alone."""
    alone = {name for name, times in Counter(column.name for column in columns).items() if times == 1}
    return tuple(
        column.name if column.name.strip() and column.name in alone else str(place + 1)
        for place, column in enumerate(columns)
        if column.role is role
    )


def _labels(understood: Understood, rows: Sequence[list[str]]) -> str:
    """Return what the labels of the first rows would be taken for."""
    labels = [column for column in understood.columns if column.role is Role.LABEL]
    table = Table(understood, only_labels=True)
    try:
        values = [table.read(list(rows), 0)] if rows and labels else []
        return labels_in_words(understood, values, table.names)
    except Refused as refusal:
        return f"labels that do not do: {refusal}"


def _problems(columns: Sequence[Column], rows: Sequence[list[str]], whole: Sequence[list[str]]) -> Iterator[str]:
    ragged = [place + 1 for place, row in enumerate(rows) if len(row) != len(columns)]
    if ragged:
        yield f"row {ragged[0]:,} has {count(len(rows[ragged[0] - 1]), 'cell')}, the first line {len(columns):,}"
    used = [
        place
        for place, column in enumerate(columns)
        if column.role is not Role.LEFT_OUT and column.kind is not Kind.EMPTY
    ]
    empty = [place + 1 for place, row in enumerate(rows) if row in whole and any(is_missing(row[one]) for one in used)]
    if empty:
        more = ", ..." if len(empty) > SHOWN_ROWS else ""
        named = f"row{'' if len(empty) == 1 else 's'} {', '.join(map(str, empty[:SHOWN_ROWS]))}{more}"
        yield f"empty cells in {named} (of {len(rows):,} that were looked at)"
    for column in columns:
        if column.role is Role.INPUT and column.kind is not Kind.NUMBERS:
            yield f"input {shorten(column.name)} has {'text' if column.kind is Kind.TEXT else 'no values'}"


def take_rows(understood: Understood, rows: Iterable[list[str]], pause: Pause = go_on) -> Dataset:
    """Return the data in ``rows``, all of the table that ``understood`` speaks of; between two parts it may stop.

    Raises:
        Refused: a cell, or a row, is none that can be taken; the sentence names file, row and column.
    """
    table, rows = Table(understood), iter(rows)
    return collected(table, table.parts_of_rows(rows, 0), rows, pause)


def collected(table: Table, parts: Iterator[KerasArray], rows: Iterator[list[str]], pause: Pause) -> Dataset:
    """Return the data whose rows come in ``parts``; ``rows`` gives those that are in no part yet.

    Raises:
        Refused: there are none, or too many, or a row is none that can be taken.
    """
    understood, most = table.understood, table.understood.choices.rows
    inputs, labels = len(understood.of_role(Role.INPUT)), len(understood.of_role(Role.LABEL))
    if not inputs:
        require_size(understood.name, 1, 0)
    values: list[KerasArray] = []
    read = 0
    for part in parts:
        pause()
        values.append(part[: most - read] if most else part)
        read += len(values[-1])
        if most and read >= most:
            break
        if times_allowed(read, inputs) > times():
            # No more is kept than may be; how much there is says how much to allow.
            more = _count(rows, pause)
            require_size(understood.name, min(read + more, most or read + more), inputs, "" if more < COUNTED else MORE)
        require_labels(understood.name, read, labels)
    return ReadRows(understood, values, table.names).dataset()


def _count(rows: Iterator[list[str]], pause: Pause) -> int:
    """Return how many rows there are, without those that are only spaces; no more are counted than is worth it."""
    found = 0
    for place, row in enumerate(rows):
        if not place % ROWS_AT_ONCE:
            pause()
        found += any(map(str.strip, row))
        if found == COUNTED:
            break
    return found


def _places_of(classes: Sequence[str]) -> dict[str, int]:
    """Return the places of classes that a file names, as they are called and as a saved cell has them."""
    called = {name: at for at, name in enumerate(classes)}
    return called | {in_a_cell(name): at for name, at in called.items()}


@dataclass
class Table:
    """Turns some rows after the others into numbers: inputs, weight and labels in the order of the columns.

    A label that is text becomes the place of its name among ``names``, those of that column, in the order of rows.
    """

    understood: Understood
    only_labels: bool = False
    names: dict[int, dict[str, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        roles = (Role.LABEL,) if self.only_labels else (Role.INPUT, Role.LABEL, Role.WEIGHT)
        columns = self.understood.columns
        self._columns = [place for place, column in enumerate(columns) if column.role in roles]
        texts = [place for place in self._columns if columns[place].kind is Kind.TEXT]
        labels = [place for place in texts if columns[place].role is Role.LABEL]
        self.names = {place: _places_of(columns[place].classes) for place in labels}
        self._numeric = [place for place in self._columns if place not in self.names]
        self._numbers = Numbers(self.understood.choices.decimal)

    @property
    def at_once(self) -> int:
        """How many rows are read at once."""
        most = CELLS_AT_ONCE // len(self.understood.columns)
        return max(1, min(most, self.understood.choices.rows or most))

    def parts_of_rows(self, rows: Iterator[list[str]], read: int) -> Iterator[KerasArray]:
        """Give rows as numbers, some at once; the first is row ``read`` of all."""
        while cells := some_rows(rows, self.at_once):
            part = self.of_rows(cells, read)
            yield part
            read += len(part)

    def of_rows(self, cells: list[list[str]], read: int) -> KerasArray:
        """Return rows of numbers, of which the first is row ``read`` of all.

        Raises:
            Refused: one is none that can be taken.
        """
        return self.read(self.require_width(cells, read), read)

    def of_plain_lines(self, lines: list[str], separator: str, read: int) -> KerasArray | None:
        """Return the rows in ``lines`` if they are plain numbers alone, perhaps before a label that is text; else None.

        NumPy reads such lines as fast as they can be split into cells, but what it refuses it does not name.

        Raises:
            Refused: a number is too large.
        """
        width, labels = len(self.understood.columns), None
        others = [place for place, column in enumerate(self.understood.columns) if column.kind is not Kind.NUMBERS]
        if (
            others == [width - 1] == list(self.names)
            and not self.understood.columns[-1].classes
            and separator != SPACES
        ):
            cut = [line.rpartition(separator) for line in lines]
            lines, labels = [before for before, _, _ in cut], [after for _, _, after in cut]
        elif others:
            return None
        values = plain_numbers(lines, separator, self.understood.choices.decimal)
        if values is None or values.shape != (len(lines), width - bool(labels)):
            return None
        if labels is not None and any('"' in label for label in labels):
            return None
        held = self._held(values[:, self._numeric], read)
        if labels is None:
            return held
        return np.column_stack([held, self._of_text(labels, width - 1, self.names[width - 1], read)]).astype(np.float32)

    def require_width(self, cells: list[list[str]], read: int) -> list[list[str]]:
        """Return rows, of which the first is row ``read`` of all, without those that are only spaces.

        Raises:
            Refused: one has more or fewer cells than the first line.
        """
        width = len(self.understood.columns)
        if set(map(len, cells)) == {width}:
            return cells
        kept = [row for row in cells if len(row) > 1 or width == 1 or row[0].strip()]
        for place, row in enumerate(kept):
            if len(row) != width:
                raise Refused(
                    f"{self.understood.name}, row {read + place + 1:,}: expected {count(width, 'cell')}, as in the "
                    f"first line, got {len(row):,}; complete the row, or take it out"
                )
        return kept

    def read(self, cells: list[list[str]], read: int) -> KerasArray:
        """Return rows of numbers, NaN where a cell is empty; the first is row ``read`` of all."""
        values = self._held(self._of_numeric(cells, read), read)
        if not self.names:
            return values
        whole = np.empty((len(cells), len(self._columns)), np.float32)
        at = {place: column for column, place in enumerate(self._columns)}
        whole[:, [at[place] for place in self._numeric]] = values
        for place, names in self.names.items():
            whole[:, at[place]] = self._of_text([row[place] for row in cells], place, names, read)
        return whole

    def _of_numeric(self, cells: list[list[str]], read: int) -> Array:
        columns = self._numeric
        if not columns:
            return np.empty((len(cells), 0))
        picked: Iterable[Sequence[str]] = cells
        if len(columns) == 1:
            picked = ([row[columns[0]]] for row in cells)
        elif len(columns) < len(self.understood.columns):
            picked = map(itemgetter(*columns), cells)
        flat = list(chain.from_iterable(picked))
        try:
            return self._numbers.read(flat).reshape(len(cells), len(columns))
        except BadCell as bad:
            row, column = divmod(bad.place, len(columns))
            self._refuse(flat[bad.place], bad.wanted, read + row, columns[column])

    def _refuse(self, text: str, wanted: str, row: int, place: int) -> NoReturn:
        column, file = self.understood.columns[place], self.understood.name
        name, got = shorten(column.name), repr(shorten(text))
        where = f"{file}, row {row + 1:,}, column {name}"
        if column.role is Role.INPUT and column.kind is Kind.TEXT:
            raise ChoiceRefused(
                f"{where}: expected a number, got text, {got}; write numbers in its place",
                "leave the column out (--without; in the dialog: left out), or take it as the label (--labels; label "
                "columns)",
            )
        raise Refused(f"{where}: expected {wanted}, got {got}; correct it, or take the row out")

    def _held(self, values: Array, read: int) -> KerasArray:
        missing = np.isnan(values)
        names = tuple(self.understood.columns[place].name for place in self._numeric)
        held = require_held(self.understood.name, np.where(missing, 0.0, values), names, read)
        held[missing] = np.nan
        return held

    def _place_of(self, cell: str, place: int, row: int, names: dict[str, int]) -> float:
        if cell not in names and not is_missing(cell):
            self._refuse(cell, f"one of the classes {listed(tuple(names))}", row, place)
        return names.get(cell, np.nan)

    def _of_text(self, cells: list[str], place: int, names: dict[str, int], read: int) -> list[float]:
        column = self.understood.columns[place]
        if column.classes:
            return [self._place_of(cell, place, read + row, names) for row, cell in enumerate(cells)]
        known = names.setdefault
        places: list[float] = [known(cell.strip(), len(names)) for cell in cells]
        require_few(f"{self.understood.name}, column {shorten(column.name)}", len(names))
        if any(is_missing(name) for name in names):
            places = [np.nan if is_missing(cell) else held for cell, held in zip(cells, places, strict=True)]
        return places
