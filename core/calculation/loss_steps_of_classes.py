"""The steps on paper of the losses whose label names one class among the outputs.

The formulas are those of the Keras 3 documentation ("Losses"); the order of clipping and dividing in the categorical
cross-entropies is what Keras does on TensorFlow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.calculation.clipping import clipped, clipped_elsewhere, clipped_to_1
from core.calculation.paper import Written, enclosed
from core.formatting import count
from core.losses import EPSILON, HIGHEST, LOWEST

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.calculation.paper import Paper

    OfClass = Callable[..., Written]
    Cost = Callable[[int, str, str], Written]
    """What writes the lines of one class, with a tag for its symbols and the symbol of what it costs."""
    Probability = Callable[[int, str], Written]

ONLY = "The label's 1 stands at {}: only that output counts."
CLASS = "The label is class {}, counted from 0, which is {}: only that output counts."


IGNORED = "The label is class {}, which ignore_class leaves out: such a row has no loss, nor does it count in a mean."

STABLE = "g is log(sum of exp(z)), written so that no large z overflows: nothing is divided or clipped."
SMOOTHED = (
    "label_smoothing {:g}: Keras gives every class an equal part of that much of the label, and its own the rest too."
)


def _of_label(paper: Paper, place: int, classes: int, label_smoothing: float, cost: Cost) -> Written:
    """Write what the label's class costs or, of a smoothed label, what all classes do; ``cost`` writes that of one."""
    if not label_smoothing:
        return cost(place, "", "L")
    costs = [cost(at, f"{at + 1}", f"l{at + 1}") for at in range(classes)]
    t = paper.line("t", *paper.plus(costs), np.sum([one.value for one in costs]))
    total = (1.0 - label_smoothing) * costs[place].value + label_smoothing / classes * t.value
    template = f"{1.0 - label_smoothing:g}*{{}} + {label_smoothing:g}/{classes}*{{}}"
    return paper.line("L", template, [costs[place], t], total, SMOOTHED.format(label_smoothing))


def shares(paper: Paper, outputs: Sequence[Written], only: str) -> Probability:
    """Write the sum of the outputs; return what writes the share that one has of it, clipped."""
    s = paper.line("s", *paper.plus(outputs), np.sum([output.value for output in outputs]))

    def share(at: int, tag: str) -> Written:
        value = outputs[at].value / s.value
        write = paper.line_in_full if LOWEST <= value <= HIGHEST else paper.line
        why = only.format(outputs[at].symbol)
        return clipped(paper, write(f"p{tag}", "{} / {}", [outputs[at], s], value, why), f"c{tag}")

    return share


def _powers(paper: Paper, outputs: Sequence[Written]) -> tuple[Written, Written]:
    """Write the sum of what exp makes of how far each z is from the largest; return that one and the sum."""
    m = outputs[int(np.argmax([output.value for output in outputs]))]
    powers = [
        Written(f"exp({one.symbol} - {m.symbol})", np.exp(one.value - m.value), f"exp({one.text} - {enclosed(m.text)})")
        for one in outputs
    ]
    return m, paper.line("s", *paper.plus(powers), np.sum([power.value for power in powers]))


def softmaxes(paper: Paper, outputs: Sequence[Written], only: str) -> Probability:
    """Return what writes the softmax of one of the outputs, clipped; ``only`` is said of it, with its name."""
    m, s = _powers(paper, outputs)

    def softmax(at: int, tag: str) -> Written:
        value = np.exp(outputs[at].value - m.value) / s.value
        write = paper.line_in_full if LOWEST <= value <= HIGHEST else paper.line
        why = only.format(outputs[at].symbol)
        return clipped(paper, write(f"p{tag}", "exp({} - {}) / {}", [outputs[at], m, s], value, why), f"c{tag}")

    return softmax


def _crossentropy(
    paper: Paper, place: int, outputs: Sequence[Written], from_logits: bool, label_smoothing: float
) -> Written:
    """Divide by the sum, clip, take the logarithm: of the sum over all classes a one-hot label leaves one."""
    if from_logits:
        return _of_label(paper, place, len(outputs), label_smoothing, log_sum(paper, outputs))
    share = shares(paper, outputs, "" if label_smoothing else ONLY)

    def cost(at: int, tag: str, symbol: str) -> Written:
        p = share(at, tag)
        return paper.line(symbol, "-log({})", [p], -np.log(p.value), _about_sum(outputs))

    return _of_label(paper, place, len(outputs), label_smoothing, cost)


def log_sum(paper: Paper, outputs: Sequence[Written]) -> Cost:
    """Write log(sum of exp(z)); return what writes by how much one z is below it."""
    m, s = _powers(paper, outputs)
    g = paper.line("g", "{} + log({})", [m, s], m.value + np.log(s.value), STABLE)

    def cost(at: int, _: str, symbol: str) -> Written:
        return paper.line(symbol, "{} - {}", [g, outputs[at]], g.value - outputs[at].value)

    return cost


def _focal(
    paper: Paper,
    place: int,
    outputs: Sequence[Written],
    from_logits: bool,
    label_smoothing: float,
    gamma: float,
    alpha: float,
) -> Written:
    """The cross-entropy, the smaller the surer the answer is."""
    probability = (softmaxes if from_logits else shares)(paper, outputs, "" if label_smoothing else ONLY)

    def cost(at: int, tag: str, symbol: str) -> Written:
        p = probability(at, tag)
        f = paper.line(f"f{tag}", f"(1 - {{}})^{gamma:g}", [p], (1.0 - p.value) ** gamma)
        total = -alpha * f.value * np.log(p.value)
        return paper.line(symbol, f"-{alpha:g}*{{}}*log({{}})", [f, p], total, _about_sum(outputs))

    return _of_label(paper, place, len(outputs), label_smoothing, cost)


def _about_sum(outputs: Sequence[Written]) -> str:
    return "" if np.sum([output.value for output in outputs]) else "The outputs add up to 0."


def _hinge(paper: Paper, place: int, outputs: Sequence[Written]) -> Written:
    """Ask that the label's output is above every other one, and above 0, by 1."""
    others = [output for at, output in enumerate(outputs) if at != place]
    largest = others[int(np.argmax([output.value for output in others]))]
    why = f"{largest.symbol} is the largest output of the other classes; the label's own counts as 0 here."
    n = paper.line("n", "max({}, 0)", [largest], np.maximum(largest.value, 0.0), why)
    m = paper.line("m", "{} - {} + 1", [n, outputs[place]], n.value - outputs[place].value + 1.0)
    flat = f"{outputs[place].symbol} is above it by more than 1: the loss is 0 and so is its slope."
    return paper.line("L", "max({}, 0)", [m], np.maximum(m.value, 0.0), flat if m.value < 0.0 else "")


def _kl_divergence(paper: Paper, place: int, outputs: Sequence[Written]) -> Written:
    """Take the logarithm of the label's output; the label's 0s are 1e-7 in Keras and add a little."""
    p = clipped_to_1(paper, outputs[place], f"c{place + 1}")
    t = paper.line("t", "-log({})", [p], -np.log(p.value), ONLY.format(outputs[place].symbol)[:-1] + " for much.")
    kept = [clipped_elsewhere(output, at, 1.0) for at, output in enumerate(outputs, start=1)]
    others = [_of_zero(output) for at, output in enumerate(kept) if at != place]
    template, parts = paper.plus(others)
    why = "Keras keeps the label's 0s at 1e-7 too, so the other outputs add these."
    r = paper.line("r", f"1e-7*({template})", parts, EPSILON * np.sum([other.value for other in others]), why)
    return paper.line("L", "{} + {}", [t, r], t.value + r.value)


def _of_zero(p: Written) -> Written:
    return Written(f"log(1e-7/{p.symbol})", np.log(EPSILON / p.value), f"log(1e-7/{p.text})")


def _cosine(paper: Paper, place: int, outputs: Sequence[Written]) -> Written:
    """Divide the label's output by the length of all of them."""
    n = length(paper, "n", "s", outputs)
    why = ONLY.format(outputs[place].symbol)
    return paper.line("L", "-{} / {}", [outputs[place], n], -outputs[place].value / n.value, why)


def length(paper: Paper, symbol: str, of: str, numbers: Sequence[Written]) -> Written:
    """Write the sum of the squares of ``numbers``, called ``of``, and its root: how long a row of them is."""
    squares = [Written(f"{one.symbol}^2", one.value**2, f"{enclosed(one.text)}^2") for one in numbers]
    s = paper.line_in_full(of, *paper.plus(squares), np.sum([square.value for square in squares]))
    if np.sqrt(s.value) < EPSILON:
        return paper.line_in_full(symbol, "max(sqrt({}), 1e-7)", [s], EPSILON, "Keras divides by 1e-7 at least.")
    return paper.line_in_full(symbol, "sqrt({})", [s], np.sqrt(s.value))


def _sparse_crossentropy(
    paper: Paper, place: int, given: Sequence[Written], from_logits: bool, ignore_class: int | None
) -> Written:
    """Clip, divide by the sum, take the logarithm."""
    if place == ignore_class:
        return paper.line("L", "0", [], 0.0, IGNORED.format(place))
    if from_logits:
        return log_sum(paper, given)(place, "", "L")
    chosen = clipped(paper, given[place], f"c{place + 1}")
    outputs = [clipped_elsewhere(output, at) for at, output in enumerate(given, start=1)]
    outputs[place] = chosen
    others = sum(kept is not output for kept, output in zip(outputs, given, strict=True)) - (chosen is not given[place])
    why = f"Keras clips before it divides: {count(others, 'other output')} (c) too." if others else ""
    s = paper.line_in_full("s", *paper.plus(outputs), np.sum([output.value for output in outputs]), why)
    why = CLASS.format(place, given[place].symbol)
    p = paper.line_in_full("p", "{} / {}", [chosen, s], chosen.value / s.value, why)
    return paper.line("L", "-log({})", [p], -np.log(p.value))


def _generalized(paper: Paper, place: int, outputs: Sequence[Written], q: float) -> Written:
    """Take a power below 1 instead of the logarithm, so that a label which is wrong costs less."""
    chosen, why = outputs[place], CLASS.format(place, outputs[place].symbol)
    if chosen.value < 0.0:
        why += " It is below 0 and has no square root: a softmax would keep it above."
    template = "sqrt({})" if q == 0.5 else f"{{}}^{q:g}"
    r = paper.line("r", template, [chosen], chosen.value**q, why)
    return paper.line("L", f"(1 - {{}}) / {q:g}", [r], (1.0 - r.value) / q)


OF_CLASSES: dict[str, OfClass] = {
    "categorical_crossentropy": _crossentropy,
    "categorical_focal_crossentropy": _focal,
    "categorical_hinge": _hinge,
    "kl_divergence": _kl_divergence,
    "cosine_similarity": _cosine,
    "sparse_categorical_crossentropy": _sparse_crossentropy,
    "categorical_generalized_cross_entropy": _generalized,
}
"""Keras's name -> what writes the steps for the place of the label's class and all outputs, with its settings."""
