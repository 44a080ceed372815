"""``model.weights.h5`` of a ``.keras`` file: read, make, or change the layers' datasets; for the limited process only.

HDF5 can point out of the file, store nothing where much is declared, and hold objects instead of numbers. So a
path is walked link by link, and a dataset is looked at before a number of it is read.
"""

from __future__ import annotations

import io
from collections import Counter
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

from core.errors import Refused, shorten
from core.formatting import count
from core.model.files.kept import names_of_groups, paths_of
from core.model.weights import Weights

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.arrays import AnyArray
    from core.layers.writer import Weight
    from core.model.network import Network

CONTAINERS = ("layers", "_layer_checkpoint_dependencies")
"""What Keras calls the group of all layers: today, and in files of its first 3.x versions."""

OPTIMIZER = "optimizer"

FLOAT32 = (np.dtype("<f4"), np.dtype(">f4"))


def read_weights(data: bytes, network: Network) -> Weights:
    """Return the weights of ``network`` out of the HDF5 file ``data``.

    Raises:
        Refused: a layer's arrays are missing, of another shape, or not plain float32 numbers in the file itself.
    """
    with h5py.File(io.BytesIO(data), "r") as file:
        arrays = {weight: dataset[()] for weight, dataset in _datasets(file, network)}
    return Weights.of_names(network, arrays)


def every_array(data: bytes) -> dict[str, AnyArray]:
    """Return every plain array of numbers of the layers in the HDF5 file ``data``, by its path below them.

    Links out of the file and what is no array of numbers are passed over: whoever misses an array says so.
    """
    with h5py.File(io.BytesIO(data), "r") as file:
        names = [name for name in CONTAINERS if file.id.links.exists(name.encode())]
        return dict(_arrays(file[names[0]], "")) if names else {}


def _arrays(group: Any, before: str) -> Iterator[tuple[str, AnyArray]]:
    for name in group:
        if group.id.links.get_info(name.encode()).type != h5py.h5l.TYPE_HARD:
            continue
        member = group[name]
        if isinstance(member, h5py.Group):
            yield from _arrays(member, f"{before}{name}/")
        elif isinstance(member, h5py.Dataset) and member.dtype.kind in "fiu":
            yield f"{before}{name}", stored(member, f"the array {shorten(before + name, 80)}")[()]


def with_weights(data: bytes, network: Network, weights: Weights) -> bytes:
    """Return the HDF5 file ``data`` with ``weights`` as the layers' arrays and all else as it was.

    Raises:
        Refused: see :func:`read_weights`.
    """
    buffer = io.BytesIO(data)
    with h5py.File(buffer, "r+") as file:
        arrays = weights.by_name(network)
        for weight, dataset in _datasets(file, network):
            dataset[...] = arrays[weight]
    return buffer.getvalue()


def without_optimizer_arrays(data: bytes) -> bytes:
    """Return the HDF5 file ``data`` without what the optimizer keeps for every trained weight; its numbers stay.

    Keras gives these arrays to the trained weights by their order alone. Of other weights than they were made for it
    would refuse the file, or take one weight's momentum for another's; without any it begins them anew.
    """
    buffer = io.BytesIO(data)
    with h5py.File(buffer, "r+") as file:
        if not file.id.links.exists(OPTIMIZER.encode()):
            return data
        group, arrays = child(file, OPTIMIZER, "the weights", h5py.Group), list[str]()
        group.visititems(lambda name, found: arrays.append(name) if getattr(found, "shape", ()) else None)
        for name in arrays:
            del group[name]
    return buffer.getvalue() if arrays else data


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


def _datasets(file: Any, network: Network) -> Iterator[tuple[Weight, Any]]:
    """Yield every weight of ``network`` with its dataset, after checking that."""
    names = [name for name in CONTAINERS if file.id.links.exists(name.encode())]
    layers = child(file, names[0] if names else CONTAINERS[0], "the weights", h5py.Group)
    owners = names_of_groups(network.graph.layers)
    paths = paths_of(network.graph.layers, network.places)
    counts = Counter(path.rpartition("/")[0] for path in paths.values())
    for weight, path in paths.items():
        called, (place, array) = shorten("/".join(weight.layer)), network.places[weight]
        *groups, last = path.split("/")
        variables = layers
        for group in groups:
            variables = child(variables, group, called, h5py.Group)
        if "/".join(groups) in owners:
            _require_same_layer(variables, owners["/".join(groups)])
        if len(variables) != counts["/".join(groups)]:
            expected = count(counts["/".join(groups)], "array")
            raise Refused(f"expected {expected} for {called}, got {len(variables)}; the file is damaged")
        dataset = child(variables, last, called, h5py.Dataset)
        yield weight, _plain(dataset, f"the {weight.name} of {called}", network.weight_shapes()[place][array])


def child(group: Any, name: str, whose: str, kind: Any) -> Any:
    """Return a member of ``group`` that lies in the file itself; a link to elsewhere is never followed."""
    if not group.id.links.exists(name.encode()):
        raise Refused(f"expected {name!r} of {whose} in the weights, got none; the file is damaged")
    if group.id.links.get_info(name.encode()).type != h5py.h5l.TYPE_HARD:
        raise Refused(
            f"expected {name!r} of {whose} in the file itself, got a link to elsewhere; don't trust this file"
        )
    member = group[name]
    if not isinstance(member, kind):
        raise Refused(f"expected {name!r} of {whose} as a {kind.__name__.lower()}, got something else")
    return member


def _require_same_layer(variables: Any, name: str) -> None:
    # Keras itself goes by the count alone. A file whose groups are named otherwise would give it other numbers.
    held = variables.attrs.get("name", name)
    if held != name:
        raise Refused(
            f"expected the weights of {shorten(name)}, got those of {shorten(str(held))}; the file is damaged"
        )


def _plain(dataset: Any, what: str, shape: tuple[int, ...]) -> Any:
    """Return ``dataset`` if its numbers are float32, of ``shape``, and all stored in the file."""
    if dataset.shape != shape:
        raise Refused(f"expected {what} of shape {shape}, got {dataset.shape}; the file is damaged")
    if dataset.dtype not in FLOAT32:
        raise Refused(f"expected {what} as float32 numbers, got {shorten(str(dataset.dtype))}; save it in float32")
    return stored(dataset, what)


def stored(dataset: Any, what: str) -> Any:
    """Return ``dataset`` if its numbers are all stored in the file, plainly."""
    properties = dataset.id.get_create_plist()
    if properties.get_layout() not in (h5py.h5d.CONTIGUOUS, h5py.h5d.CHUNKED) or properties.get_external_count():
        raise Refused(f"expected {what} stored in the file itself, got it elsewhere; don't trust this file")
    if properties.get_nfilters():
        raise Refused(f"expected {what} stored plainly, got it compressed; save the model with Keras again")
    # What is declared and not stored would cost memory that the file's size says nothing of.
    if dataset.id.get_storage_size() < dataset.size * dataset.dtype.itemsize:
        raise Refused(f"expected {what} with all of its numbers, got only a part; the file is damaged")
    return dataset
