"""Keras 1's Sequential models that begin with others or have some within them, and its own words for sizes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from core.calculation.running import predictions
from core.model.files.first_config import from_keras_1
from core.model.files.opening import OpenedGraph, open_graph, open_model
from core.model.save_model import save_model
from tests.hdf5_files import drawn, hdf5, layer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Json = dict[str, Any]


def dense(name: str, units: int, inputs: int | None = None, keras: str = "1") -> Json:
    given: Json = {} if inputs is None else {"batch_input_shape": [None, inputs]}
    own: Json = {"units": units} if keras == "2" else {"output_dim": units, "init": "uniform", "bias": True}
    return layer("Dense", name, **given, **own, activation="tanh")


def sequential(*layers: Json) -> Json:
    return {"class_name": "Sequential", "config": list(layers)}


def merge(mode: str, *models: Json, **settings: Any) -> Json:
    return layer("Merge", "merge_1", mode=mode, concat_axis=-1, output_shape=None, **settings, layers=list(models))


def opened(model: Json, arrays: Mapping[str, Mapping[str, np.ndarray]], folder: Path, version: str) -> OpenedGraph:
    path = folder / "model.h5"
    path.write_bytes(hdf5(model, version, arrays))
    return open_graph(path)


@pytest.mark.parametrize("version", ["1.2.2", "2.1.3"])
def test_sequential_models_within_one_had_no_names(version: str, tmp_path: Path) -> None:
    w = {name: (drawn(2, 2), drawn(2)) for name in "abc"}
    one, two, last = (dense(name, 2, inputs, version[0]) for name, inputs in (("a", 2), ("b", 2), ("c", None)))
    model = sequential(sequential(one), sequential(two), last)
    groups = {"sequential_4": "a", "sequential_7": "b", "c": "c"}
    held = {group: {f"{name}_W": w[name][0], f"{name}_b": w[name][1]} for group, name in groups.items()}
    made, x = opened(model, held, tmp_path, version), drawn(3, 2)
    right = x
    for kernel, bias in w.values():
        right = np.tanh(right @ kernel + bias)
    np.testing.assert_allclose(predictions(made.graph, made.weights, [x])[0], right, atol=1e-6)
    kept = open_model(tmp_path / "model.h5")
    save_model(tmp_path / "again.h5", kept.network, kept.weights, kept.recipe, kept.archive)
    assert open_model(tmp_path / "again.h5").weights.equal(kept.weights)


@pytest.mark.parametrize("mode", ["sum", "mul", "concat", "dot"])
def test_a_sequential_model_may_begin_with_others_side_by_side(mode: str, tmp_path: Path) -> None:
    within = sequential(merge("sum", sequential(dense("a", 2, 3)), sequential(dense("b", 2, 2))))
    within["config"][0]["config"]["name"] = "merge_2"
    model = sequential(merge(mode, within, sequential(dense("c", 2, 2)), dot_axes=[1, 1]), dense("d", 1))
    last = {"concat": 4, "dot": 1}.get(mode, 2)
    sizes = {"a": (3, 2), "b": (2, 2), "c": (2, 2), "d": (last, 1)}
    w = {name: (drawn(*size), drawn(size[1])) for name, size in sizes.items()}
    held = {name: {f"{name}_W:0": kernel, f"{name}_b:0": bias} for name, (kernel, bias) in w.items()}
    made = opened(model, held, tmp_path, "1.2.2")
    x = [drawn(4, 3), drawn(4, 2), drawn(4, 2)]
    one, two, three = (np.tanh(given @ w[name][0] + w[name][1]) for name, given in zip("abc", x, strict=True))
    joined = {
        "sum": one + two + three,
        "mul": (one + two) * three,
        "concat": np.concatenate([one + two, three], axis=-1),
        "dot": ((one + two) * three).sum(axis=-1, keepdims=True),
    }[mode]
    right = np.tanh(joined @ w["d"][0] + w["d"][1])
    np.testing.assert_allclose(predictions(made.graph, made.weights, x)[0], right, atol=1e-6)


@pytest.mark.parametrize(
    ("kind", "padding", "right"),
    [
        ("ZeroPadding1D", 2, [2, 2]),
        ("ZeroPadding1D", [1, 0], [1, 0]),
        ("ZeroPadding1D", {"left_pad": 1}, [1, 0]),
        ("ZeroPadding2D", [1, 2], [[1, 1], [2, 2]]),
        ("ZeroPadding2D", [1, 0, 2, 1], [[1, 0], [2, 1]]),
        ("ZeroPadding2D", {"top_pad": 1, "left_pad": 2}, [[1, 0], [2, 0]]),
        ("ZeroPadding3D", [1, 0, 2], [[1, 1], [0, 0], [2, 2]]),
    ],
)
def test_keras_1_said_padding_by_sides_in_four_ways(kind: str, padding: object, right: object) -> None:
    assert from_keras_1(layer(kind, "p", padding=padding))["config"]["padding"] == right


def test_keras_1_had_a_setting_for_every_side_of_a_volume() -> None:
    sides: Json = {"nb_filter": 2, "kernel_dim1": 3, "kernel_dim2": 2, "kernel_dim3": 1, "border_mode": "same"}
    made = from_keras_1(layer("Convolution3D", "c", **sides))
    assert made["class_name"] == "Conv3D"
    assert made["config"]["kernel_size"] == [3, 2, 1] and "kernel_dim1" not in made["config"]
