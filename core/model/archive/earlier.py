"""Whole models that are no zip of Keras 3: HDF5 files of any Keras, and Keras 2's zips; for the limited process only.

Keras's HDF5 files have the configuration as an attribute and a group for every layer, which lists the names of the
layer's arrays: those that are trained first (Keras's documentation, "Whole-model saving: legacy H5 format").
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import h5py
import numpy as np

from core.errors import Refused, shorten
from core.model.alone import WeightsAlone
from core.model.archive.gate import mapping
from core.model.archive.h5 import CONTAINERS
from core.model.archive.hdf5 import Hdf5
from core.model.archive.json_text import read_json
from core.model.archive.protocol import Saved
from core.model.archive.remembered import of_optimizer
from core.model.files.cudnn_arrays import from_cudnn
from core.model.files.earlier_config import earlier_config, version_of
from core.model.files.file_arrays import InGroups, InOrder
from core.model.files.first_arrays import joined_gates
from core.model.files.slashes import SLASH, sign_for_slash
from core.training.optimizers import KERAS_OPTIMIZERS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Set as AbstractSet

    from core.arrays import AnyArray
    from core.model.archive.gate import Json
    from core.model.archive.hdf5 import Numbers
    from core.model.between import Content

    Lists = dict[str, list[tuple[str, AnyArray]]]

WEIGHTS, CONFIG, COMPILED, OPTIMIZER = "model_weights", "model_config", "training_config", "optimizer_weights"

OPTIMIZERS = frozenset(one.keras_class for one in KERAS_OPTIMIZERS.values())
"""Keras's own, by their classes."""

GONE: dict[str, tuple[object, ...]] = {
    "decay": (0.0,),
    "epsilon": (None,),
    "is_legacy_optimizer": (False, True),
    "jit_compile": (False, True),
}
"""Settings of optimizers that Keras 3 has no more, with the values for which that changes nothing."""


class Earlier(NamedTuple):
    """A model as Keras 3 would describe it, how it was saved, and its arrays as its file has them."""

    model: Json
    saved: Saved
    arrays: InGroups | InOrder

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be said of it."""
        kept = (
            "saved as .h5 all but what is changed stays, as .keras"
            if self.saved.format == "HDF5"
            else "saved from here"
        )
        first = f"It was saved by Keras {self.saved.keras}; {kept} it becomes a new file of today's Keras."
        return (first, *self.saved.notes)


def read_hdf5(data: Content) -> Earlier:
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
        described = read_json(CONFIG, config)
        sign = sign_for_slash(described)
        saved = Saved("HDF5", version, backend, _notes(version, backend, config, sign), of_optimizer(file))
        model = earlier_config(described, version)
        compiled = file.text(file.root, COMPILED)
        held = in_order(lists_of(file, file.any_numbers))
    model = _with_types(model, {name for name, own in held.arrays.items() if any(map(_is_finer, own))})
    if compiled is not None:
        model = {**model, "compile_config": compiled_as_3(read_json(COMPILED, compiled))}
    return Earlier(model, saved, held)


def read_zip(config: Json, version: str, data: Content) -> Earlier:
    """Return the model of Keras 2's zip with ``config``, whose arrays are in the HDF5 file ``data``."""
    with Hdf5(data) as file:
        held = in_groups_of_2(file, file.any_numbers)
        notes = _notes(version, "", json.dumps(config), sign_for_slash(config))
        saved = Saved("zip of Keras 2", version, "", notes, of_optimizer(file))
    model = {**earlier_config(config, version), **_compiled_in(config)}
    return Earlier(model, saved, held)


def lists_of(file: Hdf5, numbers: Numbers) -> Lists:
    """Return what every layer of the whole model in an open file lists, as ``numbers`` gives each dataset's."""
    sign = sign_for_slash(read_json(CONFIG, file.text(file.root, CONFIG) or "")) or SLASH
    group = file.child(file.root, WEIGHTS, "the model", h5py.Group)
    return {name.replace(SLASH, sign): held for name, held in _layers(file, group, numbers)}


def in_order(lists: Lists) -> InOrder:
    """Return the arrays that layers list as those of today's layers."""
    return InOrder({name: from_cudnn(joined_gates(held)) for name, held in lists.items()})


def in_groups_of_2(file: Hdf5, numbers: Numbers) -> InGroups:
    """Return the arrays of every layer in the open file of Keras 2's zip, as ``numbers`` gives each dataset's."""
    return InGroups(_counted_anew(dict(_below_container(file, numbers))))


def _is_finer(named: tuple[str, AnyArray]) -> bool:
    """Say whether an array has numbers that float32 doesn't hold."""
    numbers = named[1]
    if numbers.dtype in (np.float16, np.float32):
        return False
    with np.errstate(all="ignore"):
        kept = numbers.astype(np.float32).astype(numbers.dtype)
    return not np.array_equal(kept, numbers, equal_nan=True)


def _with_types(model: Json, finer: AbstractSet[str]) -> Json:
    """Return ``model`` with the type of the numbers of layers that have ``finer`` ones, which not every Keras said.

    Of a model within a model all layers are listed together, so that it may be any of them.
    """
    if not finer:
        return model

    def typed(entry: Json) -> Json:
        config = entry["config"]
        if "layers" in config:
            names = {one["config"].get("name") for one in config["layers"]} if config.get("name") in finer else finer
            return _with_types(entry, names)
        return {**entry, "config": {**config, "dtype": "float64"}} if config.get("name") in finer else entry

    return {**model, "config": {**model["config"], "layers": [typed(one) for one in model["config"]["layers"]]}}


def _notes(version: str, backend: str, config: str, sign: str) -> tuple[str, ...]:
    """Return what that version of Keras did otherwise than today's."""
    notes = list[str]()
    if backend == "theano":
        notes.append("It was saved with Theano, which turned kernels of convolutions round; here they are not turned.")
    if version[0] < "3" and '"hard_sigmoid"' in config:
        notes.append("Its hard_sigmoid is 0.2 x + 0.5, as Keras 2 had it; today's Keras has x / 6 + 0.5.")
    if sign:
        notes.append(f"Names of its layers have slashes, which today's Keras takes none of; here they are {sign}.")
    return tuple(notes)


def _compiled_in(config: Json) -> Json:
    compiled = config.get("compile_config")
    return {"compile_config": compiled_as_3(compiled)} if isinstance(compiled, dict) else {}


def compiled_as_3(compiled: object) -> Json:
    """Return how a model was compiled with the modules of Keras 3, by which what is Keras's own is known."""
    given = mapping("the training settings", compiled)
    optimizer = given.get("optimizer_config", given.get("optimizer"))
    loss, metrics = given.get("loss"), given.get("metrics")
    return {
        **{name: value for name, value in given.items() if name != "optimizer_config"},
        "optimizer": _optimizer(_in_module("keras.optimizers", optimizer)),
        "loss": _in_module("keras.losses", loss),
        "metrics": [_in_module("keras.metrics", one) for one in metrics] if isinstance(metrics, list) else metrics,
    }


def _optimizer(value: object) -> object:
    """Return an optimizer of Keras's with the names that Keras 3 has for it and for its settings.

    The first of Keras 2's that were saved as registered classes are its own all the same.
    """
    config = value.get("config") if isinstance(value, dict) else None
    kind = str(value.get("class_name")).removeprefix("Custom>") if isinstance(value, dict) else ""
    if not isinstance(value, dict) or not isinstance(config, dict) or kind not in OPTIMIZERS:
        return value
    made = {name: one for name, one in config.items() if not (name in GONE and one in GONE[name])}
    if "lr" in made:
        made["learning_rate"] = made.pop("lr")
    return {**value, "class_name": kind, "config": made}


def _in_module(module: str, value: object) -> object:
    if not isinstance(value, dict) or "class_name" not in value or value.get("module") is not None:
        return value
    return {**value, "module": module, "registered_name": None}


def names_in(file: Hdf5, group: Any, attribute: str) -> list[str]:
    """Return the names in an attribute; long lists are in several: ``weight_names0``, ``weight_names1`` ..."""
    numbered = (f"{attribute}{at}" for at in range(len(group.attrs)))
    return [name for one in (attribute, *numbered) for name in file.texts(group, one) or ()]


def _layers(file: Hdf5, group: Any, numbers: Numbers) -> Iterator[tuple[str, list[tuple[str, AnyArray]]]]:
    """Give every layer's name with its arrays, named, in their order."""
    for name in names_in(file, group, "layer_names"):
        called = shorten(name)
        layer = file.at(group, name, called, h5py.Group)
        names = names_in(file, layer, "weight_names")
        datasets = [(one, file.at(layer, one, called, h5py.Dataset)) for one in names]
        arrays = [(one, _read(file, dataset, f"{shorten(one, 80)} of {called}", numbers)) for one, dataset in datasets]
        yield name, arrays


def _read(file: Hdf5, dataset: Any, what: str, numbers: Numbers) -> AnyArray:
    if not file.has_numbers(dataset):
        raise Refused(f"expected {what} as numbers, got {shorten(str(dataset.dtype))}; the file is damaged")
    return numbers(dataset, what)


def _below_container(file: Hdf5, numbers: Numbers) -> Iterator[tuple[str, AnyArray]]:
    """Give the arrays of all layers by their paths; on Windows Keras wrote these with backslashes."""
    for name in file.root:
        container, _, below = name.partition("\\")
        if container in CONTAINERS:
            group = file.child(file.root, name, "the weights", h5py.Group)
            for path, dataset in file.arrays(group, f"{below}/".replace("\\", "/") if below else ""):
                yield path, _read(file, dataset, f"the array {shorten(path, 80)}", numbers)


def _counted_anew(arrays: dict[str, AnyArray]) -> dict[str, AnyArray]:
    """Return arrays by paths in which the layers of a class are counted without gaps: Keras 2.13 left some.

    The parts of a layer that Keras 2 kept to itself, such as ``_query_dense``, are called as Keras 3 calls them.
    """
    arrays = {"/".join(part.lstrip("_") or part for part in path.split("/")): one for path, one in arrays.items()}
    groups = sorted({path.partition("/")[0] for path in arrays}, key=_class_and_number)
    kinds, names = Counter[str](), dict[str, str]()
    for group in groups:
        kind, _ = _class_and_number(group)
        names[group] = f"{kind}_{kinds[kind]}" if kinds[kind] else kind
        kinds[kind] += 1
    return {
        f"{names[first]}/{rest}": array for path, array in arrays.items() for first, _, rest in [path.partition("/")]
    }


def _class_and_number(group: str) -> tuple[str, int]:
    kind, _, number = group.rpartition("_")
    return (kind, int(number)) if kind and number.isdecimal() else (group, 0)
