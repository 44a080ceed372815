"""A whole model in HDF5, as Keras 1, 2 and 3 write it, with other weights in its place; for the limited process only.

Only the bytes of the layers' arrays are written: whatever else the file has, the optimizer's arrays too, stays.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

from core.errors import Refused, shorten
from core.model.archive.compile_settings import with_loss
from core.model.archive.config import with_trainable
from core.model.archive.earlier import WEIGHTS, names_in
from core.model.archive.gate import mapping
from core.model.archive.h5_written import write_over
from core.model.archive.hdf5 import Hdf5
from core.model.archive.json_text import read_json
from core.model.archive.whole import confirmed, read_archive
from core.model.files.cudnn_arrays import from_cudnn, has_two_biases
from core.model.files.earlier import compiled_as_3
from core.model.files.first_arrays import joined_gates
from core.model.files.layer_arrays import matched_by_order
from core.model.files.slashes import SLASH, sign_for_slash
from core.model.network import is_todays

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

    import numpy.typing as npt

    from core.arrays import KerasArray
    from core.layers.layer import Layer
    from core.layers.writer import Weight
    from core.model.archive.gate import Json
    from core.model.between import Content
    from core.model.network import Network
    from core.model.weights import Weights
    from core.operations.operation import Shape
    from core.training.recipe import Recipe

NONE = np.zeros(0, np.float32)
"""The numbers of a layer without any."""

CONFIG, COMPILED, OPTIMIZER = "model_config", "training_config", "optimizer_weights"


def patch_hdf5(data: Content, network: Network, weights: Weights, recipe: Recipe | None = None) -> bytes:
    """Return the HDF5 file ``data``, which is one of ``network``, with ``weights`` in place of its own.

    Where other layers are frozen than in ``data``, its configuration says so, and the optimizer's arrays, which are of
    other weights then, are left out. Where ``recipe`` has another loss, or other settings of it, it says so too.

    Raises:
        Refused: it is a file of another network, or has its arrays in a way that these don't fit in.
    """
    before = read_archive(data)
    held, old, new = before.network, before.weights.by_name(before.network), weights.by_name(network)
    if held.unfrozen != network.unfrozen:
        raise Refused("expected the layers that the file was opened with, got others; save the model as .keras")
    with Hdf5(data, changes=True) as file:
        others = {weight.layer[0] for weight, array in new.items() if array.tobytes() != old[weight].tobytes()}
        _give(file, held, new, others)
        if held.config != network.config:
            _freeze(file, held, network)
        if recipe is not None and COMPILED in file.root.attrs:
            _compile(file, recipe, network)
    return confirmed(file.changed(), network, weights)


def _give(file: Hdf5, held: Network, arrays: Mapping[Weight, KerasArray], others: AbstractSet[str]) -> None:
    """Write each of ``arrays`` over the numbers that it was read from, in layers where these are ``others``."""
    shapes = held.weight_shapes()
    needed = {weight: shapes[place][at] for weight, (place, at) in held.places.items()}
    group = file.child(file.root, WEIGHTS, "the model", h5py.Group)
    sign = sign_for_slash(_json(file, CONFIG)) or SLASH
    listed = {name.replace(SLASH, sign): name for name in names_in(file, group, "layer_names")}
    for layer in held.graph.layers:
        if layer.name in listed and layer.name in others:
            called = shorten(layer.name)
            own = file.at(group, listed[layer.name], called, h5py.Group)
            datasets: dict[str, Any] = {
                name: file.at(own, name, called, h5py.Dataset) for name in names_in(file, own, "weight_names")
            }
            if has_two_biases([*datasets.items()]):
                raise _not_in_place(held, f"expected one bias in the file for {called}, got two of a CuDNNLSTM")
            _write(datasets, _placed(layer, needed, arrays, datasets), held, called)


def _placed(
    layer: Layer, needed: Mapping[Weight, Shape], arrays: Mapping[Weight, KerasArray], datasets: Mapping[str, Any]
) -> dict[str, npt.NDArray[np.float32]]:
    """Return the numbers that each of a layer's ``datasets`` gets.

    Arrays are joined and turned when they are read: Keras 1 had one for every gate, and an axis more in a kernel along
    one. Here the same is done with the place of every number in place of the number, which says where each comes from.
    """
    ends = np.cumsum([0, *(dataset.size for dataset in datasets.values())])
    numbers = np.concatenate([np.ravel(dataset[()]) for dataset in datasets.values()] or [NONE]).astype(np.float32)
    places = [
        (name, np.arange(end - dataset.size, end).reshape(dataset.shape))
        for (name, dataset), end in zip(datasets.items(), ends[1:], strict=True)
    ]
    for weight, _, where in matched_by_order(layer, needed, from_cudnn(joined_gates(places))):
        numbers[where] = arrays[weight]
    return {name: numbers[where] for name, where in places}


def _write(datasets: Mapping[str, Any], placed: Mapping[str, npt.NDArray[Any]], held: Network, called: str) -> None:
    for name, dataset in datasets.items():
        if not write_over(dataset, placed[name]):
            raise _not_in_place(
                held, f"expected {shorten(name, 80)} of {called} as float32 numbers in the file, got {dataset.dtype}"
            )


def _freeze(file: Hdf5, held: Network, network: Network) -> None:
    """Say which layers are frozen, and forget what the optimizer keeps by the order of those that are not."""
    changed = [
        path
        for path, old, new in zip(network.paths, held.layers, network.layers, strict=True)
        if old.trainable != new.trainable
    ]
    model = _json(file, CONFIG)
    # The arrays of a model within a model are in the order of what is trained of all of its layers.
    if any(len(path) > 1 for path in changed) or not isinstance(model.get("config"), dict):
        called = shorten("/".join(changed[0]), 80)
        raise _not_in_place(held, f"expected the layers frozen that are so in the file, got {called} otherwise")
    if sign_for_slash(model):
        raise _not_in_place(held, "expected names without slashes where other layers are frozen, got some")
    file.root.attrs[CONFIG] = json.dumps(with_trainable(model, network))
    if file.root.id.links.exists(OPTIMIZER.encode()):
        del file.root[OPTIMIZER]


def _compile(file: Hdf5, recipe: Recipe, network: Network) -> None:
    """Say that the model was compiled with the loss of ``recipe``, if it says so of another one."""
    given = _json(file, COMPILED)
    as_3 = compiled_as_3(given)
    new = with_loss(as_3, recipe, network.outputs, network.each_output)
    changed = {name: value for name, value in new.items() if value != as_3.get(name)}
    if changed:
        file.root.attrs[COMPILED] = json.dumps({**given, **changed})


def _not_in_place(network: Network, why: str) -> Refused:
    advice = "save it as .keras" if is_todays(network) else "take its weights away as arrays"
    return Refused(f"{why}: that can't be in place in it; {advice}")


def _json(file: Hdf5, name: str) -> Json:
    return mapping(name, read_json(name, file.text(file.root, name) or ""))
