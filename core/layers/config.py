"""A layer's settings as Keras writes them."""

from __future__ import annotations

from typing import Any

import msgspec

from core.layers.layer import Layer


def keras_config(layer: Layer) -> dict[str, Any]:
    """Return ``layer`` as Keras 3 serializes one: its class and its settings; what is not set is left out."""
    config = {}
    for setting in msgspec.structs.fields(layer):
        value = getattr(layer, setting.name)
        # Some of Keras's classes know no ``trainable``; theirs is True.
        if (setting.name, value) != ("trainable", True) and not (value in (None, ()) and value == setting.default):
            config[setting.name] = _written(value)
    return {"module": "keras.layers", "class_name": type(layer).__name__, "config": config}


def _written(value: object) -> object:
    if isinstance(value, Layer):
        return keras_config(value)
    if isinstance(value, tuple):
        return [_written(one) for one in value]
    return value
