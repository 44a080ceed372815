"""Keras's losses, written from their formulas in float64: what each is, and all of them by name."""

from core.losses.loss import BY_CLASS, EPSILON, HIGHEST, LOWEST, Labels, Loss, Over
from core.losses.margins import signs
from core.losses.table import (
    KERAS_LOSSES,
    OTHERS,
    SHORT,
    SPELLED,
    kept_options,
    loss_called,
    losses_called,
    losses_named,
    require_loss,
)

__all__ = [
    "BY_CLASS",
    "EPSILON",
    "HIGHEST",
    "KERAS_LOSSES",
    "LOWEST",
    "OTHERS",
    "SHORT",
    "SPELLED",
    "Labels",
    "Loss",
    "Over",
    "kept_options",
    "loss_called",
    "losses_called",
    "losses_named",
    "require_loss",
    "signs",
]
