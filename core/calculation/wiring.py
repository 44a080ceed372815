"""Wiring: which of a layer's inputs a unit is made of, and by which of the layer's weights."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

import numpy as np

from core.layers.convolution import Convolution
from core.layers.dense import Dense
from core.layers.pooling import Pooling
from core.layers.windows import OUTSIDE, under_window

if TYPE_CHECKING:
    import numpy.typing as npt
    from jaxtyping import Float, Int

    from core.arrays import Array
    from core.layers.layer import Layer

Windowed = Convolution | Pooling
"""The layers that a window moves over the input of."""


def window_of(layer: Windowed) -> tuple[int, ...]:
    """Return the size of a layer's window."""
    return layer.kernel_size if isinstance(layer, Convolution) else layer.pool_size


def under(layer: Windowed, shape: tuple[int, ...]) -> Int[npt.NDArray[np.int64], "after window"]:
    """Return which places of an input of ``shape`` lie under the layer's window; see :func:`under_window`."""
    return under_window(shape[:-1], window_of(layer), layer.strides, layer.padding)


def channels_before_activation(layer: Layer, shape: tuple[int, ...]) -> int:
    """Return how many numbers a layer over inputs of ``shape`` makes at one place, before a glu halves them."""
    match layer:
        case Dense(units=units):
            return units
        case Convolution(filters=filters):
            return filters
    return shape[-1]


def connections(layer: Layer, shape: tuple[int, ...], unit: int) -> Int[npt.NDArray[np.int64], "rows"]:
    """Return which inputs, flat and counted from 0, the weighted sum (or the largest number) ``unit`` is made of."""
    match layer:
        case Dense():
            return np.arange(prod(shape))
        case Convolution():
            seen = _seen(layer, shape, unit // layer.filters)
            return (seen[:, np.newaxis] * shape[-1] + np.arange(shape[-1])).reshape(-1)
        case Pooling():
            place, channel = divmod(unit, shape[-1])
            return _seen(layer, shape, place) * shape[-1] + channel
    return np.array([unit])


def _seen(layer: Windowed, shape: tuple[int, ...], place: int) -> Int[npt.NDArray[np.int64], "places"]:
    row = under(layer, shape)[place]
    return np.asarray(row[row != OUTSIDE])


def kernel_index(layer: Layer, shape: tuple[int, ...], row: int, unit: int) -> tuple[int, ...] | None:
    """Return which number of the layer's kernel leads from input ``row`` to ``unit``; None if none does."""
    match layer:
        case Dense():
            return row, unit
        case Convolution():
            (place, channel), (at, filter_) = divmod(row, shape[-1]), divmod(unit, layer.filters)
            offsets = np.flatnonzero(under(layer, shape)[at] == place)
            if offsets.size:
                inside = np.unravel_index(int(offsets[0]), layer.kernel_size)
                return (*(int(offset) for offset in inside), channel, filter_)
    return None


def weights_into(layer: Layer, shape: tuple[int, ...], own: Float[Array, "*kernel"], unit: int) -> Float[Array, "rows"]:
    """Return the weight of each of the :func:`connections` of ``unit``, from the kernel that the layer has.

    Of an average ``own`` is its share at every place.
    """
    match layer:
        case Convolution(filters=filters):
            place, filter_ = divmod(unit, filters)
            inside = under(layer, shape)[place] != OUTSIDE
            return np.asarray(own.reshape(len(inside), shape[-1], filters)[inside, :, filter_].reshape(-1))
        case Pooling():
            return np.full(len(connections(layer, shape, unit)), own[unit // shape[-1]])
    return np.asarray(own[:, unit])
