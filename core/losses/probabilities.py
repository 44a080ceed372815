"""The losses of labels 0 and 1 whose every output stands for itself: a probability, or a mean number.

The formulas are those of the Keras 3 documentation ("Probabilistic losses"); of pre-activations, that of TensorFlow's
documentation ("tf.nn.sigmoid_cross_entropy_with_logits").
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.losses.activated import crossentropy_of_sigmoid, softmax, through_softmax
from core.losses.loss import EPSILON, Labels, clipped, mean_over_outputs, within
from core.losses.settings import BALANCING, FROM_LOGITS, GAMMA, LABEL_SMOOTHING, weight
from core.operations.functions import sigmoid

if TYPE_CHECKING:
    from core.arrays import Array

ALPHA = weight("alpha", 0.25)
"""What label 1 counts, and 1 - it label 0, where a focal loss balances its classes."""


def smoothed(y: Array, label_smoothing: float) -> Array:
    """Return labels 0 and 1 moved towards a half: by half of ``label_smoothing`` each."""
    return y * (1.0 - label_smoothing) + 0.5 * label_smoothing if label_smoothing else y


def _of_probabilities(y: Array, p: Array) -> Array:
    p = clipped(p)
    return np.asarray(-(y * np.log(p) + (1.0 - y) * np.log(1.0 - p)))


def _slope_of_probabilities(y: Array, p: Array) -> Array:
    kept = clipped(p)
    return np.where(within(p), (kept - y) / (kept * (1.0 - kept)), 0.0)


def _crossentropy(y: Array, yhat: Array, from_logits: bool, label_smoothing: float) -> Array:
    y = smoothed(y, label_smoothing)
    return crossentropy_of_sigmoid(y, yhat) if from_logits else _of_probabilities(y, yhat)


def _crossentropy_slope(y: Array, yhat: Array, from_logits: bool, label_smoothing: float) -> Array:
    y = smoothed(y, label_smoothing)
    return sigmoid(yhat) - y if from_logits else _slope_of_probabilities(y, yhat)


def _missing(y: Array, p: Array) -> Array:
    """Return how much of 1 the label's own answer lacks: a power of it is the focal factor."""
    return np.asarray(1.0 - (y * p + (1.0 - y) * (1.0 - p)))


def _balance(y: Array, alpha: float, apply_class_balancing: bool) -> Array | float:
    return y * alpha + (1.0 - y) * (1.0 - alpha) if apply_class_balancing else 1.0


def _factor_slope(y: Array, p: Array, gamma: float) -> Array:
    missing = _missing(y, p)
    return np.asarray(gamma * missing ** (gamma - 1.0) * (1.0 - 2.0 * y)) if gamma else np.zeros_like(p)


def _focal(
    y: Array,
    yhat: Array,
    from_logits: bool,
    label_smoothing: float,
    gamma: float,
    alpha: float,
    apply_class_balancing: bool,
) -> Array:
    y = smoothed(y, label_smoothing)
    p = sigmoid(yhat) if from_logits else yhat
    entropy = crossentropy_of_sigmoid(y, yhat) if from_logits else _of_probabilities(y, yhat)
    return np.asarray(_balance(y, alpha, apply_class_balancing) * _missing(y, p) ** gamma * entropy)


def _focal_slope(
    y: Array,
    yhat: Array,
    from_logits: bool,
    label_smoothing: float,
    gamma: float,
    alpha: float,
    apply_class_balancing: bool,
) -> Array:
    y, p = smoothed(y, label_smoothing), sigmoid(yhat) if from_logits else yhat
    factor, turning = _missing(y, p) ** gamma, _factor_slope(y, p, gamma)
    if from_logits:
        slope = turning * p * (1.0 - p) * crossentropy_of_sigmoid(y, yhat) + factor * (p - y)
    else:
        slope = turning * _of_probabilities(y, p) + factor * _slope_of_probabilities(y, p)
    return np.asarray(_balance(y, alpha, apply_class_balancing) * slope)


def _focal_under_softmax(
    y: Array, z: Array, label_smoothing: float, gamma: float, alpha: float, apply_class_balancing: bool
) -> Array:
    """The factor is of the softmax, while Keras takes the cross-entropy of each z as if a sigmoid stood there."""
    y, p = smoothed(y, label_smoothing), softmax(z)
    return np.asarray(
        _balance(y, alpha, apply_class_balancing) * _missing(y, p) ** gamma * crossentropy_of_sigmoid(y, z)
    )


def _focal_under_softmax_slope(
    y: Array, z: Array, label_smoothing: float, gamma: float, alpha: float, apply_class_balancing: bool
) -> Array:
    y, p = smoothed(y, label_smoothing), softmax(z)
    balance = _balance(y, alpha, apply_class_balancing)
    by_factor = balance * _factor_slope(y, p, gamma) * crossentropy_of_sigmoid(y, z)
    return through_softmax(by_factor, p) + balance * _missing(y, p) ** gamma * (sigmoid(z) - y)


def smoothing_in_words(label_smoothing: float, rest: str) -> str:
    """Return what a formula says of its y where labels are smoothed."""
    return f", with y*{1.0 - label_smoothing:g} + {rest} for y" if label_smoothing else ""


def _crossentropy_formula(from_logits: bool, label_smoothing: float) -> str:
    said = smoothing_in_words(label_smoothing, f"{0.5 * label_smoothing:g}")
    if from_logits:
        return f"max(z, 0) - y*z + log(1 + exp(-|z|)), z = yhat{said}"
    return f"-(y*log(yhat) + (1 - y)*log(1 - yhat)){said}"


def _focal_formula(
    from_logits: bool, label_smoothing: float, gamma: float, alpha: float, apply_class_balancing: bool
) -> str:
    one, zero = (f"{alpha:g}*", f"{1.0 - alpha:g}*") if apply_class_balancing else ("", "")
    if not from_logits and not label_smoothing:
        return f"-({one}y*(1 - yhat)^{gamma:g}*log(yhat) + {zero}(1 - y)*yhat^{gamma:g}*log(1 - yhat))"
    balance = f"({one}y + {zero}(1 - y))*" if apply_class_balancing else ""
    p = "sigmoid(yhat)" if from_logits else "yhat"
    said = smoothing_in_words(label_smoothing, f"{0.5 * label_smoothing:g}")
    return f"{balance}(1 - y*p - (1 - y)*(1 - p))^{gamma:g}*binary_crossentropy, p = {p}{said}"


BINARY_CROSSENTROPY = mean_over_outputs(
    "binary_crossentropy",
    "BinaryCrossentropy",
    Labels.BINARY,
    _crossentropy_formula,
    _crossentropy,
    _crossentropy_slope,
    (FROM_LOGITS, LABEL_SMOOTHING),
    looks_under=True,
)
BINARY_FOCAL_CROSSENTROPY = mean_over_outputs(
    "binary_focal_crossentropy",
    "BinaryFocalCrossentropy",
    Labels.BINARY,
    _focal_formula,
    _focal,
    _focal_slope,
    (BALANCING, ALPHA, GAMMA, FROM_LOGITS, LABEL_SMOOTHING),
    looks_under=True,
)
BINARY_FOCAL_UNDER_SOFTMAX = mean_over_outputs(
    "binary_focal_crossentropy",
    "BinaryFocalCrossentropy",
    Labels.BINARY,
    "(1 - y*p - (1 - y)*(1 - p))^gamma * (max(z, 0) - y*z + log(1 + exp(-|z|))), p = softmax(z)",
    _focal_under_softmax,
    _focal_under_softmax_slope,
    (BALANCING, ALPHA, GAMMA, LABEL_SMOOTHING),
)
"""What Keras makes of the focal loss of outputs behind a softmax."""

POISSON = mean_over_outputs(
    "poisson",
    "Poisson",
    Labels.BINARY,
    "yhat - y*log(yhat + 1e-7)",
    lambda y, yhat: yhat - y * np.log(yhat + EPSILON),
    lambda y, yhat: 1.0 - y / (yhat + EPSILON),
)
