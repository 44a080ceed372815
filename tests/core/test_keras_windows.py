"""Files with layers that a window moves over: which settings are refused, and what a file that is saved says."""

from __future__ import annotations

import io
import json
import re
import zipfile
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import pytest

from core.errors import Refused
from core.layers.activation_layers import Activation
from core.layers.convolution import Conv1D, Conv2D, Convolution
from core.layers.dense import Dense
from core.layers.pooling import AveragePooling1D, AveragePooling2D, MaxPooling1D, MaxPooling2D, Pooling
from core.layers.reshaping import Flatten
from core.model.archive import whole
from core.model.initial import initial_weights
from tests.core.images import network_over

if TYPE_CHECKING:
    from core.model.network import Network

IMAGES = network_over(
    (6, 6, 1),
    Conv2D("conv", 2, (3, 3), (1, 1), "same", "tanh"),
    MaxPooling2D("pool", (2, 2), (2, 2)),
    Conv2D("again", 3, (2, 2), (1, 1), use_bias=False),
    AveragePooling2D("mean", (2, 2), (1, 1)),
    Flatten("flat"),
    Dense("out", 1),
)
SEQUENCES = network_over(
    (6, 1),
    Conv1D("conv", 2, (3,), (1,)),
    MaxPooling1D("pool", (2,), (2,)),
    AveragePooling1D("mean", (2,), (1,), "same"),
    Flatten("flat"),
)
DATE = "2026-01-01@00:00:00"


def saved(network: Network) -> bytes:
    return whole.write_archive(network, initial_weights(network, 0), None, DATE)


def members(archive: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(archive)) as file:
        return {name: file.read(name) for name in file.namelist()}


def packed(contents: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, content in contents.items():
            file.writestr(name, content)
    return buffer.getvalue()


def settings_of(archive: bytes) -> dict[str, dict[str, Any]]:
    layers = json.loads(members(archive)["config.json"])["config"]["layers"]
    return {layer["config"]["name"]: layer["config"] for layer in layers}


def changed(name: str, setting: str, value: Any) -> bytes:
    """Return the file of images with one setting of one layer changed."""
    contents = members(saved(IMAGES))
    config = json.loads(contents["config.json"])
    for layer in config["config"]["layers"]:
        if layer["name"] == name:
            layer["config"][setting] = value
    return packed({**contents, "config.json": json.dumps(config).encode()})


REFUSED: dict[str, tuple[str, str, Any, str]] = {
    "no filters": ("conv", "filters", 0, "filters of conv to be 1 or more"),
    "filters as true": ("conv", "filters", True, "got True"),
    "no kernel size": ("conv", "kernel_size", None, "argument 'kernel_size'"),
    "a kernel of three axes": ("conv", "kernel_size", [3, 3, 3], "conv expects 4 axes"),
    "a kernel of text": ("conv", "kernel_size", ["3", "3"], "kernel_size of conv as Keras has it, got ('3', '3')"),
    "a kernel of nothing": ("conv", "kernel_size", [0, 3], "got 0"),
    "a window that stands still": ("pool", "strides", [0, 0], "strides of pool to be 1 or more"),
    "strides as broken numbers": ("pool", "strides", [2.0, 2.0], "got (2.0, 2.0)"),
    "a padding of its own": ("pool", "padding", "causal", "padding of pool as Keras has it, got 'causal'"),
    "no padding": ("pool", "padding", None, "padding"),
    "groups as true": ("conv", "groups", True, "groups of conv as Keras has it, got True"),
    "a setting of another version": ("mean", "future", 1, "'mean', with future 1"),
    "a window wider than the image": ("pool", "pool_size", [7, 1], "room for a window of 7 x 1"),
    "too many numbers": (
        "inputs",
        "batch_shape",
        [None, 200_000, 200_000, 1],
        "8,589,934,592 numbers at once",
    ),
    "sequences for images": ("inputs", "batch_shape", [None, 6, 6], "conv expects 3 axes"),
    "rows for images": ("inputs", "batch_shape", [None, 36], "conv expects 3 axes"),
    "other channels than the weights'": ("inputs", "batch_shape", [None, 6, 6, 2], "of shape (3, 3, 2, 2), got"),
    "half of one channel": ("again", "activation", "glu", "glu halves its units: expected an even number"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_setting_is_refused(kind: str) -> None:
    name, setting, value, message = REFUSED[kind]
    with pytest.raises(Refused, match=re.escape(message)):
        whole.read_archive(changed(name, setting, value))


def test_a_window_that_would_see_too_much_is_refused_before_a_number_is_read() -> None:
    contents = members(changed("conv", "kernel_size", [1000, 1000]))
    config = json.loads(contents["config.json"])
    config["config"]["layers"][0]["config"]["batch_shape"] = [None, 600, 600, 1]
    with pytest.raises(Refused, match="at most 8,589,934,592 numbers at once, got 360,000,000,000"):
        whole.read_archive(packed({**contents, "config.json": json.dumps(config).encode()}))


def test_half_of_an_odd_number_of_channels_is_refused() -> None:
    """All numbers together are even: the halves are those of every place."""
    with pytest.raises(Refused, match="glu halves its units: expected an even number"):
        saved(network_over((4, 4, 3), Activation("act", "glu")))


def test_one_number_stands_for_every_axis_and_no_strides_for_the_window() -> None:
    assert whole.read_archive(changed("conv", "kernel_size", 3))[0] == IMAGES
    assert whole.read_archive(changed("pool", "strides", None))[0] == IMAGES


@pytest.mark.parametrize("network", [IMAGES, SEQUENCES], ids=["images", "sequences"])
def test_a_file_says_where_the_channels_are(network: Network) -> None:
    """What it does not say, a setting of the person who loads it would."""
    held = settings_of(saved(network))
    windowed = [layer.name for layer in network.layers if isinstance(layer, Convolution | Pooling | Flatten)]
    assert {held[name]["data_format"] for name in windowed} == {"channels_last"}
    assert held["inputs"]["batch_shape"] == [None, *network.shape]


def test_the_weights_stand_where_keras_has_them() -> None:
    with h5py.File(io.BytesIO(members(saved(IMAGES))["model.weights.h5"])) as file:
        shapes = {name: file[f"layers/{name}/vars/0"].shape for name in ("conv2d", "conv2d_1", "dense")}
        assert shapes == {"conv2d": (3, 3, 1, 2), "conv2d_1": (2, 2, 2, 3), "dense": (3, 1)}
        assert {"max_pooling2d", "average_pooling2d", "flatten"} < set(file["layers"])


def test_a_kernel_of_another_shape_is_refused() -> None:
    contents = members(saved(IMAGES))
    buffer = io.BytesIO(contents["model.weights.h5"])
    with h5py.File(buffer, "r+") as file:
        del file["layers/conv2d/vars/0"]
        file["layers/conv2d/vars/0"] = np.zeros((9, 1, 2), np.float32)
    with pytest.raises(Refused, match=re.escape("the kernel of conv of shape (3, 3, 1, 2), got (9, 1, 2)")):
        whole.read_archive(packed({**contents, "model.weights.h5": buffer.getvalue()}))
