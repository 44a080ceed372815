"""Transposed convolution: every number of the inputs lays the kernel times itself down, and what overlaps is added up.

Written from the other side: set out ``strides`` apart, with zeros between, the inputs are moved over by a window, and
the kernel is turned round. Formula: Keras 3 documentation, "Conv2DTranspose layer"; sizes and what padding "same" takes
away are those of the convolution that it is the slope of (TensorFlow documentation, "tf.nn.conv2d_transpose").
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from core.errors import Refused
from core.layers.activations import finished
from core.layers.axes import PLACES
from core.layers.layer import Function, Size, WithChannels
from core.layers.windows import letters_of, moved_over, padded_by, steps_along
from core.model.penalised import Constraint, Regularizer

if TYPE_CHECKING:
    from core.layers.layer import Weights
    from core.layers.writer import Writer
    from core.operations.operation import Shape
    from core.operations.program import Value


class Transposed(WithChannels, frozen=True):
    """What a convolution with these settings made its outputs of, from their size back to that of its inputs.

    ``output_padding`` is by how much the result is longer than the shortest one; without it, padding "same" makes
    ``strides`` times as many places.
    """

    unsaid = {"strides": 1}
    summed = ("kernel", "bias")

    filters: Size
    kernel_size: tuple[int, ...]
    strides: tuple[int, ...]
    padding: Literal["valid", "same"] = "valid"
    output_padding: tuple[int, ...] | None = None
    dilation_rate: tuple[int, ...] = ()
    activation: Function = "linear"
    use_bias: bool = True
    kernel_regularizer: Regularizer | None = None
    bias_regularizer: Regularizer | None = None
    kernel_constraint: Constraint | None = None
    bias_constraint: Constraint | None = None

    def weights(self, *shapes: Shape) -> dict[str, Shape]:
        """Return a kernel of (window, filters, channels) and, if it is used, a bias of (filters,)."""
        kernel: dict[str, Shape] = {"kernel": (*self.kernel_size, self.filters, shapes[0][-1])}
        return kernel | {"bias": (self.filters,)} if self.use_bias else kernel

    def axes_of(self, weight: str) -> tuple[str, ...]:
        """Return the axes of the kernel, which has the filters before the channels; the bias's are usual."""
        return (*PLACES[len(self.kernel_size)], "filter", "channel") if weight == "kernel" else ()

    def call(self, on: Writer, w: Weights, inputs: Value) -> Value:
        """Write down the weighted sums at every place, the pre-activations and their activation."""
        axes = len(self.kernel_size)
        self.expect(inputs.rank == axes + 1, f"{axes + 1} axes, the channels last", inputs)
        seen, kernel = inputs, w["kernel"]
        for at in range(axes):
            seen, kernel = self._set_out(seen, at), kernel.flip(at)
        seen = moved_over(seen, self.kernel_size, (1,) * axes, "valid", self.dilation_rate)
        under, places, window = letters_of(axes)
        total = seen.dot(f"{under}c,{window}fc->{places}f", kernel)
        return finished(on, w, total, self.activation, *PLACES[axes], "channel")

    def _set_out(self, inputs: Value, at: int) -> Value:
        """Return the inputs set out along an axis, with as many zeros around that every place has its window."""
        size, stride, apart = inputs.shape[at], self.strides[at], self.dilation_rate[at] if self.dilation_rate else 1
        wide = (self.kernel_size[at] - 1) * apart + 1
        more = None if self.output_padding is None else self.output_padding[at]
        after = self._places(size, wide, stride, more)
        if steps_along(after, wide, stride, self.padding) != size:
            least = 1 - wide % 2 if self.padding == "same" else 0
            raise Refused(f"{self.name} expects an output_padding from {least} to {stride - 1}, or none, got {more}")
        before, _ = padded_by(after, wide, stride, self.padding)
        return inputs.spread(at, after + wide - 1, wide - 1 - before, stride)

    def _places(self, size: int, wide: int, stride: int, more: int | None) -> int:
        """Return how many places the result has along an axis of ``size``."""
        if self.padding == "same":
            return size * stride if more is None else (size - 1) * stride + wide % 2 + more
        return (size - 1) * stride + wide + (max(stride - wide, 0) if more is None else more)


class Conv1DTranspose(Transposed, frozen=True, tag="Conv1DTranspose"):
    """A transposed convolution along one axis, of sequences."""


class Conv2DTranspose(Transposed, frozen=True, tag="Conv2DTranspose"):
    """A transposed convolution along two axes, of images."""


class Conv3DTranspose(Transposed, frozen=True, tag="Conv3DTranspose"):
    """A transposed convolution along three axes."""
