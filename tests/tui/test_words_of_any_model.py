"""What is said of models whose outputs are no single answer: several outputs, pictures, and many labels a row."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from core.arrays import frozen
from core.calculation.effect import measure_change
from core.calculation.running import predict
from core.data.dataset import DataFile, Dataset
from core.engine.protocol import Evaluated
from core.errors import Refused
from core.layers.convolution import Conv2D
from core.layers.dense import Dense
from core.layers.embedding import Masking
from core.layers.recurrent import LSTM
from core.model.files.opening import OpenedModel
from core.model.graph import Call, Graph, Input, Source
from core.model.initial import initial_weights
from core.model.layers_text import chain_network
from core.model.network import Network, why_no_loss
from core.session.session import Session
from core.session.state import Model
from core.session.trail import Steps
from core.tasks import Answers, Signs
from core.training.recipe import Recipe
from tests import graphs
from tests.tui.board import playing
from tui.dialogs.sides_dialog import compared
from tui.headless import evaluate
from tui.tabs.effect_words import effect_lines
from tui.tabs.three_way import verdict
from tui.widgets.graph_columns import shape_in_words
from tui.widgets.layer_table import layer_table

PICTURE = Network.chain(16, (Conv2D("mask", 1, (1, 1), (1, 1), activation="sigmoid"),), shape=(4, 4, 1))
TWO_ENDS = Network.of(
    Graph(
        "two",
        (Input("x", (3,)),),
        (Dense("price", 1), Dense("kind", 2, "softmax")),
        (Call("price", (Source("x"),)), Call("kind", (Source("x"),))),
        (Source("price"), Source("kind")),
    )
)


def begun(network: Network, labels: int) -> Session:
    session, random = Session(lambda _state: None), np.random.default_rng(0)
    points = random.normal(size=(6, network.inputs)).astype(np.float32)
    wanted = (points[:, :1] > np.zeros(labels)).astype(np.float32)
    recipe = Recipe("binary_crossentropy")
    session.open(OpenedModel(network, initial_weights(network, 1), recipe, (), b""), Path("mine.keras"), Steps())
    session.begin_with(Dataset(points, wanted, DataFile("mine.csv")))
    return session


def lines_of(session: Session) -> list[str]:
    now, before = measure_change(session.state)
    return effect_lines(session.state, now, before, 4)


def verdict_of(session: Session) -> str:
    state = session.state
    return verdict(state, predict(state.model.network, state.model.weights, state.x[None])[0])


def test_a_picture_of_answers_is_one_of_many_outputs_with_a_label_each() -> None:
    session = begun(PICTURE, 16)
    session.set_number(0, 0, (0, 0, 0, 0), 2.0)
    lines = "\n".join(lines_of(session))
    assert "y1 (of 16) for x" in lines and "largest output" not in lines
    assert "16 outputs answer a label each" in lines and "had other inputs or outputs" not in lines
    assert "... (16 in all); " in verdict_of(session) and verdict_of(session).endswith("of 16 outputs are right")


def test_classes_at_each_step_of_a_sequence_are_counted_by_places() -> None:
    session = begun(chain_network((2, 2), "3 softmax"), 6)
    session.set_recipe(Recipe("sparse_categorical_crossentropy", validation_split=0.5))
    labels = frozen(np.arange(12).reshape(6, 2) % 3)
    session.begin_with(Dataset(session.state.dataset.points, labels, DataFile("mine.npz")))
    assert re.search(r"^row 1: the label is 0, 1; [012] of 2 places are right$", verdict_of(session))
    session.set_number(0, 0, (0, 0), 2.0)
    now, lines = measure_change(session.state)[0].data, "\n".join(lines_of(session))
    assert isinstance(now, Answers) and (now.points, now.counted) == (12, "place")
    assert "2 places answer a label each" in lines and "class for x" not in lines and "largest output" not in lines
    with pytest.raises(Refused, match=r"^2 places answer a label each: sides are compared where there is one$"):
        compared(session.state, *measure_change(session.state))
    session.runs.start()


def test_one_class_a_row_is_no_label_of_a_picture() -> None:
    session = begun(PICTURE, 16)
    wide = Network.chain(16, (Conv2D("kind", 2, (1, 1), (1, 1), activation="softmax"),), shape=(4, 4, 1))
    weights, recipe = initial_weights(wide, 1), Recipe("sparse_categorical_crossentropy")
    session.open(OpenedModel(wide, weights, recipe, (), b""), Path("wide.keras"), Steps())
    points = session.state.dataset.points
    session.take_data(Dataset(points, points[:, :1] // 1 % 2, DataFile("mine.csv")))
    with pytest.raises(Refused, match="expected labels for each place of outputs of 4 x 4 x 2, got one class a row"):
        session.runs.start()
    assert all("loss on" not in line or " - " in line for line in lines_of(session))


def test_several_outputs_want_a_label_for_each_of_their_numbers_in_their_order() -> None:
    session = begun(TWO_ENDS, 5)
    lines = "\n".join(lines_of(session))
    assert "y1 (of 3) for x" in lines and "largest output" not in lines
    said = r"expected 3 labels a row, one for each number of the model's outputs in their order \(price 1, kind 2\)"
    assert re.search(said, lines)
    with pytest.raises(Refused, match=said):
        session.runs.start()
    kinds = session.state.dataset.labels[:, :2] * [[1, -1]] + [[0, 1]]
    labels = frozen(np.concatenate([np.linspace(0, 5, 6)[:, np.newaxis], kinds], axis=1))
    session.begin_with(Dataset(session.state.dataset.points, labels, DataFile("mine.csv")))
    with pytest.raises(Refused, match="binary_crossentropy wants labels from 0 to 1, and those of the output price go"):
        session.runs.start()
    own = (("mean_squared_error", ()), ("categorical_crossentropy", ()))
    session.set_recipe(Recipe("mean_squared_error", by_output=own))
    session.runs.start()
    lines = "\n".join(lines_of(session))
    assert "\nprice for x  " in lines and "y1" not in lines
    assert "expected" not in lines and "price, error" in lines and "kind, right" in lines
    assert re.search(r"the label is price 0; kind 0; price is \S+ away, kind is (right|wrong)$", verdict_of(session))

    numbered, session = frozen(np.concatenate([labels[:, :1], kinds[:, 1:]], axis=1)), begun(TWO_ENDS, 5)
    session.set_recipe(Recipe("mean_squared_error", by_output=(own[0], ("sparse_categorical_crossentropy", ()))))
    session.begin_with(Dataset(session.state.dataset.points, numbered, DataFile("mine.csv")))
    session.runs.start()
    assert measure_change(session.state)[0].training is not None


def test_steps_that_a_mask_leaves_out_are_not_counted_among_the_labels() -> None:
    layers = (Masking("mask"), LSTM("lstm", 2, return_sequences=True), Dense("output", 1))
    session = begun(Network.chain(8, layers, shape=(4, 2)), 4)
    assert why_no_loss(session.state.model.network) == ""
    points = session.state.dataset.points.copy()
    points[:, 4:] = 0.0
    session.begin_with(Dataset(points, session.state.dataset.labels, DataFile("mine.csv")))
    assert verdict_of(session).endswith("of 2 outputs are right")
    counted = measure_change(session.state)[0].data
    assert counted is not None and counted.points == 12
    session.runs.start()


async def test_a_model_of_several_outputs_is_given_any_data_and_trained_on_labels_of_its_own() -> None:
    async with playing() as board:
        weights = initial_weights(TWO_ENDS, 1)
        board.session.take("a model", Model(TWO_ENDS, weights, weights), board.state.dataset)
        await board.press("1", "s")
        assert "held against no labels" in board.beside("model")
        await board.press("enter")
        assert board.state.fits and board.state.model.network is TWO_ENDS
        await board.press("2")
        await board.quieten()
        assert "in their order (price 1," in board.words
        await board.press("space")
        assert "one for each number of the model's outputs" in board.said[-1]
        points = board.state.dataset.points
        recipe = Recipe("mean_squared_error", epochs=2)
        board.session.set_recipe(recipe)
        board.session.take_data(Dataset(points, np.abs(points), DataFile("mine.csv")))
        await board.press("space")
        await board.quieten()
        assert "price_mean_absolute_error" in board.text and "kind_mean_absolute_error" in board.words
        board.session.new_network(chain_network(3, "1 tanh"))
        await board.quieten()
        assert "price" not in board.words


def test_a_length_that_is_not_fixed_is_called_any() -> None:
    assert shape_in_words(SimpleNamespace(shape=(None, 4))) == "any x 4"  # type: ignore[arg-type]


def test_arrays_of_layers_within_one_are_told_apart_where_their_names_are_cut() -> None:
    network = Network.of(graphs.both_ways().graph)
    arrays = initial_weights(network, 1).layers[0]
    grid = layer_table(network, 0, arrays, None)
    rows = [grid.row_name(row) for row in range(sum(len(array) if array.ndim > 1 else 1 for array in arrays))]
    assert len(set(rows)) == len(rows) and rows[0] != rows[6]


@pytest.mark.parametrize(("loss", "is_said"), [(1.1352, True), (float("nan"), False)])
def test_that_keras_lost_a_nan_is_said_beside_its_loss(loss: float, is_said: bool) -> None:
    data = Dataset(frozen(np.zeros((1, 2))), frozen(np.ones((1, 1))), DataFile("my.csv", (), ()), None)
    scores = Signs().judged(np.array([[np.nan]]), data.labels)
    judged = evaluate.Judged(data, Signs(), scores, (), (), Evaluated(1, 1, loss, {}, 32), "")
    text = evaluate._text(judged, None, {1})
    assert "label +1       0     1     0" in text and " none " in text and "NaN: 1 of 1." in text
    assert "row 1: 0.0000, 0   label +1" in text
    assert (evaluate.NAN_LOST in text) is is_said
