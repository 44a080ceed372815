"""The steps on paper of the losses that are one number for a whole batch, here the batch of one row.

The formulas are those of the Keras 3 documentation ("Dice" and "Tversky").
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.losses import EPSILON

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.calculation.paper import Paper
    from core.calculation.terms import Term

    Overlap = Callable[..., Term]


def _dice(paper: Paper, labels: Sequence[Term], outputs: Sequence[Term]) -> Term:
    i = paper.line("i", paper.total(y * p for y, p in zip(labels, outputs, strict=True)))
    d = paper.line_in_full("d", paper.total([*labels, *outputs]) + EPSILON)
    return 1 - 2 * i / d


def _tversky(paper: Paper, labels: Sequence[Term], outputs: Sequence[Term], alpha: float, beta: float) -> Term:
    pairs = list(zip(labels, outputs, strict=True))
    i = paper.line("i", paper.total(y * p for y, p in pairs))
    u = paper.line("u", paper.total(y * (1 - p) for y, p in pairs))
    v = paper.line("v", paper.total((1 - y) * p for y, p in pairs))
    d = paper.line_in_full("d", i + alpha * u + beta * v + EPSILON)
    return 1 - i / d


OF_OVERLAPS: dict[str, Overlap] = {"dice": _dice, "tversky": _tversky}
"""Keras's name -> what writes the steps for labels and outputs and returns the loss, with its settings but the axis."""
