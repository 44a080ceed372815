"""The registry: every class of Keras's layers that is followed here. Nobody else imports their files."""

from __future__ import annotations

from core.layers import (
    activation_layers,
    attention,
    convolution,
    dense,
    depthwise,
    global_pooling,
    identity,
    merging,
    normalization,
    pooling,
    reshaping,
    transposed,
)
from core.layers.layer import Layer

FAMILIES = (
    activation_layers,
    attention,
    convolution,
    dense,
    depthwise,
    global_pooling,
    identity,
    merging,
    normalization,
    pooling,
    reshaping,
    transposed,
)

LAYERS: dict[str, type[Layer]] = {
    name: kind
    for family in FAMILIES
    for name, kind in sorted(vars(family).items())
    if isinstance(kind, type) and issubclass(kind, Layer) and not kind.__subclasses__()
}
"""Keras's class -> the layer. What other layers are built upon is no class of Keras's."""
