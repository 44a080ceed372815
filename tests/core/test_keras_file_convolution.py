"""Files of models over images and sequences: Keras's own are opened, saved again, and refused where they can't be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import pytest
from keras import layers

from core.calculation.running import predict
from core.errors import Refused
from core.layers.activation_layers import Activation
from core.layers.convolution import Conv1D, Conv2D, Convolution
from core.layers.dense import Dense
from core.layers.identity import Dropout
from core.layers.pooling import AveragePooling1D, AveragePooling2D, MaxPooling1D, MaxPooling2D
from core.layers.reshaping import Flatten
from core.model.files.opening import open_model
from core.model.initial import initial_weights
from core.model.penalised import Regularizer
from core.model.save_model import save_model
from core.training.recipe import Recipe
from tests.core.images import drawn_points, network_over

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from core.model.network import Network

NETWORKS = {
    "an image": network_over(
        (8, 7, 2),
        Conv2D("conv", 3, (3, 2), (2, 1), "same", "tanh", trainable=False),
        MaxPooling2D("pool", (2, 2), (1, 2), "same"),
        Activation("act", "relu"),
        Conv2D("conv_1", 2, (2, 2), (1, 1), use_bias=False),
        AveragePooling2D("mean", (2, 2), (2, 2), "same"),
        Dropout("drop", 0.5),
        Flatten("flat"),
        Dense("out", 1, "tanh"),
    ),
    "a sequence": network_over(
        (9, 2),
        Conv1D("conv", 4, (3,), (2,), "valid", "elu"),
        AveragePooling1D("mean", (2,), (1,)),
        MaxPooling1D("pool", (2,), (2,), "same"),
    ),
}


REGULARIZER = Regularizer(l2=0.01)


def by_keras(path: Path, network: Network, points: Any) -> Any:
    model = keras.models.load_model(path)
    return np.reshape(model(points.reshape(-1, *network.shape), training=False), (len(points), -1))


@pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS)
def test_keras_opens_what_is_saved_and_predicts_the_same(network: Network, tmp_path: Path) -> None:
    path, weights, points = tmp_path / "new.keras", initial_weights(network, 3), drawn_points(network, 0)
    save_model(path, network, weights, Recipe(), None)
    np.testing.assert_allclose(by_keras(path, network, points), predict(network, weights, points), rtol=0, atol=1e-6)
    opened = open_model(path)
    assert opened.network == network and opened.weights.equal(weights)
    assert not opened.not_followed
    # The opened file with other numbers in it.
    other = initial_weights(network, 4)
    save_model(path, network, other, None, opened.archive)
    np.testing.assert_allclose(by_keras(path, network, points), predict(network, other, points), rtol=0, atol=1e-6)
    assert [one.trainable for one in keras.models.load_model(path).layers if one.weights] == [
        one.trainable for one in network.layers if isinstance(one, Convolution | Dense)
    ]


def test_a_file_of_kerass_is_opened_with_its_regularizer(tmp_path: Path) -> None:
    model = keras.Sequential(
        [
            keras.Input((6, 6, 1)),
            layers.Conv2D(2, 3, activation="relu", kernel_regularizer="l2", name="conv"),
            layers.MaxPooling2D(name="pool"),
            layers.Flatten(name="flat"),
            layers.Dense(1, name="out"),
        ],
        name="plain",
    )
    path = tmp_path / "plain.keras"
    model.save(path)
    opened = open_model(path)
    expected = network_over(
        (6, 6, 1),
        Conv2D("conv", 2, (3, 3), (1, 1), "valid", "relu", kernel_regularizer=REGULARIZER, dilation_rate=(1, 1)),
        MaxPooling2D("pool", (2, 2), (2, 2)),
        Flatten("flat"),
        Dense("out", 1),
    )
    assert opened.network.name == "plain"
    assert (opened.network.layers, opened.network.shape) == (expected.layers, expected.shape)
    assert opened.notes == opened.not_followed == ()
    points = drawn_points(opened.network, 1)
    predicted = np.asarray(model(points.reshape(-1, 6, 6, 1), training=False))
    np.testing.assert_allclose(predict(opened.network, opened.weights, points), predicted, rtol=0, atol=1e-6)


def sequential(shape: tuple[int | None, ...], *chain: Callable[[], Any]) -> Any:
    return keras.Sequential([keras.Input(shape), *(make() for make in chain)])


NO_CHAIN: dict[str, Callable[[], Any]] = {
    "dilated": lambda: sequential((6, 6, 1), lambda: layers.Conv2D(1, 2, dilation_rate=2)),
    "in groups": lambda: sequential((6, 6, 2), lambda: layers.Conv2D(2, 2, groups=2)),
    "causal": lambda: sequential((6, 2), lambda: layers.Conv1D(2, 2, padding="causal")),
    "a Dense over channels": lambda: sequential((6, 2), lambda: layers.Dense(2)),
    "of any length": lambda: sequential((None, 2), lambda: layers.Conv1D(2, 2)),
    "over a volume": lambda: sequential((4, 4, 4, 1), lambda: layers.Conv3D(2, 2)),
}


@pytest.mark.parametrize("name", NO_CHAIN)
def test_what_the_pages_of_chains_do_not_know_is_opened_all_the_same(name: str, tmp_path: Path) -> None:
    model = NO_CHAIN[name]()
    model.save(tmp_path / "model.keras")
    opened = open_model(tmp_path / "model.keras")
    assert not opened.network.on_one_page
    points = np.random.default_rng(0).normal(size=(3, opened.network.inputs)).astype(np.float32)
    predicted = np.reshape(model(points.reshape(-1, *opened.network.input_shapes[0]), training=False), (3, -1))
    np.testing.assert_allclose(predict(opened.network, opened.weights, points), predicted, rtol=0, atol=1e-6)


def test_channels_first_of_images_in_steps_are_refused_with_what_they_are(tmp_path: Path) -> None:
    model = sequential((3, 2, 6, 6), lambda: layers.ConvLSTM2D(2, 2, data_format="channels_first", name="moving"))
    model.save(tmp_path / "model.keras")
    with pytest.raises(Refused, match="'moving', with 'channels_first', which is not followed yet"):
        open_model(tmp_path / "model.keras")
