"""A calculation as a spreadsheet (.xlsx) that lives: change a given number, and every other one is calculated anew."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

import numpy as np
from xlsxwriter import Workbook

from core.calculation.forward import Part
from core.calculation.rounding import Rounding
from core.calculation.spot import Kind, Spot, symbol
from core.calculation.symbols import formula, symbols
from core.errors import Refused, shorten
from core.export.cell_formulas import CELL_FORMULAS
from core.export.explanation import changed_words
from core.export.sheet import FIRST, MOST_COLUMNS, Row, Sheet, Style
from core.export.text import LINE, how_written, unit_count
from core.model.network import Dropout, describe

if TYPE_CHECKING:
    from core.export.explanation import Explanation

MOST_NUMBERS = 500_000
"""More weights than this take a spreadsheet minutes to open."""

ONE_SHEET = 100
"""Up to so many rows everything stands on one sheet; else each layer has its own."""

HEADINGS = 2
"""Rows of a layer's sheet that name what is below."""

WORDS = (
    "Written by byhand. Numbers in a box are given: type another one there, and everything that is calculated from "
    "it changes, down to the prediction."
)
HALVES = (
    "A spreadsheet rounds a number that ends in exactly 5 away from zero, byhand the binary number next to it: "
    "there the last digit may differ by one."
)


def spreadsheet(explanation: Explanation) -> bytes:
    """Return the file; every number that is calculated is a formula, with its present value.

    Raises:
        Refused: a layer is wider than a sheet, or there are more weights than a spreadsheet can bear.
    """
    _require_room(explanation)
    buffer = io.BytesIO()
    # What a file calls its layers is text, whatever it begins with.
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": True}
    book = Workbook(buffer, options)
    _write(explanation, book)
    book.close()
    return buffer.getvalue()


def _require_room(explanation: Explanation) -> None:
    steps = explanation.trace.steps
    widths = [("the input", explanation.trace.x.size)]
    widths += [(step.layer.name, unit_count(explanation, place)) for place, step in enumerate(steps)]
    for name, width in widths:
        if width > MOST_COLUMNS - FIRST:
            raise Refused(
                f"expected layers of at most {MOST_COLUMNS - FIRST:,} numbers, for which a sheet has columns, "
                f"got {shorten(name)} with {width:,}; JSON has room for them"
            )
    size = sum(step.kernel.size for step in steps if step.kernel is not None)
    if size > MOST_NUMBERS:
        raise Refused(f"expected at most {MOST_NUMBERS:,} weights in a spreadsheet, got {size:,}; take JSON")


def _write(explanation: Explanation, book: Workbook) -> None:
    """Fill the book: what is given and what comes out at the top, then layer by layer."""
    digits, style = explanation.digits, Style.of(book, explanation.digits)
    steps = explanation.trace.steps
    rows = sum(10 + (0 if step.kernel is None else len(step.kernel)) for step in steps)
    first = sheet = Sheet(book, "Calculation", style, digits)
    current, prediction = _head(explanation, first)
    for place, step in enumerate(steps):
        if rows > ONE_SHEET:
            sheet = Sheet(book, _sheet_name(place, step.layer.name), style, digits)
        else:
            sheet.skip()
        current = _layer(explanation, place, sheet, current)
        if sheet is not first:
            sheet.freeze(HEADINGS)
    values = explanation.trace.prediction
    first.conclude(prediction, [current.cell(unit, first.name) for unit in range(values.size)], values)


def _sheet_name(place: int, name: str) -> str:
    """Return a name that a sheet may have and that no other sheet has."""
    plain = re.sub(r"[\[\]:*?/\\']", " ", shorten(name))
    return f"{place + 1} {plain}"[:31].strip()


def _head(explanation: Explanation, sheet: Sheet) -> tuple[Row, Row]:
    """Write the title, the point and what Keras says; return the point's row, and the one for the prediction."""
    network, x = explanation.network, explanation.trace.x
    carried = explanation.rounding is Rounding.CARRIED
    sheet.title(shorten(describe(network), LINE), "")
    for words in (
        WORDS,
        f"{', '.join(how_written(explanation).split('   '))}.",
        HALVES if carried else "",
        changed_words(explanation),
    ):
        if words:
            sheet.words(words)
    sheet.headings("", "", [symbol(network, Spot(0, Kind.INPUT, input=place)) for place in range(x.size)])
    point = sheet.given("x, given", x)
    if carried:
        point = sheet.made("x, rounded", [_written(explanation, point.cell(place)) for place in range(x.size)], x, {})
    prediction = sheet.reserve("prediction y")
    if explanation.keras is not None:
        sheet.noted("y of Keras", explanation.keras.astype(np.float64))
    sheet.freeze(sheet.next_row)
    return point, prediction


def _layer(explanation: Explanation, place: int, sheet: Sheet, inputs: Row) -> Row:
    """Write one layer below what the sheet has, and return the row of its outputs."""
    step, names = explanation.trace.steps[place], symbols(explanation.network, place)
    units = unit_count(explanation, place)
    sheet.title(shorten(step.layer.name), formula(explanation.network, place))
    dropout = isinstance(step.layer, Dropout)
    kernel = f"kernel {names.kernel}, given" if step.kernel is not None else ""
    sheet.headings(kernel, names.inputs if kernel else "", [f"unit {unit + 1:,}" for unit in range(units)])
    if step.kernel is not None:
        current = _pre_activations(explanation, place, sheet, inputs)
    else:
        sources, name = [inputs.cell(unit, sheet.name) for unit in range(units)], "unchanged" if dropout else "z"
        current = sheet.made(name, sources, step.inputs, _instead(explanation, place, Part.PRE_ACTIVATION))
    if step.activation == "linear" and not _instead(explanation, place, Part.OUTPUT):
        return current
    return _outputs(explanation, place, sheet, current)


def _pre_activations(explanation: Explanation, place: int, sheet: Sheet, inputs: Row) -> Row:
    """Write kernel, weighted sums and biases, and return the row of the pre-activations."""
    step, names = explanation.trace.steps[place], symbols(explanation.network, place)
    assert step.kernel is not None and step.weighted_sum is not None and step.pre_activation is not None
    top, units = sheet.next_row, range(step.kernel.shape[1])
    for at, weights in enumerate(step.kernel):
        sheet.given(symbol(explanation.network, Spot(place, Kind.INPUT, input=at)), weights)
        sheet.input(inputs.cell(at, sheet.name), step.inputs[at])
    size = len(step.kernel)
    products = [_products(explanation, sheet.inputs(top, size), sheet.weights(unit, top, size)) for unit in units]
    heading = f"{names.kernel}^T {names.inputs}"
    sums = sheet.made(heading, products, step.weighted_sum, _instead(explanation, place, Part.WEIGHTED_SUM))
    if step.bias is None:
        made = [sums.cell(unit) for unit in units]
    else:
        bias = sheet.given(f"+ {names.bias}, given", step.bias)
        made = [_written(explanation, f"{sums.cell(unit)}+{_written(explanation, bias.cell(unit))}") for unit in units]
    return sheet.made("= z", made, step.pre_activation, _instead(explanation, place, Part.PRE_ACTIVATION))


def _products(explanation: Explanation, inputs: str, weights: str) -> str:
    if explanation.rounding is Rounding.SHOWN:
        return f"SUMPRODUCT({inputs},{weights})"
    product = _written(explanation, f"{inputs}*{_written(explanation, weights)}")
    return _written(explanation, f"SUMPRODUCT({product})")


def _outputs(explanation: Explanation, place: int, sheet: Sheet, z: Row) -> Row:
    """Write the activation, with the rows that it needs between, and return the row of the outputs."""
    step = explanation.trace.steps[place]
    cells = CELL_FORMULAS[step.activation]
    values = step.inputs if step.pre_activation is None else step.pre_activation
    rows = {"z": z}
    for letter, between in zip("ab", cells.between, strict=False):
        made = [between.formula.format(**_names(rows, unit, values.size)) for unit in range(values.size)]
        rows[letter] = sheet.made(between.heading, made, between.values(values), {})
    outputs = range(step.output.size)
    made = [_written(explanation, cells.output.format(**_names(rows, unit, values.size))) for unit in outputs]
    return sheet.made(step.activation, made, step.output, _instead(explanation, place, Part.OUTPUT))


def _names(rows: dict[str, Row], unit: int, size: int) -> dict[str, str]:
    """Return what the letters of a cell's formula stand for."""
    names = {"k": str(unit + 1), "all": rows["z"].all(size), "gate": rows["z"].cell(unit + size // 2)}
    for letter, row in rows.items():
        names |= {letter: row.cell(unit), f"all_{letter}": row.all(size), f"to_{letter}": row.up_to(unit)}
    return names


def _written(explanation: Explanation, expression: str) -> str:
    """Return the formula that writes a number down: rounded, if rounded numbers are carried on."""
    return f"ROUND({expression},{explanation.digits})" if explanation.rounding is Rounding.CARRIED else expression


def _instead(explanation: Explanation, place: int, part: Part) -> dict[int, float]:
    """Return the numbers that were put in the place of calculated ones, by unit."""
    return {unit: value for (at, of, unit), value in explanation.forced.items() if (at, of) == (place, part)}
