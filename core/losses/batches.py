"""What ``model.evaluate`` makes of the losses of rows: batch by batch, as the loss's reduction says."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from core.losses.loss import Loss, Over

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from core.arrays import Array
    from core.model.written import Output

    Kept = npt.NDArray[np.bool_]
    """Of shape (rows, places), or of all places of one row."""

KERAS_BATCH = 32
"""How many rows ``model.evaluate`` takes at a time unless it is told otherwise."""


def of_batch(
    loss: Loss, y: Array, yhat: Array, weights: Array | None = None, places: int = 1, kept: Kept | None = None
) -> float:
    """Return the loss of one batch of labels and outputs, perhaps with a sample weight for every row.

    A row of several ``places`` (:meth:`Loss.places`) has a loss for each; of shape (rows, places), ``kept`` says which
    of these a mask does not leave out. With the reduction ``none`` it is what Keras's History has then, their mean.
    """
    y, yhat = y.reshape(len(y) * places, -1), yhat.reshape(len(yhat) * places, -1)
    # One number for a batch is counted once for each step of a mask.
    each = places if kept is None else kept.shape[1]
    losses = np.repeat(loss.function(y, yhat), each // places)
    weights = None if weights is None else np.repeat(weights, each)
    if loss.ignored is not None or kept is not None:
        weights = _weights_of_others(loss, counted(loss, y, kept), weights)
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


def counted(loss: Loss, y: Array, kept: Kept | None = None) -> Kept:
    """Return which of the places with labels ``y``, of shape (places, columns), neither mask nor loss leaves out."""
    left = np.ones(len(y), dtype=bool) if kept is None else kept.reshape(-1).astype(bool)
    return left if loss.ignored is None else left & (y[:, 0] != loss.ignored)


def _weights_of_others(loss: Loss, left: Kept, weights: Array | None) -> Array:
    """Return the weights of places with 0 for those that are left out; where it is a mean, it is of the others."""
    others: Array = left.astype(np.float64)
    if loss.reduction in ("sum_over_batch_size", "mean"):
        others *= len(others) / max(others.sum(), 1.0)
    return others if weights is None else others * weights


def evaluated(
    loss: Loss,
    y: Array,
    yhat: Array,
    weights: Array | None = None,
    batch: int = KERAS_BATCH,
    places: int = 1,
    kept: Kept | None = None,
) -> float:
    """Return the loss that ``model.evaluate`` gives for these rows: the mean over batches, each weighed by its rows."""
    total = 0.0
    for start in range(0, len(yhat), batch):
        rows = slice(start, start + batch)
        of_rows, mask = None if weights is None else weights[rows], None if kept is None else kept[rows]
        total += of_batch(loss, y[rows], yhat[rows], of_rows, places, mask) * len(yhat[rows])
    return total / len(yhat)


def labels_of_each(losses: Sequence[Loss], outputs: Sequence[Output]) -> list[slice]:
    """Return which numbers of a row of labels, as Keras is given them, are those of each output."""
    ends = np.cumsum([0, *(loss.label_size(output.shape) for loss, output in zip(losses, outputs, strict=True))])
    return [slice(int(start), int(end)) for start, end in pairwise(ends)]


def evaluated_outputs(
    losses: Sequence[Loss],
    outputs: Sequence[Output],
    y: Array,
    yhat: Array,
    weights: Array | None = None,
    batch: int = KERAS_BATCH,
    kept: Kept | None = None,
) -> float:
    """Return the loss that ``model.evaluate`` gives for a model: the sum of those of its ``outputs``, each weighed.

    A row of labels and outputs has those of one output after those of the other (:func:`labels_of_each`); ``kept`` says
    for each number of the outputs whether a mask does not leave it out.
    """
    total = 0.0
    for loss, output, labels in zip(losses, outputs, labels_of_each(losses, outputs), strict=True):
        mask = None if kept is None or output.mask is None else kept[:, output.columns][:, :: output.shape[-1]]
        of_output = y[:, labels], yhat[:, output.columns]
        total += evaluated(loss, *of_output, weights, batch, loss.places(output.spread), mask)
    return total
