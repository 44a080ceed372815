"""Pooling: of what lies under a window, for every channel, the largest number or the mean.

Formula: Keras 3 documentation, "MaxPooling2D layer" and "AveragePooling2D layer". Padding is no number: it is never the
largest, and the mean does not count it (TensorFlow documentation, "tf.nn.max_pool" and "tf.nn.avg_pool").
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.layers.windows import OUTSIDE, laid_under

if TYPE_CHECKING:
    import numpy.typing as npt
    from jaxtyping import Float, Int

    from core.arrays import Array
    from core.calculation.rounding import Carry

    Under = Int[npt.NDArray[np.int64], "after window"]


def largest(inputs: Float[Array, "*batch inputs"], channels: int, under: Under) -> Float[Array, "*batch outputs"]:
    """Return the largest number under the window, for every place and channel, flat, the channels last."""
    found = laid_under(inputs, channels, under, -np.inf).max(axis=-2)
    return np.asarray(found.reshape(*inputs.shape[:-1], len(under) * channels))


def average(
    inputs: Float[Array, "*batch inputs"], channels: int, under: Under, carry: Carry
) -> Float[Array, "*batch outputs"]:
    """Return the mean under the window: each number times its share, added up, written down as ``carry`` says."""
    each = shares(under, carry)[:, np.newaxis, np.newaxis]
    products = carry.product(laid_under(inputs, channels, under, 0.0), each)
    return carry(products.sum(axis=-2)).reshape(*inputs.shape[:-1], len(under) * channels)


def average_written_out(
    channels: int, under: Under, places: int, carry: Carry
) -> Float[Array, "places*channels after*channels"]:
    """Return the matrix that the average is: every input's share in every output, 0 where it has none."""
    matrix = np.zeros((places, channels, len(under), channels))
    after, offset = np.nonzero(under != OUTSIDE)
    shares_of = shares(under, carry)[after, np.newaxis, np.newaxis]
    matrix[under[after, offset], :, after, :] = shares_of * np.eye(channels)
    return matrix.reshape(places * channels, len(under) * channels)


def shares(under: Under, carry: Carry) -> Float[Array, "after"]:
    """Return each number's share in the mean at every place, written down as ``carry`` says."""
    return carry(1.0 / np.count_nonzero(under != OUTSIDE, axis=1))
