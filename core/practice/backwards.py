"""Solving backwards: from the number that a line comes to, find the weight, the bias or the input missing in it.

A line is one number of a layer that adds up products with weights which stand nowhere else, as a Dense layer's over a
row do, with its bias if it has one: ``z2 = w12*x1 + w22*x2 + b2``. What is missing in it is worked out as all else is,
by a program: that of the page goes on with the line solved for it, ``(z2 - b2 - w22*x2) / x1``.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from core.calculation.calculated import spoken
from core.calculation.expression import Place
from core.errors import Refused, shorten
from core.operations.dot import Dot
from core.operations.each import Each
from core.operations.rounding import EXACT
from core.operations.run import forward
from core.practice.sheet import Line, Sheet

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from core.calculation.calculated import Spot, Value
    from core.operations import program
    from core.operations.program import Program
    from core.practice.sheet import Work

UNITS = 3
"""In how many units of a layer a number is missing."""

MOST = 20
"""How many numbers of a model are missing at once."""

SHARE = 0.1
"""The tolerance may be this share of the number, or of 1 for smaller ones; beyond, the digits cannot tell it."""

TRIES = 40
"""Places that are tried in a layer before it is said that nothing in it can be solved for."""

LINES = "expected a layer whose weights stand in one line each, as a Dense layer's over a row do"

ENOUGH = "expected a number that {} digits are enough to solve for"


class Unit(NamedTuple):
    """One unit of a layer that has such lines: the values of its sums and, biases added, of its results."""

    work: Work
    total: Value
    whole: Value
    at: int

    @property
    def result(self) -> Spot:
        """The address of what the line comes to."""
        return self.whole.spot((self.at,))

    @property
    def bias(self) -> Place | None:
        """Where the bias stands, if there is one."""
        return None if self.whole is self.total else Place(self._line(self.whole).sources[1], (self.at,))

    def sources(self, factor: int) -> list[Place]:
        """Return where one factor of every product comes from: 0 is an input, 1 a weight."""
        line = self._line(self.total)
        assert line.operation is not None
        at = line.operation.terms((self.at,), ()).factors[factor].at
        return [self.work.source(Place(line.sources[factor], tuple(one))) for one in at.tolist()]

    def _line(self, value: Value) -> program.Line:
        return self.work.page.written.program.lines[value.parts[()]]

    def solved_for(self, missing: Spot, on: Program) -> Line:
        """Write the line down, and solved for the number that is missing.

        Raises:
            Refused: the number is not in the line.
        """
        wanted = self.work.source(self.work.page.place(missing))
        first, second = (self._side(on, source) for source in (0, 1))
        whole, left = first.dot("i,i->", second), on.value(self.whole.parts[()]).at(0, self.at)
        # Where weights come from is known at once.
        there = ((factor, self.sources(factor)) for factor in (1, 0))
        found = next(((factor, places.index(wanted)) for factor, places in there if wanted in places), None)
        if wanted == self.bias:
            solved = left - whole
        elif found is None:
            raise Refused(f"expected a number in the line of {shorten(spoken(self.result), 60)}, got another one")
        else:
            factor, product = found
            left = left if self.bias is None else left - on.value(self.bias.value).at(0, self.at)
            if first.shape[0] > 1:
                left = left - _without(first, product).dot("i,i->", _without(second, product))
            solved = left / (second, first)[factor].at(0, product)
        if self.bias is not None:
            whole = whole + on.value(self.bias.value).at(0, self.at)
        return Line(self.result, Place(whole.number, ()), Place(solved.number, ()))

    def _side(self, on: Program, source: int) -> program.Value:
        """Write one factor of every product in a row."""
        line = self._line(self.total)
        assert isinstance(line.operation, Dot)
        made, letters = on.value(line.sources[source]), line.operation.letters[source]
        if (own := line.operation.letters[2]) in letters:
            made, letters = made.at(letters.index(own), self.at), letters.replace(own, "")
        return made.transpose(*map(letters.index, line.operation.summed)).reshape(-1)


def _without(side: program.Value, at: int) -> program.Value:
    """Write a row without the number at one place."""
    size = side.shape[0]
    kept = [side.slice(0, start, count) for start, count in ((0, at), (at + 1, size - at - 1)) if count]
    return side.on.join(kept, 0) if len(kept) == 2 else kept[0]


def _layers(work: Work) -> list[list[Unit]]:
    """Return the units of every layer that has such lines."""
    weights, totals, wholes = set(work.page.written.weights.values()), [], {}
    for value in work.page.values:
        line = work.page.written.program.lines[value.parts.get((), 0)]
        match line.operation:
            case Dot(shape=(_,)) if weights & {*line.sources}:
                totals.append(value)
            case Each(function="add") if line.sources[1] in weights:
                wholes[line.sources[0]] = value
    return [
        [Unit(work, total, wholes.get(total.parts[()], total), at) for at in range(total.shape[0])] for total in totals
    ]


def _solving(work: Work, missing: Mapping[Spot, Spot]) -> Sheet:
    """Return the sheet whose page goes on with the lines of these results, solved for what is missing in each.

    Raises:
        Refused: one has no such line, or the number is not in it.
    """
    page = work.page
    on, numbers = replace(page.written.program, lines=[*page.written.program.lines]), [*page.numbers]
    lines = {spot: _unit(work, result).solved_for(spot, on) for spot, result in missing.items()}
    with np.errstate(all="ignore"):
        for number in range(len(numbers), len(on.lines)):
            numbers.append(forward(on, number)(EXACT, *(numbers[source] for source in on.lines[number].sources)))
    made = replace(page, written=replace(page.written, program=on), numbers=numbers)
    return Sheet(replace(work, page=made), tuple(lines), len(lines), lines)


def _unit(work: Work, result: Spot) -> Unit:
    place = work.source(work.page.place(result))
    for unit in chain.from_iterable(_layers(work)):
        if place in (unit.whole.place((unit.at,)), unit.total.place((unit.at,))):
            return unit
    raise Refused(f"{LINES}, got {shorten(spoken(result), 80)}")


def _why_not(sheet: Sheet, spot: Spot) -> str | None:
    """Return why the missing number cannot be solved for, as a sentence, or None if it can be."""
    digits, working, place = sheet.work.digits, sheet.working({}), sheet.line(spot).solved
    if not np.isfinite(working.ends(place)).all():
        got = "one that is multiplied by 0, or by so little that it rounds to 0"
    elif any(high - low > SHARE * max(2.0, abs(high + low)) for low, high in working.right(place).tolist()):
        got = "one whose rounding leaves it open"
    else:
        return None
    return f"{ENOUGH.format(digits)}, got {got}; take more digits or another number"


def exercise(work: Work, seed: int = 0, calls: Sequence[tuple[str, ...]] = ()) -> Sheet:
    """Return a sheet in which weights and biases, or one input of a layer, are missing.

    In a layer either one number is missing in each of a few units, or one input, which all units share. The same
    seed makes the same sheet; with ``calls`` it is of those layers.

    Raises:
        Refused: no layer has such lines, or nothing can be solved for with these digits.
    """
    layers = [units for units in _layers(work) if not calls or units[0].total.call in calls]
    if not layers:
        raise Refused(f"{LINES}, got none: there is nothing to solve for backwards")
    random = np.random.default_rng(seed)
    missing: dict[Spot, Spot] = {}
    for units in layers:
        for spot, result in _of_layer(units, random):
            missing.setdefault(spot, result)
    if not missing:
        raise Refused(
            f"{ENOUGH.format(work.digits)}, got none: the numbers that would have to be divided by are too near 0; "
            "take more digits or another point"
        )
    return _solving(work, dict(list(missing.items())[:MOST]))


def chosen(work: Work, missing: Mapping[Spot, Spot]) -> Sheet:
    """Return the sheet in which these numbers are missing, each to be found by the line of the result beside it.

    Raises:
        Refused: there are none or too many, one is not in its line, two are in one, or one cannot be solved for.
    """
    if not 1 <= len(missing) <= MOST:
        raise Refused(f"expected 1 to {MOST} different numbers to solve for, got {len(missing):,}")
    sheet = _solving(work, missing)
    for spot, line in sheet.lines.items():
        if (reason := _why_not(sheet, spot)) is not None:
            raise Refused(reason)
        unit = _unit(work, line.result)
        if len(set(sheet.places) & {*unit.sources(0), *unit.sources(1), unit.bias}) > 1:
            raise Refused("expected one missing number in a unit's line, got two: neither could be found then")
    return sheet


def _of_layer(units: Sequence[Unit], random: np.random.Generator) -> list[tuple[Spot, Spot]]:
    """Return what is missing in one layer, each with its result: one number in each of a few units, or one input."""
    found = _first(_drawn(units, random, 0)) if random.random() < 0.25 else []
    if found:
        return found
    for at in sorted(random.choice(len(units), min(UNITS, len(units)), replace=False).tolist()):
        unit = units[at]
        bias = [(unit, unit.bias)] if unit.bias is not None and random.random() < 1.0 / 3.0 else []
        found += _first(chain(bias, _drawn([unit], random, 1)))
    return found


def _drawn(units: Sequence[Unit], random: np.random.Generator, factor: int) -> Iterator[tuple[Unit, Place]]:
    """Give numbers of some of the units that may be missing, of one ``factor`` of their products."""
    for _ in range(TRIES):
        unit = units[int(random.choice(len(units)))]
        places = unit.sources(factor)
        yield unit, places[int(random.integers(len(places)))]


def _first(tried: Iterable[tuple[Unit, Place]]) -> list[tuple[Spot, Spot]]:
    """Return the first that can be solved for, with its result, or none."""
    for unit, place in tried:
        spot = unit.work.page.spot(place)
        if spot is not None and _why_not(_solving(unit.work, {spot: unit.result}), spot) is None:
            return [(spot, unit.result)]
    return []
