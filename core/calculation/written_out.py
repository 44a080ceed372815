"""The convolutions and averages of a calculation as matrices; those of the last weights are kept for the next x."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING
from weakref import ref

import numpy as np

from core.calculation.wiring import channels_before_activation, under, window_of
from core.errors import Refused, shorten
from core.layers.convolution import Convolution
from core.layers.pooling import Pooling
from core.layers.windows import OUTSIDE, places_after

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    from jaxtyping import Float, Int

    from core.arrays import Array, KerasArray
    from core.layers.layer import Layer
    from core.model.network import Network
    from core.operations.rounding import Carry

MOST_WRITTEN_OUT = 1 << 23
"""How many numbers of one convolution, or average, are written out as a matrix: 32 MiB."""

KEPT = 4
"""How many matrices are kept; each only for as long as its kernel is held by somebody else."""

if TYPE_CHECKING:
    Under = Int[npt.NDArray[np.int64], "after window"]

Key = tuple[int, tuple[int, ...], Convolution]

_kept: dict[Key, tuple[ref[KerasArray], Array]] = {}


def require_written_out(network: Network) -> None:
    """Refuse a network of which a layer is too large to be written out.

    Raises:
        Refused: a convolution or an average would need more than :data:`MOST_WRITTEN_OUT` numbers.
    """
    for layer, shape in zip(network.layers, network.shapes(), strict=False):
        inputs, outputs = _size(layer, shape)
        if inputs * outputs > MOST_WRITTEN_OUT:
            raise Refused(
                f"{shorten(layer.name)}: expected at most {MOST_WRITTEN_OUT:,} numbers to write out for all inputs and "
                f"outputs, got {inputs:,} x {outputs:,}; its weights can be seen and the model can predict"
            )


def fits_written_out(layer: Layer, shape: tuple[int, ...]) -> bool:
    """Return whether a layer over inputs of ``shape`` is written out: a convolution or an average may be too large."""
    inputs, outputs = _size(layer, shape)
    return inputs * outputs <= MOST_WRITTEN_OUT


def _size(layer: Layer, shape: tuple[int, ...]) -> tuple[int, int]:
    """Return the rows and columns of the matrix that a layer is written out as; of what needs none, 0."""
    if isinstance(layer, Convolution) or (isinstance(layer, Pooling) and layer.takes == "average"):
        places = places_after(shape[:-1], window_of(layer), layer.strides, layer.padding)
        return prod(shape), prod(places) * channels_before_activation(layer, shape)
    return 0, 0


def kernel_written_out(
    layer: Convolution, shape: tuple[int, ...], kernel: KerasArray, carry: Carry
) -> Float[Array, "inputs outputs"]:
    """Return the matrix, read-only, that a convolution with this ``kernel`` is over inputs of ``shape``."""
    key = (id(kernel), shape, layer)
    held = _kept.get(key)
    # An id is given again once its array is gone.
    if carry.exact and held is not None and held[0]() is kernel:
        return held[1]
    matrix = _convolution(carry(kernel), under(layer, shape), prod(shape[:-1]))
    matrix.setflags(write=False)
    if carry.exact:
        _keep(key, kernel, matrix)
    return matrix


def _keep(key: Key, kernel: KerasArray, matrix: Array) -> None:
    """Keep one more, and let go of the oldest and of those whose kernel nobody holds any more."""
    alive: Sequence[tuple[Key, tuple[ref[KerasArray], Array]]]
    alive = [item for item in list(_kept.items()) if item[1][0]() is not None and item[0] != key]
    _kept.clear()
    _kept.update([*alive[-(KEPT - 1) :], (key, (ref(kernel), matrix))])


def average_written_out(layer: Pooling, shape: tuple[int, ...], carry: Carry) -> Float[Array, "inputs outputs"]:
    """Return the matrix that an average is over inputs of ``shape``."""
    return _average(shape[-1], under(layer, shape), prod(shape[:-1]), carry)


def _convolution(
    kernel: Float[Array, "*size channels filters"], under: Under, places: int
) -> Float[Array, "places*channels after*filters"]:
    """Return the matrix that the convolution is: its weight from every input to every output, 0 where there is none."""
    channels, filters = kernel.shape[-2:]
    matrix = np.zeros((places, channels, len(under), filters))
    after, offset = np.nonzero(under != OUTSIDE)
    matrix[under[after, offset], :, after, :] = kernel.reshape(-1, channels, filters)[offset]
    return matrix.reshape(places * channels, len(under) * filters)


def _average(channels: int, under: Under, places: int, carry: Carry) -> Float[Array, "places*channels after*channels"]:
    """Return the matrix that the average is: every input's share in every output, 0 where it has none."""
    matrix = np.zeros((places, channels, len(under), channels))
    after, offset = np.nonzero(under != OUTSIDE)
    shares_of = _shares(under, carry)[after, np.newaxis, np.newaxis]
    matrix[under[after, offset], :, after, :] = shares_of * np.eye(channels)
    return matrix.reshape(places * channels, len(under) * channels)


def _shares(under: Under, carry: Carry) -> Float[Array, "after"]:
    """Return each number's share in the mean at every place, written down as ``carry`` says."""
    return carry(1.0 / np.count_nonzero(under != OUTSIDE, axis=1))
