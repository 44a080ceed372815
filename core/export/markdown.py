"""A calculation as Markdown: a heading, a formula and a table for each layer, then the line that made each number."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from core.calculation.printed import MARK
from core.calculation.spot import Kind, Spot, symbol
from core.calculation.symbols import formula
from core.errors import shorten
from core.export.text import LINE, cell_text, conclusion, how_written, legend, unit_count, vectors
from core.export.unit_lines import unit_lines
from core.formatting import count
from core.layers.dense import Dense
from core.model.network import describe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.export.explanation import Explanation

MAX_UNITS = 40
"""How many units of a layer are written out."""

MAX_INPUTS = 10
"""How many weights of a unit a table has; of more, the first and last few, and how many are between."""

ENDS = 3

_MEANS_SOMETHING = re.compile(r"([\\`*_{}\[\]<>#|~$&!@])")


def markdown_page(explanation: Explanation) -> str:
    """Return the whole calculation as Markdown, as GitHub shows it."""
    lines = [
        f"# {escaped(shorten(describe(explanation.network), LINE))}",
        "",
        how_written(explanation).replace("   ", ", "),
    ]
    lines += ["", *_x(explanation)]
    layers: list[str] = []
    for place, step in enumerate(explanation.trace.steps):
        layers += ["", f"## {escaped(shorten(step.layer.name))}", "", f"`{formula(explanation.network, place)}`", ""]
        layers += _table(explanation, place)
        layers += _lines(explanation, place)
    # In a table the mark has a backslash before it.
    marked = any(f" {MARK}" in line.replace("\\", "") for line in layers)
    lines += ["", escaped(legend(explanation))] if marked else []
    lines += layers
    lines += ["", "## Prediction", "", *_fenced(conclusion(explanation))]
    return "\n".join(lines) + "\n"


def escaped(text: str) -> str:
    """Return ``text`` so that Markdown shows it as it is, whatever a file calls its layers."""
    return _MEANS_SOMETHING.sub(r"\\\1", text)


def _fenced(lines: list[str]) -> list[str]:
    # As the page of text has them; a name never stands here, so no line can end the block.
    return ["```text", *lines, "```"]


def _x(explanation: Explanation) -> list[str]:
    spots = [Spot(0, Kind.INPUT, input=place) for place in range(explanation.trace.x.size)]
    cells = [(symbol(explanation.network, spot), explanation.written(spot)) for spot in _ends(spots)]
    if len(cells) < len(spots):
        cells.insert(ENDS, (f"({len(spots) - len(cells):,} more)", "..."))
    return table_rows([[name for name, _ in cells], [text for _, text in cells]])


def _ends(spots: list[Spot]) -> list[Spot]:
    return spots if len(spots) <= MAX_INPUTS else spots[:ENDS] + spots[-ENDS:]


def _table(explanation: Explanation, place: int) -> list[str]:
    """Return the layer as a table, a unit a row: its weights, if it has one for every input, then each vector's number.

    Of windows, which see a few of the inputs each, the lines below the table have the weights.
    """
    rows = [_heading(explanation, place)]
    units = unit_count(explanation, place)
    for unit in range(units)[:MAX_UNITS]:
        rows.append([f"{unit + 1}", *_weights(explanation, place, unit), *_numbers(explanation, place, unit)])
    lines = table_rows(rows)
    return lines if units <= MAX_UNITS else [*lines, "", f"and {count(units - MAX_UNITS, 'more unit')}"]


def _heading(explanation: Explanation, place: int) -> list[str]:
    inputs = [Spot(place, Kind.INPUT, input=row) for row in range(_inputs(explanation, place))]
    names = [f"{symbol(explanation.network, spot)} = {explanation.written(spot)}" for spot in _ends(inputs)]
    if len(names) < len(inputs):
        names.insert(ENDS, f"({len(inputs) - len(names):,} more)")
    return ["unit", *names, *(heading for heading, _, _ in vectors(explanation, place))]


def _weights(explanation: Explanation, place: int, unit: int) -> Iterator[str]:
    spots = [Spot(place, Kind.WEIGHT, unit, row) for row in range(_inputs(explanation, place))]
    for at, spot in enumerate(_ends(spots)):
        if at == ENDS and len(spots) > MAX_INPUTS:
            yield "..."
        yield explanation.written(spot)


def _inputs(explanation: Explanation, place: int) -> int:
    """Return for how many inputs the layer's table has a column."""
    step = explanation.trace.steps[place]
    return step.inputs.size if isinstance(step.layer, Dense) else 0


def _numbers(explanation: Explanation, place: int, unit: int) -> Iterator[str]:
    for _, kind, size in vectors(explanation, place):
        yield cell_text(explanation, Spot(place, kind, unit)).replace(MARK, rf"\{MARK}") if unit < size else ""


def table_rows(rows: list[list[str]]) -> list[str]:
    """Return rows as a table with the numbers to the right; the first row is its head."""
    widths = [max(3, *(len(row[column]) for row in rows)) for column in range(len(rows[0]))]
    lines = [" | ".join(f"{text:>{width}}" for text, width in zip(row, widths, strict=True)) for row in rows]
    lines.insert(1, " | ".join(f"{'-' * (width - 1)}:" for width in widths))
    return [f"| {line} |" for line in lines]


def _lines(explanation: Explanation, place: int) -> list[str]:
    units = range(unit_count(explanation, place))[:MAX_UNITS]
    lines = [line for unit in units for line in unit_lines(explanation, place, unit)]
    return ["", *_fenced(lines)] if lines else []
