"""The registry: every class of Keras's layers that is followed here. Nobody else imports their files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.layers.activation_layers import Activation
from core.layers.convolution import Conv1D, Conv2D, Conv3D
from core.layers.dense import Dense
from core.layers.identity import Dropout
from core.layers.pooling import AveragePooling1D, AveragePooling2D, MaxPooling1D, MaxPooling2D
from core.layers.reshaping import Flatten

if TYPE_CHECKING:
    from core.layers.layer import Layer

LAYERS: dict[str, type[Layer]] = {
    kind.__name__: kind
    for kind in (
        Activation,
        AveragePooling1D,
        AveragePooling2D,
        Conv1D,
        Conv2D,
        Conv3D,
        Dense,
        Dropout,
        Flatten,
        MaxPooling1D,
        MaxPooling2D,
    )
}
