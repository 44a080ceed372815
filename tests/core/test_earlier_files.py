"""Models that Keras 1 and 2 saved, spelled out here as they wrote them: opened, calculated, saved anew; and damaged."""

from __future__ import annotations

import io
import json
import random
import zipfile
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import pytest

from core.calculation.running import predictions
from core.errors import Refused
from core.layers.convolution import Conv1D
from core.layers.writer import Weight
from core.model.archive import whole
from core.model.archive.protocol import Parts, Refusal
from core.model.files.opening import OpenedGraph, OpenedModel, open_any, open_graph, open_model
from core.model.save_model import save_model
from tests.hdf5_files import BIAS, CHAIN, CHAIN_FILE, CHAIN_MAKES, KERNEL, POINTS, drawn, hdf5, layer
from tests.reading import answer_on_model
from tui import cli

if TYPE_CHECKING:
    from pathlib import Path


def at(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.limited
@pytest.mark.parametrize("name", ["model.h5", "model.hdf5", "model.keras"])
def test_a_chain_in_hdf5_opens_whatever_its_name_and_is_saved_as_a_keras_file(name: str, tmp_path: Path) -> None:
    opened = open_model(at(tmp_path, name, CHAIN_FILE))
    assert opened.network.on_one_page
    assert "saved by Keras 2.1.3" in opened.notes[0]
    made = predictions(opened.network.graph, opened.weights.by_name(opened.network), [POINTS])[0]
    np.testing.assert_allclose(made, CHAIN_MAKES, rtol=1e-6)
    save_model(tmp_path / "new.keras", opened.network, opened.weights, opened.recipe, opened.archive)
    again = open_model(tmp_path / "new.keras")
    assert again.weights.equal(opened.weights) and again.network == opened.network


def test_the_commands_take_a_model_in_hdf5(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, given, taken = at(tmp_path, "m.h5", CHAIN_FILE), tmp_path / "in.npz", tmp_path / "out.npz"
    np.savez(given, x0=POINTS)
    assert cli.main(["predict", str(path), "--x", str(given), "--out", str(taken)]) == 0
    with np.load(taken) as held:
        np.testing.assert_allclose(held["y0"], CHAIN_MAKES, rtol=1e-6)
    assert cli.main(["summary", str(path)]) == 0
    assert "hidden" in capsys.readouterr().out


def test_arrays_that_hdf5_packed_are_read_and_written_as_they_are(tmp_path: Path) -> None:
    path = at(tmp_path, "m.h5", CHAIN_FILE)
    with h5py.File(path, "r+") as file:
        group = file["model_weights/hidden/hidden"]
        for name in ("kernel:0", "bias:0"):
            values = group[name][()]
            del group[name]
            group.create_dataset(name, data=values, compression="gzip", shuffle=True, fletcher32=True)
    opened = open_model(path)
    made = predictions(opened.network.graph, opened.weights.by_name(opened.network), [POINTS])[0]
    np.testing.assert_allclose(made, CHAIN_MAKES, rtol=1e-6)
    changed = opened.weights.with_number(0, 0, (0, 1), 2.5)
    save_model(path, opened.network, changed, opened.recipe, opened.archive)
    assert open_model(path).weights.equal(changed)
    with h5py.File(path) as file:
        assert file["model_weights/hidden/hidden/kernel:0"].compression == "gzip"


@pytest.mark.parametrize("config", [b"\xef\xbb\xbf{}", "{}".encode("utf-16"), b"{"])
def test_a_member_that_is_no_json_is_named(config: bytes, tmp_path: Path) -> None:
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("metadata.json", json.dumps({"keras_version": "3.1.0"}))
        archive.writestr("config.json", config)
        archive.writestr("model.weights.h5", CHAIN_FILE)
    with pytest.raises(Refused, match=r"expected config\.json as JSON in UTF-8"):
        open_model(at(tmp_path, "m.keras", zipped.getvalue()))


def graph_of(data: bytes, folder: Path) -> OpenedGraph:
    return open_graph(at(folder, "model.h5", data))


def old_hard_sigmoid(z: np.ndarray) -> np.ndarray:
    return np.clip(0.2 * z + 0.5, 0.0, 1.0)


def lstm(x: np.ndarray, kernel: np.ndarray, recurrent: np.ndarray, bias: np.ndarray) -> np.ndarray:
    hidden = cell = np.zeros((len(x), recurrent.shape[0]))
    for step in range(x.shape[1]):
        i, f, c, o = np.split(x[:, step] @ kernel + hidden @ recurrent + bias, 4, axis=-1)
        cell = old_hard_sigmoid(f) * cell + old_hard_sigmoid(i) * np.tanh(c)
        hidden = old_hard_sigmoid(o) * np.tanh(cell)
    return np.asarray(hidden)


def test_keras_1_has_an_array_for_every_gate_and_its_own_hard_sigmoid(tmp_path: Path) -> None:
    gates = {gate: (drawn(3, 2), drawn(2, 2), drawn(2)) for gate in "icfo"}
    arrays = {f"lstm_{part}_{gate}": one for gate in "icfo" for part, one in zip("WUb", gates[gate], strict=True)}
    config = layer(
        "LSTM", "lstm", batch_input_shape=[None, 5, 3], output_dim=2, init="glorot_uniform", inner_init="orthogonal",
        activation="tanh", inner_activation="hard_sigmoid", consume_less="cpu", dropout_W=0.0, dropout_U=0.0,
        input_dim=3, return_sequences=False, go_backwards=False, W_regularizer=None,
    )  # fmt: skip
    data = hdf5({"class_name": "Sequential", "config": [config]}, "1.2.2", {"lstm": arrays})
    model, points = graph_of(data, tmp_path), drawn(2, 5, 3)
    joined = [np.concatenate([gates[gate][at] for gate in "ifco"], axis=-1) for at in range(3)]
    np.testing.assert_allclose(predictions(model.graph, model.weights, [points])[0], lstm(points, *joined), atol=1e-6)
    held = whole.read_archive(data)
    assert any("0.2 x + 0.5" in note for note in held.notes)
    with pytest.raises(Refused, match="activations that today's Keras has"):
        save_model(tmp_path / "new.keras", held.network, held.weights, None, None)


def test_cells_upon_each_other_are_as_the_keras_that_saved_them_had_them(tmp_path: Path) -> None:
    cells = [
        layer("LSTMCell", f"cell_{at}", units=2, activation="tanh", recurrent_activation="hard_sigmoid")
        for at in (1, 2)
    ]
    stacked = layer("StackedRNNCells", "stacked", cells=cells)
    config = layer("RNN", "rnn", batch_input_shape=[None, 4, 3], cell=stacked, return_sequences=False)
    first, second = ((drawn(size, 8), drawn(2, 8), drawn(8)) for size in (3, 2))
    held = {
        f"rnn/{name}_{at}:0": one
        for at, cell in enumerate((first, second))
        for name, one in zip("kub", cell, strict=True)
    }
    data = hdf5({"class_name": "Sequential", "config": [config]}, "2.2.4", {"rnn": held})
    model, points = graph_of(data, tmp_path), drawn(2, 4, 3)
    below = np.stack([lstm(points[:, : step + 1], *first) for step in range(4)], axis=1)
    right = lstm(below, *second)
    np.testing.assert_allclose(predictions(model.graph, model.weights, [points])[0], right, atol=1e-6)


def test_layers_that_change_images_in_a_training_may_say_how_keras_2_drew(tmp_path: Path) -> None:
    config = layer("RandomFlip", "flip", batch_input_shape=[None, 2, 2, 1], mode="horizontal", rng_type="stateful")
    model = graph_of(hdf5({"class_name": "Sequential", "config": [config]}, "2.11.0", {"flip": {}}), tmp_path)
    points = drawn(1, 2, 2, 1)
    np.testing.assert_array_equal(predictions(model.graph, model.weights, [points])[0], points)


def test_a_layer_that_was_told_to_train_does_so_while_predicting_in_keras_2(tmp_path: Path) -> None:
    for told, stops in ((True, "got 'always', called as in a training even where the model predicts"), (False, "")):
        layers = [
            layer("InputLayer", "x", [], batch_input_shape=[None, 2]),
            layer("Dropout", "always", [[["x", 0, 0, {"training": told}]]], rate=0.5),
        ]
        ends = {"input_layers": [["x", 0, 0]], "output_layers": [["always", 0, 0]]}
        described = {"class_name": "Functional", "config": {"name": "m", "layers": layers, **ends}}
        assert stops in (made := graph_of(hdf5(described, "2.11.0", {"always": {}}), tmp_path).stops)
        assert bool(stops) == bool(made)


def test_keras_1_convolutions_have_their_sizes_one_by_one(tmp_path: Path) -> None:
    image = layer(
        "Convolution2D", "conv", batch_input_shape=[None, 4, 4, 2], nb_filter=3, nb_row=2, nb_col=2, init="uniform",
        activation="linear", border_mode="valid", subsample=[1, 1], dim_ordering="tf", bias=False, W_regularizer=None,
    )  # fmt: skip
    kernel, points = drawn(2, 2, 2, 3), drawn(1, 4, 4, 2)
    data = hdf5({"class_name": "Sequential", "config": [image]}, "1.1.0", {"conv": {"conv_W": kernel}})
    model = graph_of(data, tmp_path)
    right = sum(points[:, y : y + 3, x : x + 3] @ kernel[y, x] for y in range(2) for x in range(2))
    np.testing.assert_allclose(predictions(model.graph, model.weights, [points])[0], right, atol=1e-5)
    along = layer(
        "Convolution1D", "conv", batch_input_shape=[None, 5, 2], nb_filter=3, filter_length=2, init="uniform",
        activation="linear", border_mode="valid", subsample_length=1, bias=True,
    )  # fmt: skip
    kernel, points = drawn(2, 2, 3), drawn(1, 5, 2)
    for stored in (kernel[:, None], kernel[:, None].transpose(3, 2, 0, 1)):
        arrays = {"conv": {"conv_W": stored, "conv_b": np.zeros(3, np.float32)}}
        model = graph_of(hdf5({"class_name": "Sequential", "config": [along]}, "1.2.2", arrays), tmp_path)
        assert isinstance(model.graph.layers[0], Conv1D)
        right = points[:, :-1] @ kernel[0] + points[:, 1:] @ kernel[1]
        np.testing.assert_allclose(predictions(model.graph, model.weights, [points])[0], right, atol=1e-5)


def nested() -> tuple[bytes, dict[str, np.ndarray]]:
    """Return a Keras 2 model that calls another twice, which has a frozen layer before one that is not."""
    arrays = {name: drawn(*shape) for name, shape in {"a": (2, 2), "ab": (2,), "b": (2, 2), "bb": (2,)}.items()}
    arrays |= {"gamma": drawn(2), "beta": drawn(2), "mean": drawn(2), "variance": np.abs(drawn(2)) + 1}
    inner = {
        "name": "tower",
        "layers": [
            layer("InputLayer", "t", [], batch_input_shape=[None, 2], dtype="float32", sparse=False),
            {**layer("Dense", "a", [[["t", 0, 0, {}]]], units=2, activation="linear"), },
            layer("BatchNormalization", "bn", [[["a", 0, 0, {}]]], axis=[1], epsilon=0.001, scale=True, center=True),
            layer("Dense", "b", [[["bn", 0, 0, {}]]], units=2, activation="linear"),
        ],
        "input_layers": [["t", 0, 0]],
        "output_layers": [["b", 0, 0]],
    }  # fmt: skip
    inner["layers"][1]["config"]["trainable"] = False  # type: ignore[index]
    tower = {"class_name": "Model", "config": inner, "name": "tower"}
    outer = {
        "name": "outer",
        "layers": [
            layer("InputLayer", "x", [], batch_input_shape=[None, 2], dtype="float32", sparse=False),
            layer("InputLayer", "y", [], batch_input_shape=[None, 2], dtype="float32", sparse=False),
            {**tower, "inbound_nodes": [[["x", 0, 0, {}]], [["y", 0, 0, {}]]]},
            layer("Concatenate", "join", [[["tower", 1, 0, {}], ["tower", 2, 0, {}]]], axis=-1),
        ],
        "input_layers": [["x", 0, 0], ["y", 0, 0]],
        "output_layers": [["join", 0, 0]],
    }
    names = {"bn/gamma:0": "gamma", "bn/beta:0": "beta", "b/kernel:0": "b", "b/bias:0": "bb", "a/kernel:0": "a"}
    names |= {"a/bias:0": "ab", "bn/moving_mean:0": "mean", "bn/moving_variance:0": "variance"}
    held = {"tower": {name: arrays[own] for name, own in names.items()}}
    return hdf5({"class_name": "Model", "config": outer}, "2.2.4", held), arrays


def test_a_model_within_keeps_what_is_trained_first_and_counts_its_calls_from_the_second(tmp_path: Path) -> None:
    data, w = nested()
    model, x, y = graph_of(data, tmp_path), drawn(3, 2), drawn(3, 2)

    def tower(given: np.ndarray) -> np.ndarray:
        normal = (given @ w["a"] + w["ab"] - w["mean"]) / np.sqrt(w["variance"] + 0.001)
        return np.asarray((normal * w["gamma"] + w["beta"]) @ w["b"] + w["bb"])

    right = np.concatenate([tower(x), tower(y)], axis=-1)
    np.testing.assert_allclose(predictions(model.graph, model.weights, [x, y])[0], right, atol=1e-5)


@pytest.mark.parametrize("before", ["layers/dense", "layers\\dense", "_layer_checkpoint_dependencies\\dense_2"])
def test_a_zip_of_keras_2_opens_wherever_it_keeps_its_arrays(before: str, tmp_path: Path) -> None:
    held, zipped = io.BytesIO(), io.BytesIO()
    with h5py.File(held, "w") as file:
        file[f"{before}/vars/0"], file[f"{before}/vars/1"] = KERNEL, BIAS
        file["optimizer/vars/0"] = np.int64(3)
    entry = {**CHAIN, "module": "keras.layers", "registered_name": None}
    config = {"module": "keras", "class_name": "Sequential", "config": {"name": "s", "layers": [entry]}}
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("metadata.json", json.dumps({"keras_version": "2.13.1"}))
        archive.writestr("config.json", json.dumps({**config, "registered_name": None}))
        archive.writestr("model.weights.h5", held.getvalue())
    opened = open_any(at(tmp_path, "old.keras", zipped.getvalue()))
    assert isinstance(opened, OpenedModel) and opened.archive is None
    made = predictions(opened.network.graph, opened.weights.by_name(opened.network), [POINTS])[0]
    np.testing.assert_allclose(made, CHAIN_MAKES, rtol=1e-6)


def test_parts_of_a_layer_that_keras_2_kept_to_itself_are_found(tmp_path: Path) -> None:
    held, zipped = io.BytesIO(), io.BytesIO()
    shapes = {"query": (4, 1, 2), "key": (4, 1, 2), "value": (4, 1, 2), "output": (1, 2, 4)}
    kernels = {part: drawn(*shape) for part, shape in shapes.items()}
    with h5py.File(held, "w") as file:
        for part, kernel in kernels.items():
            file[f"layers\\multi_head_attention\\_{part}_dense/vars/0"] = kernel
    given = layer("InputLayer", "x", [], batch_input_shape=[None, 3, 4])
    calls = [[["x", 0, 0, {"value": ["x", 0, 0]}]]]
    attention = layer("MultiHeadAttention", "both", calls, num_heads=1, key_dim=2, use_bias=False)
    own = {"name": "m", "input_layers": [["x", 0, 0]], "output_layers": [["both", 0, 0]]}
    model = {"class_name": "Functional", "config": {**own, "layers": [given, attention]}}
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("metadata.json", json.dumps({"keras_version": "2.15.0"}))
        archive.writestr("config.json", json.dumps(model))
        archive.writestr("model.weights.h5", held.getvalue())
    arrays = open_graph(at(tmp_path, "old.keras", zipped.getvalue())).weights
    assert len(arrays) == len(kernels)
    for weight, array in arrays.items():
        parts = "/".join((*weight.layer[1:], weight.name)).split("/")
        np.testing.assert_array_equal(array, kernels[parts[0].split("_")[-1]])


def test_a_custom_class_is_sealed_and_the_layers_before_it_are_there(tmp_path: Path) -> None:
    config = [CHAIN, layer("Twice", "own", factor=2), layer("Dense", "after", units=1, activation="linear")]
    arrays = {"hidden": {"k": KERNEL, "b": BIAS}, "own": {"own/w:0": drawn(7)}, "after": {}}
    opened = open_any(at(tmp_path, "m.h5", hdf5({"class_name": "Sequential", "config": config}, "2.3.1", arrays)))
    assert isinstance(opened, OpenedGraph) and "'own', of the class Twice" in opened.stops
    assert {(weight.layer[0], weight.name) for weight in opened.weights} == {
        ("hidden", "kernel"),
        ("hidden", "bias"),
        ("own", "w"),
    }
    np.testing.assert_array_equal(opened.weights[Weight(("own",), "w")], arrays["own"]["own/w:0"])


def test_a_layer_that_keras_2_spelled_otherwise_has_its_arrays_in_a_zip_from_windows(tmp_path: Path) -> None:
    held, zipped = io.BytesIO(), io.BytesIO()
    arrays = {"kernel": drawn(3, 3, 1, 4), "recurrent_kernel": drawn(3, 3, 1, 4), "bias": drawn(4)}
    with h5py.File(held, "w") as file:
        file["layers\\seed_generator/vars/0"] = BIAS
        for place, array in enumerate(arrays.values()):
            file[f"layers\\conv_lst_m2d\\cell/vars/{place}"] = array
    config = {
        "name": "cell",
        "filters": 1,
        "batch_input_shape": [None, 2, 4, 4, 1],
        "kernel_size": [3, 3],
        "strides": [1, 1],
    }
    entry = {"class_name": "ConvLSTM2D", "config": config, "module": "keras.layers", "registered_name": None}
    model = {"class_name": "Sequential", "config": {"name": "s", "layers": [entry]}, "module": "keras"}
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("metadata.json", json.dumps({"keras_version": "2.13.1"}))
        archive.writestr("config.json", json.dumps(model))
        archive.writestr("model.weights.h5", held.getvalue())
    weights = open_graph(at(tmp_path, "old.keras", zipped.getvalue())).weights
    assert set(weights) == {Weight(("cell",), name) for name in arrays}
    for weight, array in weights.items():
        np.testing.assert_array_equal(array, arrays[weight.name])


def function(name: str, of: str, *nodes: Any) -> dict[str, Any]:
    """Return one of TensorFlow's functions as Keras 2.4 and later wrote it."""
    config = {"name": name, "trainable": True, "dtype": "float32", "function": of}
    return {"class_name": "TFOpLambda", "config": config, "name": name, "inbound_nodes": list(nodes)}


def test_functions_of_tensorflow_between_layers_are_followed_and_others_sealed(tmp_path: Path) -> None:
    given = {"class_name": "InputLayer", "config": {"name": "x", "batch_input_shape": [None, 2]}, "name": "x"}
    layers = [
        {**given, "inbound_nodes": []},
        function("half", "math.multiply", ["x", 0, 0, {"y": 0.5, "name": None}]),
        function("sum", "__operators__.add", ["half", 0, 0, {"y": ["x", 0, 0], "name": None}]),
        function("from_one", "math.subtract", ["_CONSTANT_VALUE", -1, 1.0, {"y": ["sum", 0, 0], "name": None}]),
        function("kept", "nn.relu", ["from_one", 0, 0, {"name": None}]),
        function("other", "math.floordiv", ["kept", 0, 0, {"y": 2.0}]),
    ]

    def opened(end: str) -> OpenedModel | OpenedGraph:
        held = layers if end == "other" else layers[:-1]
        config = {"name": "m", "layers": held, "input_layers": [["x", 0, 0]], "output_layers": [[end, 0, 0]]}
        return open_any(at(tmp_path, "m.h5", hdf5({"class_name": "Functional", "config": config}, "2.11.0", {})))

    followed, stopped = opened("kept"), opened("other")
    assert isinstance(followed, OpenedModel) and isinstance(stopped, OpenedGraph)
    made = predictions(followed.network.graph, {}, [POINTS[:, :2]])[0]
    np.testing.assert_allclose(made, np.maximum(1 - 1.5 * POINTS[:, :2], 0), rtol=1e-6)
    assert "'other', of TensorFlow's function 'math.floordiv'" in stopped.stops


@pytest.mark.parametrize("after", ["layers/multi_head_attention/", "layers\\multi_head_attention\\"])
def test_the_parts_of_keras_2s_attention_have_names_of_its_own_code(after: str, tmp_path: Path) -> None:
    held, zipped, width = io.BytesIO(), io.BytesIO(), 2
    arrays = {part: (drawn(width, 1, 2), drawn(1, 2)) for part in ("query", "key", "value")}
    arrays["output"] = drawn(1, 2, width), drawn(width)
    with h5py.File(held, "w") as file:
        for part, (kernel, bias) in arrays.items():
            file[f"{after}_{part}_dense/vars/0"], file[f"{after}_{part}_dense/vars/1"] = kernel, bias
    given = {"class_name": "InputLayer", "config": {"name": "x", "batch_input_shape": [None, 3, width]}, "name": "x"}
    settings = {"name": "a", "num_heads": 1, "key_dim": 2}
    called = [["x", 0, 0, {"value": ["x", 0, 0]}]]
    own = {"module": "keras.layers", "registered_name": None, "name": "a", "inbound_nodes": [called]}
    layers = [{**given, "inbound_nodes": []}, {"class_name": "MultiHeadAttention", "config": settings, **own}]
    ends = {"input_layers": [["x", 0, 0]], "output_layers": [["a", 0, 0]]}
    model = {"class_name": "Functional", "config": {"name": "m", "layers": layers, **ends}, "module": "keras"}
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("metadata.json", json.dumps({"keras_version": "2.15.0"}))
        archive.writestr("config.json", json.dumps(model))
        archive.writestr("model.weights.h5", held.getvalue())
    opened = open_any(at(tmp_path, "old.keras", zipped.getvalue()))
    assert isinstance(opened, OpenedModel)
    held_here = opened.weights.by_name(opened.network)
    np.testing.assert_array_equal(held_here[Weight(("a",), "query/kernel")], arrays["query"][0])


ONE = {"class_name": "Sequential", "config": [CHAIN]}
K, B = "hidden/kernel:0", "hidden/bias:0"
MISTAKES = {
    "weights alone": (hdf5({}, "2.1.3", {}), None),
    "no array": (hdf5(ONE, "2.1.3", {"hidden": {}}), "expected 2 arrays for hidden, got 0"),
    "another shape": (hdf5(ONE, "2.1.3", {"hidden": {K: KERNEL.T, B: BIAS}}), "the kernel of hidden of shape"),
    "another name": (hdf5(ONE, "2.1.3", {"hidden": {B: KERNEL, K: BIAS}}), "the kernel of hidden of shape"),
    "more than float32": (hdf5(ONE, "2.1.3", {"hidden": {K: np.full((2, 3), 0.1), B: BIAS}}), "in 'float64'"),
    "text": (hdf5(ONE, "2.1.3", {"hidden": {K: np.array([b"a"]), B: BIAS}}), "as numbers, got"),
    "another Keras": (hdf5(ONE, "4.0", {"hidden": {K: KERNEL, B: BIAS}}), "saved by Keras 1, 2 or 3"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_file_with_other_arrays_than_its_layers_have_is_refused_by_the_layers_name(name: str) -> None:
    data, said = MISTAKES[name]
    answer = answer_on_model(data)
    assert isinstance(answer, Refusal) and "unexpected" not in answer.message
    assert said is None or said in answer.message


def test_a_link_out_of_the_file_is_not_followed() -> None:
    buffer = io.BytesIO(CHAIN_FILE)
    with h5py.File(buffer, "r+") as file:
        del file["model_weights/hidden/hidden/kernel:0"]
        file["model_weights/hidden/hidden/kernel:0"] = h5py.ExternalLink("/etc/passwd", "/")
    answer = answer_on_model(buffer.getvalue())
    assert isinstance(answer, Refusal) and "a link to elsewhere" in answer.message


def test_damage_in_the_configuration_is_refused_and_never_a_traceback() -> None:
    data, _ = nested()
    begin, choice = data.index(b'{"class_name": "Model"'), random.Random(1)
    for _ in range(300):
        spoilt = bytearray(data)
        for _ in range(choice.choice([1, 4])):
            spoilt[begin + choice.randrange(1200)] = choice.choice(b'0127"[]{},:nabx')
        assert isinstance(answer_on_model(bytes(spoilt)), Parts | Refusal)


def test_an_activation_may_be_a_layer_and_have_the_name_that_tensorflow_2_0_wrote(tmp_path: Path) -> None:
    leaky = {"class_name": "LeakyReLU", "config": {"name": "leaky_re_lu", "trainable": True, "alpha": 0.125}}
    config = {"name": "m", "layers": [
        layer("Dense", "hidden", batch_input_shape=[None, 2], units=3, activation=leaky, use_bias=True),
        layer("Dense", "shares", units=2, activation="softmax_v2", use_bias=False),
    ]}  # fmt: skip
    kernel, bias, last = drawn(2, 3), drawn(3), drawn(3, 2)
    arrays = {"hidden": {"hidden/kernel:0": kernel, "hidden/bias:0": bias}, "shares": {"shares/kernel:0": last}}
    path = at(tmp_path, "m.h5", hdf5({"class_name": "Sequential", "config": config}, "2.2.4-tf", arrays))
    opened, points = open_model(path), drawn(3, 2)
    z = points @ kernel + bias
    powers = np.exp(np.where(z > 0, z, 0.125 * z) @ last)
    made = predictions(opened.network.graph, opened.weights.by_name(opened.network), [points])[0]
    np.testing.assert_allclose(made, powers / powers.sum(axis=-1, keepdims=True), rtol=1e-5)
    assert opened.network.graph.layers[0].in_words == "3 LeakyReLU(0.125)" and not opened.network.on_one_page
    save_model(tmp_path / "new.keras", opened.network, opened.weights, opened.recipe, None)
    assert open_model(tmp_path / "new.keras").network == opened.network


def test_bins_and_places_of_keras_2_are_followed_and_autokeras_makes_real_numbers_of_others(tmp_path: Path) -> None:
    config = {"name": "m", "layers": [
        layer("Custom>CastToFloat32", "cast", batch_input_shape=[None, 3], dtype="float32"),
        layer("Discretization", "bins", dtype="int64", bin_boundaries=[-1.0, 0.5], num_bins=None, epsilon=0.01,
              output_mode="int", sparse=False),
        layer("CategoryEncoding", "places", dtype="float32", num_tokens=3, output_mode="count", sparse=False),
    ]}  # fmt: skip
    data = hdf5({"class_name": "Sequential", "config": config}, "2.15.0", {"cast": {}, "bins": {}, "places": {}})
    model = graph_of(data, tmp_path)
    points = np.array([[-2.0, -1.0, 0.25], [0.5, 7.0, -3.0]], np.float32)
    made = predictions(model.graph, model.weights, [points])[0]
    np.testing.assert_array_equal(made, [[1, 2, 0], [1, 0, 2]])


def test_places_of_tensorflow_2_5_whose_number_is_not_in_the_file_are_sealed(tmp_path: Path) -> None:
    config = {"name": "m", "layers": [
        layer("CategoryEncoding", "places", batch_input_shape=[None, 3], max_tokens=None, output_mode="binary"),
    ]}  # fmt: skip
    data = hdf5({"class_name": "Sequential", "config": config}, "2.5.0", {"places": {}})
    assert "'places'" in graph_of(data, tmp_path).stops


def test_a_schedule_of_keras_2_without_its_module_is_used(tmp_path: Path) -> None:
    schedule = {"initial_learning_rate": 0.1, "decay_steps": 100, "decay_rate": 0.9, "staircase": True, "name": None}
    optimizer = {"name": "Adam", "learning_rate": {"class_name": "ExponentialDecay", "config": schedule}, "decay": 0.0}
    compiled = {"optimizer_config": {"class_name": "Adam", "config": optimizer}, "loss": "mse", "metrics": []}
    arrays = {"hidden": {"hidden/kernel:0": KERNEL, "hidden/bias:0": BIAS}}
    model, told = {"class_name": "Sequential", "config": [CHAIN]}, json.dumps(compiled)
    recipe = open_model(at(tmp_path, "m.h5", hdf5(model, "2.4.0", arrays, training_config=told))).recipe
    assert recipe is not None and recipe.schedule is not None
    assert (recipe.schedule.name, recipe.learning_rate) == ("exponential_decay", 0.1)
