"""Classes that only their names tell of: layers of Keras's own applications, and models of somebody's own class."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import pytest

from core.calculation.running import predictions
from core.model.files.opening import OpenedGraph, OpenedModel, open_any
from tests.hdf5_files import drawn, hdf5, layer
from tui import cli

if TYPE_CHECKING:
    from pathlib import Path

X, GAMMA = drawn(2, 3, 4), drawn(4)
GIVEN = layer("InputLayer", "x", [], batch_input_shape=[None, 3, 4])


def described(scale: dict[str, Any]) -> dict[str, Any]:
    own = {"name": "m", "input_layers": [["x", 0, 0]], "output_layers": [[scale["name"], 0, 0]]}
    return {"class_name": "Functional", "config": {**own, "layers": [GIVEN, scale]}}


def scaled(name: str, **more: Any) -> dict[str, Any]:
    return {**layer("LayerScale", name, [[["x", 0, 0, {}]]], init_values=1e-6, projection_dim=4), **more}


@pytest.mark.parametrize(
    ("name", "own"), [("convnext_tiny_stage_0_block_0_layer_scale", False), ("layer_scale_1", True)]
)
def test_layers_of_convnext_in_hdf5_are_known_by_their_names(name: str, own: bool, tmp_path: Path) -> None:
    path = tmp_path / "m.h5"
    path.write_bytes(hdf5(described(scaled(name)), "2.11.0", {"x": {}, name: {f"{name}/gamma:0": GAMMA}}))
    opened = open_any(path)
    if own:
        assert isinstance(opened, OpenedGraph) and "a class of the person who saved it" in opened.stops
        return
    assert isinstance(opened, OpenedModel)
    arrays = opened.weights.by_name(opened.network)
    np.testing.assert_allclose(predictions(opened.network.graph, arrays, [X])[0], X * GAMMA, rtol=1e-6)


@pytest.mark.parametrize("module", ["keras.src.applications.convnext", "tf_keras.src.applications.convnext", "theirs"])
def test_layers_of_convnext_in_a_zip_are_known_by_their_module(module: str, tmp_path: Path) -> None:
    held, zipped = io.BytesIO(), io.BytesIO()
    with h5py.File(held, "w") as file:
        file["layers/layer_scale/vars/0"] = GAMMA
    entry = scaled("convnext_layer_scale", module=module, registered_name="LayerScale")
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("metadata.json", json.dumps({"keras_version": "2.15.0"}))
        archive.writestr("config.json", json.dumps(described(entry)))
        archive.writestr("model.weights.h5", held.getvalue())
    path = tmp_path / "m.keras"
    path.write_bytes(zipped.getvalue())
    assert isinstance(open_any(path), OpenedGraph if module == "theirs" else OpenedModel)


def test_the_sum_of_inception_resnet_is_known_under_both_of_its_names(tmp_path: Path) -> None:
    for kind in ("CustomScaleLayer", "Custom>CustomScaleLayer"):
        calls = [[["x", 0, 0, {}], ["x", 0, 0, {}]]]
        entry = layer(kind, "custom_scale_layer", calls, scale=0.25)
        path = tmp_path / "m.h5"
        path.write_bytes(hdf5(described(entry), "2.15.0", {}))
        opened = open_any(path)
        assert isinstance(opened, OpenedModel), opened.stops
        np.testing.assert_allclose(predictions(opened.network.graph, {}, [X])[0], 1.25 * X, rtol=1e-6)


def test_keras_by_itself_had_another_bilinear(tmp_path: Path) -> None:
    up = layer("UpSampling2D", "up", size=[2, 2], interpolation="bilinear", batch_input_shape=[None, 2, 2, 1])
    for version, follows in (("2.2.4", False), ("2.3.0-tf", True)):
        path = tmp_path / "m.h5"
        path.write_bytes(hdf5({"class_name": "Sequential", "config": [up]}, version, {"up": {}}))
        opened = open_any(path)
        assert isinstance(opened, OpenedModel if follows else OpenedGraph)
        assert (
            not isinstance(opened, OpenedGraph)
            or "with interpolation 'bilinear of Keras 2', which is not followed yet" in opened.stops
        )


OWN = {"class_name": "Upscaler", "config": described(layer("ReLU", "r", [[["x", 0, 0, {}]]]))["config"]}


def test_a_model_of_an_own_class_that_has_its_layers_opens_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "m.h5"
    path.write_bytes(hdf5(OWN, "2.11.0", {}))
    opened = open_any(path)
    assert isinstance(opened, OpenedModel)
    assert any(note.startswith("It is of the class 'Upscaler' of the person who saved it") for note in opened.notes)
    np.testing.assert_allclose(predictions(opened.network.graph, {}, [X])[0], np.maximum(X, 0), rtol=1e-6)


@pytest.mark.limited
def test_of_a_model_whose_layers_are_only_in_its_code_the_arrays_are_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    held, zipped, path = io.BytesIO(), io.BytesIO(), tmp_path / "m.keras"
    with h5py.File(held, "w") as file:
        file["hidden/vars/0"], file["hidden/vars/1"] = X[0], GAMMA
    entry = {"class_name": "Wide", "config": {"units": 3}, "module": None, "registered_name": "Wide"}
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("metadata.json", json.dumps({"keras_version": "3.5.0"}))
        archive.writestr("config.json", json.dumps(entry))
        archive.writestr("model.weights.h5", held.getvalue())
    path.write_bytes(zipped.getvalue())
    assert cli.main(["summary", str(path)]) == 0
    assert "hidden" in capsys.readouterr().out
    assert cli.main(["weights", str(path), "hidden", "--array", "vars/1"]) == 0
    assert cli.main(["predict", str(path), "--x", "1"]) == 1
    said = capsys.readouterr().err
    assert (
        "got one of the class 'Wide' of the person who saved it, whose code is not in the file; byhand summary" in said
    )
