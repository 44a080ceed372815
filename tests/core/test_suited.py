"""Data of one's own get a model that can answer them, where the one that is there can't and nobody would miss it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.dataset import DataFile, Dataset
from core.model.layers_text import chain_network, shape_text
from core.session.session import Session
from core.tasks.suiting import answers, suited_to

X = np.linspace(-1, 1, 24, dtype=np.float32).reshape(12, 2)


def labelled(labels: list[list[float]], classes: tuple[str, ...] = ()) -> Dataset:
    """Return a file's rows with these labels, over and over."""
    rows = np.array([labels[place % len(labels)] for place in range(len(X))], dtype=np.float32)
    return Dataset(X, rows, DataFile("mine.csv"), classes=classes)


@pytest.mark.parametrize(
    ("labels", "classes", "suited"),
    [
        ([[-1.0], [1.0]], (), ("5 tanh, 1 tanh", "hinge")),
        ([[0.0], [1.0], [2.0]], (), ("5 tanh, 3 softmax", "sparse_categorical_crossentropy")),
        ([[1.0], [2.0], [3.0]], (), ("5 tanh, 3 softmax", "sparse_categorical_crossentropy")),
        ([[0.0], [1.0], [2.0]], ("cat", "cow", "dog"), ("5 tanh, 3 softmax", "sparse_categorical_crossentropy")),
        ([[1.0, 0.0], [0.0, 1.0]], (), ("5 tanh, 2 softmax", "categorical_crossentropy")),
        ([[1.0, 1.0], [0.0, 1.0]], (), ("5 tanh, 2 sigmoid", "binary_crossentropy")),
        ([[0.25], [3.5], [-2.0]], (), ("5 tanh, 1 linear", "mean_squared_error")),
        ([[0.25, 1.0, 2.0], [3.5, 7.0, 9.0]], (), ("5 tanh, 3 linear", "mean_squared_error")),
    ],
)
def test_labels_have_a_model(labels: list[list[float]], classes: tuple[str, ...], suited: tuple[str, str]) -> None:
    assert suited_to(labelled(labels, classes)) == suited


@given(st.lists(st.lists(st.floats(-100, 100, width=32), min_size=2, max_size=2), min_size=1, max_size=12))
def test_the_model_that_is_taken_can_answer(labels: list[list[float]]) -> None:
    data = labelled(labels)
    suited = suited_to(data)
    assert suited is not None
    assert answers(data, chain_network(2, suited.layers), suited.loss)


def test_rows_without_labels_have_none() -> None:
    assert suited_to(Dataset(X, np.empty((12, 0), np.float32), DataFile("mine.csv"))) is None


def test_hidden_layers_that_were_chosen_stay() -> None:
    session = Session()
    session.new_network(chain_network(2, "8 relu, 4 tanh, 1 tanh"))
    session.take_data(labelled([[0.0], [1.0], [2.0]]))
    assert shape_text(session.state.model.network) == "8 relu, 4 tanh, 3 softmax"
    assert session.state.recipe.loss == "sparse_categorical_crossentropy"


@pytest.mark.parametrize(
    ("layers", "taken"),
    [
        ("LSTM 4, 1 tanh", "LSTM 4, 3 softmax"),
        ("Conv1D 1 5 relu, Flatten", "Conv1D 1 5 relu, Flatten, 3 softmax"),
        ("LSTM 4 return_sequences=True, 1 tanh", "LSTM 4 return_sequences, 1 tanh"),
    ],
)
def test_a_model_of_any_layers_gets_a_last_one_that_can_answer(layers: str, taken: str) -> None:
    session = Session()
    session.new_network(chain_network((6, 2), layers))
    points = np.zeros((12, 12), np.float32)
    session.take_data(Dataset(points, labelled([[0.0], [1.0], [2.0]]).labels, DataFile("mine.csv")))
    network = session.state.model.network
    assert network.shape == (6, 2)
    assert shape_text(network) == taken


def test_only_a_model_that_nobody_has_opened_or_changed_gives_way() -> None:
    classes = labelled([[0.0], [1.0], [2.0]])
    session = Session()
    session.take_data(classes)
    assert shape_text(session.state.model.network) == "5 tanh, 3 softmax"
    assert session.state.recipe.loss == "sparse_categorical_crossentropy"
    session.trail.undo()
    assert (shape_text(session.state.model.network), session.state.recipe.loss) == ("5 tanh, 1 tanh", "hinge")
    session.set_number(0, 0, (0, 0), 2.0)
    session.take_data(classes)
    assert shape_text(session.state.model.network) == "5 tanh, 1 tanh"
    assert session.state.model.weights.layers[0][0][0, 0] == 2.0
