"""A calculation as a spreadsheet (.xlsx) that lives: change a given number, and every other one is calculated anew."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from math import isfinite, nan, prod
from typing import TYPE_CHECKING

import numpy as np
from xlsxwriter import Workbook

from core.calculation.expression import PRODUCTS, Gathered, Place
from core.errors import Refused, shorten
from core.export.calculation.sheet import CellFormulas, Sheet, looks
from core.export.calculation.text import headline
from core.operations.dot import Dot
from core.operations.over import Over
from core.operations.pick import Pick
from core.operations.rounding import Rounding

if TYPE_CHECKING:
    from core.calculation.calculated import Value
    from core.export.calculation.explanation import Explanation, Section
    from core.export.calculation.sheet import Block, Cell
    from core.operations.operation import Index
    from core.operations.program import Line

MOST_NUMBERS = 500_000
"""More numbers take a spreadsheet minutes to open."""

MOST_TERMS = 200_000
"""More numbers that others are made of take minutes to write."""

ONE_SHEET = 100
"""Up to so many rows everything stands on one sheet; else each call has its own."""

WORDS = (
    "Written by byhand. Numbers in a box are given: type another one there, and everything that is calculated from "
    "it changes, down to the prediction."
)
SHOWN = (
    "A cell has more digits than it shows: what is shown does not always add up to the last one. With rounding carried "
    "it does."
)


def spreadsheet(explanation: Explanation) -> bytes:
    """Return the file; every number that is calculated is a formula, with its present value.

    Raises:
        Refused: the calculation has more numbers than a spreadsheet can bear, or a value is wider than a sheet.
    """
    lines = explanation.done.written.program.lines
    numbers, terms = sum(prod(line.shape) for line in lines), sum(map(_terms, lines))
    for size, most, what in ((numbers, MOST_NUMBERS, "numbers"), (terms, MOST_TERMS, "products and terms")):
        if size > most:
            raise Refused(f"expected at most {most:,} {what} in a spreadsheet, got {size:,}; take JSON")
    buffer = io.BytesIO()
    # What a file calls its layers is text, whatever it begins with.
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": True}
    book = Workbook(buffer, options)
    _Book(explanation, book).write()
    book.close()
    return buffer.getvalue()


class _Book:
    """Fills the book: what is given and what comes out at the top, then call by call."""

    def __init__(self, explanation: Explanation, book: Workbook) -> None:
        self._explanation, self._book = explanation, book
        self._looks = looks(book, explanation.digits)
        # A number that came of an infinite one, such as exp(-inf) = 0, is none in a spreadsheet.
        self._errors: set[Cell] = set()
        self._is_error = False
        self._blocks: dict[tuple[tuple[str, ...], str], Block] = {}
        self._carries = explanation.rounding is Rounding.CARRIED
        self._across = _summed_axes(explanation)
        self._sheets: dict[str, Sheet] = {}

    def write(self) -> None:
        """Write every sheet."""
        explanation = self._explanation
        first = sheet = self._sheet("Calculation")
        results = self._head(first)
        rows = sum(3 + prod(v.shape[:-1]) for one in explanation.sections for v in (*one.values, *one.weights))
        for place, section in enumerate(explanation.sections):
            if rows > ONE_SHEET:
                sheet = self._sheet(_sheet_name(place, section.title))
            else:
                sheet.words("")
            self._section(sheet, section)
        parts = [(part, value, at) for value in explanation.done.values for at, part in value.parts.items()]
        for _, value, at in sorted(parts, key=lambda part: part[0]):
            if value.call and not explanation.is_given(value):
                self._made(value, at)
        for value, number, block in zip(
            explanation.done.outputs, explanation.done.written.outputs, results, strict=True
        ):
            for index in np.ndindex(value.shape):
                found = self._cell(Place(number, index))
                assert found is not None
                made = nan if found in self._errors else float(explanation.done.numbers[number][index])
                first.formula(block.cell(index), replace(found, digits=None).seen_from(first.name), made, "result")

    def _sheet(self, name: str) -> Sheet:
        made = self._sheets[name] = Sheet(self._book, name, self._looks, self._explanation.digits)
        return made

    def _head(self, sheet: Sheet) -> list[Block]:
        """Write the title, the point and what Keras says; return the places of the outputs."""
        explanation = self._explanation
        sheet.title(explanation.title)
        rule = f"{', '.join(explanation.rule.split('   '))}."
        stops = [f"{stops}." for stops in [explanation.done.written.stops] if stops]
        for words in (WORDS, rule, *([] if self._carries else [SHOWN]), *explanation.not_by_hand, *stops):
            sheet.words(words)
        for value in explanation.inputs:
            self._given(sheet, value, f"{explanation.symbols.whole(value, ())}, given")
        results = []
        for at, value in enumerate(explanation.done.outputs):
            of = f" {at + 1}" if len(explanation.done.outputs) > 1 else ""
            results.append(self._block(sheet, value, f"prediction{of}"))
            if explanation.keras is not None:
                keras = np.asarray(explanation.keras[at], dtype=np.float64).reshape(value.shape)
                self._numbers(sheet, self._block(sheet, value, f"Keras{of}"), keras, "made")
        sheet.freeze()
        return results

    def _section(self, sheet: Sheet, section: Section) -> None:
        """Write what is given, and find a place for what is made."""
        sheet.title(section.title, headline(self._explanation, section))
        for weight in section.weights:
            self._given(sheet, weight, f"{section.weight_name(weight)}, given")
        for value in section.values:
            name = str(self._explanation.symbols.whole(value, value.call))
            if self._explanation.is_given(value):
                self._given(sheet, value, name)
            else:
                self._blocks[value.call, value.name] = self._block(sheet, value, name)

    def _given(self, sheet: Sheet, value: Value, name: str) -> None:
        """Write numbers that a person may change."""
        block = self._blocks[value.call, value.name] = self._block(sheet, value, name)
        self._numbers(sheet, block, self._explanation.done.array(value), "given")

    def _numbers(self, sheet: Sheet, block: Block, values: np.ndarray, look: str) -> None:
        for index, number in np.ndenumerate(values):
            self._number(sheet, block.cell(index), float(number), look)

    def _number(self, sheet: Sheet, cell: Cell, number: float, look: str) -> None:
        self._errors |= set() if isfinite(number) else {cell}
        sheet.number(cell, number, look)

    def _made(self, value: Value, at: Index) -> None:
        """Write the formulas of a value, at one of its steps; numbers that stand in for calculated ones are given."""
        explanation, block = self._explanation, self._blocks[value.call, value.name]
        sheet = self._sheets[block.sheet]
        formulas = CellFormulas(sheet.name, self._cell)
        digits = explanation.digits if self._carries and explanation.is_rounded(value) else None
        for rest in np.ndindex(value.shape[len(at) :]):
            index = (*at, *rest)
            place, cell = value.place(index), block.cell(index)
            number = explanation.done.opener.number(place)
            if value.spot(index) in explanation.instead:
                self._number(sheet, cell, number, "given")
                continue
            self._is_error = not isfinite(number)
            formula = self._picked(place, formulas)
            if formula is None:
                formula = formulas(explanation.done.opener.open(place), digits)
            self._errors |= {cell} if self._is_error else set()
            sheet.formula(cell, formula, nan if self._is_error else number, "made")

    def _picked(self, place: Place, formulas: CellFormulas) -> str | None:
        """Return the formula of a number that another one picks out of a column; None of what comes about otherwise."""
        done = self._explanation.done
        lines = done.written.program.lines
        found = done.opener.origin(place)
        operation = lines[found.value].operation
        if not isinstance(operation, Pick):
            return None
        rows, which = lines[found.value].sources
        said, rest = found.index[: len(operation.before[1])], found.index[len(operation.before[1]) :]
        cells = [self._cell(Place(rows, (at, *rest))) for at in range(operation.before[0][0])]
        if cells[0] is None or cells[-1] is None or cells[0].column != cells[-1].column:
            return None
        return formulas.picked(cells[0], cells[-1], done.opener.open(Place(which, said)))

    def _block(self, sheet: Sheet, value: Value, name: str) -> Block:
        """Find a place for a value: those axes of a weight go down that its products are not added up along."""
        rank, summed = len(value.shape), self._across.get((value.call, value.name))
        down = tuple(range(max(0, min(rank - 1, 1) if rank <= 3 else rank - 2)))
        if summed and value in self._explanation.done.weights:
            down = tuple(axis for axis in range(rank) if axis not in summed)
        digits = self._explanation.digits if self._carries and self._explanation.is_given(value) else None
        return sheet.block(name, value.shape, down, self._explanation.done.array_axes(value), digits)

    def _cell(self, place: Place | None) -> Cell | None:
        """Return where a number stands, and remember if it is none that a spreadsheet has."""
        found = self._explanation.done.named(place)
        if found is None:
            return None
        value, index = found
        cell = self._blocks[value.call, value.name].cell(index)
        self._is_error |= cell in self._errors
        return cell


def _terms(line: Line) -> int:
    """Return how many numbers those of a value are made of, where each is made of many."""
    match line.operation:
        case Dot(products=products):
            return products
        case Over(before=before):
            return prod(before)
    return 0


def _summed_axes(explanation: Explanation) -> dict[tuple[tuple[str, ...], str], tuple[int, ...]]:
    """Return, for what is in sums of products, along which of its axes they are added up."""
    found: dict[tuple[tuple[str, ...], str], tuple[int, ...]] = {}
    done = explanation.done
    for value in done.values:
        if not prod(value.shape) or not value.call:
            continue
        middle = tuple(size // 2 for size in value.shape)
        expression = done.opener.open(value.place(middle))
        if isinstance(expression, Gathered) and expression.how == PRODUCTS and len(expression) > 1:
            for source, _, at in done.terms_of(expression):
                summed = tuple(np.flatnonzero(at[0] != at[-1]).tolist())
                found.setdefault((source.call, source.name), summed)
    return found


def _sheet_name(place: int, name: str) -> str:
    """Return a name that a sheet may have and that no other sheet has."""
    plain = re.sub(r"[\[\]:*?/\\']", " ", shorten(name))
    return f"{place + 1} {plain}"[:31].strip()
