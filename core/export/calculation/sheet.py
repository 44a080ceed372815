"""Sheet: one sheet of a spreadsheet, filled from the top, where the numbers of each value stand in it; its formulas."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import reduce
from math import isfinite, prod
from typing import TYPE_CHECKING

import numpy as np
from xlsxwriter.utility import xl_rowcol_to_cell

from core.calculation.expression import PRODUCTS, Formula, Gathered, Leaf
from core.errors import Refused
from core.operations.functions import FUNCTIONS
from core.operations.writing import ATOM, PRODUCT, SUM, Written

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from xlsxwriter import Workbook
    from xlsxwriter.format import Format

    from core.calculation.expression import Expression, Place
    from core.model.array_axes import ArrayAxes
    from core.operations.operation import Index, Shape

    Run = list[tuple[Expression, ...]]

MOST_COLUMNS = 16_384
"""Columns of a sheet, in Excel and in LibreOffice."""

LONGEST = 8_192
"""Characters of the longest formula that a cell may have."""

FIRST = 1
"""The column of the first number; before it stand names."""

NOT_A_NUMBER = "#NUM!"
"""What a spreadsheet shows for nan and the infinities, which it has no numbers for."""

MOST_ARGUMENTS = 255
"""What a spreadsheet's function takes at most."""

NONE = "SQRT(-1)"
"""A formula for what is no number."""

FUNCTION = {"sum": "SUM", "mean": "SUM", "largest": "MAX", "smallest": "MIN"}

GIVEN_COLOUR, TEXT_COLOUR = "#DDEBF7", "#595959"


@dataclass(frozen=True)
class Cell:
    """Where one number stands; one that is given is rounded only where it is taken from, to so many ``digits``."""

    sheet: str
    row: int
    column: int
    digits: int | None

    def seen_from(self, sheet: str, last: Cell | None = None) -> str:
        """Return the number, or those of all cells as far as ``last``, in a formula of ``sheet``."""
        address = str(xl_rowcol_to_cell(self.row, self.column))
        address += "" if last is None else f":{xl_rowcol_to_cell(last.row, last.column)}"
        return rounded(address if sheet == self.sheet else f"'{self.sheet}'!{address}", self.digits)

    def is_before(self, other: Cell) -> bool:
        """Return whether the other stands right of it."""
        return (self.sheet, self.row, self.column + 1) == (other.sheet, other.row, other.column)


@dataclass(frozen=True)
class Block:
    """Where the numbers of a value stand: some of its axes go ``down``, the others to the right."""

    sheet: str
    top: int
    shape: Shape
    down: Sequence[int]
    across: Sequence[int]
    digits: int | None

    def cell(self, index: Index) -> Cell:
        """Return where the number at ``index`` stands."""
        row, column = (
            reduce(lambda flat, axis: flat * self.shape[axis] + index[axis], axes, 0)
            for axes in (self.down, self.across)
        )
        return Cell(self.sheet, self.top + row, FIRST + column, self.digits)


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

    def block(self, name: str, shape: Shape, down: Sequence[int], axes: ArrayAxes, digits: int | None) -> Block:
        """Write the names of rows and columns, and return where the numbers go, rounded to ``digits`` when taken.

        Raises:
            Refused: the sheet has not so many columns.
        """
        across = [axis for axis in range(len(shape)) if axis not in down]
        if (columns := prod(shape[axis] for axis in across)) > MOST_COLUMNS - FIRST:
            raise Refused(
                f"expected values of at most {MOST_COLUMNS - FIRST:,} numbers side by side, for which a sheet has "
                f"columns, got {name} with {columns:,}; JSON has room for them"
            )
        if prod(shape) > 1:
            for column, index in enumerate(_indices(shape, across), start=FIRST):
                text = ", ".join(axes.word(axis, at) for axis, at in zip(across, index, strict=True))
                self._sheet.write_string(self.next_row, column, text, self._looks["heading"])
            self.next_row += 1
        found = Block(self.name, self.next_row, shape, down, across, digits)
        for index in _indices(shape, down):
            # A row that has a part of a value says which: [2,:].
            at = dict(zip(down, index, strict=True))
            part = f"[{','.join(str(at[axis] + 1) if axis in at else ':' for axis in range(len(shape)))}]"
            self._sheet.write_string(self.next_row, 0, name + (part if at else ""), self._looks["words"])
            self.next_row += 1
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


def _indices(shape: Shape, axes: Sequence[int]) -> list[Index]:
    return [tuple(int(at) for at in index) for index in np.ndindex(*(shape[axis] for axis in axes))]


# Formulas


def rounded(text: str, digits: int | None) -> str:
    """Return a formula rounded, if it is to be."""
    return text if digits is None else f"ROUND({text},{digits})"


@dataclass(frozen=True)
class CellFormulas:
    """Writes formulas of one sheet; ``cell`` says where a number stands, None for a constant."""

    sheet: str
    cell: Callable[[Place | None], Cell | None]

    def __call__(self, expression: Expression, digits: int | None) -> str:
        """Return the formula of a number, rounded if it has ``digits`` and is not the same as another one."""
        text = self._written(expression, digits).text
        return text if isinstance(expression, Leaf) else rounded(text, digits)

    def picked(self, first: Cell, last: Cell, which: Expression) -> str:
        """Return the formula of the number in a column that another says, counted from 0."""
        column = replace(first, digits=None).seen_from(self.sheet, last)
        return rounded(f"INDEX({column},{self._written(which).within(SUM)}+1)", first.digits)

    def _written(self, expression: Expression, digits: int | None = None) -> Written:
        match expression:
            case Leaf(number, place):
                cell = self.cell(place)
                constant = repr(number).upper() if isfinite(number) else NONE
                return Written(constant if cell is None else cell.seen_from(self.sheet))
            case Formula(function=function, parts=parts):
                return FUNCTIONS[function].forms.cell.of([self._written(part) for part in parts])
            case Gathered(how=how) if how == PRODUCTS:
                texts = [self._products(run, digits) for run in self._runs(expression)]
                return Written("+".join(texts) or "0", SUM if len(texts) > 1 else PRODUCT)
        return self._many(expression)

    def _products(self, run: Run, digits: int | None) -> str:
        """Return the sum of products: of cells beside each other as one sum of two ranges."""
        first, second = (self._side(run, side) for side in (0, 1))
        if len(run) == 1:
            return rounded(f"{first.within(PRODUCT)}*{second.within(PRODUCT)}", digits)
        if digits is None and "ROUND" not in first.text + second.text:
            return f"SUMPRODUCT({first.text},{second.text})"
        return f"SUMPRODUCT({rounded(f'{first.text}*{second.text}', digits)})"

    def _many(self, gathered: Gathered) -> Written:
        """Return one number of many."""
        texts, name = [self._side(run, 0).text for run in self._runs(gathered)], FUNCTION[gathered.how]
        while len(texts) > MOST_ARGUMENTS:
            starts = range(0, len(texts), MOST_ARGUMENTS)
            texts = [f"{name}({','.join(texts[start : start + MOST_ARGUMENTS])})" for start in starts]
        made = f"{name}({','.join(texts)})" if texts else "0"
        return Written(f"{made}/{len(gathered)}", PRODUCT) if gathered.how == "mean" else Written(made, ATOM)

    def _side(self, run: Run, side: int) -> Written:
        """Return one part of a term or, of terms in cells beside each other, the range of it."""
        (first, *_), (last, *_) = (term[side:] for term in (run[0], run[-1]))
        if len(run) == 1 or not isinstance(first, Leaf) or not isinstance(last, Leaf):
            return self._written(first)
        begin = self.cell(first.place)
        return Written("" if begin is None else begin.seen_from(self.sheet, self.cell(last.place)))

    def _runs(self, gathered: Gathered) -> list[Run]:
        """Return the terms in runs: all numbers of one stand beside those of the one before it."""
        runs: list[Run] = []
        before: list[Cell] = []
        for term in map(gathered.term, range(len(gathered))):
            found = [self.cell(part.place) if isinstance(part, Leaf) else None for part in term]
            cells = [cell for cell in found if cell is not None]
            if len(before) == len(cells) == len(term) and all(map(Cell.is_before, before, cells)):
                runs[-1].append(term)
            else:
                runs.append([term])
            before = cells
        return runs
