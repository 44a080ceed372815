"""The steps on paper of the losses that are a mean over outputs: for one label and one output.

The formulas are those of the Keras 3 documentation ("Losses"); of pre-activations, that of TensorFlow's documentation
("tf.nn.sigmoid_cross_entropy_with_logits").
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from core.calculation.paper import Term, constant, cosh, exp, log, maximum, minimum, product, term
from core.losses import EPSILON, HIGHEST, LOWEST

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.calculation.paper import Paper

    Each = Callable[..., Term]

FAR = 14.0
"""Beyond this error cosh(e) is exp(|e|) / 2 but for less than 1e-12 of it, and grows unwieldy."""

FLAT = (
    "y*yhat is above 1, the flat region: the loss is 0 and so is its slope, so this row alone would change no weight."
)
CORNER = "y*yhat is exactly 1, the corner where the flat region begins: the loss is 0."
STILL = " Its slope is still that of the other side, as TensorFlow takes it."
INSIDE = "y*yhat is between 0 and 1: yhat is on the label's side, but within the margin, so it still costs."
WRONG_SIDE = "y*yhat is not above 0: yhat is not on the label's side, so the loss is at least 1."

SMOOTHED = "label_smoothing {:g}: Keras moves the label towards a half by half of that."
STABLE = "This is the binary cross-entropy of sigmoid({0}), written so that no large {0} overflows: nothing is clipped."
SURE = "The surer the right answer, the less it counts."
BALANCED = "apply_class_balancing: alpha for label 1, 1 - alpha for label 0."

BELOW_0 = "yhat is not above 0 and has no logarithm here: relu, softplus or exponential would keep it there."


# Clipping

NO_PROBABILITY = "Below 0 or above 1 is no probability; a sigmoid or softmax would make one. "


class Bounds(NamedTuple):
    """What Keras clips to, with as many digits as what is calculated with it needs, and how that is said."""

    lowest: Term
    highest: Term
    why: str
    about_highest: str = ""

    def beyond(self, p: Term) -> Term | None:
        """Return which of them ``p`` is beyond; None if it is within, or no number."""
        return self.lowest if p.value < self.lowest.value else self.highest if p.value > self.highest.value else None


PROBABILITY = Bounds(
    term("1e-7", "0.0000001", LOWEST),
    term("0.99999988079", "0.99999988079", HIGHEST),
    "Keras keeps a probability from 1e-7 to 1 - 1e-7, as log(0) is infinite.",
    " In its float32 1 - 1e-7 is 0.99999988079.",
)

UP_TO_1 = Bounds(
    term("1e-7", "0.0000001", EPSILON),
    term("1", "1", 1.0),
    "Keras keeps a probability from 1e-7 to 1, as log(0) is infinite.",
)
"""Where 1 itself may stay."""


def clipped(paper: Paper, p: Term, symbol: str, bounds: Bounds = PROBABILITY) -> Term:
    """Return ``p`` as Keras clips it: itself unless it is outside, then on a line of its own."""
    bound = bounds.beyond(p)
    if bound is None:
        return p
    why = (NO_PROBABILITY if p.value < 0.0 or p.value > 1.0 else "") + bounds.why
    in_short = term(bound.symbol, bound.symbol, bound.value)
    made = maximum(p, in_short) if bound is bounds.lowest else minimum(p, in_short).because(bounds.about_highest)
    return paper.write(made.because(why + made.why), clipped_elsewhere(paper, p, symbol, bounds))


def clipped_elsewhere(paper: Paper, p: Term, symbol: str, bounds: Bounds = PROBABILITY) -> Term:
    """Return ``p`` as Keras clips it, without a line: of many classes most may be clipped."""
    bound = bounds.beyond(p)
    return p if bound is None else paper.kept(symbol, float(bound.value), bound.text)


# The losses


def _margin(paper: Paper, y: Term, yhat: Term) -> tuple[Term, str]:
    """Return the part of the margin 1 - y*yhat above 0, with what is to be said about the side that yhat is on."""
    s = paper.line("s", y * yhat)
    above = maximum(paper.line("m", 1 - s), 0)
    if np.isnan(s.value):
        return above, ""
    if s.value >= 1.0:
        return above, FLAT if s.value > 1.0 else CORNER
    return above, INSIDE if s.value > 0.0 else WRONG_SIDE


def _hinge(paper: Paper, y: Term, yhat: Term) -> Term:
    h, why = _margin(paper, y, yhat)
    return h.because(why + STILL if why == CORNER else why)


def _squared_hinge(paper: Paper, y: Term, yhat: Term) -> Term:
    h, why = _margin(paper, y, yhat)
    return paper.line("h", h.because(why)) ** 2


def _huber(paper: Paper, y: Term, yhat: Term, delta: float) -> Term:
    a = paper.line("a", abs(paper.line("e", yhat - y)))
    if a.value <= delta:
        why = f"{a.symbol} is at most delta = {delta:g}: the square branch, half of what mean_squared_error gives."
        return (paper.line("q", a**2) / 2).because(why)
    why = f"{a.symbol} is above delta = {delta:g}: the straight branch, in which a large error is not squared."
    straight = (a if delta == 1.0 else delta * a) - 0.5 * delta**2
    return straight if np.isnan(a.value) else straight.because(why)


def _log_cosh(paper: Paper, y: Term, yhat: Term) -> Term:
    e = paper.line("e", yhat - y)
    if np.abs(e.value) > FAR:
        why = f"So far from 0, cosh({e.symbol}) is exp(|{e.symbol}|) / 2 in all digits that are written."
        return (abs(e) - log(2)).because(why)
    return log(paper.line("c", cosh(e)))


def _percentage(paper: Paper, y: Term, yhat: Term) -> Term:
    e = paper.line("e", y - yhat)
    if np.abs(y.value) < EPSILON:
        return 100 * paper.line(
            "r", (abs(e) / EPSILON).because(f"{y.symbol} is 0, and Keras divides by 1e-7 at least.")
        )
    return 100 * paper.line("r", abs(e) / abs(y))


def _logarithmic(paper: Paper, y: Term, yhat: Term) -> Term:
    u = paper.line("u", log(maximum(yhat, EPSILON) + 1))
    v = paper.line("v", log(maximum(y, EPSILON) + 1))
    return paper.line("e", u - v) ** 2


def _poisson(paper: Paper, y: Term, yhat: Term) -> Term:
    g = paper.line("g", log(yhat + EPSILON).because(BELOW_0 if yhat.value < 0.0 else ""))
    return yhat - y * g


def _binary_crossentropy(paper: Paper, y: Term, yhat: Term, from_logits: bool, label_smoothing: float) -> Term:
    y = _smoothed(paper, y, label_smoothing)
    return _of_sigmoid(paper, y, yhat) if from_logits else _entropy(paper, y, yhat)


def _smoothed(paper: Paper, y: Term, label_smoothing: float) -> Term:
    """Return the label as Keras smooths it, on a line of its own unless it stays as it is."""
    if not label_smoothing:
        return y
    made = y * (1.0 - label_smoothing) + 0.5 * label_smoothing
    return paper.line("t", made.because(SMOOTHED.format(label_smoothing)))


def _of_sigmoid(paper: Paper, y: Term, z: Term) -> Term:
    """Return the binary cross-entropy of sigmoid(z), from z itself."""
    r = paper.line("r", exp(-abs(z)).because(STABLE.format(z.symbol)))
    h = paper.line("h", log(constant(1) + r))
    return maximum(z, 0) - y * z + h


def _entropy(paper: Paper, y: Term, yhat: Term) -> Term:
    p = clipped(paper, yhat, "p")
    why = f"{y.symbol} = {y.text}: of {y.symbol}*log({p.symbol}) + (1 - {y.symbol})*log(1 - {p.symbol}) only the"
    if y.value == 1.0:
        return (-log(p)).because(f"{why} first part counts.")
    q = paper.line_in_full("q", 1 - p)
    if y.value == 0.0:
        return (-log(q)).because(f"{why} second part counts.")
    return -(y * log(p) + (1 - y) * log(q))


def _binary_focal(
    paper: Paper,
    y: Term,
    yhat: Term,
    p: Term | None = None,
    *,
    from_logits: bool,
    label_smoothing: float,
    gamma: float,
    alpha: float,
    apply_class_balancing: float,
) -> Term:
    """Return the cross-entropy times a power of what the label's own answer lacks of 1, and the class's weight.

    ``p`` is what the model makes of z, where Keras calculates from that right behind a sigmoid or softmax.
    """
    y = _smoothed(paper, y, label_smoothing)
    if p is None:
        p = paper.line_in_full("p", 1 / (constant(1) + exp(-yhat))) if from_logits else yhat
    b = paper.line("b", _of_sigmoid(paper, y, yhat) if from_logits else _entropy(paper, y, yhat))
    missing = 1 - p if y.value else p
    if y.value not in (0.0, 1.0):
        missing = paper.line("u", 1 - y * p - (1 - y) * (1 - p))
    f = paper.line("f", (missing**gamma).because(SURE))
    if not apply_class_balancing:
        return f * b
    w = paper.line("w", (alpha * y + (1.0 - alpha) * (1 - y)).because(BALANCED))
    return product(w, f, b)


EACH: dict[str, Each] = {
    "hinge": _hinge,
    "squared_hinge": _squared_hinge,
    "mean_squared_error": lambda paper, y, yhat: paper.line("e", y - yhat) ** 2,
    "mean_absolute_error": lambda paper, y, yhat: abs(paper.line("e", y - yhat)),
    "mean_absolute_percentage_error": _percentage,
    "huber": _huber,
    "log_cosh": _log_cosh,
    "binary_crossentropy": _binary_crossentropy,
    "binary_focal_crossentropy": _binary_focal,
    "poisson": _poisson,
    "mean_squared_logarithmic_error": _logarithmic,
}
"""Keras's name -> what writes the steps for one label and output and returns the loss, with its settings by name."""
