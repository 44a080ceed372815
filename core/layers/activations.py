"""Keras's activations in operations, by Keras's names.

Formulas: Keras 3 documentation, "Layer activation functions". Those over all units take the last axis.
"""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

from core.errors import Refused, shorten

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.layers.layer import Function, Weights
    from core.layers.writer import Writer
    from core.operations.program import Value

SELU_ALPHA = 1.6732632423543772
SELU_SCALE = 1.0507009873554805
"""Constants of "Self-Normalizing Neural Networks" (Klambauer et al., 2017)."""


def kept_in(z: Value, low: float, high: float) -> Value:
    """Return what is below ``low`` or above ``high`` as that."""
    return z.each("maximum", low).each("minimum", high)


def relu(z: Value, negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0) -> Value:
    """Return ``z`` above ``threshold``, ``max_value`` at most, and else ``negative_slope`` of how far it is below."""
    kept = z if max_value is None else z.each("minimum", max_value)
    if negative_slope == threshold == 0.0:
        return kept.each("maximum", 0.0)
    return z.above(threshold).each("where", kept, (z - threshold) * negative_slope if negative_slope else 0.0)


def leaky_relu(z: Value, negative_slope: Value | float = 0.2) -> Value:
    """Return ``z``, and ``negative_slope`` of it below 0."""
    return z.above(0.0).each("where", z, z * negative_slope)


def elu(z: Value, alpha: float = 1.0) -> Value:
    """Return ``z``, and ``alpha (exp(z) - 1)`` below 0."""
    return z.above(0.0).each("where", z, z.each("minimum", 0.0).each("expm1") * alpha)


def softmax(z: Value, *axes: int) -> Value:
    """Return the share of each number's exponential in all of them along ``axes``, the last one if there are none."""
    axes = axes or (-1,)
    powers = (z - z.over("largest", *axes)).each("exp")
    return powers / powers.over("sum", *axes)


def _log_softmax(z: Value) -> Value:
    shifted = z - z.over("largest", -1)
    return shifted - shifted.each("exp").over("sum", -1).each("log")


def _sparsemax(z: Value) -> Value:
    # "From Softmax to Sparsemax" (Martins and Astudillo, 2016): a number is in the support if those above it are above
    # it by less than 1 in all. Keras 3.15 takes another threshold (Keras issue 23425, fixed later).
    above = (z.expand(-2) - z.expand(-1)).each("maximum", 0.0).over("sum", -1, keep=False)
    support = 1.0 - above.at_least(1.0)
    threshold = ((support * z).over("sum", -1) - 1.0) / support.over("sum", -1)
    return (z - threshold).each("maximum", 0.0)


def _sparse_plus(z: Value) -> Value:
    between = (z + 1.0).each("square") * 0.25
    return z.above(-1.0).each("where", z.at_least(1.0).each("where", z, between), 0.0)


def gelu(z: Value, approximate: bool = False) -> Value:
    """Return ``z`` times the normal distribution's share below it, or Keras's approximation of that by tanh."""
    if approximate:
        inner = (z + 0.044715 * (z * z * z)) * sqrt(2.0 / 3.141592653589793)
        return 0.5 * z * (inner.each("tanh") + 1.0)
    return 0.5 * z * ((z / sqrt(2.0)).each("erf") + 1.0)


def _glu(z: Value) -> Value:
    if z.shape[-1] % 2:
        raise Refused(f"glu halves its units: expected an even number of them, got {z.shape[-1]}")
    value, gate = z.split(-1, 2)
    return value * gate.each("sigmoid")


def _soft_shrink(z: Value) -> Value:
    # NaN is neither above nor below, so it becomes 0, as in Keras.
    below = (-z).above(0.5).each("where", z + 0.5, 0.0)
    return z.above(0.5).each("where", z - 0.5, below)


def _hard_shrink(z: Value) -> Value:
    return z.each("absolute").above(0.5).each("where", z, 0.0)


def _hard_sigmoid(z: Value) -> Value:
    return kept_in(z / 6.0 + 0.5, 0.0, 1.0)


ACTIVATIONS: dict[str, Callable[[Value], Value]] = {
    "linear": lambda z: z,
    "tanh": lambda z: z.each("tanh"),
    "sigmoid": lambda z: z.each("sigmoid"),
    "relu": relu,
    "softmax": softmax,
    "celu": elu,
    "elu": elu,
    "exponential": lambda z: z.each("exp"),
    "gelu": gelu,
    "glu": _glu,
    "hard_shrink": _hard_shrink,
    "hard_sigmoid": _hard_sigmoid,
    "hard_silu": lambda z: z * _hard_sigmoid(z),
    "hard_swish": lambda z: z * _hard_sigmoid(z),
    "hard_tanh": lambda z: kept_in(z, -1.0, 1.0),
    "leaky_relu": leaky_relu,
    "log_sigmoid": lambda z: -(-z).each("softplus"),
    "log_softmax": _log_softmax,
    "mish": lambda z: z * z.each("softplus").each("tanh"),
    "relu6": lambda z: kept_in(z, 0.0, 6.0),
    "selu": lambda z: elu(z, SELU_ALPHA) * SELU_SCALE,
    "silu": lambda z: z * z.each("sigmoid"),
    "swish": lambda z: z * z.each("sigmoid"),
    "soft_shrink": _soft_shrink,
    "softplus": lambda z: z.each("softplus"),
    "softsign": lambda z: z / (z.each("absolute") + 1.0),
    "sparse_plus": _sparse_plus,
    "sparse_sigmoid": lambda z: kept_in((z + 1.0) * 0.5, 0.0, 1.0),
    "sparsemax": _sparsemax,
    "squareplus": lambda z: (z + (z * z + 4.0).each("sqrt")) * 0.5,
    "tanh_shrink": lambda z: z - z.each("tanh"),
}
"""Keras's name -> what it makes of a value. Keras's ``threshold`` is missing because it can't be used by name alone."""

OLD_HARD_SIGMOID = "hard_sigmoid_of_keras_2"

NO_LONGER: dict[str, Callable[[Value], Value]] = {OLD_HARD_SIGMOID: lambda z: kept_in(0.2 * z + 0.5, 0.0, 1.0)}
"""What Keras 1 and 2 had under a name that means something else today ("Activations" in their documentation)."""


def activated(z: Value, name: Function) -> Value:
    """Return the activation that Keras calls ``name``, or that is a layer, of ``z``.

    Raises:
        Refused: Keras has no activation of that name that can be used without parameters.
    """
    if not isinstance(name, str):
        return name.of(z)
    if name in NO_LONGER:
        return NO_LONGER[name](z)
    if name not in ACTIVATIONS:
        known = ", ".join(ACTIVATIONS)
        raise Refused(f"expected an activation that Keras knows ({known}), got {shorten(name)!r}")
    return ACTIVATIONS[name](z)


def as_added(value: Value, bias: Value) -> Value:
    """Return ``bias`` of the shape in which Keras adds it, always the same as it is, to a value.

    What has one axis longer than 1 it takes for a bias: of the last axis, if that is as long, or else of the first;
    NumPy would go by which axis it is.
    """
    long = [size for size in bias.shape if size > 1]
    if len(long) != 1 or long[0] not in (value.shape[:1] + value.shape[-1:]):
        return bias
    after = 0 if long[0] == value.shape[-1] else value.rank - 1
    return bias.reshape(*long, *[1] * after)


def finished(on: Writer, w: Weights, total: Value, activation: Function, *axes: str) -> Value:
    """Write down weighted sums, the pre-activations that a bias, if there is one, makes of them, and the activation."""
    total = on.name("weighted sum", total, *axes)
    return activated(on.name("pre-activation", total + w["bias"] if "bias" in w else total, *axes), activation)
