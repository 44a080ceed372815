"""Keras's losses, written from their formulas in float64: what each is, and all of them by name."""

from core.losses.errors import DELTA
from core.losses.loss import BY_CLASS, EPSILON, Labels, Loss, Over
from core.losses.margins import signs
from core.losses.table import KERAS_LOSSES, OTHERS, SHORT, SPELLED, loss_called, require_loss

__all__ = [
    "BY_CLASS",
    "DELTA",
    "EPSILON",
    "KERAS_LOSSES",
    "OTHERS",
    "SHORT",
    "SPELLED",
    "Labels",
    "Loss",
    "Over",
    "loss_called",
    "require_loss",
    "signs",
]
