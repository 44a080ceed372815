"""Exercise: one calculation with some of its numbers left blank, chosen by hand, by layer or by difficulty."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from core.activations import OVER_ALL_UNITS
from core.calculation.forward import Trace, trace
from core.calculation.spot import CALCULATED, Kind, Spot, has, value
from core.errors import Refused, require_between, shorten
from core.formatting import DEFAULT_DIGITS, DIGITS, number
from core.model.weights import Weights
from core.operations.rounding import Carry, Rounding
from core.practice.basis import Basis
from core.practice.sheet import FEW, LARGEST, MOST_BLANKS, SAMPLE, SMALL, Level, generator
from core.practice.sources import kinds_made, source

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from core.arrays import Array
    from core.model.network import Network

LAST = 8
"""How many ways in which the page was seen last are kept, with what was worked out by them."""


@dataclass(frozen=True, eq=False)
class Calculation:
    """What is practised on: a model's calculation for one point; ``page`` is it as the learner sees it."""

    network: Network
    weights: Weights
    x: Array
    rounding: Rounding
    digits: int
    page: Trace

    @cached_property
    def exact(self) -> Trace:
        """The calculation without rounding."""
        return self.page if self.rounding is Rounding.SHOWN else trace(self.network, self.weights, self.x)

    @cached_property
    def carried(self) -> Trace | None:
        """The calculation with every number rounded as it is written down; None for a large model."""
        if self.rounding is Rounding.CARRIED or not self.small:
            return self.page if self.rounding is Rounding.CARRIED else None
        return trace(self.network, self.weights, self.x, Rounding.CARRIED, self.digits)

    @cached_property
    def copied(self) -> Trace | None:
        """The exact calculation with the weights and the point as they are shown; None for a large model."""
        if not self.small:
            return None
        written = Carry(Rounding.CARRIED, self.digits)
        arrays = [[written(array) for array in layer] for layer in self.weights.layers]
        return trace(self.network, Weights.for_network(self.network, arrays), written(self.x))

    @property
    def small(self) -> bool:
        """Whether the whole calculation can be done anew at once; a convolution counts as the matrix that it is."""
        written_out = (0 if step.kernel is None else step.kernel.size for step in self.page.steps)
        return max(self.weights.count, sum(written_out)) <= SMALL


def calculation(
    network: Network,
    weights: Weights,
    x: Array,
    rounding: Rounding = Rounding.SHOWN,
    digits: int = DEFAULT_DIGITS,
) -> Calculation:
    """Return the calculation for one point, to be practised on.

    Raises:
        Refused: ``x`` has another number of inputs than the network, or the digits are not 1 to 9.
    """
    require_between("digits", digits, DIGITS.start, DIGITS.stop - 1)
    return Calculation(network, weights, x, rounding, digits, trace(network, weights, x, rounding, digits))


@dataclass(frozen=True, eq=False)
class Exercise:
    """A calculation with ``blanks``, each at the place that makes it, in the order in which a person fills them in.

    ``possible`` is how many numbers the choice had: of more than :data:`MOST_BLANKS` a sample is blank. Forward
    practice blanks calculated numbers, backward practice given ones (see :mod:`core.practice.backwards`).
    """

    calculation: Calculation
    blanks: tuple[Spot, ...]
    possible: int

    def basis(self, known: Mapping[Spot, float]) -> Basis:
        """Return the page as someone sees it who has ``known`` in these blanks, and has to work out the others."""
        key = frozenset(known.items())
        if key not in self._bases:
            work = self.calculation
            made = Basis(work.network, work.page, work.digits, known, frozenset(self.blanks) - known.keys())
            for other in self._bases.values():
                made.take_over(other)
            # Marking, slips, hints and the question of one blank all go by the same numbers: those are kept.
            if len(self._bases) >= LAST:
                self._bases.clear()
            self._bases[key] = made
        return self._bases[key]

    @cached_property
    def _bases(self) -> dict[frozenset[tuple[Spot, float]], Basis]:
        return {}

    @cached_property
    def _hidden(self) -> frozenset[Spot]:
        return frozenset(source(self.calculation.network, spot) for spot in self.blanks)

    def hides(self, spot: Spot) -> bool:
        """Return whether ``spot`` is blank or repeats a blank number, and would give it away."""
        return source(self.calculation.network, spot) in self._hidden

    @property
    def afresh(self) -> list[Trace]:
        """The calculation as it is done without a look at the page's results, in the ways that there are."""
        ways = (self.calculation.exact, self.calculation.carried, self.calculation.copied)
        return [one for one in ways if one is not None]

    def blank(self, spot: Spot) -> Spot | None:
        """Return the blank whose number ``spot`` shows, if there is one."""
        where = source(self.calculation.network, spot)
        return next((blank for blank in self.blanks if source(self.calculation.network, blank) == where), None)

    @property
    def in_words(self) -> str:
        """How many numbers are blank, as a sentence."""
        if self.possible > len(self.blanks):
            return f"{len(self.blanks):,} of {self.possible:,} numbers are blank: a sample, the same for the same seed."
        return f"{len(self.blanks):,} {'number is' if len(self.blanks) == 1 else 'numbers are'} blank."


def chosen(work: Calculation, spots: Iterable[Spot]) -> Exercise:
    """Return the exercise that blanks these numbers; one that only repeats another is blank where that is made.

    What shows the same number after it is blank too: where a bias is 0, or relu lets a number pass.

    Raises:
        Refused: there are none or too many, or one is not there, is given, or is not finite.
    """
    made = _with_same({source(work.network, checked_spot(work, spot)) for spot in spots}, work)
    if not 1 <= len(made) <= MOST_BLANKS:
        raise Refused(f"expected 1 to {MOST_BLANKS} numbers to blank, got {len(made):,}")
    for spot in made:
        if spot.kind not in CALCULATED:
            raise Refused("expected numbers that are calculated, got one that is given; backward practice blanks those")
        if not _can_be_typed(work, spot):
            raise Refused("expected finite numbers that can be typed, got nan or one beyond 3.4e38; choose others")
    return Exercise(work, in_order(work.network, made), len(made))


def _with_same(spots: set[Spot], work: Calculation) -> set[Spot]:
    """Return ``spots`` and what the page would show the same numbers at, later in the same unit."""
    found = set(spots)
    for spot in (one for one in spots if one.kind in CALCULATED):
        kinds = kinds_made(work.network.layers[spot.step])
        shown = number(value(work.page, spot), work.digits)
        for kind in kinds[kinds.index(spot.kind) + 1 :]:
            later = Spot(spot.step, kind, spot.unit)
            if not has(work.page.steps[spot.step], kind, spot.unit):
                break
            if number(value(work.page, later), work.digits) != shown:
                break
            found.add(later)
    return found


def checked_spot(work: Calculation, spot: Spot) -> Spot:
    """Return ``spot`` if the calculation has it.

    Raises:
        Refused: it does not.
    """
    if not 0 <= spot.step < len(work.page.steps):
        raise Refused(f"expected a number of one of {len(work.page.steps):,} layers, got layer {spot.step + 1:,}")
    step = work.page.steps[spot.step]
    units, inputs = step.output.size, step.inputs.size
    if spot.kind in CALCULATED:
        there = spot.unit >= 0 == spot.input and has(step, spot.kind, spot.unit)
    elif spot.kind is Kind.INPUT:
        there = 0 <= spot.input < inputs and 0 <= spot.unit < max(1, units)
    elif spot.kind is Kind.BIAS:
        there = step.bias is not None and 0 <= spot.unit < step.bias.size and spot.input == 0
    else:
        there = step.kernel is not None and 0 <= spot.input < inputs and 0 <= spot.unit < step.kernel.shape[1]
    if not there:
        layer = shorten(work.network.layers[spot.step].name)
        raise Refused(f"expected a number that {layer} has, got {spot.kind} {spot.unit + 1:,}")
    return spot


def layer(work: Calculation, place: int, seed: int = 0) -> Exercise:
    """Return the exercise that blanks all that the layer at ``place`` calculates.

    Raises:
        Refused: it calculates nothing, or nothing finite.
    """
    return _sample(work, [place], seed)


def everything(work: Calculation, seed: int = 0) -> Exercise:
    """Return the exercise that blanks all that is calculated.

    Raises:
        Refused: nothing is, or nothing finite.
    """
    return _sample(work, range(len(work.network.layers)), seed)


def by_level(work: Calculation, level: Level, seed: int = 0, place: int | None = None) -> Exercise:
    """Return an exercise of that difficulty; the same seed makes the same one.

    Easy blanks a few numbers in one layer, of one kind if it has so many, but never all of them; medium all that one
    layer calculates; hard everything. With ``place`` that layer is taken, and the hard one has all before it too.

    Raises:
        Refused: nothing is calculated there, or nothing finite.
    """
    random = generator(seed)
    layers = [at for at, one in enumerate(work.network.layers) if kinds_made(one)]
    if level is Level.HARD or (place is None and not layers):
        return everything(work, seed) if place is None else _sample(work, range(place + 1), seed)
    if place is None:
        # A single number has no levels.
        place = int(random.choice([at for at in layers if _count_made(work, at) > 1] or layers))
    return _easy(work, place, random) if level is Level.EASY else layer(work, place, seed)


def _easy(work: Calculation, place: int, random: np.random.Generator) -> Exercise:
    made = _made(work, place)
    if not made:
        raise _nothing(work, [place])
    kinds = [[spot for spot in made if spot.kind is kind] for kind in CALCULATED]
    of_one_kind = [spots for spots in kinds if len(spots) >= FEW]
    spots = of_one_kind[int(random.integers(len(of_one_kind)))] if of_one_kind else made
    # What shows the same number as one that is drawn is blank too, and could make it all of the layer.
    tried = (_few(work, spots, most, random) for most in range(FEW, 0, -1))
    return next((one for one in tried if len(one.blanks) < len(made)), chosen(work, made[-1:]))


def _few(work: Calculation, spots: Sequence[Spot], most: int, random: np.random.Generator) -> Exercise:
    drawn = random.choice(len(spots), min(most, len(spots)), replace=False)
    return chosen(work, [spots[int(at)] for at in drawn])


def in_order(network: Network, spots: Iterable[Spot]) -> tuple[Spot, ...]:
    """Return ``spots`` as a person calculates them: unit by unit, but outputs over all units after all the others."""

    def place(spot: Spot) -> tuple[int, bool, int, int, int]:
        one = network.layers[spot.step]
        late = spot.kind is Kind.OUTPUT and getattr(one, "activation", "") in OVER_ALL_UNITS
        return spot.step, late, spot.unit, list(Kind).index(spot.kind), spot.input

    return tuple(sorted(spots, key=place))


def _made(work: Calculation, place: int, units: Iterable[int] | None = None) -> list[Spot]:
    """Return what the layer at ``place`` calculates for these units (None: all), as far as it can be typed."""
    step, kinds = work.page.steps[place], kinds_made(work.network.layers[place])
    units = range(_width(work, place)) if units is None else units
    spots = [Spot(place, kind, unit) for unit in units for kind in kinds if has(step, kind, unit)]
    return [spot for spot in spots if _can_be_typed(work, spot)]


def _width(work: Calculation, place: int) -> int:
    step = work.page.steps[place]
    return max(step.output.size, 0 if step.pre_activation is None else step.pre_activation.size)


def _can_be_typed(work: Calculation, spot: Spot) -> bool:
    return bool(abs(value(work.page, spot)) <= LARGEST)


def _sample(work: Calculation, places: Sequence[int], seed: int) -> Exercise:
    """Return an exercise over the layers at ``places``: all that they calculate, or whole units drawn by ``seed``."""
    kinds = {place: len(kinds_made(work.network.layers[place])) for place in places}
    widths = {place: _width(work, place) for place in places if kinds[place]}
    random = generator(seed)
    spots: list[Spot] = []
    room = MOST_BLANKS
    # The narrow layers first: they are blank as a whole, and the wide ones find what room is left.
    for rank, place in enumerate(sorted(widths, key=widths.__getitem__)):
        share = room // (len(widths) - rank) // kinds[place]
        units = widths[place] if widths[place] <= share else min(share, SAMPLE)
        drawn = np.sort(random.choice(widths[place], units, replace=False))
        made = _made(work, place, [int(unit) for unit in drawn])
        room -= len(made)
        spots += made
    if not spots:
        raise _nothing(work, places)
    possible = sum(_count_made(work, place) for place in widths)
    return Exercise(work, in_order(work.network, spots), possible)


def _count_made(work: Calculation, place: int) -> int:
    """Return how many numbers a layer calculates that can be typed."""
    step = work.page.steps[place]
    arrays = {Kind.SUM: step.weighted_sum, Kind.Z: step.pre_activation, Kind.OUTPUT: step.output}
    made = [array for kind in kinds_made(work.network.layers[place]) if (array := arrays[kind]) is not None]
    return int(sum(np.count_nonzero(np.abs(array) <= LARGEST) for array in made))


def _nothing(work: Calculation, places: Sequence[int]) -> Refused:
    if any(kinds_made(work.network.layers[place]) for place in places):
        return Refused("expected numbers to practise on, got only nan or numbers beyond 3.4e38; choose other weights")
    if len(places) == 1:
        name = shorten(work.network.layers[places[0]].name)
        return Refused(
            f"expected a layer that calculates something, got {name}, which passes its inputs on as they are"
        )
    return Refused("expected a model that calculates something, got layers that pass their inputs on unchanged")
