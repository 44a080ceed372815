"""The settings of losses: each option as Keras names it, with its default, and what Keras takes for it.

They are those of the Keras 3 documentation ("Losses").
"""

from __future__ import annotations

from core.training.options import Option, flag, number, word

REDUCTIONS = ("sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", "none")

REDUCTION = word("reduction", "sum_over_batch_size", REDUCTIONS)
"""How the losses of a batch's rows become one number; every loss has it."""

FROM_LOGITS = flag("from_logits")
"""Outputs are pre-activations: Keras's sigmoid or softmax is part of the loss."""

LABEL_SMOOTHING = number("label_smoothing", 0.0, lambda share: 0 <= share <= 1, "from 0 to 1")

BALANCING = flag("apply_class_balancing")

GAMMA = number("gamma", 2.0, lambda power: power >= 0, "from 0 up")

DELTA = number("delta", 1.0, lambda error: error > 0, "above 0")

Q = number("q", 0.5, lambda power: 0 < power < 1, "above 0 and below 1")

LOSS_WEIGHTS = number("loss_weights", 1.0, lambda _: True, "a number")
"""What ``compile`` multiplies the loss by; every loss has it, and Keras's class of none."""

IGNORE_CLASS = Option("ignore_class", int, None, lambda place: place % 1 == 0, "the number of a class")
"""Rows with this label have no loss, and a batch's mean is over the others."""

AXIS = Option("axis", int, None, lambda axis: axis in (-1, 0), "-1, for each row by itself, or 0, for each output")
"""Of a loss over a batch, along which axis it adds up; without it all rows are one sum."""


def weight(name: str, default: float) -> Option:
    """Return an option that something is multiplied by."""
    return number(name, default, lambda value: value >= 0, "from 0 up")
