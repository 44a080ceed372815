"""The loss of one row as lines of plain text and as JSON-ready objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from core.export.as_json import finite, numbers
from core.formatting import count, exact, number, small
from core.losses import Labels, Over

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.calculation.loss import LossWork
    from core.calculation.paper import PaperLine

MAX_LINES = 60
"""How many lines of the calculation are written out; the JSON form has them all."""

MAX_NUMBERS = 8
"""How many labels or outputs are repeated above the calculation."""


def loss_text(work: LossWork, digits: int, keras: float | None = None) -> str:
    """Return the calculation as a page of text; with ``keras``, its loss beside the one by hand."""
    lines = [f"loss     {loss_formula(work)}", given_text(work, digits)]
    written = work.lines[:MAX_LINES]
    for line in written:
        lines.append(f"  {line_text(line)}")
        lines += [f"      {line.why}"] if line.why else []
    if len(work.lines) > MAX_LINES:
        lines.append(f"  and {count(len(work.lines) - MAX_LINES, 'more line')}, which --format json has")
    lines += [slope_text(work, digits), total_text(work, digits, keras)]
    return "\n".join(lines) + "\n"


def loss_formula(work: LossWork) -> str:
    """Return the loss's name and formula, and what it is of where that is not one output or one row."""
    formula = f"{work.loss.name} = {work.loss.formula_text}"
    if work.loss.over is Over.BATCH:
        return f"{formula}, one number for a batch, here of this row"
    several = work.loss.over is Over.OUTPUT and len(work.outputs) > 1
    return f"{formula}, the mean over {len(work.outputs):,} outputs" if several else formula


def given_text(work: LossWork, digits: int) -> str:
    """Return label and outputs as the calculation begins with them."""
    label = f"class {work.label[0]:g}" if work.loss.labels is Labels.CLASSES else _row([f"{y:g}" for y in work.label])
    name = "label" if work.converted else "label y"
    return f"{name} = {label}   output yhat = {_row([number(yhat, digits) for yhat in work.outputs])}"


def _row(texts: Sequence[str]) -> str:
    more = f" and {len(texts) - MAX_NUMBERS:,} more" if len(texts) > MAX_NUMBERS else ""
    shown = " ".join(texts[:MAX_NUMBERS]) + more
    return shown if len(texts) == 1 else f"[ {shown} ]"


def line_text(line: PaperLine) -> str:
    """Return one line: its symbol, the formula in symbols, the same with numbers, the result."""
    return f"{line.symbol} = {line.formula} = {line.numbers} = {line.result}"


def slope_text(work: LossWork, digits: int) -> str:
    """Return how the loss changes with each output."""
    return f"slope of L along yhat: {_row([number(slope, digits) for slope in work.slope])}"


def total_text(work: LossWork, digits: int, keras: float | None) -> str:
    """Return the loss by hand and, once there is one, Keras's with the difference."""
    by_hand = f"by hand  L = {number(work.total, digits)} ({work.total:.8f})"
    if keras is None:
        return by_hand
    return f"{by_hand}\nKeras    L = {number(keras, digits)} ({exact(keras)})   differ {small(abs(work.total - keras))}"


def loss_json(work: LossWork, keras: float | None = None) -> dict[str, Any]:
    """Return the calculation as objects that JSON can write; NaN and the infinities are None."""
    return {
        "loss": work.loss.name,
        "formula": loss_formula(work),
        "label": numbers(np.array(work.label)),
        "outputs": numbers(np.array(work.outputs)),
        "lines": [
            {
                "symbol": line.symbol,
                "formula": line.formula,
                "numbers": line.numbers,
                "value": finite(line.value),
                "why": line.why,
            }
            for line in work.lines
        ],
        "total": finite(work.total),
        "slope": numbers(np.array(work.slope)),
        "keras": None if keras is None else finite(keras),
        "abs_difference": None if keras is None else finite(abs(work.total - keras)),
    }
