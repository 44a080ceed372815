"""Losses and metrics of outputs that are an image or a sequence and stand in a row: taken along their last axis."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import keras

if TYPE_CHECKING:
    from core.operations.operation import Shape

LOGITS = "_keras_logits"
"""Where Keras's activations leave their pre-activations, for the losses that look there."""


def reshaped(values: Any, shape: Shape) -> Any:
    """Return rows of ``values`` in another shape, and what an activation left with them too."""
    made = keras.ops.reshape(values, (-1, *shape))
    if (under := getattr(values, LOGITS, None)) is not None:
        setattr(made, LOGITS, keras.ops.reshape(under, (-1, *shape)))
    return made


class InARow(keras.layers.Layer):  # type: ignore[misc]
    """Flattens what a layer gives; a loss can still look under its activation."""

    def call(self, inputs: Any) -> Any:
        return reshaped(inputs, (prod(inputs.shape[1:]),))


class LossAlong(keras.losses.Loss):  # type: ignore[misc]
    """Keras's loss of outputs in a row that are of ``shape``: one for each place, all of which Keras then reduces."""

    def __init__(self, loss: keras.losses.Loss, shape: Shape) -> None:
        super().__init__(name=loss.name, reduction=loss.reduction)
        self._loss, self._shape = loss, shape

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return self._loss.call(reshaped(y_true, self._shape), reshaped(y_pred, self._shape))


def metric_along(metric: Any, shape: Shape) -> Any:
    """Return Keras's metric, made to take rows of ``shape``; ``"accuracy"`` is what ``compile`` makes of it."""
    if metric in ("accuracy", "acc"):
        kind = keras.metrics.BinaryAccuracy if shape[-1] == 1 else keras.metrics.CategoricalAccuracy
        metric = kind(name=metric)
    elif isinstance(metric, str):
        metric = keras.metrics.get(metric)
    update = metric.update_state

    def update_state(y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        return update(reshaped(y_true, shape), reshaped(y_pred, shape), sample_weight)

    metric.update_state = update_state
    return metric
