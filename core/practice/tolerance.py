"""What rounding to d digits can do to a number: half a unit of its last digit, and through an activation."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from core.activations import OVER_ALL_UNITS, activation
from core.formatting import EXPONENT_FROM

if TYPE_CHECKING:
    import numpy.typing as npt
    from jaxtyping import Float

    from core.arrays import Array

SLACK = 1e-9
"""Share of an error, and 1e-12 of a number, that float64 itself may take."""


class Measured(NamedTuple):
    """A number and how far a careful person's may be from it."""

    value: float
    error: float

    def takes(self, answer: float) -> bool:
        """Return whether ``answer`` is this number, as far as can be told."""
        return abs(answer - self.value) <= self.error * (1.0 + SLACK) + 1e-12 * abs(self.value)


TURNS = {"gelu": -0.7517915, "silu": -1.2784645, "swish": -1.2784645, "mish": -1.1924315}
TURNS |= {"hard_silu": -1.5, "hard_swish": -1.5}
"""Where the activations that fall and then rise turn round; all others only rise."""

WITHIN = {
    "tanh": (4, 0),
    "sigmoid": (2, 0),
    "elu": (1, 0),
    "celu": (1, 0),
    "selu": (2, 1),
    "gelu": (1, 2),
    "silu": (1, 3),
    "swish": (1, 3),
    "mish": (1, 4),
    "hard_sigmoid": (1, 0),
    "hard_silu": (1, 2),
    "hard_swish": (1, 2),
    "softplus": (2, 0),
    "log_sigmoid": (3, 0),
    "sparse_plus": (1, 0),
    "squareplus": (1, 0),
    "tanh_shrink": (5, 0),
}
"""Half units that rounding inside the formula (exp(-z), then 1 + it, ...) can add: so many, and so many times |z|."""


def half_unit(values: npt.ArrayLike, digits: int) -> Array:
    """Return half a unit of the last digit that is written of each number: large ones are written with an exponent."""
    sizes = np.abs(np.asarray(values, dtype=np.float64))
    half = np.full(sizes.shape, 0.5 * 10.0**-digits)
    large = sizes >= EXPONENT_FROM
    if large.any():
        half[large] = 0.5 * 10.0 ** (np.floor(np.log10(sizes[large])) - digits)
    return half


def half(value: float, digits: int) -> float:
    """Return :func:`half_unit` of one number."""
    return float(half_unit(value, digits))


def activated(name: str, z: npt.ArrayLike, errors: npt.ArrayLike, digits: int) -> tuple[Array, Array]:
    """Return what an activation of single units makes of every ``z``, and how far a careful person's may be off."""
    z, errors = np.asarray(z, dtype=np.float64), np.asarray(errors, dtype=np.float64)
    function = activation(name).function
    low, high = z - errors, z + errors
    points = [low, high, np.clip(TURNS[name], low, high)] if name in TURNS else [low, high]
    value = function(z)
    off = np.max([np.abs(function(point) - value) for point in points], axis=0)
    if name == "selu":
        off = np.maximum(off, np.max([np.abs(_selu_as_written(point) - value) for point in (z, *points)], axis=0))
    always, times = WITHIN.get(name, (0, 0))
    within = (always + times * np.abs(z)) * 0.5 * 10.0**-digits
    return value, off + within + half_unit(value, digits)


def _selu_as_written(z: Array) -> Array:
    """Return selu with the constants of its formula as the screens write it."""
    return np.where(z > 0, 1.0507 * z, 1.7581 * np.expm1(np.minimum(z, 0.0)))


def activated_over_all(
    name: str, z: Float[Array, "units"], errors: Float[Array, "units"], unit: int, digits: int
) -> Measured:
    """Return one output of an activation over all units.

    Each of these rises with a unit's own number and falls with the others' (glu only with its gate), so that the
    ends of every number's errors give the ends of the output.
    """
    function = activation(name).function
    own = np.zeros(z.size, dtype=bool)
    own[unit] = True
    signs = [np.where(own, 1.0, -1.0), np.where(own, -1.0, 1.0)]
    if name == "glu":
        signs += [np.ones(z.size), -np.ones(z.size)]
    value = float(function(z)[unit])
    off = max(abs(float(function(z + sign * errors)[unit]) - value) for sign in signs)
    return Measured(value, off + _within_all(name, z, unit, value, digits) + half(value, digits))


def _within_all(name: str, z: Array, unit: int, value: float, digits: int) -> float:
    """Return what rounding inside the formula can add to an output over all units."""
    if name not in ("softmax", "log_softmax"):
        return (3.0 * abs(float(z[unit])) + 2.0) * 0.5 * 10.0**-digits
    # Some take the largest z from all of them first; whoever sees digits vanish, or grow beyond bounds, has to.
    shifted = _shares(name, np.exp(z - z.max()), unit, value, digits)
    powers = np.exp(z)
    total = float(powers.sum())
    kept = np.isfinite(total) and float(half_unit(powers, digits).sum()) <= 0.1 * total
    return max(shifted, _shares(name, powers, unit, value, digits)) if kept else shifted


def _shares(name: str, powers: Array, unit: int, value: float, digits: int) -> float:
    """Return what rounding ``powers`` and their sum can add to one's share of it, or to the share's logarithm."""
    total = float(powers.sum())
    off = float(half_unit(powers, digits).sum()) + half(total, digits)
    left = max(total - off, 0.1)
    if name == "log_softmax":
        return off / left + 0.5 * 10.0**-digits
    return (half(float(powers[unit]), digits) + value * off) / left


def over_all(name: str) -> bool:
    """Return whether an output of the activation depends on other units too."""
    return name in OVER_ALL_UNITS
