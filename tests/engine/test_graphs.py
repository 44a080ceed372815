"""Models of any calls in Keras: built from what a network is, asked, trained as whole programs, saved and opened."""

from __future__ import annotations

import os
from math import prod
from typing import TYPE_CHECKING, Any

os.environ.update(CUDA_VISIBLE_DEVICES="", TF_CPP_MIN_LOG_LEVEL="3", KERAS_BACKEND="tensorflow")

import keras
import numpy as np
import pytest

from core.arrays import frozen
from core.calculation.effect import measure
from core.calculation.followed import Asked
from core.calculation.loss import loss_by_hand, losses_by_hand, predicted
from core.calculation.running import in_rows, layer_outputs, predict, ready_values, unmasked
from core.data.dataset import DataFile, Dataset
from core.engine import built, keras_model
from core.engine.compiled import Epochs, Sizes
from core.engine.keras_model import loss_of_row, model_to_train
from core.engine.reading import reading_of
from core.errors import Refused
from core.layers.convolution import Conv2D
from core.layers.dense import Dense
from core.layers.embedding import Masking
from core.layers.normalization import Normalization
from core.layers.recurrent import LSTM
from core.losses import loss_called
from core.losses.batches import evaluated
from core.losses.logits import compared
from core.model.files.opening import open_model
from core.model.graph import Call, Graph, Input, Source, chain
from core.model.initial import initial_weights
from core.model.layers_text import chain_network
from core.model.network import Network
from core.model.save_model import save_model
from core.model.weights import Weights
from core.tasks import Answers, OfOutputs, task_of
from core.training.recipe import Recipe
from tests import graphs

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from core.arrays import KerasArray
    from core.model.files.opening import OpenedGraph

ONE_OUTPUT = [graphs.recurrent, graphs.nested, graphs.siamese, graphs.batch_normalized]


def rows_for(network: Network, rows: int) -> KerasArray:
    drawn = np.random.default_rng(3).normal(size=(rows, network.inputs))
    return (np.abs(drawn) // 1 if network.graph.inputs[0].whole else drawn).astype(np.float32)


def kerass_own(network: Network, rows: KerasArray) -> tuple[Any, list[KerasArray]]:
    """Return the model as Keras itself reads it, and the rows as its inputs."""
    model, inputs, start = keras.models.model_from_json(network.config), [], 0
    for shape in network.input_shapes:
        inputs.append(rows[:, start : start + prod(shape)].reshape(-1, *shape))
        start += prod(shape)
    return model, inputs


def give(model: Any, network: Network, weights: Any) -> None:
    for path, arrays in zip(network.paths, weights.layers, strict=True):
        layer = model
        for name in path:
            layer = next(one for one in getattr(layer, "operations", layer.layers) if one.name == name)
        if arrays:
            layer.set_weights(arrays)


@pytest.mark.parametrize("made", graphs.EVERY)
def test_what_is_built_predicts_what_keras_and_the_calculation_by_hand_do(made: Callable[[], OpenedGraph]) -> None:
    network = graphs.network_of(made)
    weights, rows = initial_weights(network, 1), rows_for(network, 5)
    model = built.build(network)
    built.set_weights(model, weights.layers)
    for ours, held in zip(weights.layers, built.get_weights(model), strict=True):
        assert [array.tobytes() for array in ours] == [array.tobytes() for array in held]
    theirs = keras_model.predict(model, rows)
    np.testing.assert_allclose(predict(network, weights, rows), theirs, rtol=0, atol=2e-6)
    own, inputs = kerass_own(network, rows)
    give(own, network, weights)
    outputs = keras.tree.flatten(own(inputs if len(inputs) > 1 else inputs[0], training=False))
    np.testing.assert_allclose(theirs, np.concatenate([np.reshape(one, (5, -1)) for one in outputs], axis=1), atol=1e-6)
    by_layer = built.layer_outputs(model, rows[0])
    for by_hand, made_there in zip(layer_outputs(network, weights, rows[:1]), by_layer, strict=True):
        np.testing.assert_allclose(by_hand[0], made_there, rtol=0, atol=2e-6)


@pytest.mark.parametrize("made", ONE_OUTPUT)
def test_a_training_in_one_program_is_the_one_that_fit_does(made: Callable[[], OpenedGraph]) -> None:
    network, recipe = graphs.network_of(made), Recipe("mean_squared_error", "sgd", 0.05, epochs=3, batch_size=16)
    weights, rows = initial_weights(network, 1), rows_for(network, 20)
    labels = np.tanh(rows.sum(axis=1, keepdims=True)).astype(np.float32)
    program = Epochs(model_to_train(network, recipe), Sizes(16, 4, 16), (rows, labels))
    program.start([array for arrays in weights.layers for array in arrays], 0)
    run = program.run((rows, labels), np.tile(np.arange(16), (3, 1)))
    own, inputs = kerass_own(network, rows)
    give(own, network, weights)
    own.compile(keras.optimizers.SGD(0.05), "mean_squared_error", run_eagerly=True)
    given, held = ([part[rows] for part in inputs] for rows in (slice(16), slice(16, None)))
    told = own.fit(
        given, labels[:16], batch_size=16, epochs=3, shuffle=False, verbose=0, validation_data=(held, labels[16:])
    )
    for name, numbers in told.history.items():
        np.testing.assert_allclose(run.logs[name], numbers, rtol=1e-4, atol=1e-6)
    after = iter(run.weights)
    for path in network.paths:
        layer = own
        for name in path:
            layer = next(one for one in getattr(layer, "operations", layer.layers) if one.name == name)
        for theirs in layer.get_weights() if hasattr(layer, "get_weights") else ():
            np.testing.assert_allclose(next(after)[-1], theirs, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("loss", "activation", "filters"),
    [
        ("categorical_crossentropy", "softmax", 3),
        ("sparse_categorical_crossentropy", "softmax", 3),
        ("cosine_similarity", "linear", 3),
        ("binary_crossentropy", "sigmoid", 1),
    ],
)
def test_losses_metrics_and_answers_of_an_image_are_keras_s_own_place_by_place(
    loss: str, activation: str, filters: int
) -> None:
    layers = [
        Conv2D("first", 2, (2, 2), (1, 1), "same"),
        Conv2D("last", filters, (1, 1), (1, 1), activation=activation),
    ]
    network = Network.chain(18, layers, shape=(3, 3, 2))
    # Outputs so far from each other that a probability alone would be clipped.
    weights = Weights(tuple(tuple(30 * a for a in arrays) for arrays in initial_weights(network, 1).layers))
    rows, sparse = rows_for(network, 12), loss.startswith("sparse")
    drawn = np.random.default_rng(2).integers(0, filters if filters > 1 else 2, (12, 3, 3))
    labels = np.eye(3, dtype=np.float32)[drawn] if filters > 1 and not sparse else drawn[..., None].astype(np.float32)
    flat, metrics = labels.reshape(12, -1), ("accuracy",) if sparse else ("accuracy", "mean_squared_error", "hinge")
    recipe = Recipe(loss, "sgd", 0.1, metrics=metrics)
    task = task_of(Dataset(rows, flat, DataFile("images.npz")), network, (loss_called(loss),))
    model = model_to_train(network, recipe, reading_of(task))
    built.set_weights(model, weights.layers)
    ours = model.evaluate(rows, flat, verbose=0, return_dict=True)
    own, (images,) = kerass_own(network, rows)
    give(own, network, weights)
    own.compile("sgd", loss, metrics=list(metrics), run_eagerly=True)
    theirs = own.evaluate(images, labels, verbose=0, return_dict=True)
    assert theirs == pytest.approx({name: ours[name] for name in theirs}, rel=1e-6)
    answers = task.judged(predict(network, weights, rows).astype(np.float32), flat)
    assert isinstance(answers, Answers) and answers.accuracy == pytest.approx(theirs["accuracy"])
    assert answers.points == 12 * 9
    (at,), before = compared(network, (loss_called(loss),))
    made = in_rows(ready_values(network, weights, before)(rows.astype(np.float64)), len(rows))
    by_hand = evaluated(at, flat.astype(np.float64), made, places=9)
    assert by_hand == pytest.approx(theirs["loss"], rel=1e-5)
    of_one = own.evaluate(images[:1], labels[:1], verbose=0, return_dict=True)["loss"]
    (of_row,) = predicted(Asked(network, weights, rows[0])).made
    work = loss_by_hand(loss_called(loss), flat[0], of_row)
    assert work.total == pytest.approx(of_one, rel=1e-5)
    assert loss_of_row(model, network, rows[0], flat[0], (loss_called(loss),))[0] == pytest.approx(of_one)


@pytest.mark.parametrize("loss", ["categorical_crossentropy", "sparse_categorical_crossentropy"])
def test_masked_steps_are_left_out_of_losses_answers_and_trainings_as_keras_does(loss: str) -> None:
    network = chain_network((4, 2), "masking, LSTM 3 return_sequences=True, 3 softmax")
    weights, rows = initial_weights(network, 1), rows_for(network, 40)
    rows.reshape(40, 4, 2)[np.random.default_rng(4).random((40, 4)) < 0.4] = 0.0
    rows[3], weighed = 0.0, np.random.default_rng(5).uniform(0.5, 2.0, 40).astype(np.float32)
    classes = np.random.default_rng(2).integers(0, 3, (40, 4))
    sparse = loss.startswith("sparse")
    labels = classes.astype(np.float32) if sparse else np.eye(3, dtype=np.float32)[classes]
    flat, counted = labels.reshape(40, -1), ("mean_squared_error",) if not sparse else ()
    data = Dataset(frozen(rows), frozen(flat), DataFile("steps.npz"))
    task = task_of(data, network, (loss_called(loss),))
    assert task.in_words().startswith("3 classes (0, 1, 2) at each of 4 places")
    model = model_to_train(network, Recipe(loss, "sgd", 0.1, metrics=counted), reading_of(task))
    built.set_weights(model, weights.layers)
    own, (steps,) = kerass_own(network, rows)
    give(own, network, weights)
    own.compile(keras.optimizers.SGD(0.1), loss, metrics=["accuracy", *counted], run_eagerly=True)
    theirs = own.evaluate(steps, labels, verbose=0, return_dict=True)
    assert model.evaluate(rows, flat, verbose=0, return_dict=True) == pytest.approx(theirs, rel=1e-6)

    (at,), before = compared(network, (loss_called(loss),))
    made = in_rows(ready_values(network, weights, before)(rows.astype(np.float64)), 40)
    left, targets = unmasked(network, weights, rows), flat.astype(np.float64)
    assert left is not None and not left.all()
    kept = left[:, ::3]
    assert evaluated(at, targets, made, places=4, kept=kept) == pytest.approx(theirs["loss"], rel=1e-5)
    for row in (0, 3):
        of_one = own.evaluate(steps[row : row + 1], labels[row : row + 1], verbose=0, return_dict=True)["loss"]
        (of_row,) = predicted(Asked(network, weights, rows[row])).made
        work = loss_by_hand(loss_called(loss), flat[row], of_row)
        assert work.total == pytest.approx(of_one, rel=1e-5)
        given = loss_of_row(model, network, rows[row], flat[row], (loss_called(loss),))
        assert given == pytest.approx((of_one, work.of_prediction), rel=1e-5)
    worth = measure(network, weights, data, rows[0].astype(np.float64), Recipe(loss, validation_split=0.0), task)
    assert worth.training is not None and worth.training.loss == pytest.approx(theirs["loss"], rel=1e-5)
    assert isinstance(worth.data, Answers) and worth.data.accuracy == pytest.approx(theirs["accuracy"], rel=1e-6)
    assert worth.data.points == kept.sum()
    everywhere = np.repeat(weighed[:, np.newaxis], 4, axis=1)
    by_hand = evaluated(at, targets, made, weighed.astype(np.float64), places=4, kept=kept)
    assert by_hand == pytest.approx(own.evaluate(steps, labels, sample_weight=everywhere, verbose=0)[0], rel=1e-5)
    program = Epochs(model, Sizes(40, 0, 16), (rows, flat, weighed))
    program.start([array for layer in weights.layers for array in layer], 0)
    run = program.run((rows, flat, weighed), [range(40)] * 2)
    told = own.fit(steps, labels, 16, 2, sample_weight=everywhere, shuffle=False, verbose=0).history
    for name, numbers in told.items():
        np.testing.assert_allclose(run.logs[name], numbers, rtol=1e-5)
    np.testing.assert_allclose(run.weights[0][-1], own.get_weights()[0], rtol=1e-4, atol=1e-6)


TWO_ENDS = Network.of(
    Graph(
        "two",
        (Input("x", (4, 2)),),
        (
            Masking("masking"),
            LSTM("lstm", 3, return_sequences=True),
            LSTM("last", 2),
            Dense("side", 1, "sigmoid"),
            Dense("kind", 3, "softmax"),
        ),
        (
            Call("masking", (Source("x"),)),
            Call("lstm", (Source("masking"),)),
            Call("last", (Source("lstm"),)),
            Call("side", (Source("last"),)),
            Call("kind", (Source("lstm"),)),
        ),
        (Source("side"), Source("kind")),
    )
)


@pytest.mark.parametrize(
    "losses",
    [
        ("mean_squared_error", "mean_squared_error"),
        ("binary_crossentropy", "categorical_crossentropy"),
        ("binary_crossentropy", "sparse_categorical_crossentropy"),
    ],
)
def test_a_model_of_several_outputs_is_trained_and_judged_as_keras_does(losses: tuple[str, str]) -> None:
    network, weights, rows = TWO_ENDS, initial_weights(TWO_ENDS, 1), rows_for(TWO_ENDS, 40)
    rows.reshape(40, 4, 2)[np.random.default_rng(4).random((40, 4)) < 0.3] = 0.0
    random, one_for_all, sparse = np.random.default_rng(2), losses[0] == losses[1], losses[1].startswith("sparse")
    classes = random.integers(0, 3, (40, 4))
    kinds = classes.astype(np.float32) if sparse else np.eye(3, dtype=np.float32)[classes]
    sides, weighed = random.integers(0, 2, (40, 1)).astype(np.float32), random.uniform(0.5, 2, 40).astype(np.float32)
    flat = np.concatenate([sides, kinds.reshape(40, -1)], axis=1)
    by_output = () if one_for_all else ((losses[0], (("loss_weights", 0.5),)), (losses[1], ()))
    own_metrics = (("mean_absolute_error",), () if sparse else ("mean_squared_error",))
    recipe = Recipe(losses[0], "sgd", 0.1, by_output=by_output, validation_split=0.0, metrics_by_output=own_metrics)
    data = Dataset(frozen(rows), frozen(flat), DataFile("two.npz"))
    task = task_of(data, network, recipe.losses(2))
    model = model_to_train(network, recipe, reading_of(task))
    built.set_weights(model, weights.layers)
    own, (steps,) = kerass_own(network, rows)
    give(own, network, weights)
    counted = [["accuracy", "binary_accuracy", *own_metrics[0]], ["accuracy", *own_metrics[1]]]
    scale = None if one_for_all else [0.5, 1.0]
    own.compile(keras.optimizers.SGD(0.1), list(losses), scale, counted)
    theirs = own.evaluate(steps, [sides, kinds], verbose=0, return_dict=True)
    assert model.evaluate(rows, flat, verbose=0, return_dict=True) == pytest.approx(theirs, rel=1e-6)
    worth = measure(network, weights, data, rows[0].astype(np.float64), recipe, task)
    assert worth.training is not None and worth.training.loss == pytest.approx(theirs["loss"], rel=1e-5)
    assert isinstance(worth.data, OfOutputs)
    answers = {f"{name}_accuracy": one.accuracy for name, one in worth.data.parts if isinstance(one, Answers)}
    assert answers == pytest.approx({name: theirs[name] for name in ("side_accuracy", "kind_accuracy")}, rel=1e-6)
    of_one = own.evaluate(steps[:1], [sides[:1], kinds[:1]], verbose=0, return_dict=True)["loss"]
    assert loss_of_row(model, network, rows[0], flat[0], recipe.losses(2))[0] == pytest.approx(of_one, rel=1e-6)
    made = predicted(Asked(network, weights, rows[0]))
    assert losses_by_hand(recipe.losses(2), flat[0], made).total == pytest.approx(of_one, rel=1e-5)
    if one_for_all:
        return
    program = Epochs(model, Sizes(40, 0, 16), (rows, flat, weighed))
    program.start([array for layer in weights.layers for array in layer], 0)
    run = program.run((rows, flat, weighed), [range(40)] * 2)
    given = [weighed, np.repeat(weighed[:, np.newaxis], 4, axis=1)]
    told = own.fit(steps, [sides, kinds], 16, 2, sample_weight=given, shuffle=False, verbose=0).history
    for name, numbers in told.items():
        np.testing.assert_allclose(run.logs[name], numbers, rtol=1e-5)
    np.testing.assert_allclose(run.weights[0][-1], own.get_weights()[0], rtol=1e-4, atol=1e-6)


def test_a_model_within_a_layer_has_its_arrays_in_kerass_order() -> None:
    network = graphs.network_of(graphs.each_step)
    weights, rows = initial_weights(network, 1), rows_for(network, 3)
    model = built.build(network)
    built.set_weights(model, weights.layers)
    np.testing.assert_allclose(np.array(model(rows)), predict(network, weights, rows), atol=2e-6)


@pytest.mark.parametrize("made", [graphs.recurrent, graphs.nested, graphs.batch_normalized])
def test_a_model_that_is_saved_is_opened_as_it_was_and_keras_loads_it(
    made: Callable[[], OpenedGraph], tmp_path: Path
) -> None:
    network = graphs.network_of(made)
    weights, rows = initial_weights(network, 1), rows_for(network, 3)
    save_model(tmp_path / "new.keras", network, weights, None, None)
    opened = open_model(tmp_path / "new.keras")
    assert opened.network == network
    assert opened.weights.equal(weights)
    changed = weights.with_number(0, 0, (0,) * weights.layers[0][0].ndim, 0.25)
    save_model(tmp_path / "changed.keras", network, changed, None, opened.archive)
    loaded = keras.models.load_model(tmp_path / "changed.keras")
    _, inputs = kerass_own(network, rows)
    theirs = loaded.predict(inputs if len(inputs) > 1 else inputs[0], verbose=0)
    np.testing.assert_allclose(predict(network, changed, rows), theirs, atol=2e-6)


def test_a_layer_of_somebodys_own_is_not_built() -> None:
    with pytest.raises(Refused, match="'own', a class of the person who saved it"):
        built.build(graphs.network_of(graphs.sealed))


def test_a_normalization_goes_by_the_mean_and_the_variance_that_it_was_given_last() -> None:
    layers = [Normalization("normalization"), Dense("output", 1)]
    network = Network.of(chain("normalized", Input("x", (3,)), layers))
    model, rows = built.build(network), rows_for(network, 20)
    dense = initial_weights(network, 1).layers[1]
    mean, variance = np.array([[3.0, -1.0, 0.5], [4.0, 0.25, 9.0]], np.float32)
    for times in (1, 2):
        weights = Weights.for_network(network, [[times * mean, times * variance, np.array(20)], [*dense]])
        built.set_weights(model, weights.layers)
        theirs = keras_model.predict(model, rows)
        np.testing.assert_allclose(theirs, predict(network, weights, rows), rtol=0, atol=2e-6)

    labels = rows.sum(axis=1, keepdims=True).astype(np.float32)
    own = keras.Sequential(
        [keras.Input((3,)), keras.layers.Normalization(mean=2 * mean, variance=2 * variance), keras.layers.Dense(1)]
    )
    own.layers[-1].set_weights(dense)
    own.compile(keras.optimizers.SGD(0.05), "mean_squared_error", run_eagerly=True)
    own.fit(rows[:16], labels[:16], batch_size=16, epochs=3, shuffle=False, verbose=0)
    recipe = Recipe("mean_squared_error", "sgd", 0.05, epochs=3, batch_size=16)
    program = Epochs(model_to_train(network, recipe), Sizes(16, 4, 16), (rows, labels))
    program.start([array for one in weights.layers for array in one], 0)
    program.run((rows, labels), np.tile(np.arange(16), (3, 1)))
    for ours, kept in zip(program.layers()[-2:], own.layers[-1].get_weights(), strict=True):
        np.testing.assert_allclose(ours, kept, rtol=0, atol=2e-6)
