"""Activations that stand as layers of their own.

Formulas: Keras 3 documentation, "Activation layers".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from core.errors import Refused
from core.layers.activations import activated, elu, leaky_relu, relu, softmax
from core.layers.axes import of_point, of_points
from core.layers.layer import Function, Layer, OneByOne
from core.model.penalised import Constraint, Regularizer

if TYPE_CHECKING:
    from core.layers.layer import Weights
    from core.layers.writer import Writer
    from core.operations.operation import Shape
    from core.operations.program import Value

MASKED = -1e9
"""What Keras's Softmax takes for a number that is masked."""


class Activation(Layer, frozen=True, tag="Activation"):
    """Any activation that Keras knows by name."""

    activation: Function

    passes_mask = True

    @property
    def in_words(self) -> str:
        """Its activation."""
        return str(self.activation)

    @property
    def activates_inputs(self) -> bool:
        """That it is its inputs that it is of."""
        return True

    @property
    def passes_on(self) -> bool:
        """Whether Keras's layer gives back the very tensor that it got: it does if it is linear."""
        return self.activation == "linear"

    def call(self, on: Writer, w: Weights, inputs: Value) -> Value:
        """Write down the activation of the inputs."""
        return activated(on.name("pre-activation", inputs), self.activation)


class ActivationLayer(Layer, frozen=True, kw_only=True):
    """One function of the inputs, with settings of its own; their mask is passed on."""

    passes_mask = True


class ReLU(OneByOne, frozen=True, tag="ReLU"):
    """The inputs above ``threshold``, ``max_value`` at most; elsewhere ``negative_slope`` of how far they are below."""

    max_value: float | None = None
    negative_slope: float = 0.0
    threshold: float = 0.0

    def of(self, z: Value) -> Value:
        """Return what is kept of the numbers."""
        return relu(z, self.negative_slope, self.max_value, self.threshold)


class LeakyReLU(OneByOne, frozen=True, tag="LeakyReLU"):
    """The inputs, and ``negative_slope`` of those below 0."""

    negative_slope: float = 0.3

    def of(self, z: Value) -> Value:
        """Return the numbers, those below 0 made smaller."""
        return leaky_relu(z, self.negative_slope)


class ELU(OneByOne, frozen=True, tag="ELU"):
    """The inputs, and ``alpha (exp(inputs) - 1)`` of those below 0."""

    alpha: float = 1.0

    def of(self, z: Value) -> Value:
        """Return the numbers, those below 0 curved."""
        return elu(z, self.alpha)


class PReLU(ActivationLayer, frozen=True, tag="PReLU"):
    """The inputs, and ``alpha`` times those below 0; ``alpha`` is learned, once for all along ``shared_axes``."""

    alpha_regularizer: Regularizer | None = None
    alpha_constraint: Constraint | None = None
    shared_axes: tuple[int, ...] | None = None

    def weights(self, *shapes: Shape) -> dict[str, Shape]:
        """Return alpha, of the shape of a point, with 1 for the axes that share it."""
        shared = [of_point(self.name, axis, len(shapes[0])) for axis in self.shared_axes or ()]
        return {"alpha": tuple(1 if axis in shared else size for axis, size in enumerate(shapes[0]))}

    def call(self, on: Writer, w: Weights, inputs: Value) -> Value:
        """Write down the inputs, those below 0 times alpha."""
        return leaky_relu(inputs, w["alpha"])


class Softmax(ActivationLayer, frozen=True, tag="Softmax"):
    """Each number's exponential as a share of all along ``axis``; what is masked has no share, but in Keras 2."""

    axis: tuple[int, ...] = (-1,)
    masks_of_keras_2: Literal[True] | None = None

    @property
    def last_activation(self) -> str:
        """The softmax that makes its outputs."""
        return "softmax"

    def call(self, on: Writer, w: Weights, inputs: Value, mask: Value | None = None) -> Value:
        """Write down the shares; a ``mask``, the inputs' own if none is given, is above 0.5 where a number counts.

        Raises:
            Refused: the mask does not go with the inputs' last axes number by number.
        """
        axes = of_points(self.name, self.axis, inputs.rank)
        mask = inputs.mask if mask is None and not self.masks_of_keras_2 else mask
        inputs = on.name("pre-activation", inputs).with_mask(inputs.mask)
        if mask is None:
            return softmax(inputs, *axes)
        # Keras lays a mask of fewer axes on the last ones, and refuses batches of several rows for it.
        laid = (*[1] * (inputs.rank - mask.rank), *mask.shape)
        if len(laid) != inputs.rank or any(
            here not in (1, there) for here, there in zip(laid, inputs.shape, strict=True)
        ):
            raise Refused(f"{self.name}: expected a mask of the shape {inputs.shape}, got {mask.shape}")
        return masked_softmax(inputs, mask.above(0.5).reshape(*laid), *axes)


def masked_softmax(z: Value, mask: Value, *axes: int) -> Value:
    """Return the shares of those that ``mask`` has 1 for, and 0 for the others, even where all are masked."""
    shares = softmax(mask.each("where", z, MASKED), *axes)
    return mask.each("where", shares, 0.0)
