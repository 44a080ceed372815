"""Layers that Keras 1 and 2 had and today's Keras has not, spelled as they wrote them, against their formulas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from core.calculation.running import predictions
from core.engine.built import build, set_weights
from core.errors import Refused
from core.model.files.opening import OpenedGraph, OpenedModel, open_any, open_model
from core.model.save_model import save_model
from tests.hdf5_files import drawn, hdf5, layer
from tui import cli

if TYPE_CHECKING:
    from pathlib import Path

X, STEPS, IMAGE = drawn(2, 4), drawn(2, 5, 2), drawn(2, 4, 5, 2)
W, GATE, B, GATE_B = drawn(4, 4), drawn(4, 4), drawn(4), drawn(4)
MAXOUT, MAXOUT_B = drawn(3, 4, 2), drawn(3, 2)
ALONG, ALONG_B = drawn(2, 6, 3), drawn(2, 3)
OVER, OVER_B = drawn(6, 8, 3), drawn(3, 2, 3)


BENT = drawn(4, 2)


def bent() -> Any:
    left, below, width, above = BENT
    right = left + np.abs(width)
    kept = np.clip(STEPS, left, right)
    return kept + np.where(right < STEPS, above, below) * (STEPS - kept)


def sigmoid(z: np.ndarray) -> Any:
    return 1 / (1 + np.exp(-z))


def highway() -> Any:
    gate = sigmoid(X @ GATE + GATE_B)
    return gate * np.tanh(X @ W + B) + (1 - gate) * X


def along() -> Any:
    seen = np.stack([STEPS[:, at : at + 3].reshape(2, -1) for at in (0, 2)], axis=1)
    return np.einsum("bps,psf->bpf", seen, ALONG) + ALONG_B


def over() -> Any:
    seen = [IMAGE[:, y : y + 2, x : x + 2].reshape(2, -1) for y in range(3) for x in (0, 2)]
    return (np.einsum("pbs,psf->bpf", np.stack(seen), OVER)).reshape(2, 3, 2, 3) + OVER_B


OF_1: dict[str, Any] = {"input_dim": None, "W_regularizer": None, "activity_regularizer": None, "init": "uniform"}
FILES: dict[str, tuple[str, dict[str, Any], dict[str, Any], Any, Any]] = {
    "highway": (
        "1.2.2",
        layer("Highway", "l", batch_input_shape=[None, 4], activation="tanh", bias=True, transform_bias=-2, **OF_1),
        {"l_W": W, "l_W_carry": GATE, "l_b": B, "l_b_carry": GATE_B},
        X, highway(),
    ),
    "maxout": (
        "1.2.2",
        layer("MaxoutDense", "l", batch_input_shape=[None, 4], output_dim=2, nb_feature=3, bias=True, **OF_1),
        {"l_W": MAXOUT, "l_b": MAXOUT_B},
        X, (np.einsum("bi,niu->bnu", X, MAXOUT) + MAXOUT_B).max(1),
    ),
    "softplus": (
        "1.2.2",
        layer("ParametricSoftplus", "l", batch_input_shape=[None, 4], alpha_init=0.25, beta_init=5.0),
        {"l_alphas": B, "l_betas": GATE_B},
        X, B * np.log1p(np.exp(GATE_B * X)),
    ),
    "bent": (
        "1.2.2",
        layer("SReLU", "l", batch_input_shape=[None, 5, 2], t_left_init="zero", a_left_init="glorot_uniform",
              t_right_init="glorot_uniform", a_right_init="one"),
        {"l_t_left": BENT[:1], "l_a_left": BENT[1:2], "l_t_right": -np.abs(BENT[2:3]), "l_a_right": BENT[3:4]},
        STEPS, bent(),
    ),
    "along, by Keras 1": (
        "1.2.2",
        layer("LocallyConnected1D", "l", batch_input_shape=[None, 5, 2], nb_filter=3, filter_length=3, bias=True,
              subsample_length=2, border_mode="valid", activation="linear", input_length=None, **OF_1),
        {"l_W": ALONG, "l_b": ALONG_B},
        STEPS, along(),
    ),
    "along": (
        "2.2.4",
        layer("LocallyConnected1D", "l", batch_input_shape=[None, 5, 2], filters=3, kernel_size=[3], strides=[2],
              padding="valid", data_format="channels_last", activation="linear", use_bias=True),
        {"l/kernel:0": ALONG, "l/bias:0": ALONG_B},
        STEPS, along(),
    ),
    "over": (
        "2.15.0",
        layer("LocallyConnected2D", "l", batch_input_shape=[None, 4, 5, 2], filters=3, kernel_size=[2, 2],
              strides=[1, 2], padding="valid", activation="linear", use_bias=True, implementation=1),
        {"l/kernel:0": OVER, "l/bias:0": OVER_B},
        IMAGE, over(),
    ),
}  # fmt: skip


def opened(name: str, folder: Path, **more: Any) -> tuple[Path, OpenedModel | OpenedGraph]:
    version, entry, arrays, _, _ = FILES[name]
    entry = {**entry, "config": {**entry["config"], **more}}
    path = folder / "m.h5"
    path.write_bytes(hdf5({"class_name": "Sequential", "config": [entry]}, version, {"l": arrays}))
    return path, open_any(path)


@pytest.mark.parametrize("name", FILES)
def test_it_is_calculated_by_its_formula_and_keras_is_given_it(name: str, tmp_path: Path) -> None:
    *_, points, right = FILES[name]
    path, model = opened(name, tmp_path)
    assert isinstance(model, OpenedModel), model.stops
    made = predictions(model.network.graph, model.weights.by_name(model.network), [points])[0]
    np.testing.assert_allclose(made, right, atol=1e-5)
    again = build(model.network)
    set_weights(again, model.weights.layers)
    np.testing.assert_allclose(np.reshape(again(points.reshape(2, -1)), right.shape), right, atol=1e-5)
    changed = model.weights.with_number(0, 0, (0,) * model.weights.layers[0][0].ndim, 5.0)
    save_model(path, model.network, changed, None, model.archive)
    assert open_model(path).weights.equal(changed)
    with pytest.raises(Refused, match="which it has no more; save it as"):
        save_model(tmp_path / "new.keras", model.network, model.weights, None, None)


def test_it_is_not_converted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, _ = opened("highway", tmp_path)
    assert cli.main(["convert", str(path), str(tmp_path / "new.keras")]) == 1
    assert "got 'l' (Highway), which it has no more: there is nothing to convert it into" in capsys.readouterr().err


def test_a_class_of_that_name_in_a_later_file_is_a_persons_own(tmp_path: Path) -> None:
    for version, kind in (("2.2.4", "Highway"), ("3.8.0", "LocallyConnected2D")):
        entry = layer(kind, "l", batch_input_shape=[None, 4], activation="tanh")
        path = tmp_path / "m.h5"
        path.write_bytes(
            hdf5({"class_name": "Sequential", "config": {"name": "s", "layers": [entry]}}, version, {"l": {}})
        )
        model = open_any(path)
        assert isinstance(model, OpenedGraph) and "got 'l', a class of the person who saved it" in model.stops


def test_another_layout_of_a_locally_connected_ones_arrays_is_sealed(tmp_path: Path) -> None:
    _, model = opened("over", tmp_path, implementation=2)
    assert isinstance(model, OpenedGraph) and "with implementation 2, which is not followed yet" in model.stops


@pytest.mark.parametrize(
    ("padding", "end", "more"),
    [("valid", 14, [1, 1]), ("valid", 13, None), ("same", 12, None), ("same", 11, [0, 0])],
)
def test_a_deconvolution_of_keras_1_says_its_outputs_shape(padding: str, end: int, more: Any, tmp_path: Path) -> None:
    entry = layer(
        "Deconvolution2D", "l", batch_input_shape=[None, 6, 6, 2], nb_filter=3, nb_row=3, nb_col=3, dim_ordering="tf",
        output_shape=[None, end, end, 3], border_mode=padding, subsample=[2, 2], activation="linear", bias=False,
    )  # fmt: skip
    kernel, points = drawn(3, 3, 2, 3), drawn(1, 6, 6, 2)
    path = tmp_path / "m.h5"
    path.write_bytes(hdf5({"class_name": "Sequential", "config": [entry]}, "1.2.2", {"l": {"l_W": kernel}}))
    model = open_any(path)
    assert isinstance(model, OpenedModel), model.stops
    assert getattr(model.network.layers[0], "output_padding", None) == (tuple(more) if more else None)
    whole = np.zeros((1, 15, 15, 3))
    for y in range(6):
        for x in range(6):
            whole[:, 2 * y : 2 * y + 3, 2 * x : 2 * x + 3] += np.einsum("bc,ijcf->bijf", points[:, y, x], kernel)
    # What "same" takes away is what the convolution from that size pads.
    before = max((6 - 1) * 2 + 3 - end, 0) // 2 if padding == "same" else 0
    right = whole[:, before : before + end, before : before + end]
    made = predictions(model.network.graph, model.weights.by_name(model.network), [points])[0]
    np.testing.assert_allclose(made, right, atol=1e-5)
