"""The losses of numbers: how far an output is from its label.

The formulas are those of the Keras 3 documentation ("Regression losses").
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.losses.loss import EPSILON, Labels, mean_over_outputs

if TYPE_CHECKING:
    from core.arrays import Array

DELTA = 1.0
"""Keras's default ``delta``: up to this error Huber's loss is a square, beyond it a straight line."""


def _size(y: Array) -> Array:
    return np.maximum(np.abs(y), EPSILON)


def _huber(y: Array, yhat: Array) -> Array:
    error = np.abs(yhat - y)
    return np.where(error <= DELTA, 0.5 * error**2, DELTA * error - 0.5 * DELTA**2)


def _log_cosh(y: Array, yhat: Array) -> Array:
    # log((exp(e) + exp(-e)) / 2), without an exp that overflows.
    return np.asarray(np.logaddexp(yhat - y, y - yhat) - np.log(2.0))


def _difference_of_logarithms(y: Array, yhat: Array) -> Array:
    return np.asarray(np.log(np.maximum(yhat, EPSILON) + 1.0) - np.log(np.maximum(y, EPSILON) + 1.0))


def _logarithmic_slope(y: Array, yhat: Array) -> Array:
    return np.where(yhat >= EPSILON, 2.0 * _difference_of_logarithms(y, yhat) / (yhat + 1.0), 0.0)


MEAN_SQUARED_ERROR = mean_over_outputs(
    "mean_squared_error",
    "MeanSquaredError",
    Labels.NUMBERS,
    "(y - yhat)^2",
    lambda y, yhat: (y - yhat) ** 2,
    lambda y, yhat: 2.0 * (yhat - y),
)
MEAN_ABSOLUTE_ERROR = mean_over_outputs(
    "mean_absolute_error",
    "MeanAbsoluteError",
    Labels.NUMBERS,
    "|y - yhat|",
    lambda y, yhat: np.abs(y - yhat),
    lambda y, yhat: np.sign(yhat - y),
)
MEAN_ABSOLUTE_PERCENTAGE_ERROR = mean_over_outputs(
    "mean_absolute_percentage_error",
    "MeanAbsolutePercentageError",
    Labels.NUMBERS,
    "100*|y - yhat| / max(|y|, 1e-7)",
    lambda y, yhat: 100.0 * np.abs(y - yhat) / _size(y),
    lambda y, yhat: 100.0 * np.sign(yhat - y) / _size(y),
)
HUBER = mean_over_outputs(
    "huber",
    "Huber",
    Labels.NUMBERS,
    "e^2/2 if |e| <= 1, else |e| - 1/2, with e = yhat - y",
    _huber,
    lambda y, yhat: np.clip(yhat - y, -DELTA, DELTA),
)
LOG_COSH = mean_over_outputs(
    "log_cosh",
    "LogCosh",
    Labels.NUMBERS,
    "log(cosh(yhat - y))",
    _log_cosh,
    lambda y, yhat: np.tanh(yhat - y),
)
MEAN_SQUARED_LOGARITHMIC_ERROR = mean_over_outputs(
    "mean_squared_logarithmic_error",
    "MeanSquaredLogarithmicError",
    Labels.BINARY,
    "(log(max(yhat, 1e-7) + 1) - log(max(y, 1e-7) + 1))^2",
    lambda y, yhat: _difference_of_logarithms(y, yhat) ** 2,
    _logarithmic_slope,
)
