"""What slips in a weighted sum give: a product, a weight, an input, a sign or digits of it gone wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.calculation.spot import Kind, Spot, symbol
from core.decimals import rounded
from core.layers.dense import Dense
from core.layers.pooling import Pooling
from core.practice.slip import Candidate, Slip
from core.practice.tolerance import half_unit

if TYPE_CHECKING:
    from collections.abc import Callable

    from jaxtyping import Int

    from core.arrays import Array
    from core.calculation.forward import Step
    from core.practice.basis import Basis

FEW = 16
"""Up to so many, any input or unit may be taken for any other; of more, its neighbours."""

LIKELY = 3.0
"""Errors of many rounded terms mostly cancel out: so many times their root mean square is what they add up to."""


class Terms:
    """The products of one unit's weighted sum, as a person goes by them, and their names."""

    def __init__(self, basis: Basis, place: int, unit: int) -> None:
        self.basis, self.place, self.unit = basis, place, unit
        step = basis.trace.steps[place]
        assert step.kernel is not None
        self.step, self.kernel = step, step.kernel
        self.rows = step.connections(unit)
        self.x, self.off = (numbers[self.rows] for numbers in basis.inputs(place))
        # A copy: in a large kernel the numbers of a column lie far apart, and each walk over them takes long.
        self.w: Array = step.kernel[self.rows, unit]
        self.products = self.w * self.x
        self.total = float(self.products.sum())

    @property
    def error(self) -> float:
        """How far a careful person's sum is likely to be off."""
        digits = self.basis.digits
        written = half_unit(self.products, digits)
        terms = (np.abs(self.w) * self.off) ** 2 + (np.abs(self.x) * half_unit(self.w, digits)) ** 2 + written**2
        worst = self.basis.expected(Spot(self.place, Kind.SUM, self.unit)).error
        return min(worst, LIKELY * float(np.sqrt(terms.sum())) + float(half_unit(self.total, digits)))

    def weight(self, term: int, unit: int | None = None) -> str:
        """Return the symbol of a term's weight, to this unit or to another one that is made of the same inputs."""
        to = self.unit if unit is None else unit
        return symbol(self.basis.network, Spot(self.place, Kind.WEIGHT, to, int(self.rows[term])))

    def input(self, term: int) -> str:
        """Return the symbol of a term's input."""
        return symbol(self.basis.network, Spot(self.place, Kind.INPUT, input=int(self.rows[term])))

    def product(self, term: int) -> str:
        """Return the symbols of a product."""
        return f"{self.weight(term)} {self.input(term)}"


def in_sum(terms: Terms) -> list[Candidate]:
    """Return the numbers that slips in the weighted sum would give, whatever comes after it left aside."""
    made = [*_signs(terms), *_transposed(terms), *_other_inputs(terms), *_other_weights(terms), *_other_place(terms)]
    if terms.x.size > 1:
        one = terms.total - terms.products
        made.append(
            Candidate(
                Slip.MISSING_PRODUCT,
                one,
                "one of the products was left out",
                lambda term: f"the product {terms.product(term)} was left out",
            )
        )
    if isinstance(terms.step.layer, Pooling):
        added = np.array([float(terms.x.sum())])
        made.append(Candidate(Slip.SUM_FOR_MEAN, added, "the sum was not divided by the number of terms"))
    return [*made, *_rounded(terms)]


def _signs(terms: Terms) -> list[Candidate]:
    dropped = [np.abs(terms.products).sum(), np.abs(terms.w) @ terms.x, terms.w @ np.abs(terms.x)]
    return [
        Candidate(Slip.SIGN, np.array([-terms.total]), "the sign of the whole sum is the other one"),
        Candidate(
            Slip.SIGN,
            terms.total - 2.0 * terms.products,
            "the sign of one of the products, or of its input or weight, was lost",
            lambda term: f"the sign of the product {terms.product(term)}, or of its input or weight, was lost",
        ),
        Candidate(Slip.SIGN, np.array(dropped), "the minus signs were left out"),
    ]


def _transposed(terms: Terms) -> list[Candidate]:
    inputs, units = terms.kernel.shape
    # The matrix of a convolution is never looked at as a whole: nobody takes its rows for its columns.
    if not isinstance(terms.step.layer, Dense) or terms.unit >= inputs:
        return []
    row = terms.kernel[terms.unit]
    there = np.delete(np.arange(min(inputs, units)), terms.unit)
    one = terms.total + (row[there] - terms.w[there]) * terms.x[there]
    made = [
        Candidate(
            Slip.TRANSPOSED,
            one,
            "a transposed weight was taken: its two numbers were exchanged",
            lambda at: f"{_of(terms, terms.unit, int(there[at]))} was taken for {terms.weight(int(there[at]))}",
        )
    ]
    if units >= inputs:
        whole = np.array([row[:inputs] @ terms.x])
        made.append(Candidate(Slip.TRANSPOSED, whole, "the weights of the row were taken for those of the column"))
    return made


def _of(terms: Terms, row: int, unit: int) -> str:
    return symbol(terms.basis.network, Spot(terms.place, Kind.WEIGHT, unit, row))


def _pairs(size: int) -> tuple[Int[np.ndarray, "pairs"], Int[np.ndarray, "pairs"]]:
    """Return the places that may be taken for one another: all pairs of few, the neighbours of many."""
    if size <= FEW:
        first, second = np.divmod(np.arange(size * size), size)
    else:
        first = np.concatenate([np.arange(size - 1), np.arange(1, size)])
        second = np.concatenate([np.arange(1, size), np.arange(size - 1)])
    apart = first != second
    return first[apart], second[apart]


def _other_inputs(terms: Terms) -> list[Candidate]:
    here, other = _pairs(terms.x.size)
    steps = terms.x[other] - terms.x[here]
    swapped = terms.total + (terms.w[here] - terms.w[other]) * steps

    def taken(at: int) -> str:
        return f"{terms.input(int(other[at]))} was taken for {terms.input(int(here[at]))}"

    def exchanged(at: int) -> str:
        return f"{terms.input(int(here[at]))} and {terms.input(int(other[at]))} were exchanged"

    return [
        Candidate(Slip.OTHER_INPUT, terms.total + terms.w[here] * steps, "another input was taken for one", taken),
        Candidate(Slip.OTHER_INPUT, swapped, "two inputs were exchanged", exchanged),
    ]


def _other_weights(terms: Terms) -> list[Candidate]:
    here, other = _pairs(terms.x.size)

    def taken(at: int) -> str:
        return f"{terms.weight(int(other[at]))} was taken for {terms.weight(int(here[at]))}"

    values = terms.total + (terms.w[other] - terms.w[here]) * terms.x[here]
    units = units_beside(terms.step, terms.unit)
    columns = np.ascontiguousarray(terms.kernel[terms.rows[:, np.newaxis], units].T)
    one = (terms.total + (columns - terms.w) * terms.x).ravel()
    return [
        Candidate(Slip.OTHER_WEIGHT, values, "the weight of another input was taken for one", taken),
        Candidate(
            Slip.OTHER_WEIGHT,
            columns @ terms.x,
            "the weights of another unit were taken",
            lambda at: f"the weights of unit {units[at] + 1:,} were taken",
        ),
        Candidate(Slip.OTHER_WEIGHT, one, "a weight of another unit was taken", _of_another(terms, units)),
    ]


def _of_another(terms: Terms, units: Int[np.ndarray, "others"]) -> Callable[[int], str]:
    def name(at: int) -> str:
        unit, term = divmod(at, terms.x.size)
        return f"{terms.weight(term, int(units[unit]))} was taken for {terms.weight(term)}"

    return name


def _other_place(terms: Terms) -> list[Candidate]:
    """Return what comes of a window that stands beside its place."""
    places = terms.basis.network.shapes()[terms.place + 1][:-1]
    units = units_next_door((*places, terms.step.channels), terms.unit)
    inputs, _ = terms.basis.inputs(terms.place)
    sums = []
    for unit in units.tolist():
        rows = terms.step.connections(unit)
        sums.append(float(terms.kernel[rows, unit] @ inputs[rows]))
    words = "the window stood at another place"
    return [Candidate(Slip.OTHER_INPUT, np.array(sums), words, lambda at: f"{words}, that of unit {units[at] + 1:,}")]


def other_units(width: int, unit: int) -> Int[np.ndarray, "others"]:
    """Return the units that may be taken for ``unit``: all of few, the neighbours in a wide layer."""
    near = range(width) if width <= FEW else (unit - 1, unit + 1)
    return np.array([other for other in near if 0 <= other < width and other != unit], dtype=np.intp)


def units_beside(step: Step, unit: int) -> Int[np.ndarray, "others"]:
    """Return the units made of the same inputs that may be taken for ``unit``: of a convolution, filters of its place.

    Pooling has none: each channel has inputs of its own.
    """
    if isinstance(step.layer, Pooling):
        return np.empty(0, dtype=np.intp)
    first = unit // step.channels * step.channels
    return first + other_units(step.channels, unit - first)


def units_next_door(shape: tuple[int, ...], unit: int) -> Int[np.ndarray, "others"]:
    """Return, of units of ``shape``, those of the same filter or channel one step from ``unit`` along an axis."""
    at = np.array(np.unravel_index(unit, shape))
    found = []
    for axis, size in enumerate(shape[:-1]):
        for step in (-1, 1):
            if 0 <= at[axis] + step < size:
                moved = at.copy()
                moved[axis] += step
                found.append(int(np.ravel_multi_index(tuple(moved), shape)))
    return np.array(found, dtype=np.intp)


def _rounded(terms: Terms) -> list[Candidate]:
    values = []
    for digits in range(terms.basis.digits):
        x, w = rounded(terms.x, digits), rounded(terms.w, digits)
        products = rounded(terms.products, digits)
        both = rounded(w * x, digits)
        values += [w @ x, terms.w @ x, w @ terms.x, products.sum(), both.sum(), rounded(terms.total, digits)]
    return [early(np.array(values))]


def early(values: Array) -> Candidate:
    """Return the candidate of numbers that come of rounding to fewer digits."""
    return Candidate(Slip.ROUNDED_EARLY, values, "a number was rounded too early, or to fewer digits")
