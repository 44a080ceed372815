"""The slips that are known, in the order of how often they are made, and what is said of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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

MOST_SAID = 3
"""How many slips are said of one answer; with few digits many would give it."""

LIKELIEST_FIRST = {slip: place for place, slip in enumerate(Slip)}


@dataclass(frozen=True)
class Finding:
    """A slip that would give the answer; ``close`` if it gives it to the last digit."""

    slip: Slip
    words: str
    close: bool = True


def sentence(findings: tuple[Finding, ...]) -> str:
    """Return what went wrong as a sentence; empty if no known slip gives the answer.

    What doesn't give it to the last digit is left out where something else does, and so is what is :data:`VAGUE`.
    """
    findings = tuple(one for one in findings if one.close) or findings
    findings = tuple(one for one in findings if one.slip not in VAGUE) or findings
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
