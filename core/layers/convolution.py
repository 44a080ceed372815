"""Convolution: at every place of a window the products of what lies under it with the kernel, added up.

Formula: Keras 3 documentation, "Conv1D layer" and "Conv2D layer"; as there, the kernel is not turned round.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from core.layers.activations import finished
from core.layers.dense import weighted_sum as sum_of_products
from core.layers.layer import Layer
from core.layers.windows import OUTSIDE, fits_under, laid_under, letters_of, moved_over
from core.model.penalised import Constraint, Regularizer

if TYPE_CHECKING:
    import numpy.typing as npt
    from jaxtyping import Float, Int

    from core.arrays import Array
    from core.calculation.rounding import Carry
    from core.layers.layer import Weights
    from core.layers.writer import Writer
    from core.operations.operation import Shape
    from core.operations.program import Value

    Under = Int[npt.NDArray[np.int64], "after window"]

Padding = Literal["valid", "same", "causal"]


class Convolution(Layer, frozen=True):
    """At every place of a window, ``activation(what is under it . kernel + bias)``; channels come last.

    ``kernel_size``, ``strides`` and ``dilation_rate`` have a number for every axis that the window moves along. Of
    several ``groups`` each makes its share of the filters of its share of the channels alone.
    """

    filters: int
    kernel_size: tuple[int, ...]
    strides: tuple[int, ...]
    padding: Padding = "valid"
    activation: str = "linear"
    use_bias: bool = True
    kernel_regularizer: Regularizer | None = None
    bias_regularizer: Regularizer | None = None
    activity_regularizer: Regularizer | None = None
    kernel_constraint: Constraint | None = None
    bias_constraint: Constraint | None = None
    dilation_rate: tuple[int, ...] = ()
    groups: int = 1

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
        return finished(on, w, total.reshape(*total.shape[:-2], self.filters), self.activation)


class Conv1D(Convolution, frozen=True, tag="Conv1D"):
    """A convolution along one axis, of sequences."""


class Conv2D(Convolution, frozen=True, tag="Conv2D"):
    """A convolution along two axes, of images."""


class Conv3D(Convolution, frozen=True, tag="Conv3D"):
    """A convolution along three axes."""


def weighted_sum(
    inputs: Float[Array, "*batch inputs"], kernel: Float[Array, "*size channels filters"], under: Under, carry: Carry
) -> Float[Array, "*batch after*filters"]:
    """Return the sums of every filter at every place, flat, the filters last, written down as ``carry`` says."""
    channels, filters = kernel.shape[-2:]
    seen = laid_under(inputs, channels, under, 0.0)
    flat = kernel.reshape(-1, filters)
    made = sum_of_products(seen.reshape(-1, len(flat)), flat, carry).reshape(*inputs.shape[:-1], len(under), filters)
    if not np.isfinite(flat).all():
        for place in np.flatnonzero((under == OUTSIDE).any(axis=1)).tolist():
            # Keras leaves the padding out: its 0 times an infinite weight would not be a number.
            inside = np.repeat(under[place] != OUTSIDE, channels)
            here = seen[..., place, :, :].reshape(-1, len(flat))[:, inside]
            made[..., place, :] = sum_of_products(here, flat[inside], carry).reshape(*inputs.shape[:-1], filters)
    return made.reshape(*inputs.shape[:-1], len(under) * filters)


def written_out(
    kernel: Float[Array, "*size channels filters"], under: Under, places: int
) -> Float[Array, "places*channels after*filters"]:
    """Return the matrix that the convolution is: its weight from every input to every output, 0 where there is none."""
    channels, filters = kernel.shape[-2:]
    matrix = np.zeros((places, channels, len(under), filters))
    after, offset = np.nonzero(under != OUTSIDE)
    matrix[under[after, offset], :, after, :] = kernel.reshape(-1, channels, filters)[offset]
    return matrix.reshape(places * channels, len(under) * filters)
