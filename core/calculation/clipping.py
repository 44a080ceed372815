"""Clipping on paper: a probability outside of what Keras takes a logarithm of, kept within it, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.calculation.paper import Written
from core.losses import EPSILON, HIGHEST, LOWEST

if TYPE_CHECKING:
    from core.calculation.paper import Paper

CLIPPED = "Keras keeps a probability from 1e-7 to 1 - 1e-7, as log(0) is infinite."
CLIPPED_TO_1 = "Keras keeps a probability from 1e-7 to 1, as log(0) is infinite."
LOWEST_TEXT, HIGHEST_TEXT = "0.0000001", "0.99999988079"
"""What Keras clips to, with as many digits as what is calculated with them needs."""

CLIPPED_ABOVE = f" In its float32 1 - 1e-7 is {HIGHEST_TEXT}."
NO_PROBABILITY = "Below 0 or above 1 is no probability; a sigmoid or softmax would make one. "


def clipped(paper: Paper, p: Written, symbol: str) -> Written:
    """Return ``p`` as Keras clips it, from 1e-7 to 1 - 1e-7: itself unless it is outside, then on a line of its own."""
    if not (p.value < LOWEST or p.value > HIGHEST):
        return p
    low = p.value < LOWEST
    why = (NO_PROBABILITY if p.value < 0.0 or p.value > 1.0 else "") + CLIPPED + ("" if low else CLIPPED_ABOVE)
    text = LOWEST_TEXT if low else HIGHEST_TEXT
    made = Written(symbol, np.float64((LOWEST if low else HIGHEST) if paper.exact else text), text)
    return paper.write("max({}, 1e-7)" if low else f"min({{}}, {HIGHEST_TEXT})", [p], made, why)


def clipped_to_1(paper: Paper, p: Written, symbol: str) -> Written:
    """Return ``p`` as Keras clips it where 1 itself may stay: from 1e-7 to 1."""
    if not (p.value < EPSILON or p.value > 1.0):
        return p
    low = p.value < EPSILON
    why = (NO_PROBABILITY if p.value < 0.0 or p.value > 1.0 else "") + CLIPPED_TO_1
    template = "max({}, 1e-7)" if low else "min({}, 1)"
    return paper.line_in_full(symbol, template, [p], EPSILON if low else 1.0, why)


def clipped_elsewhere(p: Written, at: int, highest: float = HIGHEST) -> Written:
    """Return ``p`` as Keras clips it, without a line: of many classes most may be clipped."""
    if p.value < EPSILON:
        return Written(f"c{at}", np.float64(LOWEST), LOWEST_TEXT)
    return Written(f"c{at}", np.float64(highest), f"{highest:.11g}") if p.value > highest else p
