"""Layers that Keras 1 or 2 had and today's Keras has no more: locally connected ones, Highway, MaxoutDense, and
activations with several arrays.

Formulas: Keras 2 documentation, "Locally-connected layers"; Keras 1.2 documentation, "Core layers" and "Advanced
Activations Layers"; "Highway Networks"
(Srivastava et al., 2015); "Maxout Networks" (Goodfellow et al., 2013).
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, ClassVar, Literal

from core.layers.activations import activated, finished
from core.layers.axes import PLACES, of_point
from core.layers.layer import Function, Layer, Size
from core.layers.windows import fits_under, letters_of, moved_over, steps_along
from core.model.penalised import Constraint, Regularizer

if TYPE_CHECKING:
    from core.layers.layer import Weights
    from core.layers.writer import Writer
    from core.operations.operation import Shape
    from core.operations.program import Value

NO_MORE = "keras of earlier"
"""Where Keras has their classes, as is said here."""


class LocallyConnected(Layer, frozen=True, kw_only=True):
    """At every place of a window, a kernel of that place alone; channels come last."""

    of_module = NO_MORE
    has_data_format = True
    unsaid = {"strides": 1}
    summed = ("kernel", "bias")
    followed_for = {"padding": ("valid",), "implementation": (1,)}

    filters: Size
    kernel_size: tuple[int, ...]
    strides: tuple[int, ...]
    padding: Literal["valid"] = "valid"
    activation: Function = "linear"
    use_bias: bool = True
    kernel_regularizer: Regularizer | None = None
    bias_regularizer: Regularizer | None = None
    kernel_constraint: Constraint | None = None
    bias_constraint: Constraint | None = None
    implementation: Literal[1] = 1

    @property
    def in_words(self) -> str:
        """Its filters, its window and, if it is not linear, its activation."""
        function = "" if self.activation == "linear" else f" {self.activation}"
        return f"{type(self).__name__} {self.filters} of {'x'.join(map(str, self.kernel_size))}{function}"

    def weights(self, *shapes: Shape) -> dict[str, Shape]:
        """Return a kernel of (places, what a window sees, filters) and, if it is used, a bias for each place."""
        places = tuple(
            steps_along(size, wide, stride, "valid")
            for size, wide, stride in zip(shapes[0], self.kernel_size, self.strides, strict=False)
        )
        kernel: dict[str, Shape] = {"kernel": (prod(places), prod(self.kernel_size) * shapes[0][-1], self.filters)}
        return kernel | {"bias": (*places, self.filters)} if self.use_bias else kernel

    def axes_of(self, weight: str) -> tuple[str, ...]:
        """Return the axes of kernel and bias."""
        return ("place", "seen", "filter") if weight == "kernel" else (*PLACES[len(self.kernel_size)], "filter")

    def call(self, on: Writer, w: Weights, inputs: Value) -> Value:
        """Write down the weighted sums at every place, the pre-activations and their activation."""
        self.expect(*fits_under(inputs, self.kernel_size, self.padding), inputs)
        seen = moved_over(inputs, self.kernel_size, self.strides, self.padding)
        axes = len(self.kernel_size)
        under, places, window = letters_of(axes)
        kernel = w["kernel"].reshape(*seen.shape[: 2 * axes : 2], *self.kernel_size, inputs.shape[-1], self.filters)
        total = seen.dot(f"{under}c,{places}{window}cf->{places}f", kernel)
        return finished(on, w, total, self.activation, *PLACES[axes], "channel")


class LocallyConnected1D(LocallyConnected, frozen=True, tag="LocallyConnected1D"):
    """Along one axis, of sequences."""


class LocallyConnected2D(LocallyConnected, frozen=True, tag="LocallyConnected2D"):
    """Along two axes, of images."""


class Highway(Layer, frozen=True, kw_only=True, tag="Highway"):
    """A gate's share of what a Dense layer of as many units would make, and the rest of the inputs as they are."""

    of_module = NO_MORE

    activation: Function = "linear"
    use_bias: bool = True
    kernel_regularizer: Regularizer | None = None
    bias_regularizer: Regularizer | None = None
    kernel_constraint: Constraint | None = None
    bias_constraint: Constraint | None = None

    def weights(self, *shapes: Shape) -> dict[str, Shape]:
        """Return the kernels of what is made and of the gate and, if they are used, their biases."""
        size = shapes[0][-1]
        kernels: dict[str, Shape] = {"kernel": (size, size), "gate_kernel": (size, size)}
        return kernels | {"bias": (size,), "gate_bias": (size,)} if self.use_bias else kernels

    def call(self, on: Writer, w: Weights, inputs: Value) -> Value:
        """Write down the gate, what is made, and the two shares of the outputs."""
        self.expect(inputs.rank == 1, "one axis", inputs)
        through = inputs.dot("i,iu->u", w["gate_kernel"])
        gate = on.name("gate", (through + w["gate_bias"] if self.use_bias else through).each("sigmoid"), "unit")
        total = on.name("weighted sum", inputs.dot("i,iu->u", w["kernel"]), "unit")
        total = on.name("pre-activation", total + w["bias"] if self.use_bias else total, "unit")
        return gate * on.name("made", activated(total, self.activation), "unit") + (1.0 - gate) * inputs

    def leaves_activation(self, output: int) -> bool:
        """Return that no activation makes its outputs."""
        return False


class MaxoutDense(Layer, frozen=True, kw_only=True, tag="MaxoutDense"):
    """The largest of ``nb_feature`` weighted sums for each of the ``units``."""

    of_module = NO_MORE

    units: Size
    nb_feature: Size = 4
    use_bias: bool = True
    kernel_regularizer: Regularizer | None = None
    bias_regularizer: Regularizer | None = None
    kernel_constraint: Constraint | None = None
    bias_constraint: Constraint | None = None

    def weights(self, *shapes: Shape) -> dict[str, Shape]:
        """Return a kernel of (sums, inputs, units) and, if it is used, a bias of (sums, units)."""
        kernel: dict[str, Shape] = {"kernel": (self.nb_feature, shapes[0][-1], self.units)}
        return kernel | {"bias": (self.nb_feature, self.units)} if self.use_bias else kernel

    def axes_of(self, weight: str) -> tuple[str, ...]:
        """Return the axes of kernel and bias."""
        return ("sum", "input", "unit") if weight == "kernel" else ("sum", "unit")

    def call(self, on: Writer, w: Weights, inputs: Value) -> Value:
        """Write down the sums, and the largest for every unit."""
        self.expect(inputs.rank == 1, "one axis", inputs)
        total = on.name("weighted sum", inputs.dot("i,niu->nu", w["kernel"]), "sum", "unit")
        total = total + w["bias"] if self.use_bias else total
        return on.along(total.over("largest", 0, keep=False), "unit")


class WithArrays(Layer, frozen=True, kw_only=True):
    """A function of each number whose ``arrays`` are learned, each once for all along ``shared_axes``."""

    of_module = NO_MORE
    passes_mask = True

    arrays: ClassVar[tuple[str, ...]]

    shared_axes: tuple[int, ...] | None = None

    def weights(self, *shapes: Shape) -> dict[str, Shape]:
        """Return arrays of the shape of a point, with 1 for the axes that share them."""
        shared = [of_point(self.name, axis, len(shapes[0])) for axis in self.shared_axes or ()]
        return dict.fromkeys(self.arrays, tuple(1 if at in shared else size for at, size in enumerate(shapes[0])))


class ParametricSoftplus(WithArrays, frozen=True, tag="ParametricSoftplus"):
    """``alphas softplus(betas inputs)``."""

    arrays = ("alphas", "betas")

    def call(self, on: Writer, w: Weights, inputs: Value) -> Value:
        """Write down the softplus of the inputs times beta, times alpha."""
        return (inputs * w["betas"]).each("softplus") * w["alphas"]


class SReLU(WithArrays, frozen=True, tag="SReLU"):
    """The inputs from ``t_left`` to ``|t_right|`` above that, and beyond these with other slopes."""

    arrays = ("t_left", "a_left", "t_right", "a_right")

    def call(self, on: Writer, w: Weights, inputs: Value) -> Value:
        """Write down what of the inputs is between the ends, below and above them, and that with its slopes."""
        left, wide = w["t_left"], w["t_right"].each("absolute")
        between = on.name("between", (inputs - left).each("maximum", 0.0).each("minimum", wide))
        below = on.name("below", (left - inputs).each("maximum", 0.0))
        above = on.name("above", (inputs - (left + wide)).each("maximum", 0.0))
        return left + (between - w["a_left"] * below) + w["a_right"] * above


LAST_KERAS: dict[str, int] = {
    "LocallyConnected1D": 2,
    "LocallyConnected2D": 2,
    "Highway": 1,
    "MaxoutDense": 1,
    "ParametricSoftplus": 1,
    "SReLU": 1,
}
"""Class -> the last Keras with it: in a later one's file it is a person's own."""
