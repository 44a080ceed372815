"""The steps on paper of the losses of one column for each class, for a label that is any row of numbers.

The formulas are those of the Keras 3 documentation ("Losses").
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.calculation.clipping import clipped_to_1
from core.calculation.loss_steps_of_classes import length, log_sum, shares, softmaxes
from core.calculation.paper import Written, enclosed
from core.losses.classes import smoothed as smoothed_labels
from core.losses.probabilities import smoothing_in_words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.calculation.paper import Paper
    from core.losses import Loss

    OfRow = Callable[..., Written]

SMOOTHED = "label_smoothing {:g}: Keras moves every number of the label towards an equal share of 1."
LARGEST = "It is the largest of these, one for each output."
NOT_1 = "The label does not add up to 1: TensorFlow's slope is softmax(z) minus the label all the same."


def _smoothed(paper: Paper, labels: Sequence[Written], label_smoothing: float) -> list[Written]:
    if not label_smoothing:
        return list(labels)
    values = smoothed_labels(np.array([y.value for y in labels]), label_smoothing)
    template = f"{1.0 - label_smoothing:g}*{{}} + {label_smoothing:g}/{len(labels)}"
    return [
        paper.line(f"t{at}", template, [y], value, SMOOTHED.format(label_smoothing) if at == 1 else "")
        for at, (y, value) in enumerate(zip(labels, values, strict=True), start=1)
    ]


def _crossentropy(
    paper: Paper, labels: Sequence[Written], outputs: Sequence[Written], from_logits: bool, label_smoothing: float
) -> Written:
    """Every class costs as much as its logarithm, as often as the label says."""
    ys = _smoothed(paper, labels, label_smoothing)
    if from_logits:
        cost = log_sum(paper, outputs)
        costs = [cost(at, f"{at + 1}", f"k{at + 1}") for at in range(len(outputs))]
        parts = [
            paper.line(f"l{at}", "{}*{}", [y, k], y.value * k.value)
            for at, (y, k) in enumerate(zip(ys, costs, strict=True), start=1)
        ]
        whole = np.isclose(np.sum([y.value for y in ys]), 1.0)
        return paper.line("L", *paper.plus(parts), _total(parts), "" if whole else NOT_1)
    share, parts = shares(paper, outputs, ""), []
    for at, y in enumerate(ys):
        p = share(at, f"{at + 1}")
        parts.append(paper.line(f"l{at + 1}", "-{}*log({})", [y, p], -y.value * np.log(p.value)))
    return paper.line("L", *paper.plus(parts), _total(parts))


def _focal(
    paper: Paper,
    labels: Sequence[Written],
    outputs: Sequence[Written],
    from_logits: bool,
    label_smoothing: float,
    gamma: float,
    alpha: float,
) -> Written:
    """The cross-entropy, each class counting the less the surer it is."""
    ys = _smoothed(paper, labels, label_smoothing)
    probability = (softmaxes if from_logits else shares)(paper, outputs, "")
    parts = []
    for at, y in enumerate(ys):
        p = probability(at, f"{at + 1}")
        f = paper.line(f"f{at + 1}", f"(1 - {{}})^{gamma:g}", [p], (1.0 - p.value) ** gamma)
        value = -alpha * y.value * f.value * np.log(p.value)
        parts.append(paper.line(f"l{at + 1}", f"-{alpha:g}*{{}}*{{}}*log({{}})", [y, f, p], value))
    return paper.line("L", *paper.plus(parts), _total(parts))


def _hinge(paper: Paper, labels: Sequence[Written], outputs: Sequence[Written]) -> Written:
    """Ask that what the label says of the outputs is above the largest of what it does not, by 1."""
    pairs = list(zip(labels, outputs, strict=True))
    products = [_product(y, yhat) for y, yhat in pairs]
    others = [
        _product(Written(f"(1 - {y.symbol})", 1.0 - y.value, f"(1 - {enclosed(y.text)})"), yhat) for y, yhat in pairs
    ]
    p = paper.line("p", *paper.plus(products), _total(products))
    largest = others[int(np.argmax([one.value for one in others]))]
    n = paper.line("n", "{}", [largest], largest.value, LARGEST)
    m = paper.line("m", "{} - {} + 1", [n, p], n.value - p.value + 1.0)
    return paper.line("L", "max({}, 0)", [m], np.maximum(m.value, 0.0))


def _product(y: Written, yhat: Written) -> Written:
    return Written(f"{y.symbol}*{yhat.symbol}", y.value * yhat.value, f"{enclosed(y.text)}*{enclosed(yhat.text)}")


def _kl_divergence(paper: Paper, labels: Sequence[Written], outputs: Sequence[Written]) -> Written:
    """How far the outputs are from the label as shares, class by class."""
    parts = []
    for at, (y, yhat) in enumerate(zip(labels, outputs, strict=True), start=1):
        t, p = clipped_to_1(paper, y, f"t{at}"), clipped_to_1(paper, yhat, f"c{at}")
        parts.append(paper.line(f"l{at}", "{}*log({}/{})", [t, t, p], t.value * np.log(t.value / p.value)))
    return paper.line("L", *paper.plus(parts), _total(parts))


def _cosine(paper: Paper, labels: Sequence[Written], outputs: Sequence[Written]) -> Written:
    """The product of label and outputs, divided by the lengths of both."""
    products = [_product(y, yhat) for y, yhat in zip(labels, outputs, strict=True)]
    d = paper.line_in_full("d", *paper.plus(products), _total(products))
    k, n = length(paper, "k", "q", labels), length(paper, "n", "s", outputs)
    return paper.line("L", "-{} / ({}*{})", [d, k, n], -d.value / (k.value * n.value))


def _total(terms: Sequence[Written]) -> float:
    return float(np.sum([term.value for term in terms]))


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
}
"""Keras's name -> what writes the steps for the labels and outputs of a row, with its settings."""
