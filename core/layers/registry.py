"""The registry: every class of Keras's layers that is followed here. Nobody else imports their files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.layers.activation_layers import ELU, Activation, LeakyReLU, PReLU, ReLU, Softmax
from core.layers.convolution import Conv1D, Conv2D, Conv3D
from core.layers.dense import Dense
from core.layers.depthwise import DepthwiseConv1D, DepthwiseConv2D, SeparableConv1D, SeparableConv2D
from core.layers.global_pooling import (
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    GlobalAveragePooling3D,
    GlobalMaxPooling1D,
    GlobalMaxPooling2D,
    GlobalMaxPooling3D,
)
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
from core.layers.pooling import (
    AveragePooling1D,
    AveragePooling2D,
    AveragePooling3D,
    MaxPooling1D,
    MaxPooling2D,
    MaxPooling3D,
)
from core.layers.reshaping import (
    Cropping1D,
    Cropping2D,
    Cropping3D,
    Flatten,
    Permute,
    RepeatVector,
    Reshape,
    UpSampling1D,
    UpSampling2D,
    UpSampling3D,
    ZeroPadding1D,
    ZeroPadding2D,
    ZeroPadding3D,
)
from core.layers.transposed import Conv1DTranspose, Conv2DTranspose, Conv3DTranspose

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
        AveragePooling3D,
        Conv1D,
        Conv1DTranspose,
        Conv2D,
        Conv2DTranspose,
        Conv3D,
        Conv3DTranspose,
        Cropping1D,
        Cropping2D,
        Cropping3D,
        Dense,
        DepthwiseConv1D,
        DepthwiseConv2D,
        Dropout,
        ELU,
        Flatten,
        GaussianDropout,
        GaussianNoise,
        GlobalAveragePooling1D,
        GlobalAveragePooling2D,
        GlobalAveragePooling3D,
        GlobalMaxPooling1D,
        GlobalMaxPooling2D,
        GlobalMaxPooling3D,
        Identity,
        LeakyReLU,
        MaxPooling1D,
        MaxPooling2D,
        MaxPooling3D,
        PReLU,
        Permute,
        ReLU,
        RepeatVector,
        Reshape,
        SeparableConv1D,
        SeparableConv2D,
        Softmax,
        SpatialDropout1D,
        SpatialDropout2D,
        SpatialDropout3D,
        UpSampling1D,
        UpSampling2D,
        UpSampling3D,
        ZeroPadding1D,
        ZeroPadding2D,
        ZeroPadding3D,
    )
}
