"""The arrays of an HDF5 file: ``.weights.h5`` of Keras 3, what Keras 1 and 2 saved, others; limited process only."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

from core.errors import Refused, shorten
from core.model.archive.earlier import WEIGHTS, names_in
from core.model.archive.found import BFLOAT16, OPTIMIZERS, Found, Read, declared, holds_numbers, plainly
from core.model.archive.h5 import CONTAINERS, child, stored
from core.model.archive.safetensors import from_bfloat16
from core.model.files.earlier_config import version_of

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_DEPTH = 64
MAX_LINKS = 100_000


def read_hdf5_arrays(data: bytes) -> Read:
    """Return the arrays of the HDF5 file ``data``: in the order that Keras 1 and 2 list, else by their names.

    Raises:
        Refused: it has links to elsewhere, or declares more than it has.
    """
    with h5py.File(io.BytesIO(data), "r") as file:
        whole = file.id.links.exists(WEIGHTS.encode())
        group = child(file, WEIGHTS, "the model", h5py.Group) if whole else file
        walk = _Walk(len(data))
        arrays = dict(walk.members(group, "", 0))
        layers = names_in(group, "layer_names")
        if layers:
            version = file.attrs.get("keras_version")
            # Keras 1 wrote none here.
            saved_by = "Keras 1" if version is None else f"Keras {version_of(version)}"
            return Read("HDF5, as Keras 1 and 2 save weights", saved_by, _listed(group, layers, arrays), walk.left_out)
        is_keras = any(path.split("/")[0] in CONTAINERS or "/vars/" in path for path in arrays)
        found = [_by_place(path, arrays[path]) for path in sorted(arrays, key=_in_order)]
        return Read("HDF5, as Keras 3 saves weights" if is_keras else "HDF5", "", found, walk.left_out)


class _Walk:
    """Goes through all that is in a file, which has so many bytes; links that lead round or far too often end it."""

    def __init__(self, size: int) -> None:
        self.left_out = list[str]()
        self._bytes, self._links = size, MAX_LINKS

    def members(self, group: Any, before: str, depth: int) -> Iterator[tuple[str, Found]]:
        for name in group:
            path = before + name.replace("\\", "/")
            self._links -= 1
            if depth > MAX_DEPTH or self._links < 0:
                raise Refused(
                    f"expected groups of arrays, got too many or too deep ones at {shorten(path)!r}; don't trust this "
                    "file"
                )
            member = child(group, name, "the weights", (h5py.Group, h5py.Dataset, h5py.Datatype))
            if isinstance(member, h5py.Group):
                yield from self.members(member, f"{path}/", depth + 1)
            elif isinstance(member, h5py.Dataset):
                yield from self._array(member, path)

    def _array(self, dataset: Any, path: str) -> Iterator[tuple[str, Found]]:
        what, halves = f"the array {shorten(path)}", _is_bfloat16(dataset)
        if dataset.shape is None or not (halves or holds_numbers(dataset.dtype)):
            self.left_out.append(path)
            return
        # All together, so that many links to one array don't make much of little.
        self._bytes -= declared(what, dataset.shape, dataset.dtype.itemsize)
        if self._bytes < 0:
            raise Refused(f"expected arrays that the file has room for, got more at {shorten(path)!r}; it is damaged")
        values = np.asarray(stored(dataset, what)[()])
        if halves:
            values = from_bfloat16(np.frombuffer(values.tobytes(), "<u2").reshape(values.shape))
        yield path, Found("", path, plainly(values), BFLOAT16 if halves else values.dtype.name)


def _is_bfloat16(dataset: Any) -> bool:
    """Say whether these are bfloat16, which HDF5 has no word for: Keras 3 writes two bytes each, and says it beside."""
    return (
        dataset.dtype.kind == "V"
        and dataset.dtype.itemsize == 2
        and dataset.dtype.names is None
        and dataset.attrs.get("dtype") == BFLOAT16
    )


def _by_place(path: str, found: Found) -> Found:
    """Return an array under its layer, which Keras 3 names by where it is: ``layers/dense`` and ``vars/0``."""
    layer, cut, number = path.rpartition("/vars/")
    if cut:
        return found._replace(layer=layer, name=f"vars/{number}")
    layer, _, name = path.rpartition("/")
    return found._replace(layer=layer, name=name)


def _in_order(path: str) -> tuple[bool, list[list[tuple[str, int]]]]:
    """Return what to sort by: numbers as numbers, and what an optimizer remembers behind all weights."""
    parts = path.split("/")
    words = [[(word, int(number or -1)) for word, number in re.findall(r"(\D*)(\d{0,15})", part)] for part in parts]
    return parts[0] in OPTIMIZERS, words


def _listed(group: Any, layers: list[str], arrays: dict[str, Found]) -> list[Found]:
    """Return the arrays in the order in which layers list them, then those that none does."""
    left, made = dict(arrays), list[Found]()
    for layer in layers:
        held = group
        for part in filter(None, layer.split("/")):
            held = child(held, part, "the weights", h5py.Group)
        for name in names_in(held, "weight_names"):
            path = f"{layer}/{name}"
            if path not in left:
                raise Refused(f"expected {shorten(name, 80)!r} of {shorten(layer)}, got none; the file is damaged")
            # Keras 2 has the layer's name once more in the array's.
            made.append(left.pop(path)._replace(layer=layer, name=name.removeprefix(f"{layer}/")))
    return [*made, *(_by_place(path, left[path]) for path in sorted(left, key=_in_order))]
