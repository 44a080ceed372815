"""Layers that Keras 2 had and today's Keras has under another name, where both calculate the same.

Source: Keras 2's documentation, "Layers API", and what its own loading makes of the CuDNN layers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.model.archive.gate import Json

CLASSES = {
    "CuDNNLSTM": "LSTM",
    "CuDNNGRU": "GRU",
    "ThresholdedReLU": "ReLU",
    "BatchNormalizationV1": "BatchNormalization",
    "BatchNormalizationV2": "BatchNormalization",
    "SyncBatchNormalization": "BatchNormalization",
}
"""Keras 2's class -> today's."""

SETTINGS = {"theta": "threshold"}
"""Setting of ThresholdedReLU -> that of ReLU."""

MORE: dict[str, Json] = {
    "CuDNNLSTM": {"activation": "tanh", "recurrent_activation": "sigmoid"},
    "CuDNNGRU": {"activation": "tanh", "recurrent_activation": "sigmoid", "reset_after": True},
}
"""What is a setting today and was none."""


def from_keras_2(entry: Json) -> Json:
    """Return ``entry``, one of Keras's own layers as Keras 2 describes it, under today's name."""
    kind = entry["class_name"]
    if kind not in CLASSES:
        return entry
    config = {SETTINGS.get(name, name): value for name, value in entry["config"].items()}
    return {**entry, "class_name": CLASSES[kind], "config": {**config, **MORE.get(kind, {})}}
