"""A file of weights alone as Keras 3 writes it to HDF5, made in the limited process."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import h5py

from core.model.archive.narrow import BFLOAT16, narrowed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.model.archive.protocol import HeldTensor

ROOT = "vars"
"""Where Keras keeps the arrays of the model itself; it is there even if there are none."""


def new_weights_file(arrays: Iterable[HeldTensor]) -> bytes:
    """Return an HDF5 file with each of ``arrays`` at the path that is its name."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        file.create_group(ROOT)
        for array in arrays:
            values = array.numbers.array()
            if array.dtype == BFLOAT16:
                # HDF5 has no word for it: Keras writes two bytes each, and says it beside.
                file[array.name] = narrowed(values, BFLOAT16).view("V2")
                file[array.name].attrs["dtype"] = BFLOAT16
            else:
                file[array.name] = values
    return buffer.getvalue()
