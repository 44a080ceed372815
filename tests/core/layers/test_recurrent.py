"""What drawn cases don't have: indices that are no row's, masks of numbers that float32 rounds, names, refusals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from core.errors import Refused
from core.layers.dense import Dense
from core.layers.embedding import Embedding, Masking
from core.layers.recurrent import GRU, LSTM, RNN, SimpleRNN, SimpleRNNCell, StackedRNNCells
from core.layers.wrappers import Bidirectional, TimeDistributed
from core.layers.writer import Writer
from core.model.files.written_config import keras_config
from core.operations.program import Name
from core.operations.run import Ready

if TYPE_CHECKING:
    from core.layers.layer import Layer

TABLE = np.arange(6.0).reshape(3, 2)


def _rows(indices: list[float]) -> Any:
    on = Writer()
    inputs = on.input((len(indices),))
    (made,) = on.results(Embedding("embedding", 3, 2), inputs)
    (table,) = on.weights.values()
    return Ready(on.program, {table.number: TABLE}, [inputs.number], [made.number])(np.array([indices]))[0][0]


def test_an_index_below_0_counts_from_the_last_row_and_its_fraction_is_cut_off_as_in_keras() -> None:
    indices = [-1.0, -3.0, 1.9, -0.9]
    layer = keras.layers.Embedding(3, 2)
    layer.build((None, 4))
    layer.set_weights([TABLE])
    np.testing.assert_array_equal(_rows(indices), np.array(layer(tf.constant([indices])))[0])


def test_an_index_that_is_no_rows_makes_no_number_where_keras_refuses_it() -> None:
    assert np.isnan(_rows([3.0, -4.0])).all()
    layer = keras.layers.Embedding(3, 2)
    for index in (3, -4):
        with pytest.raises(tf.errors.InvalidArgumentError):
            layer(tf.constant([[index]]))


def test_a_step_of_float32s_tenths_is_masked_by_a_mask_value_of_a_tenth() -> None:
    point = np.array([[[0.1, 0.1], [0.1, 0.2], [0.3, 0.3]]], np.float32)
    layer = Masking("masking", 0.1)
    on = Writer()
    inputs = on.input((3, 2))
    (made,) = on.results(layer, inputs)
    assert made.mask is not None
    outputs, mask = Ready(on.program, {}, [inputs.number], [made.number, made.mask.number])(point.astype(np.float64))
    theirs = keras.layers.deserialize(keras_config(layer))(tf.constant(point))
    np.testing.assert_array_equal(mask, [[0, 1, 1]])
    np.testing.assert_array_equal(outputs, np.array(theirs))


def test_words_masked_in_each_sentence_are_masked_for_the_layer_that_each_sentence_runs_through() -> None:
    layers: list[Layer] = [Embedding("words", 4, 2, mask_zero=True), TimeDistributed("sentences", LSTM("lstm", 2))]
    on = Writer()
    inputs = on.input((3, 4))
    (words,) = on.results(layers[0], inputs)
    (made,) = on.results(layers[1], words)
    assert made.mask is words.mask
    theirs = [keras.layers.deserialize(keras_config(layer)) for layer in layers]
    points = np.array([[[1, 2, 0, 0], [3, 0, 1, 0], [0, 0, 0, 0]]])
    right = theirs[1](theirs[0](tf.constant(points)))
    given = {
        value.number: numbers
        for value, numbers in zip(on.weights.values(), [w for one in theirs for w in one.get_weights()], strict=True)
    }
    (outputs,) = Ready(on.program, given, [inputs.number], [made.number])(points.astype(np.float64))
    np.testing.assert_allclose(outputs, np.array(right), rtol=1e-5, atol=1e-7)


def test_what_a_cell_makes_has_the_number_of_its_step_whether_it_stands_alone_or_in_a_layer() -> None:
    on = Writer()
    on.call(LSTM("lstm", 2), on.input((3, 1)))
    on.call(RNN("rnn", SimpleRNNCell("cell", 2), go_backwards=True), on.input((3, 1)))
    names = list(on.program.names.values())
    gates = [name for name in names if name.value == "forget gate"]
    assert gates == [Name(("lstm",), "forget gate", (step,)) for step in range(3)]
    hidden = [name for name in names if name.call == ("rnn", "cell") and name.value == "hidden state"]
    assert hidden == [Name(("rnn", "cell"), "hidden state", (step,)) for step in (2, 1, 0)]


def test_steps_share_their_operations_and_have_one_of_their_own_that_takes_them_from_the_sequence() -> None:
    on = Writer()
    on.call(LSTM("lstm", 2), on.input((300, 1)))
    operations = [line.operation for line in on.program.lines if line.operation is not None]
    assert len({id(operation) for operation in operations}) < 320 < 300 * 15 < len(operations) < 300 * 20


ALIKE = (SimpleRNNCell("cell", 2), SimpleRNNCell("cell", 2))


@pytest.mark.parametrize(
    ("layer", "shapes", "expected"),
    [
        (GRU("gru", 2), [(3,)], "expects inputs of (steps, features), got the shape (3,)"),
        (LSTM("lstm", 2), [(3, 1), (2,)], "expects initial states of the shapes [(2,), (2,)], got [(2,)]"),
        (RNN("rnn", StackedRNNCells("stack", ALIKE)), [(3, 1)], "expects cells of different names"),
        (Bidirectional("both", Dense("dense", 2)), [(3, 1)], "expects recurrent layers, got Dense"),
        (
            Bidirectional("both", SimpleRNN("a", 2, go_backwards=True)),
            [(3, 1)],
            "one with go_backwards and one without",
        ),
        (
            Bidirectional("both", SimpleRNN("a", 2), "sum", GRU("b", 2, return_state=True, go_backwards=True)),
            [(3, 1)],
            "same return_sequences and return_state",
        ),
        (TimeDistributed("each", Dense("dense", 2)), [(3,)], "expects inputs of (steps, ...), got the shape (3,)"),
        (TimeDistributed("each", GRU("g", 2, return_state=True)), [(3, 2, 1)], "expects a layer with one output"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(layer: Layer, shapes: list[tuple[int, ...]], expected: str) -> None:
    on = Writer()
    with pytest.raises(Refused) as refused:
        on.call(layer, *(on.input(shape) for shape in shapes))
    assert layer.name in str(refused.value) or "stack" in str(refused.value)
    assert expected in str(refused.value)
