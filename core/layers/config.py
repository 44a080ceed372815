"""A layer's settings as Keras writes them."""

from __future__ import annotations

from typing import Any

import msgspec

from core.layers.layer import Layer


def keras_config(layer: Layer) -> dict[str, Any]:
    """Return ``layer`` as Keras 3 serializes one: its class and its settings; what is as Keras has it is left out."""
    config = {
        setting.name: _written(value)
        for setting in msgspec.structs.fields(layer)
        if (value := getattr(layer, setting.name)) != setting.default
    }
    return {"module": "keras.layers", "class_name": type(layer).__name__, "config": config}


def _written(value: object) -> object:
    if isinstance(value, Layer):
        return keras_config(value)
    if isinstance(value, tuple):
        return [_written(one) for one in value]
    return value
