"""Every setting of a recipe reaches Keras: a training ends where ``fit`` of the same model, told the same, does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
import msgspec
import numpy as np
import pytest

from core.engine.checks import require_class_weights
from core.engine.keras_model import model_to_train
from core.engine.programs import rows_of
from core.engine.protocol import (
    Evaluate,
    Evaluated,
    Paused,
    Position,
    Resume,
    SetWeights,
    Tensor,
    Train,
    Trained,
    to_arrays,
    to_tensors,
)
from core.layers.dense import Dense
from core.model.initial import initial_weights
from core.model.layers_text import chain_network
from core.model.network import Network
from core.model.penalised import Constraint, Regularizer
from core.training.optimizers import KERAS_OPTIMIZERS, checked_options
from core.training.options import read
from core.training.recipe import Recipe
from core.training.schedules import read_schedule
from tests.tasks import reading, targets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.engine.client import EngineClient
    from core.engine.protocol import EpochMetrics, Progress
    from tests.engine.conftest import Bench

EPOCHS, BATCH = 4, 16

MAX_NORM = Constraint("MaxNorm", max_value=0.5)


def recipe(optimizer: str = "adam", options: str = "", schedule: str = "", **more: Any) -> Recipe:
    known = checked_options(optimizer, read(options, optimizer, KERAS_OPTIMIZERS[optimizer].options))
    settings: dict[str, Any] = {"learning_rate": 0.02, "epochs": EPOCHS, "batch_size": BATCH, "seed": 3} | more
    return Recipe(optimizer=optimizer, optimizer_options=known, schedule=read_schedule(schedule), **settings)


# Several settings in one recipe: compiling is what takes the time.
RECIPES = {
    "exponential": recipe("sgd", "momentum 0.9", "exponential_decay decay_steps 3, decay_rate 0.5, staircase"),
    "pieces": recipe(
        "sgd", "momentum 0.9, nesterov, clipnorm 0.1", "piecewise_constant_decay boundaries 2 7, values 0.1 1"
    ),
    "cosine": recipe("adam", "beta_1 0.8, amsgrad", "cosine_decay decay_steps 9, warmup_target 0.1, warmup_steps 4"),
    "restarts": recipe("rmsprop", "rho 0.8, momentum 0.5, centered", "cosine_decay_restarts first_decay_steps 2"),
    "polynomial": recipe("adamw", "weight_decay 0.1", "polynomial_decay decay_steps 9, power 2, cycle"),
    "inverse time": recipe(schedule="inverse_time_decay decay_steps 3, decay_rate 0.5", class_weights=(1.0, 7.0)),
    "accumulated": recipe("adam", "gradient_accumulation_steps 2, loss_scale_factor 8"),
    "schedule-free": recipe("schedulefreeadamw", "warmup_steps 5, weight_decay 0.1"),
    "metrics": recipe(
        metrics=("root_mean_squared_error", "r2_score", "squared_hinge", "logcosh"), class_weights=(1.0, 0.5)
    ),
}


def by_fit(asked: Recipe, bench: Bench) -> tuple[Any, dict[str, list[float]]]:
    """Return the weights and ``History`` of Keras's own ``fit``, with the points in the same order."""
    points, labels = bench.data.points, bench.data.labels
    split = asked.training_points(len(points))
    first, second = asked.class_weights or (1.0, 1.0)
    weights = np.where(labels[:, 0] > 0, second, first).astype(np.float32)
    model, random = model_to_train(bench.network, asked), np.random.default_rng(asked.seed)
    model.set_weights([array for layer in bench.weights.layers for array in layer])
    # Built by fit, ScheduleFreeAdamW would lose the weights that its momentum begins as.
    model.optimizer.build(model.trainable_variables)
    # Compiled alike, what differs is a setting that did not arrive.
    model.jit_compile = True

    def batches() -> Iterator[tuple[Any, Any, Any]]:
        for _ in range(asked.epochs):
            order = random.permutation(split)
            for begin in range(0, split, asked.batch_size):
                rows = order[begin : begin + asked.batch_size]
                yield points[rows], labels[rows], weights[rows]

    history = model.fit(
        batches(),
        steps_per_epoch=-(-split // asked.batch_size),
        epochs=asked.epochs,
        validation_data=(points[split:], labels[split:]),
        validation_batch_size=asked.batch_size,
        shuffle=False,
        verbose=0,
    )
    return model.get_weights(), history.history


def until_end(engine: EngineClient, command: Train | Resume) -> tuple[list[EpochMetrics], Paused | Trained]:
    told: list[Progress] = []
    ended = engine.train_until(command, told.append)
    return [epoch for progress in told for epoch in progress.epochs], ended


def require_equal(ended: Paused | Trained, epochs: list[EpochMetrics], expected: tuple[Any, Any]) -> None:
    weights, history = expected
    ours = [array for layer in to_arrays(ended.layers) for array in layer]
    for array, theirs in zip(ours, weights, strict=True):
        np.testing.assert_allclose(array, theirs, atol=1e-6)
    assert set(history) == set(epochs[0].by_name())
    for name, column in history.items():
        ours_of_it = np.array([epoch.by_name()[name] for epoch in epochs], dtype=np.float64)
        np.testing.assert_allclose(ours_of_it, column, atol=2e-6, err_msg=name)


@pytest.mark.parametrize("name", RECIPES)
def test_it_ends_where_fit_does(engine: EngineClient, bench: Bench, name: str) -> None:
    asked = RECIPES[name]
    epochs, ended = until_end(engine, bench.train(asked))
    assert isinstance(ended, Trained)
    assert ended.method == "xla"
    require_equal(ended, epochs, by_fit(asked, bench))


@pytest.mark.parametrize("name", ["exponential", "pieces"])
def test_another_first_learning_rate_is_followed_without_compiling(
    engine: EngineClient, bench: Bench, name: str
) -> None:
    until_end(engine, bench.train(RECIPES[name]))
    asked = msgspec.structs.replace(RECIPES[name], learning_rate=0.3)
    epochs, ended = until_end(engine, bench.train(asked))
    assert isinstance(ended, Trained)
    assert ended.compiling == 0
    require_equal(ended, epochs, by_fit(asked, bench))


def test_a_pause_within_an_epoch_changes_nothing_of_a_schedule(engine: EngineClient, bench: Bench) -> None:
    asked = RECIPES["cosine"]
    train = bench.train(asked, until=Position(1, 2))
    first, paused = until_end(engine, train)
    assert isinstance(paused, Paused)
    later, ended = until_end(engine, Resume(train.id, Position(EPOCHS)))
    require_equal(ended, [*first, *later], by_fit(asked, bench))


def test_training_points_labelled_plus_1_weigh_more_and_what_validates_weighs_1() -> None:
    labels = np.array([[1], [-1], [1], [-1], [1]], dtype=np.float32)
    points = np.zeros((5, 2), dtype=np.float32)
    *_, weights = rows_of(recipe(class_weights=(0.5, 2.5), validation_split=0.4), points, labels)
    np.testing.assert_array_equal(weights, [2.5, 0.5, 2.5, 1, 1])
    assert len(rows_of(recipe(), points, labels)) == 2


@pytest.mark.parametrize("labels", [[[0], [2], [1]], np.eye(3)[[0, 2, 1]]])
def test_each_of_several_classes_has_its_weight(labels: Any) -> None:
    asked = recipe(class_weights=(1.0, 2.0, 3.0), validation_split=0.0)
    *_, weights = rows_of(asked, np.zeros((3, 2), np.float32), np.array(labels, np.float32))
    np.testing.assert_array_equal(weights, [1, 3, 2])


@pytest.mark.parametrize("ignored", [-1, 255])
def test_a_label_that_the_loss_leaves_out_needs_no_weight(ignored: int) -> None:
    asked = msgspec.structs.replace(
        recipe(class_weights=(3.0, 2.0), validation_split=0.0),
        loss="sparse_categorical_crossentropy",
        loss_options=(("ignore_class", ignored),),
    )
    labels = np.array([[0], [ignored], [1]], np.float32)
    require_class_weights(asked, labels)
    *_, weights = rows_of(asked, np.zeros((3, 2), np.float32), labels)
    np.testing.assert_array_equal(weights[[0, 2]], [3, 2])


@pytest.mark.parametrize("name", KERAS_OPTIMIZERS)
def test_every_optimizer_is_keras_s_own(bench: Bench, name: str) -> None:
    optimizer = model_to_train(bench.network, recipe(name, "clipnorm 0.5")).optimizer
    assert type(optimizer) is getattr(keras.optimizers, KERAS_OPTIMIZERS[name].keras_class)
    assert float(optimizer.learning_rate) == pytest.approx(0.02)
    assert optimizer.clipnorm == 0.5


CROSSENTROPIES = {
    "binary_crossentropy": "5 tanh, 1 sigmoid",
    "categorical_crossentropy": "5 tanh, 2 softmax",
    "sparse_categorical_crossentropy": "5 tanh, 3 softmax",
}


@pytest.mark.parametrize("loss", CROSSENTROPIES)
def test_a_crossentropy_takes_the_labels_as_keras_wants_them(engine: EngineClient, bench: Bench, loss: str) -> None:
    network = chain_network(2, CROSSENTROPIES[loss])
    weights = initial_weights(network, 1)
    asked = recipe("sgd", "momentum 0.9", loss=loss, validation_split=0.0, epochs=2, batch_size=60)
    engine.ask(SetWeights(801, weights.version, network, to_tensors(weights.layers)))
    points, labels = Tensor.of(bench.data.points), Tensor.of(targets(loss, bench.data.labels, network.outputs))
    read = reading(loss, network.outputs)
    train = Train(802, network, to_tensors(weights.layers), asked, points, labels, reading=read)
    epochs, ended = until_end(engine, train)
    assert isinstance(ended, Trained)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(5, "tanh"), *last_layer(network)])
    model.set_weights([array for layer in weights.layers for array in layer])
    truths = (bench.data.labels > 0).astype(np.float32)
    wanted = keras.utils.to_categorical(truths, network.outputs) if loss.startswith("categorical") else truths
    model.compile(keras.optimizers.SGD(0.02, 0.9), loss, metrics=["accuracy"], run_eagerly=True)
    told = model.fit(bench.data.points, wanted, batch_size=60, epochs=2, shuffle=False, verbose=0).history
    for array, theirs in zip([a for layer in to_arrays(ended.layers) for a in layer], model.get_weights(), strict=True):
        np.testing.assert_allclose(array, theirs, atol=1e-6)
    np.testing.assert_allclose([epoch.loss for epoch in epochs], told["loss"], atol=1e-6)
    np.testing.assert_allclose([epoch.metrics["accuracy"] for epoch in epochs], told["accuracy"], atol=1e-6)
    version = weights.version
    worth = engine.ask(Evaluate(803, version, points, labels, loss, read))
    assert isinstance(worth, Evaluated)
    made = model_to_train(network, asked)
    made.set_weights([array for layer in weights.layers for array in layer])
    assert worth.loss == pytest.approx(made.evaluate(bench.data.points, wanted, verbose=0)[0], abs=1e-6)


def test_settings_of_the_loss_regularizers_and_constraints_reach_keras(engine: EngineClient, bench: Bench) -> None:
    hidden = Dense("hidden", 5, "tanh", kernel_regularizer=Regularizer(0.01, 0.02), kernel_constraint=MAX_NORM)
    output = Dense(
        "output",
        1,
        "sigmoid",
        kernel_regularizer=Regularizer(l2=0.3),
        bias_regularizer=Regularizer(l1=0.1),
        activity_regularizer=Regularizer(l2=0.2),
        kernel_constraint=Constraint("NonNeg"),
    )
    network, options = Network.chain(2, (hidden, output)), (("label_smoothing", 0.25), ("reduction", "sum"))
    asked = recipe("sgd", loss="binary_crossentropy", loss_options=options, validation_split=0.0, epochs=2)
    weights = initial_weights(network, 1)
    points, labels = Tensor.of(bench.data.points), Tensor.of(targets(asked.loss, bench.data.labels, 1))
    order = np.random.default_rng(asked.seed)
    rows = [order.permutation(len(bench.data)) for _ in range(asked.epochs)]
    epochs, ended = until_end(
        engine, Train(812, network, to_tensors(weights.layers), asked, points, labels, reading=reading(asked.loss, 1))
    )
    assert isinstance(ended, Trained)

    of, norm = keras.regularizers, keras.constraints
    penalties = {"bias_regularizer": of.L1(0.1), "activity_regularizer": of.L2(0.2), "kernel_constraint": norm.NonNeg()}
    layers = [
        keras.layers.Dense(5, "tanh", kernel_regularizer=of.L1L2(0.01, 0.02), kernel_constraint=norm.MaxNorm(0.5)),
        keras.layers.Dense(1, "sigmoid", kernel_regularizer=of.L2(0.3), **penalties),
    ]
    model = keras.Sequential([keras.Input((2,)), *layers])
    model.set_weights([array for layer in weights.layers for array in layer])
    loss = keras.losses.BinaryCrossentropy(label_smoothing=0.25, reduction="sum")
    model.compile(keras.optimizers.SGD(0.02), loss, run_eagerly=True)
    truths = (bench.data.labels > 0).astype(np.float32)
    told = [
        model.fit(bench.data.points[row], truths[row], batch_size=BATCH, shuffle=False, verbose=0).history["loss"][0]
        for row in rows
    ]
    np.testing.assert_allclose([epoch.loss for epoch in epochs], told, rtol=1e-6)
    for array, theirs in zip([a for layer in to_arrays(ended.layers) for a in layer], model.get_weights(), strict=True):
        np.testing.assert_allclose(array, theirs, atol=1e-6)

    engine.ask(SetWeights(813, 0, network, ended.layers))
    worth = engine.ask(Evaluate(814, 0, points, labels, asked.loss, reading(asked.loss, 1), options))
    assert isinstance(worth, Evaluated)
    assert worth.batch_size == 32
    assert worth.loss == pytest.approx(model.evaluate(bench.data.points, truths, verbose=0), rel=1e-6)


def last_layer(network: Network) -> list[Any]:
    layer = network.layers[-1]
    assert isinstance(layer, Dense)
    return [keras.layers.Dense(layer.units, layer.activation)]
