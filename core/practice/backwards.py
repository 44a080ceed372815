"""Solving backwards: from the number that a line comes to, find the weight, the bias or the input missing in it.

A line is one number of a layer that adds up products with weights which stand nowhere else, as a Dense layer's over a
row do, with its bias if it has one: ``z2 = w12*x1 + w22*x2 + b2``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from core.calculation.calculated import spoken
from core.calculation.expression import Formula, Place
from core.calculation.unfold import ENDS, MAX_TERMS, times
from core.errors import Refused, shorten
from core.formatting import Notation
from core.operations.dot import Dot
from core.operations.each import Each
from core.practice.sheet import Sheet, generator
from core.practice.tolerance import Measured, half, half_unit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from core.arrays import Array
    from core.calculation.calculated import Spot, Value
    from core.calculation.expression import Expression
    from core.practice.sheet import Work

UNITS = 3
"""In how many units of a layer a number is missing."""

MOST = 20
"""How many numbers of a model are missing at once."""

SHARE = 0.1
"""The tolerance may be this share of the number, or of 1 for smaller ones; beyond, the digits cannot tell it."""

TRIES = 40
"""Places that are tried in a layer before it is said that nothing in it can be solved for."""

NO_LINES = "expected a layer whose weights stand in one line each, as a Dense layer's over a row do, got none"


@dataclass(frozen=True, eq=False)
class Line:
    """The line of the number at ``result``, in which the one at ``missing`` is to be found.

    ``total`` is the sum of its products and ``bias``, if there is one, what is added to that.
    """

    work: Work
    result: Spot
    missing: Spot
    total: Place
    bias: Place | None

    @cached_property
    def expression(self) -> Expression:
        """What the result is: all of its products, and the bias."""
        page = self.work.page
        made = page.opener.open(self.total)
        if self.bias is None:
            return made
        return Formula(page.number(self.result), "add", (made, page.opener.open(self.bias)))

    @cached_property
    def _factors(self) -> tuple[tuple[Array, list[Place]], ...]:
        """The numbers of both factors of every product, and where they stand."""
        page = self.work.page
        line = page.written.program.lines[self.total.value]
        assert isinstance(line.operation, Dot)
        found = []
        for factor in line.operation.terms(self.total.index, ()).factors:
            value, at = line.sources[factor.source], factor.at
            numbers = np.asarray(page.numbers[value][tuple(at.T)], dtype=np.float64)
            found.append((numbers, [Place(value, tuple(row)) for row in at.tolist()]))
        return tuple(found)

    @cached_property
    def _at(self) -> tuple[int, int] | None:
        """Which factor of which product is missing; None if it is the bias."""
        wanted = self.work.page.place(self.missing)
        if wanted == self.bias:
            return None
        for factor, (_, places) in enumerate(self._factors):
            for product, place in enumerate(places):
                if wanted in (place, self.work.source(place)):
                    return factor, product
        raise Refused(f"expected a number in the line of {shorten(spoken(self.result), 60)}, got another one")

    @property
    def is_bias(self) -> bool:
        """Whether the bias is missing."""
        return self._at is None

    @property
    def product(self) -> int:
        """Which product the missing number is in; -1 for the bias."""
        return -1 if self._at is None else self._at[1]

    @property
    def factor(self) -> tuple[float, float]:
        """What the missing number is multiplied by, and how far that may be off."""
        if self._at is None:
            return 1.0, 0.0
        factor, product = self._at
        number = float(self._factors[1 - factor][0][product])
        return number, half(number, self.work.digits)

    @property
    def divisor(self) -> Place | None:
        """Where that stands; None for the bias."""
        return None if self._at is None else self._factors[1 - self._at[0]][1][self._at[1]]

    @cached_property
    def others(self) -> Array:
        """The products beside the missing number's own."""
        products = self._factors[0][0] * self._factors[1][0]
        return products if self._at is None else np.delete(products, self.product)

    @cached_property
    def added(self) -> float | None:
        """The bias, unless it is missing or there is none."""
        return None if self.bias is None or self.is_bias else self.work.page.opener.number(self.bias)

    @cached_property
    def left(self) -> tuple[float, float]:
        """What is left of the result for the missing number, and how far that may be off."""
        digits, ((x, _), (w, _)) = self.work.digits, self._factors
        x_off, w_off = half_unit(x, digits), half_unit(w, digits)
        # Half a unit for every product, or for every number that is left after one is taken away.
        rounding = np.abs(w) * x_off + (np.abs(x) + x_off) * w_off + half_unit(w * x, digits)
        if self._at is not None:
            rounding = np.delete(rounding, self.product)
        result = self.work.page.number(self.result)
        left, off = result - float(self.others.sum()), half(result, digits) + float(rounding.sum())
        if self.added is not None:
            left, off = left - self.added, off + 2.0 * half(self.added, digits)
        return left, off + half(left, digits)

    @property
    def solved(self) -> float:
        """What the missing number comes to."""
        with np.errstate(all="ignore"):
            return float(np.float64(self.left[0]) / self.factor[0])

    def acceptable(self) -> list[Measured]:
        """Return what the number comes to, solved for on the page, and as it really is; each with its error.

        Every number in the line is rounded to the digits; dividing makes the errors so many times larger.
        """
        (_, off), (factor, factor_off) = self.left, self.factor
        with np.errstate(all="ignore"):
            error = float((off + abs(self.solved) * factor_off) / np.float64(abs(factor) - factor_off))
        error += half(self.solved, self.work.digits)
        there = (self.work.afresh[0].number(self.missing), self.work.page.number(self.missing))
        return [Measured(number, error) for number in (self.solved, *there)]

    def in_numbers(self) -> str:
        """Return the line solved for the missing number: ``(0.4277 - 0.2145 - 1.1575*0.1) / 0.3``."""
        write, ((x, _), (w, _)) = Notation(self.work.digits), self._factors
        rows = [row for row in range(len(x)) if row != self.product]
        taken_away = [times(write(float(w[row])), write(float(x[row]))) for row in rows]
        if len(rows) > MAX_TERMS:
            middle = rows[ENDS:-ENDS]
            taken_away[ENDS:-ENDS] = [f"({len(middle):,} more products: {write(float((w * x)[middle].sum()))})"]
        if self.added is not None:
            taken_away.insert(0, _within(write(self.added)))
        left = " - ".join([write(self.work.page.number(self.result)), *taken_away])
        return left if self.is_bias else f"({left}) / {_within(write(self.factor[0]))}"

    def why_not(self) -> str | None:
        """Return why the missing number cannot be solved for, as a sentence, or None if it can be."""
        digits, (factor, off) = self.work.digits, self.factor
        if not abs(factor) > off:
            got = "one that is multiplied by 0, or by so little that it rounds to 0"
        elif not all(_tells(number) for number in self.acceptable()):
            got = "one whose rounding leaves it open"
        else:
            return None
        return (
            f"expected a number that {digits} digits are enough to solve for, got {got}; take more digits or another "
            "number"
        )


def line(work: Work, missing: Spot, result: Spot) -> Line:
    """Return the line of the number at ``result``, in which the one at ``missing`` is to be found.

    Raises:
        Refused: it is no such line, or the number is not in it.
    """
    place = work.source(work.page.place(result))
    for total, whole in _layers(work):
        if place in (whole.place(result.index), total.place(result.index)):
            program = work.page.written.program.lines[whole.parts[()]]
            bias = None if whole is total else Place(program.sources[1], result.index)
            made = Line(work, whole.spot(result.index), missing, total.place(result.index), bias)
            # Refuses a number that is not in it.
            _ = made.product
            return made
    raise Refused(f"{NO_LINES[: NO_LINES.index(', got')]}, got {shorten(spoken(result), 80)}")


def _layers(work: Work) -> list[tuple[Value, Value]]:
    """Return, of every layer that has such lines, the values of its sums and of its results."""
    lines, found = work.page.written.program.lines, []
    for total in work.page.values:
        number = total.parts.get(())
        if number is None or len(total.shape) != 1 or not isinstance(lines[number].operation, Dot):
            continue
        if not any(_is_weight(work, source) for source in lines[number].sources):
            continue
        with_bias = (value for value in work.page.values if _adds_weight(work, value, number))
        found.append((total, next(with_bias, total)))
    return found


def _is_weight(work: Work, value: int) -> bool:
    given = work.page.written.program.lines[value].given
    return given is not None and given.kind == "weight"


def _adds_weight(work: Work, value: Value, total: int) -> bool:
    line = work.page.written.program.lines[value.parts.get((), total)]
    is_sum = isinstance(line.operation, Each) and line.operation.function == "add"
    return is_sum and line.sources[0] == total and _is_weight(work, line.sources[1])


def exercise(work: Work, seed: int = 0, calls: Sequence[tuple[str, ...]] = ()) -> Sheet:
    """Return a sheet in which weights and biases, or one input of a layer, are missing.

    In a layer either one number is missing in each of a few units, or one input, which all units share. The same
    seed makes the same sheet; with ``calls`` it is of those layers.

    Raises:
        Refused: no layer has such lines, or nothing can be solved for with these digits.
    """
    layers = [pair for pair in _layers(work) if not calls or pair[0].call in calls]
    if not layers:
        raise Refused(f"{NO_LINES}: there is nothing to solve for backwards")
    random = generator(seed)
    missing: dict[Spot, Spot] = {}
    for pair in layers:
        missing |= {one.missing: one.result for one in _of_layer(work, *pair, random) if one.missing not in missing}
    if not missing:
        raise Refused(
            f"expected a number that {work.digits} digits are enough to solve for, got none: "
            "the numbers that would have to be divided by are too near 0; take more digits or another point"
        )
    few = dict(list(missing.items())[:MOST])
    return Sheet(work, tuple(few), len(few), few)


def chosen(work: Work, missing: Mapping[Spot, Spot]) -> Sheet:
    """Return the sheet in which these numbers are missing, each to be found by the line of the result beside it.

    Raises:
        Refused: there are none or too many, one is not in its line, two are in one, or one cannot be solved for.
    """
    if not 1 <= len(missing) <= MOST:
        raise Refused(f"expected 1 to {MOST} different numbers to solve for, got {len(missing):,}")
    lines = [line(work, spot, result) for spot, result in missing.items()]
    for one in lines:
        if (reason := one.why_not()) is not None:
            raise Refused(reason)
    sheet = Sheet(work, tuple(missing), len(missing), {one.missing: one.result for one in lines})
    if any(other is not one and _has(sheet, one, other) for one in lines for other in lines):
        raise Refused("expected one missing number in a unit's line, got two: neither could be found then")
    return sheet


def _has(sheet: Sheet, one: Line, other: Line) -> bool:
    """Return whether the missing number of ``other`` is in the line of ``one``."""
    try:
        return line(sheet.work, other.missing, one.result).missing == other.missing
    except Refused:
        return False


def _within(text: str) -> str:
    return f"({text})" if text.startswith("-") else text


def _tells(number: Measured) -> bool:
    return bool(np.isfinite(number.value)) and 0.0 <= number.error <= SHARE * max(1.0, abs(number.value))


def _of_layer(work: Work, total: Value, whole: Value, random: np.random.Generator) -> list[Line]:
    """Return the missing numbers of one layer: one in each of a few units, or one input for all."""
    width = total.shape[0]
    if random.random() < 0.25 and (found := _first(_drawn(work, total, whole, random, range(width), 0))):
        return found
    units = sorted(int(unit) for unit in random.choice(width, min(UNITS, width), replace=False))
    return [one for unit in units for one in _first(_in_unit(work, total, whole, random, unit))]


def _in_unit(work: Work, total: Value, whole: Value, random: np.random.Generator, unit: int) -> Iterator[Line]:
    """Give the line of one unit with a number missing, in the order in which they are tried."""
    if whole is not total and random.random() < 1.0 / 3.0:
        bias = work.page.spot(Place(work.page.written.program.lines[whole.parts[()]].sources[1], (unit,)))
        assert bias is not None
        yield line(work, bias, whole.spot((unit,)))
    yield from _drawn(work, total, whole, random, [unit], 1)


def _drawn(
    work: Work, total: Value, whole: Value, random: np.random.Generator, units: Sequence[int], factor: int
) -> Iterator[Line]:
    """Give lines of some of the units in which one ``factor`` is missing: 0 is an input, 1 a weight."""
    program = work.page.written.program.lines[total.parts[()]]
    assert isinstance(program.operation, Dot)
    for _ in range(TRIES):
        unit = int(random.choice(units))
        at = program.operation.terms((unit,), ()).factors[factor].at
        row = int(random.integers(len(at)))
        place = work.source(Place(program.sources[factor], tuple(at[row].tolist())))
        missing = work.page.spot(place)
        if missing is not None:
            yield line(work, missing, whole.spot((unit,)))


def _first(lines: Iterator[Line]) -> list[Line]:
    """Return the first that can be solved, or none."""
    return next(([one] for one in lines if one.why_not() is None), [])
