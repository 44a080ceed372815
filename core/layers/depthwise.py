"""Depthwise convolution: a convolution of every channel alone; and one that then mixes the channels, a separable one.

Formula: Keras 3 documentation, "DepthwiseConv2D layer" and "SeparableConv2D layer".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from core.layers.activations import finished
from core.layers.axes import PLACES
from core.layers.layer import Function, Size, WithChannels
from core.layers.windows import fits_under, letters_of, moved_over
from core.model.penalised import Constraint, Regularizer

if TYPE_CHECKING:
    from core.layers.layer import Weights
    from core.layers.writer import Writer
    from core.operations.operation import Shape
    from core.operations.program import Value


class ChannelsAlone(WithChannels, frozen=True):
    """What every channel's own convolution is set by: each channel makes ``depth_multiplier`` of its own."""

    unsaid = {"strides": 1}

    kernel_size: tuple[int, ...]
    strides: tuple[int, ...]
    padding: Literal["valid", "same"] = "valid"
    depth_multiplier: Size = 1
    dilation_rate: tuple[int, ...] = ()
    activation: Function = "linear"
    use_bias: bool = True
    depthwise_regularizer: Regularizer | None = None
    bias_regularizer: Regularizer | None = None
    depthwise_constraint: Constraint | None = None
    bias_constraint: Constraint | None = None

    @property
    def axes(self) -> tuple[str, ...]:
        """What the axes of everything that it makes are called."""
        return *PLACES[len(self.kernel_size)], "channel"

    def axes_of(self, weight: str) -> tuple[str, ...]:
        """Return the axes of a kernel that goes over places; what others have is usual."""
        alone = weight in ("kernel", "depthwise_kernel")
        return (*PLACES[len(self.kernel_size)], "channel", "multiple") if alone else ()

    def each_channel(self, inputs: Value, kernel: Value) -> Value:
        """Return every channel's weighted sums at every place, those of one channel beside each other."""
        self.expect(*fits_under(inputs, self.kernel_size, self.padding, self.dilation_rate), inputs)
        seen = moved_over(inputs, self.kernel_size, self.strides, self.padding, self.dilation_rate)
        under, places, window = letters_of(len(self.kernel_size))
        total = seen.dot(f"{under}c,{window}cm->{places}cm", kernel)
        return total.reshape(*total.shape[:-2], -1)


class Depthwise(ChannelsAlone, frozen=True):
    """``activation(each channel under a window . its own kernel + bias)``; channels come last."""

    summed = ("kernel", "bias")

    def weights(self, *shapes: Shape) -> dict[str, Shape]:
        """Return a kernel of (window, channels, depth_multiplier) and, if it is used, a bias of what it makes."""
        channels = shapes[0][-1]
        kernel: dict[str, Shape] = {"kernel": (*self.kernel_size, channels, self.depth_multiplier)}
        return kernel | {"bias": (channels * self.depth_multiplier,)} if self.use_bias else kernel

    def call(self, on: Writer, w: Weights, inputs: Value) -> Value:
        """Write down every channel's weighted sums, the pre-activations and their activation."""
        return finished(on, w, self.each_channel(inputs, w["kernel"]), self.activation, *self.axes)


class DepthwiseConv1D(Depthwise, frozen=True, tag="DepthwiseConv1D"):
    """A convolution of every channel alone along one axis."""


class DepthwiseConv2D(Depthwise, frozen=True, tag="DepthwiseConv2D"):
    """A convolution of every channel alone along two axes."""


class Separable(ChannelsAlone, frozen=True, kw_only=True):
    """A convolution of every channel alone, then at every place weighted sums of what they made; channels come last."""

    summed = ("pointwise_kernel", "bias")

    filters: Size
    pointwise_regularizer: Regularizer | None = None
    pointwise_constraint: Constraint | None = None

    def weights(self, *shapes: Shape) -> dict[str, Shape]:
        """Return the kernel that goes over places, the one that goes over channels and, if it is used, a bias."""
        channels = shapes[0][-1]
        kernels: dict[str, Shape] = {
            "depthwise_kernel": (*self.kernel_size, channels, self.depth_multiplier),
            "pointwise_kernel": (*[1] * len(self.kernel_size), channels * self.depth_multiplier, self.filters),
        }
        return kernels | {"bias": (self.filters,)} if self.use_bias else kernels

    def call(self, on: Writer, w: Weights, inputs: Value) -> Value:
        """Write down both weighted sums, the pre-activations and their activation."""
        alone = on.name("depthwise sum", self.each_channel(inputs, w["depthwise_kernel"]), *self.axes)
        places = "xyz"[: alone.rank - 1]
        mixing = w["pointwise_kernel"].reshape(-1, self.filters)
        return finished(on, w, alone.dot(f"{places}c,cf->{places}f", mixing), self.activation, *self.axes)


class SeparableConv1D(Separable, frozen=True, tag="SeparableConv1D"):
    """A convolution of every channel alone along one axis, and then of all channels at every place."""


class SeparableConv2D(Separable, frozen=True, tag="SeparableConv2D"):
    """A convolution of every channel alone along two axes, and then of all channels at every place."""
