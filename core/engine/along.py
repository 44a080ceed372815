"""Losses and metrics of outputs in rows: along the last axis of an image or a sequence, and of several outputs."""

from __future__ import annotations

from functools import partial
from math import prod
from typing import TYPE_CHECKING, Any

import keras

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.operations.operation import Shape

KEPT = ("_keras_logits", "_keras_mask")
"""Where Keras leaves pre-activations, for the losses that look there, and masks, for losses and metrics."""


def reshaped(values: Any, shape: Shape) -> Any:
    """Return rows of ``values`` in another shape, with what a layer left with them too."""
    made = keras.ops.reshape(values, (-1, *shape))
    for name, left in ((name, getattr(values, name, None)) for name in KEPT):
        if left is not None:
            setattr(made, name, keras.ops.reshape(left, (-1, *shape)) if name == KEPT[0] else left)
    return made


def _labels(values: Any, shape: Shape) -> Any:
    """Return labels in a row for outputs of that shape: as many numbers for each place, or a class each."""
    return reshaped(values, (*shape[:-1], values.shape[-1] // prod(shape[:-1])))


class InARow(keras.layers.Layer):  # type: ignore[misc]
    """Flattens what a layer gives; a loss can still look under its activation, and has its mask."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        return reshaped(inputs, (prod(inputs.shape[1:]),))


class OfRows(keras.Model):  # type: ignore[misc]
    """A model of several outputs, each a row, whose labels come in one row: those of an output after the other's."""

    def cut_labels(self, columns: Sequence[slice]) -> None:
        """Say which numbers of a row of labels are each output's."""
        self._cuts = tuple((one.start, one.stop) for one in columns)

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Any:
        for metric in self._compile_loss.metrics:
            # In fit the number of a batch's rows is not known while it is traced, so that each batch counts alike.
            metric.update_state = partial(_mean_of_batches, metric)
        return super().compute_loss(x, self._of_each(y), y_pred, sample_weight, training)

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        return super().compute_metrics(x, self._of_each(y), y_pred, sample_weight)

    def _of_each(self, labels: Any) -> list[Any]:
        return [labels[:, start:end] for start, end in self._cuts]


def _mean_of_batches(metric: Any, values: Any, sample_weight: Any = None) -> Any:
    del sample_weight
    return keras.metrics.Mean.update_state(metric, values)


class LossAlong(keras.losses.Loss):  # type: ignore[misc]
    """Keras's loss of outputs in a row that are of ``shape``: one for each place, all of which Keras then reduces.

    A row's sample weight is that of all its places.
    """

    def __init__(self, loss: keras.losses.Loss, shape: Shape) -> None:
        super().__init__(name=loss.name, reduction=loss.reduction)
        self._loss, self._shape = loss, shape

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        places = self._shape[:-1]
        if sample_weight is not None:
            of_rows = keras.ops.reshape(sample_weight, (-1, *(1 for _ in places)))
            sample_weight = of_rows * keras.ops.ones(places)
        return super().__call__(y_true, y_pred, sample_weight)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return self._loss.call(_labels(y_true, self._shape), reshaped(y_pred, self._shape))


def metric_along(metric: Any, shape: Shape, sparse: bool) -> Any:
    """Return Keras's metric, made to take rows of ``shape``; ``"accuracy"`` is what ``compile`` makes of it.

    Labels are class numbers, one for each place, if they are ``sparse``.
    """
    if metric in ("accuracy", "acc"):
        several = keras.metrics.SparseCategoricalAccuracy if sparse else keras.metrics.CategoricalAccuracy
        metric = (keras.metrics.BinaryAccuracy if shape[-1] == 1 else several)(name=metric)
    elif isinstance(metric, str):
        metric = keras.metrics.get(metric)
    update = metric.update_state

    def update_state(y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        return update(_labels(y_true, shape), reshaped(y_pred, shape), sample_weight)

    metric.update_state = update_state
    return metric
