"""Whether every layer of a network fits what comes out of the one before."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from core.errors import Refused, shorten
from core.layers.convolution import Convolution
from core.layers.dense import Dense
from core.layers.pooling import Pooling
from core.model.network import MAX_UNITS, shape_after, times

if TYPE_CHECKING:
    from core.layers.layer import Layer
    from core.model.network import Network

MOST_SEEN = 1 << 25
"""How many numbers a window may see at all of its places together: 256 MiB where they are laid side by side."""


def require_shapes(network: Network) -> None:
    """Refuse a network in which a layer does not fit its inputs, or makes too many numbers.

    Raises:
        Refused: which layer, what it was given, and what would do.
    """
    shape = network.shape or (network.inputs,)
    for layer in network.layers:
        name = shorten(layer.name)
        _require_fit(name, layer, shape)
        shape = shape_after(layer, shape)
        if prod(shape) > MAX_UNITS:
            raise Refused(f"expected {name} to make up to {MAX_UNITS:,} numbers, got {prod(shape):,}")


def _require_fit(name: str, layer: Layer, shape: tuple[int, ...]) -> None:
    match layer:
        case Dense():
            if len(shape) > 1:
                raise Refused(f"expected rows of numbers for {name}, got {times(shape)}; put a Flatten before it")
        case Convolution(kernel_size=window) | Pooling(pool_size=window):
            if len(shape) != len(window) + 1:
                axes = "a length" if len(window) == 1 else "rows, columns"
                raise Refused(f"expected {axes} and channels for {name}, got {times(shape)}; it can't be shown here")
            places = shape_after(layer, shape)[:-1]
            if min(places) < 1:
                raise Refused(
                    f"expected a window of {name} inside {times(shape[:-1])}, got {times(window)}; "
                    "make it smaller, or the padding same"
                )
            seen = prod(places) * prod(window) * shape[-1]
            if seen > MOST_SEEN:
                raise Refused(f"expected the window of {name} to see up to {MOST_SEEN:,} numbers in all, got {seen:,}")
