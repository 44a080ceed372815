"""``model.weights.h5`` of a ``.keras`` file: made, or without what an optimizer keeps; limited process only."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import h5py

from core.model.archive.hdf5 import Hdf5
from core.model.files.kept import names_of_groups, paths_in_file

if TYPE_CHECKING:
    from core.model.network import Network
    from core.model.weights import Weights

OPTIMIZER = "optimizer"


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
        for weight, path in paths_in_file(network.graph.layers, network.places).items():
            file.create_dataset(f"layers/{path}", data=arrays[weight])
    return buffer.getvalue()
