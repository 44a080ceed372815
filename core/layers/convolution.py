"""Convolution: at every place of a window the products of what lies under it with the kernel, added up.

Formula: Keras 3 documentation, "Conv1D layer" and "Conv2D layer"; as there, the kernel is not turned round.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from core.formatting import count
from core.layers.activations import finished
from core.layers.axes import PLACES
from core.layers.layer import Function, Size, WithChannels
from core.layers.windows import fits_under, letters_of, moved_over
from core.model.penalised import Constraint, Regularizer

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from jaxtyping import Int

    from core.layers.layer import Weights
    from core.layers.writer import Writer
    from core.operations.operation import Shape
    from core.operations.program import Value

    Under = Int[npt.NDArray[np.int64], "after window"]

Padding = Literal["valid", "same", "causal"]


class Convolution(WithChannels, frozen=True):
    """At every place of a window, ``activation(what is under it . kernel + bias)``; channels come last.

    ``kernel_size``, ``strides`` and ``dilation_rate`` have a number for every axis that the window moves along. Of
    several ``groups`` each makes its share of the filters of its share of the channels alone.
    """

    unsaid = {"strides": 1}
    summed = ("kernel", "bias")

    filters: Size
    kernel_size: tuple[int, ...]
    strides: tuple[int, ...]
    padding: Padding = "valid"
    activation: Function = "linear"
    use_bias: bool = True
    kernel_regularizer: Regularizer | None = None
    bias_regularizer: Regularizer | None = None
    kernel_constraint: Constraint | None = None
    bias_constraint: Constraint | None = None
    dilation_rate: tuple[int, ...] = ()
    groups: Size = 1

    @property
    def in_words(self) -> str:
        """Its filters, its window and, if it is not linear, its activation: ``8 of 3x3 relu``."""
        function = "" if self.activation == "linear" else f" {self.activation}"
        return f"{self.filters} of {'x'.join(map(str, self.kernel_size))}{function}"

    @property
    def in_full(self) -> str:
        """Its filters, its window and its activation: ``8 filters of 3x3, relu``."""
        return f"{count(self.filters, 'filter')} of {'x'.join(map(str, self.kernel_size))}, {self.activation}"

    def weights(self, *shapes: Shape) -> dict[str, Shape]:
        """Return a kernel of (window, channels, filters) and, if it is used, a bias of (filters,)."""
        kernel = {"kernel": (*self.kernel_size, shapes[0][-1] // self.groups, self.filters)}
        return kernel | {"bias": (self.filters,)} if self.use_bias else kernel

    def call(self, on: Writer, w: Weights, inputs: Value) -> Value:
        """Write down the weighted sums at every place, the pre-activations and their activation."""
        self.expect(*fits_under(inputs, self.kernel_size, self.padding, self.dilation_rate), inputs)
        groups = self.groups
        seen = moved_over(inputs, self.kernel_size, self.strides, self.padding, self.dilation_rate)
        seen = seen.reshape(*seen.shape[:-1], groups, seen.shape[-1] // groups)
        kernel = w["kernel"].reshape(*w["kernel"].shape[:-1], groups, self.filters // groups)
        under, places, window = letters_of(len(self.kernel_size))
        total = seen.dot(f"{under}gc,{window}cgf->{places}gf", kernel)
        axes = (*PLACES[len(self.kernel_size)], "channel")
        return finished(on, w, total.reshape(*total.shape[:-2], self.filters), self.activation, *axes)


class Conv1D(Convolution, frozen=True, tag="Conv1D"):
    """A convolution along one axis, of sequences."""


class Conv2D(Convolution, frozen=True, tag="Conv2D"):
    """A convolution along two axes, of images."""


class Conv3D(Convolution, frozen=True, tag="Conv3D"):
    """A convolution along three axes."""
