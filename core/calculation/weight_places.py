"""Where a weight stands in a calculation: a convolution has the same one at every place of its window."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.calculation.spot import Kind, Spot
from core.calculation.wiring import under
from core.layers.convolution import Convolution
from core.layers.windows import OUTSIDE

if TYPE_CHECKING:
    from core.model.network import Network


def weight_spot(network: Network, place: int, index: tuple[int, ...]) -> Spot | None:
    """Return the first place at which a number of a layer's kernel stands; None if it is over padding everywhere."""
    layer, shape = network.layers[place], network.shapes()[place]
    *at, channel, unit = index
    if not isinstance(layer, Convolution):
        return Spot(place, Kind.WEIGHT, unit, channel)
    seen = under(layer, shape)[:, np.ravel_multi_index(at, layer.kernel_size)]
    inside = np.flatnonzero(seen != OUTSIDE)
    if not inside.size:
        return None
    first = int(inside[0])
    return Spot(place, Kind.WEIGHT, first * layer.filters + unit, int(seen[first]) * shape[-1] + channel)
