"""The kernel that a convolution has, taken from the matrix that it is written out as."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.calculation.wiring import under
from core.layers.convolution import Convolution
from core.layers.windows import OUTSIDE

if TYPE_CHECKING:
    from jaxtyping import Float

    from core.arrays import Array
    from core.calculation.forward import Step


def own_kernel(step: Step) -> Float[Array, "window*channels filters"]:
    """Return a convolution's kernel, a row for every number under the window; those over padding alone are 0."""
    assert isinstance(step.layer, Convolution) and step.kernel is not None
    below, channels, filters = under(step.layer, step.shape), step.shape[-1], step.layer.filters
    written_out = step.kernel.reshape(-1, channels, len(below), filters)
    kernel = np.zeros((below.shape[1], channels, filters))
    for offset, places in enumerate(below.T):
        seen = np.flatnonzero(places != OUTSIDE)
        if seen.size:
            kernel[offset] = written_out[places[seen[0]], :, seen[0], :]
    return kernel.reshape(-1, filters)


def own_bias(step: Step) -> Float[Array, "filters"]:
    """Return a convolution's bias, which its step has once for every place."""
    assert isinstance(step.layer, Convolution) and step.bias is not None
    return step.bias[: step.layer.filters]
