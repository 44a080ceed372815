"""The steps of every loss on paper: for one label and one output, or for one class among the outputs.

The formulas are those of the Keras 3 documentation ("Losses"); the order of clipping and dividing in the categorical
cross-entropies is what Keras does on TensorFlow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.calculation.paper import Written
from core.formatting import count
from core.losses import DELTA, EPSILON

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.calculation.paper import Paper

    Each = Callable[[Paper, Written, Written, str, str], Written]

FAR = 14.0
"""Beyond this error cosh(e) is exp(|e|) / 2 but for less than 1e-12 of it, and grows unwieldy."""

FLAT = (
    "y*yhat is above 1, the flat region: the loss is 0 and so is its slope, so this row alone would change no weight."
)
CORNER = "y*yhat is exactly 1, the corner where the flat region begins: the loss is 0."
INSIDE = "y*yhat is between 0 and 1: yhat is on the label's side, but within the margin, so it still costs."
WRONG_SIDE = "y*yhat is not above 0: yhat is not on the label's side, so the loss is at least 1."

CLIPPED = (
    "Keras keeps a probability from 1e-7 to 1 - 1e-7, as log(0) is infinite. (model.fit and model.evaluate need not: "
    "behind a sigmoid or softmax they start from z.)"
)
CLIPPED_ABOVE = " In its float32 1 - 1e-7 is 0.99999988."
NO_PROBABILITY = "Below 0 or above 1 is no probability; a sigmoid or softmax would make one. "


def _margin(paper: Paper, y: Written, yhat: Written, tag: str) -> tuple[Written, str]:
    """Write the margin 1 - y*yhat; return it with what is to be said about the side that yhat is on."""
    s = paper.line(f"s{tag}", "{}*{}", [y, yhat], y.value * yhat.value)
    m = paper.line(f"m{tag}", "1 - {}", [s], 1.0 - s.value)
    if np.isnan(s.value):
        return m, ""
    if s.value >= 1.0:
        return m, FLAT if s.value > 1.0 else CORNER
    return m, INSIDE if s.value > 0.0 else WRONG_SIDE


def _hinge(paper: Paper, y: Written, yhat: Written, tag: str, symbol: str) -> Written:
    m, why = _margin(paper, y, yhat, tag)
    return paper.line(symbol, "max({}, 0)", [m], np.maximum(m.value, 0.0), why)


def _squared_hinge(paper: Paper, y: Written, yhat: Written, tag: str, symbol: str) -> Written:
    m, why = _margin(paper, y, yhat, tag)
    h = paper.line(f"h{tag}", "max({}, 0)", [m], np.maximum(m.value, 0.0), why)
    return paper.line(symbol, "{}^2", [h], h.value**2)


def _squared_error(paper: Paper, y: Written, yhat: Written, tag: str, symbol: str) -> Written:
    e = paper.line(f"e{tag}", "{} - {}", [y, yhat], y.value - yhat.value)
    return paper.line(symbol, "{}^2", [e], e.value**2)


def _absolute_error(paper: Paper, y: Written, yhat: Written, tag: str, symbol: str) -> Written:
    e = paper.line(f"e{tag}", "{} - {}", [y, yhat], y.value - yhat.value)
    return paper.line(symbol, "|{}|", [e], np.abs(e.value))


def _huber(paper: Paper, y: Written, yhat: Written, tag: str, symbol: str) -> Written:
    e = paper.line(f"e{tag}", "{} - {}", [yhat, y], yhat.value - y.value)
    a = paper.line(f"a{tag}", "|{}|", [e], np.abs(e.value))
    if a.value <= DELTA:
        why = f"{a.symbol} is at most delta = 1: the square branch, half of what mean_squared_error gives."
        q = paper.line(f"q{tag}", "{}^2", [a], a.value**2)
        return paper.line(symbol, "{} / 2", [q], q.value / 2.0, why)
    why = f"{a.symbol} is above delta = 1: the straight branch, in which a large error is not squared."
    return paper.line(symbol, "{} - 0.5", [a], a.value - 0.5, "" if np.isnan(a.value) else why)


def _log_cosh(paper: Paper, y: Written, yhat: Written, tag: str, symbol: str) -> Written:
    e = paper.line(f"e{tag}", "{} - {}", [yhat, y], yhat.value - y.value)
    if np.abs(e.value) > FAR:
        why = f"So far from 0, cosh({e.symbol}) is exp(|{e.symbol}|) / 2 in all digits that are written."
        return paper.line(symbol, "|{}| - log(2)", [e], np.logaddexp(e.value, -e.value) - np.log(2.0), why)
    c = paper.line(f"c{tag}", "cosh({})", [e], np.cosh(e.value))
    return paper.line(symbol, "log({})", [c], np.log(c.value))


def _binary_crossentropy(paper: Paper, y: Written, yhat: Written, tag: str, symbol: str) -> Written:
    p = _clipped(paper, yhat, f"p{tag}")
    why = f"{y.symbol} = {y.text}: of {y.symbol}*log({p.symbol}) + (1 - {y.symbol})*log(1 - {p.symbol}) only the"
    if y.value == 1.0:
        return paper.line(symbol, "-log({})", [p], -np.log(p.value), f"{why} first part counts.")
    q = paper.line_in_full(f"q{tag}", "1 - {}", [p], 1.0 - p.value)
    return paper.line(symbol, "-log({})", [q], -np.log(q.value), f"{why} second part counts.")


EACH: dict[str, Each] = {
    "hinge": _hinge,
    "squared_hinge": _squared_hinge,
    "mean_squared_error": _squared_error,
    "mean_absolute_error": _absolute_error,
    "huber": _huber,
    "log_cosh": _log_cosh,
    "binary_crossentropy": _binary_crossentropy,
}
"""Keras's name -> what writes the steps for one label and output: their symbols end in a tag, the loss has its own."""


# One class among the outputs


def _clipped(paper: Paper, p: Written, symbol: str) -> Written:
    """Return ``p`` as Keras clips it: itself unless it is outside, then on a line of its own."""
    if not (p.value < EPSILON or p.value > 1.0 - EPSILON):
        return p
    low = p.value < EPSILON
    why = (NO_PROBABILITY if p.value < 0.0 or p.value > 1.0 else "") + CLIPPED + ("" if low else CLIPPED_ABOVE)
    template = "max({}, 1e-7)" if low else "min({}, 1 - 1e-7)"
    return paper.line_in_full(symbol, template, [p], EPSILON if low else 1.0 - EPSILON, why)


def categorical(paper: Paper, place: int, outputs: Sequence[Written]) -> Written:
    """Divide by the sum, clip, take the logarithm: of the sum over all classes a one-hot label leaves one."""
    s = paper.line("s", *paper.plus(outputs), np.sum([output.value for output in outputs]))
    share = outputs[place].value / s.value
    write = paper.line_in_full if EPSILON <= share <= 1.0 - EPSILON else paper.line
    why = f"The label's 1 stands at {outputs[place].symbol}: only that output counts."
    p = _clipped(paper, write("p", "{} / {}", [outputs[place], s], share, why), "c")
    return paper.line("L", "-log({})", [p], -np.log(p.value), "" if s.value else "The outputs add up to 0.")


def sparse_categorical(paper: Paper, place: int, given: Sequence[Written]) -> Written:
    """Clip, divide by the sum, take the logarithm."""
    chosen = _clipped(paper, given[place], f"c{place + 1}")
    outputs = [_clipped_elsewhere(output, at) for at, output in enumerate(given, start=1)]
    outputs[place] = chosen
    others = sum(kept is not output for kept, output in zip(outputs, given, strict=True)) - (chosen is not given[place])
    why = f"Keras clips before it divides: {count(others, 'other output')} (c) too." if others else ""
    s = paper.line_in_full("s", *paper.plus(outputs), np.sum([output.value for output in outputs]), why)
    why = f"The label is class {place}, counted from 0, which is {given[place].symbol}: only that output counts."
    p = paper.line_in_full("p", "{} / {}", [chosen, s], chosen.value / s.value, why)
    return paper.line("L", "-log({})", [p], -np.log(p.value))


def _clipped_elsewhere(p: Written, at: int) -> Written:
    """Return ``p`` as Keras clips it, without a line: of many classes most may be clipped."""
    if p.value < EPSILON:
        return Written(f"c{at}", np.float64(EPSILON), "0.0000001")
    return Written(f"c{at}", np.float64(1.0 - EPSILON), "0.9999999") if p.value > 1.0 - EPSILON else p
