"""Mistakes in a sum, a mean or a choice of many terms: one left out, a sign lost, a number taken for another one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from core.operations.over import Over
from core.practice.intervals import less, through
from core.practice.manners import added
from core.practice.slip import FEW, Slip, Trial, pushed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.calculation.expression import Rows
    from core.operations.operation import At
    from core.practice.manners import Ends
    from core.practice.mistakes import Mistakes


def in_terms(mistakes: Mistakes, value: int, at: At) -> Iterator[Trial]:
    """Give what slips in a :class:`Dot` or an :class:`Over` give, for its number at ``at``."""
    operation, terms = mistakes.lines[value].operation, Terms(mistakes, value, at)
    made, count = operation.made if isinstance(operation, Over) else "sum", terms.count
    if made in ("largest", "smallest"):
        words = f"another number than the {made} was taken"
        yield Trial(Slip.NOT_LARGEST, terms.terms, words, lambda term: f"{terms.term(term)} is not the {made}")
        yield Trial(Slip.MEAN_FOR_LARGEST, terms.total / count, f"the mean was taken for the {made}")
        return
    for trial in (*terms.wrong_terms(), *terms.exchanged(), *terms.elsewhere(), *terms.within()):
        yield replace(trial, ends=trial.ends / count) if made == "mean" else trial
    yield from terms.undivided(made == "mean")
    if made == "mean" and count > 1:
        words = "the sum was divided by another number than that of the terms"
        for other in (count - 1, count + 1):
            yield Trial(Slip.WRONG_COUNT, terms.total / other, words)
        yield Trial(Slip.MISSING_PRODUCT, terms.rest / (count - 1), "one of the terms was left out")


class Terms:
    """The terms of one number, as a person goes by them, and their names."""

    def __init__(self, mistakes: Mistakes, value: int, at: At) -> None:
        self._mistakes, self._working, self._line = mistakes, mistakes.working, mistakes.lines[value]
        assert self._line.operation is not None
        self.places = [one.at for one in self._line.operation.terms(tuple(at[0].tolist()), ()).factors]
        self._sources = range(len(self.places))
        self.factors = [self._working.factor(value, source, at)[:, 0] for source in self._sources]
        self._are_weights = [mistakes.is_weight(number) for number in self._line.sources]
        self.count = self.factors[0].shape[1]
        self.terms = self._instead(0, self.factors[0])
        self.total = self._sum(self.terms)
        self.rest = self.total - self.terms
        """The sum of all terms but one, for each of them."""

    def _instead(self, source: int, numbers: Ends) -> Ends:
        """Return the terms with other numbers for one factor."""
        return through("multiply", numbers, self.factors[1 - source]) if len(self.factors) == 2 else numbers

    def _sum(self, terms: Ends) -> Ends:
        return added(terms[:, np.newaxis], self._working.manners, self._working.digits, early=False)

    def name(self, source: int, term: int) -> str:
        """Return the symbol of one factor of a term."""
        return self._mistakes.name(self._line.sources[source], self.places[source][term].tolist())

    def term(self, term: int) -> str:
        """Return the symbols of a term."""
        # The weight stands first.
        sources = sorted(self._sources, key=lambda source: not self._are_weights[source])
        return " ".join(self.name(source, term) for source in sources)

    def wrong_terms(self) -> Iterator[Trial]:
        """Give what comes of a sign lost, and of a term left out."""
        yield Trial(Slip.SIGN, less(self.total), "the sign of the whole sum is the other one")
        what = "products" if len(self.factors) == 2 else "terms"
        words = f"the sign of one of the {what} was lost"
        yield Trial(Slip.SIGN, self.rest + less(self.terms), words, lambda at: f"the sign of {self.term(at)} was lost")
        dropped = [self._instead(at, through("absolute", one)) for at, one in enumerate(self.factors)]
        ends = np.concatenate([self._sum(one) for one in (*dropped, through("absolute", self.terms))], axis=1)
        yield Trial(Slip.SIGN, ends, "the minus signs were left out")
        words = f"one of the {what} was left out"
        yield Trial(Slip.MISSING_PRODUCT, self.rest, words, lambda at: f"{self.term(at)} was left out")

    def exchanged(self) -> Iterator[Trial]:
        """Give what comes of a factor of one term taken in another, any of few, and of two terms' inputs exchanged."""
        if len(self._sources) < 2 or self.count < 2:
            return
        shifts = range(1, self.count) if self.count <= FEW else (-1, 1)
        here = np.tile(np.arange(self.count), len(shifts))
        other = (here + np.repeat(shifts, self.count)) % self.count
        crossed = [
            through("multiply", own[:, other], beside[:, here])
            for own, beside in (self.factors, reversed(self.factors))
        ]
        for source in self._sources:
            slip = Slip.OTHER_WEIGHT if self._are_weights[source] else Slip.OTHER_INPUT
            there = self.places[source][other]
            yield self._alone(slip, crossed[source], here, source, self._line.sources[source], there)
        both = self.rest[:, here] - self.terms[:, other] + crossed[0] + crossed[1]
        yield Trial(Slip.OTHER_INPUT, both, "two inputs were exchanged")

    def _alone(self, slip: Slip, terms: Ends, rows: Rows, source: int, value: int, there: At) -> Trial:
        """Return what comes of the numbers of ``value`` in the terms at ``rows``, of one at a time."""

        def words(at: int) -> str:
            taken = self._mistakes.name(value, there[at].tolist())
            return f"{taken} was taken for {self.name(source, int(rows[at]))}"

        return Trial(slip, self.rest[:, rows] + terms, "another number was taken for one", words)

    def elsewhere(self) -> Iterator[Trial]:
        """Give what comes of the numbers that stand elsewhere, for all terms, 0 where there are none, and for one."""
        for source in self._sources:
            number = self._line.sources[source]
            for slip, value, there, all_rows in self._mistakes.elsewhere(number, self.places[source]):
                inside = ((there >= 0) & (there < np.array(self._mistakes.lines[value].shape))).all(axis=1)
                if not inside.any() or not self._mistakes.is_there(value):
                    continue
                at, rows = there[inside], all_rows[inside]
                numbers = np.zeros_like(self.factors[source])
                numbers[:, rows] = self._working.taken(value, at)
                terms, first = self._instead(source, numbers), self._mistakes.name(value, at[0].tolist())
                yield Trial(slip, self._sum(terms), f"the numbers of another place were taken, such as {first}")
                if self.count > 1:
                    yield self._alone(slip, terms[:, rows], rows, source, value, at)

    def undivided(self, is_mean: bool) -> Iterator[Trial]:
        """Give the sum of numbers that the mean is asked of, or each of which has a constant share in it."""
        for source, number in enumerate(self._line.sources):
            is_share = len(self._sources) == 2 and self._mistakes.comes_from(number) == "constant"
            if is_mean or is_share:
                total = self.total if is_mean else self._sum(self.factors[1 - source])
                yield Trial(Slip.SUM_FOR_MEAN, total, "the sum was not divided by the number of terms")

    def within(self) -> Iterator[Trial]:
        """Give what comes of a slip within one of a few terms."""
        if self.count > FEW:
            return
        for source in self._sources:
            number = self._line.sources[source]
            if self._mistakes.is_written(number):
                continue
            for term in range(self.count):
                found: Iterator[Trial] = self._mistakes.taken(number, self.places[source][term : term + 1])
                if len(self._sources) == 2:
                    parts = [factor[:, term : term + 1] for factor in self.factors]
                    found = pushed("multiply", parts, source, found)
                rest = self.rest[:, term : term + 1]
                yield from pushed("add", [rest, rest], 0, found)
