"""Layers went by masks otherwise in Keras 2: merged, masked is what any source masks, and no number is another; of what
goes both ways a masked step left the outputs as they were.
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

import numpy as np
import pytest

from core.calculation.running import predictions
from core.engine import built, keras_model
from core.errors import Refused
from core.model.converting import convert
from core.model.files.opening import OpenedModel, open_any
from core.model.save_model import save_model
from tests.hdf5_files import drawn, hdf5, layer

if TYPE_CHECKING:
    from pathlib import Path

TABLES = {name: drawn(4, 3) for name in "ab"}
ROWS = {"a": np.array([[1, 2, 0, 0]]), "b": np.array([[3, 0, 1, 0]])}


def opened(kind: str, folder: Path, masked: str) -> OpenedModel:
    """Return the mean over the steps of what a layer of ``kind`` makes of two Embeddings, of which some mask zeros."""
    rows = {"batch_input_shape": [None, 4], "dtype": "int32"}
    layers = [layer("InputLayer", f"{name}_in", [], **rows) for name in "ab"]
    layers += [
        layer("Embedding", name, [[[f"{name}_in", 0, 0, {}]]], input_dim=4, output_dim=3, mask_zero=name in masked)
        for name in "ab"
    ]
    layers.append(layer(kind, "both", [[["a", 0, 0, {}], ["b", 0, 0, {}]]]))
    layers.append(layer("GlobalAveragePooling1D", "mean", [[["both", 0, 0, {}]]]))
    ends = {"input_layers": [["a_in", 0, 0], ["b_in", 0, 0]], "output_layers": [["mean", 0, 0]]}
    model = {"class_name": "Model", "config": {"name": "m", "layers": layers, **ends}}
    held = {name: {f"{name}/embeddings:0": table} for name, table in TABLES.items()}
    path = folder / "m.h5"
    path.write_bytes(hdf5(model, "2.2.4", held))
    made = open_any(path)
    assert isinstance(made, OpenedModel)
    return made


@pytest.mark.parametrize("masked", ["a", "ab"])
@pytest.mark.parametrize(
    ("kind", "made"),
    [
        ("Add", lambda a, b: a + b),
        ("Multiply", lambda a, b: a * b),
        ("Maximum", np.maximum),
        ("Concatenate", lambda a, b: np.concatenate([a, b], axis=-1)),
    ],
)
def test_what_any_source_masks_is_masked_and_no_number_is_another(
    kind: str, made: np.ufunc, masked: str, tmp_path: Path
) -> None:
    model = opened(kind, tmp_path, masked)
    both = made(*(TABLES[name][ROWS[name]] for name in "ab"))
    seen = np.all([ROWS[name] != 0 for name in masked], axis=0)[..., None]
    right = (both * seen).sum(axis=1) / seen.sum(axis=1)
    network, weights = model.network, model.weights
    rows = [ROWS[name].astype(np.float32) for name in "ab"]
    np.testing.assert_allclose(predictions(network.graph, weights.by_name(network), rows)[0], right, atol=1e-6)
    # What is compared with it as Keras's is so, too.
    keras = built.build(network)
    built.set_weights(keras, weights.layers)
    answered = keras_model.predict(keras, np.concatenate(rows, axis=1))
    np.testing.assert_allclose(answered, right, atol=1e-6)


def test_such_a_model_is_no_file_of_todays_keras_unless_its_numbers_are_the_same(tmp_path: Path) -> None:
    model = opened("Multiply", tmp_path, "ab")
    with pytest.raises(Refused, match="masks as today's Keras has them"):
        save_model(tmp_path / "new.keras", model.network, model.weights, None, None)
    with pytest.raises(Refused, match="the same numbers of both files"):
        convert(tmp_path / "m.h5", "new.keras")
    assert "masks_of_keras_2" not in opened("Multiply", tmp_path, "").network.config


UNITS = 2
BOTH_WAYS = {
    f"both/{way}_rnn/{name}:0": drawn(*shape)
    for way in ("forward", "backward")
    for name, shape in (("kernel", (3, UNITS)), ("recurrent_kernel", (UNITS, UNITS)), ("bias", (UNITS,)))
}


def both_ways(version: str, folder: Path) -> OpenedModel:
    """Return what goes over an Embedding in both directions, each step's outputs in a row, saved by such a Keras."""
    within = layer("SimpleRNN", "rnn", units=UNITS, activation="tanh", use_bias=True, return_sequences=True)
    layers = [
        layer("Embedding", "a", input_dim=4, output_dim=3, mask_zero=True, batch_input_shape=[None, 4]),
        layer("Bidirectional", "both", layer=within, merge_mode="concat"),
        layer("TimeDistributed", "each", layer=layer("Activation", "same", activation="linear")),
    ]
    model = {"class_name": "Sequential", "config": {"name": "m", "layers": layers}}
    path = folder / "m.h5"
    path.write_bytes(hdf5(model, version, {"a": {"a/embeddings:0": TABLES["a"]}, "both": BOTH_WAYS, "each": {}}))
    made = open_any(path)
    assert isinstance(made, OpenedModel)
    return made


def by_loop(row: np.ndarray, zeros: bool) -> np.ndarray:
    """Return the outputs of both directions, step by step, as in a plain loop."""
    outputs = []
    for way, order in (("forward", 1), ("backward", -1)):
        kernel, recurrent, bias = (
            BOTH_WAYS[f"both/{way}_rnn/{name}:0"] for name in ("kernel", "recurrent_kernel", "bias")
        )
        state, made = np.zeros(UNITS), []
        for index in row[::order]:
            if index:
                state = np.tanh(TABLES["a"][index] @ kernel + state @ recurrent + bias)
            made.append(state if index or not zeros else np.zeros(UNITS))
        outputs.append(np.array(made)[::order])
    return np.concatenate(outputs, axis=1)


@pytest.mark.parametrize(
    ("version", "zeros"),
    [("1.2.2", False), ("2.2.4", False), ("2.3.1", False), ("2.1.6-tf", False), ("2.2.4-tf", True), ("2.4.0", True)],
)
def test_what_goes_both_ways_leaves_its_outputs_at_masked_steps_as_they_were_before_tf_keras(
    version: str, zeros: bool, tmp_path: Path
) -> None:
    model, row = both_ways(version, tmp_path), np.array([1, 0, 2, 0])
    right = by_loop(row, zeros)
    network, weights = model.network, model.weights
    rows = [row[None].astype(np.float32)]
    np.testing.assert_allclose(predictions(network.graph, weights.by_name(network), rows)[0][0], right, atol=1e-6)
    keras = built.build(network)
    built.set_weights(keras, weights.layers)
    np.testing.assert_allclose(keras_model.predict(keras, rows[0])[0], right.ravel(), atol=1e-6)
    with nullcontext() if zeros else pytest.raises(Refused, match="masks as today's Keras has them"):
        save_model(tmp_path / "new.keras", network, weights, None, None)


@pytest.mark.parametrize("version", ["2.2.4", "2.3.0-tf"])
def test_a_softmax_went_by_no_mask(version: str, tmp_path: Path) -> None:
    layers = [
        layer("Embedding", "a", input_dim=4, output_dim=3, mask_zero=True, batch_input_shape=[None, 4]),
        layer("Softmax", "shares", axis=-1),
        layer("GlobalAveragePooling1D", "mean"),
    ]
    model = {"class_name": "Sequential", "config": {"name": "m", "layers": layers}}
    path, rows = tmp_path / "m.h5", [np.array([[1.0, 0, 2, 0]], np.float32)]
    path.write_bytes(hdf5(model, version, {"a": {"a/embeddings:0": TABLES["a"]}, "shares": {}, "mean": {}}))
    opened = open_any(path)
    assert isinstance(opened, OpenedModel)
    network, weights = opened.network, opened.weights
    shares = np.exp(TABLES["a"]) / np.exp(TABLES["a"]).sum(axis=1, keepdims=True)
    right = (shares[1] + shares[2]) / 2
    np.testing.assert_allclose(predictions(network.graph, weights.by_name(network), rows)[0][0], right, atol=1e-6)
    keras = built.build(network)
    built.set_weights(keras, weights.layers)
    np.testing.assert_allclose(keras_model.predict(keras, rows[0])[0], right, atol=1e-6)
