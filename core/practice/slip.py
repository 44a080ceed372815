"""The slips that are known, in the order of how often they are made, and candidates: what a slip would give."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from core.decimals import rounded
from core.practice.tolerance import half

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.arrays import Array
    from core.practice.tolerance import Measured


class Slip(StrEnum):
    """A mistake that people make when they calculate a network by hand; the commonest first."""

    FORGOT_BIAS = "forgot the bias"
    BIAS_TWICE = "added the bias twice"
    BIAS_SUBTRACTED = "subtracted the bias"
    FORGOT_ACTIVATION = "forgot the activation"
    WRONG_ACTIVATION = "took another activation"
    SIGN = "lost a sign"
    MISSING_PRODUCT = "left a product out"
    TRANSPOSED = "took the transposed weight"
    OTHER_INPUT = "took another input"
    OTHER_WEIGHT = "took another weight"
    OTHER_BIAS = "took another unit's bias"
    OTHER_STEP = "took another step"
    OTHER_PART = "took another part, such as another gate"
    OTHER_NUMBER = "took another number of the calculation"
    LEFT_OUT = "left a part out"
    OTHER_WAY_ROUND = "took two parts the other way round"
    TWICE = "did something twice"
    NOT_LARGEST = "did not take the largest"
    MEAN_FOR_LARGEST = "took the mean for the largest"
    ROUNDED_EARLY = "rounded too early"
    SUM_FOR_MEAN = "took the sum for the mean"
    WRONG_COUNT = "divided by another number of terms"
    TAN = "took tan for tanh"
    DEGREES = "took degrees for radians"
    BIAS_TOO_SOON = "added the bias too soon"
    ACTIVATED_TOO_SOON = "applied the activation too soon"
    NOT_DIVIDED = "forgot to divide"


MOST_SAID = 3
"""How many slips are said of one answer; with few digits many would give it."""

LIKELIEST_FIRST = {slip: place for place, slip in enumerate(Slip)}


@dataclass(frozen=True, eq=False)
class Candidate:
    """The numbers that one slip would give, each place a variant of it, and how far each may be off.

    ``words`` names the slip; ``of_one``, if given, names it by the one term in which it was made.
    """

    slip: Slip
    values: Array
    words: str
    of_one: Callable[[int], str] | None = None

    def finding(self, answer: float, error: Array | float, digits: int, right: Sequence[Measured]) -> Finding | None:
        """Return what to say if ``answer`` is within ``error`` of one of the values; within a unit it is close.

        A slip that would be right once it is written down is none.
        """
        distances = np.abs(self.values - answer)
        near = np.flatnonzero(distances <= error)
        if near.size:
            written = rounded(self.values[near], digits)
            taken = np.any([np.abs(written - number.value) <= number.error for number in right], axis=0)
            near = near[~taken]
        if near.size == 0:
            return None
        unit = 2.0 * half(answer, digits)
        words = self.of_one(int(near[0])) if self.of_one is not None and near.size == 1 else self.words
        return Finding(self.slip, words, bool(distances[near].min() <= unit))


@dataclass(frozen=True)
class Finding:
    """A slip that would give the answer; ``close`` if it gives it to the last digit."""

    slip: Slip
    words: str
    close: bool = True


def sentence(findings: tuple[Finding, ...]) -> str:
    """Return what went wrong as a sentence; empty if no known slip gives the answer."""
    if not findings:
        return ""
    if len(findings) == 1:
        return f"It looks as if {findings[0].words}."
    several = "; or ".join(finding.words for finding in findings[:MOST_SAID])
    which = ", the likeliest" if len(findings) > MOST_SAID else ""
    return f"{'Two' if len(findings) == 2 else len(findings)} slips would give that number{which}: {several}."


def ranked(findings: list[Finding]) -> tuple[Finding, ...]:
    """Return one finding for each slip: first those that give the answer to the last digit, then the likeliest."""
    first: dict[Slip, Finding] = {}
    for finding in sorted(findings, key=lambda one: (not one.close, LIKELIEST_FIRST[one.slip])):
        first.setdefault(finding.slip, finding)
    return tuple(first.values())
