"""The registry: every class of Keras's layers that is followed here, by Keras's name. Nobody else imports their files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.layers.activation_layers import Activation
from core.layers.convolution import Conv1D, Conv2D, Conv3D
from core.layers.dense import Dense
from core.layers.embedding import Embedding, Masking
from core.layers.identity import Dropout
from core.layers.pooling import AveragePooling1D, AveragePooling2D, MaxPooling1D, MaxPooling2D
from core.layers.recurrent import (
    GRU,
    LSTM,
    RNN,
    GRUCell,
    LSTMCell,
    SimpleRNN,
    SimpleRNNCell,
    StackedRNNCells,
)
from core.layers.reshaping import Flatten
from core.layers.wrappers import Bidirectional, TimeDistributed

if TYPE_CHECKING:
    from core.layers.layer import Layer

LAYERS: dict[str, type[Layer]] = {
    kind.__name__: kind
    for kind in (
        Activation,
        AveragePooling1D,
        AveragePooling2D,
        Bidirectional,
        Conv1D,
        Conv2D,
        Conv3D,
        Dense,
        Dropout,
        Embedding,
        Flatten,
        GRU,
        GRUCell,
        LSTM,
        LSTMCell,
        Masking,
        MaxPooling1D,
        MaxPooling2D,
        RNN,
        SimpleRNN,
        SimpleRNNCell,
        StackedRNNCells,
        TimeDistributed,
    )
}
