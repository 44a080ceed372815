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
    from core.arrays import AnyArray
    from core.model.archive.gate import Json
    from core.model.archive.hdf5 import Numbers
    from core.model.between import Content

WEIGHTS, CONFIG, COMPILED, OPTIMIZER = "model_weights", "model_config", "training_config", "optimizer_weights"


def read_hdf5(data: Content) -> Described:
    """Return the whole model in the HDF5 file ``data``.

    Raises:
        Refused: it has no model, or one that no Keras wrote.
        Exception: it is damaged; what json or h5py raise has no common class.
    """
    with Hdf5(data) as file:
        config = file.text(file.root, CONFIG)
        if config is None:
            raise WeightsAlone
        version = version_of(file.text(file.root, "keras_version"))
        backend = shorten(file.text(file.root, "backend") or "")
        model = mapping(CONFIG, read_json(CONFIG, config))
        saved = Saved(HDF5, version, backend, of_optimizer=of_optimizer(file))
        given = file.text(file.root, COMPILED)
        compiled = None if given is None else mapping(COMPILED, read_json(COMPILED, given))
        lists = lists_of(file, file.any_numbers)
    return Described(model, saved, lists=lists, compiled=compiled)


def read_zip(model: Json, version: str, data: Content) -> Described:
    """Return the model of Keras 2's zip that is described by ``model``; its arrays are in the HDF5 file ``data``."""
    with Hdf5(data) as file:
        saved = Saved(OF_KERAS_2, version, of_optimizer=of_optimizer(file))
        return Described(model, saved, groups=groups_of_2(file, file.any_numbers))


def names_in(file: Hdf5, group: Any, attribute: str) -> list[str]:
    """Return the names in an attribute; long lists are in several: ``weight_names0``, ``weight_names1`` ..."""
    numbered = (f"{attribute}{at}" for at in range(len(group.attrs)))
    return [name for one in (attribute, *numbered) for name in file.texts(group, one) or ()]


def lists_of(file: Hdf5, numbers: Numbers) -> dict[str, list[tuple[str, AnyArray]]]:
    """Return what every layer of the whole model in an open file lists, as ``numbers`` gives each dataset's."""
    group = file.child(file.root, WEIGHTS, "the model", h5py.Group)
    lists = dict[str, list[tuple[str, "AnyArray"]]]()
    for name in names_in(file, group, "layer_names"):
        called = shorten(name)
        layer = file.at(group, name, called, h5py.Group)
        datasets = [(one, file.at(layer, one, called, h5py.Dataset)) for one in names_in(file, layer, "weight_names")]
        lists[name] = [(one, _read(file, held, f"{shorten(one, 80)} of {called}", numbers)) for one, held in datasets]
    return lists


def groups_of_2(file: Hdf5, numbers: Numbers) -> dict[str, AnyArray]:
    """Return the arrays of all layers in the open file of Keras 2's zip by their paths, as ``numbers`` gives each's.

    On Windows Keras wrote the paths with backslashes.
    """
    arrays = dict[str, "AnyArray"]()
    for name in file.root:
        container, _, below = name.partition("\\")
        if container in CONTAINERS:
            group = file.child(file.root, name, "the weights", h5py.Group)
            for path, dataset in file.arrays(group, f"{below}/".replace("\\", "/") if below else ""):
                arrays[path] = _read(file, dataset, f"the array {shorten(path, 80)}", numbers)
    return arrays


def _read(file: Hdf5, dataset: Any, what: str, numbers: Numbers) -> AnyArray:
    if not file.has_numbers(dataset):
        raise Refused(f"expected {what} as numbers, got {shorten(str(dataset.dtype))}; the file is damaged")
    return numbers(dataset, what)
