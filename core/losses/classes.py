"""The losses of labels that name one class, with an output for each.

The formulas are those of the Keras 3 documentation ("Probabilistic losses", and "CosineSimilarity" of the regression
losses); where it leaves the order of steps open, they are what Keras does on TensorFlow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.losses.activated import log_sum, softmax, through_softmax
from core.losses.loss import EPSILON, Labels, Loss, clipped, within
from core.losses.probabilities import smoothing_in_words
from core.losses.settings import FROM_LOGITS, GAMMA, IGNORE_CLASS, LABEL_SMOOTHING, Q, weight

if TYPE_CHECKING:
    from core.arrays import Array

ALPHA = weight("alpha", 0.25)
"""What a focal loss of classes is multiplied by."""


def smoothed(y: Array, label_smoothing: float) -> Array:
    """Return a 1 for the label's class and 0 for the others moved towards an equal share for each."""
    return y * (1.0 - label_smoothing) + label_smoothing / y.shape[-1] if label_smoothing else y


def _through_share(slope: Array, share: Array, total: Array) -> Array:
    """Return how a loss changes with each output, given its ``slope`` along their ``share`` of their ``total``."""
    return np.asarray((slope - (slope * share).sum(axis=-1, keepdims=True)) / total)


def _crossentropy(y: Array, yhat: Array, from_logits: bool, label_smoothing: float) -> Array:
    y = smoothed(y, label_smoothing)
    if from_logits:
        return np.asarray((y * (log_sum(yhat)[..., np.newaxis] - yhat)).sum(axis=-1))
    p = clipped(yhat / yhat.sum(axis=-1, keepdims=True))
    return np.asarray(-(y * np.log(p)).sum(axis=-1))


def _crossentropy_slope(y: Array, yhat: Array, from_logits: bool, label_smoothing: float) -> Array:
    y = smoothed(y, label_smoothing)
    if from_logits:
        return softmax(yhat) - y
    total = yhat.sum(axis=-1, keepdims=True)
    share = yhat / total
    return _through_share(np.where(within(share), -y / clipped(share), 0.0), share, total)


def _focal(y: Array, yhat: Array, from_logits: bool, label_smoothing: float, gamma: float, alpha: float) -> Array:
    y, yhat = smoothed(y, label_smoothing), softmax(yhat) if from_logits else yhat
    p = clipped(yhat / yhat.sum(axis=-1, keepdims=True))
    return np.asarray(-(alpha * (1.0 - p) ** gamma * y * np.log(p)).sum(axis=-1))


def _focal_slope(y: Array, yhat: Array, from_logits: bool, label_smoothing: float, gamma: float, alpha: float) -> Array:
    y, outputs = smoothed(y, label_smoothing), softmax(yhat) if from_logits else yhat
    total = outputs.sum(axis=-1, keepdims=True)
    share = outputs / total
    p = clipped(share)
    slope = alpha * y * (gamma * (1.0 - p) ** (gamma - 1.0) * np.log(p) - (1.0 - p) ** gamma / p)
    along = _through_share(np.where(within(share), slope, 0.0), share, total)
    return through_softmax(along, outputs) if from_logits else along


def _kl_divergence(y: Array, yhat: Array) -> Array:
    truth, p = np.clip(y, EPSILON, 1.0), np.clip(yhat, EPSILON, 1.0)
    return np.asarray((truth * np.log(truth / p)).sum(axis=-1))


def _kl_slope(y: Array, yhat: Array) -> Array:
    p = np.clip(yhat, EPSILON, 1.0)
    return np.where(p == yhat, -np.clip(y, EPSILON, 1.0) / p, 0.0)


def _by_length(values: Array) -> Array:
    """Return 1 / the length of every row, at most 1e7."""
    return np.asarray(np.minimum(1.0 / np.sqrt((values**2).sum(axis=-1, keepdims=True)), 1.0 / EPSILON))


def _cosine(y: Array, yhat: Array) -> Array:
    return np.asarray(-(y * _by_length(y) * yhat * _by_length(yhat)).sum(axis=-1))


def _cosine_slope(y: Array, yhat: Array) -> Array:
    truth, by_length = y * _by_length(y), _by_length(yhat)
    turning = (truth * yhat).sum(axis=-1, keepdims=True) * yhat * by_length**3
    return np.where(by_length < 1.0 / EPSILON, turning, 0.0) - truth * by_length


def _of_class(y: Array, values: Array) -> Array:
    return np.take_along_axis(values, y.astype(np.int64), axis=-1)


def _sparse_crossentropy(y: Array, yhat: Array, from_logits: bool, ignore_class: int | None) -> Array:
    # An ignored label may be that of no output: it chooses the first one, and its loss is 0 all the same.
    chosen = np.where(y == ignore_class, 0.0, y)
    if from_logits:
        losses = log_sum(yhat) - _of_class(chosen, yhat)[..., 0]
    else:
        # Keras on TensorFlow clips first and divides by the sum afterwards; for one-hot labels the other way round.
        p = clipped(yhat)
        losses = np.log(p.sum(axis=-1)) - np.log(_of_class(chosen, p)[..., 0])
    return np.where(y[..., 0] == ignore_class, 0.0, losses)


def _sparse_slope(y: Array, yhat: Array, from_logits: bool, ignore_class: int | None) -> Array:
    chosen = np.arange(yhat.shape[-1]) == y
    if from_logits:
        slope = softmax(yhat) - chosen
    else:
        p = clipped(yhat)
        slope = np.where(within(yhat), 1.0 / p.sum(axis=-1, keepdims=True) - chosen / p, 0.0)
    return np.where(y == ignore_class, 0.0, slope)


def _generalized(y: Array, yhat: Array, q: float) -> Array:
    return np.asarray((1.0 - _of_class(y, yhat)[..., 0] ** q) / q)


def _generalized_slope(y: Array, yhat: Array, q: float) -> Array:
    chosen = np.arange(yhat.shape[-1]) == y
    return np.where(chosen, -(_of_class(y, yhat) ** (q - 1.0)), 0.0)


def _sparse_formula(from_logits: bool, ignore_class: int | None) -> str:
    formula = _crossentropy_formula(from_logits)
    return formula if ignore_class is None else f"{formula}; 0 for class {ignore_class:g}"


def _crossentropy_formula(from_logits: bool, label_smoothing: float = 0.0) -> str:
    if label_smoothing:
        said = smoothing_in_words(label_smoothing, f"{label_smoothing:g}/classes")
        each = "log(sum of exp(z)) - z), z = yhat" if from_logits else "-log(yhat / sum of yhat))"
        return f"sum of y*({each}{said}"
    if from_logits:
        return "log(sum of exp(z)) - z of the label's class, z = yhat"
    return "-log(yhat of the label's class / sum of yhat)"


def _focal_formula(from_logits: bool, label_smoothing: float, gamma: float, alpha: float) -> str:
    outputs = "softmax(yhat)" if from_logits else "yhat"
    if label_smoothing:
        said = smoothing_in_words(label_smoothing, f"{label_smoothing:g}/classes")
        p = outputs if from_logits else "yhat / sum of yhat"
        return f"sum of -{alpha:g}*y*(1 - p)^{gamma:g}*log(p), p = {p}{said}"
    p = "softmax(yhat) of the label's class" if from_logits else "yhat of the label's class / sum of yhat"
    return f"-{alpha:g}*(1 - p)^{gamma:g}*log(p), p = {p}"


def _generalized_formula(q: float) -> str:
    of_class = "yhat of the label's class"
    return f"(1 - sqrt({of_class})) / 0.5" if q == 0.5 else f"(1 - ({of_class})^{q:g}) / {q:g}"


CATEGORICAL_CROSSENTROPY = Loss(
    "categorical_crossentropy",
    "CategoricalCrossentropy",
    Labels.ONE_HOT,
    _crossentropy_formula,
    _crossentropy,
    _crossentropy_slope,
    own=(FROM_LOGITS, LABEL_SMOOTHING),
    looks_under=True,
)
CATEGORICAL_FOCAL_CROSSENTROPY = Loss(
    "categorical_focal_crossentropy",
    "CategoricalFocalCrossentropy",
    Labels.ONE_HOT,
    _focal_formula,
    _focal,
    _focal_slope,
    own=(ALPHA, GAMMA, FROM_LOGITS, LABEL_SMOOTHING),
)
KL_DIVERGENCE = Loss(
    "kl_divergence",
    "KLDivergence",
    Labels.ONE_HOT,
    "sum of y*log(y/yhat), with y and yhat kept from 1e-7 to 1",
    _kl_divergence,
    _kl_slope,
)
COSINE_SIMILARITY = Loss(
    "cosine_similarity",
    "CosineSimilarity",
    Labels.ONE_HOT,
    "-yhat of the label's class / sqrt(sum of yhat^2)",
    _cosine,
    _cosine_slope,
)
SPARSE_CATEGORICAL_CROSSENTROPY = Loss(
    "sparse_categorical_crossentropy",
    "SparseCategoricalCrossentropy",
    Labels.CLASSES,
    _sparse_formula,
    _sparse_crossentropy,
    _sparse_slope,
    own=(FROM_LOGITS, IGNORE_CLASS),
    looks_under=True,
)
CATEGORICAL_GENERALIZED_CROSS_ENTROPY = Loss(
    "categorical_generalized_cross_entropy",
    "CategoricalGeneralizedCrossEntropy",
    Labels.CLASSES,
    _generalized_formula,
    _generalized,
    _generalized_slope,
    own=(Q,),
)
