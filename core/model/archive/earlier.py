"""Whole models that are no zip of Keras 3: HDF5 files of any Keras, and Keras 2's zips; for the limited process only.

Keras's HDF5 files have the configuration as an attribute and a group for every layer, which lists the names of the
layer's arrays: those that are trained first (Keras's documentation, "Whole-model saving: legacy H5 format").
"""

from __future__ import annotations

import io
import json
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import h5py
import numpy as np

from core.errors import Refused, shorten
from core.model.alone import WeightsAlone
from core.model.archive.gate import MAX_CONFIG, mapping
from core.model.archive.h5 import CONTAINERS, child, stored
from core.model.files.earlier_config import earlier_config, version_of
from core.model.files.file_arrays import InGroups, InOrder
from core.model.files.first_arrays import joined_gates

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.arrays import AnyArray
    from core.model.archive.gate import Json

WEIGHTS = "model_weights"


class Earlier(NamedTuple):
    """A model as Keras 3 would describe it, what is to be said of it, and its arrays as its file has them."""

    model: Json
    notes: tuple[str, ...]
    arrays: InGroups | InOrder


def read_hdf5(data: bytes) -> Earlier:
    """Return the whole model in the HDF5 file ``data``.

    Raises:
        Refused: it has no model, or one that no Keras wrote.
        Exception: it is damaged; what json or h5py raise has no common class.
    """
    with h5py.File(io.BytesIO(data), "r") as file:
        config = file.attrs.get("model_config")
        if config is None:
            raise WeightsAlone
        if len(config) > MAX_CONFIG:
            raise Refused(f"expected a model_config of at most {MAX_CONFIG >> 20} MiB, got {len(config) >> 20:,} MiB")
        version = version_of(file.attrs.get("keras_version"))
        notes = _notes(version, _text(file.attrs.get("backend", "")), config)
        model = earlier_config(json.loads(config), version)
        compiled = file.attrs.get("training_config")
        arrays = dict(_layers(child(file, WEIGHTS, "the model", h5py.Group)))
    if compiled is not None:
        model = {**model, "compile_config": compiled_as_3(json.loads(compiled))}
    return Earlier(model, notes, InOrder(arrays))


def read_zip(config: Json, version: str, data: bytes) -> Earlier:
    """Return the model of Keras 2's zip with ``config``, whose arrays are in the HDF5 file ``data``."""
    with h5py.File(io.BytesIO(data), "r") as file:
        arrays = _counted_anew(dict(_below_container(file)))
    model = {**earlier_config(config, version), **_compiled_in(config)}
    return Earlier(model, _notes(version, "", json.dumps(config)), InGroups(arrays))


def _notes(version: str, backend: str, config: object) -> tuple[str, ...]:
    """Return what is to be said of a file by that version of Keras."""
    notes = [f"It was saved by Keras {version}; saved from here as .keras it becomes a new file."]
    if backend == "theano":
        notes.append("It was saved with Theano, which turned kernels of convolutions round; here they are not turned.")
    if version[0] < "3" and '"hard_sigmoid"' in _text(config):
        notes.append("Its hard_sigmoid is 0.2 x + 0.5, as Keras 2 had it; today's Keras has x / 6 + 0.5.")
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
        "optimizer": _in_module("keras.optimizers", optimizer),
        "loss": _in_module("keras.losses", loss),
        "metrics": [_in_module("keras.metrics", one) for one in metrics] if isinstance(metrics, list) else metrics,
    }


def _in_module(module: str, value: object) -> object:
    if not isinstance(value, dict) or "class_name" not in value or value.get("module") is not None:
        return value
    return {**value, "module": module, "registered_name": None}


def _text(value: object) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def names_in(group: Any, attribute: str) -> list[str]:
    """Return the names in an attribute; long lists are in several: ``weight_names0``, ``weight_names1`` ..."""
    found = [
        name for name in (attribute, *(f"{attribute}{at}" for at in range(len(group.attrs)))) if name in group.attrs
    ]
    return [_text(one) for name in found for one in group.attrs[name]]


def _layers(group: Any) -> Iterator[tuple[str, list[tuple[str, AnyArray]]]]:
    """Give every layer's name with its arrays, named, in their order."""
    for name in names_in(group, "layer_names"):
        called = shorten(name)
        layer = walked(group, name, called, h5py.Group)
        yield name, joined_gates([(one, _read(layer, one, called)) for one in names_in(layer, "weight_names")])


def walked(group: Any, path: str, called: str, kind: Any) -> Any:
    """Return what lies at ``path`` below ``group``, in the file itself and of that ``kind``."""
    parts = [part for part in path.split("/") if part]
    for at, part in enumerate(parts):
        group = child(group, part, called, kind if at == len(parts) - 1 else h5py.Group)
    return group


def _read(group: Any, path: str, called: str) -> AnyArray:
    return _numbers(walked(group, path, called, h5py.Dataset), f"{shorten(path, 80)} of {called}")


def _numbers(dataset: Any, what: str) -> AnyArray:
    """Return an array's numbers, which float32 must hold as they are."""
    if dataset.dtype.kind not in "fiu":
        raise Refused(f"expected {what} as numbers, got {shorten(str(dataset.dtype))}; the file is damaged")
    numbers = stored(dataset, what)[()]
    with np.errstate(all="ignore"):
        kept = np.asarray(numbers, dtype=np.float32)
    if kept.dtype != numbers.dtype and not np.array_equal(kept.astype(numbers.dtype), numbers, equal_nan=True):
        raise Refused(f"expected {what} as numbers that float32 holds, got {numbers.dtype}; save it in float32")
    return kept


def _below_container(file: Any) -> Iterator[tuple[str, AnyArray]]:
    """Give the arrays of all layers by their paths; on Windows Keras wrote these with backslashes."""
    for name in file:
        container, _, below = name.partition("\\")
        if container in CONTAINERS and file.id.links.get_info(name.encode()).type == h5py.h5l.TYPE_HARD:
            yield from _arrays(file[name], f"{below}/".replace("\\", "/") if below else "")


def _counted_anew(arrays: dict[str, AnyArray]) -> dict[str, AnyArray]:
    """Return arrays by paths in which the layers of a class are counted without gaps: Keras 2.13 left some."""
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


def _arrays(group: Any, before: str) -> Iterator[tuple[str, AnyArray]]:
    for name in group:
        path = before + name.replace("\\", "/")
        if group.id.links.get_info(name.encode()).type != h5py.h5l.TYPE_HARD:
            continue
        member = group[name]
        if isinstance(member, h5py.Group):
            yield from _arrays(member, f"{path}/")
        elif isinstance(member, h5py.Dataset):
            yield path, _numbers(member, f"the array {shorten(path, 80)}")
