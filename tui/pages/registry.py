"""Which view a call has: the only place outside core/layers that knows kinds of layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.layers.attention import Attending, MultiHeadAttention
from core.layers.convolution import Convolution
from core.layers.convolutional_recurrent import ConvLSTM
from core.layers.depthwise import ChannelsAlone
from core.layers.normalization import Normalization, RMSNormalization, Scaled, UnitNormalization
from core.layers.pooling import Pooling
from core.layers.recurrent import RNN, Recurrent
from core.layers.transposed import Transposed
from core.layers.wrappers import Bidirectional
from core.layers.writer import layers_of
from tui.pages.attention import AttentionView
from tui.pages.convolution import WindowView
from tui.pages.normalization import NormalizedView
from tui.pages.recurrent import StepView
from tui.pages.view import View

if TYPE_CHECKING:
    from core.calculation.calculated import Calculated
    from core.calculation.page import Call
    from core.formatting import Notation
    from core.layers.layer import Layer

VIEWS: tuple[tuple[tuple[type[Layer], ...], type[View]], ...] = (
    ((Convolution, ChannelsAlone, Transposed, Pooling), WindowView),
    ((RNN, Recurrent, ConvLSTM, Bidirectional), StepView),
    ((MultiHeadAttention, Attending), AttentionView),
    ((Scaled, RMSNormalization, UnitNormalization, Normalization), NormalizedView),
)
"""Kinds of layers, and the view that they have."""


def view_of(done: Calculated, call: Call, notation: Notation) -> View:
    """Return the view of a call, which is that of its layer's kind, or else the one that suits any."""
    layer = layer_of(done, call)
    for kinds, view in VIEWS:
        if isinstance(layer, kinds) and _has_numbers(done, call):
            return view(done, call, notation)
    return View(done, call, notation)


def layer_of(done: Calculated, call: Call) -> Layer | None:
    """Return the layer that a call is of, None for the inputs."""
    inside, layer = done.graph.layers, None
    for name in layers_of(call):
        layer = next((one for one in inside if one.name == name), None)
        if layer is None:
            return None
        inside = layer.layers_within
    return layer


def _has_numbers(done: Calculated, call: Call) -> bool:
    own = [value for value in done.values if value.call == call]
    return bool(own) and all(0 not in value.shape for value in own)
