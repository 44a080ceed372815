"""Mistakes in solving backwards: the bias, another product, the division or a sign gone wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.decimals import rounded
from core.practice.slip import Slip, Trial, ranked

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from core.practice.backwards import Line
    from core.practice.slip import Finding


def diagnose_line(line: Line, answer: float) -> tuple[Finding, ...]:
    """Return the slips that would give ``answer``, which is wrong, for the number missing in ``line``."""
    right = line.acceptable()
    with np.errstate(all="ignore"):
        found = [trial.finding(answer, line.work.digits, right) for trial in _trials(line, right[0].error)]
    return ranked(found)


def _trials(line: Line, error: float) -> Iterator[Trial]:
    (left, _), (factor, _), digits = line.left, line.factor, line.work.digits

    def trial(slip: Slip, made: npt.ArrayLike, words: str) -> Trial:
        numbers = np.atleast_1d(np.asarray(made, dtype=np.float64))
        return Trial(slip, np.stack([numbers - error, numbers + error], axis=-1)[np.newaxis], words)

    yield trial(Slip.SIGN, -line.solved, "the sign of the whole is the other one")
    if line.added is not None:
        yield trial(Slip.FORGOT_BIAS, (left + line.added) / factor, "the bias was not taken away")
        yield trial(Slip.BIAS_TWICE, (left - line.added) / factor, "the bias was taken away twice")
        yield trial(Slip.SIGN, (left + 2.0 * line.added) / factor, "the bias was added, not taken away")
    if not line.is_bias:
        yield trial(Slip.NOT_DIVIDED, [left, left * factor], "the division was left out")
    yield trial(Slip.MISSING_PRODUCT, (left + line.others) / factor, "a product was not taken away")
    yield trial(Slip.SIGN, (left + 2.0 * line.others) / factor, "a product was added, not taken away")
    early = [float(rounded(left, fewer)) / factor for fewer in range(digits)]
    early += [float(rounded(line.solved, fewer)) for fewer in range(digits)]
    yield trial(Slip.ROUNDED_EARLY, early, "a number was rounded too early, or to fewer digits")
