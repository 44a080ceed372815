"""Activations as a person works them out: step by step, each number in the formula kept or rounded as it is written."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from core import decimals
from core.activations import activation
from core.formatting import EXPONENT_FROM, number
from core.practice.tolerance import TURNS, half_unit

if TYPE_CHECKING:
    from jaxtyping import Float

    from core.arrays import Array

Rounder = Callable[["Array"], "Array"]
"""Keeps a number as it is, or writes it down."""

Steps = Callable[["Array", Rounder, Rounder], "Array"]
"""From the ends of a pre-activation to those of the output; up to two numbers are written down between."""

TIE = 1e-9
"""So near to the middle between two roundings, in units of the last digit, either is right."""


_TIES = np.array([0.5 - TIE, 0.5 + TIE])


def _unit(values: Array, digits: int) -> Array | float:
    """Return a unit of the last digit of each number, or of all."""
    if bool(np.abs(values).max(initial=0.0) < EXPONENT_FROM):
        return float(10.0**-digits)
    return 2.0 * half_unit(values, digits)


def kept(values: Array) -> Array:
    """Return the numbers as they are."""
    return values


def as_printed(numbers: Array, digits: int) -> Array:
    """Return numbers as they stand on the page."""
    shown = decimals.rounded(numbers, digits)
    for place in np.argwhere(np.abs(numbers) >= EXPONENT_FROM).tolist():
        shown[tuple(place)] = float(number(float(numbers[tuple(place)]), digits))
    return shown


def rounded(ends: Float[Array, "*ways 2"], digits: int) -> Float[Array, "*ways 2"]:
    """Return the ends between which numbers are once they are written down; of a tie, both roundings."""
    unit = _unit(ends, digits)
    return np.asarray(np.floor(ends / unit + _TIES) * unit)


def rounders(digits: int) -> tuple[Rounder, Rounder, Rounder]:
    """Return what can be done with a number between: it is kept, or rounded, and of a tie down or up."""

    def towards(tie: float) -> Rounder:
        def written(values: Array) -> Array:
            unit = _unit(values, digits)
            return np.asarray(np.floor(values / unit + 0.5 + tie) * unit)

        return written

    return kept, towards(-TIE), towards(TIE)


def corners(first: Float[Array, "*ways 2"], second: Float[Array, "*ways 2"]) -> Float[Array, "*ways 2"]:
    """Return the ends of the products of numbers between two pairs of ends."""
    a, b, c, d = (first[..., one] * second[..., other] for one, other in product((0, 1), (0, 1)))
    made = np.empty((*a.shape, 2))
    np.minimum(np.minimum(a, b), np.minimum(c, d), out=made[..., 0])
    np.maximum(np.maximum(a, b), np.maximum(c, d), out=made[..., 1])
    return made


def _tanh(z: Array, first: Rounder, second: Rounder) -> Array:
    up, down = first(np.exp(z)), second(np.exp(-z))
    return (up - down) / (up + down)


def _sigmoid(z: Array, first: Rounder, second: Rounder) -> Array:
    return second(1.0 / (1.0 + first(np.exp(-z))))


def _elu(z: Array, first: Rounder, _second: Rounder) -> Array:
    return np.where(z > 0, z, first(np.exp(np.minimum(z, 0.0))) - 1.0)


def _selu(z: Array, first: Rounder, _second: Rounder) -> Array:
    # The constants of the formula, as the screens write it.
    return np.where(z > 0, 1.0507 * z, 1.7581 * (first(np.exp(np.minimum(z, 0.0))) - 1.0))


def _hard_sigmoid(z: Array, first: Rounder, second: Rounder) -> Array:
    return second(np.clip(first(z / 6.0) + 0.5, 0.0, 1.0))


def _sparse_plus(z: Array, first: Rounder, _second: Rounder) -> Array:
    return np.where(z <= -1, 0.0, np.where(z < 1, 0.25 * first((z + 1.0) ** 2), z))


def _of_cumulative(z: Array, first: Rounder, second: Rounder) -> Array:
    return second(0.5 * (1.0 + first(2.0 * activation("gelu").function(z) / np.where(z == 0, 1.0, z) - 1.0)))


def _times(factor: Steps) -> Steps:
    """Return the steps of an activation that is z times a factor, which rises."""
    return lambda ends, first, second: corners(ends, factor(ends, first, second))


RISING: dict[str, Steps] = {
    "tanh": _tanh,
    "sigmoid": lambda z, first, _: _sigmoid(z, first, kept),
    "elu": _elu,
    "celu": _elu,
    "selu": _selu,
    "hard_sigmoid": lambda z, first, _: _hard_sigmoid(z, first, kept),
    "softplus": lambda z, first, _: np.log(1.0 + first(np.exp(z))),
    "log_sigmoid": lambda z, first, second: np.log(_sigmoid(z, first, second)),
    "sparse_plus": _sparse_plus,
    "squareplus": lambda z, first, second: 0.5 * (z + second(np.sqrt(first(z * z) + 4.0))),
}
"""Activations that rise: each end of z leads to the same end of the output."""

BY_STEPS: dict[str, Steps] = RISING | {
    "gelu": _times(_of_cumulative),
    "silu": _times(_sigmoid),
    "swish": _times(_sigmoid),
    "hard_silu": _times(_hard_sigmoid),
    "hard_swish": _times(_hard_sigmoid),
    "mish": _times(lambda z, first, second: second(np.tanh(first(np.logaddexp(0.0, z))))),
    "tanh_shrink": lambda ends, first, _: ends - first(np.tanh(ends))[..., ::-1],
}
"""The activations that have numbers in their formulas that a person writes down."""


def activated_ways(name: str, ends: Float[Array, "ways 2"], digits: int) -> Float[Array, "more 2"]:
    """Return the ends of what an activation of single units makes of z: exactly, and by the steps of its formula."""
    ends = np.asarray(ends, dtype=np.float64)
    points = [ends[:, 0], ends[:, 1]]
    if name in TURNS:
        points.append(np.clip(TURNS[name], ends[:, 0], ends[:, 1]))
    made = np.stack([activation(name).function(point) for point in points])
    found = [np.stack([made.min(axis=0), made.max(axis=0)], axis=-1)]
    if name in BY_STEPS:
        found += [np.sort(BY_STEPS[name](ends, *two)) for two in product(rounders(digits), repeat=2)]
    return np.concatenate(found)


def shares_ways(name: str, ends: Float[Array, "units 2"], unit: int, digits: int) -> Float[Array, "ways 2"]:
    """Return the ends of one output of an activation over all units, the z of each of which is between its ends.

    Each of these rises with a unit's own z and falls with the others' (glu only with its gate).
    """
    if name == "glu":
        return _gated(ends, unit, digits)
    sides = [ends[:, 1 - side].copy() for side in (0, 1)]
    for side in (0, 1):
        sides[side][unit] = ends[unit, side]
    exact = np.array([[float(activation(name).function(z)[unit]) for z in sides]])
    if name == "sparsemax":
        # The threshold is written down.
        off = float(half_unit(ends, digits).max())
        return np.asarray(exact + np.array([-off, off]))
    found = [exact]
    rounding = rounders(digits)
    # What is rounded already adds up to a number that needs no more of it.
    for power, total in [*((kept, one) for one in rounding), *((one, kept) for one in rounding[1:])]:
        # What is subtracted first, if anything: the largest z, which is itself only known to be between its ends.
        for highs in ((0.0, 0.0), (float(ends.max()),) * 2, [float(z.max()) for z in sides]):
            shares = [_share(name, z - high, unit, power, total) for z, high in zip(sides, highs, strict=True)]
            found.append(np.array([shares]))
    return np.concatenate(found)


def _share(name: str, z: Array, unit: int, power: Rounder, total: Rounder) -> float:
    powers = power(np.exp(z))
    whole = float(total(np.array([powers.sum()]))[0])
    if name == "log_softmax":
        return float(z[unit] - np.log(whole))
    return float(powers[unit] / whole)


def _gated(ends: Array, unit: int, digits: int) -> Array:
    value, gate = ends[unit], ends[unit + len(ends) // 2]
    exact = activation("sigmoid").function(gate)
    factors = [exact, *(_sigmoid(gate, *two) for two in product(rounders(digits), repeat=2))]
    return np.stack([corners(value, factor) for factor in factors])
