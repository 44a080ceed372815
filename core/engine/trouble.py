"""Where numbers broke: the layer of a Keras model whose weights or output are the first that are not finite."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from core.engine.built import called_one_by_one, own_layers
from core.errors import Refused

if TYPE_CHECKING:
    from core.engine.compiled import Rows


class Broken(Refused):
    """A training's numbers became NaN or infinite: in which epoch and batch, counted from 1, and which layer's."""

    def __init__(self, message: str, epoch: int, batch: int, layer: str | None) -> None:
        super().__init__(message)
        self.epoch, self.batch, self.layer = epoch, batch, layer


FIRST = "{what} of layer {{layer}} had it first"

FROM_0 = ("poisson", "categorical_generalized_cross_entropy")
"""Losses that take the logarithm or the root of an output as it is."""


def first_broken_layer(model: Any, rows: Rows) -> tuple[int, str]:
    """Return which of the network's layers is the first that is not finite on the batch ``rows``, and a sentence.

    If all are finite, the loss made too large a number of the last one's, or has none for it. ``{layer}`` in the
    sentence stands for the layer's name. The random layers must be as they were before the batch, so that they draw
    what they drew.
    """
    layers = own_layers(model)
    outputs = [np.asarray(made) for made in called_one_by_one(model, rows[0], training=True)]
    for place, (layer, output) in enumerate(zip(layers, outputs, strict=True)):
        if not all(np.isfinite(weight.numpy()).all() for weight in getattr(layer, "weights", ())):
            return place, FIRST.format(what="weights")
        if not np.isfinite(output).all():
            return place, FIRST.format(what="output")
    smallest, largest = float(output.min()), float(np.abs(output).max())
    if smallest < 0 and (loss := getattr(model.loss, "name", model.loss)) in FROM_0:
        return len(layers) - 1, f"output of layer {{layer}} falls to {smallest:.2g}, and {loss} takes none below 0"
    return len(layers) - 1, f"output of layer {{layer}} reaches {largest:.2g}, which is too large for the loss"
