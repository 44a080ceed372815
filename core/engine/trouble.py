"""Where numbers broke: the layer of a Keras model whose weights or output are the first that are not finite."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from core.engine.keras_model import own_layers
from core.errors import Refused

if TYPE_CHECKING:
    from core.engine.compiled import Rows


class Broken(Refused):
    """A training's numbers became NaN or infinite: in which epoch and batch, counted from 1, and which layer's."""

    def __init__(self, message: str, epoch: int, batch: int, layer: str | None) -> None:
        super().__init__(message)
        self.epoch, self.batch, self.layer = epoch, batch, layer


def first_broken_layer(model: Any, rows: Rows) -> tuple[int, str] | None:
    """Return which of the network's layers is the first that is not finite, and what of it, on the batch ``rows``.

    The random layers must be as they were before the batch, so that they draw what they drew.
    """
    layers = own_layers(model)
    outputs = keras.Model(model.inputs, [layer.output for layer in layers])([rows[0]], training=True)
    for place, (layer, output) in enumerate(zip(layers, keras.tree.flatten(outputs), strict=True)):
        if not all(np.isfinite(weight.numpy()).all() for weight in layer.weights):
            return place, "weights"
        if not np.isfinite(output.numpy()).all():
            return place, "output"
    return None
