"""Layers that Keras 2 had and today's Keras has under another name, where both calculate the same.

Source: Keras 2's documentation, "Layers API", and what its own loading makes of the CuDNN layers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from core.layers.layer import OF_KERAS_2
from core.layers.registry import LAYERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from core.model.archive.gate import Json

CLASSES = {
    "CuDNNLSTM": "LSTM",
    "CuDNNGRU": "GRU",
    "ThresholdedReLU": "ReLU",
    "BatchNormalizationV1": "BatchNormalization",
    "BatchNormalizationV2": "BatchNormalization",
    "SyncBatchNormalization": "BatchNormalization",
    # AutoKeras's, which makes real numbers of others: here all are.
    "Custom>CastToFloat32": "Identity",
}
"""Keras 2's class -> today's."""

OLD_BILINEAR = "bilinear of Keras 2"
"""What a setting is called here that Keras by itself had as "bilinear"."""

SETTINGS = {"theta": "threshold"}
"""Setting of ThresholdedReLU -> that of ReLU."""

MORE: dict[str, Json] = {
    "CuDNNLSTM": {"activation": "tanh", "recurrent_activation": "sigmoid"},
    "CuDNNGRU": {"activation": "tanh", "recurrent_activation": "sigmoid", "reset_after": True},
}
"""What is a setting today and was none."""


LATER: Mapping[str, tuple[tuple[int, ...], str]] = {
    "Attention": ((2, 2), "use_scale"),
    "AdditiveAttention": ((2, 2), "use_scale"),
    "LayerNormalization": ((2, 2), "axis"),
    "Normalization": ((2, 3), "axis"),
    "Rescaling": ((2, 3), "scale"),
    "Resizing": ((2, 3), "height"),
    "CenterCrop": ((2, 3), "height"),
    "Discretization": ((2, 3), ""),
    "CategoryEncoding": ((2, 3), "num_tokens"),
    "Conv1DTranspose": ((2, 4), "filters"),
    "EinsumDense": ((2, 4), "equation"),
    "MultiHeadAttention": ((2, 4), "num_heads"),
    "ConvLSTM1D": ((2, 6), "filters"),
    "ConvLSTM3D": ((2, 6), "filters"),
    "DepthwiseConv1D": ((2, 7), "kernel_size"),
    "UnitNormalization": ((2, 8), "axis"),
    "Identity": ((2, 10), ""),
    "GroupNormalization": ((2, 11), "groups"),
    "SpectralNormalization": ((2, 12), "layer"),
}
"""Class that tf.keras got later -> the first version with it, and a setting that Keras always writes down for it."""


def with_own_classes(value: Any, version: str) -> Any:
    """Return what describes a model by that version of Keras, with classes marked as the author's own that only share
    the name of one that Keras got later, or that it describes otherwise; and with another word for what it did
    otherwise under the same one.

    Such files say of no class whose it is.
    """
    if isinstance(value, list):
        return [with_own_classes(one, version) for one in value]
    if not isinstance(value, dict):
        return value
    made = {name: with_own_classes(one, version) for name, one in value.items()}
    kind, config = made.get("class_name"), made.get("config")
    if kind == "UpSampling2D" and isinstance(config, dict) and by_itself(version):
        # Keras by itself laid the corners of places on each other, not their middles.
        how = {"interpolation": OLD_BILINEAR} if config.get("interpolation") == "bilinear" else {}
        return {**made, "config": {**config, **how}}
    if not isinstance(kind, str) or kind not in LATER or not isinstance(config, dict) or "module" in made:
        return made
    since, setting = LATER[kind]
    is_keras_own = not by_itself(version) and numbers_of(version) >= since and (not setting or setting in config)
    return made if is_keras_own else {**made, "module": None, "registered_name": kind}


def numbers_of(version: str) -> tuple[int, ...]:
    """Return the first two numbers of a version."""
    return tuple(int(number) for number in re.findall(r"\d{1,9}", version)[:2])


def by_itself(version: str) -> bool:
    """Say whether this is a version of the Keras that was no part of TensorFlow, which 2.4 ended."""
    return "tf" not in version and numbers_of(version) < (2, 4)


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
    kinds = set(OTHERWISE)
    if numbers_of(version) >= (2, 4):
        kinds.discard("Softmax")
    # Before TensorFlow 1.13, and in Keras by itself, no output was made 0 at masked steps.
    if numbers_of(version) >= (2, 2) and not by_itself(version):
        kinds.discard("Bidirectional")
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
