"""Damaged files of models and of weights, opened as the app opens them.

The limited process is not started for each: it goes on from one to the next.
"""

from __future__ import annotations

import io
import json
import signal
import zipfile
from functools import cache
from typing import TYPE_CHECKING

import h5py
import numpy as np

from core.calculation.running import predictions
from core.model import keras_file
from core.model.alone import WeightsAlone
from core.model.archive import whole
from core.model.files.opening import OpenedGraph, open_any
from core.model.network import Network
from core.model.summary import summary
from core.model.weights import Weights
from core.model.weights_file import open_alone, open_weights
from tests import graphs
from tests.damage import ALONE, KERAS_2, Loop, spoilt
from tests.hdf5_files import CHAIN_FILE, drawn
from tests.hostile_files import GOOD, zipped
from tests.mutants import Kind, members_changed, value_changed, words_changed
from tests.weight_files import npz

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence
    from pathlib import Path

    from core.model.between import FileInMemory

LARGEST = 10_000
"""Numbers of a model up to which its predictions are tried."""


@cache
def archives() -> tuple[bytes, ...]:
    """Return ``.keras`` files of models of many kinds of layers, from one of Keras 2 on."""
    made = [GOOD, zipped(KERAS_2, zipfile.ZIP_STORED)]
    for model in graphs.MODELS.values():
        opened = model()
        network = Network.of(opened.graph)
        made.append(
            whole.write_archive(network, Weights.of_names(network, opened.weights), None, "2026-01-01@00:00:00")
        )
    return tuple(made)


def archive_changed(data: bytes, choice: random.Random) -> bytes:
    """Return a ``.keras`` file with damage in one member or a value in its description another, or plain damage."""
    if choice.random() < 0.2:
        return spoilt(data, choice)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    name = choice.choice(["config.json", "config.json", "config.json", "model.weights.h5", "metadata.json"])
    contents[name] = (
        description_changed(contents[name], choice) if name.endswith("n") else spoilt(contents[name], choice)
    )
    return zipped(contents, zipfile.ZIP_STORED)


def description_changed(data: bytes, choice: random.Random) -> bytes:
    """Return a description in JSON with some of its values or words others."""
    if choice.random() < 0.2:
        return words_changed(data, choice)
    value = json.loads(data)
    for _ in range(choice.choice([1, 1, 1, 2, 4])):
        value = value_changed(value, choice)
    return json.dumps(value).encode()


def hdf5_changed(data: bytes, choice: random.Random) -> bytes:
    """Return a whole model in HDF5 with a value in its description another, or plain damage."""
    if choice.random() < 0.6:
        return spoilt(data, choice)
    buffer = io.BytesIO(data)
    with h5py.File(buffer, "r+") as file:
        described = file.attrs["model_config"]
        text = described if isinstance(described, bytes) else described.encode()
        file.attrs["model_config"] = np.bytes_(description_changed(text, choice).replace(b"\0", b"") or b" ")
    return buffer.getvalue()


def safetensors_changed(data: bytes, choice: random.Random) -> bytes:
    """Return a ``.safetensors`` with a value in its header another, or plain damage."""
    length = int.from_bytes(data[:8], "little")
    if choice.random() < 0.4:
        return spoilt(data, choice)
    header = description_changed(data[8 : 8 + length], choice)
    return len(header).to_bytes(8, "little") + header + data[8 + length :]


@cache
def packed() -> tuple[bytes, ...]:
    """Return weights as ``.npz``."""
    return ALONE[2], npz(**{"conv2d/kernel": drawn(3, 3, 2, 2), "conv2d/bias": drawn(2)})


_loop: list[Loop] = []
"""The limited process, once there is one."""


def _exchange(
    sent: bytes, file: FileInMemory, most: int, seconds: float, command: Sequence[str] = ()
) -> tuple[int, bytes]:
    if not _loop:
        _loop.append(Loop())
    answer = _loop[0].asked(sent, file.content)
    return (-signal.SIGSEGV, b"") if answer is None else (0, answer)


def read_a_model(folder: Path, data: bytes, ending: str) -> bool:
    """Open a file, say what there is in it, and predict with it."""
    (path := folder / f"a{ending}").write_bytes(data)
    keras_file.exchange = _exchange  # type: ignore[attr-defined]
    try:
        model = open_any(path)
    except WeightsAlone as alone:
        open_alone(path, alone)
        return True
    graph = model.graph if isinstance(model, OpenedGraph) else model.network.graph
    weights = model.weights if isinstance(model, OpenedGraph) else model.weights.by_name(model.network)
    made = summary(graph, weights)
    points = [np.ones((1, *(size or 4 for size in given.shape)), np.float32) for given in graph.inputs]
    if not made.stops and made.parameters + sum(one.size for one in points) < LARGEST:
        with np.errstate(all="ignore"):
            predictions(graph, weights, points)
    return True


def read_weights(folder: Path, data: bytes, ending: str) -> bool:
    """Open a file of weights alone."""
    (path := folder / f"a{ending}").write_bytes(data)
    keras_file.exchange = _exchange  # type: ignore[attr-defined]
    return bool(open_weights(path).arrays)


KINDS = {
    ".keras": Kind(archives, archive_changed, lambda folder, data: read_a_model(folder, data, ".keras")),
    ".h5": Kind(lambda: (CHAIN_FILE,), hdf5_changed, lambda folder, data: read_a_model(folder, data, ".h5")),
    ".weights.h5": Kind(lambda: ALONE[:2], spoilt, lambda folder, data: read_weights(folder, data, ".weights.h5")),
    ".npz of weights": Kind(packed, members_changed, lambda folder, data: read_weights(folder, data, ".npz")),
    ".safetensors": Kind(
        lambda: ALONE[3:], safetensors_changed, lambda folder, data: read_weights(folder, data, ".safetensors")
    ),
}
"""The kinds of files by what a table calls them."""
