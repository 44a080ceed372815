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


def weighted_sum(
    inputs: Float[Array, "*batch inputs"], kernel: Float[Array, "inputs units"], carry: Carry
) -> Float[Array, "*batch units"]:
    """Return ``W^T x``: for every unit the sum of its products, written down as ``carry`` says."""
    if carry.exact:
        return np.asarray(inputs @ kernel)
    products = carry(inputs[..., :, np.newaxis] * kernel)
    return carry(products.sum(axis=-2))
