"""Convolution: at every place of a window the products of what lies under it with the kernel, added up.

Formula: Keras 3 documentation, "Conv1D layer" and "Conv2D layer"; as there, the kernel is not turned round.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.layers.dense import weighted_sum as sum_of_products
from core.layers.windows import OUTSIDE, laid_under

if TYPE_CHECKING:
    import numpy.typing as npt
    from jaxtyping import Float, Int

    from core.arrays import Array
    from core.calculation.rounding import Carry

    Under = Int[npt.NDArray[np.int64], "after window"]


def weighted_sum(
    inputs: Float[Array, "*batch inputs"], kernel: Float[Array, "*size channels filters"], under: Under, carry: Carry
) -> Float[Array, "*batch after*filters"]:
    """Return the sums of every filter at every place, flat, the filters last, written down as ``carry`` says."""
    channels, filters = kernel.shape[-2:]
    seen = laid_under(inputs, channels, under, 0.0)
    rows = seen.reshape(-1, under.shape[1] * channels)
    return sum_of_products(rows, kernel.reshape(-1, filters), carry).reshape(*inputs.shape[:-1], len(under) * filters)


def written_out(
    kernel: Float[Array, "*size channels filters"], under: Under, places: int
) -> Float[Array, "places*channels after*filters"]:
    """Return the matrix that the convolution is: its weight from every input to every output, 0 where there is none."""
    channels, filters = kernel.shape[-2:]
    matrix = np.zeros((places, channels, len(under), filters))
    after, offset = np.nonzero(under != OUTSIDE)
    matrix[under[after, offset], :, after, :] = kernel.reshape(-1, channels, filters)[offset]
    return matrix.reshape(places * channels, len(under) * filters)
