"""Every array of a file of weights: HDF5, a zip of NumPy's arrays, safetensors; for the limited process only.

Nothing of a file is run, unpickled, or used as a path; what it declares is held against its size before it is read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import Refused
from core.model.archive.gate import is_description, is_hdf5
from core.model.archive.hdf5_arrays import read_hdf5_arrays
from core.model.archive.held_array import OF_ZIP, Read, bounded
from core.model.archive.model_file import WEIGHTS
from core.model.archive.npz import is_npz, read_npz
from core.model.archive.protocol import HeldTensor, HeldWeights
from core.model.archive.safetensors import is_safetensors, read_safetensors
from core.model.archive.zip_file import checked_zip, content_of

if TYPE_CHECKING:
    from core.model.archive.held_array import HeldArray
    from core.model.between import Content


def every_weight(data: Content) -> HeldWeights:
    """Return the arrays of ``data``, a file of weights or a model, as they are sent.

    Raises:
        Refused: see :func:`every_array`.
    """
    read, arrays = every_array(data)
    sent = tuple(HeldTensor.of(array, data) for array in arrays)
    return HeldWeights(read.format, read.saved_by, sent, tuple(read.left_out), read.of_model)


def every_array(data: Content) -> tuple[Read, list[HeldArray]]:
    """Return what ``data``, a file of weights or a model, says of itself, and its arrays.

    Raises:
        Refused: it is none, or what it says of itself can't be true.
        Exception: it is damaged; what zipfile, json or h5py raise has no common class.
    """
    read = _read(data)
    return read, list(bounded(read.arrays))


def _read(data: Content) -> Read:
    if is_hdf5(data):
        return read_hdf5_arrays(data)
    if is_safetensors(data, len(data)):
        return read_safetensors(data)
    if is_description(data):
        raise Refused("expected arrays, got a model's description in JSON, which has none")
    archive = checked_zip(data)
    names = archive.namelist()
    if is_npz(names):
        return read_npz(archive, data)
    if WEIGHTS not in names:
        raise Refused("expected NumPy's arrays or a model that Keras saved, got a zip file of something else")
    return read_hdf5_arrays(content_of(archive, WEIGHTS, data))._replace(format=OF_ZIP, of_model=True)
