"""Layers as words: every class of Keras's that is followed is written and read again, over inputs of any shape."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.activations import ACTIVATIONS
from core.errors import Refused
from core.layers.identity import Dropout
from core.layers.layer import Layer
from core.layers.recurrent import LSTM, Cell, LSTMCell
from core.layers.registry import LAYERS
from core.model.layer_words import layer_words, read_layer_words
from core.model.layers_text import chain_network, read_inputs, shape_text
from core.model.network import Network
from core.model.penalised import Constraint, Regularizer
from core.model.setting_words import settings_of
from tests.graphs import nested, residual

SIZES = st.lists(st.integers(-3, 9), min_size=1, max_size=3).map(tuple)
PARTS = st.floats(0, 1, width=32)
ACTIVATION = st.sampled_from(sorted(ACTIVATIONS))
SIMPLE: dict[Any, st.SearchStrategy[Any]] = {
    bool: st.booleans(),
    str: ACTIVATION,
    int: st.integers(1, 9),
    float: st.floats(-1e6, 1e6),
    type(None): st.none(),
    Layer: st.builds(LSTM, st.just("lstm"), st.integers(1, 9), ACTIVATION, return_sequences=st.booleans()),
    Cell: st.builds(LSTMCell, st.just("lstm_cell"), st.integers(1, 9), ACTIVATION),
    Regularizer: st.builds(Regularizer, PARTS, PARTS),
    Constraint: st.builds(Constraint, st.just("MaxNorm"), SIZES, max_value=PARTS),
}


def values(wanted: Any) -> st.SearchStrategy[Any]:
    """Give values of a setting's type."""
    if wanted in SIMPLE:
        return SIMPLE[wanted]
    of = get_args(wanted)
    if get_origin(wanted) is Annotated:
        return PARTS if of[0] is float else values(of[0])
    if get_origin(wanted) is Literal:
        return st.sampled_from(of)
    if get_origin(wanted) is not tuple:
        return st.one_of(*map(values, of))
    if len(of) == 2 and of[1] is ...:
        return SIZES if of[0] in (int, Any) else st.lists(values(of[0]), min_size=1, max_size=3).map(tuple)
    return st.tuples(*map(values, of))


@st.composite
def layers(draw: st.DrawFn) -> Layer:
    """Give a layer of any class, with settings drawn of their types."""
    kind = LAYERS[draw(st.sampled_from(sorted(LAYERS)))]
    drawn = {}
    for name, field in settings_of(kind).items():
        if name != "trainable" and (field.required or draw(st.booleans())):
            drawn[name] = draw(st.just("nearest") if name == "interpolation" else values(field.type))
    return kind("a name of its own", **drawn)


def nameless(layer: object) -> object:
    """Return what a layer is but for names, at any depth."""
    if isinstance(layer, dict):
        return {name: nameless(value) for name, value in layer.items() if name != "name"}
    return [nameless(one) for one in layer] if isinstance(layer, list | tuple) else layer


@settings(max_examples=400)
@given(layers())
@example(Dropout("drop", 0.5, (None, 1, 40)))
def test_a_layer_of_any_class_is_read_as_it_was_written(layer: Layer) -> None:
    words = layer_words(layer)
    assert nameless(msgspec.to_builtins(read_layer_words(words))) == nameless(msgspec.to_builtins(layer)), words
    assert layer_words(read_layer_words(words)) == words


CHAINS = [
    ("28x28x1", "Conv2D 8 3x3 relu, MaxPooling2D 2x2, Flatten, 10 softmax", (10,)),
    ("6x2", "LSTM 4, 1 tanh", (1,)),
    ("6", "Embedding 100 8, GRU 6 return_sequences, GlobalAveragePooling1D, 2 softmax", (2,)),
    ("12", "Reshape 6x2, BatchNormalization, Bidirectional(LSTM 4), 1 sigmoid", (1,)),
    ("6x2", "TimeDistributed(4 tanh), RNN(StackedRNNCells(LSTMCell 4, GRUCell 3)), ReLU 6.0, 1", (1,)),
    ("8x8x3", "ZeroPadding2D((1,2),(0,0)), SeparableConv2D 2x2 8 same, GlobalMaxPooling2D, 3 use_bias=False", (3,)),
]


@pytest.mark.parametrize(("inputs", "text", "output"), CHAINS)
def test_a_chain_of_any_layers_is_read_and_written_the_same(inputs: str, text: str, output: tuple[int, ...]) -> None:
    network = chain_network(read_inputs(inputs, 1000), text)
    assert shape_text(network) == text and network.shapes()[-1] == output
    assert (
        chain_network(network.input_shapes[0], text.replace(", ", " > ").lower().replace("relu 6.0", "ReLU 6"))
        == network
    )


def test_settings_go_by_their_order_or_by_their_names_in_any_case() -> None:
    short = read_layer_words("conv2d 8 3 2 same relu")
    assert short == read_layer_words("Conv2D activation=relu strides=2x2 Filters = 8 kernel_size=(3, 3) padding=same")
    assert layer_words(short) == "Conv2D 8 3x3 2x2 same relu"
    assert read_layer_words("MaxPooling2D 2") == read_layer_words("MaxPooling2D 2x2 strides=2")


def test_layers_that_are_not_dense_are_called_after_their_classes() -> None:
    names = [layer.name for layer in chain_network((6, 2), "4, LSTM 3 return_sequences, LSTM 2, 3, 1, Softmax").layers]
    assert names == ["hidden", "lstm", "lstm_2", "hidden_2", "output", "softmax"]
    assert [layer.name for layer in chain_network((6, 2), "4, LSTM 3").layers] == ["hidden", "lstm"]


@pytest.mark.parametrize("made", [residual, nested])
def test_what_is_no_chain_has_no_such_text(made: Any) -> None:
    assert shape_text(Network.of(made().graph)) is None


@pytest.mark.parametrize(
    ("text", "shape"), [("2", (2,)), ("6x2", (6, 2)), ("28 X 28 ×1", (28, 28, 1)), ("６ｘ２", (6, 2))]
)
def test_inputs_are_a_number_or_a_shape(text: str, shape: tuple[int, ...]) -> None:
    assert read_inputs(text, 1000) == shape


@pytest.mark.parametrize("text", ["", "0", "6x0", "6x", "1001", "40x40", "-6x2", "6,2", "x" * 5000, "9" * 5000])
def test_inputs_that_are_neither_are_refused(text: str) -> None:
    with pytest.raises(Refused, match="expected inputs"):
        read_inputs(text, 1000)


def test_what_the_documentation_shows_can_be_made() -> None:
    text = (Path(__file__).parents[2] / "docs" / "new-models.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(.+?)` \| `(\w+)`", text, re.MULTILINE)
    assert len(rows) == 6
    for layers, inputs in rows:
        network = chain_network(read_inputs(inputs, 1000), layers)
        written = shape_text(network)
        assert written is not None and chain_network(network.input_shapes[0], written) == network
    for words in ("Conv2D 8 3x3 2x2 same relu", "GroupNormalization groups=2", "ZeroPadding2D padding=((1,2),(0,0))"):
        assert f"`{words}`" in text
        assert layer_words(read_layer_words(words)).startswith(words.split(" ")[0])
