"""The functions that :class:`~core.operations.each.Each` applies to single numbers, with their slopes.

A slope is written in operations again. Formulas: NIST Digital Library of Mathematical Functions, chapters 4 and 7;
where a function has a corner the slope is the one that TensorFlow takes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from math import pi, sqrt
from typing import TYPE_CHECKING

import numpy as np

from core.operations.writing import FORMS, Forms

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.arrays import Array
    from core.operations.program import Value

    Slope = Callable[["Value", "Value"], "Value | None"]


@dataclass(frozen=True)
class Function:
    """``of`` on arrays; ``slopes`` gives, of (the result, source, source ...), what each source's slope is times.

    ``exact`` if float32 rounds its result once and no more; ``forms`` is how it is written in every notation.
    """

    of: Callable[..., Array]
    forms: Forms
    slopes: Callable[..., tuple[Value | float | None, ...]]
    exact: bool = True


def sigmoid(z: Array) -> Array:
    """Return 1 / (1 + exp(-z)), of which no exp overflows and every digit is kept where it is small."""
    small = np.exp(-np.abs(z))
    return np.where(z >= 0.0, 1.0, small) / (1.0 + small)


def _softplus(z: Array) -> Array:
    return np.asarray(np.logaddexp(0.0, z))


def _power(base: Array, exponent: Array) -> Array:
    # Never of fractions, which would grow without bounds.
    return np.power(np.asarray(base, dtype=np.float64), np.asarray(exponent, dtype=np.float64))


def _is(comparison: Callable[[Array, Array], Array]) -> Callable[[Array, Array], Array]:
    return lambda a, b: np.asarray(comparison(a, b), dtype=np.float64)


_ERF = np.vectorize(math.erf, otypes=[np.float64])
"""NumPy has no erf, and the standard library's takes one number at a time."""


def _erf(z: Array) -> Array:
    return np.asarray(_ERF(z)) if z.size else z


def _far_below(z: Array) -> Array:
    return np.asarray(np.asarray(z, dtype=np.float32) - np.float32(1e9), dtype=np.float64)


def _where(condition: Array, yes: Array, no: Array) -> Array:
    return np.where(condition != 0.0, yes, no)


def _none(*_: Value) -> tuple[None, ...]:
    return (None, None)


FUNCTIONS: dict[str, Function] = {
    "add": Function(np.add, FORMS["add"], lambda made, a, b: (1.0, 1.0)),
    "subtract": Function(np.subtract, FORMS["subtract"], lambda made, a, b: (1.0, -1.0)),
    "multiply": Function(np.multiply, FORMS["multiply"], lambda made, a, b: (b, a)),
    "divide": Function(np.divide, FORMS["divide"], lambda made, a, b: (1.0 / b, -made / b)),
    "maximum": Function(np.maximum, FORMS["maximum"], lambda made, a, b: (a.at_least(b), b.above(a))),
    "minimum": Function(np.minimum, FORMS["minimum"], lambda made, a, b: (b.at_least(a), a.above(b))),
    "negative": Function(np.negative, FORMS["negative"], lambda made, a: (-1.0,)),
    "absolute": Function(np.abs, FORMS["absolute"], lambda made, a: (a.above(0.0) - (-a).above(0.0),)),
    "truncate": Function(np.trunc, FORMS["truncate"], lambda made, a: (None,)),
    "square": Function(np.square, FORMS["square"], lambda made, a: (2.0 * a,)),
    "power": Function(
        _power, FORMS["power"], lambda made, a, b: (b * a.each("power", b - 1.0), made * a.each("log")), exact=False
    ),
    "sqrt": Function(np.sqrt, FORMS["sqrt"], lambda made, a: (0.5 / made,)),
    "exp": Function(np.exp, FORMS["exp"], lambda made, a: (made,), exact=False),
    "expm1": Function(np.expm1, FORMS["expm1"], lambda made, a: (made + 1.0,), exact=False),
    "log": Function(np.log, FORMS["log"], lambda made, a: (1.0 / a,), exact=False),
    "tanh": Function(np.tanh, FORMS["tanh"], lambda made, a: (1.0 - made.each("square"),), exact=False),
    "sigmoid": Function(sigmoid, FORMS["sigmoid"], lambda made, a: (made * (1.0 - made),), exact=False),
    "softplus": Function(_softplus, FORMS["softplus"], lambda made, a: (a.each("sigmoid"),), exact=False),
    "cosh": Function(np.cosh, FORMS["cosh"], lambda made, a: (0.5 * (a.each("exp") - (-a).each("exp")),), exact=False),
    "sin": Function(np.sin, FORMS["sin"], lambda made, a: (a.each("cos"),), exact=False),
    "cos": Function(np.cos, FORMS["cos"], lambda made, a: (-a.each("sin"),), exact=False),
    "erf": Function(
        _erf, FORMS["erf"], lambda made, a: ((2.0 / sqrt(pi)) * (-a.each("square")).each("exp"),), exact=False
    ),
    # Beside 1e9 float32 leaves nothing of a score: masked scores are all the same. The slope knows nothing of that.
    "far_below": Function(_far_below, FORMS["far_below"], lambda made, a: (1.0,)),
    "above": Function(_is(np.greater), FORMS["above"], _none),
    "at_least": Function(_is(np.greater_equal), FORMS["at_least"], _none),
    "equal": Function(_is(np.equal), FORMS["equal"], _none),
    # The condition is 1 where it holds and 0 where it does not.
    "where": Function(
        _where,
        FORMS["where"],
        lambda made, condition, a, b: (None, condition, 1.0 - condition),
    ),
}
"""Name -> the function. Those that compare give 1 where it is so, and 0 where not."""

ADDING = frozenset({"add", "subtract"})
COMPARING = frozenset({"above", "at_least", "equal"})
CANCELLING = frozenset({"expm1"})
"""Those that Keras may make as a difference, as exp(z) - 1 in an ELU: a small result is off as far as its parts."""

CHOOSING = frozenset({"maximum", "minimum", "negative", "absolute", "truncate"})
"""Those that round nothing: what they make of numbers of float32 is one of float32."""
