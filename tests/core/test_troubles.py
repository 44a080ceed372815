"""Numbers that are none are said with the layer that they come from, what it expects, and the rows that they are in."""

from __future__ import annotations

import numpy as np
import pytest

from core.calculation.calculated import Spot, calculated
from core.calculation.running import predictions
from core.calculation.troubles import troubles, troubles_of_points
from core.errors import Refused
from core.layers.activation_layers import ReLU
from core.layers.embedding import Embedding
from core.layers.global_pooling import GlobalAveragePooling1D
from core.layers.identity import Identity
from core.layers.recurrent import LSTM
from core.model.graph import Call, Graph, Input, Source, chain
from core.model.network import Network
from core.operations.rounding import EXACT
from tests import graphs


@pytest.mark.parametrize("index", [7.0, -8.0])
def test_an_index_that_no_row_has_is_said_with_the_layer_and_what_it_expects(index: float) -> None:
    model = graphs.operating()
    said = troubles(calculated(model.graph, model.weights, [np.array([1.0, index, 3.0])], EXACT))
    assert said[0] == f"embedding expects whole numbers from 0 to 6, got {index:g}: what it makes of that is NaN"
    assert said[1].startswith("embedding/output[2,1] is the first number that is not finite: nan")


@pytest.mark.parametrize("whole", [True, False])
def test_what_is_cut_off_from_a_number_that_should_be_whole_is_said(whole: bool) -> None:
    model = graphs.opened(chain("words", Input("ids", (3,), whole), [Embedding("embedding", 7, 2)]))
    said = troubles(calculated(model.graph, model.weights, [np.array([1.0, -2.5, 3.0])], EXACT))
    assert said == [
        f"{'ids' if whole else 'embedding'} expects whole numbers, got -2.5: -2 is taken, as in Keras",
        "embedding expects whole numbers from 0 to 6, got -2: index 5, counted from the last, is taken, as in Keras",
    ]


def test_an_index_below_0_that_keras_counts_from_the_last_row_is_said_and_calculated_so() -> None:
    model = graphs.operating()
    rows = np.array([[1.0, -1.0, 3.0], [1.0, 6.0, 3.0], [-7.0, 2.0, -8.0]])
    made = predictions(model.graph, model.weights, [rows])
    assert made[0][0].tolist() == made[0][1].tolist()
    said = troubles_of_points(model.graph, model.weights, [rows], made)
    assert sorted(said) == [
        "embedding expects whole numbers from 0 to 6, got -1 in rows 1, 3: index 6, counted from the last, is taken, "
        "as in Keras",
        "embedding expects whole numbers from 0 to 6, got -8 in row 3: what it makes of that is NaN",
    ]


def test_an_input_of_whole_numbers_is_calculated_with_whole_numbers_as_keras_does() -> None:
    graph = chain("whole", Input("ids", (2,), whole=True), [ReLU("relu")])
    (made,) = predictions(graph, {}, [np.array([[1.7, 2.0], [-0.5, 3.9]])])
    assert made.tolist() == [[1, 2], [0, 3]]
    network = Network.of(graph)
    assert network.written.ready({})(np.array([1.7, 2.0]))[0].tolist() == [1, 2]


def test_of_many_points_it_is_said_in_which_rows() -> None:
    model = graphs.operating()
    rows = np.tile([1.0, 2.0, 3.0], (6, 1))
    rows[1, 2], rows[4, 0], rows[5, 1] = 99, -11, 2.5
    said = troubles_of_points(model.graph, model.weights, [rows], predictions(model.graph, model.weights, [rows]))
    assert sorted(said) == [
        "embedding expects whole numbers from 0 to 6, got 99 in rows 2, 5: what it makes of that is NaN",
        "words expects whole numbers, got 2.5 in row 6: 2 is taken, as in Keras",
    ]
    rows[:5, 0] = 2.5
    said = troubles_of_points(model.graph, model.weights, [rows], predictions(model.graph, model.weights, [rows]))
    assert any("got 2.5 in 6 rows, the first of them 1, 2, 3: 2 is taken" in one for one in said)
    none = rows[:0]
    assert troubles_of_points(model.graph, model.weights, [none], predictions(model.graph, model.weights, [none])) == []


def test_of_many_points_it_is_said_where_the_first_number_that_is_not_finite_came_from() -> None:
    model = graphs.recurrent()
    rows = np.full((3, 2, 2), 0.5)
    rows[1, 1, 1] = np.inf
    said = troubles_of_points(model.graph, model.weights, [rows], [np.array([[0.1], [np.nan], [0.1]])])
    assert said == ["in row 2 steps[2,2] is the first number that is not finite: inf, which was given"]


def test_the_first_number_that_is_not_finite_is_named() -> None:
    model = graphs.recurrent()
    steps = np.array([[0.1, 0.2], [0.3, np.nan]])
    assert troubles(calculated(model.graph, model.weights, [steps], EXACT)) == [
        "steps[2,2] is the first number that is not finite: nan, which was given"
    ]
    steps[1, 1] = 0.4
    assert troubles(calculated(model.graph, model.weights, [steps], EXACT)) == []
    gate = {Spot(("lstm",), "cell state", (0, 1)): np.inf}
    said = troubles(calculated(model.graph, model.weights, [steps], EXACT, gate))
    assert said[0].startswith("lstm/cell state[1,2] is the first number that is not finite: inf")


@pytest.mark.parametrize("layer", [GlobalAveragePooling1D("layer"), LSTM("layer", 2), Identity("layer")])
def test_a_mask_that_does_not_fit_is_refused_by_the_layers_name(
    layer: GlobalAveragePooling1D | LSTM | Identity,
) -> None:
    inputs = (Input("steps", (None, 2)), Input("mask", (None,)))
    call = Call("layer", (Source("steps"),), (("mask", Source("mask")),))
    graph = Graph("masked", inputs, (layer,), (call,), (Source("layer"),))
    with pytest.raises(Refused, match=r"^layer expects a mask of .* got .*\(4,\)$"):
        predictions(graph, {}, [np.ones((1, 3, 2)), np.ones((1, 4))])
