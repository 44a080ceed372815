"""Models as Keras 1 and 2 spelled them, which calculate as models of today do: written with h5py and zip."""

# What is made later says what it is made of as a default, of which mypy can't tell the type.
# mypy: disable-error-code="misc, untyped-decorator"

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import h5py
import keras
import numpy as np
from keras import layers as kl

from tests.hdf5_files import hdf5

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Json = dict[str, Any]
    Arrays = dict[str, dict[str, np.ndarray]]

GONE = {"optional", "quantization_config", "synchronized", "zero_output_for_mask", "registered_name", "module"}


def chains() -> Iterator[Any]:
    """Give models of one layer after the other, of what Keras 1 had already."""
    row, steps, image = keras.Input((4,)), keras.Input((6, 3)), keras.Input((6, 6, 2))
    yield [row, kl.Dense(3, "tanh"), kl.Dropout(0.2), kl.Dense(2, "softmax", use_bias=False)]
    yield [row, kl.Dense(3, kernel_regularizer="l2", kernel_constraint="max_norm"), kl.BatchNormalization()]
    yield [image, kl.Conv2D(3, (2, 3), padding="same"), kl.MaxPooling2D(), kl.Flatten(), kl.Dense(2)]
    yield [image, kl.Conv2D(3, 2, strides=2), kl.Activation("relu"), kl.ZeroPadding2D(1), kl.AveragePooling2D(2)]
    yield [steps, kl.LSTM(3, return_sequences=True), kl.LSTM(2), kl.Dense(1, "sigmoid")]
    yield [steps, kl.SimpleRNN(3), kl.RepeatVector(2), kl.Permute((2, 1))]
    yield [steps, kl.GRU(3, reset_after=False), kl.Dense(1)]
    yield [steps, kl.Conv1D(3, 2, activation="relu"), kl.MaxPooling1D(2), kl.GlobalMaxPooling1D()]
    yield [keras.Input((5,), dtype="int32"), kl.Embedding(9, 3), kl.LSTM(2)]
    yield [steps, kl.Masking(0.0), kl.TimeDistributed(kl.Dense(2)), kl.Reshape((2, 6))]
    yield [row, kl.Dense(3), kl.LeakyReLU(negative_slope=0.1), kl.PReLU(), kl.ELU()]


def later_chains() -> Iterator[Any]:
    """Give models of what came with Keras 2."""
    steps, image = keras.Input((6, 3)), keras.Input((6, 6, 2))
    yield [image, kl.DepthwiseConv2D(2), kl.SeparableConv2D(3, 2), kl.Conv2DTranspose(2, 2), kl.GlobalMaxPooling2D()]
    yield [image, kl.UpSampling2D(2), kl.Cropping2D(1), kl.SpatialDropout2D(0.1), kl.ReLU(6.0), kl.Softmax()]
    yield [steps, kl.Bidirectional(kl.GRU(2, return_sequences=True)), kl.LayerNormalization(), kl.Dense(2, "swish")]
    yield [steps, kl.GRU(3, return_sequences=True), kl.GlobalAveragePooling1D(), kl.Normalization(mean=0.5, variance=2)]


def graphs() -> Iterator[Any]:
    """Give models of several calls."""
    x, y = keras.Input((4,), name="x"), keras.Input((4,), name="y")
    shared = kl.Dense(3, "tanh", name="shared")
    yield keras.Model([x, y], kl.Concatenate(name="join")([shared(x), shared(y)]), name="siamese")
    for kind in (kl.Add, kl.Multiply, kl.Average, kl.Maximum):
        x, y = keras.Input((4,), name="x"), keras.Input((4,), name="y")
        yield keras.Model([x, y], kl.Dense(2, name="end")(kind(name="merged")([x, kl.Dense(4, name="one")(y)])))
    x = keras.Input((4,), name="x")
    within = keras.Sequential([keras.Input((4,)), kl.Dense(3, "relu", name="a"), kl.Dense(2, name="b")], name="within")
    yield keras.Model(x, [kl.Dense(1, name="out")(within(x)), kl.Activation("tanh", name="other")(x)], name="ends")
    x, y = keras.Input((4,), name="x"), keras.Input((4,), name="y")
    within = keras.Model(x, kl.Dense(4, name="one")(x), name="within")
    one = within(y)
    yield keras.Model(y, [within(one), one, kl.Dense(2, name="two")(one)], name="twice")


def drawn(model: Any) -> Any:
    """Return ``model`` with numbers drawn for all of its weights."""
    random = np.random.default_rng(2)
    model.set_weights([random.uniform(0.2, 0.9, one.shape) for one in model.get_weights()])
    return model


# Keras 2


def as_2(entry: Json) -> Json:
    """Return a layer of Keras 3's, or a model, as Keras 2 describes it."""
    kind, config = entry["class_name"], entry["config"]
    if "layers" in config:
        return {"class_name": kind, "config": _model_as_2(kind, config)}
    made = {name: _plain(value) for name, value in config.items() if name not in GONE}
    if kind == "LeakyReLU":
        made["alpha"] = made.pop("negative_slope")
    if "batch_shape" in made:
        made["batch_input_shape"] = made.pop("batch_shape")
    for within in ("layer", "cell"):
        if within in config:
            made[within] = as_2(config[within])
    if kind == "LSTM":
        made |= {"time_major": False, "implementation": 2}
    if kind in ("DepthwiseConv2D", "Conv2DTranspose"):
        made["groups"] = 1
    if kind == "BatchNormalization":
        made["axis"] = [config["axis"]]
    if kind == "Normalization":
        made |= {name: {"type": "ndarray", "value": config[name]} for name in ("mean", "variance")}
    return {"class_name": kind, "config": made}


def _plain(value: object) -> object:
    """Return a setting as Keras 2 has it: a type of numbers by its name, an initializer by class and settings."""
    if isinstance(value, dict) and value.get("class_name") == "DTypePolicy":
        return value["config"]["name"]
    if isinstance(value, dict) and "class_name" in value:
        settings = {name: held for name, held in value["config"].items() if name not in ("input_axes", "output_axes")}
        return {"class_name": value["class_name"], "config": settings}
    return value


def _model_as_2(kind: str, config: Json) -> Json:
    layers = []
    made_first = {one["config"]["name"] for one in config["layers"] if one["class_name"] == "Functional"}
    for entry in config["layers"]:
        made = as_2(entry)
        if "inbound_nodes" in entry:
            nodes = [_node(node, made_first) for node in entry["inbound_nodes"]]
            made |= {"name": entry["config"]["name"], "inbound_nodes": nodes}
        layers.append(made)
    if kind == "Sequential":
        return {"name": config["name"], "layers": layers}
    ends = {name: _ends(config[name]) for name in ("input_layers", "output_layers")}
    return {"name": config["name"], "layers": layers, **ends}


def _ends(value: Any) -> list[Any]:
    return [value] if isinstance(value[0], str) else value


def _node(node: Json, made_first: set[str]) -> list[Any]:
    """Return a call, the calls of models within counted from their making, as Keras 2 does in every place."""
    given = node["args"][0] if isinstance(node["args"][0], list) else node["args"]
    histories = [one["config"]["keras_history"] for one in given]
    return [[name, call + (name in made_first), output, {}] for name, call, output in histories]


def arrays_of(model: Any) -> Arrays:
    """Return the arrays of every layer as Keras 2 names them: of a model within, those that are trained first."""
    return {layer.name: {f"{one.path}:0": one.numpy() for one in layer.weights} for layer in model.layers}


def _in_first_layer(layers: list[Json]) -> list[Json]:
    """Return a chain's layers without the input, whose shape the first one says."""
    given, first, *others = layers
    shape = given["config"]["batch_input_shape"]
    return [{**first, "config": {"batch_input_shape": shape, **first["config"]}}, *others]


def spelled_2(model: Any, kind: str) -> tuple[str, bytes]:
    """Return ``model`` as one of the Keras 2 wrote it, and what its name ends in."""
    described = as_2({"class_name": type(model).__name__, "config": model.get_config()})
    chain, arrays = isinstance(model, keras.Sequential), arrays_of(model)
    match kind:
        case "2.1.6" if chain:
            described["config"] = _in_first_layer(described["config"]["layers"])
        case "2.1.6" | "2.2.4-tf" if not chain:
            described["class_name"] = "Model"
        case "2.2.4" if chain:
            described["config"]["layers"] = _in_first_layer(described["config"]["layers"])
        case "2.15.0":
            described = _with_modules(described)
        case "zip" | "zip from Windows":
            return ".keras", _zipped(model, _with_modules(described), "\\" if kind != "zip" else "/")
    optimizer = {"class_name": "Custom>Adam" if kind == "2.15.0" else "Adam", "config": {"lr": 0.01, "decay": 0.0}}
    compiled: Json = {"optimizer_config": optimizer, "loss": "mse", "metrics": [], "sample_weight_mode": None}
    return ".h5", hdf5(described, kind, arrays, training_config=json.dumps(compiled))


def _with_modules(entry: Json) -> Json:
    module = "keras.src.engine.functional" if entry["class_name"] == "Functional" else "keras.layers"
    made = {"module": module, **entry, "registered_name": entry["class_name"] if "functional" in module else None}
    if "layers" in entry["config"]:
        made["config"] = {**entry["config"], "layers": [*map(_with_modules, entry["config"]["layers"])]}
    return made


def _zipped(model: Any, described: Json, slash: str) -> bytes:
    """Return Keras 2's zip: arrays as Keras 3 keeps them, but below groups whose names have slashes of a system."""
    held, made = io.BytesIO(), io.BytesIO()
    with TemporaryDirectory() as folder:
        model.save_weights(Path(folder, "own.weights.h5"))
        with h5py.File(Path(folder, "own.weights.h5")) as old, h5py.File(held, "w") as new:
            for name in old["layers"]:
                old.copy(f"layers/{name}", new, f"_layer_checkpoint_dependencies{slash}{name}")
            new["optimizer/vars/0"] = np.int64(3)
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("metadata.json", json.dumps({"keras_version": "2.13.1"}))
        archive.writestr("config.json", json.dumps(described))
        archive.writestr("model.weights.h5", held.getvalue())
    return made.getvalue()


# What Keras 2 had under other names


def renamed() -> Iterator[Any]:
    """Give models whose layers had other classes in Keras 2."""
    steps, row = keras.Input((5, 3)), keras.Input((4,))
    yield [steps, kl.LSTM(2, return_sequences=True), kl.GRU(3), kl.Dense(1)]
    yield [steps, kl.Bidirectional(kl.LSTM(2)), kl.BatchNormalization(), kl.ReLU(threshold=0.5)]
    yield [row, kl.Dense(3), kl.ReLU(threshold=0.25)]


CUDNN = {"LSTM": ("CuDNNLSTM", 4), "GRU": ("CuDNNGRU", 3)}
KEPT = ("units", "return_sequences", "return_state", "go_backwards", "stateful", "name", "trainable")


def _other_class(entry: Json) -> Json:
    kind, config = entry["class_name"], dict(entry["config"])
    if "layer" in config:
        config["layer"] = _other_class(config["layer"])
    if kind in CUDNN:
        kept = {name: value for name, value in config.items() if name in (*KEPT, "batch_input_shape")}
        return {**entry, "class_name": CUDNN[kind][0], "config": kept}
    if kind == "ReLU":
        theta = {"type": "ndarray", "value": config.pop("threshold")}
        named = {"name": config["name"], "trainable": True, "theta": theta}
        return {**entry, "class_name": "ThresholdedReLU", "config": named}
    return {**entry, "class_name": "BatchNormalizationV1" if kind == "BatchNormalization" else kind, "config": config}


def _as_cudnn(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return a layer's arrays with those of each cell as NVIDIA's library takes them."""
    made = dict(arrays)
    for name, inner in arrays.items():
        if "recurrent_kernel" in name:
            gates = inner.shape[1] // inner.shape[0]
            for one in (name, name.replace("recurrent_kernel", "kernel")):
                cut = np.split(arrays[one], gates, axis=1)
                made[one] = np.concatenate([np.ascontiguousarray(gate.T).reshape(gate.shape) for gate in cut], axis=1)
            bias = name.replace("recurrent_kernel", "bias")
            half = np.float32(0.5) * arrays[bias]
            made[bias] = arrays[bias].ravel() if gates == CUDNN["GRU"][1] else np.concatenate([half, half])
    return made


def spelled_otherwise(model: Any) -> tuple[str, bytes]:
    """Return ``model`` with the classes that Keras 2 had for its layers."""
    described = as_2({"class_name": "Sequential", "config": model.get_config()})
    described["config"]["layers"] = [*map(_other_class, _in_first_layer(described["config"]["layers"]))]
    return ".h5", hdf5(described, "2.2.4", {name: _as_cudnn(held) for name, held in arrays_of(model).items()})


BLOCK = "block_"


def in_blocks() -> Any:
    """Return a model whose layers have names with slashes, but for today's sign for these."""
    x = keras.Input((4,), name=f"{BLOCK}x")
    layers = [keras.Input((4,)), kl.Dense(3, name=f"{BLOCK}one"), kl.BatchNormalization(name=f"{BLOCK}two")]
    y = keras.Sequential(layers, name="within")(kl.Dense(4, "tanh", name=f"{BLOCK}first")(x))
    return keras.Model(x, kl.Dense(1, name="last")(kl.Activation("elu", name=f"{BLOCK}last")(y)), name=f"{BLOCK}all")


def with_slashes(model: Any, kind: str) -> tuple[str, bytes]:
    """Return ``model``, one of :func:`in_blocks`, with slashes in its names."""
    described = as_2({"class_name": "Model", "config": model.get_config()})
    described = json.loads(json.dumps(described).replace(BLOCK, "block/"))
    if kind == "zip":
        return ".keras", _zipped(model, _with_modules(described), "/")
    named = {
        layer.replace(BLOCK, "block/"): {name.replace(BLOCK, "block/"): one for name, one in held.items()}
        for layer, held in arrays_of(model).items()
    }
    return ".h5", hdf5(described, kind, named)


# Keras 1

NAMES_1 = {
    "Dense": {"units": "output_dim", "kernel_regularizer": "W_regularizer", "kernel_constraint": "W_constraint"},
    "Dropout": {"rate": "p"},
    "Conv2D": {"filters": "nb_filter", "padding": "border_mode", "strides": "subsample"},
    "Conv1D": {"filters": "nb_filter", "padding": "border_mode"},
    "MaxPooling2D": {"padding": "border_mode"},
    "AveragePooling2D": {"padding": "border_mode"},
    "MaxPooling1D": {"padding": "border_mode"},
    **{
        key: {"units": "output_dim", "recurrent_activation": "inner_activation", "dropout": "dropout_W"}
        for key in ("LSTM", "GRU", "SimpleRNN")
    },
}
"""Keras 1's names of settings where Keras 2 has others."""

KINDS_1 = {"Conv1D": "Convolution1D", "Conv2D": "Convolution2D"}
GATES_1 = {"LSTM": ("ifco", "icfo"), "GRU": ("zrh", "zrh")}
"""The gates in the order of today's kernels, and in that of Keras 1's arrays."""

MODES = {"Add": "sum", "Multiply": "mul", "Average": "ave", "Maximum": "max", "Concatenate": "concat"}


def as_1(entry: Json) -> Json:
    """Return a layer of Keras 2's spelling as Keras 1 describes it."""
    kind, config = entry["class_name"], dict(entry["config"])
    if kind in MODES:
        made = {"name": config["name"], "mode": MODES[kind], "concat_axis": config.get("axis", -1), "dot_axes": -1}
        return {**entry, "class_name": "Merge", "config": {**made, "output_shape": None, "mode_type": "raw"}}
    names = NAMES_1.get(kind, {})
    made = {names.get(name, name): value for name, value in config.items() if not name.endswith("_initializer")}
    if "use_bias" in made:
        made["bias"] = made.pop("use_bias")
    for name in ("dtype", "data_format", "kernel_size", "dilation_rate", "groups", "pool_size", "strides", "units"):
        held = made.pop(name, None)
        if kind == "Conv2D" and name == "kernel_size":
            made |= {"nb_row": held[0], "nb_col": held[1]}
        if kind == "Conv1D" and name in ("kernel_size", "strides"):
            made["filter_length" if name == "kernel_size" else "subsample_length"] = held[0]
        if "Pooling2D" in kind and name in ("pool_size", "strides"):
            made[name] = held
        if kind == "MaxPooling1D" and name in ("pool_size", "strides"):
            made["pool_length" if name == "pool_size" else "stride"] = held[0]
    if "2D" in kind:
        made["dim_ordering"] = "tf"
    if kind == "BatchNormalization":
        made |= {"mode": 0, "axis": config["axis"][0]}
    if kind in ("Dense", *GATES_1, "SimpleRNN"):
        made |= {"init": "glorot_uniform", "consume_less": "cpu", "input_dim": None}
    if isinstance(made.get("W_regularizer"), dict):
        made["W_regularizer"] = {"name": "L1L2", "l1": 0.0, "l2": 0.01}
    if isinstance(made.get("layer"), dict):
        made["layer"] = as_1(made["layer"])
    return {**entry, "class_name": KINDS_1.get(kind, kind), "config": made}


def spelled_1(model: Any) -> tuple[str, bytes]:
    """Return ``model`` as Keras 1.2 wrote it: an array for every gate, and a setting for every side of a kernel."""
    described = as_2({"class_name": type(model).__name__, "config": model.get_config()})
    layers = described["config"]["layers"]
    if isinstance(model, keras.Sequential):
        described["config"] = [*map(as_1, _in_first_layer(layers))]
    else:
        described = {"class_name": "Model", "config": {**described["config"], "layers": [*map(as_1, layers)]}}
    arrays = {layer.name: dict(_arrays_1(layer)) for layer in model.layers}
    return ".h5", hdf5(described, "1.2.2", arrays)


def _arrays_1(layer: Any) -> Iterator[tuple[str, np.ndarray]]:
    kind, arrays = type(layer).__name__, [one.numpy() for one in layer.weights]
    if kind in GATES_1:
        today, then = GATES_1[kind]
        cut = [np.split(array, len(today), axis=-1) for array in arrays]
        for gate in then:
            for part, of_gates in zip("WUb", cut, strict=True):
                yield f"{layer.name}_{part}_{gate}", of_gates[today.index(gate)]
        return
    for array, variable in zip(arrays, layer.weights, strict=True):
        name = {"kernel": "W", "bias": "b", "recurrent_kernel": "U"}.get(variable.name, variable.name)
        yield f"{layer.name}_{name}", array[:, None] if kind == "Conv1D" and name == "W" else array


def every_earlier() -> Iterator[tuple[str, Callable[[], tuple[Any, str, bytes]]]]:
    """Give what makes a model and a file of it in an earlier Keras's spelling, with a name for it."""
    first = [keras.Sequential(layers) for layers in chains()]
    later = [keras.Sequential(layers) for layers in later_chains()]
    several = list(graphs())
    ways = {"2.1.6": first, "2.2.4": first + several[:5], "2.2.4-tf": several, "2.15.0": later + several}
    ways |= {"zip": first[::3] + later + several[:2], "zip from Windows": first[1::3]}
    for kind, models in ways.items():
        for at, model in enumerate(models):
            yield f"{kind}-{at}", lambda model=model, kind=kind: (drawn(model), *spelled_2(model, kind))
    blocks = in_blocks()
    for kind in ("2.1.6", "2.2.4", "zip"):
        yield f"slashes-{kind}", lambda model=blocks, kind=kind: (drawn(model), *with_slashes(model, kind))
    for at, model in enumerate(map(keras.Sequential, renamed())):
        yield f"renamed-{at}", lambda model=model: (drawn(model), *spelled_otherwise(model))
    for at, model in enumerate(first + several[1:5]):
        yield f"1.2.2-{at}", lambda model=model: (drawn(model), *spelled_1(model))
