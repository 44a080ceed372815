"""How many numbers a model file has of its optimizer; for the limited process only."""

from __future__ import annotations

import io
from typing import Any

import h5py

from core.model.archive.found import OPTIMIZERS, holds_numbers


def of_optimizer_in(data: bytes) -> int:
    """Return how many numbers of an optimizer the HDF5 file ``data`` has."""
    with h5py.File(io.BytesIO(data), "r") as file:
        return of_optimizer(file)


def of_optimizer(file: Any) -> int:
    """Return how many numbers of an optimizer an open HDF5 file has; none of them is read, no link followed."""
    sizes = list[int]()

    def counted(_: str, found: Any) -> None:
        if isinstance(found, h5py.Dataset) and holds_numbers(found.dtype):
            sizes.append(int(found.size or 0))

    for name in OPTIMIZERS:
        if file.id.links.exists(name.encode()) and file.id.links.get_info(name.encode()).type == h5py.h5l.TYPE_HARD:
            group = file[name]
            if isinstance(group, h5py.Group):
                group.visititems(counted)
    return sum(sizes)
