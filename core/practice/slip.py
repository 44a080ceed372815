"""Slips: those that are known, the numbers that each would give on every way there is, and what is said of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from core.decimals import rounded
from core.practice.intervals import SLACK, half_unit, takes, through

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from core.practice.manners import Ends


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


VAGUE = (Slip.OTHER_NUMBER, Slip.ROUNDED_EARLY)
"""A number without its bias is another number of the calculation too, and whoever leaves it out has rounded it to 0."""

SAME_AS = {
    Slip.FORGOT_BIAS: {Slip.OTHER_PART},
    Slip.BIAS_TWICE: {Slip.OTHER_PART},
    Slip.BIAS_SUBTRACTED: {Slip.SIGN},
}
"""What is the same mistake in other words: a sum for a pre-activation or the other way round, a bias's lost sign."""

MOST_SAID = 3
"""How many slips are said of one answer; with few digits many would give it."""


@dataclass(frozen=True)
class Finding:
    """A slip that would give the answer; ``close`` if it gives it to the last digit."""

    slip: Slip
    words: str
    close: bool = True


def sentence(findings: tuple[Finding, ...]) -> str:
    """Return what went wrong as a sentence; empty if no known slip gives the answer.

    What doesn't give it to the last digit is left out where something else does, and so is what is :data:`VAGUE`, or
    :data:`SAME_AS` another one.
    """
    findings = tuple(one for one in findings if one.close) or findings
    findings = tuple(one for one in findings if one.slip not in VAGUE) or findings
    again = {slip for one in findings for slip in SAME_AS.get(one.slip, ())}
    findings = tuple(one for one in findings if one.slip not in again)
    if not findings:
        return ""
    if len(findings) == 1:
        return f"It looks as if {findings[0].words}."
    several = "; or ".join(finding.words for finding in findings[:MOST_SAID])
    which = ", the likeliest" if len(findings) > MOST_SAID else ""
    return f"{'Two' if len(findings) == 2 else len(findings)} slips would give that number{which}: {several}."


def ranked(findings: Iterable[Finding | None]) -> tuple[Finding, ...]:
    """Return one finding for each slip: first those that give the answer to the last digit, then the likeliest."""
    first, likely = dict[Slip, Finding](), list(Slip)
    for finding in sorted(filter(None, findings), key=lambda one: (not one.close, likely.index(one.slip))):
        first.setdefault(finding.slip, finding)
    return tuple(first.values())


FEW = 16
"""Up to so many numbers or terms, any may be taken for any other; of more, its neighbours."""


@dataclass(frozen=True, eq=False)
class Trial:
    """What a slip would give; ``words`` name it, and ``of_one``, if given, by the variant that was made."""

    slip: Slip
    ends: Ends
    words: str
    of_one: Callable[[int], str] | None = None

    def finding(self, answer: float, digits: int, right: Ends) -> Finding | None:
        """Return what to say if ``answer`` is what one of the variants gives, once that is written down.

        A slip that would be right once it is written down is none.
        """
        off = half_unit(answer, digits) * (1.0 + SLACK) + 1e-12 * abs(answer)
        near = (self.ends[..., 0] - off <= answer) & (answer <= self.ends[..., 1] + off)
        middles = self.ends.mean(axis=-1)
        found = [
            at
            for at in np.flatnonzero(near.any(axis=0)).tolist()
            if not takes(right, rounded(np.unique(middles[near[:, at], at]), digits)).all()
        ]
        if not found:
            return None
        words = self.of_one(found[0]) if self.of_one is not None and len(found) == 1 else self.words
        distance = np.abs(middles[:, found] - answer)[near[:, found]].min()
        return Finding(self.slip, words, bool(distance <= 2.0 * half_unit(answer, digits)))


def pushed(function: str, parts: Sequence[Ends], at: int, trials: Iterable[Trial]) -> Iterator[Trial]:
    """Give what a function makes of ``trials`` in place of its part ``at``, the others as they are."""
    for trial in trials:
        here = [trial.ends if place == at else part for place, part in enumerate(parts)]
        yield replace(trial, ends=through(function, *here))
