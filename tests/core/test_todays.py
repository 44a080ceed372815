"""What Keras 2 calculated otherwise becomes a model of today's Keras with the same numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from core.calculation.running import predictions
from core.errors import Refused
from core.layers.activation_layers import Activation
from core.layers.activations import OLD_HARD_SIGMOID as OLD
from core.layers.convolution import Conv1D, Conv2D, Conv3D
from core.layers.convolutional_recurrent import ConvLSTM1D, ConvLSTM2D, ConvLSTM3D
from core.layers.dense import Dense
from core.layers.depthwise import DepthwiseConv1D, DepthwiseConv2D, SeparableConv1D, SeparableConv2D
from core.layers.einsum_dense import EinsumDense
from core.layers.layer import fields_of
from core.layers.nested import Model
from core.layers.no_longer import NO_MORE
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
from core.layers.registry import LAYERS
from core.layers.transposed import Conv1DTranspose, Conv2DTranspose, Conv3DTranspose
from core.layers.wrappers import Bidirectional, TimeDistributed
from core.model.graph import Call, Graph, Input, Source, chain
from core.model.network import Network
from core.model.todays import is_todays, todays
from core.model.weights import Weights

if TYPE_CHECKING:
    from core.layers.layer import Layer
    from core.operations.operation import Shape

STEPS, IMAGE, VOLUME = (4, 3), (4, 4, 2), (3, 3, 3, 2)


def windows(axes: int) -> dict[str, Any]:
    return {"kernel_size": (2,) * axes, "strides": (1,) * axes, "activation": OLD}


ONE, TWO, THREE = map(windows, (1, 2, 3))


def gates(axes: int) -> dict[str, Any]:
    return {**windows(axes), "activation": "tanh", "recurrent_activation": OLD}


CASES: list[tuple[Layer, Shape]] = [
    (Dense("l", 3, OLD), (4,)),
    (Dense("l", 3, OLD, use_bias=False), STEPS),
    (EinsumDense(name="l", equation="abc,cd->abd", output_shape=(None, 3), activation=OLD, bias_axes="d"), STEPS),
    (Activation("l", OLD), IMAGE),
    (Conv1D("l", 3, **ONE), STEPS),
    (Conv2D("l", 3, **TWO), IMAGE),
    (Conv3D("l", 3, **THREE), VOLUME),
    (Conv1DTranspose("l", 3, **ONE), STEPS),
    (Conv2DTranspose("l", 3, **TWO), IMAGE),
    (Conv3DTranspose("l", 3, **THREE), VOLUME),
    (DepthwiseConv1D("l", **ONE), STEPS),
    (DepthwiseConv2D("l", **TWO), IMAGE),
    (SeparableConv1D("l", **ONE, filters=3), STEPS),
    (SeparableConv2D("l", **TWO, filters=3), IMAGE),
    (SimpleRNN("l", 2, OLD), STEPS),
    (LSTM("l", 2, recurrent_activation=OLD), STEPS),
    (GRU("l", 2, OLD, recurrent_activation=OLD), STEPS),
    (GRU("l", 2, OLD, reset_after=False, use_bias=False), STEPS),
    (GRU("l", 2, recurrent_activation=OLD, reset_after=False), STEPS),
    (RNN("l", LSTMCell("cell", 2, recurrent_activation=OLD)), STEPS),
    (RNN("l", StackedRNNCells("all", (SimpleRNNCell("a", 2, OLD), GRUCell("b", 3, OLD)))), STEPS),
    (ConvLSTM1D("l", 2, **gates(1)), (2, *STEPS)),
    (ConvLSTM2D("l", 2, **gates(2), use_bias=False), (2, *IMAGE)),
    (ConvLSTM3D("l", 2, **gates(3)), (2, *VOLUME)),
    (Bidirectional("l", LSTM("way", 2, recurrent_activation=OLD, return_sequences=True)), STEPS),
    (TimeDistributed("l", Dense("inner", 2, OLD)), STEPS),
    (TimeDistributed("l", Activation("inner", OLD)), STEPS),
    (Model("l", chain("l", Input("x", (4,)), [Dense("a", 3, OLD), Activation("b", OLD)])), (4,)),
    (TimeDistributed("t", Model("l", chain("l", Input("x", (3,)), [Dense("a", 3, OLD), Activation("b", OLD)]))), STEPS),
]


def classes_in(layer: Layer) -> set[str]:
    return {type(layer).__name__}.union(*map(classes_in, layer.layers_within))


def held_against(graph: Graph, points: list[np.ndarray]) -> tuple[str, ...]:
    """Hold what becomes of a model against it, with drawn weights, and return what is said of it."""
    network, random = Network.of(graph), np.random.default_rng(3)
    drawn = [[random.normal(size=shape).astype("f4") for shape in shapes] for shapes in network.weight_shapes]
    weights = Weights.for_network(network, drawn).by_name(network)
    made = todays(network.graph, weights)
    assert not is_todays(network)
    assert is_todays(Network.of(made.graph))
    before, after = predictions(network.graph, weights, points), predictions(made.graph, made.weights, points)
    for old, new in zip(before, after, strict=True):
        np.testing.assert_allclose(new, old, atol=1e-6)
        assert np.ptp(old)
    return made.said


@pytest.mark.parametrize(("layer", "shape"), CASES, ids=[type(layer).__name__ for layer, _ in CASES])
def test_keras_2s_hard_sigmoid_is_todays_of_more(layer: Layer, shape: Shape) -> None:
    points = np.random.default_rng(1).normal(size=(5, *shape)).astype("f4")
    said = held_against(chain("model", Input("x", shape), [layer]), [points])
    assert said and all("1.2" in words and "0.2 x + 0.5" in words for words in said)


def test_a_call_after_the_other_has_what_goes_before_each() -> None:
    layers = (Activation("twice", OLD), Dense("twice_rescaling", 4))
    calls = tuple(
        Call(layer, (Source(source, at),))
        for layer, source, at in (("twice", "x", 0), ("twice_rescaling", "twice", 0), ("twice", "twice_rescaling", 0))
    )
    graph = Graph("model", (Input("x", (4,)),), layers, calls, (Source("twice", 1), Source("twice", 0)))
    points = np.random.default_rng(1).normal(size=(5, 4)).astype("f4")
    said = held_against(graph, [points])
    assert "twice_rescaling_" in said[0]


def test_every_layer_with_an_activation_is_tried() -> None:
    todays_own = {name: kind for name, kind in LAYERS.items() if kind.of_module != NO_MORE}
    has_one = {name for name, kind in todays_own.items() if any(one.endswith("activation") for one in fields_of(kind))}
    assert has_one <= set[str]().union(*(classes_in(layer) for layer, _ in CASES))


def test_what_is_of_the_cell_state_too_is_refused() -> None:
    network = Network.of(chain("model", Input("x", STEPS), [LSTM("gates", 2, OLD)]))
    weights = {weight: np.zeros(()) for weight in network.places}
    with pytest.raises(Refused, match="as activation of gates; today's Keras has no such layer"):
        todays(network.graph, weights)
