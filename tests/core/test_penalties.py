"""Regularizers and constraints: read and written as Keras has them, and what they add to a loss by hand."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.calculation.penalties import all_penalties, in_words, penalty, weight_penalties
from core.engine import built
from core.layers.activation_layers import Activation
from core.layers.convolution import Conv2D
from core.layers.dense import Dense
from core.layers.reshaping import Flatten
from core.model.archive import whole
from core.model.archive.penalties import read_penalty, unfollowed
from core.model.files.graph_config import read_graph
from core.model.initial import initial_weights
from core.model.network import Network
from core.model.penalised import Constraint, Regularizer

keras: Any = vars(built)["keras"]

FACTOR = st.sampled_from([0.0, 0.01, 0.1, 0.5, 3.0])
PLAIN = st.builds(Regularizer, FACTOR, FACTOR)
ORTHOGONAL = st.builds(Regularizer, orthogonal=st.sampled_from([0.01, 0.3]), mode=st.sampled_from(["rows", "columns"]))
OF_KERAS = {
    "l1": Regularizer(l1=0.01),
    "l2": Regularizer(l2=0.01),
    keras.regularizers.L1(0.05): Regularizer(l1=0.05),
    keras.regularizers.L2(0.1): Regularizer(l2=0.1),
    keras.regularizers.L1L2(0.1, 0.2): Regularizer(0.1, 0.2),
    keras.regularizers.OrthogonalRegularizer(0.3, "columns"): Regularizer(orthogonal=0.3, mode="columns"),
}
CONSTRAINTS = {
    keras.constraints.MaxNorm(1.5): Constraint("MaxNorm", max_value=1.5),
    keras.constraints.MinMaxNorm(0.5, 2.0, 0.25, axis=1): Constraint("MinMaxNorm", (1,), 0.5, 2.0, 0.25),
    keras.constraints.NonNeg(): Constraint("NonNeg"),
    keras.constraints.UnitNorm(axis=[0, 1]): Constraint("UnitNorm", (0, 1)),
}
EVERYTHING = Network.chain(
    16,
    (
        Conv2D(
            "conv",
            2,
            (2, 2),
            (1, 1),
            kernel_regularizer=Regularizer(0.1, 0.2),
            activity_regularizer=Regularizer(l1=0.3),
            kernel_constraint=Constraint("UnitNorm", (0, 1, 2)),
        ),
        Flatten("flat"),
        Dense(
            "out",
            2,
            bias_regularizer=Regularizer(l2=0.5),
            kernel_regularizer=Regularizer(orthogonal=0.7, mode="columns"),
            bias_constraint=Constraint("MinMaxNorm", (0,), 0.5, 2.0, 0.25),
        ),
        Activation("after", "tanh", activity_regularizer=Regularizer(l2=0.1)),
    ),
    shape=(4, 4, 1),
)


def as_in_a_file(model: Any) -> Any:
    """Return the configuration of ``model`` as its file has it: JSON knows no tuples."""
    return json.loads(json.dumps(keras.saving.serialize_keras_object(model)))


@given(PLAIN | ORTHOGONAL, st.integers(1, 4), st.integers(1, 4), st.integers(0, 99))
@settings(deadline=None, max_examples=40)
def test_a_regularizer_adds_what_kerass_adds(one: Regularizer, rows: int, columns: int, seed: int) -> None:
    values = np.random.default_rng(seed).normal(0, 2, (rows, columns)).astype(np.float32)
    kernel = built.build(Network.chain(rows, (Dense("one", columns, kernel_regularizer=one),))).layers[-1]
    with np.errstate(invalid="ignore"):
        # As a tensor: of a NumPy array Keras normalizes columns along the other axis.
        theirs = (
            float(kernel.kernel_regularizer(keras.ops.convert_to_tensor(values)))
            if (one.l1 or one.l2 or one.orthogonal)
            else 0.0
        )
    assert penalty(one, values) == pytest.approx(theirs, rel=1e-5, abs=1e-7, nan_ok=True)


@pytest.mark.parametrize("given", OF_KERAS, ids=lambda given: given if isinstance(given, str) else type(given).__name__)
def test_a_regularizer_is_read_however_it_was_given(given: Any) -> None:
    layer = keras.layers.Dense(2, kernel_regularizer=given)
    for held in (layer.get_config()["kernel_regularizer"], *([given] if isinstance(given, str) else [])):
        assert read_penalty("Dense", "kernel_regularizer", held) == OF_KERAS[given]


@pytest.mark.parametrize("given", CONSTRAINTS, ids=lambda one: type(one).__name__)
def test_a_constraint_is_read_and_made_again(given: Any) -> None:
    config = keras.layers.Dense(2, kernel_constraint=given).get_config()
    found = read_penalty("Dense", "kernel_constraint", config["kernel_constraint"])
    assert found == CONSTRAINTS[given]
    made = getattr(keras.constraints, type(given).__name__)(**CONSTRAINTS[given].settings())
    assert made.get_config() == given.get_config()


def test_what_is_not_followed_is_said_apart_for_the_loss_and_for_training() -> None:
    odd = {"class_name": "Mine", "config": {}}
    config = {"name": "one", "kernel_regularizer": "mine", "bias_regularizer": None, "kernel_constraint": odd}
    assert unfollowed({"class_name": "Dense", "config": config}) == (
        ["one has a kernel_regularizer ('mine'), which is kept in the file and not followed here."],
        ["one has a kernel_constraint (Mine): kept in the file, not used here."],
    )
    orthogonal = keras.layers.Conv2D(2, 2, name="conv", kernel_regularizer="orthogonal_regularizer").get_config()
    of_loss, _ = unfollowed([{"class_name": "Conv2D", "config": orthogonal}])
    assert of_loss == [
        "conv has a kernel_regularizer (OrthogonalRegularizer), which is kept in the file and not followed here."
    ]


def test_they_are_kept_in_a_new_file_which_keras_reads_alike() -> None:
    weights = initial_weights(EVERYTHING, 0)
    held = whole.read_archive(whole.write_archive(EVERYTHING, weights, None, "now"))
    assert (held.network, held.notes) == (EVERYTHING, ())
    again = as_in_a_file(built.build(DENSE))
    assert (Network.of(read_graph(again)).layers, unfollowed(again)) == (DENSE.layers, ([], []))


DENSE = Network.chain(3, EVERYTHING.layers[2:])


def test_the_loss_of_a_row_is_a_sum_in_words() -> None:
    network = Network.chain(
        1, (Dense("out", 2, kernel_regularizer=Regularizer(l2=0.1), activity_regularizer=Regularizer(1.0)),)
    )
    weights = initial_weights(network, 0).with_number(0, 0, (0, 0), 3.0).with_number(0, 0, (0, 1), -1.0)
    found = all_penalties(network, weights, np.array([[2.0]]))
    assert [one.words for one in found] == ["l2 of out's kernel", "l1 of out's outputs"]
    assert [one.value for one in found] == pytest.approx([1.0, 8.0])
    assert in_words("hinge", 0.5, found, 2) == "9.50 = hinge 0.50 + l2 of out's kernel 1.00 + l1 of out's outputs 8.00"


def test_a_frozen_layers_weights_cost_nothing_and_its_outputs_do() -> None:
    layer = Dense(
        "one", 1, trainable=False, kernel_regularizer=Regularizer(l2=1.0), activity_regularizer=Regularizer(l2=1.0)
    )
    network = Network.chain(1, (layer,))
    weights = initial_weights(network, 0)
    assert weight_penalties(network, weights) == ()
    assert [one.words for one in all_penalties(network, weights, np.array([[1.0]]))] == ["l2 of one's outputs"]
