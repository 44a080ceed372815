"""The steps on paper of the losses of a row of outputs: for a label that names a class, or any row of numbers.

The formulas are those of the Keras 3 documentation ("Losses"); the order of clipping and dividing in the categorical
cross-entropies is what Keras does on TensorFlow. What is one number for a batch is that of a batch of one row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.calculation.loss_steps import UP_TO_1, clipped, clipped_elsewhere
from core.calculation.paper import constant, exp, log, maximum, product, sqrt
from core.formatting import count
from core.losses import EPSILON
from core.losses.probabilities import smoothing_in_words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.arrays import Array
    from core.calculation.paper import Paper, Term
    from core.losses import Loss

    OfRow = Callable[..., Term]
    Factors = tuple[Term, ...]
    """What the cost of a class is multiplied by: its label, or nothing where that is the only 1."""
    Cost = Callable[[Paper, int, Factors], Term]
    """What gives the cost of the class at a place, so often."""

ONLY = "The label's 1 stands at {}: only that output counts."
CLASS = "The label is class {}, counted from 0, which is {}: only that output counts."
IGNORED = "The label is class {}, which ignore_class leaves out: such a row has no loss, nor does it count in a mean."
STABLE = "g is log(sum of exp(z)), written so that no large z overflows: nothing is divided or clipped."
SMOOTHED = "label_smoothing {:g}: Keras moves every number of the label towards an equal share of 1."
LARGEST = "It is the largest of these, one for each output."
NOT_1 = "The label does not add up to 1: TensorFlow's slope is softmax(z) minus the label all the same."


def is_one_hot(label: Sequence[float] | Array) -> bool:
    """Say whether a label is a single 1 among zeros."""
    return sorted(label) == [*[0.0] * (len(label) - 1), 1.0]


def _only(labels: Sequence[Term]) -> int | None:
    """Return where a label has its single 1; None if it is another row of numbers."""
    values = [float(y.value) for y in labels]
    return values.index(1.0) if is_one_hot(values) else None


def _largest(terms: Sequence[Term]) -> Term:
    return terms[int(np.argmax([one.value for one in terms]))]


def _smoothed(paper: Paper, labels: Sequence[Term], label_smoothing: float) -> Sequence[Term]:
    """Return the label as Keras smooths it, which makes a row of numbers of any."""
    if not label_smoothing:
        return labels
    share = constant(label_smoothing) / len(labels)
    made = [(1.0 - label_smoothing) * y + share for y in labels]
    made[0] = made[0].because(SMOOTHED.format(label_smoothing))
    return [on.line("t", t) for on, t in paper.each(made)]


def _by_class(paper: Paper, labels: Sequence[Term], cost: Cost) -> Term:
    """Return what all classes cost, each as often as its label says: of a single 1 only that class costs anything."""
    only = _only(labels)
    if only is not None:
        return cost(paper, only, ())
    return paper.total(on.line("l", cost(on, at, (y,))) for at, (on, y) in enumerate(paper.each(labels)))


def _powers(outputs: Sequence[Term]) -> tuple[Term, list[Term]]:
    """Return the largest z, and what exp makes of how far each is from it."""
    m = _largest(outputs)
    return m, [exp(z - m) for z in outputs]


def _shares(paper: Paper, parts: Sequence[Term], outputs: Sequence[Term]) -> Cost:
    """Write the sum of parts, one for each output; return what gives the share that one has of it, clipped."""
    whole = paper.total(parts)
    s = paper.line("s", whole if whole.value else whole.because("The outputs add up to 0."))

    def share(on: Paper, at: int, factors: Factors) -> Term:
        why = "" if factors else ONLY.format(outputs[at].symbol)
        return clipped(on, on.line_in_full("p", (parts[at] / s).because(why)), "c")

    return share


def _log_sum(paper: Paper, outputs: Sequence[Term]) -> Term:
    m, powers = _powers(outputs)
    s = paper.line("s", paper.total(powers))
    return paper.line("g", (m + log(s)).because(STABLE))


def _crossentropy(
    paper: Paper, labels: Sequence[Term], outputs: Sequence[Term], from_logits: bool, label_smoothing: float
) -> Term:
    """Divide by the sum, clip, take the logarithm."""
    ys = _smoothed(paper, labels, label_smoothing)
    if not from_logits:
        share = _shares(paper, outputs, outputs)
        return _by_class(paper, ys, lambda on, at, factors: -product(*factors, log(share(on, at, factors))))
    g = _log_sum(paper, outputs)

    def cost(on: Paper, at: int, factors: Factors) -> Term:
        below = g - outputs[at]
        return product(*factors, on.line("k", below)) if factors else below

    whole = np.isclose(np.sum([y.value for y in ys]), 1.0)
    return _by_class(paper, ys, cost).because("" if whole else NOT_1)


def _focal(
    paper: Paper,
    labels: Sequence[Term],
    outputs: Sequence[Term],
    from_logits: bool,
    label_smoothing: float,
    gamma: float,
    alpha: float,
) -> Term:
    """The cross-entropy, each class counting the less the surer it is."""
    ys = _smoothed(paper, labels, label_smoothing)
    share = _shares(paper, _powers(outputs)[1] if from_logits else outputs, outputs)

    def cost(on: Paper, at: int, factors: Factors) -> Term:
        p = share(on, at, factors)
        f = on.line("f", (1 - p) ** gamma)
        return -product(alpha, *factors, f, log(p))

    return _by_class(paper, ys, cost)


def _hinge(paper: Paper, labels: Sequence[Term], outputs: Sequence[Term]) -> Term:
    """Ask that what the label says of the outputs is above the largest of what it does not, by 1.

    Of a single 1 that is the label's output, and every other one and 0.
    """
    only = _only(labels)
    if only is None:
        pairs = list(zip(labels, outputs, strict=True))
        p = paper.line("p", paper.total(y * yhat for y, yhat in pairs))
        n = paper.line("n", _largest([(1 - y) * yhat for y, yhat in pairs]).because(LARGEST))
    else:
        p, largest = outputs[only], _largest([output for at, output in enumerate(outputs) if at != only])
        why = f"{largest.symbol} is the largest output of the other classes; the label's own counts as 0 here."
        n = paper.line("n", maximum(largest, 0).because(why))
    m = paper.line("m", n - p + 1)
    flat = only is not None and m.value < 0.0
    why = f"{p.symbol} is above it by more than 1: the loss is 0 and so is its slope."
    return maximum(m, 0).because(why if flat else "")


def _kl_divergence(paper: Paper, labels: Sequence[Term], outputs: Sequence[Term]) -> Term:
    """How far the outputs are from the label as shares, class by class; a label's 0s are 1e-7 in Keras.

    Of a single 1 that is the logarithm of its output, to which the others add a little.
    """
    only = _only(labels)
    if only is None:
        parts = []
        for on, (y, yhat) in paper.each(list(zip(labels, outputs, strict=True))):
            t, p = clipped(on, y, "t", UP_TO_1), clipped(on, yhat, "c", UP_TO_1)
            parts.append(on.line("l", t * log(t / p)))
        return paper.total(parts)
    p = clipped(paper.tagged(only), outputs[only], "c", UP_TO_1)
    t = paper.line("t", (-log(p)).because(ONLY.format(outputs[only].symbol)[:-1] + " for much."))
    kept = [clipped_elsewhere(on, output, "c", UP_TO_1) for on, output in paper.each(outputs)]
    others = paper.total(log(EPSILON / one) for at, one in enumerate(kept) if at != only)
    why = "Keras keeps the label's 0s at 1e-7 too, so the other outputs add these."
    return t + paper.line("r", (EPSILON * others).because(why))


def _cosine(paper: Paper, labels: Sequence[Term], outputs: Sequence[Term]) -> Term:
    """The product of label and outputs, divided by the lengths of both; that of a single 1 is 1."""
    only = _only(labels)
    if only is not None:
        return -(outputs[only] / _length(paper, "n", "s", outputs))
    d = paper.line_in_full("d", paper.total(y * yhat for y, yhat in zip(labels, outputs, strict=True)))
    return -(d / (_length(paper, "k", "q", labels) * _length(paper, "n", "s", outputs)))


def _length(paper: Paper, symbol: str, of: str, numbers: Sequence[Term]) -> Term:
    """Write the sum of the squares of ``numbers``, called ``of``, and its root: how long a row of them is."""
    root = sqrt(paper.line_in_full(of, paper.total(one**2 for one in numbers)))
    if root.value < EPSILON:
        root = maximum(root, EPSILON).because("Keras divides by 1e-7 at least.")
    return paper.line_in_full(symbol, root)


def _sparse_crossentropy(
    paper: Paper, labels: Sequence[Term], outputs: Sequence[Term], from_logits: bool, ignore_class: int | None
) -> Term:
    """Clip, divide by the sum, take the logarithm."""
    place = int(labels[0].value)
    if place == ignore_class:
        return constant(0.0).because(IGNORED.format(place))
    if from_logits:
        return _log_sum(paper, outputs) - outputs[place]
    chosen = clipped(paper.tagged(place), outputs[place], "c")
    kept = [clipped_elsewhere(on, output, "c") for on, output in paper.each(outputs)]
    kept[place] = chosen
    others = sum(ours is not given for at, (ours, given) in enumerate(zip(kept, outputs, strict=True)) if at != place)
    why = f"Keras clips before it divides: {count(others, 'other output')} (c) too." if others else ""
    s = paper.line_in_full("s", paper.total(kept).because(why))
    return -log(paper.line_in_full("p", (chosen / s).because(CLASS.format(place, outputs[place].symbol))))


def _generalized(paper: Paper, labels: Sequence[Term], outputs: Sequence[Term], q: float) -> Term:
    """Take a power below 1 instead of the logarithm, so that a label which is wrong costs less."""
    place = int(labels[0].value)
    chosen, why = outputs[place], CLASS.format(place, outputs[place].symbol)
    if chosen.value < 0.0:
        why += " It is below 0 and has no square root: a softmax would keep it above."
    r = paper.line("r", (sqrt(chosen) if q == 0.5 else chosen**q).because(why))
    return (1 - r) / q


def _dice(paper: Paper, labels: Sequence[Term], outputs: Sequence[Term]) -> Term:
    i = paper.line("i", paper.total(y * p for y, p in zip(labels, outputs, strict=True)))
    d = paper.line_in_full("d", paper.total([*labels, *outputs]) + EPSILON)
    return 1 - 2 * i / d


def _tversky(paper: Paper, labels: Sequence[Term], outputs: Sequence[Term], alpha: float, beta: float) -> Term:
    pairs = list(zip(labels, outputs, strict=True))
    i = paper.line("i", paper.total(y * p for y, p in pairs))
    u = paper.line("u", paper.total(y * (1 - p) for y, p in pairs))
    v = paper.line("v", paper.total((1 - y) * p for y, p in pairs))
    d = paper.line_in_full("d", i + alpha * u + beta * v + EPSILON)
    return 1 - i / d


def formula_of_rows(loss: Loss) -> str:
    """Return the formula of such a loss, for any row of numbers."""
    if loss.name == "cosine_similarity":
        return "-sum of y*yhat / (sqrt(sum of y^2)*sqrt(sum of yhat^2))"
    if loss.name == "categorical_hinge":
        return "max(n - p + 1, 0), p = sum of y*yhat, n = the largest (1 - y)*yhat"
    smoothing = loss.settings.get("label_smoothing", 0.0)
    said = smoothing_in_words(smoothing, f"{smoothing:g}/classes")
    match loss.settings:
        case {"gamma": gamma, "alpha": alpha}:
            p = "softmax(yhat)" if loss.of_logits else "yhat / sum of yhat"
            return f"sum of -{alpha:g}*y*(1 - p)^{gamma:g}*log(p), p = {p}{said}"
        case {"from_logits": from_logits}:
            each = "log(sum of exp(z)) - z), z = yhat" if from_logits else "-log(yhat / sum of yhat))"
            return f"sum of y*({each}{said}"
    return loss.formula_text


OF_ROWS: dict[str, OfRow] = {
    "categorical_crossentropy": _crossentropy,
    "categorical_focal_crossentropy": _focal,
    "categorical_hinge": _hinge,
    "kl_divergence": _kl_divergence,
    "cosine_similarity": _cosine,
    "sparse_categorical_crossentropy": _sparse_crossentropy,
    "categorical_generalized_cross_entropy": _generalized,
    "dice": _dice,
    "tversky": _tversky,
}
"""Keras's name -> what writes the steps for the labels and outputs of a row and returns the loss.

Its settings come by name, but for the axis.
"""
