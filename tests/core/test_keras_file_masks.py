"""Masks in saved models: Keras writes them as operations beside the layers that they are handed to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import pytest
from keras import layers

from core.calculation.running import predictions
from core.model.files.opening import OpenedModel, open_any, open_model
from core.model.save_model import save_model
from core.training.recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def masked(x: Any, value: float = 0.5) -> Any:
    return layers.Masking(value)(x)


def within(x: Any) -> Any:
    """Call a model of two sources with what Keras knows no mask of before it runs, and so notes none."""
    made = keras.Sequential([keras.Input((4, 2)), layers.Masking(0.5), layers.Rescaling(1.0, -2.0)])(x)
    one, other = keras.Input((4, 2)), keras.Input((4, 2))
    return keras.Model([one, other], layers.Maximum()([one * 2.0, other]))([made, made])


MODELS: dict[str, Callable[[Any], Any]] = {
    "a model of two sources": within,
    "recurrent": lambda x: layers.GRU(2)(layers.LSTM(3, return_sequences=True)(masked(x))),
    "both ways": lambda x: layers.Bidirectional(layers.LSTM(3))(masked(x)),
    "added": lambda x: layers.LSTM(3)(layers.Add()([masked(x), masked(x, 0.2)])),
    "side by side": lambda x: layers.LSTM(3)(layers.Concatenate()([masked(x), masked(x, 0.2)])),
    "one after the other": lambda x: layers.LSTM(3)(layers.Concatenate(axis=1)([masked(x), masked(x, 0.2)])),
    "each step": lambda x: layers.LSTM(3)(layers.TimeDistributed(layers.Dense(2))(masked(x))),
    "a mean": lambda x: layers.GlobalAveragePooling1D()(masked(x)),
    "attention": lambda x: layers.Attention()([masked(x), masked(x)]),
    "attention without masks": lambda x: layers.Attention()([masked(x), x], mask=[None, None]),
    "attention of heads": lambda x: layers.MultiHeadAttention(2, 2)(masked(x), masked(x)),
}


@pytest.mark.parametrize("made", MODELS.values(), ids=MODELS)
def test_a_model_with_a_mask_opens_and_predicts_as_keras_does(made: Callable[[Any], Any], tmp_path: Path) -> None:
    given = keras.Input((4, 2))
    model = keras.Model(given, made(given))
    model.save(tmp_path / "masked.keras")
    points = np.random.default_rng(0).choice([0.5, 0.2, 1.0], size=(6, 4, 2)).astype(np.float32)
    points[:, 0], points[:, 3] = 0.5, 1.0
    theirs = np.asarray(model(points, training=False))
    opened = open_any(tmp_path / "masked.keras")
    assert isinstance(opened, OpenedModel)
    ours = predictions(opened.network.graph, opened.weights.by_name(opened.network), [points])[0]
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-5)
    save_model(tmp_path / "new.keras", opened.network, opened.weights, Recipe(), None)
    assert open_model(tmp_path / "new.keras").network == opened.network
    again = keras.models.load_model(tmp_path / "new.keras", compile=False)
    flat = again(points if len(again.input_shape) == 3 else points.reshape(6, -1), training=False)
    np.testing.assert_allclose(np.reshape(flat, theirs.shape), theirs, rtol=0, atol=1e-5)
