"""Manners of working: the ways that careful people go, and how each of them adds terms up.

Arrays of ends have the ways as their first axis, and the lower and the upper end as their last.
"""

from __future__ import annotations

from enum import IntEnum
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from core.calculation.writing import ENDS, MAX_TERMS
from core.practice.intervals import SIDES, half_unit, rounded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jaxtyping import Float

    from core.arrays import Array

    Ends = Float[Array, "ways numbers 2"]
    OfTerms = Float[Array, "ways numbers terms 2"]

MOST_TOTALS = 100
"""Up to so many terms, a person may write every running total down."""

GUARD = 0.1
"""Half a unit of one digit more than is asked for: careful people keep one."""

FLOAT64 = 1e-13
"""Which share of the terms' sizes float64's own sums can be off."""


class Terms(IntEnum):
    """What is done with the terms of a sum: how they are added up."""

    KEPT = 0
    WRITTEN = 1
    TOTALS = 2
    """Every running total is written down."""
    GROUPS = 3
    """The sums of a dozen groups, as hints give them."""
    TOLD = 4
    """A few terms, and of the others their sum, as a question gives it."""
    TOLD_WRITTEN = 5
    ANYHOW = 6
    """Each term is kept or written down, and each number of the page exact or as it is shown, by whim."""


PLAIN = (Terms.KEPT, Terms.WRITTEN)
"""What can be done with terms that are added up at once."""


class Way(NamedTuple):
    """How a person works: how sums are added up, and which numbers are taken as they are shown.

    ``copied``: numbers are shown to some digits, and then to fewer. ``redone``: a number that stands beside is worked
    out again. ``unshifted``: softmax is worked out without the largest number taken away from all.
    """

    terms: Terms
    shown_weights: bool
    shown_numbers: bool
    copied: bool = False
    redone: bool = False
    unshifted: bool = False


class Manners:
    """Several ways, and which of them do what: columns that go with arrays of ends."""

    def __init__(self, ways: Sequence[Way] | Float[np.ndarray, "ways settings"]) -> None:
        self._columns = np.array(ways, dtype=np.int64)
        columns = self._columns.T[..., np.newaxis]
        self.of_terms, self.shown_weights, self.shown_numbers, self.copied = columns[0, :, 0], *columns[1:4]
        self.redone, self.unshifted = columns[4:, ..., np.newaxis] != 0
        self.written = np.isin(columns[0, ..., np.newaxis], (Terms.WRITTEN, Terms.TOLD_WRITTEN))

    def __len__(self) -> int:
        return len(self._columns)

    def each(self, times: int) -> Manners:
        """Return the ways with each one so many times in a row; what stands there is worked out again on none."""
        return Manners(np.repeat(self._columns, times, axis=0) * [field != "redone" for field in Way._fields])


BOTH = (False, True)

LIKE = [terms for terms in Terms if terms is not Terms.ANYHOW]

ALL = Manners(
    [
        *(Way(*one) for one in product(LIKE, BOTH, BOTH)),
        *(Way(*one, unshifted=True) for one in product(LIKE, BOTH, BOTH)),
        *(Way(*one, redone=True) for one in product((Terms.KEPT, Terms.WRITTEN, Terms.TOTALS), BOTH, BOTH)),
    ]
)
"""How careful people work."""

USUAL = Manners(
    [
        *(Way(terms, shown, shown, redone=again) for terms, shown, again in product(PLAIN, BOTH, BOTH)),
        *(Way(Terms.KEPT, shown, shown, unshifted=True) for shown in BOTH),
    ]
)
"""How people work who make a mistake."""

ANYHOW = Manners([Way(Terms.ANYHOW, False, False)])
"""How people may solve a line for what is missing in it: every number may be off by half a unit."""

HASTY = Manners([Way(*one) for one in product(PLAIN, BOTH, BOTH, BOTH, BOTH)])
"""How people work who round too early."""


def added(terms: OfTerms, manners: Manners, digits: int, early: bool) -> Ends:
    """Return sums of terms, added up as each way does it.

    Who rounds ``early`` keeps the terms and rounds nothing more, or writes all of them down; so does everybody who adds
    up several sums at once.
    """
    made = np.where(manners.written, rounded(terms, digits).sum(axis=2), _kept(terms, digits, 0.0 if early else GUARD))
    of_terms = manners.of_terms

    def put(way: Terms, there: Ends) -> None:
        made[of_terms == way] = there[of_terms == way]

    put(Terms.ANYHOW, _kept(terms, digits, 1.0))
    if early or terms.shape[1] > 1:
        return made
    if terms.shape[2] <= MOST_TOTALS:
        put(Terms.TOTALS, _running(terms, digits))
    if terms.shape[2] > MAX_TERMS:
        groups = np.stack([part.sum(axis=2) for part in np.array_split(terms, MAX_TERMS, axis=2)], axis=2)
        put(Terms.GROUPS, rounded(groups, digits).sum(axis=2))
        alone = written_out(terms)
        told = rounded(np.delete(terms, alone, axis=2).sum(axis=2), digits)
        few = terms[:, :, alone]
        put(Terms.TOLD, _kept(few, digits, GUARD) + told)
        put(Terms.TOLD_WRITTEN, rounded(few, digits).sum(axis=2) + told)
    return made


def written_out(terms: OfTerms) -> list[int]:
    """Return which of many terms a question writes out: the ends, and those made of the person's own numbers."""
    own = np.flatnonzero((terms[..., 1] > terms[..., 0]).any(axis=(0, 1))).tolist()
    count = terms.shape[2]
    return sorted({*range(ENDS), *own, *range(count - ENDS, count)})


def _kept(terms: OfTerms, digits: int, guard: float) -> Ends:
    """Return the sums of terms that are not rounded, or only to one digit more than is asked for."""
    sizes = np.abs(terms).max(axis=-1)
    off = guard * half_unit(sizes, digits).sum(axis=2) + FLOAT64 * sizes.sum(axis=2)
    return np.asarray(terms.sum(axis=2) + off[..., np.newaxis] * SIDES)


def _running(terms: OfTerms, digits: int) -> Ends:
    total = terms[:, :, 0] if terms.shape[2] else np.zeros((*terms.shape[:2], 2))
    for term in range(1, terms.shape[2]):
        total = rounded(total, digits) + terms[:, :, term]
    return np.asarray(total)
