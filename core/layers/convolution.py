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
