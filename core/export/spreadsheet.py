"""A calculation as a spreadsheet (.xlsx) that lives: change a given number, and every other one is calculated anew."""

from __future__ import annotations

import io
import re
from math import prod
from typing import TYPE_CHECKING

import numpy as np
from xlsxwriter import Workbook

from core.activations import OVER_ALL_UNITS
from core.calculation.forward import Part
from core.calculation.spot import Kind, Spot, symbol
from core.calculation.symbols import formula, symbols
from core.errors import Refused, shorten
from core.export.cell_formulas import CELL_FORMULAS
from core.export.explanation import changed_words
from core.export.sheet import FIRST, MOST_COLUMNS, Errors, Row, Sheet, Style
from core.export.text import LINE, how_written, unit_count
from core.export.window_cells import give_kernel, largest, means, written_out
from core.layers.activation_layers import Activation
from core.layers.convolution import Convolution
from core.layers.pooling import Pooling
from core.model.network import describe
from core.operations.rounding import Rounding

if TYPE_CHECKING:
    from core.calculation.forward import Step
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
SHOWN = (
    "A cell has more digits than it shows: what is shown does not always add up to the last one. With rounding carried "
    "it does."
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
    for step in steps:
        if step.activation in OVER_ALL_UNITS and len(step.shape) > 1:
            raise Refused(
                f"expected {step.activation} over a row of numbers in a spreadsheet, got it at every place of "
                f"{shorten(step.layer.name)}; take JSON, or a script"
            )
    size = sum(step.kernel.size for step in steps if step.kernel is not None)
    if size > MOST_NUMBERS:
        raise Refused(f"expected at most {MOST_NUMBERS:,} weights in a spreadsheet, got {size:,}; take JSON")


def _write(explanation: Explanation, book: Workbook) -> None:
    """Fill the book: what is given and what comes out at the top, then layer by layer."""
    digits, style = explanation.digits, Style.of(book, explanation.digits)
    steps = explanation.trace.steps
    rows = sum(10 + _kernel_rows(step) for step in steps)
    errors = Errors()
    first = sheet = Sheet(book, "Calculation", style, digits, errors)
    current, prediction = _head(explanation, first)
    for place, step in enumerate(steps):
        if rows > ONE_SHEET:
            sheet = Sheet(book, _sheet_name(place, step.layer.name), style, digits, errors)
        else:
            sheet.skip()
        current = _layer(explanation, place, sheet, current)
        if sheet is not first:
            sheet.freeze(HEADINGS)
    values = explanation.trace.prediction
    first.conclude(prediction, [current.cell(unit, first.name) for unit in range(values.size)], values)


def _kernel_rows(step: Step) -> int:
    """Return how many rows a layer's kernel takes, about; a convolution's stands there twice."""
    if isinstance(step.layer, Convolution):
        return step.inputs.size + prod(step.layer.kernel_size) * step.shape[-1]
    return 0 if step.kernel is None or isinstance(step.layer, Pooling) else len(step.kernel)


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
        "" if carried else SHOWN,
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
    sheet.title(shorten(step.layer.name), formula(explanation.network, place))
    match step.layer:
        case Pooling():
            return _pooled(explanation, place, sheet, inputs)
        case Convolution():
            current = _convolved(explanation, place, sheet, inputs)
        case _ if step.kernel is not None:
            _headings(explanation, place, sheet, f"kernel {names.kernel}, given", names.inputs)
            current = _pre_activations(explanation, place, sheet, inputs)
        case _:
            _headings(explanation, place, sheet)
            name = "z" if isinstance(step.layer, Activation) else "unchanged"
            current = _taken_over(explanation, place, sheet, inputs, name)
    if step.activation == "linear" and not _instead(explanation, place, Part.OUTPUT):
        return current
    return _outputs(explanation, place, sheet, current)


def _headings(explanation: Explanation, place: int, sheet: Sheet, kernel: str = "", inputs: str = "") -> None:
    units = range(unit_count(explanation, place))
    sheet.headings(kernel, inputs, [f"unit {unit + 1:,}" for unit in units])


def _taken_over(explanation: Explanation, place: int, sheet: Sheet, inputs: Row, name: str) -> Row:
    """Write a layer's inputs once more, and return their row."""
    step = explanation.trace.steps[place]
    sources = [inputs.cell(unit, sheet.name) for unit in range(step.inputs.size)]
    return sheet.made(name, sources, step.inputs, _instead(explanation, place, Part.PRE_ACTIVATION))


def _pooled(explanation: Explanation, place: int, sheet: Sheet, inputs: Row) -> Row:
    """Write the inputs and what is made of those under the window, and return the row of the outputs."""
    step, names = explanation.trace.steps[place], symbols(explanation.network, place)
    sheet.headings(
        "", "", [symbol(explanation.network, Spot(place, Kind.INPUT, input=at)) for at in range(step.inputs.size)]
    )
    sources = [inputs.cell(unit, sheet.name) for unit in range(step.inputs.size)]
    here = sheet.made(names.inputs, sources, step.inputs, {})
    _headings(explanation, place, sheet)
    if step.weighted_sum is None:
        return sheet.made("max", largest(step, here), step.output, _instead(explanation, place, Part.OUTPUT))
    made = means(explanation, step, here)
    mean = sheet.made("mean", made, step.weighted_sum, _instead(explanation, place, Part.WEIGHTED_SUM))
    for name, values, part in (("= z", step.pre_activation, Part.PRE_ACTIVATION), ("output", step.output, Part.OUTPUT)):
        if changes := _instead(explanation, place, part):
            assert values is not None
            mean = sheet.made(name, [mean.cell(unit) for unit in range(values.size)], values, changes)
    return mean


def _convolved(explanation: Explanation, place: int, sheet: Sheet, inputs: Row) -> Row:
    """Write the kernel, then at every place of its window, and return the row of the pre-activations."""
    step, names = explanation.trace.steps[place], symbols(explanation.network, place)
    assert step.kernel is not None and isinstance(step.layer, Convolution)
    kernel, bias = give_kernel(explanation, place, sheet)
    _headings(explanation, place, sheet, f"{names.kernel} at every place", names.inputs)
    top = sheet.next_row
    for at, cells in enumerate(written_out(step, kernel)):
        sheet.made_some(symbol(explanation.network, Spot(place, Kind.INPUT, input=at)), cells, step.kernel[at])
        sheet.input(inputs.cell(at, sheet.name), step.inputs[at])
    if bias is None or step.bias is None:
        return _summed(explanation, place, sheet, top, None)
    biases = [bias.cell(unit % step.layer.filters) for unit in range(step.bias.size)]
    return _summed(explanation, place, sheet, top, biases)


def _pre_activations(explanation: Explanation, place: int, sheet: Sheet, inputs: Row) -> Row:
    """Write kernel, weighted sums and biases, and return the row of the pre-activations."""
    step = explanation.trace.steps[place]
    assert step.kernel is not None
    top = sheet.next_row
    for at, weights in enumerate(step.kernel):
        sheet.given(symbol(explanation.network, Spot(place, Kind.INPUT, input=at)), weights)
        sheet.input(inputs.cell(at, sheet.name), step.inputs[at])
    return _summed(explanation, place, sheet, top, None)


def _summed(explanation: Explanation, place: int, sheet: Sheet, top: int, biases: list[str] | None) -> Row:
    """Write the weighted sums of the kernel that begins at row ``top``, add the biases, and return the row of that.

    ``biases`` are the cells that they stand in; without those they are written here.
    """
    step, names = explanation.trace.steps[place], symbols(explanation.network, place)
    assert step.kernel is not None and step.weighted_sum is not None and step.pre_activation is not None
    size, units = len(step.kernel), range(step.kernel.shape[1])
    products = [_products(explanation, sheet.inputs(top, size), sheet.weights(unit, top, size)) for unit in units]
    heading = f"{names.kernel}^T {names.inputs}"
    sums = sheet.made(heading, products, step.weighted_sum, _instead(explanation, place, Part.WEIGHTED_SUM))
    made = [sums.cell(unit) for unit in units]
    if step.bias is not None:
        if biases is None:
            bias = sheet.given(f"+ {names.bias}, given", step.bias)
            biases = [bias.cell(unit) for unit in units]
        made = [_written(explanation, f"{made[unit]}+{_written(explanation, biases[unit])}") for unit in units]
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
        with np.errstate(all="ignore"):
            kept = between.values(values)
        rows[letter] = sheet.made(between.heading, made, kept, {})
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
