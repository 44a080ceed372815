"""Networks and their one-line text form: what is written is read back, and bad forms are refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.activations import ACTIVATIONS, HALVING
from core.errors import Refused
from core.layers.activation_layers import Activation
from core.layers.dense import Dense
from core.layers.identity import Dropout
from core.model.initial import MAX_WEIGHTS, initial_weights
from core.model.layers_text import MAX_LAYERS, chain_network, shape_text
from core.model.network import MAX_UNITS, Network, describe, require_trainable

NAMES = sorted(set(ACTIVATIONS) - HALVING)
# sparsemax compares all units with each other, and does not go so far.
PARTS = st.tuples(st.integers(1, MAX_UNITS), st.sampled_from(NAMES)).filter(
    lambda part: part[0] < 50_000 or part[1] != "sparsemax"
)
LAST = st.one_of(PARTS, st.tuples(st.integers(1, 500).map(lambda half: 2 * half), st.sampled_from(sorted(HALVING))))
SHAPES = st.tuples(st.lists(PARTS, max_size=12), LAST).map(lambda shape: [*shape[0], shape[1]])


@given(st.integers(1, 100), SHAPES)
def test_what_a_network_is_written_as_makes_the_same_network(inputs: int, shape: list[tuple[int, str]]) -> None:
    network = chain_network(inputs, ", ".join(f"{units} {activation}" for units, activation in shape))
    assert network.inputs == inputs
    assert [(layer.units, layer.activation) for layer in network.layers if isinstance(layer, Dense)] == shape
    assert chain_network(inputs, shape_text(network) or "") == network


@given(SHAPES, st.sampled_from((",", " , ", ">", " > ", ",,", ", \t")), st.sampled_from((str.upper, str.title, str)))
def test_spaces_separators_and_capitals_do_not_matter(
    shape: list[tuple[int, str]], separator: str, case: type[str]
) -> None:
    plain = chain_network(2, ", ".join(f"{units} {activation}" for units, activation in shape))
    text = separator.join(f" {units}   {case(activation)} " for units, activation in shape)
    assert chain_network(2, text) == plain


def test_layers_are_named_as_in_the_tutorial() -> None:
    assert [layer.name for layer in chain_network(2, "5, 4, 3, 1").layers] == [
        "hidden",
        "hidden_2",
        "hidden_3",
        "output",
    ]
    assert [layer.name for layer in chain_network(2, "1").layers] == ["output"]


@given(st.lists(st.sampled_from(["Dropout 0.5", "Dropout 0.25", "relu", "tanh", "4 tanh", "3"]), max_size=8))
def test_dropout_and_activations_are_layers_of_their_own(parts: list[str]) -> None:
    text = ", ".join([*parts, "2 tanh"])
    network = chain_network(3, text)
    assert shape_text(network) == text and chain_network(3, text.lower()) == network
    assert [layer.name for layer in network.layers].count("output") == 1
    assert len({layer.name for layer in network.layers}) == len(network.layers)


def test_layers_are_named_by_their_kind() -> None:
    names = [layer.name for layer in chain_network(2, "5, dropout 0.5, relu, 4, Dropout 0.1, 1, tanh").layers]
    assert names == ["hidden", "dropout", "activation", "hidden_2", "dropout_2", "output", "activation_2"]


def test_a_part_without_an_activation_is_linear() -> None:
    network = chain_network(2, "5, 1 linear")
    assert network == chain_network(2, "5 linear, 1")
    assert shape_text(network) == "5, 1"


@pytest.mark.parametrize(
    ("shape", "sentence"),
    [
        ("", "expected layers such as '5 tanh', 'dropout 0.5', 'LSTM 4' or 'Conv2D 8 3x3 relu', got nothing"),
        (" , > ", "expected layers such as '5 tanh', 'dropout 0.5', 'LSTM 4' or 'Conv2D 8 3x3 relu', got nothing"),
        ("tanh", "expected a layer with weights, such as '5 tanh' or 'LSTM 4', got 'tanh'"),
        ("dropout 0.5", "expected a layer with weights, such as '5 tanh' or 'LSTM 4', got 'dropout 0.5'"),
        ("5 tanh, dropout 1.5, 1", "expected rate of Dropout to be a number from 0 to 1, got 1.5"),
        ("5 tanh, dropout 0.5 1, 1", "expected settings of Dropout (rate, noise_shape), got '1'"),
        ("5 tanh, dropout half, 1", "expected settings of Dropout (rate, noise_shape), got 'half'"),
        (
            "3, glu",
            "glu halves its units: expected an even number of them, got 3; the inputs are 2; a layer such as",
        ),
        ("4, glu, 1", "glu halves its units: expected it on the last layer only, got it on activation, glu"),
        ("tanh 5", "expected settings of Activation (activation), got '5'"),
        ("5 tanh relu", "expected settings of Dense (units, activation, use_bias), got 'relu'"),
        ("5tanh", "expected a layer such as '5 tanh', 'dropout 0.5', 'LSTM 4' or 'Conv2D 8 3x3 relu', got '5tanh'"),
        (
            "5.0 tanh",
            "expected a layer such as '5 tanh', 'dropout 0.5', 'LSTM 4' or 'Conv2D 8 3x3 relu', got '5.0 tanh'",
        ),
        ("-5 tanh", "expected a layer such as '5 tanh', 'dropout 0.5', 'LSTM 4' or 'Conv2D 8 3x3 relu', got '-5 tanh'"),
        ("+5", "expected a layer such as '5 tanh', 'dropout 0.5', 'LSTM 4' or 'Conv2D 8 3x3 relu', got '+5'"),
        ("1e3", "expected a layer such as '5 tanh', 'dropout 0.5', 'LSTM 4' or 'Conv2D 8 3x3 relu', got '1e3'"),
        ("1_0", "expected a layer such as '5 tanh', 'dropout 0.5', 'LSTM 4' or 'Conv2D 8 3x3 relu', got '1_0'"),
        ("٣ tanh", "expected a layer such as '5 tanh', 'dropout 0.5', 'LSTM 4' or 'Conv2D 8 3x3 relu', got '٣ tanh'"),
        ("² tanh", "expected a layer such as '5 tanh', 'dropout 0.5', 'LSTM 4' or 'Conv2D 8 3x3 relu', got '² tanh'"),
        ("0 tanh", "expected units of Dense to be a whole number from 1 to 1,000,000, got 0"),
        ("1000001", "expected units of Dense to be a whole number from 1 to 1,000,000, got 1000001"),
        (
            "3 glu",
            "glu halves its units: expected an even number of them, got 3; the inputs are 2; a layer such as",
        ),
        ("4 glu, 1", "glu halves its units: expected it on the last layer only, got it on hidden, 4 glu"),
        ("LSTM", "expected units of LSTM, a whole number from 1 to 1,000,000, got nothing"),
        (
            "LSTN 4",
            "expected a layer such as '5 tanh', 'dropout 0.5', 'LSTM 4' or 'Conv2D 8 3x3 relu', got 'LSTN 4'; did",
        ),
        (
            "GRU 4 return_sequence",
            "expected settings of GRU (units, activation, use_bias, dropout, recurrent_dropout, return_seq",
        ),
        ("1 bias_regularizer=l2", "expected l2 of Regularizer with a value, as l2=..., got its name alone"),
        ("LSTM 4 units=3", "expected units of LSTM once, got it again as 'units=3'"),
        ("Identity 3, 1", "expected Identity alone, which has no settings, got '3'"),
        ("Flatten 3, 1", "expected settings of Flatten (data_format), got '3'"),
        ("Bidirectional(LSTM 4", "expected brackets that are closed, got 'Bidirectional(LSTM 4'"),
        ("RNN(LSTM 4), 1", "expected one of SimpleRNNCell, LSTMCell, GRUCell, StackedRNNCells within it, got 'LSTM 4'"),
        (
            "Bidirectional(5), 1",
            "bidirectional expects recurrent layers, got Dense, Dense; the inputs are 2; a layer such as",
        ),
        (
            "LSTM 4, 1",
            "lstm expects inputs of (steps, features), got the shape (2,); the inputs are 2; a layer such as",
        ),
    ],
)
def test_a_bad_form_is_refused_in_a_sentence(shape: str, sentence: str) -> None:
    with pytest.raises(Refused) as refusal:
        chain_network(2, shape)
    assert str(refusal.value).startswith(sentence)


def test_a_number_too_long_for_units_is_refused_in_a_short_sentence() -> None:
    with pytest.raises(
        Refused, match=r"expected units of Dense to be a whole number from 1 to 1,000,000, got 9+\.\.\."
    ):
        chain_network(2, "9" * 5000)


@pytest.mark.parametrize("name", ["tahn", "threshold", "None"])
def test_an_activation_that_keras_does_not_know_is_refused_with_those_that_it_knows(name: str) -> None:
    with pytest.raises(Refused, match=r"expected an activation that Keras knows \(linear, tanh, .*\), got"):
        chain_network(2, f"5 {name}")


@pytest.mark.parametrize("text", ["5 \x1b[31m", "\x1b[31m]", "LSTM 4 \x1b]8", "5 a=\x1b"])
def test_what_a_terminal_obeys_is_not_said_back(text: str) -> None:
    with pytest.raises(Refused) as refusal:
        chain_network(2, text)
    assert "\x1b" not in str(refusal.value)


def test_the_most_layers_are_allowed_and_one_more_is_not() -> None:
    assert len(chain_network(1, "1," * MAX_LAYERS).layers) == MAX_LAYERS
    with pytest.raises(Refused, match=f"expected at most {MAX_LAYERS} layers, got {MAX_LAYERS + 1}"):
        chain_network(1, "1," * (MAX_LAYERS + 1))


def test_widths_and_weight_shapes_follow_the_layers() -> None:
    network = Network.chain(
        3, (Dense("a", 4, "relu"), Dropout("b", 0.5), Activation("c", "tanh"), Dense("d", 2, use_bias=False))
    )
    assert network.widths() == (3, 4, 4, 4, 2) and network.outputs == 2
    assert network.weight_shapes == (((3, 4), (4,)), (), (), ((4, 2),))


def test_an_activation_that_halves_makes_what_follows_narrower() -> None:
    network = Network.chain(2, (Dense("a", 6, "glu"), Dense("b", 4), Activation("c", "glu")))
    assert network.widths() == (2, 3, 4, 2)
    assert network.weight_shapes == (((2, 6), (6,)), ((3, 4), (4,)), ())


def test_a_layer_is_found_by_its_name_or_refused_with_the_names() -> None:
    network = chain_network(2, "5, 4, 1")
    assert [network.index(name) for name in ("hidden", "hidden_2", "output")] == [0, 1, 2]
    with pytest.raises(Refused) as refusal:
        network.index("Hidden")
    assert str(refusal.value) == "expected the name of a layer (hidden, hidden_2, output), got 'Hidden'"


def test_a_network_is_described_in_one_line() -> None:
    network = Network.chain(
        2, (Dense("hidden", 5, "tanh"), Dropout("drop", 0.25), Dense("output", 1), Activation("t", "relu"))
    )
    assert describe(network) == "hidden 5 tanh > drop dropout 0.25 > output 1 > t relu"
    assert shape_text(network) == "5 tanh, Dropout 0.25, 1, relu"


# The weights that a network begins with


@given(st.integers(1, 50), st.integers(1, 50), st.integers(0, 2**32 - 1))
def test_initial_kernels_lie_within_glorots_limit_and_biases_are_0(inputs: int, units: int, seed: int) -> None:
    network = chain_network(inputs, f"{units}")
    ((kernel, bias),) = initial_weights(network, seed).layers
    assert kernel.shape == (inputs, units) and bias.shape == (units,)
    assert abs(kernel).max() <= (6 / (inputs + units)) ** 0.5 * (1 + 1e-6)
    assert not bias.any()


def test_initial_weights_repeat_with_their_seed() -> None:
    network = Network.chain(2, (Dropout("d", 0.5), Dense("a", 5, use_bias=False), Dense("b", 1)))
    first = initial_weights(network, 7)
    assert first.equal(initial_weights(network, 7)) and not first.equal(initial_weights(network, 8))
    assert [len(arrays) for arrays in first.layers] == [0, 1, 2]


@pytest.mark.parametrize("shape", ["1000000, 1000000", "100000, 100000, 1", "25000001"])
def test_more_weights_than_memory_could_hold_are_refused(shape: str) -> None:
    with pytest.raises(Refused, match=f"expected a new model of at most {MAX_WEIGHTS:,} weights, got"):
        initial_weights(chain_network(1, shape) if "," in shape else Network.chain(1, (Dense("a", int(shape)),)), 0)


# Frozen layers


def test_a_frozen_layer_is_said_and_the_text_form_stays_readable() -> None:
    network = Network.chain(2, (Dense("hidden", 5, "tanh", trainable=False), Dense("output", 1, "tanh")))
    assert describe(network) == "hidden 5 tanh (frozen) > output 1 tanh"
    assert shape_text(network) == "5 tanh, 1 tanh"
    assert chain_network(2, shape_text(network) or "") == Network.of(network.unfrozen) != network
    assert len({network, Network.of(network.unfrozen)}) == 2


@pytest.mark.parametrize(("trainable", "refused"), [((True, False), False), ((False, True), False), ((False,), True)])
def test_only_a_network_that_is_frozen_as_a_whole_cannot_be_trained(trainable: tuple[bool, ...], refused: bool) -> None:
    dense = tuple(Dense(f"layer_{place}", 1, trainable=held) for place, held in enumerate(trainable))
    network = Network.chain(1, (*dense, Dropout("drop", 0.5)))
    if refused:
        with pytest.raises(Refused, match="expected a layer that a training may change, got all of them frozen"):
            require_trainable(network)
    else:
        require_trainable(network)
        require_trainable(Network.chain(1, (Dropout("drop", 0.5),)))
