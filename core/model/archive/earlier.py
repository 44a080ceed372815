"""Whole models that are no zip of Keras 3, as they are: HDF5 files of any Keras, Keras 2's zips; limited process only.

Keras's HDF5 files have the configuration as an attribute and a group for every layer, which lists the names of the
layer's arrays: those that are trained first (Keras's documentation, "Whole-model saving: legacy H5 format").
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import h5py

from core.errors import Refused, shorten
from core.model.alone import WeightsAlone
from core.model.archive.described import HDF5, OF_KERAS_2, Described, Saved, version_of
from core.model.archive.gate import mapping
from core.model.archive.h5 import CONTAINERS
from core.model.archive.hdf5 import Hdf5
from core.model.archive.json_text import read_json
from core.model.archive.remembered import of_optimizer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.arrays import AnyArray
    from core.model.archive.gate import Json
    from core.model.between import Content

WEIGHTS = "model_weights"


def read_hdf5(data: Content) -> Described:
    """Return the whole model in the HDF5 file ``data``.

    Raises:
        Refused: it has no model, or one that no Keras wrote.
        Exception: it is damaged; what json or h5py raise has no common class.
    """
    with Hdf5(data) as file:
        config = file.text(file.root, "model_config")
        if config is None:
            raise WeightsAlone
        version = version_of(file.text(file.root, "keras_version"))
        backend = shorten(file.text(file.root, "backend") or "")
        model = mapping("model_config", read_json("model_config", config))
        saved = Saved(HDF5, version, backend, of_optimizer=of_optimizer(file))
        given = file.text(file.root, "training_config")
        compiled = None if given is None else mapping("training_config", read_json("training_config", given))
        lists = dict(_layers(file, file.child(file.root, WEIGHTS, "the model", h5py.Group)))
    return Described(model, saved, lists=lists, compiled=compiled)


def read_zip(model: Json, version: str, data: Content) -> Described:
    """Return the model of Keras 2's zip that is described by ``model``; its arrays are in the HDF5 file ``data``."""
    with Hdf5(data) as file:
        saved = Saved(OF_KERAS_2, version, of_optimizer=of_optimizer(file))
        return Described(model, saved, groups=dict(_below_container(file)))


def names_in(file: Hdf5, group: Any, attribute: str) -> list[str]:
    """Return the names in an attribute; long lists are in several: ``weight_names0``, ``weight_names1`` ..."""
    numbered = (f"{attribute}{at}" for at in range(len(group.attrs)))
    return [name for one in (attribute, *numbered) for name in file.texts(group, one) or ()]


def _layers(file: Hdf5, group: Any) -> Iterator[tuple[str, list[tuple[str, AnyArray]]]]:
    """Give every layer's name with its arrays, named, in their order."""
    for name in names_in(file, group, "layer_names"):
        called = shorten(name)
        layer = file.at(group, name, called, h5py.Group)
        yield name, [(one, _read(file, layer, one, called)) for one in names_in(file, layer, "weight_names")]


def _read(file: Hdf5, group: Any, path: str, called: str) -> AnyArray:
    return _numbers(file, file.at(group, path, called, h5py.Dataset), f"{shorten(path, 80)} of {called}")


def _numbers(file: Hdf5, dataset: Any, what: str) -> AnyArray:
    if not file.has_numbers(dataset):
        raise Refused(f"expected {what} as numbers, got {shorten(str(dataset.dtype))}; the file is damaged")
    return file.any_numbers(dataset, what)


def _below_container(file: Hdf5) -> Iterator[tuple[str, AnyArray]]:
    """Give the arrays of all layers by their paths; on Windows Keras wrote these with backslashes."""
    for name in file.root:
        container, _, below = name.partition("\\")
        if container in CONTAINERS:
            group = file.child(file.root, name, "the weights", h5py.Group)
            for path, dataset in file.arrays(group, f"{below}/".replace("\\", "/") if below else ""):
                yield path, _numbers(file, dataset, f"the array {shorten(path, 80)}")
