"""Clipping on paper: a probability outside of what Keras takes a logarithm of, kept within it, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from core.calculation.terms import Term, maximum, minimum, term
from core.losses import EPSILON, HIGHEST, LOWEST

if TYPE_CHECKING:
    from core.calculation.paper import Paper

NO_PROBABILITY = "Below 0 or above 1 is no probability; a sigmoid or softmax would make one. "


class Bounds(NamedTuple):
    """What Keras clips to, with as many digits as what is calculated with it needs, and how that is said."""

    lowest: Term
    highest: Term
    why: str
    about_highest: str = ""

    def beyond(self, p: Term) -> Term | None:
        """Return which of them ``p`` is beyond; None if it is within, or no number."""
        return self.lowest if p.value < self.lowest.value else self.highest if p.value > self.highest.value else None


PROBABILITY = Bounds(
    term("1e-7", "0.0000001", LOWEST),
    term("0.99999988079", "0.99999988079", HIGHEST),
    "Keras keeps a probability from 1e-7 to 1 - 1e-7, as log(0) is infinite.",
    " In its float32 1 - 1e-7 is 0.99999988079.",
)

UP_TO_1 = Bounds(
    term("1e-7", "0.0000001", EPSILON),
    term("1", "1", 1.0),
    "Keras keeps a probability from 1e-7 to 1, as log(0) is infinite.",
)
"""Where 1 itself may stay."""


def clipped(paper: Paper, p: Term, symbol: str, bounds: Bounds = PROBABILITY) -> Term:
    """Return ``p`` as Keras clips it: itself unless it is outside, then on a line of its own."""
    bound = bounds.beyond(p)
    if bound is None:
        return p
    why = (NO_PROBABILITY if p.value < 0.0 or p.value > 1.0 else "") + bounds.why
    in_short = term(bound.symbol, bound.symbol, bound.value)
    made = maximum(p, in_short) if bound is bounds.lowest else minimum(p, in_short).because(bounds.about_highest)
    return paper.write(made.because(why + made.why), clipped_elsewhere(paper, p, symbol, bounds))


def clipped_elsewhere(paper: Paper, p: Term, symbol: str, bounds: Bounds = PROBABILITY) -> Term:
    """Return ``p`` as Keras clips it, without a line: of many classes most may be clipped."""
    bound = bounds.beyond(p)
    return p if bound is None else paper.kept(symbol, float(bound.value), bound.text)
