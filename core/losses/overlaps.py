"""The losses that are one number for a whole batch: how far outputs and labels overlap.

The formulas are those of the Keras 3 documentation ("Dice" and "Tversky").
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.losses.loss import EPSILON, Labels, Loss, Over
from core.losses.settings import AXIS, weight

if TYPE_CHECKING:
    from core.arrays import Array


def _sums(values: Array, axis: int | None) -> Array:
    """Return the sum of all ``values`` of the batch, or along an ``axis`` of every row, or of every output."""
    return np.asarray(values.sum(axis=axis, keepdims=True))


def _of_rows(loss: Array, rows: int) -> Array:
    return np.broadcast_to(loss.mean(axis=-1), (rows,))


def _of_mean(slope: Array, axis: int | None) -> Array:
    """Return the ``slope`` of the mean over the outputs where each has a loss of its own."""
    return slope / slope.shape[-1] if axis == 0 else slope


def _dice_parts(y: Array, yhat: Array, axis: int | None) -> tuple[Array, Array]:
    return _sums(y * yhat, axis), _sums(y, axis) + _sums(yhat, axis) + EPSILON


def _dice(y: Array, yhat: Array, axis: int | None) -> Array:
    overlap, both = _dice_parts(y, yhat, axis)
    return _of_rows(1.0 - 2.0 * overlap / both, len(yhat))


def _dice_slope(y: Array, yhat: Array, axis: int | None) -> Array:
    overlap, both = _dice_parts(y, yhat, axis)
    return _of_mean(-2.0 * (y * both - overlap) / both**2, axis)


def _tversky_parts(y: Array, yhat: Array, alpha: float, beta: float, axis: int | None) -> tuple[Array, Array]:
    overlap = _sums(y * yhat, axis)
    missed, wrong = _sums(y * (1.0 - yhat), axis), _sums((1.0 - y) * yhat, axis)
    return overlap, overlap + alpha * missed + beta * wrong + EPSILON


def _tversky(y: Array, yhat: Array, alpha: float, beta: float, axis: int | None) -> Array:
    overlap, all_of_them = _tversky_parts(y, yhat, alpha, beta, axis)
    return _of_rows(1.0 - overlap / all_of_them, len(yhat))


def _tversky_slope(y: Array, yhat: Array, alpha: float, beta: float, axis: int | None) -> Array:
    overlap, all_of_them = _tversky_parts(y, yhat, alpha, beta, axis)
    turning = y * (1.0 - alpha) + (1.0 - y) * beta
    return _of_mean(-(y * all_of_them - overlap * turning) / all_of_them**2, axis)


def _tversky_formula(alpha: float, beta: float, **_: int | None) -> str:
    parts = ("u/2" if alpha == 0.5 else f"{alpha:g}*u"), ("v/2" if beta == 0.5 else f"{beta:g}*v")
    sums = "i, u, v = sum of y*yhat, y*(1 - yhat), (1 - y)*yhat"
    return f"1 - i / (i + {parts[0]} + {parts[1]} + 1e-7), {sums}"


DICE = Loss(
    "dice",
    "Dice",
    Labels.BINARY,
    "1 - 2*i / (sum of y + sum of yhat + 1e-7), i = sum of y*yhat",
    _dice,
    _dice_slope,
    Over.BATCH,
    (AXIS,),
)
TVERSKY = Loss(
    "tversky",
    "Tversky",
    Labels.BINARY,
    _tversky_formula,
    _tversky,
    _tversky_slope,
    Over.BATCH,
    (weight("alpha", 0.5), weight("beta", 0.5), AXIS),
)
