"""Where Keras looks under an activation for a loss: just where it leaves with a tensor what went into that."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from core.calculation.running import ready_values
from core.engine import keras_model
from core.losses.logits import logits_under
from core.model.network import Network
from core.model.weights import Weights

if TYPE_CHECKING:
    from collections.abc import Callable

keras: Any = vars(keras_model)["keras"]
tf: Any = vars(keras_model)["tf"]
kl, ops = keras.layers, keras.ops


def _shared(layer: Any) -> Callable[[Any], Any]:
    return lambda x: [layer(x), layer(2 * x)]


def _scores(layer: Any, listed: bool = False, masked: bool = False, **flags: Any) -> Callable[[Any], Any]:
    def made(x: Any) -> Any:
        seen = kl.Masking()(x) if masked else x
        return layer([x, seen] if listed else x, *([] if listed else [seen]), return_attention_scores=True, **flags)

    return made


def _behind(layer: Any) -> Callable[[Any], Any]:
    return lambda x: layer(kl.Dense(2, "sigmoid")(x))


LEFT: dict[str, Callable[[Any], Any]] = {
    "a convolution": kl.Conv1D(2, 1, activation="softmax"),
    "a shared layer": _shared(kl.Dense(2, "sigmoid")),
    "a model called twice": _shared(keras.Sequential([keras.Input((3, 2)), kl.Dense(2), kl.Activation("softmax")])),
    "a model that passes on": _behind(keras.Sequential([keras.Input((3, 2)), kl.Dropout(0.3)])),
    "a tensor converted": lambda x: ops.convert_to_tensor(ops.sigmoid(x)),
    "a softmax along steps": kl.Softmax(axis=1),
    "a softmax along two axes": kl.Softmax(axis=[1, 2]),
    "a masked softmax": lambda x: kl.Softmax()(x, mask=x > 0.5),
    "steps in a loop": kl.SimpleRNN(2, "sigmoid", return_state=True),
    "steps one by one": kl.SimpleRNN(2, "sigmoid", unroll=True, return_state=True),
    "steps one by one, all of them": kl.SimpleRNN(2, "softmax", unroll=True, return_sequences=True, return_state=True),
    "steps one by one, masked": lambda x: kl.SimpleRNN(2, "sigmoid", unroll=True)(kl.Masking()(x)),
    "gates one by one": kl.LSTM(2, "sigmoid", unroll=True),
    "a cell one by one": kl.RNN(kl.SimpleRNNCell(2, "softmax"), unroll=True),
    "both ways": kl.Bidirectional(kl.SimpleRNN(2, "sigmoid", unroll=True), merge_mode=None),
    "both ways, merged": kl.Bidirectional(kl.SimpleRNN(2, "sigmoid", unroll=True)),
    "each step": kl.TimeDistributed(kl.Dense(2, "sigmoid")),
    "attention": _scores(kl.Attention(), listed=True),
    "attention to masked steps": _scores(kl.AdditiveAttention(), listed=True, masked=True),
    "heads": _scores(kl.MultiHeadAttention(2, 2)),
    "masked heads": _scores(kl.MultiHeadAttention(2, 2), use_causal_mask=True),
    "the same shape again": _behind(kl.Reshape((3, 2))),
    "no row cut off": _behind(kl.Cropping1D(0)),
}


@pytest.mark.parametrize("way", LEFT)
def test_what_went_into_an_activation_is_found_just_where_keras_finds_it(way: str) -> None:
    x = keras.Input((3, 2))
    model = keras.Model(x, LEFT[way](x))
    points = np.array([[[0.5, -1.0], [0.25, 2.0], [-0.75, 0.5]]], np.float32)
    left = _left(model, points)
    network = Network.described_by(json.loads(model.to_json()))
    found = [logits_under(network, output) for output in range(len(left))]
    assert [one is not None for one in found] == [one is not None for one in left]
    arrays = {layer.name: layer.get_weights() for layer in model._flatten_layers(include_self=False)}
    weights = Weights.for_network(network, [arrays.get(path[-1], []) for path in network.paths])
    for one, theirs in zip(found, left, strict=True):
        if one is not None:
            (z,) = ready_values(network, weights, (one.value,))(points.reshape(1, -1).astype(np.float64))
            np.testing.assert_allclose(z.reshape(-1), np.ravel(theirs), rtol=1e-5, atol=1e-6)


def _left(model: Any, points: Any) -> list[Any]:
    """Return what Keras finds under each output in a graph, in which evaluate and fit run; None for nothing."""

    def call(given: Any) -> Any:
        made = keras.tree.flatten(model(given, training=False))
        return {at: one._keras_logits for at, one in enumerate(made) if hasattr(one, "_keras_logits")}

    left = tf.function(call)(points)
    return [left.get(at) for at in range(len(model.outputs))]
