"""The hinge losses: an output on the label's side, and far enough, costs nothing.

The formulas are those of the Keras 3 documentation ("Hinge losses").
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.losses.loss import Labels, Loss, mean_over_outputs

if TYPE_CHECKING:
    from core.arrays import Array


def signs(labels: Array) -> Array:
    """Return ``labels`` with -1 for 0 if all of them are 0 or 1, as Keras's hinge losses take them."""
    return 2.0 * labels - 1.0 if np.isin(labels, (0.0, 1.0)).all() else labels


def _margin(y: Array, yhat: Array) -> Array:
    return np.maximum(1.0 - signs(y) * yhat, 0.0)


def _hinge_slope(y: Array, yhat: Array) -> Array:
    # At the corner itself TensorFlow still goes down the slope.
    return np.where(signs(y) * yhat > 1.0, 0.0, -signs(y))


def _categorical(y: Array, yhat: Array) -> Array:
    return np.maximum(_largest_margin((1.0 - y) * yhat, y * yhat), 0.0)


def _largest_margin(others: Array, wanted: Array) -> Array:
    """Return by how much the largest of the ``others``, and 1, is above the label's output."""
    return np.asarray(others.max(axis=-1) - wanted.sum(axis=-1) + 1.0)


def _categorical_slope(y: Array, yhat: Array) -> Array:
    # The label's own 0 is among those of which the largest is taken, and equal ones share its slope.
    others = (1.0 - y) * yhat
    largest = others == others.max(axis=-1, keepdims=True)
    share = (1.0 - y) * largest / np.maximum(largest.sum(axis=-1, keepdims=True), 1)
    margin = _largest_margin(others, y * yhat)
    return np.where(margin[..., np.newaxis] >= 0.0, share - y, 0.0)


HINGE = mean_over_outputs("hinge", "Hinge", Labels.SIGNS, "max(1 - y*yhat, 0)", _margin, _hinge_slope)
SQUARED_HINGE = mean_over_outputs(
    "squared_hinge",
    "SquaredHinge",
    Labels.SIGNS,
    "max(1 - y*yhat, 0)^2",
    lambda y, yhat: _margin(y, yhat) ** 2,
    lambda y, yhat: 2.0 * _margin(y, yhat) * _hinge_slope(y, yhat),
)
CATEGORICAL_HINGE = Loss(
    "categorical_hinge",
    "CategoricalHinge",
    Labels.ONE_HOT,
    "max(n - p + 1, 0), p = yhat of the label's class, n = the largest other yhat or 0",
    _categorical,
    _categorical_slope,
)
