"""Solving backwards: from the output of a linear step, find the weight, the bias or the input that is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.calculation.spot import Kind, Spot, value
from core.calculation.unfold import ENDS, MAX_TERMS, times
from core.errors import Refused
from core.formatting import Notation
from core.layers.convolution import Convolution
from core.layers.dense import Dense
from core.practice.exercise import Exercise, checked_spot
from core.practice.sheet import generator
from core.practice.tolerance import Measured, half, half_unit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from core.arrays import Array
    from core.layers.layer import Layer
    from core.practice.exercise import Calculation

MISSING = (Kind.WEIGHT, Kind.BIAS, Kind.INPUT)

UNITS = 3
"""In how many units of a layer a number is missing."""

MOST = 20
"""How many numbers of a model are missing at once."""

SHARE = 0.1
"""The tolerance may be this share of the number, or of 1 for smaller ones; beyond, the digits cannot tell it."""

TRIES = 40
"""Places that are tried in a layer before it is said that nothing in it can be solved for."""


def exercise(work: Calculation, seed: int = 0, place: int | None = None) -> Exercise:
    """Return an exercise in which weights and biases, or one input of a layer, are missing.

    In a layer either one number is missing in each of a few units, or one input, which all units share. The same
    seed makes the same exercise; ``place`` takes one layer instead of all.

    Raises:
        Refused: no layer has weights, or nothing can be solved for with these digits.
    """
    layers = [at for at, one in enumerate(work.network.layers) if isinstance(one, Dense)]
    if not layers or (place is not None and place not in layers):
        held = [isinstance(one, Convolution) for one in work.network.layers]
        only = any(held) if place is None else held[place]
        where = "Dense layer" if layers else "model with a Dense layer"
        why = "a convolution, whose weights stand at many places" if only else "one without weights"
        raise Refused(f"expected a {where}, got {why}: there is nothing to solve for backwards")
    random = generator(seed)
    blanks = [spot for at in (layers if place is None else [place]) for spot in _of_layer(work, at, random)]
    if not blanks:
        raise Refused(
            f"expected a number that {work.digits} digits are enough to solve for, got none: "
            "the numbers that would have to be divided by are too near 0; take more digits or another point"
        )
    return Exercise(work, tuple(blanks[:MOST]), len(blanks[:MOST]))


def chosen(work: Calculation, spots: Sequence[Spot]) -> Exercise:
    """Return the exercise in which these weights, biases and inputs are missing, each to be found by its own unit.

    Raises:
        Refused: there are none or too many, one is not there, two are in one unit's line, or one cannot be solved for.
    """
    if not 1 <= len(spots) <= MOST or len(set(spots)) != len(spots):
        raise Refused(f"expected 1 to {MOST} different numbers to solve for, got {len(spots):,}")
    for spot in spots:
        if (reason := why_not(work, spot)) is not None:
            raise Refused(reason)
    lines = {(spot.step, spot.unit) for spot in spots}
    shared = {spot.step for spot in spots if spot.kind is Kind.INPUT}
    if len(lines) < len(spots) or any(sum(spot.step == place for spot in spots) > 1 for place in shared):
        raise Refused("expected one missing number in a unit's line, got two: neither could be found then")
    return Exercise(work, tuple(spots), len(spots))


def why_not(work: Calculation, spot: Spot) -> str | None:
    """Return why the number at ``spot`` cannot be solved for, as a sentence, or None if it can be."""
    if spot.kind not in MISSING:
        return "expected a weight, a bias or an input to solve for, got a number that is calculated"
    checked_spot(work, spot)
    if not isinstance(work.network.layers[spot.step], Dense):
        return f"expected a number of a Dense layer, got one of {_without(work.network.layers[spot.step])}"
    factor, off = _factor(work, spot)
    if not abs(factor) > off:
        return (
            f"expected a number that {work.digits} digits are enough to solve for, got one that is multiplied by "
            "0, or by so little that it rounds to 0; take more digits or another number"
        )
    if not all(_tells(number) for number in acceptable(work, spot)):
        return (
            f"expected a number that {work.digits} digits are enough to solve for, got one whose rounding leaves "
            "it open; take more digits or another number"
        )
    return None


def _without(layer: Layer) -> str:
    """Return why nothing of a layer can be solved for."""
    if isinstance(layer, Convolution):
        return "a convolution, whose weights stand at many places"
    return "a layer without weights"


def acceptable(work: Calculation, spot: Spot) -> list[Measured]:
    """Return what the missing number comes to, solved for on the page, and as it really is; each with its error.

    The unit's equation is solved for it: (z - b - all other products) divided by what it is multiplied by. Every
    number in it is rounded to the digits; dividing makes the errors so many times larger.
    """
    with np.errstate(all="ignore"):
        left, off, factor, factor_off = equation(work, spot)
        solved = left / factor
        error = (off + abs(solved) * factor_off) / (abs(factor) - factor_off)
    error += half(solved, work.digits)
    return [Measured(number, error) for number in (solved, value(work.exact, spot), value(work.page, spot))]


def solving_line(work: Calculation, spot: Spot) -> str:
    """Return the unit's line solved for the missing number, in numbers: ``(0.4277 - 0.2145 - 1.1575*0.1) / 0.3``."""
    step, write = work.page.steps[spot.step], Notation(work.digits)
    assert step.kernel is not None
    rows = [row for row in range(step.inputs.size) if spot.kind is Kind.BIAS or row != spot.input]
    taken_away = [times(write(step.kernel[row, spot.unit]), write(step.inputs[row])) for row in rows]
    if len(rows) > MAX_TERMS:
        middle = rows[ENDS:-ENDS]
        rest = write(float(step.kernel[middle, spot.unit] @ step.inputs[middle]))
        taken_away[ENDS:-ENDS] = [f"({len(middle):,} more products: {rest})"]
    if step.bias is not None and spot.kind is not Kind.BIAS:
        bias = write(step.bias[spot.unit])
        taken_away.insert(0, f"({bias})" if bias.startswith("-") else bias)
    result = write(value(work.page, Spot(spot.step, Kind.SUM if step.bias is None else Kind.Z, spot.unit)))
    left = " - ".join([result, *taken_away])
    if spot.kind is Kind.BIAS:
        return left
    factor = write(_factor(work, spot)[0])
    return f"({left}) / {f'({factor})' if factor.startswith('-') else factor}"


def equation(work: Calculation, spot: Spot) -> tuple[float, float, float, float]:
    """Return what is left of the unit's result for ``spot``, its error, and the factor to divide by with its error."""
    step, digits = work.page.steps[spot.step], work.digits
    assert step.kernel is not None and step.weighted_sum is not None
    x, w = step.inputs, step.kernel[:, spot.unit].copy()
    others = np.ones(x.size, dtype=bool)
    if spot.kind is not Kind.BIAS:
        others[spot.input] = False
    x_off, w_off, products = half_unit(x, digits), half_unit(w, digits), w * x
    # Half a unit for every product, or for every number that is left after one is taken away.
    rounding = np.abs(w) * x_off + (np.abs(x) + x_off) * w_off + half_unit(products, digits)
    result = float(step.weighted_sum[spot.unit] if step.bias is None else _z(step.pre_activation, spot))
    left, off = result - float(products[others].sum()), half(result, digits) + float(rounding[others].sum())
    if step.bias is not None and spot.kind is not Kind.BIAS:
        bias = float(step.bias[spot.unit])
        left, off = left - bias, off + 2.0 * half(bias, digits)
    factor, factor_off = _factor(work, spot)
    return left, off + half(left, digits), factor, factor_off


def _z(pre_activation: Array | None, spot: Spot) -> float:
    assert pre_activation is not None
    return float(pre_activation[spot.unit])


def _factor(work: Calculation, spot: Spot) -> tuple[float, float]:
    """Return what the missing number is multiplied by, and how far that may be off."""
    if spot.kind is Kind.BIAS:
        return 1.0, 0.0
    kind = Kind.INPUT if spot.kind is Kind.WEIGHT else Kind.WEIGHT
    factor = value(work.page, Spot(spot.step, kind, spot.unit, spot.input))
    return factor, half(factor, work.digits)


def _tells(number: Measured) -> bool:
    return bool(np.isfinite(number.value)) and 0.0 <= number.error <= SHARE * max(1.0, abs(number.value))


def _of_layer(work: Calculation, place: int, random: np.random.Generator) -> list[Spot]:
    """Return the missing numbers of one layer: one in each of a few units, or one input for all."""
    kernel = work.page.steps[place].kernel
    assert kernel is not None
    inputs, width = kernel.shape
    if random.random() < 0.25:
        found = _first(work, (Spot(place, Kind.INPUT, unit, row) for unit, row in _drawn(random, width, inputs)))
        if found:
            return found
    units = sorted(int(unit) for unit in random.choice(width, min(UNITS, width), replace=False))
    return [spot for unit in units for spot in _first(work, _in_unit(work, place, unit, random))]


def _in_unit(work: Calculation, place: int, unit: int, random: np.random.Generator) -> Iterator[Spot]:
    """Give numbers of one unit that may be missing, in the order in which they are tried."""
    kernel = work.page.steps[place].kernel
    assert kernel is not None
    if work.page.steps[place].bias is not None and random.random() < 1.0 / 3.0:
        yield Spot(place, Kind.BIAS, unit)
    for _, row in _drawn(random, 1, kernel.shape[0]):
        yield Spot(place, Kind.WEIGHT, unit, row)


def _drawn(random: np.random.Generator, width: int, inputs: int) -> Iterator[tuple[int, int]]:
    for _ in range(TRIES):
        yield int(random.integers(width)), int(random.integers(inputs))


def _first(work: Calculation, spots: Iterator[Spot]) -> list[Spot]:
    """Return the first of ``spots`` that can be solved for, or none."""
    return next(([spot] for spot in spots if why_not(work, spot) is None), [])
