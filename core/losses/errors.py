"""The losses of numbers: how far an output is from its label.

The formulas are those of the Keras 3 documentation ("Regression losses").
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.losses.loss import EPSILON, Labels, mean_over_outputs
from core.losses.settings import DELTA

if TYPE_CHECKING:
    from core.arrays import Array


def _size(y: Array) -> Array:
    return np.maximum(np.abs(y), EPSILON)


def _huber(y: Array, yhat: Array, delta: float) -> Array:
    """Up to an error of ``delta`` it is a square, beyond it a straight line."""
    error = np.abs(yhat - y)
    return np.where(error <= delta, 0.5 * error**2, delta * error - 0.5 * delta**2)


def _huber_formula(delta: float) -> str:
    line = "|e| - 1/2" if delta == 1.0 else f"{delta:g}*|e| - {0.5 * delta**2:g}"
    return f"e^2/2 if |e| <= {delta:g}, else {line}, with e = yhat - y"


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
    _huber_formula,
    _huber,
    lambda y, yhat, delta: np.clip(yhat - y, -delta, delta),
    (DELTA,),
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
