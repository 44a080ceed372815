"""Every activation that Keras 3 knows by name: its NumPy function and its formula as text.

The formulas are those of the Keras 3 documentation ("Layer activation functions"); the functions are written
from the formulas, in float64, and never ask Keras.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.errors import Refused, shorten
from core.operations.functions import sigmoid

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.arrays import Array

SELU_ALPHA = 1.6732632423543772
SELU_SCALE = 1.0507009873554805
"""Constants of "Self-Normalizing Neural Networks" (Klambauer et al., 2017)."""


@dataclass(frozen=True)
class ActivationFunction:
    """One activation: ``name`` as Keras spells it, ``function`` on the last axis, ``formula`` as text."""

    name: str
    function: Callable[[Array], Array]
    formula: str


def _softplus(z: Array) -> Array:
    return np.asarray(np.logaddexp(0.0, z))


def _elu(z: Array, alpha: float = 1.0) -> Array:
    return np.where(z > 0, z, alpha * np.expm1(np.minimum(z, 0.0)))


def _softmax(z: Array) -> Array:
    shifted = np.exp(z - z.max(axis=-1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True))


def _log_softmax(z: Array) -> Array:
    shifted = z - z.max(axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)))


def _sparsemax(z: Array) -> Array:
    # "From Softmax to Sparsemax" (Martins and Astudillo, 2016): the projection of z onto the simplex. Keras 3.15
    # takes another threshold, and its outputs don't sum to 1 where two are above 0 (Keras issue 23425, fixed later).
    ordered = -np.sort(-z, axis=-1)
    ranks = np.arange(1, z.shape[-1] + 1)
    sums = np.cumsum(ordered, axis=-1)
    in_support = 1.0 + ranks * ordered > sums
    support = in_support.sum(axis=-1, keepdims=True)
    threshold = (np.take_along_axis(sums, support - 1, axis=-1) - 1.0) / support
    return np.asarray(np.maximum(z - threshold, 0.0))


def _sparse_plus(z: Array) -> Array:
    return np.where(z <= -1, 0.0, np.where(z < 1, 0.25 * (z + 1.0) ** 2, z))


def _gelu(z: Array) -> Array:
    return np.asarray(0.5 * z * (1.0 + _erf(z / np.sqrt(2.0))))


def _erf(z: Array) -> Array:
    # NumPy has no erf and the standard library's takes one number at a time.
    from math import erf

    return np.asarray(np.vectorize(erf, otypes=[np.float64])(z))


def _glu(z: Array) -> Array:
    value, gate = np.split(z, 2, axis=-1)
    return np.asarray(value * sigmoid(gate))


def _soft_shrink(z: Array) -> Array:
    # NaN is neither above nor below, so it becomes 0, as in Keras.
    return np.where(z > 0.5, z - 0.5, np.where(z < -0.5, z + 0.5, 0.0))


def _hard_sigmoid(z: Array) -> Array:
    return np.clip(z / 6.0 + 0.5, 0.0, 1.0)


def _table(*rows: tuple[str, Callable[[Array], Array], str]) -> dict[str, ActivationFunction]:
    return {name: ActivationFunction(name, function, formula) for name, function, formula in rows}


ACTIVATIONS = _table(
    ("linear", lambda z: z, "z"),
    ("tanh", np.tanh, "(exp(z) - exp(-z)) / (exp(z) + exp(-z))"),
    ("sigmoid", sigmoid, "1 / (1 + exp(-z))"),
    ("relu", lambda z: np.maximum(z, 0.0), "max(z, 0)"),
    ("softmax", _softmax, "exp(z) / sum of exp(z)"),
    ("celu", _elu, "z if z > 0, else exp(z) - 1"),
    ("elu", _elu, "z if z > 0, else exp(z) - 1"),
    ("exponential", np.exp, "exp(z)"),
    ("gelu", _gelu, "z * (1 + erf(z / sqrt(2))) / 2"),
    ("glu", _glu, "first half of z * sigmoid(second half)"),
    ("hard_shrink", lambda z: np.where(np.abs(z) > 0.5, z, 0.0), "z if |z| > 0.5, else 0"),
    ("hard_sigmoid", _hard_sigmoid, "z / 6 + 0.5, kept in [0, 1]"),
    ("hard_silu", lambda z: z * _hard_sigmoid(z), "z * hard_sigmoid(z)"),
    ("hard_swish", lambda z: z * _hard_sigmoid(z), "z * hard_sigmoid(z)"),
    ("hard_tanh", lambda z: np.clip(z, -1.0, 1.0), "z, kept in [-1, 1]"),
    ("leaky_relu", lambda z: np.where(z > 0, z, 0.2 * z), "z if z > 0, else 0.2 z"),
    ("log_sigmoid", lambda z: -_softplus(-z), "log(1 / (1 + exp(-z)))"),
    ("log_softmax", _log_softmax, "z - log(sum of exp(z))"),
    ("mish", lambda z: z * np.tanh(_softplus(z)), "z * tanh(log(1 + exp(z)))"),
    ("relu6", lambda z: np.clip(z, 0.0, 6.0), "z, kept in [0, 6]"),
    ("selu", lambda z: SELU_SCALE * _elu(z, SELU_ALPHA), "1.050701 z if z > 0, else 1.758099 (exp(z) - 1)"),
    ("silu", lambda z: z * sigmoid(z), "z * sigmoid(z)"),
    ("swish", lambda z: z * sigmoid(z), "z * sigmoid(z)"),
    ("soft_shrink", _soft_shrink, "z - 0.5 above 0.5, z + 0.5 below -0.5, else 0"),
    ("softplus", _softplus, "log(1 + exp(z))"),
    ("softsign", lambda z: z / (1.0 + np.abs(z)), "z / (1 + |z|)"),
    ("sparse_plus", _sparse_plus, "0 below -1, (z + 1)^2 / 4 to 1, then z"),
    ("sparse_sigmoid", lambda z: np.clip(0.5 * (z + 1.0), 0.0, 1.0), "(z + 1) / 2, kept in [0, 1]"),
    ("sparsemax", _sparsemax, "z projected onto the simplex"),
    ("squareplus", lambda z: 0.5 * (z + np.sqrt(z * z + 4.0)), "(z + sqrt(z^2 + 4)) / 2"),
    ("tanh_shrink", lambda z: z - np.tanh(z), "z - tanh(z)"),
)
"""Keras's name -> the function. Keras's ``threshold`` is missing because it cannot be used by name alone."""

OVER_ALL_UNITS = frozenset({"softmax", "log_softmax", "sparsemax", "glu"})
"""Activations whose every output depends on the pre-activations of other units too."""

HALVING = frozenset({"glu"})
"""Activations whose output is half as wide as their input."""


def activation(name: str) -> ActivationFunction:
    """Return the activation that Keras calls ``name``.

    Raises:
        Refused: Keras has no activation of that name that can be used without parameters.
    """
    try:
        return ACTIVATIONS[name]
    except KeyError:
        known = ", ".join(ACTIVATIONS)
        message = f"expected an activation that Keras knows ({known}), got {shorten(name)!r}"
        raise Refused(message) from None
