"""The prediction over a part of the plane, whose change of sign is the decision boundary."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.answers import fits, threshold, values
from core.calculation.forward import predict
from core.data.extent import UNIT, Extent

if TYPE_CHECKING:
    from jaxtyping import Float

    from core.arrays import Array
    from core.model.network import Network
    from core.model.weights import Weights


def field(
    network: Network, weights: Weights, columns: int, rows: int, loss: str = "hinge", extent: Extent = UNIT
) -> Float[Array, "rows columns"]:
    """Return the prediction at the centre of every cell of a picture of ``extent``.

    Row 0 is the top, where x2 is largest.

    It is above 0 where the answer, as ``loss`` reads the outputs, is +1; of outputs that don't fit it, it is the first.

    Raises:
        Refused: the network has another number of inputs than two.
    """
    across = extent.left + (np.arange(columns) + 0.5) / columns * (extent.right - extent.left)
    up = extent.bottom + (np.arange(rows)[::-1] + 0.5) / rows * (extent.top - extent.bottom)
    x1, x2 = np.meshgrid(across, up)
    points = np.stack([x1.ravel(), x2.ravel()], axis=1)
    outputs = predict(network, weights, points)
    read = values(loss, outputs) - threshold(loss) if fits(loss, network.outputs) else outputs[:, 0]
    return np.asarray(read, dtype=np.float64).reshape(rows, columns)
