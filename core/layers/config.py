"""A layer's settings as Keras writes them."""

from __future__ import annotations

from typing import Any

from msgspec.structs import fields

from core.layers.layer import Layer


def keras_config(layer: Layer) -> dict[str, Any]:
    """Return ``layer`` as Keras 3 serializes one: its class and its settings; what is not set is left out."""
    defaults = {field.name: field.default for field in fields(layer)}
    settings = {name: getattr(layer, name) for name in layer.__struct_fields__}
    config = {name: _written(value) for name, value in settings.items() if value or value != defaults[name]}
    return {"module": "keras.layers", "class_name": type(layer).__name__, "config": config}


def _written(value: object) -> object:
    if isinstance(value, Layer):
        return keras_config(value)
    if isinstance(value, tuple):
        return [_written(one) for one in value]
    return value
