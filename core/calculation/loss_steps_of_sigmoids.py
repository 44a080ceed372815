"""The steps on paper of what a binary cross-entropy of pre-activations is made of.

The formula is that of TensorFlow's documentation ("tf.nn.sigmoid_cross_entropy_with_logits").
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.losses.activated import sigmoid
from core.losses.probabilities import smoothed as smoothed_label

if TYPE_CHECKING:
    from core.calculation.paper import Paper, Written

SMOOTHED = "label_smoothing {:g}: Keras moves the label towards a half by half of that."
STABLE = "This is the binary cross-entropy of sigmoid({0}), written so that no large {0} overflows: nothing is clipped."


def smoothed(paper: Paper, y: Written, tag: str, label_smoothing: float) -> Written:
    """Return the label as Keras smooths it, on a line of its own unless it stays as it is."""
    if not label_smoothing:
        return y
    value = float(smoothed_label(np.asarray(y.value), label_smoothing))
    template = f"{{}}*{1.0 - label_smoothing:g} + {0.5 * label_smoothing:g}"
    return paper.line(f"t{tag}", template, [y], value, SMOOTHED.format(label_smoothing))


def sigmoid_of(paper: Paper, z: Written, tag: str) -> Written:
    """Write the sigmoid of an output that is a pre-activation."""
    return paper.line_in_full(f"p{tag}", "1 / (1 + exp(-({})))", [z], float(sigmoid(np.asarray(z.value))))


def entropy_of_sigmoid(paper: Paper, y: Written, z: Written, tag: str, symbol: str) -> Written:
    """Write the binary cross-entropy of sigmoid(z), from z itself."""
    value = np.exp(-np.abs(z.value))
    r = paper.line(f"r{tag}", "exp(-|{}|)", [z], value, STABLE.format(z.symbol))
    h = paper.line(f"h{tag}", "log(1 + {})", [r], np.log1p(r.value))
    total = np.maximum(z.value, 0.0) - y.value * z.value + h.value
    return paper.line(symbol, "max({}, 0) - {}*{} + {}", [z, y, z, h], total)
