"""TensorFlow's functions between Keras 2's layers, spelled as it wrote them, against what NumPy makes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from core.calculation.running import predictions
from core.engine.built import build
from core.model.files.opening import OpenedGraph, OpenedModel, open_any
from tests.hdf5_files import drawn, hdf5
from tui import cli

if TYPE_CHECKING:
    from pathlib import Path

X, Y = drawn(2, 3, 4), drawn(2, 3, 4)
WHOLE = {"start": None, "stop": None, "step": None}


def given(name: str) -> dict[str, Any]:
    config = {"name": name, "batch_input_shape": [None, 3, 4], "dtype": "float32", "sparse": False}
    return {"class_name": "InputLayer", "config": config, "name": name, "inbound_nodes": []}


def described(layers: list[Any], *ends: str) -> dict[str, Any]:
    config = {"name": "m", "layers": [given("x"), given("y"), *layers], "input_layers": [["x", 0, 0], ["y", 0, 0]]}
    return {"class_name": "Functional", "config": {**config, "output_layers": [[end, 0, 0] for end in ends]}}


def opened(folder: Path, layers: list[Any], version: str, *ends: str) -> OpenedModel | OpenedGraph:
    path = folder / "m.h5"
    path.write_bytes(hdf5(described(layers, *ends), version, {}))
    return open_any(path)


def function(of: str, node: Any, name: str = "f") -> dict[str, Any]:
    kind = "SlicingOpLambda" if "getitem" in of else "TFOpLambda"
    config = {"name": name, "trainable": True, "dtype": "float32", "function": of}
    return {"class_name": kind, "config": config, "name": name, "inbound_nodes": [node]}


def of_x(**named: Any) -> list[Any]:
    return ["x", 0, 0, named]


def both(**named: Any) -> list[Any]:
    return [["x", 0, 0, named], ["y", 0, 0, named]]


def softmax(z: np.ndarray, axis: int) -> Any:
    powers = np.exp(z)
    return powers / powers.sum(axis, keepdims=True)


FUNCTIONS: dict[str, tuple[str, list[Any], Any]] = {
    "sum": ("math.reduce_sum", of_x(axis=1, keepdims=True), X.sum(1, keepdims=True)),
    "mean": ("math.reduce_mean", of_x(axis=[1, 2]), X.mean((1, 2)).reshape(2, 1)),
    "power": ("math.pow", of_x(y=2, name=None), X**2),
    "array": ("math.multiply", of_x(y=[1.0, 2.0, 3.0, 4.0]), X * [1.0, 2.0, 3.0, 4.0]),
    "array with points": ("math.multiply", of_x(y=[[[1.0], [2.0], [3.0]]]), X * [[1.0], [2.0], [3.0]]),
    "bias": ("nn.bias_add", of_x(bias=[1.0, 0.0, 2.0, 3.0], data_format="NHWC"), X + np.array([1.0, 0.0, 2.0, 3.0])),
    "relu6": ("nn.relu6", of_x(name=None), np.clip(X, 0, 6)),
    "leaky": ("nn.leaky_relu", of_x(alpha=0.1), np.where(X > 0, X, 0.1 * X)),
    "usual leaky": ("nn.leaky_relu", of_x(), np.where(X > 0, X, 0.2 * X)),
    "softmax": ("nn.softmax", of_x(axis=1), softmax(X, 1)),
    "concat": ("concat", both(axis=1), np.concatenate([X, Y], 1)),
    "stack": ("stack", both(axis=1), np.stack([X, Y], 1)),
    "split": ("split", of_x(num_or_size_splits=[1, 3], axis=2), X[..., :1]),
    "equal split": ("split", of_x(num_or_size_splits=3, axis=1), X[:, :1]),
    "reshape": ("reshape", of_x(shape=[-1, 12]), X.reshape(2, 12)),
    "transpose": ("compat.v1.transpose", of_x(perm=[0, 2, 1], conjugate=False, name="t"), X.transpose(0, 2, 1)),
    "length": ("math.l2_normalize", of_x(axis=-1), X / np.linalg.norm(X, axis=-1, keepdims=True)),
    "matmul": ("linalg.matmul", of_x(b=["y", 0, 0], transpose_b=True), X @ Y.transpose(0, 2, 1)),
    "matmul turned": ("linalg.matmul", of_x(b=["y", 0, 0], transpose_a=True), X.transpose(0, 2, 1) @ Y),
    "pad": ("compat.v1.pad", of_x(paddings=[[0, 0], [1, 0], [0, 0]], mode="CONSTANT", constant_values=0),
            np.pad(X, [[0, 0], [1, 0], [0, 0]])),
    "reflected": ("compat.v1.pad", of_x(paddings=[[0, 0], [1, 2], [0, 0]], mode="REFLECT", constant_values=0),
                  np.pad(X, [[0, 0], [1, 2], [0, 0]], mode="reflect")),
    "clip": ("clip_by_value", of_x(clip_value_min=-0.5, clip_value_max=0.5), X.clip(-0.5, 0.5)),
    "gather": ("compat.v1.gather", of_x(indices=1, validate_indices=None, axis=1, batch_dims=0), X[:, 1]),
    "first": ("__operators__.getitem", of_x(slice_spec=[WHOLE, 0]), X[:, 0]),
    "backwards": ("__operators__.getitem",
                  of_x(slice_spec=[{"class_name": "__ellipsis__"}, {**WHOLE, "step": -1}]), X[..., ::-1]),
    "new axis": ("__operators__.getitem", of_x(slice_spec=[WHOLE, None, WHOLE]), X[:, None]),
    "where": ("where", of_x(x=["y", 0, 0], y=0.5), np.where(X != 0, Y, 0.5)),
    "argmax": ("math.argmax", of_x(axis=-1, output_type="int64"), X.argmax(-1)),
    "first argmax": ("compat.v1.argmax", of_x(dimension=2), X.argmax(2)),
    "argmin": ("argmin", of_x(axis=1), X.argmin(1)),
    "cumsum": ("math.cumsum", of_x(axis=1, exclusive=False), X.cumsum(1)),
    "norm": ("norm", of_x(ord="euclidean", axis=-1), np.linalg.norm(X, axis=-1)),
    "first norm": ("norm", of_x(ord=1, axis=1, keepdims=True), np.abs(X).sum(1, keepdims=True)),
    "all": ("math.reduce_all", of_x(axis=1), np.ones((2, 4))),
    "sin": ("math.sin", of_x(), np.sin(X)),
    "floor": ("floor", of_x(), np.floor(X)),
    "log1p": ("math.log1p", of_x(), np.log1p(np.where(X > -1, X, np.nan))),
    "cast": ("cast", of_x(dtype="float32"), X),
}  # fmt: skip


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_is_what_numpy_makes_of_it(name: str, tmp_path: Path) -> None:
    of, node, right = FUNCTIONS[name]
    model = opened(tmp_path, [function(of, node)], "2.11.0", "f")
    assert isinstance(model, OpenedModel), model.stops
    made = predictions(model.network.graph, {}, [X, Y])[0]
    np.testing.assert_allclose(np.reshape(made, right.shape), right, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("of", "node"),
    [
        ("math.floordiv", of_x(y=2.0)),
        ("math.cumsum", of_x(axis=1, exclusive=True)),
        ("nn.relu6", of_x(features="more")),
        ("__operators__.getitem", of_x(slice_spec=[WHOLE, {"start": ["y", 0, 0]}])),
        ("os.system", of_x(command="true")),
    ],
)
def test_one_that_is_not_known_or_means_more_is_sealed_and_named(of: str, node: list[Any], tmp_path: Path) -> None:
    model = opened(tmp_path, [function(of, node)], "2.11.0", "f")
    assert isinstance(model, OpenedGraph)
    assert f"got 'f', of TensorFlow's function {of!r}, which is not followed" in model.stops


def test_a_shape_that_is_found_out_while_it_runs_stops_the_calculation(tmp_path: Path) -> None:
    model = opened(tmp_path, [function("reshape", of_x(shape=[["y", 0, 0], 12]))], "2.11.0", "f")
    assert isinstance(model, OpenedGraph) and "got 'f', called with more than outputs of layers" in model.stops


def node_def(name: str, kind: str, sources: list[str], **more: Any) -> dict[str, Any]:
    node = {"name": name, "op": kind, "input": ["x", "y"], "attr": {"T": {"type": "DT_FLOAT"}, **more.pop("attr", {})}}
    config = {"name": name, "trainable": True, "dtype": "float32", "node_def": node, "constants": more}
    calls = [[[one, 0, 0, {}] for one in sources]]
    return {"class_name": "TensorFlowOpLayer", "config": config, "name": f"tf_op_layer_{name}", "inbound_nodes": calls}


NODES: dict[str, tuple[dict[str, Any], Any]] = {
    "add": (node_def("n", "AddV2", ["x", "y"]), X + Y),
    "from one": (node_def("n", "Sub", ["x"], **{"0": 1.0}), 1 - X),
    "times": (node_def("n", "Mul", ["x"], **{"1": 0.5}), X * 0.5),
    "mean": (node_def("n", "Mean", ["x"], attr={"keep_dims": {"b": True}}, **{"1": 1}), X.mean(1, keepdims=True)),
    "rows": (node_def("n", "Reshape", ["x"], **{"1": [-1, 12]}), X.reshape(2, 12)),
    "joined": (node_def("n", "ConcatV2", ["x", "y"], **{"2": 2}), np.concatenate([X, Y], 2)),
    "stacked": (node_def("n", "Pack", ["x", "y"], attr={"axis": {"i": "1"}}), np.stack([X, Y], 1)),
    "relu6": (node_def("n", "Relu6", ["x"]), X.clip(0, 6)),
    "products": (node_def("n", "BatchMatMulV2", ["x", "y"], attr={"adj_x": {"b": False}, "adj_y": {"b": True}}),
                 X @ Y.transpose(0, 2, 1)),
    "first": (node_def("n", "StridedSlice", ["x"], attr={"begin_mask": {"i": "1"}, "end_mask": {"i": "1"},
                       "shrink_axis_mask": {"i": "2"}}, **{"1": [0, 0], "2": [0, 1], "3": [1, 1]}), X[:, 0]),
    "some": (node_def("n", "StridedSlice", ["x"], attr={"begin_mask": {"i": "1"}, "end_mask": {"i": "3"}},
                      **{"1": [0, 1], "2": [0, 0], "3": [1, 2]}), X[:, 1::2]),
}  # fmt: skip


@pytest.mark.parametrize("name", NODES)
def test_an_operation_of_tensorflows_graph_is_what_numpy_makes_of_it(name: str, tmp_path: Path) -> None:
    entry, right = NODES[name]
    model = opened(tmp_path, [entry], "2.3.0-tf", "tf_op_layer_n")
    assert isinstance(model, OpenedModel), model.stops
    made = predictions(model.network.graph, {}, [X, Y])[0]
    np.testing.assert_allclose(np.reshape(made, right.shape), right, rtol=1e-5, atol=1e-6)


def test_an_operation_that_is_not_known_has_the_name_that_it_is_called_by(tmp_path: Path) -> None:
    entry = node_def("n", "TopKV2", ["x"], **{"1": 2})
    model = opened(tmp_path, [entry, function("nn.relu", ["tf_op_layer_n", 0, 0, {}])], "2.3.0-tf", "f")
    assert isinstance(model, OpenedGraph)
    assert "got 'tf_op_layer_n', of the class TensorFlowOpLayer, which is not followed yet" in model.stops


def test_functions_become_todays_operations(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, new = tmp_path / "m.h5", tmp_path / "new.keras"
    layers = [
        function("math.multiply", of_x(y=[[[1.0, 2.0, 3.0, 4.0]]]), "a"),
        function("__operators__.getitem", ["a", 0, 0, {"slice_spec": [WHOLE, {**WHOLE, "start": 1}]}], "b"),
        function("math.subtract", ["_CONSTANT_VALUE", -1, 1.0, {"y": ["b", 0, 0], "name": None}], "c"),
    ]
    path.write_bytes(hdf5(described(layers, "c"), "2.11.0", {}))
    assert cli.main(["convert", str(path), str(new), "--check"]) == 0, capsys.readouterr().err


def test_an_array_is_added_along_its_own_axis_where_keras_3_would_take_it_for_a_bias(tmp_path: Path) -> None:
    column = [[1.0], [2.0], [3.0]]
    square = function("linalg.matmul", ["x", 0, 0, {"b": ["y", 0, 0], "transpose_b": True}], "square")
    added = function("__operators__.add", ["square", 0, 0, {"y": column, "name": None}], "added")
    model = opened(tmp_path, [square, added], "2.15.0", "added")
    assert isinstance(model, OpenedModel)
    made = predictions(model.network.graph, {}, [X, Y])[0]
    np.testing.assert_allclose(made, X @ Y.transpose(0, 2, 1) + np.array(column), rtol=1e-5, atol=1e-6)
    again = build(model.network)(np.concatenate([X.reshape(2, -1), Y.reshape(2, -1)], axis=1))
    np.testing.assert_allclose(np.asarray(again).reshape(made.shape), made, rtol=1e-5, atol=1e-5)
