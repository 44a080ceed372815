"""One number of any calculation, opened into what made it: down to what a person wrote down or was given.

What has a name is written down, and so is what is given: an input, a weight. Between two such numbers may lie
operations without a name, and numbers that were only moved: the former are parts of the expression, the latter are
looked through, back to where they come from.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from itertools import chain, groupby
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from core.operations.dot import Dot
from core.operations.each import Each
from core.operations.over import Over
from core.operations.pick import Pick
from core.operations.rounding import EXACT
from core.operations.run import written_down
from core.operations.take import Take

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import numpy.typing as npt
    from jaxtyping import Float, Int

    from core.arrays import Array
    from core.operations.operation import At, Index, Shape
    from core.operations.program import Program
    from core.operations.rounding import Carry

    Rows = Int[npt.NDArray[np.int64], "numbers"]
    Sources = list[tuple[int, At]]
    """Of which values the terms of a number are, and where in each."""


@dataclass(frozen=True, order=True)
class Place:
    """A number of a calculation: which value of its program, and where in that."""

    value: int
    index: Index


class Origin(NamedTuple):
    """Numbers of one value: which they are of those that were asked for, and their places in it."""

    value: int
    rows: Rows
    at: At


@dataclass(frozen=True)
class Leaf:
    """A number as it stands: written down, given, or a constant; ``place`` is None where there is only padding."""

    number: float
    place: Place | None


@dataclass(frozen=True)
class Formula:
    """A function of the table of :class:`~core.operations.each.Each`, of as many parts as it takes."""

    number: float
    function: str
    parts: tuple[Expression, ...]


@dataclass(frozen=True, eq=False)
class Gathered:
    """One number of many: their sum, mean, largest or smallest; or the sum of products, of pairs of parts.

    ``numbers`` has the number of each term; a term's parts are made when they are asked for, so that a sum of a
    million terms is opened at once. ``origins`` gives, for all terms at once, of which values their parts are.
    """

    number: float
    how: str
    numbers: Float[Array, "terms"]
    term: Callable[[int], tuple[Expression, ...]]
    origins: Callable[[], list[Origin]]

    def __len__(self) -> int:
        return len(self.numbers)


Expression = Leaf | Formula | Gathered

PRODUCTS = "sum of products"
"""How a :class:`Gathered` comes about whose terms are products of two parts; the others have one part each."""


class Opener:
    """Opens numbers of one calculation: a program with every value of one point, written down as ``carry`` says."""

    def __init__(self, program: Program, values: Sequence[Array], carry: Carry) -> None:
        self._program, self._values, self._carry = program, values, carry

    @cached_property
    def _written(self) -> set[int]:
        return written_down(self._program)

    def number(self, place: Place) -> float:
        """Return the number there."""
        return float(self._values[place.value][place.index])

    def open(self, place: Place) -> Expression:
        """Return what made the number there; a given one is a leaf."""
        operation, sources = self._program.lines[place.value].operation, self._sources(place)
        match operation:
            case None:
                return Leaf(self.number(place), place)
            case Each():
                return Formula(self.number(place), operation.function, self._term(sources, 0))
            case Take() | Pick():
                # What says which row is picked comes last, alone if there is no such row; it is no part of the number.
                moved = sources[: len(sources) if isinstance(operation, Take) else -1]
                return self._term(moved[:1], 0)[0] if moved else Leaf(self.number(place), None)
            case Dot():
                # What is not written down is not rounded on the way either.
                carry = self._carry if place.value in self._written else EXACT
                how, numbers = PRODUCTS, carry.product(*(self._numbers(*source) for source in sources))
            case _:
                assert isinstance(operation, Over)
                how, numbers = operation.made, self._numbers(*sources[0])

        def found() -> list[Origin]:
            return [part for source in sources for part in self._origins(*source)]

        return Gathered(self.number(place), how, numbers, partial(self._term, sources), found)

    def origin(self, place: Place) -> Place:
        """Return where the number there comes from, as far as it was only moved and not written down on the way."""
        operation = self._program.lines[place.value].operation
        while isinstance(operation, Take) and (sources := self._sources(place)):
            value, at = sources[0]
            place, operation = Place(value, tuple(at[0].tolist())), self._program.lines[value].operation
            if value in self._program.names:
                break
        return place

    def made_of(self, place: Place, most: int) -> list[Place]:
        """Return the numbers that the one at ``place`` is made of, each once; of more than ``most`` the first.

        What is given is made of none.
        """
        places: list[Place] = []
        for size, alike in groupby(self.made_at_once(place, most).items(), lambda one: len(one[1])):
            # The factors of a product stand side by side.
            values = list(alike)
            places += [Place(value, tuple(at[row].tolist())) for row in range(min(size, most)) for value, at in values]
        return places[:most]

    def made_at_once(self, place: Place, most: int) -> dict[int, At]:
        """Return the same all at once: for each value that is written down or given, the places of its numbers.

        They are in the order of the terms. Of numbers that are made in between, without a name, ``most`` are looked
        into.
        """
        found: dict[int, list[At]] = {}
        waiting = self._sources(place)[::-1]
        while waiting:
            inner: Sources = []
            source, places = waiting.pop()
            for value, _, at in self._origins(source, places) if len(places) else ():
                line = self._program.lines[value]
                if value in self._program.names or (line.given is not None and line.given.numbers is None):
                    found.setdefault(value, []).append(at)
                elif line.operation is not None:
                    for index in at[:most]:
                        inner += self._sources(Place(value, tuple(index.tolist())))
                    most -= min(len(at), most)
            waiting += inner[::-1]
        return {value: _once(np.concatenate(parts), self._values[value].shape) for value, parts in found.items()}

    def _origins(self, value: int, at: At) -> Iterator[Origin]:
        """Give what the numbers at ``at`` are: written down, given, or made by an operation; padding is none of these.

        Of no numbers at all it gives what they would be of.
        """
        line = self._program.lines[value]
        if value in self._program.names or not isinstance(line.operation, Take):
            yield Origin(value, np.arange(len(at)), at)
            return
        for there, places in line.operation.origins(at):
            if there.any() or not len(at):
                rows = np.flatnonzero(there)
                for found in self._origins(line.sources[places.source], places.at):
                    yield Origin(found.value, rows[found.rows], found.at)

    def _sources(self, place: Place) -> Sources:
        """Return what a number is made of: of each source the places of its numbers.

        What is padding, or a product with it, is no term of many, but a mean counts it.
        """
        line = self._program.lines[place.value]
        if line.operation is None:
            return []
        factors = line.operation.terms(place.index, [self._values[source] for source in line.sources]).factors
        sources = [(line.sources[factor.source], factor.at) for factor in factors]
        if isinstance(line.operation, Dot) or (isinstance(line.operation, Over) and line.operation.made != "mean"):
            there = np.logical_and.reduce([self._are_there(*source) for source in sources])
            return [(source, at[there]) for source, at in sources]
        return sources

    def _are_there(self, value: int, at: At) -> npt.NDArray[np.bool_]:
        """Return which of the numbers at ``at`` come from somewhere, and are no padding."""
        there = np.zeros(len(at), dtype=np.bool_)
        for found in self._origins(value, at):
            there[found.rows] = True
        return there

    def _term(self, sources: Sources, at: int) -> tuple[Expression, ...]:
        """Return the parts of one term: as they stand if they were written down, else what made them."""
        named, parts = self._program.names, (Place(value, tuple(places[at].tolist())) for value, places in sources)
        return tuple(Leaf(self.number(part), part) if part.value in named else self.open(part) for part in parts)

    def _numbers(self, value: int, at: At) -> Array:
        return np.asarray(self._values[value][tuple(at.T)], dtype=np.float64).reshape(len(at))


def _once(at: At, shape: Shape) -> At:
    """Return each place once, in order."""
    if not shape:
        return at[:1]
    _, first = np.unique(np.ravel_multi_index(tuple(at.T), shape), return_index=True)
    return at[np.sort(first)]


def leaves(expression: Expression) -> Iterator[Leaf]:
    """Give the numbers in an expression as they stand there, those of many terms as well."""
    if isinstance(expression, Leaf):
        yield expression
        return
    terms = map(expression.term, range(len(expression))) if isinstance(expression, Gathered) else [expression.parts]
    for part in chain.from_iterable(terms):
        yield from leaves(part)
