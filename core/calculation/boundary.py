"""The prediction over a part of the plane, whose change of sign is the decision boundary."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.calculation.running import predict
from core.data.extent import UNIT, Extent
from core.tasks import Binary, Classes, Signs
from core.tasks.scores import NONE

if TYPE_CHECKING:
    from jaxtyping import Float

    from core.arrays import Array
    from core.model.network import Network
    from core.model.weights import Weights
    from core.tasks import Task


def field(
    network: Network,
    weights: Weights,
    columns: int,
    rows: int,
    task: Task,
    extent: Extent = UNIT,
    output: int = 0,
) -> Float[Array, "rows columns"]:
    """Return what the model answers at the centre of every cell of a picture of ``extent``.

    Row 0 is the top, where x2 is largest. Of two classes it is a number, above 0 where the second is the answer and NaN
    where neither is, of several labels a row the first one's; of more it is the place of the answer. Of numbers, and
    where outputs don't fit the task, it is what one ``output`` is.

    Raises:
        Refused: the network has another number of inputs than two.
    """
    across = extent.left + (np.arange(columns) + 0.5) / columns * (extent.right - extent.left)
    up = extent.bottom + (np.arange(rows)[::-1] + 0.5) / rows * (extent.top - extent.bottom)
    x1, x2 = np.meshgrid(across, up)
    points = np.stack([x1.ravel(), x2.ravel()], axis=1)
    outputs = predict(network, weights, points)
    match task:
        case Signs(columns=labels) | Binary(columns=labels) if network.outputs == labels:
            read = np.where(task.answers(outputs) == NONE, np.nan, task.values(outputs))
        case Classes(columns=1) if network.outputs > 1:
            read = task.answers(outputs)
        case _:
            read = outputs[:, output]
    return np.asarray(read, dtype=np.float64).reshape(rows, columns)
