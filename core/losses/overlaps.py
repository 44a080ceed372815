"""The losses that are one number for a whole batch: how far outputs and labels overlap.

The formulas are those of the Keras 3 documentation ("Dice" and "Tversky").
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.losses.loss import EPSILON, Labels, Loss, Over

if TYPE_CHECKING:
    from core.arrays import Array

HALF = 0.5
"""Keras's default ``alpha`` and ``beta`` of Tversky's loss."""


def _dice_parts(y: Array, yhat: Array) -> tuple[float, float]:
    return float((y * yhat).sum()), float(y.sum() + yhat.sum() + EPSILON)


def _dice(y: Array, yhat: Array) -> Array:
    overlap, both = _dice_parts(y, yhat)
    return np.full(len(yhat), 1.0 - 2.0 * np.float64(overlap) / both)


def _dice_slope(y: Array, yhat: Array) -> Array:
    overlap, both = _dice_parts(y, yhat)
    return -2.0 * (y * both - overlap) / np.float64(both) ** 2


def _tversky_parts(y: Array, yhat: Array) -> tuple[float, float]:
    overlap = float((y * yhat).sum())
    missed, wrong = float((y * (1.0 - yhat)).sum()), float(((1.0 - y) * yhat).sum())
    return overlap, overlap + HALF * missed + HALF * wrong + EPSILON


def _tversky(y: Array, yhat: Array) -> Array:
    overlap, all_of_them = _tversky_parts(y, yhat)
    return np.full(len(yhat), 1.0 - np.float64(overlap) / all_of_them)


def _tversky_slope(y: Array, yhat: Array) -> Array:
    overlap, all_of_them = _tversky_parts(y, yhat)
    # An output adds half of itself to what is divided by, whatever its label.
    return -(y * all_of_them - HALF * overlap) / np.float64(all_of_them) ** 2


DICE = Loss(
    "dice",
    "Dice",
    Labels.BINARY,
    "1 - 2*i / (sum of y + sum of yhat + 1e-7), i = sum of y*yhat",
    _dice,
    _dice_slope,
    Over.BATCH,
)
TVERSKY = Loss(
    "tversky",
    "Tversky",
    Labels.BINARY,
    "1 - i / (i + u/2 + v/2 + 1e-7), i, u, v = sum of y*yhat, y*(1 - yhat), (1 - y)*yhat",
    _tversky,
    _tversky_slope,
    Over.BATCH,
)
