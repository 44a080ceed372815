"""The layers' arrays in the HDF5 file of a Keras 3 model, such as ``model.weights.h5``; limited process only."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import h5py

from core.errors import shorten
from core.model.archive.hdf5 import Hdf5
from core.model.archive.remembered import of_optimizer

if TYPE_CHECKING:
    from core.arrays import AnyArray
    from core.model.archive.hdf5 import Numbers
    from core.model.between import Content

CONTAINERS = ("layers", "_layer_checkpoint_dependencies")
"""What Keras calls the group of all layers: today, and in files of its first 3.x versions."""


class Found(NamedTuple):
    """The layers' arrays by their paths, the name of the layer that each group of them says it is of ("" if none), by
    its path, and how many numbers an optimizer has beside them.
    """

    arrays: dict[str, AnyArray]
    owners: dict[str, str]
    of_optimizer: int


def every_array(data: Content) -> Found:
    """Return every plain array of numbers of the layers in the HDF5 file ``data``.

    What is no array of numbers is passed over: whoever misses an array says so.

    Raises:
        Refused: it has links to elsewhere, or declares more than it has.
    """
    with Hdf5(data) as file:
        owners = dict[str, str]()
        arrays = arrays_in_groups(file, file.any_numbers, owners)
        return Found(arrays, owners, of_optimizer(file))


def arrays_in_groups(file: Hdf5, numbers: Numbers, owners: dict[str, str]) -> dict[str, AnyArray]:
    """Return every array of the layers in an open file by its path below them, as ``numbers`` gives each dataset's.

    ``owners`` get the names that groups say they are of.
    """
    names = containers(file)
    layers = file.child(file.root, names[0], "the weights", h5py.Group) if names else None
    arrays = dict[str, "AnyArray"]()
    for path, dataset, group in () if layers is None else file.arrays_and_groups(layers):
        if not file.has_numbers(dataset):
            continue
        arrays[path] = numbers(dataset, f"the array {shorten(path, 80)}")
        before = path.rpartition("/")[0]
        if before not in owners:
            owners[before] = file.text(group, "name") or ""
    return arrays


def containers(file: Hdf5) -> list[str]:
    """Return the names of the groups of all layers that a file has."""
    return [name for name in CONTAINERS if file.root.id.links.exists(name.encode())]
