"""Every loss that is calculated by hand: Keras's name, the labels it wants, its formula, its function and its slope.

The formulas are those of the Keras 3 documentation ("Losses"); where it leaves the order of steps open, they are what
Keras does on TensorFlow. The functions are written from the formulas, in float64, and never ask Keras.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from core.errors import Refused, shorten

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.arrays import Array

    Rows = Callable[[Array, Array], Array]

EPSILON = 1e-7
"""Keras's ``epsilon()``: probabilities are kept from it to 1 - it before a logarithm is taken."""

DELTA = 1.0
"""Keras's default ``delta``: up to this error Huber's loss is a square, beyond it a straight line."""


class Labels(StrEnum):
    """What labels a loss wants, in words."""

    SIGNS = "labels of -1 and +1"
    NUMBERS = "numbers as labels"
    BINARY = "labels of 0 and 1"
    ONE_HOT = "one label column for each class"
    CLASSES = "labels 0, 1, 2, ... and one output for each class"


BY_CLASS = (Labels.ONE_HOT, Labels.CLASSES)
"""Labels that name one class, where every output stands for a class."""


@dataclass(frozen=True)
class Loss:
    """One loss: ``name`` as Keras spells it, ``formula`` as text, with y for the label and yhat for the output.

    Where each output has a label of its own, the formula is that of one output, and the loss is their mean.

    ``function`` takes labels and outputs of a batch, each of shape (rows, outputs), and gives the loss of every row;
    ``slope`` takes the same and gives, of shape (rows, outputs), how a row's loss changes with each of its outputs.
    Only for :attr:`Labels.CLASSES` labels are of shape (rows, 1).
    """

    name: str
    labels: Labels
    formula: str
    function: Rows
    slope: Rows


def signs(labels: Array) -> Array:
    """Return ``labels`` with -1 for 0 if all of them are 0 or 1, as Keras's hinge losses take them."""
    return 2.0 * labels - 1.0 if np.isin(labels, (0.0, 1.0)).all() else labels


def clipped(probabilities: Array) -> Array:
    """Return ``probabilities`` kept from 1e-7 to 1 - 1e-7."""
    return np.clip(probabilities, EPSILON, 1.0 - EPSILON)


def _mean(name: str, labels: Labels, formula: str, each: Rows, slope: Rows) -> Loss:
    """Return the loss that is the mean of ``each`` over the outputs."""
    return Loss(
        name,
        labels,
        formula,
        lambda y, yhat: each(y, yhat).mean(axis=-1),
        lambda y, yhat: slope(y, yhat) / yhat.shape[-1],
    )


def _margin(y: Array, yhat: Array) -> Array:
    return np.maximum(1.0 - signs(y) * yhat, 0.0)


def _hinge_slope(y: Array, yhat: Array) -> Array:
    return np.where(signs(y) * yhat >= 1.0, 0.0, -signs(y))


def _huber(y: Array, yhat: Array) -> Array:
    error = np.abs(yhat - y)
    return np.where(error <= DELTA, 0.5 * error**2, DELTA * error - 0.5 * DELTA**2)


def _log_cosh(y: Array, yhat: Array) -> Array:
    # log((exp(e) + exp(-e)) / 2), without an exp that overflows.
    return np.asarray(np.logaddexp(yhat - y, y - yhat) - np.log(2.0))


def _binary_crossentropy(y: Array, yhat: Array) -> Array:
    p = clipped(yhat)
    return np.asarray(-(y * np.log(p) + (1.0 - y) * np.log(1.0 - p)))


def _binary_slope(y: Array, yhat: Array) -> Array:
    p = clipped(yhat)
    return np.where(p == yhat, (p - y) / (p * (1.0 - p)), 0.0)


def _categorical_crossentropy(y: Array, yhat: Array) -> Array:
    p = clipped(yhat / yhat.sum(axis=-1, keepdims=True))
    return np.asarray(-(y * np.log(p)).sum(axis=-1))


def _categorical_slope(y: Array, yhat: Array) -> Array:
    total = yhat.sum(axis=-1, keepdims=True)
    share = yhat / total
    counted = np.where(clipped(share) == share, y, 0.0)
    return np.asarray((counted.sum(axis=-1, keepdims=True) - counted / clipped(share)) / total)


def _of_class(y: Array, values: Array) -> Array:
    return np.take_along_axis(values, y.astype(np.int64), axis=-1)


def _sparse_categorical_crossentropy(y: Array, yhat: Array) -> Array:
    # Keras on TensorFlow clips first and divides by the sum afterwards; for one-hot labels it is the other way round.
    p = clipped(yhat)
    return np.asarray(np.log(p.sum(axis=-1)) - np.log(_of_class(y, p)[..., 0]))


def _sparse_slope(y: Array, yhat: Array) -> Array:
    p = clipped(yhat)
    chosen = np.arange(p.shape[-1]) == y
    return np.where(p == yhat, 1.0 / p.sum(axis=-1, keepdims=True) - chosen / p, 0.0)


_ALL = (
    _mean("hinge", Labels.SIGNS, "max(1 - y*yhat, 0)", _margin, _hinge_slope),
    _mean(
        "squared_hinge",
        Labels.SIGNS,
        "max(1 - y*yhat, 0)^2",
        lambda y, yhat: _margin(y, yhat) ** 2,
        lambda y, yhat: 2.0 * _margin(y, yhat) * _hinge_slope(y, yhat),
    ),
    _mean(
        "mean_squared_error",
        Labels.NUMBERS,
        "(y - yhat)^2",
        lambda y, yhat: (y - yhat) ** 2,
        lambda y, yhat: 2.0 * (yhat - y),
    ),
    _mean(
        "mean_absolute_error",
        Labels.NUMBERS,
        "|y - yhat|",
        lambda y, yhat: np.abs(y - yhat),
        lambda y, yhat: np.sign(yhat - y),
    ),
    _mean(
        "huber",
        Labels.NUMBERS,
        "e^2/2 if |e| <= 1, else |e| - 1/2, with e = yhat - y",
        _huber,
        lambda y, yhat: np.clip(yhat - y, -DELTA, DELTA),
    ),
    _mean("log_cosh", Labels.NUMBERS, "log(cosh(yhat - y))", _log_cosh, lambda y, yhat: np.tanh(yhat - y)),
    _mean(
        "binary_crossentropy",
        Labels.BINARY,
        "-(y*log(yhat) + (1 - y)*log(1 - yhat))",
        _binary_crossentropy,
        _binary_slope,
    ),
    Loss(
        "categorical_crossentropy",
        Labels.ONE_HOT,
        "-log(yhat of the label's class / sum of yhat)",
        _categorical_crossentropy,
        _categorical_slope,
    ),
    Loss(
        "sparse_categorical_crossentropy",
        Labels.CLASSES,
        "-log(yhat of the label's class / sum of yhat)",
        _sparse_categorical_crossentropy,
        _sparse_slope,
    ),
)

KERAS_LOSSES = {loss.name: loss for loss in _ALL}
"""Keras's name -> the loss."""


SHORT = {"mse": "mean_squared_error", "mae": "mean_absolute_error", "bce": "binary_crossentropy"}
"""What Keras calls some of them for short."""


def loss_called(name: str) -> Loss:
    """Return the loss that Keras calls ``name``.

    Raises:
        Refused: it is none of those that are calculated by hand.
    """
    try:
        return KERAS_LOSSES[SHORT.get(name.lower(), name)]
    except KeyError:
        raise Refused(f"expected a loss out of {', '.join(KERAS_LOSSES)}; got {shorten(name)!r}") from None
