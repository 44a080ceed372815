"""A network is any graph over rows: its layers by their paths, its arrays by their names, and its lengths."""

from __future__ import annotations

import os
import subprocess
import sys
from math import prod
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest

from core.calculation.penalties import weight_penalties
from core.calculation.running import layer_outputs, predict
from core.errors import Refused
from core.layers.dense import Dense
from core.layers.embedding import Embedding
from core.layers.recurrent import LSTM
from core.layers.wrappers import Bidirectional, TimeDistributed
from core.model.graph import Call, Graph, Input, Source, chain
from core.model.initial import initial_weights
from core.model.network import Network, describe, require_loss, with_inputs, with_length
from core.model.penalised import Regularizer
from core.model.weights import Weights
from core.session.session import Session
from core.session.state import Model
from tests import graphs

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.model.files.opening import OpenedGraph


@pytest.mark.parametrize("made", [*graphs.EVERY, graphs.both_ways])
def test_a_network_goes_over_the_wire_as_its_own_description(made: Callable[[], OpenedGraph]) -> None:
    network = graphs.network_of(made)
    again = msgspec.msgpack.decode(msgspec.msgpack.encode(network), type=Network)
    assert again == network
    assert again.paths == network.paths
    assert again.graph == network.graph
    assert sorted(map(repr, again.graph.calls)) == sorted(map(repr, made().graph.calls))


HASHED = """
import msgspec
from tests import graphs
from core.model.network import Network
for made in (graphs.residual, graphs.u_shaped, graphs.siamese):
    network = Network.of(made().graph)
    print(network.paths, [call.layer for call in network.graph.calls], list(network.places))
"""


def test_layers_and_arrays_have_the_same_order_in_every_process() -> None:
    told = {
        subprocess.run(
            [sys.executable, "-c", HASHED],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "2", "3")
    }
    assert len(told) == 1
    assert "add_b" in told.pop()


@pytest.mark.parametrize("made", [*graphs.EVERY, graphs.both_ways])
def test_every_weight_has_one_place_and_a_name_of_its_own(made: Callable[[], OpenedGraph]) -> None:
    network = graphs.network_of(made)
    places = list(network.places.values())
    assert len(set(places)) == len(places) == sum(map(len, network.weight_names))
    for names, shapes in zip(network.weight_names, network.weight_shapes, strict=True):
        assert len(set(names)) == len(names) == len(shapes)
    weights = initial_weights(network, 0)
    assert Weights.of_names(network, weights.by_name(network)).equal(weights)
    assert weights.count == sum(prod(shape) for shapes in network.weight_shapes for shape in shapes)


@pytest.mark.parametrize("made", [*graphs.EVERY, graphs.both_ways])
def test_another_layer_in_the_place_of_one_is_found_there(made: Callable[[], OpenedGraph]) -> None:
    network = graphs.network_of(made)
    for place in (place for place, arrays in enumerate(network.weight_names) if arrays):
        changed = network.with_trained([place], False)
        assert not changed.layers[place].trainable
        assert [one.name for one in changed.layers] == [one.name for one in network.layers]
        assert changed.unfrozen == network.unfrozen


def test_a_branch_is_told_from_a_chain_where_layers_stand_in_a_line() -> None:
    layers = (Dense("h", 4), Dense("reg", 1), Dense("cls", 2, "softmax"))
    calls = (Call("h", (Source("x"),)), Call("reg", (Source("h"),)), Call("cls", (Source("h"),)))
    network = Network.of(Graph("two", (Input("x", (3,)),), layers, calls, (Source("reg"), Source("cls"))))
    assert describe(network) == "h 4 > reg 1, cls 2 softmax"


def test_layers_within_models_are_called_by_their_paths() -> None:
    network = graphs.network_of(graphs.nested)
    assert [layer.name for layer in network.layers] == ["tower/wide", "tower/narrow", "difference", "same"]
    assert network.index("tower/narrow") == 1
    assert describe(network.with_trained([0], False)) == (
        "tower/wide 4 tanh (frozen) > tower/narrow 2 > difference Subtract > same 1 sigmoid"
    )


def test_arrays_of_layers_within_a_layer_say_whose_they_are() -> None:
    names = graphs.network_of(graphs.both_ways).weight_names[0]
    assert names[0] == "forward_lstm/kernel"
    assert names[-1] == "backward_lstm/bias"


def test_a_row_has_all_inputs_one_after_the_other() -> None:
    network = graphs.network_of(graphs.nested)
    assert (network.inputs, network.input_shapes, network.shape) == (6, ((3,), (3,)), ())
    weights = initial_weights(network, 0)
    row = np.array([[0.1, 0.2, 0.3, 0.1, 0.2, 0.3]])
    # Of the same two inputs the towers make the same, so that the difference is nothing.
    assert layer_outputs(network, weights, row)[2].tolist() == [[0.0, 0.0]]


def test_a_length_that_is_not_fixed_is_that_of_the_row() -> None:
    network = graphs.network_of(graphs.recurrent)
    assert network.lengths == (4,)
    longer = with_inputs(network, 10)
    assert (longer.lengths, longer.inputs, longer.graph) == ((5,), 10, network.graph)
    assert longer.weight_shapes == network.weight_shapes
    with pytest.raises(Refused, match="expected 2, 4, 6 numbers or so on, because the model is for any x 2, got 7"):
        with_inputs(network, 7)
    session = Session()
    weights = initial_weights(network, 0)
    session.take("a model", Model(network, weights, weights), session.state.dataset)
    session.set_x(np.zeros(6))
    assert session.state.model.network.lengths == (3,)
    assert session.state.model.weights.equal(weights)
    with pytest.raises(Refused):
        session.set_x(np.zeros(5))
    assert session.state.model.network.lengths == (3,)
    of_these = session.state.model
    assert of_these.as_long(6) is of_these


def test_a_long_row_makes_one_network_and_not_one_for_every_length(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[tuple[int, ...]] = []
    network = graphs.network_of(graphs.recurrent)

    def counted(held: Network, **changes: tuple[int, ...]) -> Network:
        made.append(changes["lengths"])
        return msgspec_replace(held, **changes)

    msgspec_replace = msgspec.structs.replace
    monkeypatch.setattr(msgspec.structs, "replace", counted)
    assert with_length(network, 800).lengths == (400,) and made == [(400,)]
    assert with_length(network, 801) is network and made == [(400,)]


def test_several_outputs_are_a_row_and_have_a_loss() -> None:
    network = graphs.network_of(graphs.residual)
    weights = initial_weights(network, 0)
    assert network.outputs == 3
    assert predict(network, weights, np.zeros((2, 4))).shape == (2, 3)
    require_loss(network)


def test_the_columns_of_whole_numbers_are_known() -> None:
    assert graphs.network_of(graphs.of_words).whole_columns == {2, 3, 4}
    assert graphs.network_of(graphs.image).whole_columns == frozenset()
    # What is given as float32, and cut off by the layer.
    rows = chain("rows", Input("words", (3,)), [Embedding("rows", 5, 2, mask_zero=True)])
    assert Network.of(rows).whole_columns == {0, 1, 2}
    steps = chain("rows", Input("words", (3, 2)), [TimeDistributed("each", Embedding("rows", 5, 2))])
    assert Network.of(steps).whole_columns == set(range(6))


def test_regularizers_of_layers_within_a_layer_count() -> None:
    inner = LSTM("lstm", 2, recurrent_regularizer=Regularizer(l2=0.5))
    layers = [Bidirectional("both", inner), Dense("output", 1, bias_regularizer=Regularizer(l1=2.0))]
    network = Network.of(chain("penalised", Input("steps", (3, 2)), layers))
    weights = initial_weights(network, 0)
    ones = Weights.for_network(network, [[np.ones(a.shape) for a in arrays] for arrays in weights.layers])
    added = {one.words: one.value for one in weight_penalties(network, ones)}
    assert added == {
        "l2 of both's forward_lstm/recurrent_kernel": 0.5 * 2 * 8,
        "l2 of both's backward_lstm/recurrent_kernel": 0.5 * 2 * 8,
        "l1 of output's bias": 2.0,
    }


def test_new_weights_begin_as_kerass_do() -> None:
    lstm = initial_weights(graphs.network_of(graphs.recurrent), 3).layers[0]
    assert lstm[2].tolist() == [0.0] * 3 + [1.0] * 3 + [0.0] * 6
    np.testing.assert_allclose(lstm[1] @ lstm[1].T, np.eye(3), atol=1e-6)
    _, norm, *_ = initial_weights(graphs.network_of(graphs.batch_normalized), 3).layers
    assert [array.tolist() for array in norm] == [[1.0] * 3, [0.0] * 3, [0.0] * 3, [1.0] * 3]
