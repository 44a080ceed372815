"""The registry: every class of Keras's layers that is followed, by Keras's name. Nobody else imports their files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.layers.activation_layers import ELU, Activation, LeakyReLU, PReLU, ReLU, Softmax
from core.layers.attention import AdditiveAttention, Attention, MultiHeadAttention
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
from core.layers.merging import Add, Average, Concatenate, Dot, Maximum, Minimum, Multiply, Subtract
from core.layers.normalization import (
    BatchNormalization,
    GroupNormalization,
    LayerNormalization,
    Normalization,
    Rescaling,
    RMSNormalization,
    UnitNormalization,
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
        Add,
        AdditiveAttention,
        AlphaDropout,
        Attention,
        Average,
        AveragePooling1D,
        AveragePooling2D,
        BatchNormalization,
        Concatenate,
        Conv1D,
        Conv2D,
        Conv3D,
        Dense,
        Dot,
        Dropout,
        ELU,
        Flatten,
        GaussianDropout,
        GaussianNoise,
        GroupNormalization,
        Identity,
        LayerNormalization,
        LeakyReLU,
        MaxPooling1D,
        MaxPooling2D,
        Maximum,
        Minimum,
        MultiHeadAttention,
        Multiply,
        Normalization,
        PReLU,
        RMSNormalization,
        ReLU,
        Rescaling,
        Softmax,
        SpatialDropout1D,
        SpatialDropout2D,
        SpatialDropout3D,
        Subtract,
        UnitNormalization,
    )
}
