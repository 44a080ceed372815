"""Every kind of model file that is refused, made by changing one thing in a good one; no number of it is guessed."""

from __future__ import annotations

import io
import json
import re
import warnings
import zipfile
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import pytest

from core.errors import Refused
from core.layers.activation_layers import Activation
from core.layers.dense import Dense
from core.layers.identity import Dropout
from core.model.archive import whole, zip_file
from core.model.archive.protocol import Refusal
from core.model.initial import initial_weights
from core.model.network import Network
from core.training.recipe import Recipe
from tests.hdf5_files import saved_with
from tests.reading import answer_on_model

if TYPE_CHECKING:
    from pathlib import Path

NETWORK = Network.chain(
    2, (Dense("hidden", 4, "tanh"), Dropout("drop", 0.5), Activation("act", "relu"), Dense("out", 2))
)
GOOD = whole.write_archive(NETWORK, initial_weights(NETWORK, 0), Recipe(), "2026-01-01@00:00:00")

Config = dict[str, Any]
Change = Callable[[Config], None]
ChangeWeights = Callable[[h5py.File], None]


def members(archive: bytes = GOOD) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(archive)) as file:
        return {name: file.read(name) for name in file.namelist()}


def packed(contents: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, content in contents.items():
            file.writestr(name, content)
    return buffer.getvalue()


def with_config(change: Change) -> bytes:
    contents = members()
    config = json.loads(contents["config.json"])
    change(config)
    return packed({**contents, "config.json": json.dumps(config).encode()})


def with_weights(change: ChangeWeights) -> bytes:
    contents = members()
    buffer = io.BytesIO(contents["model.weights.h5"])
    with h5py.File(buffer, "r+") as file:
        change(file)
    return packed({**contents, "model.weights.h5": buffer.getvalue()})


def layer(config: Config, name: str) -> Config:
    found: Config = next(layer for layer in config["config"]["layers"] if layer["name"] == name)
    return found


def set_in(name: str, setting: str, value: Any) -> Change:
    """Return a change of one setting of the layer called ``name``."""

    def change(config: Config) -> None:
        layer(config, name)["config"][setting] = value

    return change


def set_outside(name: str, key: str, value: Any) -> Change:
    """Return a change of what stands beside the config of the layer called ``name``."""

    def change(config: Config) -> None:
        layer(config, name)[key] = value

    return change


def call(name: str, change_call: Callable[[Config], None]) -> Change:
    """Return a change of how the layer called ``name`` is called."""
    return lambda config: change_call(layer(config, name)["inbound_nodes"][0])


def remove(key: str) -> Change:
    """Return a change that takes a key out of the model's own config."""
    return lambda config: config["config"].pop(key)


FUNCTION = {"module": "builtins", "class_name": "function", "config": "evil", "registered_name": "function"}
LAMBDA = {"class_name": "__lambda__", "config": {"value": "gA=="}}
CUSTOM = {"module": "keras.regularizers", "class_name": "L2", "config": {}, "registered_name": "mine>L2"}
NESTED = {"module": "keras", "class_name": "Sequential", "config": {"name": "in", "layers": []}}
POLICY = {"module": "keras", "class_name": "DTypePolicy", "config": {"name": "mixed_float16"}, "registered_name": None}
QUANTIZED: Config = {"module": "keras", "class_name": "QuantizedDTypePolicy", "config": {}, "registered_name": None}

OWN = "'hidden', a class of the person who saved it"

CONFIGS: dict[str, tuple[Change, str]] = {
    "a Lambda layer": (set_outside("drop", "class_name", "Lambda"), "'drop', a Lambda, whose code"),
    "a layer unknown here": (set_outside("hidden", "class_name", "LSTM"), "hidden expects inputs of (steps, features)"),
    "a custom layer": (
        set_outside("hidden", "registered_name", "mine>Dense"),
        OWN,
    ),
    "a module that is not Keras's": (
        set_outside("hidden", "module", "evil.layers"),
        OWN,
    ),
    "a module like Keras's": (
        set_outside("hidden", "module", "keras.src.layersevil"),
        OWN,
    ),
    "a module that is none": (set_outside("hidden", "module", ["keras"]), "got "),
    "a class that is no text": (set_outside("hidden", "class_name", {"a": 1}), "the class of hidden as text"),
    "a nested model": (lambda config: config["config"]["layers"].append(NESTED), "the model was never built"),
    "a function as activation": (set_in("hidden", "activation", FUNCTION), "an activation that Keras knows"),
    "a lambda as activation": (set_in("hidden", "activation", LAMBDA), "'hidden', with an object as its activation"),
    "an activation that is an object": (
        set_in("hidden", "activation", {"name": "relu"}),
        "as Keras has it, got an object",
    ),
    "an activation unknown to Keras": (set_in("act", "activation", "evil"), "an activation that Keras knows"),
    "mixed precision": (set_in("hidden", "dtype", POLICY), "'hidden', in 'mixed_float16'"),
    "float64": (set_in("hidden", "dtype", "float64"), "'hidden', in 'float64'"),
    "a quantized dtype": (set_in("hidden", "dtype", QUANTIZED), "QuantizedDTypePolicy"),
    "quantization": (set_in("hidden", "quantization_config", {"mode": "int8"}), "'hidden', with quantization_config"),
    "lora": (set_in("hidden", "lora_rank", 4), "'hidden', with lora_rank 4"),
    "a setting of another version": (set_in("hidden", "future", "x"), "'hidden', with future 'x'"),
    "units as text": (set_in("hidden", "units", "4"), "units of hidden as Keras has it, got '4'"),
    "units as true": (set_in("hidden", "units", True), "units of hidden as Keras has it, got True"),
    "no units": (set_in("hidden", "units", 0), "got 0"),
    "negative units": (set_in("hidden", "units", -4), "got -4"),
    "broken units": (set_in("hidden", "units", 4.0), "got 4.0"),
    "huge units": (set_in("hidden", "units", 10**400), "got a huge number"),
    "missing units": (set_in("hidden", "units", None), "argument 'units'"),
    "a rate as text": (set_in("drop", "rate", "0.5"), "rate of drop to be a number from 0 to 1, got '0.5'"),
    "a rate as true": (set_in("drop", "rate", True), "got True"),
    "a negative rate": (set_in("drop", "rate", -0.1), "got -0.1"),
    "an infinite rate": (set_in("drop", "rate", float("inf")), "got inf"),
    "a rate that is no number": (set_in("drop", "rate", float("nan")), "got nan"),
    "use_bias as text": (set_in("hidden", "use_bias", "no"), "use_bias of hidden as Keras has it, got 'no'"),
    "trainable as text": (set_in("hidden", "trainable", "no"), "trainable of hidden as Keras has it, got 'no'"),
    "glu in the middle": (set_in("act", "activation", "glu"), "the kernel of out of shape (2, 2), got (4, 2)"),
    "no batch shape": (set_in("inputs", "batch_shape", None), "the shape of an input as a JSON array, got nothing"),
    "a name that is no text": (set_in("hidden", "name", 5), "a layer's name of 1 to 200 characters"),
    "a name with a slash": (set_in("hidden", "name", "a/b"), "without '/', got 'a/b'"),
    "a name that can't be written": (set_in("hidden", "name", "\ud800"), "a layer's name"),
    "a name with escapes": (set_in("hidden", "name", "\x1b[31m/"), "got '?[31m/'"),
    "two layers of one name": (set_in("hidden", "name", "out"), "two of the same name"),
    "two names for a layer": (set_in("hidden", "name", "other"), "called with what is there, got 'hidden'"),
    "a layer called twice": (
        lambda config: layer(config, "hidden")["inbound_nodes"].append({}),
        "'hidden' to be called as a Dense is",
    ),
    "a layer called with two inputs": (
        call("out", lambda node: node["args"].append(node["args"][0])),
        "'out' to be called as a Dense is",
    ),
    "a second output of a layer": (
        call("out", lambda node: node["args"][0]["config"].update(keras_history=["act", 1, 0])),
        "'out' to be called with what is there, got 'act'",
    ),
    "an input that is no layer's": (
        call("out", lambda node: node["args"].__setitem__(0, 3)),
        "'out' to be called as a Dense is",
    ),
    "a circle": (
        call("hidden", lambda node: node["args"][0]["config"].update(keras_history=["out", 0, 0])),
        "got a circle",
    ),
    "another input": (
        lambda config: config["config"].update(input_layers=["act", 0, 0]),
        "the model's inputs to be",
    ),
    "no layers": (remove("layers"), "its code is not in the file"),
    "an empty Sequential": (
        lambda config: config.update(class_name="Sequential", registered_name=None, config={"name": "s", "layers": []}),
        "the model was never built",
    ),
    "a model of a class of its own": (
        lambda config: config.update(class_name="MyModel", registered_name="mine>MyModel", config={"units": 3}),
        "a Sequential or Functional model, got 'MyModel'",
    ),
    "a layer as model": (
        lambda config: config.update(class_name="Dense", module="keras.layers", registered_name=None, config={}),
        "expected a Sequential or Functional model, got 'Dense'",
    ),
    "no config": (lambda config: config.pop("config"), "a model's config as a JSON object"),
    "a layer that is a list": (lambda config: config["config"]["layers"].append([]), "a layer as a JSON object"),
    "other units than the weights'": (set_in("hidden", "units", 5), "the kernel of hidden of shape (2, 5), got (2, 4)"),
    "bias where there is none": (set_in("out", "use_bias", False), "expected 1 array for out, got 2"),
}


@pytest.mark.parametrize("kind", CONFIGS)
def test_a_configuration_is_refused(kind: str) -> None:
    change, message = CONFIGS[kind]
    with pytest.raises(Refused, match=re.escape(message)):
        whole.read_archive(with_config(change))


@pytest.mark.parametrize("foreign", [CUSTOM, LAMBDA, FUNCTION])
def test_a_regularizer_that_is_not_kerass_is_never_run_and_said_not_to_be_followed(foreign: Config) -> None:
    held = whole.read_archive(with_config(set_in("hidden", "kernel_regularizer", foreign)))
    assert len(held.not_followed) == 1
    assert "hidden has a kernel_regularizer" in held.not_followed[0]
    assert all(getattr(layer, "kernel_regularizer", None) is None for layer in held.network.layers)


def replaced(name: str, **dataset: Any) -> ChangeWeights:
    """Return a change that puts another dataset in the place of one."""

    def change(file: h5py.File) -> None:
        del file[name]
        file.create_dataset(name, **dataset)

    return change


def linked(name: str, link: Any) -> ChangeWeights:
    """Return a change that puts a link in the place of a member."""

    def change(file: h5py.File) -> None:
        del file[name]
        file[name] = link

    return change


def virtual(file: h5py.File) -> None:
    layout = h5py.VirtualLayout(shape=(2, 4), dtype="<f4")
    layout[:] = h5py.VirtualSource("other.h5", "secret", shape=(2, 4))
    del file[KERNEL]
    file.create_virtual_dataset(KERNEL, layout)


def swapped(file: h5py.File) -> None:
    file.move("layers/dense", "layers/other")
    file.move("layers/dense_1", "layers/dense")
    file.move("layers/other", "layers/dense_1")


KERNEL = "layers/dense/vars/0"
ELSEWHERE = "got a link to elsewhere"
WEIGHTS: dict[str, tuple[ChangeWeights, str]] = {
    "an external link": (linked(KERNEL, h5py.ExternalLink("/etc/passwd", "x")), ELSEWHERE),
    "a soft link": (linked(KERNEL, h5py.SoftLink("/layers/dense_1/vars/0")), ELSEWHERE),
    "a linked group": (linked("layers/dense", h5py.ExternalLink("other.h5", "/")), ELSEWHERE),
    "all layers linked": (linked("layers", h5py.SoftLink("/vars")), ELSEWHERE),
    "a virtual dataset": (virtual, "got it elsewhere"),
    "numbers in another file": (
        replaced(KERNEL, shape=(2, 4), dtype="<f4", external=[("secret.bin", 0, 32)]),
        "got it elsewhere",
    ),
    "objects": (
        replaced(KERNEL, shape=(2, 4), dtype=h5py.string_dtype()),
        "the kernel of hidden as numbers in the file, got none",
    ),
    "numbers packed in a way that is not read": (
        replaced(KERNEL, data=np.zeros((2, 4), np.float32), scaleoffset=2),
        "got it packed otherwise",
    ),
    "a small file of many zeros": (
        replaced(KERNEL, data=np.zeros((3000, 3000), np.float32), compression="gzip"),
        "at most 32 MiB unpacked of a file of this size",
    ),
    "numbers that are not stored": (replaced(KERNEL, shape=(2, 4), dtype="<f4", chunks=(1, 4)), "got only a part"),
    "a huge declared shape": (
        replaced(KERNEL, shape=(1 << 30, 1 << 30), dtype="<f4", chunks=(1, 1)),
        "of a shape that a weight has",
    ),
    "another shape": (replaced(KERNEL, data=np.zeros((4, 2), np.float32)), "of shape (2, 4), got (4, 2)"),
    "a group for a dataset": (
        lambda file: (file.__delitem__(KERNEL), file.create_group(KERNEL))[0],
        "kernel of hidden as numbers",
    ),
    "a missing array": (lambda file: file.__delitem__(KERNEL), "kernel of hidden as numbers"),
    "a missing layer": (lambda file: file.__delitem__("layers/dense_1"), "kernel of out as numbers"),
    "no layers": (lambda file: file.__delitem__("layers"), "kernel of hidden as numbers"),
    "layers that changed places": (swapped, "the weights of hidden, got those of out"),
}


@pytest.mark.parametrize("kind", WEIGHTS)
def test_weights_are_refused(kind: str) -> None:
    change, message = WEIGHTS[kind]
    with pytest.raises(Refused, match=re.escape(message)):
        whole.read_archive(with_weights(change))


def test_chunked_weights_and_weights_without_names_are_read() -> None:
    def change(file: h5py.File) -> None:
        values = file[KERNEL][()]
        replaced(KERNEL, data=values, chunks=(1, 3))(file)
        del file["layers/dense/vars"].attrs["name"]

    _, weights, *_ = whole.read_archive(with_weights(change))
    assert weights.equal(initial_weights(NETWORK, 0))
    patched = saved_with(with_weights(change), NETWORK, initial_weights(NETWORK, 5))
    assert whole.read_archive(patched)[1].equal(initial_weights(NETWORK, 5))


# The zip


@pytest.mark.parametrize("name", ["config.json", "metadata.json", "model.weights.h5"])
def test_a_missing_member_is_named(name: str) -> None:
    contents = members()
    del contents[name]
    with pytest.raises(Refused, match=f"with a member {name}"):
        whole.read_archive(packed(contents))


def test_a_member_that_is_there_twice_is_refused() -> None:
    buffer = io.BytesIO(GOOD)
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "a") as file:
        warnings.simplefilter("ignore")
        file.writestr("config.json", "{}")
    with pytest.raises(Refused, match=r"got 'config\.json' twice"):
        whole.read_archive(buffer.getvalue())


def test_a_member_that_says_it_is_huge_is_refused_before_it_is_read() -> None:
    size = len(members()["config.json"]).to_bytes(4, "little")
    large = (1 << 27).to_bytes(4, "little")
    with pytest.raises(Refused, match=r"at most 32 MiB unpacked of a file of this size, got 128 MiB"):
        whole.read_archive(GOOD.replace(size, large))


def test_a_file_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zip_file, "MAX_UNPACKED", 1 << 10)
    with pytest.raises(Refused, match="unpacked"):
        whole.read_archive(GOOD)


def test_an_encrypted_file_is_refused() -> None:
    place = GOOD.index(b"PK\x01\x02") + 8
    with pytest.raises(Refused, match="without a password"):
        whole.read_archive(GOOD[:place] + b"\x01" + GOOD[place + 1 :])


@pytest.mark.parametrize("version", ['"1.2.2"', '"4.0"', "3", "null"])
def test_another_version_of_keras_is_refused(version: str) -> None:
    metadata = f'{{"keras_version": {version}}}'.encode()
    with pytest.raises(Refused, match="expected a model saved by Keras"):
        whole.read_archive(packed({**members(), "metadata.json": metadata}))


@pytest.mark.parametrize(
    "name, content",
    [
        ("config.json", b"{"),
        ("config.json", b"[" * 100_000),
        ("config.json", b"\xff\xfe"),
        ("config.json", b'{"config": ' + b"9" * 10_000 + b"}"),
        ("metadata.json", b"[]"),
        ("model.weights.h5", b""),
        ("model.weights.h5", b"\x89HDF\r\n\x1a\n" + bytes(200)),
    ],
)
def test_a_damaged_member_is_answered_with_a_sentence(name: str, content: bytes) -> None:
    found = answer_on_model(packed({**members(), name: content}))
    assert isinstance(found, Refusal)
    assert re.search("damaged|don't trust this file", found.message) and "\n" not in found.message


def test_the_refusal_reaches_the_person_with_the_files_name(tmp_path: Path) -> None:
    from core.model.files.opening import open_model

    path = tmp_path / "evil.keras"
    path.write_bytes(with_config(CONFIGS["a Lambda layer"][0]))
    with pytest.raises(Refused, match=r"^evil\.keras: expected layers whose arithmetic is known, got 'drop', a Lambda"):
        open_model(path)
