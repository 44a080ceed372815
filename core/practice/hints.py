"""Hints for a blank: the formula in symbols first, then its terms one after the other, never the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.activations import OVER_ALL_UNITS, activation
from core.calculation.printed import sign
from core.calculation.spot import Kind, Spot, symbol
from core.calculation.unfold import MAX_TERMS, times
from core.formatting import number
from core.practice.question import Asked

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from core.practice.exercise import Exercise
    from core.practice.marks import Entry


def hints(exercise: Exercise, spot: Spot, entries: Mapping[Spot, Entry]) -> tuple[str, ...]:
    """Return the hints for the blank ``spot`` in the order in which they are given.

    They are made of the learner's own ``entries``. What is blank and not found yet is not given away by a hint for
    what comes after it.
    """
    asked = Asked(exercise, spot, entries)
    makers = {Kind.SUM: _for_sum, Kind.Z: _for_bias, Kind.OUTPUT: _for_output}
    return tuple(makers.get(spot.kind, _backwards)(asked))


def _for_sum(asked: Asked) -> Iterator[str]:
    yield f"{asked.name(Kind.SUM, asked.spot.unit)} = {asked.products(' ')}"
    yield from _products(asked)


def _products(asked: Asked) -> Iterator[str]:
    """Give each product of few, the sums of a dozen groups of many."""
    connected = asked.connected
    if connected.size > MAX_TERMS:
        yield from (_group(asked, terms) for terms in np.array_split(np.arange(connected.size), MAX_TERMS))
        return
    for row in connected.tolist():
        # A single product is the sum itself, which is asked for.
        yield _product(asked, row, with_result=connected.size > 1)


def _product(asked: Asked, row: int, with_result: bool) -> str:
    unit = asked.spot.unit
    names = f"{asked.name(Kind.WEIGHT, unit, row)} {asked.name(Kind.INPUT, 0, row)}"
    weight = asked.text(Kind.WEIGHT, unit, row)
    if asked.is_blank(Kind.INPUT, 0, row):
        return f"{names} = {weight} times {asked.name(Kind.INPUT, 0, row)}, which is still blank: find that first"
    line = f"{names} = {weight} times {asked.text(Kind.INPUT, 0, row)}"
    if not with_result:
        return line
    weight_here = asked.basis.number(Spot(asked.spot.step, Kind.WEIGHT, unit, row)).value
    made = weight_here * asked.basis.number(Spot(asked.spot.step, Kind.INPUT, input=row)).value
    written = number(made, asked.work.digits)
    return f"{line} {sign(times(weight, asked.text(Kind.INPUT, 0, row)), written)} {written}"


def _group(asked: Asked, terms: np.ndarray) -> str:
    between = f"the products {terms[0] + 1:,} to {terms[-1] + 1:,}"
    rows, own = asked.connected[terms], asked.basis.own(asked.spot.step, Kind.INPUT)
    blank = [row for row, spot in own.items() if row in rows and spot in asked.basis.unseen]
    if blank:
        return f"{between}: {asked.told(Kind.INPUT, 0, min(blank))}: find that first"
    assert asked.step.kernel is not None
    inputs, _ = asked.basis.inputs(asked.spot.step)
    total = float(asked.step.kernel[rows, asked.spot.unit] @ inputs[rows])
    return f"{between} add up to {number(total, asked.work.digits)}"


def _for_bias(asked: Asked) -> Iterator[str]:
    unit = asked.spot.unit
    yield f"{asked.name(Kind.Z, unit)} = {asked.name(Kind.SUM, unit)} + {asked.name(Kind.BIAS, unit)}"
    yield asked.told(Kind.BIAS, unit)
    if asked.is_blank(Kind.SUM, unit):
        yield from _for_sum(asked)
    else:
        yield asked.told(Kind.SUM, unit)


def _for_output(asked: Asked) -> Iterator[str]:
    name, unit = asked.step.activation, asked.spot.unit
    made = symbol(asked.work.network, asked.spot)
    if asked.chooses:
        yield f"{made} is the largest of the {asked.connected.size:,} numbers under the window"
        yield from (asked.told(Kind.INPUT, 0, row) for row in asked.rows())
        return
    if name in OVER_ALL_UNITS:
        here = "" if len(asked.step.shape) == 1 else " of its place"
        yield f"{made} = {name}(all z{here}), which is {activation(name).formula}"
        yield from _over_all(asked, name)
        return
    kind = Kind.INPUT if asked.step.kernel is None else Kind.Z
    z = (kind, 0, unit) if kind is Kind.INPUT else (kind, unit, 0)
    yield f"{made} = {name}({asked.name(*z)})"
    if activation(name).formula != f"{name}(z)":
        yield f"{name}(z) = {activation(name).formula}"
    if not asked.is_blank(*z) or kind is Kind.INPUT:
        yield asked.told(*z)
    elif asked.step.bias is not None:
        yield from _for_bias(asked)
    else:
        yield from _for_sum(asked)


def _over_all(asked: Asked, name: str) -> Iterator[str]:
    z, _, own = asked.basis.beside(asked.spot)
    kind, first = Kind.INPUT if asked.step.kernel is None else Kind.Z, asked.first_beside
    near = [at for at in (own - 1, own, own + 1) if 0 <= at < z.size]
    for at in range(z.size) if z.size <= MAX_TERMS else near:
        unit = first + at
        place = (kind, 0, unit) if kind is Kind.INPUT else (kind, unit, 0)
        told = asked.told(*place)
        if "softmax" in name and not asked.is_blank(*place):
            with np.errstate(over="ignore"):
                told += f", and exp of it is {number(float(np.exp(z[at])), asked.work.digits)}"
        yield told


def _backwards(asked: Asked) -> Iterator[str]:
    unit, spot = asked.spot.unit, asked.spot
    kind = Kind.SUM if asked.step.bias is None else Kind.Z
    bias = "" if asked.step.bias is None else f" + {asked.name(Kind.BIAS, unit)}"
    yield f"{asked.name(kind, unit)} = {asked.products(' ')}{bias}"
    if spot.kind is Kind.BIAS:
        yield f"take every product away from {asked.name(kind, unit)}"
    else:
        factor = Kind.INPUT if spot.kind is Kind.WEIGHT else Kind.WEIGHT
        place = (factor, 0, spot.input) if factor is Kind.INPUT else (factor, unit, spot.input)
        besides = f" and {asked.name(Kind.BIAS, unit)}" if bias else ""
        rest = f"take every other product{besides} away from {asked.name(kind, unit)}"
        yield f"{rest}, then divide by {asked.name(*place)}"
    size = asked.step.inputs.size
    if size > MAX_TERMS:
        return
    for row in range(size):
        if spot.kind is Kind.BIAS or row != spot.input:
            yield _product(asked, row, with_result=True)
