"""``model.weights.h5`` of a ``.keras`` file: read, made, without what an optimizer keeps; limited process only."""

from __future__ import annotations

import io
from collections import Counter
from typing import TYPE_CHECKING, Any

import h5py

from core.arrays import in_float32
from core.errors import Refused, shorten
from core.formatting import count
from core.model.archive.hdf5 import Hdf5
from core.model.files.file_arrays import InGroups
from core.model.files.kept import names_of_groups, paths_of
from core.model.weights import Weights

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.layers.writer import Weight
    from core.model.archive.hdf5 import Numbers
    from core.model.between import Content
    from core.model.network import Network

CONTAINERS = ("layers", "_layer_checkpoint_dependencies")
"""What Keras calls the group of all layers: today, and in files of its first 3.x versions."""

OPTIMIZER = "optimizer"


def read_weights(data: Content, network: Network) -> Weights:
    """Return the weights of ``network`` out of the HDF5 file ``data``.

    Raises:
        Refused: a layer's arrays are missing, of another shape, or not plain float32 numbers in the file itself.
    """
    with Hdf5(data) as file:
        arrays = {
            weight: in_float32(file.numbers(dataset, what), what) for weight, dataset, what in _datasets(file, network)
        }
    return Weights.of_names(network, arrays)


def in_groups(file: Hdf5, numbers: Numbers) -> InGroups:
    """Return every plain array of numbers of the layers in an open file, by its path below them, as ``numbers`` gives.

    What is no array of numbers is passed over: whoever misses an array says so.

    Raises:
        Refused: it has links to elsewhere, or declares more than it has.
    """
    names = _containers(file)
    layers = file.child(file.root, names[0], "the weights", h5py.Group) if names else None
    found = () if layers is None else file.arrays(layers)
    return InGroups(
        {
            path: numbers(dataset, f"the array {shorten(path, 80)}")
            for path, dataset in found
            if file.has_numbers(dataset)
        }
    )


def _containers(file: Hdf5) -> list[str]:
    return [name for name in CONTAINERS if file.root.id.links.exists(name.encode())]


def without_optimizer_arrays(data: bytes) -> bytes:
    """Return the HDF5 file ``data`` without what the optimizer keeps for every trained weight; its numbers stay.

    Keras gives these arrays to the trained weights by their order alone. Of other weights than they were made for it
    would refuse the file, or take one weight's momentum for another's; without any it begins them anew.
    """
    with Hdf5(data, changes=True) as file:
        if not file.root.id.links.exists(OPTIMIZER.encode()):
            return data
        group = file.child(file.root, OPTIMIZER, "the weights", h5py.Group)
        arrays = [dataset.name for _, dataset in file.arrays(group) if dataset.shape]
        for name in arrays:
            del file.root[name]
    return file.changed() if arrays else data


def new_weights(network: Network, weights: Weights) -> bytes:
    """Return an HDF5 file of ``weights`` as Keras lays it out."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        file.create_group("vars").attrs["name"] = network.name
        for path, name in names_of_groups(network.graph.layers).items():
            file.create_group(f"layers/{path}").attrs["name"] = name
        arrays = weights.by_name(network)
        for weight, path in paths_of(network.graph.layers, network.places).items():
            file.create_dataset(f"layers/{path}", data=arrays[weight])
    return buffer.getvalue()


def _datasets(file: Hdf5, network: Network) -> Iterator[tuple[Weight, Any, str]]:
    """Yield every weight of ``network`` with its dataset, after checking that, and what to call it."""
    layers = file.child(file.root, [*_containers(file), *CONTAINERS][0], "the weights", h5py.Group)
    owners = names_of_groups(network.graph.layers)
    paths = paths_of(network.graph.layers, network.places)
    shapes = network.weight_shapes()
    counts = Counter(path.rpartition("/")[0] for path in paths.values())
    opened: dict[str, Any] = {}
    for weight, path in paths.items():
        called, (place, array) = shorten("/".join(weight.layer)), network.places[weight]
        groups, _, last = path.rpartition("/")
        if groups not in opened:
            opened[groups] = file.at(layers, groups, called, h5py.Group)
            if groups in owners:
                _require_same_layer(file.text(opened[groups], "name"), owners[groups])
            if len(opened[groups]) != counts[groups]:
                expected, got = count(counts[groups], "array"), len(opened[groups])
                raise Refused(f"expected {expected} for {called}, got {got}; the file is damaged")
        variables = opened[groups]
        dataset, what = file.child(variables, last, called, h5py.Dataset), f"the {weight.name} of {called}"
        _require_fitting(dataset, what, shapes[place][array])
        yield weight, dataset, what


def _require_same_layer(held: str | None, name: str) -> None:
    # Keras itself goes by the count alone. A file whose groups are named otherwise would give it other numbers.
    if held not in (None, name):
        raise Refused(
            f"expected the weights of {shorten(name)}, got those of {shorten(str(held))}; the file is damaged"
        )


def _require_fitting(dataset: Any, what: str, shape: tuple[int, ...]) -> None:
    """Refuse ``dataset`` unless it has numbers, of ``shape``, before any of them is read."""
    if dataset.shape != shape:
        raise Refused(f"expected {what} of shape {shape}, got {dataset.shape}; the file is damaged")
    if dataset.dtype.kind not in "fiu":
        raise Refused(f"expected {what} as numbers, got {shorten(str(dataset.dtype))}; save it in float32")
