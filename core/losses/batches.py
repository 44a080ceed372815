"""What ``model.evaluate`` makes of the losses of rows: batch by batch, as the loss's reduction says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.losses.loss import Loss, Over

if TYPE_CHECKING:
    from core.arrays import Array

KERAS_BATCH = 32
"""How many rows ``model.evaluate`` takes at a time unless it is told otherwise."""


def of_batch(loss: Loss, y: Array, yhat: Array, weights: Array | None = None) -> float:
    """Return the loss of one batch of labels and outputs, perhaps with a sample weight for every row.

    With the reduction ``none`` it is what Keras's History has then, which is their mean.
    """
    losses = loss.function(y, yhat)
    if loss.ignored is not None:
        weights = _weights_of_others(loss, y, weights)
    if weights is None:
        # One number for a batch is what it is: there is nothing to add up.
        return float(losses.sum() if loss.reduction == "sum" and loss.over is not Over.BATCH else losses.mean())
    weighted = losses * weights
    match loss.reduction:
        case "sum":
            return float(weighted.sum())
        case "mean_with_sample_weight":
            total = weights.sum()
            return float(weighted.sum() / total) if total else 0.0
    return float(weighted.mean())


def _weights_of_others(loss: Loss, y: Array, weights: Array | None) -> Array:
    """Return the rows' weights with 0 for those that the loss ignores; where it is a mean, it is of the others."""
    kept: Array = (y[:, 0] != loss.ignored).astype(np.float64)
    if loss.reduction in ("sum_over_batch_size", "mean"):
        kept *= len(kept) / max(kept.sum(), 1.0)
    return kept if weights is None else kept * weights


def evaluated(loss: Loss, y: Array, yhat: Array, weights: Array | None = None, batch: int = KERAS_BATCH) -> float:
    """Return the loss that ``model.evaluate`` gives for these rows: the mean over batches, each weighed by its rows."""
    total = 0.0
    for start in range(0, len(yhat), batch):
        part = slice(start, start + batch)
        total += of_batch(loss, y[part], yhat[part], None if weights is None else weights[part]) * len(yhat[part])
    return total / len(yhat)
