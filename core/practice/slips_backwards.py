"""What slips in solving backwards give: the bias, another product, the division or a sign gone wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.calculation.spot import Kind
from core.decimals import rounded
from core.practice.backwards import acceptable, equation
from core.practice.slip import Candidate, Finding, Slip, ranked
from core.practice.slips_in_sums import early

if TYPE_CHECKING:
    from core.arrays import Array
    from core.calculation.spot import Spot
    from core.practice.exercise import Calculation


def backwards_findings(work: Calculation, spot: Spot, answer: float) -> tuple[Finding, ...]:
    """Return the slips that would give ``answer``, which is wrong, for the missing number at ``spot``."""
    right = acceptable(work, spot)
    made = [one.finding(answer, right[0].error, work.digits, right) for one in _candidates(work, spot)]
    return ranked([finding for finding in made if finding is not None])


def _candidates(work: Calculation, spot: Spot) -> list[Candidate]:
    step = work.page.steps[spot.step]
    left, _, factor, _ = equation(work, spot)
    solved = left / factor
    made = [Candidate(Slip.SIGN, np.array([-solved]), "the sign of the whole is the other one")]
    if step.bias is not None and spot.kind is not Kind.BIAS:
        bias = float(step.bias[spot.unit])
        made += [
            Candidate(Slip.FORGOT_BIAS, np.array([left + bias]) / factor, "the bias was not taken away"),
            Candidate(Slip.BIAS_TWICE, np.array([left - bias]) / factor, "the bias was taken away twice"),
            Candidate(Slip.SIGN, np.array([left + 2.0 * bias]) / factor, "the bias was added, not taken away"),
        ]
    if spot.kind is not Kind.BIAS:
        made.append(Candidate(Slip.NOT_DIVIDED, np.array([left, left * factor]), "the division was left out"))
    others = _others(work, spot)
    made.append(Candidate(Slip.MISSING_PRODUCT, (left + others) / factor, "a product was not taken away"))
    made.append(Candidate(Slip.SIGN, (left + 2.0 * others) / factor, "a product was added, not taken away"))
    values = [rounded(left, fewer) / factor for fewer in range(work.digits)]
    values += [rounded(solved, fewer) for fewer in range(work.digits)]
    return [*made, early(np.array(values))]


def _others(work: Calculation, spot: Spot) -> Array:
    """Return the products of the unit beside the missing number's own."""
    step = work.page.steps[spot.step]
    assert step.kernel is not None
    products = step.kernel[:, spot.unit] * step.inputs
    return products if spot.kind is Kind.BIAS else np.delete(products, spot.input)
