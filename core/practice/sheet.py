"""Sheet: a calculation of any model with some of its numbers left blank: chosen by hand, by layer or by difficulty."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property, lru_cache
from math import prod
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from core.calculation.calculated import Calculated, Spot, calculated, spoken
from core.errors import Refused, require_between, shorten
from core.export.calculation.symbols import Symbols
from core.formatting import DEFAULT_DIGITS, DIGITS, number
from core.operations.rounding import EXACT, Carry, Rounding
from core.operations.take import Take
from core.practice.manners import ANYHOW
from core.practice.working import Working

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from core.arrays import AnyArray
    from core.calculation.calculated import Outside, Value
    from core.calculation.expression import Place
    from core.layers.writer import Weight
    from core.model.graph import Graph

MOST_BLANKS = 100
"""How many numbers of one exercise are blank; of a wide layer, or of many, a sample is."""

SAMPLE = 12
"""How many units of a layer are blank that has no room as a whole."""

FEW = 3
"""How many numbers an easy exercise blanks."""

SMALL = 5_000
"""Up to so many weights a whole calculation is done anew at once, in whichever way of rounding."""

LAST = 8
"""How many people's workings are kept, with what was worked out by them."""

DRAWS = 20
"""How many numbers are looked at for each that a sample needs: some can't be typed, or repeat others."""

LARGEST = float(np.finfo(np.float32).max)
"""No larger number can be typed."""


class Level(StrEnum):
    """How much of a calculation is blank."""

    EASY = "easy"
    MEDIUM = "medium"
    HARD = "hard"


@dataclass(frozen=True, eq=False)
class Work:
    """What is practised on: a model's calculation for one point; ``page`` is it as the learner sees it.

    ``outside`` has what Keras made of layers that are not followed, which is given here.
    """

    graph: Graph
    weights: Mapping[Weight, AnyArray]
    inputs: Sequence[AnyArray]
    rounding: Rounding
    digits: int
    page: Calculated
    outside: Outside = field(default_factory=lambda: MappingProxyType({}))

    @cached_property
    def afresh(self) -> list[Calculated]:
        """The calculation without a look at the page's results: exact, carried, and from what is shown of the given.

        Of a large model there is the exact one alone.
        """
        carried = Carry(Rounding.CARRIED, self.digits)
        found = [self.done(EXACT)]
        if self.small:
            copied = {weight: carried(array) for weight, array in self.weights.items()}
            found.append(self.done(carried))
            inputs = [carried(array) for array in self.inputs]
            outside = {call: [carried(array) for array in outputs] for call, outputs in self.outside.items()}
            found.append(calculated(self.graph, copied, inputs, EXACT, outside=outside))
        return found

    def done(self, carry: Carry, instead: Mapping[Spot, float] | None = None) -> Calculated:
        """Return the calculation done with that rounding, and with numbers ``instead`` of its own."""
        return calculated(self.graph, self.weights, self.inputs, carry, instead or {}, self.outside)

    @property
    def small(self) -> bool:
        """Whether the whole calculation can be done anew at once."""
        weights = sum(self.page.numbers[at].size for at in self.page.written.weights.values())
        return weights <= SMALL >= len(self.page.written.program.lines)

    def source(self, place: Place) -> Place:
        """Return the place with a name that makes the number at ``place``, which may only repeat it."""
        while (origin := self.page.opener.origin(place)) != place and self.page.named(origin) is not None:
            place = origin
        return place

    def is_made(self, place: Place) -> bool:
        """Return whether the number there is calculated, not given or only moved, and can be typed."""
        operation = self.page.written.program.lines[place.value].operation
        is_padding = isinstance(operation, Take) and self.page.opener.origin(place) == place
        if operation is None or is_padding or self.source(place) != place:
            return False
        return abs(self.page.opener.number(place)) <= LARGEST

    def shown(self, place: Place) -> str:
        """Return the number there as it is written."""
        return number(self.page.opener.number(place), self.digits)

    @cached_property
    def symbols(self) -> Symbols:
        """What the numbers are called: letters in a chain that has them, else names."""
        return Symbols(self.page)

    @property
    def on_a_page(self) -> bool:
        """Whether all numbers stand on one page: those of a chain over a row. Elsewhere each question has its own."""
        return self.symbols.are_letters and all(len(value.shape) == 1 for value in self.page.values)

    def symbol(self, place: Place, call: tuple[str, ...] = ()) -> str:
        """Return what the number at ``place`` is called beside others of ``call``; one without a name is written."""
        found = self.page.named(place)
        return f"{self.page.opener.number(place):g}" if found is None else str(self.symbols.of(*found, call))

    def name(self, spot: Spot) -> str:
        """Return what a number is called and, of a letter, what it is: ``z2, the pre-activation of hidden, unit 2``."""
        if not self.symbols.are_letters:
            return shorten(spoken(spot), 120)
        return f"{self.symbol(self.page.place(spot))}, {self.page.in_words(spot)}"

    @cached_property
    def made(self) -> list[Value]:
        """The values of calls, in order, that have numbers which are calculated there."""
        return [value for value in self.page.values if value.call and self._makes(next(iter(value.parts.values())))]

    def _makes(self, value: int) -> bool:
        program = self.page.written.program
        line = program.lines[value]
        if not isinstance(line.operation, Take):
            return line.operation is not None
        return any(source not in program.names and self._makes(source) for source in line.sources)

    def calls(self) -> list[tuple[str, ...]]:
        """Return the calls that calculate something, in order."""
        return list(dict.fromkeys(value.call for value in self.made))

    def call(self, words: str) -> list[tuple[str, ...]]:
        """Return the calls that a person means by ``words``: one of a layer, or all within a model.

        Raises:
            Refused: no call of that name calculates anything.
        """
        found = [call for call in self.calls() if f"{'/'.join(call)}/".startswith(f"{words}/")]
        if not found:
            known = ", ".join("/".join(call) for call in self.calls())
            raise Refused(f"expected a layer that calculates something ({shorten(known, 200)}), got {shorten(words)!r}")
        return found


def work(
    graph: Graph,
    weights: Mapping[Weight, AnyArray],
    inputs: Sequence[AnyArray],
    rounding: Rounding = Rounding.SHOWN,
    digits: int = DEFAULT_DIGITS,
    outside: Outside = MappingProxyType({}),
) -> Work:
    """Return the calculation for one point, to be practised on; ``outside`` is as of :func:`calculated`.

    Raises:
        Refused: an input's shape is not the model's, or the digits are not 1 to 9.
    """
    require_between("digits", digits, DIGITS.start, DIGITS.stop - 1)
    page = calculated(graph, weights, inputs, Carry(rounding, digits), outside=outside)
    return Work(graph, weights, inputs, rounding, digits, page, outside=outside)


class Line(NamedTuple):
    """What a blank is found by: the line of the number at ``result`` is ``whole``, and ``solved`` for the blank.

    Forwards all of these are the blank itself. Backwards (:mod:`core.practice.backwards`) it is missing in the line.
    """

    result: Spot
    whole: Place
    solved: Place


@dataclass(frozen=True, eq=False)
class Sheet:
    """A calculation with ``blanks``, in the order in which they are made.

    ``possible`` is how many numbers the choice had: of more than :data:`MOST_BLANKS` a sample is blank. Backwards
    ``lines`` has, for each missing number, the one that it is found by.
    """

    work: Work
    blanks: tuple[Spot, ...]
    possible: int
    lines: Mapping[Spot, Line] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def results(self) -> dict[Spot, Spot]:
        """Backwards, for each missing number the one whose line it is found by."""
        return {spot: line.result for spot, line in self.lines.items()}

    def line(self, spot: Spot) -> Line:
        """Return what the blank at ``spot`` is found by."""
        place = self.work.page.place(spot)
        return self.lines.get(spot) or Line(spot, place, place)

    @cached_property
    def places(self) -> dict[Place, Spot]:
        """The blanks by their places in the program."""
        return {self.work.page.place(spot): spot for spot in self.blanks}

    def blank(self, place: Place) -> Spot | None:
        """Return the blank whose number stands at ``place``, which may repeat it; None if there is none."""
        return self.places.get(self.work.source(place))

    def hides(self, spot: Spot | None) -> Spot | None:
        """Return the blank whose number stands at an address, if there is such a number."""
        try:
            return None if spot is None else self.blank(self.work.page.place(spot))
        except Refused:
            return None

    def working(self, known: Mapping[Spot, float]) -> Working:
        """Return the page as someone sees it who has ``known`` in these blanks, and has to work out the others."""
        return self._working(frozenset(known.items()))

    @cached_property
    def _working(self) -> Callable[[frozenset[tuple[Spot, float]]], Working]:
        # Marking, slips and hints of one blank all go by the same numbers: those are kept, as long as the sheet is.
        return lru_cache(LAST)(self._as_seen)

    def _as_seen(self, known: frozenset[tuple[Spot, float]]) -> Working:
        if self.lines:
            # Each missing number is found by itself, from the page.
            return Working(self.work.page, self.work.digits, {}, ANYHOW)
        own = {place: dict(known).get(spot) for place, spot in self.places.items()}
        return Working(self.work.page, self.work.digits, own)

    @property
    def in_words(self) -> str:
        """How many numbers are blank, as a sentence."""
        if self.possible > len(self.blanks):
            return f"{len(self.blanks):,} of {self.possible:,} numbers are blank: a sample, the same for the same seed."
        return f"{len(self.blanks):,} {'number is' if len(self.blanks) == 1 else 'numbers are'} blank."


def chosen(made: Work, spots: Iterable[Spot]) -> Sheet:
    """Return the sheet that blanks these numbers; one that only repeats another is blank where that is made.

    What is made of one in the same call and shows the same number is blank too: where a bias is 0, say.

    Raises:
        Refused: there are none or too many, or one is not there, is given, or can't be typed.
    """
    places = {made.source(made.page.place(spot)): spot for spot in spots}
    for place, spot in places.items():
        if not made.is_made(place):
            raise Refused(f"expected finite numbers that are calculated, got {shorten(spoken(spot))}; choose others")
    return _with_same(made, set(places))


def _with_same(made: Work, places: set[Place]) -> Sheet:
    found = set(places)
    for place in places:
        (value, index), shown = made.page.value_at(place.value, place.index), made.shown(place)
        alike = (one.place(index) for one in made.made if (one.call, one.shape) == (value.call, value.shape))
        same = (other for other in alike if other > place and made.shown(other) == shown and made.is_made(other))
        found |= {other for other in same if place in made.page.opener.made_of(other, MOST_BLANKS)}
    if not 1 <= len(found) <= MOST_BLANKS:
        raise Refused(f"expected 1 to {MOST_BLANKS} numbers to blank, got {len(found):,}")
    return _sheet(made, found, len(found))


def _sheet(made: Work, places: Iterable[Place], possible: int) -> Sheet:
    return Sheet(made, tuple(spot for place in sorted(places) if (spot := made.page.spot(place))), possible)


def of_calls(made: Work, calls: Sequence[tuple[str, ...]], seed: int = 0) -> Sheet:
    """Return the sheet that blanks all that these calls calculate, or a sample of it.

    Raises:
        Refused: they calculate nothing that can be typed.
    """
    values = [value for value in made.made if value.call in calls]
    drawn = _drawn(made, values, np.random.default_rng(seed), MOST_BLANKS)
    if not drawn:
        raise Refused("expected a layer that calculates something finite, got none; choose another")
    return _sheet(made, drawn, max(len(drawn), sum(_count(made, value) for value in values)))


def by_level(made: Work, level: Level, seed: int = 0, calls: Sequence[tuple[str, ...]] = ()) -> Sheet:
    """Return a sheet of that difficulty; the same seed makes the same one.

    Easy blanks a few numbers of one value, medium all that one call calculates, hard everything. With ``calls`` it is
    those; the hard one has all before them too.

    Raises:
        Refused: nothing is calculated there that can be typed.
    """
    random, every = np.random.default_rng(seed), made.calls()
    if not every:
        raise Refused("expected a model that calculates something, got one that only passes its inputs on")
    if level is Level.HARD:
        last = max((every.index(call) for call in calls), default=len(every) - 1)
        return of_calls(made, every[: last + 1], seed)
    # A single number has no levels.
    several = [call for call in every if sum(_count(made, value) for value in made.made if value.call == call) > 1]
    calls = calls or [(several or every)[int(random.integers(len(several or every)))]]
    return _easy(made, calls, random) if level is Level.EASY else of_calls(made, calls, seed)


def _easy(made: Work, calls: Sequence[tuple[str, ...]], random: np.random.Generator) -> Sheet:
    values = [value for value in made.made if value.call in calls and _count(made, value)]
    if not values:
        raise Refused("expected a layer that calculates something finite, got none; choose another")
    several = [value for value in values if _count(made, value) >= FEW]
    taken = [several[int(random.integers(len(several)))]] if several else values
    drawn = _drawn(made, taken, random, FEW)
    places = [drawn[int(at)] for at in random.permutation(len(drawn))]
    total = sum(_count(made, value) for value in values)
    # What shows the same number as one that is drawn is blank too, and could make it all that there is.
    tried = (_with_same(made, set(places[:most])) for most in range(len(places), 0, -1))
    fewer = next((sheet for sheet in tried if len(sheet.blanks) < total), None)
    return fewer or _with_same(made, {values[-1].place((0,) * len(values[-1].shape))})


def _drawn(made: Work, values: Sequence[Value], random: np.random.Generator, room: int) -> list[Place]:
    """Return places of ``values`` to be blank: all of narrow ones, a few of wide ones."""
    if len(values) > room:
        kept = np.sort(random.choice(len(values), room, replace=False))
        values = [values[int(at)] for at in kept]
    found: list[Place] = []
    orders: dict[tuple[object, ...], list[int]] = {}
    # The narrow ones first: they are blank as a whole, and the wide ones find what room is left.
    for rank, value in enumerate(sorted(values, key=lambda one: prod(one.shape))):
        size = prod(value.shape)
        share = room // (len(values) - rank)
        wanted = size if size <= share else min(share, SAMPLE)
        # Values of one shape in a call are blank at the same places, so that one can be made of another.
        key = (value.call, value.shape)
        if key not in orders:
            orders[key] = random.choice(size, min(size, DRAWS * max(wanted, 1)), replace=False).tolist()
        places = (value.place(tuple(map(int, np.unravel_index(flat, value.shape)))) for flat in orders[key])
        taken = [place for place in places if made.is_made(place)][:wanted]
        found += taken
        room -= len(taken)
    return found


def _count(made: Work, value: Value) -> int:
    """Return how many numbers of a value can be typed."""
    return int(np.count_nonzero(np.abs(made.page.array(value)) <= LARGEST))
