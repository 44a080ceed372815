"""What slips in adding the bias and in the activation give."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.activations import HALVING, activation
from core.decimals import rounded
from core.practice.slip import Candidate, Slip
from core.practice.slips_in_sums import early, other_units, units_beside
from core.practice.tolerance import over_all

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from jaxtyping import Int

    from core.arrays import Array
    from core.calculation.forward import Step

USUAL = (
    "tanh",
    "sigmoid",
    "relu",
    "softmax",
    "softplus",
    "exponential",
    "elu",
    "leaky_relu",
    "gelu",
    "silu",
    "softsign",
    "hard_sigmoid",
    "hard_tanh",
    "selu",
)
"""Activations that are taken for one another."""

ANGLES = (("tan", np.tan), ("sin", np.sin), ("cos", np.cos))
"""The keys of a calculator beside tanh that take an angle, in degrees or in radians."""

DEGREE = np.pi / 180.0

MOST_NUMBERS = 200_000
"""How many numbers are calculated at most to try slips before an activation over all units."""


def in_bias(step: Step, unit: int, total: float, digits: int) -> list[Candidate]:
    """Return the numbers that slips in adding the bias to the weighted sum ``total`` would give."""
    assert step.bias is not None
    bias = float(step.bias[unit])
    made = [
        Candidate(Slip.FORGOT_BIAS, np.array([total]), "the bias was left out"),
        Candidate(Slip.BIAS_TWICE, np.array([total + 2.0 * bias]), "the bias was added twice"),
        Candidate(Slip.BIAS_SUBTRACTED, np.array([total - bias]), "the bias was subtracted"),
        Candidate(Slip.SIGN, np.array([-total - bias]), "the sign of the whole is the other one"),
        Candidate(Slip.SIGN, np.array([bias - total]), "the sign of the weighted sum was lost"),
    ]
    others = units_beside(step, unit)
    words = "the bias of another unit was taken"
    made.append(Candidate(Slip.OTHER_BIAS, total + step.bias[others], words, _naming("the bias of unit", others)))
    values = []
    for fewer in range(digits):
        kept, short = rounded(bias, fewer), rounded(total, fewer)
        values += [short + bias, rounded(total + bias, fewer)]
        # A bias that rounds to 0 is one that was forgotten.
        values += [total + kept, short + kept] if kept else []
    return [*made, early(np.array(values))]


def in_activation(name: str, z: Array, unit: int, digits: int, first: int = 0) -> list[Candidate]:
    """Return the numbers that slips in applying the activation ``name`` to the pre-activations would give.

    ``first`` is which of the layer's units the first of these is.
    """
    own = float(z[unit])
    right = after(name, z, unit, np.array([own]))
    made = [
        Candidate(Slip.FORGOT_ACTIVATION, np.array([own]), f"the activation, {name}, was left out"),
        *_other_activations(name, z, unit),
        Candidate(Slip.SIGN, -right, "the sign of the whole is the other one"),
        Candidate(Slip.SIGN, after(name, z, unit, np.array([-own])), "the sign of the pre-activation was lost"),
        *_angles(name, z, unit),
    ]
    others = other_units(z.size // 2 if name in HALVING else z.size, unit)
    values = activation(name).function(z)[others] if over_all(name) else after(name, z, unit, z[others])
    words = "the pre-activation of another unit was taken"
    naming = _naming("the pre-activation of unit", first + others)
    made.append(Candidate(Slip.OTHER_INPUT, values, words, naming))
    before = [rounded(own, fewer) for fewer in range(digits)]
    ends = [rounded(right[0], fewer) for fewer in range(digits)]
    return [*made, early(np.concatenate([after(name, z, unit, np.array(before)), np.array(ends)]))]


def in_largest(
    inputs: Array, rows: Sequence[int], names: Callable[[int], str], elsewhere: Array, digits: int
) -> list[Candidate]:
    """Return the numbers that slips in choosing the largest of the ``inputs`` in ``rows`` would give.

    ``names`` gives an input's symbol, ``elsewhere`` are the largest numbers where the window stands one step further.
    """
    seen = inputs[rows]
    sizes = np.abs(seen)
    words = "another number was taken, not the largest"
    return [
        Candidate(Slip.NOT_LARGEST, seen, words, lambda at: f"{names(rows[at])} was taken, which is not the largest"),
        Candidate(Slip.SIGN, np.array([sizes.max(), -seen.max()]), "a minus sign was left out, or put before it"),
        Candidate(Slip.MEAN_FOR_LARGEST, np.array([seen.mean()]), "the mean was taken, not the largest"),
        Candidate(Slip.MEAN_FOR_LARGEST, np.array([seen.sum()]), "the numbers were added up"),
        Candidate(Slip.OTHER_INPUT, elsewhere, "the window stood at another place"),
        early(np.array([rounded(seen.max(), fewer) for fewer in range(digits)])),
    ]


def _naming(what: str, units: Int[np.ndarray, "others"]) -> Callable[[int], str]:
    return lambda at: f"{what} {units[at] + 1:,} was taken"


def after(name: str, z: Array, unit: int, values: Array) -> Array:
    """Return the output of ``unit`` with each of ``values`` as its pre-activation, those of the others as they are.

    Of very many values over very many units only the first are tried; the others come out as NaN.
    """
    function = activation(name).function
    if not over_all(name):
        return function(values)
    if name == "glu":
        # The second half of the units are gates, and have no output of their own.
        gate = z[unit + z.size // 2] if unit < z.size // 2 else np.array(np.nan)
        return values * activation("sigmoid").function(gate)
    if name in ("softmax", "log_softmax"):
        # Written with the others' sum, the time does not grow with their number for every value.
        above = values - np.logaddexp.reduce(np.delete(z, unit), initial=-np.inf)
        return activation("sigmoid" if name == "softmax" else "log_sigmoid").function(above)
    rows = np.tile(z, (min(values.size, max(1, MOST_NUMBERS // z.size)), 1))
    rows[:, unit] = values[: len(rows)]
    made = np.full(values.size, np.nan)
    made[: len(rows)] = function(rows)[:, unit]
    return made


def _other_activations(name: str, z: Array, unit: int) -> list[Candidate]:
    own = np.array([float(z[unit])])
    return [
        Candidate(Slip.WRONG_ACTIVATION, after(other, z, unit, own), f"{other} was taken for {name}")
        for other in USUAL
        if other != name
    ]


def _angles(name: str, z: Array, unit: int) -> list[Candidate]:
    """Return what comes of degrees: no activation of Keras takes an angle, so none of them is right in either.

    A calculator's degree mode does nothing to its tanh key. What it does happen to is the tan key beside it, pressed
    for tanh, and to whoever first turns z, which is no angle, from degrees into radians or back.
    """
    own = float(z[unit])
    turned = after(name, z, unit, np.array([own * DEGREE, own / DEGREE]))
    made = [Candidate(Slip.DEGREES, turned, f"z was changed between degrees and radians, but {name} takes no angle")]
    if "tanh" not in name:
        return made
    for key, function in ANGLES:
        words = f"{key} of an angle in degrees was taken for {name}"
        made.append(Candidate(Slip.DEGREES, np.array([function(own * DEGREE)]), words))
        made.append(Candidate(Slip.TAN, np.array([function(own)]), f"{key} was taken for {name}"))
    return made
