"""The losses of labels 0 and 1 whose every output stands for itself: a probability, or a mean number.

The formulas are those of the Keras 3 documentation ("Probabilistic losses").
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.losses.loss import EPSILON, Labels, clipped, mean_over_outputs

if TYPE_CHECKING:
    from core.arrays import Array


def _crossentropy(y: Array, yhat: Array) -> Array:
    p = clipped(yhat)
    return np.asarray(-(y * np.log(p) + (1.0 - y) * np.log(1.0 - p)))


def _crossentropy_slope(y: Array, yhat: Array) -> Array:
    p = clipped(yhat)
    return np.where(p == yhat, (p - y) / (p * (1.0 - p)), 0.0)


def _missing(y: Array, yhat: Array) -> Array:
    """Return how much of 1 the label's own answer lacks; the focal factor, Keras's gamma being 2, is its square."""
    return np.asarray(1.0 - (y * yhat + (1.0 - y) * (1.0 - yhat)))


def _focal_slope(y: Array, yhat: Array) -> Array:
    missing = _missing(y, yhat)
    falling = 2.0 * missing * (1.0 - 2.0 * y) * _crossentropy(y, yhat)
    return np.asarray(falling + missing**2 * _crossentropy_slope(y, yhat))


BINARY_CROSSENTROPY = mean_over_outputs(
    "binary_crossentropy",
    "BinaryCrossentropy",
    Labels.BINARY,
    "-(y*log(yhat) + (1 - y)*log(1 - yhat))",
    _crossentropy,
    _crossentropy_slope,
)
BINARY_FOCAL_CROSSENTROPY = mean_over_outputs(
    "binary_focal_crossentropy",
    "BinaryFocalCrossentropy",
    Labels.BINARY,
    "-(y*(1 - yhat)^2*log(yhat) + (1 - y)*yhat^2*log(1 - yhat))",
    lambda y, yhat: _missing(y, yhat) ** 2 * _crossentropy(y, yhat),
    _focal_slope,
)
POISSON = mean_over_outputs(
    "poisson",
    "Poisson",
    Labels.BINARY,
    "yhat - y*log(yhat + 1e-7)",
    lambda y, yhat: yhat - y * np.log(yhat + EPSILON),
    lambda y, yhat: 1.0 - y / (yhat + EPSILON),
)
