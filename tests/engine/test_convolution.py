"""A network over images in Keras: rows go in and come out, its numbers are those by hand, its training is ``fit``'s."""

from __future__ import annotations

import numpy as np
import pytest

from core.calculation import running
from core.calculation.running import predict as by_hand
from core.engine.built import build, get_weights, layer_outputs, own_layers, set_weights
from core.engine.compiled import Epochs, Sizes, tensors
from core.engine.keras_model import model_to_train, predict
from core.layers.convolution import Conv2D
from core.layers.dense import Dense
from core.layers.pooling import MaxPooling2D
from core.layers.reshaping import Flatten
from core.model.initial import initial_weights
from core.model.network import Network
from core.training.recipe import Recipe

CONVOLUTION = Conv2D("conv", 3, (3, 3), (1, 1), "same", "tanh")
POOLING = MaxPooling2D("pool", (2, 2), (2, 2))
CLASSIFIER = Network.chain(32, (CONVOLUTION, POOLING, Flatten("flat"), Dense("out", 1, "tanh")), shape=(4, 4, 2))
SHAPED = Network.chain(32, (CONVOLUTION, POOLING), shape=(4, 4, 2))
POINTS = np.random.default_rng(0).normal(size=(20, 32)).astype(np.float32)


@pytest.mark.parametrize("network", [CLASSIFIER, SHAPED], ids=["one output", "an image as output"])
def test_rows_go_in_and_come_out(network: Network) -> None:
    weights, model = initial_weights(network, 1), build(network)
    set_weights(model, weights.layers)
    assert [array.tobytes() for arrays in get_weights(model) for array in arrays] == [
        array.tobytes() for arrays in weights.layers for array in arrays
    ]
    np.testing.assert_allclose(predict(model, POINTS), by_hand(network, weights, POINTS), rtol=0, atol=1e-6)
    assert [layer.name for layer in own_layers(model)] == [layer.name for layer in network.layers]
    ours = running.layer_outputs(network, weights, POINTS[:1])
    for made, outputs in zip(ours, layer_outputs(model, POINTS[0]), strict=True):
        np.testing.assert_allclose(outputs, made[0], rtol=0, atol=1e-6)


def test_compiled_epochs_are_those_of_fit() -> None:
    recipe, weights = Recipe("hinge", "adam", 0.01), initial_weights(CLASSIFIER, 2)
    labels = np.where(POINTS.sum(axis=1) > 0, 1.0, -1.0).astype(np.float32)[:, np.newaxis]
    fitted = model_to_train(CLASSIFIER, recipe)
    set_weights(fitted, weights.layers)
    fitted.run_eagerly = True
    for _ in range(3):
        fitted.fit(POINTS, labels, batch_size=20, shuffle=False, verbose=0)
    rows = tensors((POINTS, labels))
    program = Epochs(model_to_train(CLASSIFIER, recipe), Sizes(20, 0, 20), rows)
    program.start([array for arrays in weights.layers for array in arrays], 0)
    run = program.run(rows, [np.arange(20)] * 3)
    assert run.done == 3
    theirs = [variable for layer in own_layers(fitted) for variable in layer.get_weights()]
    for ours, array in zip(run.weights, theirs, strict=True):
        np.testing.assert_allclose(ours[-1], array, rtol=0, atol=1e-6)
