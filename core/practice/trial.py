"""Trials: the numbers that one slip would give, each of them a variant of it, on every way that there is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from core.decimals import rounded
from core.practice.intervals import through
from core.practice.slip import Finding
from core.practice.tolerance import SLACK, half

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from jaxtyping import Float

    from core.arrays import Array
    from core.practice.slip import Slip
    from core.practice.tolerance import Measured

    Ends = Float[Array, "ways numbers 2"]


FEW = 16
"""Up to so many numbers or terms, any may be taken for any other; of more, its neighbours."""


@dataclass(frozen=True, eq=False)
class Trial:
    """What a slip would give; ``words`` name it, and ``of_one``, if given, by the variant that was made."""

    slip: Slip
    ends: Ends
    words: str
    of_one: Callable[[int], str] | None = None

    def finding(self, answer: float, digits: int, right: Sequence[Measured]) -> Finding | None:
        """Return what to say if ``answer`` is what one of the variants gives, once that is written down.

        A slip that would be right once it is written down is none.
        """
        off = half(answer, digits) * (1.0 + SLACK) + 1e-12 * abs(answer)
        near = (self.ends[..., 0] - off <= answer) & (answer <= self.ends[..., 1] + off)
        found = [at for at in np.flatnonzero(near.any(axis=0)).tolist() if not self._is_right(near, at, digits, right)]
        if not found:
            return None
        words = self.of_one(found[0]) if self.of_one is not None and len(found) == 1 else self.words
        distance = np.abs(self.ends[:, found].mean(axis=-1) - answer)[near[:, found]].min()
        return Finding(self.slip, words, bool(distance <= 2.0 * half(answer, digits)))

    def _is_right(self, near: np.ndarray, at: int, digits: int, right: Sequence[Measured]) -> bool:
        middles = np.unique(self.ends[near[:, at], at].mean(axis=-1))
        return all(any(one.takes(number) for one in right) for number in rounded(middles, digits).tolist())


def pushed(function: str, parts: Sequence[Ends], at: int, trials: Iterable[Trial]) -> Iterator[Trial]:
    """Give what a function makes of ``trials`` in place of its part ``at``, the others as they are."""
    for trial in trials:
        here = [trial.ends if place == at else part for place, part in enumerate(parts)]
        yield replace(trial, ends=through(function, *here))
