"""A calculation as a page of plain text: each layer as columns, then the line that made each number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.calculation.printed import ABOUT, CARRIED, LEGEND, MARK
from core.calculation.spot import Kind, Spot
from core.calculation.symbols import formula, symbols
from core.errors import shorten
from core.export.explanation import BLANK
from core.export.signs import sum_sign
from core.export.unit_lines import unit_lines
from core.formatting import count, number
from core.layers.identity import Dropout
from core.layers.pooling import Pooling
from core.layers.reshaping import Flatten
from core.model.network import describe
from core.operations.rounding import RULE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.arrays import AnyArray
    from core.calculation.forward import Step
    from core.export.explanation import Explanation

MAX_UNITS = 40
"""How many units of a layer are written out; the JSON form has them all."""

LINE = 100
"""The longest name or description that is written out."""


KERAS_DIGITS = 8
"""Decimal places that tell float32 numbers below 1 apart, as the tutorial prints ``model.predict``."""


def text_page(explanation: Explanation) -> str:
    """Return the whole calculation as text."""
    lines = [shorten(describe(explanation.network), LINE), f"x = {_x(explanation)}   {how_written(explanation)}"]
    layers = [line for place in range(len(explanation.trace.steps)) for line in ("", *_layer(explanation, place))]
    lines += [legend(explanation)] if any(f" {MARK}" in line for line in layers) else []
    lines += [*layers, "", *conclusion(explanation)]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def how_written(explanation: Explanation) -> str:
    """Return how many digits there are and how they were rounded; of a worksheet, what is to be done."""
    if explanation.task:
        return explanation.task
    fractions = " or fractions" if explanation.notation.fractions else ""
    return f"digits {explanation.digits}{fractions}   rounding {explanation.rounding}, {RULE}"


def legend(explanation: Explanation) -> str:
    """Return what the signs mean that tell of another last digit; a learner at a worksheet has no choice in it."""
    return LEGEND if explanation.task else f"{LEGEND}; {CARRIED}"


def _layer(explanation: Explanation, place: int) -> list[str]:
    step = explanation.trace.steps[place]
    units = unit_count(explanation, place)
    head = f"{shorten(step.layer.name)}    {formula(explanation.network, place)}"
    lines = [head, *_columns(explanation, place)]
    made = [unit_lines(explanation, place, unit) for unit in range(units)[:MAX_UNITS]]
    lines += [f"  {'   '.join(parts)}" for parts in made if parts]
    if units > MAX_UNITS:
        lines.append(f"  and {count(units - MAX_UNITS, 'more unit')}, which --format json has")
    return lines


def unit_count(explanation: Explanation, place: int) -> int:
    """Return how many units the layer at ``place`` has; of some activations, more than it has outputs."""
    step = explanation.trace.steps[place]
    return max(step.output.size, 0 if step.pre_activation is None else step.pre_activation.size)


def vectors(explanation: Explanation, place: int) -> list[tuple[str, Kind, int]]:
    """Return the vectors of the layer at ``place`` in their order: heading, kind and size of each."""
    step, letters = explanation.trace.steps[place], symbols(explanation.network, place)
    columns: list[tuple[str, Kind, int]] = []
    if step.weighted_sum is not None:
        columns.append((f"{letters.kernel}^T {letters.inputs}", Kind.SUM, step.weighted_sum.size))
    if step.bias is not None:
        columns.append((f"+ {letters.bias}", Kind.BIAS, step.bias.size))
    if step.pre_activation is not None:
        columns.append(("= z" if columns else "z", Kind.Z, step.pre_activation.size))
    if step.pre_activation is None or step.activation != "linear":
        columns.append((_result(step), Kind.OUTPUT, step.output.size))
    return columns


def _result(step: Step) -> str:
    """Return the heading of a layer's outputs: what made them."""
    match step.layer:
        case Dropout() | Flatten():
            return "same"
        case Pooling(takes=takes):
            return takes
    return step.activation


def _columns(explanation: Explanation, place: int) -> list[str]:
    """Return the layer's vectors side by side, under their names, one unit a row."""
    columns = vectors(explanation, place)
    rows = min(MAX_UNITS, max(size for _, _, size in columns))
    least, cells = len(number(-0.5, explanation.digits)), []
    for heading, kind, size in columns:
        texts = [cell_text(explanation, Spot(place, kind, unit)) for unit in range(min(size, rows))]
        cells.append(_column(heading, texts, rows, least))
    return ["  " + "  ".join(parts) for parts in zip(*cells, strict=True)]


def cell_text(explanation: Explanation, spot: Spot) -> str:
    """Return a number as it stands in its column, marked where it is not what the numbers before it add up to."""
    text = explanation.written(spot)
    off = spot.kind is Kind.Z and sum_sign(explanation, spot.step, spot.unit) == ABOUT
    return f"{MARK}{text}" if off else text


def _column(heading: str, texts: list[str], rows: int, least: int) -> list[str]:
    inner = max(least, *(len(text) for text in texts))
    cells = [f"[ {text:>{inner}} ]" for text in texts] + [""] * (rows - len(texts))
    width = max(inner + 4, len(heading))
    return [f"{heading:^{width}}", *(f"{cell:^{width}}" for cell in cells)]


def _x(explanation: Explanation) -> str:
    """Return the point in brackets; the middle numbers of many are counted instead."""
    size = explanation.trace.x.size
    shown = size if size <= MAX_UNITS else MAX_UNITS // 2
    texts = [f"[ {explanation.written(Spot(0, Kind.INPUT, input=place))} ]" for place in range(shown)]
    return " ".join(texts) + (f" and {count(size - shown, 'more number')}" if shown < size else "")


def conclusion(explanation: Explanation) -> list[str]:
    """Return the prediction by hand."""
    values = explanation.trace.prediction
    texts = [explanation.written(spot) for spot in explanation.prediction[:MAX_UNITS]]
    return [f"by hand  {_both(texts, values)}"]


def _both(texts: Sequence[str], values: AnyArray) -> str:
    """Return each number as it is written and, unless it is blank, with as many digits as Keras's have."""
    written = [
        text if text == BLANK else f"{text} ({number(value, KERAS_DIGITS)})"
        for text, value in zip(texts, values, strict=False)
    ]
    if values.size > MAX_UNITS:
        written.append(f"and {count(values.size - MAX_UNITS, 'more number')}")
    return "  ".join(written)
