"""Clipping on paper: a probability outside of what Keras takes a logarithm of, kept within it, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.calculation.paper import Written
from core.losses import EPSILON

if TYPE_CHECKING:
    from core.calculation.paper import Paper

CLIPPED = (
    "Keras keeps a probability from 1e-7 to 1 - 1e-7, as log(0) is infinite. (model.fit and model.evaluate need not: "
    "behind a sigmoid or softmax they start from z.)"
)
CLIPPED_ALWAYS = "Keras keeps a probability from 1e-7 to 1 - 1e-7, as log(0) is infinite."
CLIPPED_TO_1 = "Keras keeps a probability from 1e-7 to 1, as log(0) is infinite."
CLIPPED_ABOVE = " In its float32 1 - 1e-7 is 0.99999988."
NO_PROBABILITY = "Below 0 or above 1 is no probability; a sigmoid or softmax would make one. "


def clipped(paper: Paper, p: Written, symbol: str, said: str = CLIPPED) -> Written:
    """Return ``p`` as Keras clips it, from 1e-7 to 1 - 1e-7: itself unless it is outside, then on a line of its own."""
    if not (p.value < EPSILON or p.value > 1.0 - EPSILON):
        return p
    low = p.value < EPSILON
    why = (NO_PROBABILITY if p.value < 0.0 or p.value > 1.0 else "") + said + ("" if low else CLIPPED_ABOVE)
    template = "max({}, 1e-7)" if low else "min({}, 1 - 1e-7)"
    return paper.line_in_full(symbol, template, [p], EPSILON if low else 1.0 - EPSILON, why)


def clipped_to_1(paper: Paper, p: Written, symbol: str) -> Written:
    """Return ``p`` as Keras clips it where 1 itself may stay: from 1e-7 to 1."""
    if not (p.value < EPSILON or p.value > 1.0):
        return p
    low = p.value < EPSILON
    why = (NO_PROBABILITY if p.value < 0.0 or p.value > 1.0 else "") + CLIPPED_TO_1
    template = "max({}, 1e-7)" if low else "min({}, 1)"
    return paper.line_in_full(symbol, template, [p], EPSILON if low else 1.0, why)


def clipped_elsewhere(p: Written, at: int, highest: float = 1.0 - EPSILON) -> Written:
    """Return ``p`` as Keras clips it, without a line: of many classes most may be clipped."""
    if p.value < EPSILON:
        return Written(f"c{at}", np.float64(EPSILON), "0.0000001")
    return Written(f"c{at}", np.float64(highest), f"{highest:.7g}") if p.value > highest else p
