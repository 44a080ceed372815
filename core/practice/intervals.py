"""Numbers that are only known to lie between two ends: through every function of the table, rounded, and measured.

An array of ends has them as its last axis: the lower one, then the upper one.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from core import decimals
from core.formatting import EXPONENT_FROM, number
from core.operations.functions import COMPARING, FUNCTIONS

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt
    from jaxtyping import Float

    from core.arrays import Array

    Ends = Float[Array, "*any 2"]
    Pen = Callable[[Ends], Ends]

TIE = 1e-9
"""So near to the middle between two roundings, in units of the last digit, either is right."""

NEAR = 0.05
"""So near to it, in the same units, may a number be of which float32 knows no more than that it is there."""

SIDES = np.array([-1.0, 1.0])

SLACK = 1e-9
"""Share of an error, and 1e-12 of a number, that float64 itself may take."""


def takes(ends: Ends, answers: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Return which of ``answers`` lie between any of these ends, as far as can be told."""
    low, high = ends.T
    with np.errstate(invalid="ignore"):
        slack = SLACK * (high - low) / 2.0 + 1e-12 * np.abs(low + high) / 2.0
    answers = np.asarray(answers)[..., np.newaxis]
    return np.asarray(((low - slack <= answers) & (answers <= high + slack)).any(axis=-1))


def half_unit(values: npt.ArrayLike, digits: int) -> Array:
    """Return half a unit of the last digit that is written of each number: large ones are written with an exponent."""
    sizes = np.abs(np.asarray(values, dtype=np.float64))
    half = np.full(sizes.shape, 0.5 * 10.0**-digits)
    large = sizes >= EXPONENT_FROM
    if large.any():
        half[large] = 0.5 * 10.0 ** (np.floor(np.log10(sizes[large])) - digits)
    return half


def exactly(numbers: Array) -> Ends:
    """Return the ends of numbers that are known: both are the number."""
    return np.stack([numbers, numbers], axis=-1)


def rounded(ends: Ends, digits: int) -> Ends:
    """Return the ends between which numbers are once they are written down; of a tie, both roundings."""
    unit: Array | float = 10.0**-digits
    if not bool(np.abs(ends).max(initial=0.0) < EXPONENT_FROM):
        unit = 2.0 * half_unit(ends, digits)
    units = ends / unit
    made = np.asarray(np.floor(units + (0.5 + TIE * SIDES)) * unit)
    # A float32 number reads as half way where its float64 is not quite: on the page it is rounded as it reads.
    near = np.abs(units - np.floor(units) - 0.5) <= np.minimum(decimals.FLOAT32 * np.abs(units), NEAR)
    if near.any():
        read = decimals.rounded(ends, digits)
        made = np.where(near, hull(made, read), made)
    return made


def written(ends: Ends, digits: int) -> Ends:
    """Return between which ends that lies which may be written down of these: of a tie, both roundings."""
    return hull(ends + half_unit(ends, digits) * SIDES, rounded(ends, digits))


def as_printed(numbers: Array, digits: int) -> Array:
    """Return numbers as they stand on the page."""
    shown = decimals.rounded(numbers, digits)
    for place in np.argwhere(np.abs(numbers) >= EXPONENT_FROM).tolist():
        shown[tuple(place)] = float(number(float(numbers[tuple(place)]), digits))
    return shown


def hull(*several: Ends) -> Ends:
    """Return the ends that take in all of several."""
    return np.stack([np.min(several, axis=0)[..., 0], np.max(several, axis=0)[..., 1]], axis=-1)


def less(ends: Ends) -> Ends:
    """Return the ends of numbers with the other sign."""
    return -ends[..., ::-1]


def through(function: str, *parts: Ends) -> Ends:
    """Return the ends between which a function of the table is, of numbers between the ends of its parts."""
    match function:
        case "subtract":
            return np.asarray(parts[0] + less(parts[1]))
        case "negative":
            return less(parts[0])
        case "multiply":
            return _corners(np.multiply, *parts)
        case "divide":
            zero = (parts[1][..., 0] <= 0.0) & (parts[1][..., 1] >= 0.0) & (parts[1][..., 0] < parts[1][..., 1])
            return np.where(zero[..., np.newaxis], np.inf * SIDES, _corners(np.divide, *parts))
        case "absolute" | "square" | "cosh":
            of = FUNCTIONS[function].of
            made = np.sort(of(parts[0]), axis=-1)
            least = of(np.zeros(()))
            made[..., 0] = np.where((parts[0][..., 0] < 0.0) & (parts[0][..., 1] > 0.0), least, made[..., 0])
            return made
        case "sin" | "cos":
            return _wave(function, parts[0])
        case "where":
            return _chosen(*parts)
        case "sqrt" | "log":
            parts = (_positive(parts[0]),)
    if function in COMPARING:
        return _compared(function, *parts)
    # All others only rise with each of their parts.
    return np.asarray(FUNCTIONS[function].of(*parts))


def _wave(function: str, ends: Ends) -> Ends:
    """Return the ends of a sine or cosine: what it is at both, and 1 or -1 where it turns between them."""
    of, low, high = FUNCTIONS[function].of, ends[..., 0], ends[..., 1]
    first = np.pi / 2.0 if function == "sin" else 0.0
    turn = first + np.pi * np.ceil((low - first) / np.pi)
    turns = np.stack([np.where(at <= high, at, low) for at in (turn, turn + np.pi)], axis=-1)
    return hull(np.sort(of(ends), axis=-1), np.sort(of(turns), axis=-1))


def _positive(ends: Ends) -> Ends:
    """Return the ends of numbers that a root can be taken of: who comes to none of these has gone wrong before."""
    low = np.where((ends[..., 0] <= 0.0) & (ends[..., 1] > 0.0), ends.sum(axis=-1) / 8.0, ends[..., 0])
    return np.stack([np.where(low > 0.0, low, ends[..., 0]), ends[..., 1]], axis=-1)


def _corners(of: Callable[[Array, Array], Array], first: Ends, second: Ends) -> Ends:
    return hull(*(exactly(of(first[..., one], second[..., other])) for one, other in product((0, 1), (0, 1))))


def _compared(function: str, first: Ends, second: Ends) -> Ends:
    """Return 0 and 1 where both are possible; for the lower end the first number is as low as it can be."""
    if function == "equal":
        apart = (first[..., 0] > second[..., 1]) | (first[..., 1] < second[..., 0])
        known = (first[..., 0] == first[..., 1]) & (second[..., 0] == second[..., 1])
        return np.stack([np.where(known & ~apart, 1.0, 0.0), np.where(apart, 0.0, 1.0)], axis=-1)
    return np.asarray(FUNCTIONS[function].of(first, second[..., ::-1]))


def _chosen(condition: Ends, yes: Ends, no: Ends) -> Ends:
    yes, no = np.broadcast_arrays(yes, no)
    sure, never = (condition[..., 0] != 0.0)[..., np.newaxis], (condition[..., 1] == 0.0)[..., np.newaxis]
    return np.where(sure, yes, np.where(never, no, hull(yes, no)))


def _tanh(z: Ends, pen: Pen) -> Ends:
    # The share rises with the first and falls with the second.
    up, down = pen(np.exp(z)), pen(np.exp(less(z)))[..., ::-1]
    return np.asarray((up - down) / (up + down))


def _sigmoid(z: Ends, pen: Pen) -> Ends:
    power, other = pen(np.exp(z)), pen(np.exp(less(z)))
    return hull(1.0 / (1.0 + other[..., ::-1]), power / (1.0 + power))


BY_STEPS: dict[str, Callable[[Ends, Pen], Ends]] = {
    "tanh": _tanh,
    "sigmoid": _sigmoid,
    "softplus": lambda z, pen: np.log(1.0 + pen(np.exp(z))),
    "expm1": lambda z, pen: pen(np.exp(z)) - 1.0,
}
"""Functions that a person without their key works out by exp, which ``pen`` keeps or writes down."""
