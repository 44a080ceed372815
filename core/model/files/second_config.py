"""Layers that Keras 2 had and today's Keras has under another name, where both calculate the same.

Source: Keras 2's documentation, "Layers API", and what its own loading makes of the CuDNN layers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.layers.merging import OF_KERAS_2
from core.layers.registry import LAYERS

if TYPE_CHECKING:
    from collections.abc import Iterator

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


def with_masks(model: Json) -> Json:
    """Return ``model``, of today's words, with merging layers that go by masks as Keras 2 did, if it makes any."""
    layers = list(_layers(model))
    makes = any(one.get("class_name") == "Masking" or one["config"].get("mask_zero") for one in layers)
    return _with_masks(model) if makes else model


def _layers(model: Json) -> Iterator[Json]:
    """Give the layers of a model and of those within it, also within a layer that calls one."""
    for layer in model["config"]["layers"]:
        yield layer
        within = layer["config"].get("layer")
        for one in (layer, within):
            if isinstance(one, dict) and isinstance(one["config"].get("layers"), list):
                yield from _layers(one)


def _with_masks(entry: Json) -> Json:
    config = entry["config"]
    if isinstance(config.get("layers"), list):
        return {**entry, "config": {**config, "layers": [_with_masks(one) for one in config["layers"]]}}
    if isinstance(config.get("layer"), dict):
        return {**entry, "config": {**config, "layer": _with_masks(config["layer"])}}
    known = LAYERS.get(str(entry.get("class_name"))) if entry.get("module") == "keras.layers" else None
    merges = known is not None and OF_KERAS_2 in known.__struct_fields__
    return {**entry, "config": {**config, OF_KERAS_2: True}} if merges else entry
