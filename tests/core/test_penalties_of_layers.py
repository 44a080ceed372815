"""What every layer's regularizers add, against the losses that Keras itself collects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import pytest
from keras import layers

from core.calculation.penalties import all_penalties
from core.model.files.opening import OpenedModel, open_any

if TYPE_CHECKING:
    from pathlib import Path


def regularized(*names: str) -> dict[str, Any]:
    return {f"{name}_regularizer": keras.regularizers.L1L2(0.1, 0.2) for name in (*names, "activity")}


def without(settings: dict[str, Any]) -> dict[str, Any]:
    """Return the settings for a cell, with whose regularizer of outputs Keras does not train."""
    return {name: value for name, value in settings.items() if name != "activity_regularizer"}


KERNEL, CELL = regularized("kernel", "bias"), regularized("kernel", "recurrent", "bias")
SEPARABLE = regularized("depthwise", "pointwise", "bias")
IMAGE, STEPS = (5, 5, 2), (4, 2)
LAYERS: dict[str, tuple[tuple[int, ...], Any]] = {
    "Dense": (STEPS, layers.Dense(3, **KERNEL)),
    "Conv2D": (IMAGE, layers.Conv2D(3, 2, **KERNEL)),
    "Conv2DTranspose": (IMAGE, layers.Conv2DTranspose(3, 2, **KERNEL)),
    "DepthwiseConv1D": (STEPS, layers.DepthwiseConv1D(2, **regularized("depthwise", "bias"))),
    "DepthwiseConv2D": (IMAGE, layers.DepthwiseConv2D(2, **regularized("depthwise", "bias"))),
    "SeparableConv1D": (STEPS, layers.SeparableConv1D(3, 2, **SEPARABLE)),
    "SeparableConv2D": (IMAGE, layers.SeparableConv2D(3, 2, **SEPARABLE)),
    "SimpleRNN": (STEPS, layers.SimpleRNN(3, **CELL)),
    "LSTM": (STEPS, layers.LSTM(3, **CELL)),
    "LSTM with states": (STEPS, lambda x: layers.Concatenate()(layers.LSTM(3, return_state=True, **CELL)(x))),
    "GRU of whose states none is used": (STEPS, lambda x: layers.GRU(3, return_state=True, **CELL)(x)[0]),
    "RNN of cells": (STEPS, layers.RNN([layers.GRUCell(3, **without(CELL))], **regularized())),
    "Bidirectional": (STEPS, layers.Bidirectional(layers.LSTM(3, **CELL))),
    "Bidirectional of sequences": (
        STEPS,
        layers.Bidirectional(layers.GRU(3, return_sequences=True, **CELL), merge_mode="sum"),
    ),
    "TimeDistributed": (STEPS, layers.TimeDistributed(layers.Dense(3, **KERNEL))),
    "Bidirectional in TimeDistributed": (
        (2, *STEPS),
        layers.TimeDistributed(layers.Bidirectional(layers.LSTM(3, **CELL))),
    ),
    "MultiHeadAttention": (STEPS, lambda x: layers.MultiHeadAttention(2, 3, **KERNEL)(x, x)),
    "MultiHeadAttention with a gate": (STEPS, lambda x: layers.MultiHeadAttention(2, 3, use_gate=True, **KERNEL)(x, x)),
    "MultiHeadAttention with scores": (
        STEPS,
        lambda x: layers.MultiHeadAttention(2, 3, **KERNEL)(x, x, return_attention_scores=True)[0],
    ),
    "Activation": (STEPS, layers.Activation("tanh", **regularized())),
    "Embedding": ((4,), layers.Embedding(3, 2, **regularized("embeddings"))),
    "Flatten": (IMAGE, lambda x: layers.Flatten(**regularized())(layers.Dense(2)(x))),
    "Dropout": (STEPS, lambda x: layers.Dropout(0.5, **regularized())(layers.Dense(2)(x))),
    "MaxPooling1D": (STEPS, lambda x: layers.MaxPooling1D(**regularized())(layers.Dense(2)(x))),
    "Add": (STEPS, lambda x: layers.Add(**regularized())([x, x])),
    "Attention": (STEPS, lambda x: layers.Attention(**regularized())([x, x])),
    "Bidirectional itself and its layer": (
        STEPS,
        layers.Bidirectional(layers.LSTM(3, **CELL), **regularized()),
    ),
    "TimeDistributed itself, of a layer whose own does not count": (
        STEPS,
        layers.TimeDistributed(layers.Dense(3, **KERNEL), **regularized()),
    ),
    "a model in TimeDistributed, whose second layer is frozen": (
        STEPS,
        layers.TimeDistributed(
            keras.Sequential([keras.Input((2,)), layers.Dense(3, **KERNEL), layers.Dense(2, trainable=False, **KERNEL)])
        ),
    ),
    "ActivityRegularization": (STEPS, layers.ActivityRegularization(0.1, 0.2)),
    "PReLU": (STEPS, layers.PReLU(**regularized("alpha"))),
    "BatchNormalization": (STEPS, layers.BatchNormalization(**regularized("beta", "gamma"))),
    "LayerNormalization": (STEPS, layers.LayerNormalization(**regularized("beta", "gamma"))),
    "two models with a layer of the same name": (
        STEPS,
        lambda x: inner("first")(inner("second")(x)),
    ),
}


def inner(name: str) -> keras.Model:
    return keras.Sequential([keras.Input(STEPS), layers.Dense(2, name="same", **KERNEL)], name=name)


@pytest.mark.parametrize(("shape", "made"), LAYERS.values(), ids=LAYERS)
def test_keras_adds_the_same(shape: tuple[int, ...], made: Any, tmp_path: Path) -> None:
    drawn = np.random.default_rng(0)
    given = keras.Input(shape)
    model = keras.Model(given, made(given))
    for variable in model.trainable_variables:
        variable.assign(drawn.uniform(0.1, 1, variable.shape))
    model.save(tmp_path / "regularized.keras")
    opened = open_any(tmp_path / "regularized.keras")
    assert isinstance(opened, OpenedModel)
    points = drawn.uniform(0, 1, (3, *shape)).astype(np.float32)
    model(points)
    theirs = float(sum(model.losses))
    assert theirs > 0.1
    penalties = all_penalties(opened.network, opened.weights, points.reshape(3, -1).astype(np.float64))
    assert sum(one.value for one in penalties) == pytest.approx(theirs, rel=1e-5)
