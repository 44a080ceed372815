"""The steps on paper of the losses whose label names one class among the outputs.

The formulas are those of the Keras 3 documentation ("Losses"); the order of clipping and dividing in the categorical
cross-entropies is what Keras does on TensorFlow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.calculation.clipping import CLIPPED, CLIPPED_ALWAYS, clipped, clipped_elsewhere, clipped_to_1
from core.calculation.paper import Written, enclosed
from core.formatting import count
from core.losses import EPSILON

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.calculation.paper import Paper

    OfClass = Callable[[Paper, int, Sequence[Written]], Written]

ONLY = "The label's 1 stands at {}: only that output counts."
CLASS = "The label is class {}, counted from 0, which is {}: only that output counts."


def _share(paper: Paper, place: int, outputs: Sequence[Written], said: str) -> Written:
    """Write the share that the label's output has of the sum of all, clipped."""
    s = paper.line("s", *paper.plus(outputs), np.sum([output.value for output in outputs]))
    share = outputs[place].value / s.value
    write = paper.line_in_full if EPSILON <= share <= 1.0 - EPSILON else paper.line
    p = write("p", "{} / {}", [outputs[place], s], share, ONLY.format(outputs[place].symbol))
    return clipped(paper, p, "c", said)


def _crossentropy(paper: Paper, place: int, outputs: Sequence[Written]) -> Written:
    """Divide by the sum, clip, take the logarithm: of the sum over all classes a one-hot label leaves one."""
    p = _share(paper, place, outputs, CLIPPED)
    return paper.line("L", "-log({})", [p], -np.log(p.value), _about_sum(outputs))


def _focal(paper: Paper, place: int, outputs: Sequence[Written]) -> Written:
    """The cross-entropy, the smaller the surer the answer is."""
    p = _share(paper, place, outputs, CLIPPED_ALWAYS)
    f = paper.line("f", "(1 - {})^2", [p], (1.0 - p.value) ** 2)
    return paper.line("L", "-0.25*{}*log({})", [f, p], -0.25 * f.value * np.log(p.value), _about_sum(outputs))


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
    squares = [Written(f"{one.symbol}^2", one.value**2, f"{enclosed(one.text)}^2") for one in outputs]
    s = paper.line_in_full("s", *paper.plus(squares), np.sum([square.value for square in squares]))
    if np.sqrt(s.value) < EPSILON:
        n = paper.line_in_full("n", "max(sqrt({}), 1e-7)", [s], EPSILON, "Keras divides by 1e-7 at least.")
    else:
        n = paper.line_in_full("n", "sqrt({})", [s], np.sqrt(s.value))
    why = ONLY.format(outputs[place].symbol)
    return paper.line("L", "-{} / {}", [outputs[place], n], -outputs[place].value / n.value, why)


def _sparse_crossentropy(paper: Paper, place: int, given: Sequence[Written]) -> Written:
    """Clip, divide by the sum, take the logarithm."""
    chosen = clipped(paper, given[place], f"c{place + 1}")
    outputs = [clipped_elsewhere(output, at) for at, output in enumerate(given, start=1)]
    outputs[place] = chosen
    others = sum(kept is not output for kept, output in zip(outputs, given, strict=True)) - (chosen is not given[place])
    why = f"Keras clips before it divides: {count(others, 'other output')} (c) too." if others else ""
    s = paper.line_in_full("s", *paper.plus(outputs), np.sum([output.value for output in outputs]), why)
    why = CLASS.format(place, given[place].symbol)
    p = paper.line_in_full("p", "{} / {}", [chosen, s], chosen.value / s.value, why)
    return paper.line("L", "-log({})", [p], -np.log(p.value))


def _generalized(paper: Paper, place: int, outputs: Sequence[Written]) -> Written:
    """Take the square root instead of the logarithm, so that a label which is wrong costs less."""
    chosen, why = outputs[place], CLASS.format(place, outputs[place].symbol)
    if chosen.value < 0.0:
        why += " It is below 0 and has no square root: a softmax would keep it above."
    r = paper.line("r", "sqrt({})", [chosen], np.sqrt(chosen.value), why)
    return paper.line("L", "(1 - {}) / 0.5", [r], (1.0 - r.value) / 0.5)


OF_CLASSES: dict[str, OfClass] = {
    "categorical_crossentropy": _crossentropy,
    "categorical_focal_crossentropy": _focal,
    "categorical_hinge": _hinge,
    "kl_divergence": _kl_divergence,
    "cosine_similarity": _cosine,
    "sparse_categorical_crossentropy": _sparse_crossentropy,
    "categorical_generalized_cross_entropy": _generalized,
}
"""Keras's name -> what writes the steps for the place of the label's class and all outputs."""
