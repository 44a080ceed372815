"""Trainings of a network over images: in batches, on two devices, broken, by the stand-in; however large it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from core.calculation.running import predict
from core.engine.built import get_weights, own_layers, set_weights
from core.engine.compiled import Sizes
from core.engine.keras_model import model_to_train
from core.engine.programs import Programs, in_whole_epochs
from core.engine.protocol import (
    Held,
    Position,
    Predict,
    Predicted,
    Prepare,
    Prepared,
    SetWeights,
    Tensor,
    Train,
    Trained,
    to_arrays,
    to_tensors,
)
from core.engine.run import Run
from core.engine.trouble import Broken
from core.layers.convolution import Conv1D, Conv2D
from core.layers.dense import Dense
from core.layers.pooling import AveragePooling2D, MaxPooling2D
from core.layers.reshaping import Flatten
from core.model.initial import initial_weights
from core.training.recipe import Recipe
from tests.core.images import network_over
from tests.engine.test_fake import told

if TYPE_CHECKING:
    from core.arrays import KerasArray
    from core.model.network import Network

IMAGES = network_over(
    (5, 4, 2),
    Conv2D("conv", 3, (2, 3), (1, 1), "same", "tanh"),
    MaxPooling2D("pool", (2, 2), (1, 2), "same"),
    Conv2D("second", 2, (2, 1), (1, 1), use_bias=False, trainable=False),
    AveragePooling2D("mean", (2, 1), (2, 1), "same"),
    Flatten("flat"),
    Dense("out", 1, "tanh"),
)
SEQUENCES = network_over((40, 1), Conv1D("conv", 2, (3,), (2,), "same", "relu"), Flatten("flat"), Dense("out", 1))
LARGE = network_over((200, 200, 1), Conv2D("conv", 4, (3, 3), (1, 1)), Flatten("flat"), Dense("out", 1, "tanh"))

POINTS = np.random.default_rng(0).normal(size=(20, 40)).astype(np.float32)
LABELS = np.where(POINTS.sum(axis=1, keepdims=True) > 0, 1.0, -1.0).astype(np.float32)
RECIPE = Recipe("hinge", "sgd", 0.05, epochs=3, batch_size=6, validation_split=0.25)
NETWORKS = pytest.mark.parametrize("network", [IMAGES, SEQUENCES], ids=["images", "sequences"])


def started(network: Network, recipe: Recipe = RECIPE, points: KerasArray = POINTS) -> Run:
    weights = initial_weights(network, 1)
    command = Train(1, network, to_tensors(weights.layers), recipe, Tensor.of(points), Tensor.of(LABELS))
    return Run(command, weights.layers, Programs())


def finished(run: Run, *stops: Position) -> list[KerasArray]:
    for goal in (*stops, run.end):
        while not run.arrived(goal):
            run.advance(goal)
    return run.flat()


def by_steps_of_keras(network: Network) -> list[KerasArray]:
    """Return where Keras's own steps lead, over the same batches."""
    model = model_to_train(network, RECIPE)
    set_weights(model, initial_weights(network, 1).layers)
    model.run_eagerly = True
    random = np.random.default_rng(RECIPE.seed)
    for _ in range(RECIPE.epochs):
        order = random.permutation(15)
        for first in range(0, 15, RECIPE.batch_size):
            rows = order[first : first + RECIPE.batch_size]
            model.train_on_batch(POINTS[rows], LABELS[rows, np.newaxis])
    return [array for arrays in get_weights(model) for array in arrays]


def test_whole_epochs_and_single_batches_end_where_kerass_steps_do() -> None:
    expected = by_steps_of_keras(IMAGES)
    for stops in ((), (Position(0, 1), Position(1, 2))):
        for ours, theirs in zip(finished(started(IMAGES), *stops), expected, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-5)


def test_a_frozen_convolution_stays_and_the_others_move() -> None:
    before = [array for arrays in initial_weights(IMAGES, 1).layers for array in arrays]
    same = [np.array_equal(ours, one) for ours, one in zip(finished(started(IMAGES)), before, strict=True)]
    assert same == [False, False, True, False, False]


def test_the_layer_whose_numbers_broke_is_named() -> None:
    """The first step is too large: in the next batch what the convolution makes is infinite."""
    network = network_over(
        (4, 5, 2), Conv2D("conv", 3, (2, 2), (1, 1), activation="exponential"), Flatten("flat"), Dense("out", 1)
    )
    recipe = Recipe("mean_squared_error", "sgd", 1e6, epochs=5, batch_size=5)
    with pytest.raises(Broken, match="the output of layer 'conv' had it first") as broken:
        finished(started(network, recipe))
    assert (broken.value.epoch, broken.value.batch, broken.value.layer) == (1, 2, "conv")


def test_a_convolution_costs_its_weights_at_every_place() -> None:
    """A Dense layer of as many weights is quick."""
    sizes = Sizes(200, 50, 32)
    assert in_whole_epochs(network_over((40_000,), Dense("out", 1)), Sizes(1, 0, 32))
    assert in_whole_epochs(SEQUENCES, sizes)
    assert not in_whole_epochs(LARGE, sizes)


@NETWORKS
async def test_the_stand_in_answers_too(network: Network) -> None:
    weights = initial_weights(network, 1)
    events = await told(
        SetWeights(1, weights.version, network, to_tensors(weights.layers)),
        Predict(2, weights.version, Tensor.of(POINTS)),
        Prepare(3, network, RECIPE, POINTS.shape),
        Train(4, network, to_tensors(weights.layers), RECIPE, Tensor.of(POINTS), Tensor.of(LABELS)),
    )
    assert [type(event) for event in events[1:4]] == [Held, Predicted, Prepared]
    predicted, last = events[2], events[-1]
    assert isinstance(predicted, Predicted) and isinstance(last, Trained)
    expected = predict(network, weights, POINTS)
    np.testing.assert_allclose(predicted.outputs.array(), expected, rtol=0, atol=1e-6)
    assert [len(outputs.array()) for outputs in predicted.layers] == list(network.widths()[1:])
    np.testing.assert_allclose(predicted.layers[-1].array(), expected[0], rtol=0, atol=1e-6)
    for layer, before, after in zip(network.layers, weights.layers, to_arrays(last.layers), strict=True):
        if not getattr(layer, "trainable", False):
            assert [array.tobytes() for array in before] == [array.tobytes() for array in after]


async def test_the_stand_in_answers_however_large_a_layer_is() -> None:
    weights = initial_weights(LARGE, 0)
    points = np.zeros((1, LARGE.inputs), np.float32)
    *_, predicted = await told(
        SetWeights(1, weights.version, LARGE, to_tensors(weights.layers)),
        Predict(2, weights.version, Tensor.of(points)),
    )
    assert isinstance(predicted, Predicted)
    assert predicted.layers[0].array().shape == (198 * 198 * 4,)


def test_a_layer_may_have_the_name_of_what_stands_around() -> None:
    network = network_over((4, 2), Conv1D("into_shape", 1, (2,), (1,)), Flatten("into_a_row"))
    model = model_to_train(network, RECIPE)
    assert len(own_layers(model)) == 2
    set_weights(model, initial_weights(network, 0).layers)
    assert get_weights(model)[0][0].shape == (2, 2, 1)
