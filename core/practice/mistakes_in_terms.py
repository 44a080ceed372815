"""Mistakes in a sum, a mean or a choice of many terms: one left out, a sign lost, a number taken for another one."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from core.calculation.expression import Place
from core.operations.dot import Dot
from core.operations.over import Over
from core.operations.take import Reshape, Take, Transpose, Window
from core.practice.intervals import less, through
from core.practice.manners import added
from core.practice.slip import FEW, Slip, Trial, pushed

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt
    from jaxtyping import Int

    from core.operations.operation import At
    from core.practice.mistakes import Mistakes
    from core.practice.slip import Ends

    Rows = Int[npt.NDArray[np.int64], "rows"]


def in_terms(mistakes: Mistakes, value: int, at: At) -> Iterator[Trial]:
    """Give what slips in a :class:`Dot` or an :class:`Over` give, for its number at ``at``."""
    operation = mistakes.lines[value].operation
    terms = Terms(mistakes, value, at)
    if isinstance(operation, Over) and operation.made in ("largest", "smallest"):
        yield from _of_choice(terms, operation.made)
        return
    trials = [*terms.wrong_terms(), *terms.exchanged(), *terms.elsewhere(), *terms.within()]
    if isinstance(operation, Over) and operation.made == "mean":
        yield from _of_mean(terms, trials)
    else:
        yield from trials
        yield from terms.undivided()


def _of_choice(terms: Terms, made: str) -> Iterator[Trial]:
    words = f"another number than the {made} was taken"
    yield Trial(Slip.NOT_LARGEST, terms.terms, words, lambda term: f"{terms.term(term)} is not the {made}")
    yield Trial(Slip.MEAN_FOR_LARGEST, terms.total / terms.count, f"the mean was taken for the {made}")


def _of_mean(terms: Terms, trials: list[Trial]) -> Iterator[Trial]:
    """Give what comes of slips in the sum once that is divided, and of dividing by another number, or not at all."""
    by = np.full((len(terms.total), 1, 2), float(terms.count))
    yield from pushed("divide", [by, by], 0, trials)
    yield Trial(Slip.SUM_FOR_MEAN, terms.total, "the sum was not divided by the number of terms")
    if terms.count > 1:
        words = "the sum was divided by another number than that of the terms"
        for other in (terms.count - 1, terms.count + 1):
            yield Trial(Slip.WRONG_COUNT, terms.total / other, words)
        left_out = Trial(Slip.MISSING_PRODUCT, terms.rest / (terms.count - 1), "one of the terms was left out")
        yield left_out


class Terms:
    """The terms of one number, as a person goes by them, and their names."""

    def __init__(self, mistakes: Mistakes, value: int, at: At) -> None:
        self._mistakes, self._working = mistakes, mistakes.working
        self._line, self._value, self._at = mistakes.lines[value], value, at
        operation = self._line.operation
        assert isinstance(operation, Dot | Over)
        self._sources = range(2 if isinstance(operation, Dot) else 1)
        self.factors = [self._working.factor(value, source, at)[:, 0] for source in self._sources]
        self.places = [operation.terms(tuple(at[0].tolist()), ()).factors[source].at for source in self._sources]
        self.count = self.factors[0].shape[1]

    @cached_property
    def terms(self) -> Ends:
        """What is added up."""
        return self._of(self.factors)

    @cached_property
    def total(self) -> Ends:
        """The sum of all terms."""
        return self._sum(self.terms)

    @cached_property
    def rest(self) -> Ends:
        """The sum of all terms but one, for each of them."""
        return self.total - self.terms

    def _of(self, factors: list[Ends]) -> Ends:
        return through("multiply", *factors) if len(factors) == 2 else factors[0]

    def _sum(self, terms: Ends) -> Ends:
        return added(terms[:, np.newaxis], self._working.manners, self._working.digits, early=False)

    def name(self, source: int, term: int) -> str:
        """Return the symbol of one factor of a term."""
        return self._mistakes.name(self._line.sources[source], self.places[source][term].tolist())

    def term(self, term: int) -> str:
        """Return the symbols of a term."""
        # The weight stands first.
        return " ".join(self.name(source, term) for source in sorted(self._sources, key=self._is_weight, reverse=True))

    @property
    def _what(self) -> str:
        return "products" if len(self._sources) == 2 else "terms"

    def wrong_terms(self) -> Iterator[Trial]:
        """Give what comes of a sign lost, and of a term left out."""
        yield Trial(Slip.SIGN, less(self.total), "the sign of the whole sum is the other one")
        words = f"the sign of one of the {self._what} was lost"
        yield Trial(Slip.SIGN, self.rest + less(self.terms), words, lambda at: f"the sign of {self.term(at)} was lost")
        dropped = [
            self._of([*self.factors[:at], through("absolute", one), *self.factors[at + 1 :]])
            for at, one in enumerate(self.factors)
        ]
        dropped.append(through("absolute", self.terms))
        ends = np.concatenate([self._sum(one) for one in dropped], axis=1)
        yield Trial(Slip.SIGN, ends, "the minus signs were left out")
        words = f"one of the {self._what} was left out"
        yield Trial(Slip.MISSING_PRODUCT, self.rest, words, lambda at: f"{self.term(at)} was left out")

    def exchanged(self) -> Iterator[Trial]:
        """Give what comes of a factor of one term taken in another."""
        if len(self._sources) < 2:
            return
        here, other = _pairs(self.count)
        for source in self._sources:
            own, beside = self.factors[source], self.factors[1 - source]
            taken = self.rest[:, here] + through("multiply", own[:, other], beside[:, here])

            def words(at: int, source: int = source) -> str:
                return f"{self.name(source, int(other[at]))} was taken for {self.name(source, int(here[at]))}"

            slip = Slip.OTHER_WEIGHT if self._is_weight(source) else Slip.OTHER_INPUT
            yield Trial(slip, taken, "a number of another product was taken for one", words)
        both = self.terms[:, here] + self.terms[:, other]
        crossed = [
            through("multiply", self.factors[0][:, one], self.factors[1][:, two])
            for one, two in ((here, other), (other, here))
        ]
        yield Trial(Slip.OTHER_INPUT, self.total - both + crossed[0] + crossed[1], "two inputs were exchanged")

    def _is_weight(self, source: int) -> bool:
        return self._mistakes.is_weight(self._line.sources[source])

    def elsewhere(self) -> Iterator[Trial]:
        """Give what comes of the numbers that stand elsewhere: beside, under a window moved, at another step."""
        for source in self._sources:
            slip = Slip.OTHER_WEIGHT if self._is_weight(source) else Slip.OTHER_INPUT
            moving = False
            for value, at, rows in self._levels(source):
                operation = self._mistakes.lines[value].operation
                moving |= isinstance(operation, Window)
                is_leaf = not isinstance(operation, Take)
                for axis, size in enumerate(self._mistakes.lines[value].shape):
                    together = bool((at[:, axis] == at[0, axis]).all())
                    near = [-1, 1] if size > FEW or not together else [to - int(at[0, axis]) for to in range(size)]
                    for by in near if together or (is_leaf and moving) else ():
                        moved = at.copy()
                        moved[:, axis] += by
                        yield from self._taken(slip, source, value, moved, rows, alone=together)
                if is_leaf:
                    yield from self._alike(source, value, at, rows)

    def _levels(self, source: int) -> Iterator[tuple[int, At, Rows]]:
        """Give where a factor's numbers come from, one move after the other, and which rows those are."""
        value, at, rows = self._line.sources[source], self.places[source], np.arange(self.count)
        while len(rows):
            line = self._mistakes.lines[value]
            if not isinstance(line.operation, Reshape | Transpose):
                yield value, at, rows
            if not isinstance(line.operation, Take):
                return
            origins = [(there, places) for there, places in line.operation.origins(at) if there.any()]
            if len(origins) != 1:
                return
            ((there, places),) = origins
            value, at, rows = line.sources[places.source], places.at, rows[there]

    def _taken(self, slip: Slip, source: int, value: int, at: At, rows: Rows, alone: bool) -> Iterator[Trial]:
        """Give what comes of other numbers for all rows, 0 where there are none, and ``alone`` for each one of them."""
        inside = ((at >= 0) & (at < np.array(self._mistakes.lines[value].shape))).all(axis=1)
        if (at == self.places[source]).all() if at.shape == self.places[source].shape else False:
            return
        if not inside.any():
            return
        other = np.zeros_like(self.factors[source])
        other[:, rows[inside]] = self._working.taken(value, at[inside])
        factors = [other if here == source else one for here, one in enumerate(self.factors)]
        terms, first = self._of(factors), self._mistakes.name(value, at[inside][0].tolist())
        words = f"the numbers of another place were taken, such as {first}"
        yield Trial(slip, self._sum(terms), words)
        if alone and self.count > 1:

            def of_one(term: int) -> str:
                there = self._mistakes.name(value, at[inside][term].tolist())
                return f"{there} was taken for {self.name(source, int(rows[inside][term]))}"

            yield Trial(slip, (self.rest + terms)[:, rows[inside]], "a number of another place was taken", of_one)

    def _alike(self, source: int, value: int, at: At, rows: Rows) -> Iterator[Trial]:
        """Give what comes of a weight's rows taken for its columns, of another step, and of another value alike."""
        first = Place(value, tuple(at[0].tolist()))
        if self._is_weight(source) and at.shape[1] == 2:
            yield from self._taken(Slip.TRANSPOSED, source, value, at[:, ::-1], rows, alone=True)
        for other, slip in self._mistakes.others(first) if self._mistakes.done.named(first) else ():
            if slip in (Slip.OTHER_STEP, Slip.OTHER_PART) and other.value != value:
                yield from self._taken(slip, source, other.value, at, rows, alone=False)

    def undivided(self) -> Iterator[Trial]:
        """Give the sum of numbers each of which has a share in their mean."""
        for source in self._sources:
            if len(self._sources) == 2 and self._mistakes.is_constant(self._line.sources[source]):
                total = self._sum(self.factors[1 - source])
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


def _pairs(size: int) -> tuple[Rows, Rows]:
    """Return the places that may be taken for one another: all pairs of few, the neighbours of many."""
    if size <= FEW:
        first, second = np.divmod(np.arange(size * size), size)
    else:
        first = np.concatenate([np.arange(size - 1), np.arange(1, size)])
        second = np.concatenate([np.arange(1, size), np.arange(size - 1)])
    apart = first != second
    return first[apart], second[apart]
