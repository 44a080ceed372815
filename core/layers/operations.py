"""Keras's operations, such as ``x + 1`` or ``keras.ops.exp(x)``, where they stand in a model like layers.

Those here have no settings. Keras writes masks with them too: an Embedding with ``mask_zero`` is followed by a
``NotEqual``, Masking by that and ``Any``. Keras 3 documentation, "Ops API".
"""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING, Any

from core.layers.activations import ACTIVATIONS, as_added
from core.layers.layer import Layer
from core.operations.operation import Misfit

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.layers.layer import Results, Weights
    from core.layers.writer import Writer
    from core.operations.program import Value


def _not(value: Value) -> Value:
    return 1.0 - value


def is_true(value: Value) -> Value:
    """Return 1 for a number that Keras takes for true, which any but 0 is, NaN too."""
    return _not(value.each("equal", 0.0))


def _sign(x: Value) -> Value:
    # NaN has none: it stays.
    return x.each("equal", x).each("where", x.above(0.0) - (-x).above(0.0), x)


def _floor(x: Value) -> Value:
    whole = x.each("truncate")
    return whole - whole.above(x)


def _of_one(name: str) -> Callable[..., Value]:
    return lambda x: x.each(name)


def _of_two(name: str) -> Callable[..., Value]:
    return lambda x, y: x.each(name, y)


def _matmul(x: Value, y: Value) -> Value:
    """Return the products of rows with columns, of as many matrices as there are; of a point alone that is one row."""
    before = "abcdef"[: max(x.rank, y.rank) - 2]
    ours = f"{before[len(before) - max(x.rank - 2, 0) :]}ij"[-x.rank :]
    theirs = f"{before[len(before) - max(y.rank - 2, 0) :]}jk"
    if x.rank < 1 or y.rank < 2 or x.shape[-1] != y.shape[-2]:
        raise Misfit(f"expected matrices of which one has as many columns as the other rows, got {x.shape}, {y.shape}")
    return x.dot(f"{ours},{theirs}->{before}{'i' if x.rank > 1 else ''}k", y)


ACTIVATING = {
    "HardSigmoid": "hard_sigmoid",
    "HardSilu": "hard_silu",
    "LogSigmoid": "log_sigmoid",
    "Relu": "relu",
    "Relu6": "relu6",
    "Selu": "selu",
    "Sigmoid": "sigmoid",
    "Silu": "silu",
    "Softplus": "softplus",
    "Softsign": "softsign",
    "Tanh": "tanh",
    "TanhShrink": "tanh_shrink",
}
"""Keras's class -> the activation that it is too."""

OPERATIONS: dict[str, Callable[..., Value]] = {
    "Absolute": _of_one("absolute"),
    "Add": lambda x, y: x + (as_added(x, y) if y.is_constant and not x.is_constant else y),
    "Ceil": lambda x: -_floor(-x),
    "ConvertToTensor": lambda x: x,
    "Cos": _of_one("cos"),
    "Cosh": _of_one("cosh"),
    "Divide": _of_two("divide"),
    "Equal": _of_two("equal"),
    "Erf": _of_one("erf"),
    "Exp": _of_one("exp"),
    "Exp2": lambda x: (log(2.0) * x).each("exp"),
    "Expm1": _of_one("expm1"),
    "Floor": _floor,
    "Greater": _of_two("above"),
    "GreaterEqual": _of_two("at_least"),
    "Less": lambda x, y: y.above(x),
    "LessEqual": lambda x, y: y.at_least(x),
    "Log": _of_one("log"),
    "Log10": lambda x: x.each("log") / log(10.0),
    "Log1p": lambda x: (1.0 + x).each("log"),
    "Log2": lambda x: x.each("log") / log(2.0),
    "LogicalAnd": lambda x, y: is_true(x).each("minimum", is_true(y)),
    "LogicalNot": lambda x: x.each("equal", 0.0),
    "LogicalOr": lambda x, y: is_true(x).each("maximum", is_true(y)),
    "LogicalXor": lambda x, y: _not(is_true(x).each("equal", is_true(y))),
    "Matmul": _matmul,
    "Maximum": _of_two("maximum"),
    "Minimum": _of_two("minimum"),
    "Multiply": _of_two("multiply"),
    "Negative": _of_one("negative"),
    "NotEqual": lambda x, y: _not(x.each("equal", y)),
    # Not x divided by x, which is NaN of 0.
    "OnesLike": lambda x: 1.0 - x.each("equal", x) * 0.0,
    "Power": _of_two("power"),
    "Reciprocal": lambda x: 1.0 / x,
    "Rsqrt": lambda x: 1.0 / x.each("sqrt"),
    "Sign": _sign,
    "Sin": _of_one("sin"),
    # Where x is small, two exponentials would leave nothing of their difference.
    "Sinh": lambda x: (x.each("expm1") - (-x).each("expm1")) / 2.0,
    "Sqrt": _of_one("sqrt"),
    "Square": _of_one("square"),
    "Subtract": _of_two("subtract"),
    "TrueDivide": _of_two("divide"),
    "Trunc": _of_one("truncate"),
    "Where": lambda condition, x, y: is_true(condition).each("where", x, y),
    # Not x times 0, which is NaN of an infinite number.
    "ZerosLike": lambda x: x.each("equal", x) * 0.0,
    **{kind: ACTIVATIONS[name] for kind, name in ACTIVATING.items()},
}
"""Keras's class -> what it makes of its sources, number by number but for ``Matmul``."""


class OfKeras(Layer, frozen=True, kw_only=True):
    """An operation of Keras's; ``module`` is where Keras has its class. Its sources may be plain numbers."""

    knows_trainable = False

    module: str = "keras.src.ops.numpy"

    @property
    def in_words(self) -> str:
        """Keras's class of it."""
        return self.keras_class

    @property
    def of_whole_batch(self) -> bool:
        """Whether it makes something of all points of a batch at once, which is of no point alone."""
        return False

    @property
    def more_of_call(self) -> tuple[Any, ...]:
        """What Keras is told in each call, after the sources, as JSON."""
        return ()

    def of_points(self, sources: Sequence[Value], least: int = 1) -> list[Value]:
        """Return sources, those that are always the same without the axis of 1 that they have where others have points.

        They have one from ``least`` axes on.

        Raises:
            Misfit: numbers are given for each point of a batch, which may have any number of them.
        """
        constants = [source for source in sources if source.is_constant and source.rank >= least]
        most = max((source.rank for source in sources if not source.is_constant), default=0)
        wide = [source for source in constants if source.rank == most + 1]
        if any(source.shape[0] != 1 for source in wide):
            raise Misfit(f"expected numbers that are the same for every point, got them of shape {wide[0].shape}")
        return [source.squeeze(0) if source in wide else source for source in sources]


class Operation(OfKeras, frozen=True, tag="Operation"):
    """An operation of Keras's class of that name, without settings."""

    keras_class: str

    @property
    def last_activation(self) -> str:
        """The activation that it is, if it is one."""
        return ACTIVATING.get(self.keras_class, "")

    @property
    def passes_on(self) -> bool:
        """Whether Keras gives back the very tensor that it got."""
        return self.keras_class == "ConvertToTensor"

    def call(self, on: Writer, w: Weights, *sources: Value) -> Results:
        """Write down the operation."""
        given = self.of_points(sources, 3 if self.keras_class == "Matmul" else 1)
        if self.last_activation:
            given = [on.name("pre-activation", given[0])]
        return OPERATIONS[self.keras_class](*given)
