"""The arrays of an HDF5 file: ``.weights.h5`` of Keras 3, what Keras 1 and 2 saved, others; limited process only."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import h5py

from core.errors import Refused, shorten
from core.model.archive.described import version_of
from core.model.archive.earlier_files import WEIGHTS, names_in
from core.model.archive.h5 import CONTAINERS
from core.model.archive.hdf5 import Hdf5
from core.model.archive.held_array import OPTIMIZERS, HeldArray, Read, plainly
from core.model.archive.narrow import BFLOAT16

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.model.between import Content


def read_hdf5_arrays(data: Content) -> Read:
    """Return the arrays of the HDF5 file ``data``: in the order that Keras 1 and 2 list, else by their names.

    Raises:
        Refused: it has links to elsewhere, or declares more than it has.
    """
    with Hdf5(data) as file:
        whole, left_out = file.root.id.links.exists(WEIGHTS.encode()), list[str]()
        group = file.child(file.root, WEIGHTS, "the model", h5py.Group) if whole else file.root
        arrays = dict(_arrays(file, group, left_out))
        layers = names_in(file, group, "layer_names")
        if layers:
            version = file.text(file.root, "keras_version")
            # Keras 1 wrote none here.
            saved_by = "Keras 1" if version is None else f"Keras {version_of(version)}"
            listed = _listed(file, group, layers, arrays, left_out)
            kind = "HDF5" if whole else "HDF5, as Keras 1 and 2 save weights"
            return Read(kind, saved_by, listed, left_out, whole)
        is_keras = any(path.split("/")[0] in CONTAINERS or "/vars/" in path for path in arrays)
        placed = [_by_place(path, arrays[path]) for path in sorted(arrays, key=_in_order)]
        return Read("HDF5, as Keras 3 saves weights" if is_keras else "HDF5", "", placed, left_out)


def _arrays(file: Hdf5, group: Any, left_out: list[str]) -> Iterator[tuple[str, HeldArray]]:
    for path, dataset in file.arrays(group):
        if not file.has_numbers(dataset):
            left_out.append(path)
            continue
        values = file.any_numbers(dataset, f"the array {shorten(path)}")
        dtype = BFLOAT16 if file.is_bfloat16(dataset) else values.dtype.name
        yield path, HeldArray("", path, plainly(values), dtype)


def _by_place(path: str, array: HeldArray) -> HeldArray:
    """Return an array under its layer, which Keras 3 names by where it is: ``layers/dense`` and ``vars/0``."""
    layer, cut, number = path.rpartition("/vars/")
    if cut:
        return replace(array, layer=layer, name=f"vars/{number}")
    layer, _, name = path.rpartition("/")
    return replace(array, layer=layer, name=name)


def _in_order(path: str) -> tuple[bool, list[list[tuple[str, int]]]]:
    """Return what to sort by: numbers as numbers, and what an optimizer remembers behind all weights."""
    parts = path.split("/")
    words = [[(word, int(number or -1)) for word, number in re.findall(r"(\D*)(\d{0,15})", part)] for part in parts]
    return parts[0] in OPTIMIZERS, words


def _listed(
    file: Hdf5, group: Any, layers: list[str], arrays: dict[str, HeldArray], left_out: list[str]
) -> list[HeldArray]:
    """Return the arrays in the order in which layers list them, then those that none does."""
    left, made, skipped = dict(arrays), list[HeldArray](), set(left_out)
    for layer in layers:
        held = file.at(group, layer, "the weights", h5py.Group)
        for name in names_in(file, held, "weight_names"):
            path = f"{layer}/{name}"
            if path in skipped:
                continue
            if path not in left:
                raise Refused(f"expected {shorten(name, 80)!r} of {shorten(layer)}, got none; the file is damaged")
            # Keras 2 has the layer's name once more in the array's.
            made.append(replace(left.pop(path), layer=layer, name=name.removeprefix(f"{layer}/")))
    return [*made, *(_by_place(path, left[path]) for path in sorted(left, key=_in_order))]
