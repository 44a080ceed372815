"""The steps on paper of the losses that are a mean over outputs: for one label and one output.

The formulas are those of the Keras 3 documentation ("Losses").
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.calculation.clipping import clipped
from core.losses import DELTA, EPSILON

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.calculation.paper import Paper, Written

    Each = Callable[[Paper, Written, Written, str, str], Written]

FAR = 14.0
"""Beyond this error cosh(e) is exp(|e|) / 2 but for less than 1e-12 of it, and grows unwieldy."""

FLAT = (
    "y*yhat is above 1, the flat region: the loss is 0 and so is its slope, so this row alone would change no weight."
)
CORNER = "y*yhat is exactly 1, the corner where the flat region begins: the loss is 0."
INSIDE = "y*yhat is between 0 and 1: yhat is on the label's side, but within the margin, so it still costs."
WRONG_SIDE = "y*yhat is not above 0: yhat is not on the label's side, so the loss is at least 1."

BELOW_0 = "yhat is not above 0 and has no logarithm here: relu, softplus or exponential would keep it there."


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


def _percentage(paper: Paper, y: Written, yhat: Written, tag: str, symbol: str) -> Written:
    e = paper.line(f"e{tag}", "{} - {}", [y, yhat], y.value - yhat.value)
    if np.abs(y.value) < EPSILON:
        why = f"{y.symbol} is 0, and Keras divides by 1e-7 at least."
        r = paper.line(f"r{tag}", "|{}| / 1e-7", [e], np.abs(e.value) / EPSILON, why)
    else:
        r = paper.line(f"r{tag}", "|{}| / |{}|", [e, y], np.abs(e.value) / np.abs(y.value))
    return paper.line(symbol, "100*{}", [r], 100.0 * r.value)


def _logarithmic(paper: Paper, y: Written, yhat: Written, tag: str, symbol: str) -> Written:
    template = "log(max({}, 1e-7) + 1)"
    u = paper.line(f"u{tag}", template, [yhat], np.log(np.maximum(yhat.value, EPSILON) + 1.0))
    v = paper.line(f"v{tag}", template, [y], np.log(np.maximum(y.value, EPSILON) + 1.0))
    e = paper.line(f"e{tag}", "{} - {}", [u, v], u.value - v.value)
    return paper.line(symbol, "{}^2", [e], e.value**2)


def _poisson(paper: Paper, y: Written, yhat: Written, tag: str, symbol: str) -> Written:
    value = np.log(yhat.value + EPSILON)
    g = paper.line(f"g{tag}", "log({} + 1e-7)", [yhat], value, BELOW_0 if yhat.value < 0.0 else "")
    return paper.line(symbol, "{} - {}*{}", [yhat, y, g], yhat.value - y.value * g.value)


def _binary_crossentropy(paper: Paper, y: Written, yhat: Written, tag: str, symbol: str) -> Written:
    p = clipped(paper, yhat, f"p{tag}")
    why = f"{y.symbol} = {y.text}: of {y.symbol}*log({p.symbol}) + (1 - {y.symbol})*log(1 - {p.symbol}) only the"
    if y.value == 1.0:
        return paper.line(symbol, "-log({})", [p], -np.log(p.value), f"{why} first part counts.")
    q = paper.line_in_full(f"q{tag}", "1 - {}", [p], 1.0 - p.value)
    return paper.line(symbol, "-log({})", [q], -np.log(q.value), f"{why} second part counts.")


def _binary_focal(paper: Paper, y: Written, yhat: Written, tag: str, symbol: str) -> Written:
    p = clipped(paper, yhat, f"p{tag}")
    part = "(1 - {y})^2*log({p})" if y.value == 1.0 else "{y}^2*log(1 - {p})"
    why = f"{y.symbol} = {y.text}: only {part.format(y=yhat.symbol, p=p.symbol)} counts, with the other sign."
    if y.value == 1.0:
        f = paper.line(f"f{tag}", "(1 - {})^2", [yhat], (1.0 - yhat.value) ** 2, why)
        return paper.line(symbol, "-{}*log({})", [f, p], -f.value * np.log(p.value))
    f = paper.line(f"f{tag}", "{}^2", [yhat], yhat.value**2, why)
    q = paper.line_in_full(f"q{tag}", "1 - {}", [p], 1.0 - p.value)
    return paper.line(symbol, "-{}*log({})", [f, q], -f.value * np.log(q.value))


EACH: dict[str, Each] = {
    "hinge": _hinge,
    "squared_hinge": _squared_hinge,
    "mean_squared_error": _squared_error,
    "mean_absolute_error": _absolute_error,
    "mean_absolute_percentage_error": _percentage,
    "huber": _huber,
    "log_cosh": _log_cosh,
    "binary_crossentropy": _binary_crossentropy,
    "binary_focal_crossentropy": _binary_focal,
    "poisson": _poisson,
    "mean_squared_logarithmic_error": _logarithmic,
}
"""Keras's name -> what writes the steps for one label and output: their symbols end in a tag, the loss has its own."""
