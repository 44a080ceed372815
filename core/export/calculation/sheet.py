"""Sheet: one sheet of a spreadsheet, filled from the top, and where the numbers of each value stand in it."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, prod
from typing import TYPE_CHECKING

from xlsxwriter.utility import xl_rowcol_to_cell

from core.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xlsxwriter import Workbook
    from xlsxwriter.format import Format

    from core.operations.operation import Index, Shape

MOST_COLUMNS = 16_384
"""Columns of a sheet, in Excel and in LibreOffice."""

LONGEST = 8_192
"""Characters of the longest formula that a cell may have."""

FIRST = 1
"""The column of the first number; before it stand names."""

NOT_A_NUMBER = "#NUM!"
"""What a spreadsheet shows for nan and the infinities, which it has no numbers for."""

GIVEN_COLOUR, TEXT_COLOUR = "#DDEBF7", "#595959"


@dataclass(frozen=True)
class Cell:
    """Where one number stands."""

    sheet: str
    row: int
    column: int

    def seen_from(self, sheet: str) -> str:
        """Return the address, in a formula of ``sheet``."""
        return self.to(self, sheet)

    def to(self, last: Cell, sheet: str) -> str:
        """Return the address of all cells as far as ``last``, in a formula of ``sheet``."""
        first = str(xl_rowcol_to_cell(self.row, self.column))
        address = first if last == self else f"{first}:{xl_rowcol_to_cell(last.row, last.column)}"
        return address if sheet == self.sheet else f"'{self.sheet}'!{address}"

    def is_before(self, other: Cell) -> bool:
        """Return whether the other stands right of it."""
        return (self.sheet, self.row, self.column + 1) == (other.sheet, other.row, other.column)


@dataclass(frozen=True)
class Block:
    """Where the numbers of a value stand: ``down`` has the axes that go down, the others go to the right."""

    sheet: str
    top: int
    shape: Shape
    down: tuple[int, ...]

    @property
    def across(self) -> tuple[int, ...]:
        """The axes that go to the right."""
        return tuple(axis for axis in range(len(self.shape)) if axis not in self.down)

    @property
    def rows(self) -> int:
        """How many rows it takes."""
        return prod(self.shape[axis] for axis in self.down)

    @property
    def columns(self) -> int:
        """How many columns it takes."""
        return prod(self.shape[axis] for axis in self.across)

    def cell(self, index: Index) -> Cell:
        """Return where the number at ``index`` stands."""
        return Cell(self.sheet, self.top + self._flat(index, self.down), FIRST + self._flat(index, self.across))

    def _flat(self, index: Index, axes: Sequence[int]) -> int:
        flat = 0
        for axis in axes:
            flat = flat * self.shape[axis] + index[axis]
        return flat


def looks(book: Workbook, digits: int) -> dict[str, Format]:
    """Return how cells look, with numbers of so many decimal places; what is given has a box as well as a colour."""
    shown = {"num_format": f"0.{'0' * digits}"}
    made = {
        "title": {"bold": True, "font_size": 13},
        "heading": {"italic": True, "font_color": TEXT_COLOUR, "align": "right"},
        "words": {"font_color": TEXT_COLOUR},
        "given": {**shown, "border": 1, "bg_color": GIVEN_COLOUR},
        "made": shown,
        "result": {**shown, "bold": True},
    }
    return {name: book.add_format(look) for name, look in made.items()}


class Sheet:
    """Writes blocks one below the other; each row begins with what it is called."""

    def __init__(self, book: Workbook, name: str, looks: Mapping[str, Format], digits: int) -> None:
        self.name, self.next_row, self._looks = name, 0, looks
        self._sheet = book.add_worksheet(name)
        self._sheet.set_column(0, 0, 26)
        self._sheet.set_column(FIRST, MOST_COLUMNS - 1, digits + 6)
        # On paper, a page is as wide as the sheet.
        self._sheet.set_landscape()
        self._sheet.fit_to_pages(1, 0)

    def freeze(self) -> None:
        """Keep what stands above, and the names, in sight."""
        self._sheet.freeze_panes(self.next_row, FIRST)

    def title(self, name: str, words: str = "") -> None:
        """Write a title, and a few words beside it."""
        self._sheet.write_string(self.next_row, 0, name, self._looks["title"])
        if words:
            self._sheet.write_string(self.next_row, FIRST, words, self._looks["words"])
        self.next_row += 1

    def words(self, text: str) -> None:
        """Write a sentence over as many cells as it takes; nothing leaves a row empty."""
        if text:
            self._sheet.write_string(self.next_row, 0, text, self._looks["words"])
        self.next_row += 1

    def block(self, shape: Shape, down: tuple[int, ...], rows: Sequence[str], columns: Sequence[str]) -> Block:
        """Write the names of rows and columns, and return where the numbers go.

        Raises:
            Refused: the sheet has not so many columns.
        """
        found = Block(self.name, self.next_row + bool(columns), shape, down)
        if found.columns > MOST_COLUMNS - FIRST:
            raise Refused(
                f"expected values of at most {MOST_COLUMNS - FIRST:,} numbers side by side, for which a sheet has "
                f"columns, got {rows[0]} with {found.columns:,}; JSON has room for them"
            )
        for column, text in enumerate(columns, start=FIRST):
            self._sheet.write_string(self.next_row, column, text, self._looks["heading"])
        for row, text in enumerate(rows, start=found.top):
            self._sheet.write_string(row, 0, text, self._looks["words"])
        self.next_row = found.top + found.rows
        return found

    def number(self, cell: Cell, value: float, look: str) -> None:
        """Write a number that no formula makes."""
        self._sheet.write_number(cell.row, cell.column, value, self._looks[look])

    def formula(self, cell: Cell, formula: str, value: float, look: str) -> None:
        """Write a formula with its present value.

        Raises:
            Refused: it is too long for a cell.
        """
        # With the equals sign before it.
        if len(formula) >= LONGEST:
            raise Refused(
                f"expected numbers made of so few others that a formula of a spreadsheet has room ({LONGEST:,} "
                f"characters), got one that takes {len(formula):,}; take JSON"
            )
        shown = value if isfinite(value) else NOT_A_NUMBER
        self._sheet.write_formula(cell.row, cell.column, f"={formula}", self._looks[look], shown)
