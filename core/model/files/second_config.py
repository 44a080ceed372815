"""Layers that Keras 2 had and today's Keras has under another name, where both calculate the same.

Source: Keras 2's documentation, "Layers API", and what its own loading makes of the CuDNN layers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from core.layers.layer import OF_KERAS_2
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


OTHERWISE = {kind for kind, layer in LAYERS.items() if OF_KERAS_2 in layer.__struct_fields__}
"""Layers that went by masks otherwise."""


def from_keras_2(entry: Json) -> Json:
    """Return ``entry``, one of Keras's own layers as Keras 2 describes it, under today's name."""
    kind = entry["class_name"]
    if kind not in CLASSES:
        return entry
    config = {SETTINGS.get(name, name): value for name, value in entry["config"].items()}
    return {**entry, "class_name": CLASSES[kind], "config": {**config, **MORE.get(kind, {})}}


def with_masks(model: Json, version: str) -> Json:
    """Return ``model``, of today's words, with layers that go by masks as that version of Keras did, if it has any."""
    layers = list(_layers(model))
    makes = any(one.get("class_name") == "Masking" or one["config"].get("mask_zero") for one in layers)
    numbers = tuple(int(number) for number in re.findall(r"\d{1,9}", version)[:2])
    first = numbers < (2, 4)
    # Before TensorFlow 1.13, and in Keras by itself, which 2.4 ended, no output was made 0 at masked steps.
    by_itself = numbers < (2, 2) or (first and "tf" not in version)
    kinds = OTHERWISE - ({"Softmax"} if not first else set()) - ({"Bidirectional"} if not by_itself else set())
    return _with_masks(model, kinds) if makes else model


def _layers(model: Json) -> Iterator[Json]:
    """Give the layers of a model and of those within it, also within a layer that calls one."""
    for layer in model["config"]["layers"]:
        yield layer
        within = layer["config"].get("layer")
        for one in (layer, within):
            if isinstance(one, dict) and isinstance(one["config"].get("layers"), list):
                yield from _layers(one)


def _with_masks(entry: Json, kinds: set[str]) -> Json:
    config = entry["config"]
    if isinstance(config.get("layers"), list):
        return {**entry, "config": {**config, "layers": [_with_masks(one, kinds) for one in config["layers"]]}}
    if isinstance(config.get("layer"), dict):
        config = {**config, "layer": _with_masks(config["layer"], kinds)}
    otherwise = entry.get("class_name") in kinds and entry.get("module") == "keras.layers"
    return {**entry, "config": {**config, OF_KERAS_2: True} if otherwise else config}
