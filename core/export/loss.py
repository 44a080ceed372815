"""The loss of one row as lines of plain text and as JSON-ready objects."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from core.calculation.agreement import apart
from core.calculation.penalties import in_words
from core.calculation.writing import ABOUT, CARRIED, LEGEND
from core.export.json_numbers import Json, fields, plain
from core.formatting import count, exact, number
from core.losses import Labels, Over

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from core.calculation.loss import LossesWork, LossWork
    from core.calculation.paper import PaperLine
    from core.calculation.penalties import Penalty

MAX_LINES = 60
"""How many lines of the calculation are written out; the JSON form has them all."""

LAST = 2
"""Of longer ones, how many are the end."""

MAX_NUMBERS = 8
"""How many labels or outputs are repeated above the calculation."""


class KerasLoss(NamedTuple):
    """What Keras gives for a row: as ``evaluate`` calculates it, and of what ``predict`` made of the row."""

    loss: float
    of_prediction: float


def loss_text(work: LossesWork, digits: int, keras: KerasLoss | None = None, penalties: Sequence[Penalty] = ()) -> str:
    """Return the calculation as a page of text; with ``keras``, its loss beside the one by hand."""
    lines, written = list[str](), list(work.last)
    for part in work.parts:
        taken = f"The label is taken as {part.taken}." if part.taken else ""
        lines += [f"{'loss' + part.whose:<8} {loss_formula(part)}", given_text(part, digits)]
        lines += filter(None, (taken, part.about_z))
        lines += [f"  {line}" for line in written_out(part, ", which --format json has")]
        lines.append(slope_text(part, digits))
        written += _shown(part)
    lines += [f"  {line_text(line)}" for line in work.last]
    lines += [f"{LEGEND}; {CARRIED}"] if any(line.sign == ABOUT for line in written) else []
    return "\n".join([*lines, total_text(work, digits, keras, penalties)]) + "\n"


def written_out(work: LossWork, where: str = "") -> list[str]:
    """Return the lines of the calculation with what is said about them; of too many the middle is counted."""
    shown = _shown(work)
    texts = [[line_text(line), *([f"   {line.why}"] if line.why else [])] for line in shown]
    if left := len(work.lines) - len(shown):
        texts.insert(MAX_LINES - LAST, [f"and {count(left, 'more line')}{where}"])
    return list(chain.from_iterable(texts))


def _shown(work: LossWork) -> Sequence[PaperLine]:
    few = len(work.lines) <= MAX_LINES
    return work.lines if few else [*work.lines[: MAX_LINES - LAST], *work.lines[-LAST:]]


def loss_formula(work: LossWork) -> str:
    """Return the loss's name and formula, and what it is of where that is not one output or one row."""
    formula = f"{work.loss.in_words()} = {work.formula}"
    if work.loss.of_columns:
        all_of_them = "sum of them" if work.loss.sums_columns else "mean over them"
        return f"{formula}, for each output over a batch, here of this row, and the {all_of_them}"
    if work.loss.over is Over.BATCH:
        return f"{formula}, one number for a batch, here of this row"
    each = work.made.outputs.size // work.places
    several = work.loss.over is Over.OUTPUT and each > 1
    formula = f"{formula}, the mean over {each:,} outputs" if several else formula
    if work.places == 1:
        return formula
    made = "sum" if work.loss.reduction == "sum" else "mean"
    return f"{formula}, at each of {work.places:,} places, and the {made} of these"


def given_text(work: LossWork, digits: int) -> str:
    """Return label and outputs as the calculation begins with them."""
    label = f"{'class ' if work.loss.labels is Labels.CLASSES else ''}{_row([f'{y:g}' for y in work.label])}"
    name = "label" if work.converted else "label y"
    yhat, z = _numbers(work.made.outputs, digits), work.made.z
    outputs = f"output yhat = {'z = ' if z is None and work.loss.of_logits else ''}{yhat}"
    outputs = outputs if z is None else f"z = {_numbers(z, digits)}   {outputs}"
    return f"{name} = {label}   {outputs}"


def _numbers(values: Iterable[float], digits: int) -> str:
    return _row([number(value, digits) for value in values])


def _row(texts: Sequence[str]) -> str:
    more = f" and {len(texts) - MAX_NUMBERS:,} more" if len(texts) > MAX_NUMBERS else ""
    shown = " ".join(texts[:MAX_NUMBERS]) + more
    return shown if len(texts) == 1 else f"[ {shown} ]"


def line_text(line: PaperLine) -> str:
    """Return one line: its symbol, the formula in symbols, the same with numbers, the result."""
    if line.numbers in ("", line.result):
        # It is another number, or nothing is added up: there is no calculation to repeat.
        return " = ".join(filter(None, (line.symbol, line.formula, line.result)))
    return f"{line.symbol} = {line.formula} = {line.numbers} {line.sign} {line.result}"


def slope_text(work: LossWork, digits: int) -> str:
    """Return how the loss changes with each output, or with what goes into its activation."""
    return f"slope of {work.symbol} along {work.of}: {_numbers(work.slope, digits)}"


def total_text(work: LossesWork, digits: int, keras: KerasLoss | None, penalties: Sequence[Penalty] = ()) -> str:
    """Return the loss by hand and, once there is one, Keras's with the difference; and what else is called a loss."""
    lines = [f"by hand  {work.symbol} = {number(work.total, digits)} ({work.total:.8f})"]
    if keras is not None:
        theirs = f"{number(keras.loss, digits)} ({exact(keras.loss)})"
        lines.append(f"Keras    {work.symbol} = {theirs}   {apart(work.total, keras.loss)}")
    if work.of_prediction is not None and number(work.of_prediction, digits) != number(work.total, digits):
        by_keras = "" if keras is None else f", Keras {number(keras.of_prediction, digits)}"
        by_hand = f"by hand {number(work.of_prediction, digits)}"
        lines.append(f"Keras's loss function on predict(), of yhat alone: {by_hand}{by_keras}")
    if penalties:
        lines.append(f"evaluate's loss {in_words(work.name, work.total, penalties, digits)}")
    return "\n".join(lines)


def loss_json(work: LossesWork, keras: KerasLoss | None = None, penalties: Sequence[Penalty] = ()) -> Json:
    """Return the calculation as objects that JSON can write; NaN and the infinities are None."""
    total: Json = {
        "total": work.total,
        "of_prediction": work.of_prediction,
        "penalties": [fields(one, "words", "value") for one in penalties],
        "evaluate": work.total + sum(one.value for one in penalties),
        "keras": None if keras is None else keras.loss,
        "keras_of_prediction": None if keras is None else keras.of_prediction,
        "abs_difference": None if keras is None else abs(work.total - keras.loss),
    }
    total = {key: plain(value) for key, value in total.items()}
    if work.last:
        outputs = {part.whose.strip("()"): _part_json(part) | {"total": plain(part.total)} for part in work.parts}
        return {"losses": outputs, "lines": _lines_json(work.last), **total}
    return _part_json(work.parts[0]) | total


def _part_json(work: LossWork) -> Json:
    return {
        "loss": work.loss.name,
        "options": plain(dict(work.loss.given)),
        "formula": loss_formula(work),
        **fields(work, "label"),
        **fields(work.made, "outputs", "z"),
        "lines": _lines_json(work.lines),
        "slope": plain(work.slope),
        "slope_along": work.of,
    }


def _lines_json(lines: Sequence[PaperLine]) -> list[Json]:
    return [fields(line, "symbol", "formula", "numbers", "value", "why") for line in lines]
