"""A calculation as a page of plain text: each layer as columns, then the line that made each number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.activations import OVER_ALL_UNITS
from core.calculation.symbols import formula, name, symbols
from core.calculation.unfold import unit_line
from core.errors import shorten
from core.formatting import count, number, small, width_of
from core.model.network import Dense, describe

if TYPE_CHECKING:
    from jaxtyping import Float

    from core.arrays import Array, KerasArray
    from core.calculation.forward import Step, Trace
    from core.calculation.rounding import Rounding
    from core.model.network import Network

MAX_UNITS = 40
"""How many units of a layer are written out; the JSON form has them all."""

LINE = 100
"""The longest name or description that is written out."""


KERAS_DIGITS = 8
"""Decimal places that tell float32 numbers below 1 apart, as the tutorial prints ``model.predict``."""


def explanation_text(
    network: Network, trace: Trace, rounding: Rounding, digits: int, keras: Float[KerasArray, "outputs"] | None = None
) -> str:
    """Return the whole calculation as text; with ``keras``, its prediction beside the one by hand."""
    lines = [
        shorten(describe(network), LINE),
        f"x = {_vector(trace.x, digits)}   digits {digits}   rounding {rounding}",
    ]
    for place, step in enumerate(trace.steps):
        lines += ["", *_layer(network, place, step, rounding, digits)]
    lines += ["", f"by hand  {_both(trace.prediction, digits)}"]
    if keras is not None:
        difference = float(np.max(np.abs(trace.prediction - keras), initial=0.0))
        lines.append(f"Keras    {_both(keras, digits)}   differ {small(difference)}")
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _layer(network: Network, place: int, step: Step, rounding: Rounding, digits: int) -> list[str]:
    written = min(step.output.size, MAX_UNITS)
    lines = [f"{shorten(step.layer.name)}    {formula(network, place)}", *_columns(network, place, step, digits)]
    if isinstance(step.layer, Dense):
        letters = symbols(network, place)
        for unit in range(written):
            line = unit_line(step, unit, rounding, digits)
            made = name(letters.output, unit, step.output.size)
            argument = "z" if step.activation in OVER_ALL_UNITS else line.symbol
            applied = f"   {made} = {step.activation}({argument}) = {line.output}"
            applied = applied if step.activation != "linear" else f"   {made} = {line.output}"
            lines.append(f"  {line.symbol} = {line.factors} = {line.terms} = {line.pre_activation}{applied}")
    if written < step.output.size:
        lines.append(f"  and {count(step.output.size - written, 'more unit')}, which --format json has")
    return lines


def _columns(network: Network, place: int, step: Step, digits: int) -> list[str]:
    """Return the layer's vectors side by side, under their names, one unit a row."""
    columns = _named_columns(network, place, step)
    rows = min(MAX_UNITS, max(values.size for _, values in columns))
    cells = [_column(heading, values[:rows], rows, digits) for heading, values in columns]
    return ["  " + "  ".join(parts) for parts in zip(*cells, strict=True)]


def _named_columns(network: Network, place: int, step: Step) -> list[tuple[str, Array]]:
    letters = symbols(network, place)
    columns: list[tuple[str, Array]] = []
    if step.weighted_sum is not None:
        columns.append((f"{letters.kernel}^T {letters.inputs}", step.weighted_sum))
    if step.bias is not None:
        columns.append((f"+ {letters.bias}", step.bias))
    if step.pre_activation is not None:
        columns.append(("= z" if columns else "z", step.pre_activation))
    if step.pre_activation is None or step.activation != "linear":
        columns.append((step.activation, step.output))
    return columns


def _column(heading: str, values: Array, rows: int, digits: int) -> list[str]:
    inner = width_of(values, digits)
    cells = [f"[ {number(value, digits):>{inner}} ]" for value in values]
    cells += [""] * (rows - len(cells))
    width = max(inner + 4, len(heading))
    return [f"{heading:^{width}}", *(f"{cell:^{width}}" for cell in cells)]


def _vector(values: Array, digits: int) -> str:
    """Return the numbers in brackets; the middle ones of many are counted instead."""
    if values.size <= MAX_UNITS:
        return " ".join(f"[ {number(value, digits)} ]" for value in values)
    first, rest = values[: MAX_UNITS // 2], values.size - MAX_UNITS // 2
    return f"{_vector(first, digits)} and {count(rest, 'more number')}"


def _both(values: Array | KerasArray, digits: int) -> str:
    """Return each number with the chosen digits and with as many as Keras's have."""
    written = [f"{number(value, digits)} ({number(value, KERAS_DIGITS)})" for value in values[:MAX_UNITS]]
    if values.size > MAX_UNITS:
        written.append(f"and {count(values.size - MAX_UNITS, 'more number')}")
    return "  ".join(written)
