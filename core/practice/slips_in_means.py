"""What slips in taking a mean give, as where a loss is the mean over a model's outputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.decimals import rounded
from core.practice.slip import Candidate, Finding, Slip, ranked
from core.practice.slips_in_sums import early
from core.practice.tolerance import Measured, half, half_unit

if TYPE_CHECKING:
    from jaxtyping import Float

    from core.arrays import Array


def mean_of(terms: Float[Array, "terms"], digits: int) -> Measured:
    """Return the mean of ``terms``, and how far a careful person's may be off who rounds them to ``digits``."""
    mean, total = float(terms.mean()), float(terms.sum())
    off = (float(half_unit(terms, digits).sum()) + half(total, digits)) / terms.size
    return Measured(mean, off + half(mean, digits))


def diagnose_mean(terms: Float[Array, "terms"], answer: float, digits: int) -> tuple[Finding, ...]:
    """Return the slips that would give ``answer``, which is wrong, for the mean of ``terms``; the likeliest first.

    No layer that is practised takes a mean, but the loss of several outputs does.
    """
    right = mean_of(terms, digits)
    tried = _candidates(terms, digits, right.error)
    made = [candidate.finding(answer, error, digits, [right]) for candidate, error in tried]
    return ranked([finding for finding in made if finding is not None])


def _candidates(terms: Array, digits: int, error: float) -> list[tuple[Candidate, float]]:
    size, total = terms.size, float(terms.sum())
    of_sum = error * size
    made = [
        (Candidate(Slip.SUM_FOR_MEAN, np.array([total]), "the sum was not divided by the number of terms"), of_sum),
        (Candidate(Slip.SIGN, np.array([-total / size]), "the sign of the whole is the other one"), error),
        (Candidate(Slip.SIGN, (total - 2.0 * terms) / size, "the sign of one of the terms was lost"), error),
        (Candidate(Slip.MISSING_PRODUCT, (total - terms) / size, "one of the terms was left out"), error),
    ]
    if size > 1:
        counts = np.array([size - 1.0, size + 1.0])
        words = "the sum was divided by another number than that of the terms"
        left_out = Candidate(Slip.MISSING_PRODUCT, (total - terms) / (size - 1), "one of the terms was left out")
        made += [(Candidate(Slip.WRONG_COUNT, total / counts, words), 2.0 * error), (left_out, 2.0 * error)]
    values = []
    for fewer in range(digits):
        values += [rounded(terms, fewer).mean(), rounded(total, fewer) / size, rounded(total / size, fewer)]
    return [*made, (early(np.array(values)), error)]
