"""Sheet: one sheet of a spreadsheet, filled from the top, with the address of everything that was written."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from math import isfinite
from typing import TYPE_CHECKING

from xlsxwriter.utility import xl_cell_to_rowcol, xl_range_abs, xl_rowcol_to_cell

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xlsxwriter import Workbook
    from xlsxwriter.format import Format

    from core.arrays import Array

MOST_COLUMNS = 16_384
"""Columns of a sheet, in Excel and in LibreOffice."""

FIRST = 2
"""The column of the first unit; before it stand names and a layer's inputs."""

NOT_A_NUMBER = "#NUM!"
"""What a spreadsheet shows for nan and the infinities, which it has no numbers for."""

GIVEN_COLOUR, TEXT_COLOUR = "#DDEBF7", "#595959"


@dataclass(frozen=True)
class Row:
    """Where a vector stands: its sheet and its row, a unit a column."""

    sheet: str
    row: int

    def cell(self, unit: int, seen_from: str = "") -> str:
        """Return the address of a unit's cell; ``seen_from`` is the sheet of the formula, if it may be another."""
        address = str(xl_rowcol_to_cell(self.row, FIRST + unit))
        return address if seen_from in ("", self.sheet) else f"'{self.sheet}'!{address}"

    def all(self, size: int) -> str:
        """Return the address of the first ``size`` cells, for formulas of the same sheet."""
        return str(xl_range_abs(self.row, FIRST, self.row, FIRST + size - 1))

    def up_to(self, unit: int) -> str:
        """Return the address of the first cells as far as ``unit``."""
        return f"{xl_rowcol_to_cell(self.row, FIRST, col_abs=True)}:{self.cell(unit)}"


_REFERENCE = re.compile(r"(?:'([^']+)'!)?(\$?[A-Z]{1,3}\$?\d+)(?::(\$?[A-Z]{1,3}\$?\d+))?")


@dataclass(frozen=True)
class Errors:
    """The cells of all sheets that are no numbers: whatever is calculated from one of them is none either."""

    _cells: set[tuple[str, int, int]] = field(default_factory=set)

    def add(self, sheet: str, row: int, column: int) -> None:
        """Remember one more."""
        self._cells.add((sheet, row, column))

    def reach(self, formula: str, sheet: str) -> bool:
        """Return whether a formula of ``sheet`` refers to one of them."""
        return bool(self._cells) and any(self._has(reference, sheet) for reference in _REFERENCE.findall(formula))

    def _has(self, reference: tuple[str, str, str], sheet: str) -> bool:
        there, first, last = reference
        (top, left), (bottom, right) = xl_cell_to_rowcol(first), xl_cell_to_rowcol(last or first)
        sheet = there or sheet
        if not last:
            return (sheet, top, left) in self._cells
        return any(at == sheet and top <= row <= bottom and left <= column <= right for at, row, column in self._cells)


@dataclass(frozen=True)
class Style:
    """How cells look; what is given has a box as well as a colour."""

    title: Format
    heading: Format
    words: Format
    given: Format
    made: Format
    result: Format

    @classmethod
    def of(cls, book: Workbook, digits: int) -> Style:
        """Return the looks for numbers of so many decimal places."""
        shown = {"num_format": f"0.{'0' * digits}"}
        return cls(
            book.add_format({"bold": True, "font_size": 13}),
            book.add_format({"italic": True, "font_color": TEXT_COLOUR, "align": "right"}),
            book.add_format({"font_color": TEXT_COLOUR}),
            book.add_format({**shown, "border": 1, "bg_color": GIVEN_COLOUR}),
            book.add_format(shown),
            book.add_format({**shown, "bold": True}),
        )


class Sheet:
    """Writes rows one below the other; each begins with what it is called."""

    def __init__(self, book: Workbook, name: str, style: Style, digits: int, errors: Errors) -> None:
        self.name, self.next_row = name, 0
        self._errors = errors
        self._sheet, self._style = book.add_worksheet(name), style
        self._sheet.set_column(0, 0, 22)
        self._sheet.set_column(1, MOST_COLUMNS - 1, digits + 6)
        # On paper, a page is as wide as the sheet.
        self._sheet.set_landscape()
        self._sheet.fit_to_pages(1, 0)

    def skip(self) -> None:
        """Leave a row empty."""
        self.next_row += 1

    def freeze(self, rows: int) -> None:
        """Keep the first ``rows``, and the names, in sight."""
        self._sheet.freeze_panes(rows, FIRST)

    def title(self, name: str, words: str = "") -> None:
        """Write a title, and a few words beside it."""
        self._sheet.write_string(self.next_row, 0, name, self._style.title)
        if words:
            self._sheet.write_string(self.next_row, FIRST, words, self._style.words)
        self.next_row += 1

    def words(self, text: str) -> None:
        """Write a sentence over as many cells as it takes."""
        self._sheet.write_string(self.next_row, 0, text, self._style.words)
        self.next_row += 1

    def headings(self, name: str, inputs: str, units: Sequence[str]) -> None:
        """Write the names of the columns."""
        self._sheet.write_string(self.next_row, 0, name, self._style.words)
        for column, text in enumerate([inputs, *units], start=FIRST - 1):
            self._sheet.write_string(self.next_row, column, text, self._style.heading)
        self.next_row += 1

    def given(self, name: str, values: Array) -> Row:
        """Write numbers that a person may change."""
        return self._numbers(name, values, self._style.given)

    def noted(self, name: str, values: Array) -> Row:
        """Write numbers that nothing is calculated from."""
        return self._numbers(name, values, self._style.made)

    def _numbers(self, name: str, values: Array, style: Format) -> Row:
        row = self.reserve(name)
        for unit, value in enumerate(values.tolist()):
            self._number(row.row, FIRST + unit, value, style)
        return row

    def reserve(self, name: str) -> Row:
        """Name a row that is filled later."""
        self._sheet.write_string(self.next_row, 0, name, self._style.words)
        self.next_row += 1
        return Row(self.name, self.next_row - 1)

    def made(self, name: str, formulas: Sequence[str], values: Array, instead: Mapping[int, float]) -> Row:
        """Write formulas with their present values; the numbers in ``instead`` stand in for their units' formulas."""
        row = self.reserve(name)
        for unit, (formula, value) in enumerate(zip(formulas, values.tolist(), strict=True)):
            if unit in instead:
                self._number(row.row, FIRST + unit, instead[unit], self._style.given)
            else:
                self._formula(row.row, FIRST + unit, formula, value, self._style.made)
        return row

    def made_some(self, name: str, formulas: Mapping[int, str], values: Array) -> None:
        """Write the formulas of some units, with their present values; the other cells stay empty."""
        row = self.reserve(name)
        for unit, formula in formulas.items():
            self._formula(row.row, FIRST + unit, formula, float(values[unit]), self._style.made)

    def conclude(self, row: Row, formulas: Sequence[str], values: Array) -> None:
        """Write what comes out of it all into a row that was reserved."""
        for unit, (formula, value) in enumerate(zip(formulas, values.tolist(), strict=True)):
            self._formula(row.row, FIRST + unit, formula, value, self._style.result)

    def input(self, formula: str, value: float) -> None:
        """Write the input that the weights of the row before multiply."""
        self._formula(self.next_row - 1, FIRST - 1, formula, value, self._style.made)

    def _formula(self, row: int, column: int, formula: str, value: float, style: Format) -> None:
        # A number that came of an infinite one, such as exp(-inf) = 0, is none in a spreadsheet.
        no_number = not isfinite(value) or self._errors.reach(formula, self.name)
        if no_number:
            self._errors.add(self.name, row, column)
        self._sheet.write_formula(row, column, f"={formula}", style, NOT_A_NUMBER if no_number else value)

    def _number(self, row: int, column: int, value: float, style: Format) -> None:
        if not isfinite(value):
            self._errors.add(self.name, row, column)
        self._sheet.write_number(row, column, value, style)

    def inputs(self, top: int, size: int) -> str:
        """Return the address of a layer's inputs, which stand from row ``top`` on."""
        return f"$B${top + 1}:$B${top + size}"

    def weights(self, unit: int, top: int, size: int) -> str:
        """Return the address of the weights of ``unit``."""
        first, last = (xl_rowcol_to_cell(row, FIRST + unit) for row in (top, top + size - 1))
        return f"{first}:{last}"
