"""The registry: every class of Keras's layers that is followed here, by Keras's name. Nobody else imports their files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.layers.activation_layers import ELU, Activation, LeakyReLU, PReLU, ReLU, Softmax
from core.layers.convolution import Conv1D, Conv2D, Conv3D
from core.layers.dense import Dense
from core.layers.identity import (
    ActivityRegularization,
    AlphaDropout,
    Dropout,
    GaussianDropout,
    GaussianNoise,
    Identity,
    SpatialDropout1D,
    SpatialDropout2D,
    SpatialDropout3D,
)
from core.layers.pooling import AveragePooling1D, AveragePooling2D, MaxPooling1D, MaxPooling2D
from core.layers.reshaping import Flatten

if TYPE_CHECKING:
    from core.layers.layer import Layer

LAYERS: dict[str, type[Layer]] = {
    kind.__name__: kind
    for kind in (
        Activation,
        ActivityRegularization,
        AlphaDropout,
        AveragePooling1D,
        AveragePooling2D,
        Conv1D,
        Conv2D,
        Conv3D,
        Dense,
        Dropout,
        ELU,
        Flatten,
        GaussianDropout,
        GaussianNoise,
        Identity,
        LeakyReLU,
        MaxPooling1D,
        MaxPooling2D,
        PReLU,
        ReLU,
        Softmax,
        SpatialDropout1D,
        SpatialDropout2D,
        SpatialDropout3D,
    )
}
