"""Keras's operations, such as ``x + 1`` or ``keras.ops.exp(x)``, where they stand in a model like layers.

Keras writes masks with them too: an Embedding with ``mask_zero`` is followed by a ``NotEqual``, Masking by that and
``Any``. Keras 3 documentation, "Ops API".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.layers.activations import softmax
from core.layers.axes import of_point
from core.layers.layer import Layer

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.layers.layer import Weights
    from core.layers.writer import Writer
    from core.operations.program import Value


def _not(value: Value) -> Value:
    return 1.0 - value


def _is_true(value: Value) -> Value:
    """Return 1 for a number that Keras takes for true, which any but 0 is, NaN too."""
    return _not(value.each("equal", 0.0))


def _of_one(name: str) -> Callable[..., Value]:
    return lambda x: x.each(name)


def _of_two(name: str) -> Callable[..., Value]:
    return lambda x, y: x.each(name, y)


OPERATIONS: dict[str, Callable[..., Value]] = {
    "Absolute": _of_one("absolute"),
    "Add": _of_two("add"),
    "ConvertToTensor": lambda x: x,
    "Divide": _of_two("divide"),
    "Equal": _of_two("equal"),
    "Exp": _of_one("exp"),
    "Greater": _of_two("above"),
    "GreaterEqual": _of_two("at_least"),
    "Less": lambda x, y: y.above(x),
    "LessEqual": lambda x, y: y.at_least(x),
    "Log": _of_one("log"),
    "LogicalAnd": lambda x, y: _is_true(x).each("minimum", _is_true(y)),
    "LogicalNot": lambda x: x.each("equal", 0.0),
    "LogicalOr": lambda x, y: _is_true(x).each("maximum", _is_true(y)),
    "Maximum": _of_two("maximum"),
    "Minimum": _of_two("minimum"),
    "Multiply": _of_two("multiply"),
    "Negative": _of_one("negative"),
    "NotEqual": lambda x, y: _not(x.each("equal", y)),
    # Not x divided by x, which is NaN of 0.
    "OnesLike": lambda x: 1.0 - x.each("equal", x) * 0.0,
    "Relu": lambda x: x.each("maximum", 0.0),
    "Sigmoid": _of_one("sigmoid"),
    "Softmax": softmax,
    "Sqrt": _of_one("sqrt"),
    "Square": _of_one("square"),
    "Subtract": _of_two("subtract"),
    "Tanh": _of_one("tanh"),
    "TrueDivide": _of_two("divide"),
    # Not x times 0, which is NaN of an infinite number.
    "ZerosLike": lambda x: x.each("equal", x) * 0.0,
}
"""Keras's class -> what it makes of its sources, number by number."""

ALONG: dict[str, Callable[..., Value]] = {
    "Any": lambda on, axis, x: _is_true(x).over("largest", axis, keep=False),
    "Concatenate": lambda on, axis, *sources: on.join(sources, axis),
    "ExpandDims": lambda on, axis, x: x.expand(axis),
}
"""Keras's class -> what it makes of its sources along an axis of theirs, or of what comes out."""


CAST: dict[str, Callable[[Value], Value]] = {
    "bool": _is_true,
    "float32": lambda x: x,
    "int32": lambda x: x.whole(),
    "int64": lambda x: x.whole(),
}
"""What Keras casts to -> what of a number is left there."""

ACTIVATIONS = ("Relu", "Sigmoid", "Softmax", "Tanh")
"""Those that are activations too."""


class Operation(Layer, frozen=True, tag="Operation"):
    """An operation of Keras's class of that name and ``module`` between its sources, which may be plain numbers.

    ``dtype`` is what a Cast casts to.
    """

    knows_trainable = False

    keras_class: str
    module: str
    axis: int | None = None
    dtype: str | None = None

    @property
    def in_words(self) -> str:
        """Keras's class of it."""
        return self.keras_class

    @property
    def last_activation(self) -> str:
        """The activation that it is, if it is one."""
        return self.keras_class.lower() if self.keras_class in ACTIVATIONS else ""

    @property
    def passes_on(self) -> bool:
        """Whether Keras gives back the very tensor that it got."""
        return self.keras_class == "ConvertToTensor" or self.dtype == "float32"

    def call(self, on: Writer, w: Weights, *sources: Value) -> Value:
        """Write down the operation."""
        if self.last_activation:
            sources = (on.name("pre-activation", sources[0]),)
        if self.dtype is not None:
            return CAST[self.dtype](sources[0])
        if self.axis is None:
            return OPERATIONS[self.keras_class](*sources)
        rank = sources[0].rank + (self.keras_class == "ExpandDims")
        return ALONG[self.keras_class](on, of_point(self.name, self.axis, rank), *sources)
