"""Dense: the weighted sums of ``activation(inputs @ kernel + bias)``.

Formula: Keras 3 documentation, "Dense layer".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float

    from core.arrays import Array
    from core.calculation.rounding import Carry


PIECE = 1 << 16
"""How many products are rounded at once: few enough to stay in the processor's memory."""


def weighted_sum(
    inputs: Float[Array, "*batch inputs"], kernel: Float[Array, "inputs units"], carry: Carry
) -> Float[Array, "*batch units"]:
    """Return ``W^T x``: for every unit the sum of its products, written down as ``carry`` says."""
    if carry.exact:
        return np.asarray(inputs @ kernel)
    total = np.zeros((*inputs.shape[:-1], kernel.shape[1]))
    rows = max(1, PIECE // max(total.size, 1))
    for start in range(0, len(kernel), rows):
        here = slice(start, start + rows)
        total += carry.product(inputs[..., here, np.newaxis], kernel[here]).sum(axis=-2)
    return carry(total)
