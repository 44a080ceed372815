"""Files of weights without a model, as Keras 1, 2 and 3, NumPy and safetensors write them."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import h5py
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Layers = Mapping[str, Mapping[str, np.ndarray]]


def made(make: Callable[[h5py.File], object]) -> bytes:
    """Return the HDF5 file that ``make`` fills."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        make(file)
    return buffer.getvalue()


def listed(layers: Layers, version: str | None) -> bytes:
    """Return what ``save_weights`` of Keras 2 writes; without a version, of Keras 1."""

    def make(file: h5py.File) -> None:
        if version is not None:
            file.attrs.update({"keras_version": version, "backend": "tensorflow"})
        file.attrs["layer_names"] = np.array([name.encode() for name in layers])
        for layer, arrays in layers.items():
            group = file.create_group(layer)
            group.attrs["weight_names"] = np.array([name.encode() for name in arrays] or [], dtype="S64")
            for name, array in arrays.items():
                group[name] = array

    return made(make)


def by_place(arrays: Mapping[str, np.ndarray]) -> bytes:
    """Return what Keras 3 writes as ``.weights.h5``: arrays by where they are, with groups that say their layers."""

    def make(file: h5py.File) -> None:
        for path, array in arrays.items():
            file[path] = array
        file.create_group("vars").attrs["name"] = "sequential"

    return made(make)


def safetensors(header: object, numbers: bytes = b"") -> bytes:
    """Return a ``.safetensors`` with that header."""
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + numbers


def npz(**arrays: np.ndarray) -> bytes:
    """Return an ``.npz``."""
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()
