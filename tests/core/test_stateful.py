"""A stateful layer: each batch begins anew here, which is said, and Keras is asked the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import pytest
from keras import layers

from core.calculation.running import predictions
from core.engine import built, keras_model
from core.model.converting import convert
from core.model.files.opening import OpenedModel, open_any
from core.model.save_model import save_model

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MODELS: dict[str, Callable[[], Any]] = {
    "LSTM": lambda: layers.LSTM(2, stateful=True, name="keeping"),
    "both ways": lambda: layers.Bidirectional(layers.GRU(2, stateful=True, name="keeping")),
    "any cell": lambda: layers.RNN(layers.SimpleRNNCell(2), stateful=True, name="keeping"),
}


@pytest.mark.parametrize("made", MODELS.values(), ids=MODELS)
def test_a_stateful_model_is_followed_from_states_of_0_and_says_so(made: Callable[[], Any], tmp_path: Path) -> None:
    model, path = keras.Sequential([keras.Input(batch_shape=(3, 4, 2)), made(), layers.Dense(1)]), tmp_path / "s.keras"
    model.save(path)
    points = np.random.default_rng(0).normal(size=(3, 4, 2)).astype(np.float32)
    theirs = np.asarray(model(points, training=False))
    opened = open_any(path)
    assert isinstance(opened, OpenedModel)
    network, weights = opened.network, opened.weights
    arrays = weights.by_name(network)
    np.testing.assert_allclose(predictions(network.graph, arrays, [points])[0], theirs, rtol=0, atol=1e-6)
    said = "is stateful, which is kept in the file and not followed here: Keras begins a batch with the states"
    assert any(said in note for note in opened.notes)
    assert any(said in note for note in opened.not_followed)

    asked = built.build(network)
    built.set_weights(asked, weights.layers)
    np.testing.assert_allclose(keras_model.predict(asked, points.reshape(3, 8)), theirs, rtol=0, atol=1e-6)

    save_model(tmp_path / "new.keras", network, weights, None, None)
    anew = keras.models.load_model(tmp_path / "new.keras")
    np.testing.assert_allclose(anew.predict(points, verbose=0), theirs, rtol=0, atol=1e-6)
    save_model(tmp_path / "copy.keras", network, weights, None, opened.archive)
    assert keras.models.load_model(tmp_path / "copy.keras").get_config() == keras.models.load_model(path).get_config()


def test_that_a_layer_was_stateful_is_not_carried_over(tmp_path: Path) -> None:
    model = keras.Sequential([keras.Input(batch_shape=(3, 4, 2)), MODELS["LSTM"]()])
    model.save(tmp_path / "s.h5")
    assert "keeping is stateful" in convert(tmp_path / "s.h5", "s.keras").left_out
