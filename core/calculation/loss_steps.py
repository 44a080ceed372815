"""The steps on paper of the losses that are a mean over outputs: for one label and one output.

The formulas are those of the Keras 3 documentation ("Losses").
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.calculation.clipping import clipped
from core.calculation.loss_steps_of_sigmoids import entropy_of_sigmoid, sigmoid_of, smoothed
from core.losses import EPSILON

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.calculation.paper import Paper, Written

    Each = Callable[..., Written]

FAR = 14.0
"""Beyond this error cosh(e) is exp(|e|) / 2 but for less than 1e-12 of it, and grows unwieldy."""

FLAT = (
    "y*yhat is above 1, the flat region: the loss is 0 and so is its slope, so this row alone would change no weight."
)
CORNER = "y*yhat is exactly 1, the corner where the flat region begins: the loss is 0."
STILL = " Its slope is still that of the other side, as TensorFlow takes it."
INSIDE = "y*yhat is between 0 and 1: yhat is on the label's side, but within the margin, so it still costs."
WRONG_SIDE = "y*yhat is not above 0: yhat is not on the label's side, so the loss is at least 1."

SURE = "The surer the right answer, the less it counts."
BALANCED = "apply_class_balancing: alpha for label 1, 1 - alpha for label 0."

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
    still = STILL if why == CORNER else ""
    return paper.line(symbol, "max({}, 0)", [m], np.maximum(m.value, 0.0), why + still)


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


def _huber(paper: Paper, y: Written, yhat: Written, tag: str, symbol: str, delta: float) -> Written:
    e = paper.line(f"e{tag}", "{} - {}", [yhat, y], yhat.value - y.value)
    a = paper.line(f"a{tag}", "|{}|", [e], np.abs(e.value))
    if a.value <= delta:
        why = f"{a.symbol} is at most delta = {delta:g}: the square branch, half of what mean_squared_error gives."
        q = paper.line(f"q{tag}", "{}^2", [a], a.value**2)
        return paper.line(symbol, "{} / 2", [q], q.value / 2.0, why)
    why = f"{a.symbol} is above delta = {delta:g}: the straight branch, in which a large error is not squared."
    template = f"{{}} - {0.5 * delta**2:g}" if delta == 1.0 else f"{delta:g}*{{}} - {0.5 * delta**2:g}"
    total = delta * a.value - 0.5 * delta**2
    return paper.line(symbol, template, [a], total, "" if np.isnan(a.value) else why)


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


def _binary_crossentropy(
    paper: Paper, y: Written, yhat: Written, tag: str, symbol: str, from_logits: bool, label_smoothing: float
) -> Written:
    y = smoothed(paper, y, tag, label_smoothing)
    if from_logits:
        return entropy_of_sigmoid(paper, y, yhat, tag, symbol)
    return _entropy(paper, y, yhat, tag, symbol)


def _entropy(paper: Paper, y: Written, yhat: Written, tag: str, symbol: str) -> Written:
    p = clipped(paper, yhat, f"p{tag}")
    why = f"{y.symbol} = {y.text}: of {y.symbol}*log({p.symbol}) + (1 - {y.symbol})*log(1 - {p.symbol}) only the"
    if y.value == 1.0:
        return paper.line(symbol, "-log({})", [p], -np.log(p.value), f"{why} first part counts.")
    q = paper.line_in_full(f"q{tag}", "1 - {}", [p], 1.0 - p.value)
    if y.value == 0.0:
        return paper.line(symbol, "-log({})", [q], -np.log(q.value), f"{why} second part counts.")
    total = -(y.value * np.log(p.value) + (1.0 - y.value) * np.log(q.value))
    return paper.line(symbol, "-({}*log({}) + (1 - {})*log({}))", [y, p, y, q], total)


def _binary_focal(
    paper: Paper,
    y: Written,
    yhat: Written,
    tag: str,
    symbol: str,
    from_logits: bool,
    label_smoothing: float,
    **focus: float,
) -> Written:
    y = smoothed(paper, y, tag, label_smoothing)
    p = sigmoid_of(paper, yhat, tag) if from_logits else yhat
    b = (entropy_of_sigmoid if from_logits else _entropy)(paper, y, yhat, tag, f"b{tag}")
    return _focused(paper, y, p, b, tag, symbol, **focus)


def focal_of_seen(
    paper: Paper, y: Written, z: Written, p: Written, tag: str, symbol: str, label_smoothing: float, **focus: float
) -> Written:
    """Write the focal loss as Keras calculates it right behind a sigmoid or softmax that makes ``p`` of ``z``."""
    y = smoothed(paper, y, tag, label_smoothing)
    b = entropy_of_sigmoid(paper, y, z, tag, f"b{tag}")
    return _focused(paper, y, p, b, tag, symbol, **focus)


def _focused(
    paper: Paper,
    y: Written,
    p: Written,
    b: Written,
    tag: str,
    symbol: str,
    gamma: float,
    alpha: float,
    apply_class_balancing: float,
) -> Written:
    """Write the cross-entropy ``b`` times a power of what the label's own answer lacks of 1, and the class's weight."""
    if y.value in (0.0, 1.0):
        template = "(1 - {})" if y.value else "{}"
        f = paper.line(f"f{tag}", f"{template}^{gamma:g}", [p], (1.0 - p.value if y.value else p.value) ** gamma, SURE)
    else:
        missing = 1.0 - y.value * p.value - (1.0 - y.value) * (1.0 - p.value)
        u = paper.line(f"u{tag}", "1 - {}*{} - (1 - {})*(1 - {})", [y, p, y, p], missing)
        f = paper.line(f"f{tag}", f"{{}}^{gamma:g}", [u], u.value**gamma, SURE)
    if not apply_class_balancing:
        return paper.line(symbol, "{}*{}", [f, b], f.value * b.value)
    weight = y.value * alpha + (1.0 - y.value) * (1.0 - alpha)
    w = paper.line(f"w{tag}", f"{alpha:g}*{{}} + {1.0 - alpha:g}*(1 - {{}})", [y, y], weight, BALANCED)
    return paper.line(symbol, "{}*{}*{}", [w, f, b], w.value * f.value * b.value)


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
"""Keras's name -> what writes the steps for one label and output: their symbols end in a tag, the loss has its own.

Settings of the loss come by name."""
