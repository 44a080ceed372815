"""The registry: every class of Keras's layers that is followed here. Nobody else imports their files."""

from __future__ import annotations

from core.layers import (
    activation_layers,
    applications,
    attention,
    augmentation,
    convolution,
    convolutional_recurrent,
    dense,
    depthwise,
    einsum_dense,
    embedding,
    encoding,
    global_pooling,
    identity,
    merging,
    no_longer,
    normalization,
    pooling,
    recurrent,
    reshaping,
    resizing,
    transposed,
    wrappers,
)
from core.layers.layer import Layer

FAMILIES = (
    activation_layers,
    applications,
    attention,
    augmentation,
    convolution,
    convolutional_recurrent,
    dense,
    depthwise,
    einsum_dense,
    embedding,
    encoding,
    global_pooling,
    identity,
    merging,
    no_longer,
    normalization,
    pooling,
    recurrent,
    reshaping,
    resizing,
    transposed,
    wrappers,
)

LAYERS: dict[str, type[Layer]] = {
    kind.__name__: kind
    for family in FAMILIES
    for kind in vars(family).values()
    if isinstance(kind, type) and issubclass(kind, Layer) and kind.__module__ == family.__name__
    if kind.__struct_config__.tag is not None
}
"""Keras's class -> the layer. A class without a tag is what others are built upon, and none of Keras's."""

UNITS, FUNCTION = dense.Dense, activation_layers.Activation
"""The classes that words leave out: a number is the units of the first, an activation alone is the second."""
