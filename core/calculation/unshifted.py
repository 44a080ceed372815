"""Softmax as people work it out: without the largest number being taken away from all, unless it has to be."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from core.calculation.expression import Expression, Formula, Gathered, Leaf
from core.operations.functions import FUNCTIONS

if TYPE_CHECKING:
    from collections.abc import Callable

MODERATE = (-2.0, 12.0)
"""If the largest of the numbers is between these, softmax loses no digits without it being taken away from all."""


def number_of(largest: Gathered) -> float | None:
    """Return the largest number as the calculation has it."""
    return largest.number


def unshifted(expression: Expression, shift: Callable[[Gathered], float | None] = number_of) -> Expression:
    """Return an expression without the largest number taken away from all, or with that as a plain number.

    ``shift`` says what the largest number is; None if that is not known.
    """
    match expression:
        case Formula(function="subtract", parts=(part, Gathered(how="largest") as largest)):
            inner, kept = unshifted(part, shift), _kept(shift(largest))
            return Formula(inner.number - kept, "subtract", (inner, Leaf(kept, None))) if kept else inner
        case Formula(function=function, parts=parts):
            made = tuple(unshifted(part, shift) for part in parts)
            with np.errstate(all="ignore"):
                return Formula(float(FUNCTIONS[function].of(*(np.array(part.number) for part in made))), function, made)
        case Gathered(number=number, numbers=numbers, term=term):
            with np.errstate(all="ignore"):
                times = _times(expression, shift)
                terms = replace(expression, number=number * times, numbers=numbers * times)
            return replace(terms, term=lambda at: tuple(unshifted(part, shift) for part in term(at)))
    return expression


def _kept(shift: float | None) -> float:
    """Return what is still taken away from every number."""
    return 0.0 if shift is None or MODERATE[0] <= shift <= MODERATE[1] else float(f"{shift:.2f}")


def _times(gathered: Gathered, shift: Callable[[Gathered], float | None]) -> float:
    """Return what a sum of exponentials is times without the shift, as each of its terms is; of others 1."""
    match gathered.term(0) if len(gathered) else ():
        case (Formula(function="exp", parts=(Formula(parts=(_, Gathered(how="largest") as largest)),)),):
            return float(np.exp(largest.number - _kept(shift(largest))))
    return 1.0
