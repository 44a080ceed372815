"""How many numbers a model file has of its optimizer; for the limited process only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import h5py

from core.model.archive.held_array import OPTIMIZERS, holds_numbers

if TYPE_CHECKING:
    from core.model.archive.hdf5 import Hdf5


def of_optimizer(file: Hdf5) -> int:
    """Return how many numbers of an optimizer an open HDF5 file has; none of them is read.

    Raises:
        Refused: what should be the optimizer's is a link to elsewhere, or no group.
    """
    groups = [name for name in OPTIMIZERS if file.root.id.links.exists(name.encode())]
    datasets = (
        dataset
        for name in groups
        for _, dataset in file.arrays(file.child(file.root, name, "the optimizer", h5py.Group))
    )
    return sum(int(dataset.size or 0) for dataset in datasets if holds_numbers(dataset.dtype))
