"""Descriptions that leave something open: whose a class is, which axes are shared, where the arrays are."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import pytest

from core.calculation.running import predictions
from core.errors import Refused
from core.model.files.opening import OpenedGraph, open_graph, open_model
from core.model.weights_file import open_weights
from tests.hdf5_files import CHAIN, CHAIN_FILE, drawn, hdf5, layer
from tui import cli

if TYPE_CHECKING:
    from pathlib import Path


def graph_of(data: bytes, folder: Path) -> OpenedGraph:
    path = folder / "m.h5"
    path.write_bytes(data)
    return open_graph(path)


@pytest.mark.parametrize(
    ("kind", "config", "version", "own"),
    [
        # keras-contrib's goes over the numbers in another order than Keras's of later.
        ("GroupNormalization", {"groups": 2, "axis": -1, "epsilon": 1e-5}, "2.2.4", False),
        ("GroupNormalization", {"groups": 2, "axis": -1, "epsilon": 1e-5}, "2.10.0", False),
        ("GroupNormalization", {"groups": 2, "axis": -1, "epsilon": 1e-5}, "2.11.0", True),
        ("LayerNormalization", {"axis": [1], "epsilon": 1e-3}, "2.2.4", False),
        ("LayerNormalization", {"axis": [1], "epsilon": 1e-3}, "2.2.4-tf", True),
        ("LayerNormalization", {"center": True, "scale": True, "epsilon": 1e-14}, "2.6.0", False),
    ],
)
def test_a_class_that_only_has_the_name_of_one_that_keras_got_later_is_sealed(
    kind: str, config: dict[str, Any], version: str, own: bool, tmp_path: Path
) -> None:
    first = layer("Dense", "d", batch_input_shape=[None, 2], units=4, use_bias=False)
    model = {"class_name": "Sequential", "config": [first, layer(kind, "n", **config)]}
    arrays = {"d": {"d/kernel:0": drawn(2, 4)}, "n": {"n/gamma:0": drawn(4), "n/beta:0": drawn(4)}}
    opened = graph_of(hdf5(model, version, arrays), tmp_path)
    assert bool(opened.stops) != own
    if not own:
        assert "got 'n', a class of the person who saved it" in opened.stops
        assert {weight.name for weight in opened.weights} == {"kernel", "gamma", "beta"}


def test_an_attention_of_the_authors_own_is_sealed(tmp_path: Path) -> None:
    layers = [
        layer("Embedding", "e", batch_input_shape=[None, 4], input_dim=5, output_dim=3),
        layer("Attention", "a", dtype="float32"),
    ]
    arrays = {"e": {"e/embeddings:0": drawn(5, 3)}, "a": {"a/W:0": drawn(3, 1), "a/b:0": drawn(4, 1)}}
    for version in ("2.2.4", "2.4.0"):
        opened = graph_of(hdf5({"class_name": "Sequential", "config": layers}, version, arrays), tmp_path)
        assert "got 'a', a class of the person who saved it" in opened.stops


def test_keras_1_did_not_write_which_axes_a_prelu_shares(tmp_path: Path) -> None:
    point, kernel, alpha = drawn(2, 4), drawn(4, 12), drawn(1, 1, 3)
    layers = [
        layer("Dense", "d", batch_input_shape=[None, 4], output_dim=12, activation="linear", bias=False),
        layer("Reshape", "r", target_shape=[2, 2, 3]),
        layer("PReLU", "p", init="zero"),
    ]
    arrays = {"d": {"d_W": kernel}, "r": {}, "p": {"p_alphas": alpha}}
    model = graph_of(hdf5({"class_name": "Sequential", "config": layers}, "1.2.2", arrays), tmp_path)
    z = (point @ kernel).reshape(-1, 2, 2, 3)
    right = np.where(z > 0, z, alpha * z)
    np.testing.assert_allclose(predictions(model.graph, model.weights, [point])[0], right, atol=1e-5)


def test_a_description_alone_opens_with_zeros_and_is_given_the_arrays_of_a_file(tmp_path: Path) -> None:
    told = {"class_name": "Sequential", "config": [CHAIN], "keras_version": "2.1.3", "backend": "theano"}
    path, whole, new = tmp_path / "model.json", tmp_path / "m.h5", tmp_path / "new.keras"
    path.write_text(json.dumps(told, indent=1))
    whole.write_bytes(CHAIN_FILE)
    model = open_model(path)
    assert model.weights.count == 9 and not any(array.any() for layer in model.weights.layers for array in layer)
    assert model.notes[0].startswith("It is a description without arrays: all its numbers are 0 until it is given")
    assert cli.main(["weights", str(path), "--give", str(whole), "--out", str(new)]) == 0
    again = open_model(new)
    assert again.weights.equal(open_model(whole).weights)
    # What today's Keras describes is known by its modules.
    described = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3, name="d")]).to_json()
    path.write_text(described)
    assert [layer.name for layer in open_model(path).network.layers] == ["d"]


def test_a_description_alone_asks_for_no_more_than_is_allowed(tmp_path: Path) -> None:
    wide = [layer("Dense", "a", batch_input_shape=[None, 20_000], units=20_000), layer("Dense", "b", units=20_000)]
    path = tmp_path / "model.json"
    path.write_text(json.dumps({"class_name": "Sequential", "config": wide, "keras_version": "2.1.3"}))
    with pytest.raises(Refused, match=r"at most 200,000,000 numbers in a model without its arrays.*--limits 5 on the"):
        open_model(path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"architectures": ["Bert"]}', "expected a model as to_json of Keras describes it, got other JSON"),
        ('{"class_name": ', "expected the file as JSON in UTF-8"),
        ('{"class_name": "Functional", "config": {"layers": 3}}', "expected layers as a JSON array"),
    ],
)
def test_other_json_is_refused(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text(text)
    with pytest.raises(Refused, match=said):
        open_model(path)
    with pytest.raises(Refused, match="expected arrays, got a model's description in JSON, which has none"):
        open_weights(path)


def test_metrics_and_losses_as_keras_2_wrote_them_are_followed(tmp_path: Path) -> None:
    wrapped = [
        {
            "class_name": "MeanMetricWrapper",
            "config": {"name": "accuracy", "dtype": "float32", "fn": "binary_accuracy"},
        },
        {"class_name": "MeanMetricWrapper", "config": {"name": "f1", "dtype": "float32", "fn": "f1_metric"}},
        {"class_name": "MeanMetricWrapper", "config": {"name": "mae", "fn": "mean_absolute_error"}},
        {"class_name": "AUC", "config": {"name": "auc", "dtype": "float32"}},
    ]
    loss = {"class_name": "BinaryCrossentropy", "config": {"reduction": "auto", "from_logits": True, "axis": -1}}
    settings = {"learning_rate": 0.25, "use_ema": False, "ema_overwrite_frequency": 100, "jit_compile": True}
    compiled = {
        "optimizer_config": {"class_name": "RMSprop", "config": settings}, "loss": loss, "metrics": [wrapped],
    }  # fmt: skip
    chain = {"class_name": "Sequential", "config": [{**CHAIN, "config": {**CHAIN["config"], "units": 1}}]}
    arrays = {"hidden": {"hidden/kernel:0": drawn(2, 1), "hidden/bias:0": drawn(1)}}
    path = tmp_path / "m.h5"
    path.write_bytes(hdf5(chain, "2.13.1", arrays, training_config=json.dumps(compiled)))
    opened = open_model(path)
    assert opened.recipe is not None and opened.recipe.loss == "binary_crossentropy"
    assert opened.recipe.optimizer == "rmsprop" and opened.recipe.learning_rate == 0.25
    assert {"auc", "mean_absolute_error"} <= {entry.partition("=")[0] for entry in opened.recipe.metrics}
    assert [note for note in opened.notes if note.startswith("The file's")] == [
        "The file's metrics 'f1_metric' are kept, not counted here."
    ]
