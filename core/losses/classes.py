"""The losses of labels that name one class, with an output for each.

The formulas are those of the Keras 3 documentation ("Probabilistic losses", and "CosineSimilarity" of the regression
losses); where it leaves the order of steps open, they are what Keras does on TensorFlow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.losses.loss import EPSILON, Labels, Loss, clipped

if TYPE_CHECKING:
    from core.arrays import Array

ALPHA = 0.25
"""Keras's default ``alpha``: what a focal loss of classes is multiplied by."""

Q = 0.5
"""Keras's default ``q``: the power of the probability in the generalized cross-entropy."""


def _through_share(slope: Array, share: Array, total: Array) -> Array:
    """Return how a loss changes with each output, given its ``slope`` along their ``share`` of their ``total``."""
    return np.asarray((slope - (slope * share).sum(axis=-1, keepdims=True)) / total)


def _crossentropy(y: Array, yhat: Array) -> Array:
    p = clipped(yhat / yhat.sum(axis=-1, keepdims=True))
    return np.asarray(-(y * np.log(p)).sum(axis=-1))


def _crossentropy_slope(y: Array, yhat: Array) -> Array:
    total = yhat.sum(axis=-1, keepdims=True)
    share = yhat / total
    p = clipped(share)
    return _through_share(np.where(p == share, -y / p, 0.0), share, total)


def _focal(y: Array, yhat: Array) -> Array:
    p = clipped(yhat / yhat.sum(axis=-1, keepdims=True))
    return np.asarray(-(ALPHA * (1.0 - p) ** 2 * y * np.log(p)).sum(axis=-1))


def _focal_slope(y: Array, yhat: Array) -> Array:
    total = yhat.sum(axis=-1, keepdims=True)
    share = yhat / total
    p = clipped(share)
    slope = ALPHA * y * (2.0 * (1.0 - p) * np.log(p) - (1.0 - p) ** 2 / p)
    return _through_share(np.where(p == share, slope, 0.0), share, total)


def _kl_divergence(y: Array, yhat: Array) -> Array:
    truth, p = np.clip(y, EPSILON, 1.0), np.clip(yhat, EPSILON, 1.0)
    return np.asarray((truth * np.log(truth / p)).sum(axis=-1))


def _kl_slope(y: Array, yhat: Array) -> Array:
    p = np.clip(yhat, EPSILON, 1.0)
    return np.where(p == yhat, -np.clip(y, EPSILON, 1.0) / p, 0.0)


def _by_length(values: Array) -> Array:
    """Return 1 / the length of every row, at most 1e7."""
    with np.errstate(divide="ignore"):
        return np.asarray(np.minimum(1.0 / np.sqrt((values**2).sum(axis=-1, keepdims=True)), 1.0 / EPSILON))


def _cosine(y: Array, yhat: Array) -> Array:
    return np.asarray(-(y * _by_length(y) * yhat * _by_length(yhat)).sum(axis=-1))


def _cosine_slope(y: Array, yhat: Array) -> Array:
    truth, by_length = y * _by_length(y), _by_length(yhat)
    turning = (truth * yhat).sum(axis=-1, keepdims=True) * yhat * by_length**3
    return np.where(by_length < 1.0 / EPSILON, turning, 0.0) - truth * by_length


def _of_class(y: Array, values: Array) -> Array:
    return np.take_along_axis(values, y.astype(np.int64), axis=-1)


def _sparse_crossentropy(y: Array, yhat: Array) -> Array:
    # Keras on TensorFlow clips first and divides by the sum afterwards; for one-hot labels it is the other way round.
    p = clipped(yhat)
    return np.asarray(np.log(p.sum(axis=-1)) - np.log(_of_class(y, p)[..., 0]))


def _sparse_slope(y: Array, yhat: Array) -> Array:
    p = clipped(yhat)
    chosen = np.arange(p.shape[-1]) == y
    return np.where(p == yhat, 1.0 / p.sum(axis=-1, keepdims=True) - chosen / p, 0.0)


def _generalized(y: Array, yhat: Array) -> Array:
    return np.asarray((1.0 - _of_class(y, yhat)[..., 0] ** Q) / Q)


def _generalized_slope(y: Array, yhat: Array) -> Array:
    chosen = np.arange(yhat.shape[-1]) == y
    return np.where(chosen, -(_of_class(y, yhat) ** (Q - 1.0)), 0.0)


CATEGORICAL_CROSSENTROPY = Loss(
    "categorical_crossentropy",
    "CategoricalCrossentropy",
    Labels.ONE_HOT,
    "-log(yhat of the label's class / sum of yhat)",
    _crossentropy,
    _crossentropy_slope,
)
CATEGORICAL_FOCAL_CROSSENTROPY = Loss(
    "categorical_focal_crossentropy",
    "CategoricalFocalCrossentropy",
    Labels.ONE_HOT,
    "-0.25*(1 - p)^2*log(p), p = yhat of the label's class / sum of yhat",
    _focal,
    _focal_slope,
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
    "-log(yhat of the label's class / sum of yhat)",
    _sparse_crossentropy,
    _sparse_slope,
)
CATEGORICAL_GENERALIZED_CROSS_ENTROPY = Loss(
    "categorical_generalized_cross_entropy",
    "CategoricalGeneralizedCrossEntropy",
    Labels.CLASSES,
    "(1 - sqrt(yhat of the label's class)) / 0.5",
    _generalized,
    _generalized_slope,
)
