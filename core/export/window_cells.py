"""What a window sees as formulas of spreadsheets: a convolution's kernel at every place, means, the largest number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.calculation.symbols import symbols
from core.calculation.wiring import under
from core.errors import Refused, shorten
from core.export.compact import own_bias, own_kernel
from core.layers.convolution import Convolution
from core.layers.windows import OUTSIDE
from core.operations.rounding import Rounding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.calculation.forward import Step
    from core.export.explanation import Explanation
    from core.export.sheet import Row, Sheet

MOST_ARGUMENTS = 255
"""What a spreadsheet's function takes at most."""

LONGEST = 8_192
"""Characters of the longest formula that a cell may have."""


def give_kernel(explanation: Explanation, place: int, sheet: Sheet) -> tuple[list[Row], Row | None]:
    """Write a convolution's kernel, a row for every number under the window, and its bias; return their rows."""
    step, letters = explanation.trace.steps[place], symbols(explanation.network, place)
    assert isinstance(step.layer, Convolution)
    filters = [f"filter {number + 1:,}" for number in range(step.layer.filters)]
    sheet.headings(f"kernel {letters.kernel}, given", "", filters)
    kernel = []
    for row, weights in enumerate(own_kernel(step)):
        *axes, channel = np.unravel_index(row, (*step.layer.kernel_size, step.shape[-1]))
        name = ",".join(str(int(at) + 1) for at in (*axes, channel))
        kernel.append(sheet.given(f"{letters.kernel.lower()}{name}", weights))
    bias = None if step.bias is None else sheet.given(f"{letters.bias}, given", own_bias(step))
    return kernel, bias


def written_out(step: Step, kernel: list[Row]) -> Iterator[dict[int, str]]:
    """Give, for every input, where its weights stand: for each unit that it is under the window of, a cell."""
    layer, channels = step.layer, step.shape[-1]
    assert isinstance(layer, Convolution)
    cells: list[dict[int, str]] = [{} for _ in range(step.inputs.size)]
    for place, seen in enumerate(under(layer, step.shape)):
        for offset in np.flatnonzero(seen != OUTSIDE).tolist():
            for channel in range(channels):
                row = kernel[offset * channels + channel]
                unit = place * layer.filters
                cells[int(seen[offset]) * channels + channel] |= {
                    unit + number: row.cell(number) for number in range(layer.filters)
                }
    yield from cells


def largest(step: Step, inputs: Row) -> list[str]:
    """Return, for every unit, the formula of the largest number under its window.

    Raises:
        Refused: it is too long for a cell.
    """
    return [_checked(step, _nested("MAX", _ranges(step, unit, inputs))) for unit in range(step.output.size)]


def means(explanation: Explanation, step: Step, inputs: Row) -> list[str]:
    """Return, for every unit, the formula of the mean of what is under its window.

    Raises:
        Refused: it is too long for a cell.
    """
    return [_checked(step, _mean(explanation, step, unit, inputs)) for unit in range(step.output.size)]


def _mean(explanation: Explanation, step: Step, unit: int, inputs: Row) -> str:
    size, ranges, digits = len(step.connections(unit)), _ranges(step, unit, inputs), explanation.digits
    if explanation.rounding is Rounding.SHOWN:
        return f"{_nested('SUM', ranges)}/{size}"
    terms = [f"SUMPRODUCT(ROUND({part}*ROUND(1/{size},{digits}),{digits}))" for part in ranges]
    return f"ROUND({'+'.join(terms)},{digits})"


def _ranges(step: Step, unit: int, inputs: Row) -> list[str]:
    """Return the cells of a unit's inputs, those beside each other as one range."""
    rows = np.sort(step.connections(unit))
    runs = np.split(rows, np.flatnonzero(np.diff(rows) != 1) + 1)
    return [f"{inputs.cell(int(run[0]))}:{inputs.cell(int(run[-1]))}" for run in runs]


def _nested(function: str, parts: list[str]) -> str:
    while len(parts) > MOST_ARGUMENTS:
        groups = [parts[start : start + MOST_ARGUMENTS] for start in range(0, len(parts), MOST_ARGUMENTS)]
        parts = [f"{function}({','.join(group)})" for group in groups]
    return f"{function}({','.join(parts)})"


def _checked(step: Step, formula: str) -> str:
    # With the equals sign before it.
    if len(formula) >= LONGEST:
        raise Refused(
            f"expected windows that a formula of a spreadsheet has room for ({LONGEST:,} characters), got "
            f"{shorten(step.layer.name)}, which takes {len(formula):,}; take JSON"
        )
    return formula
