"""Every array of a file of weights: HDF5, a zip of NumPy's arrays, safetensors; for the limited process only.

Nothing of a file is run, unpickled, or used as a path; what it declares is held against its size before it is read.
"""

from __future__ import annotations

from core.errors import Refused
from core.model.archive.gate import HDF5
from core.model.archive.hdf5_arrays import read_hdf5_arrays
from core.model.archive.held_array import HeldArray, Read, bounded
from core.model.archive.npz import is_npz, read_npz
from core.model.archive.protocol import HeldTensor, HeldWeights
from core.model.archive.safetensors import is_safetensors, read_safetensors
from core.model.archive.whole import WEIGHTS
from core.model.archive.zip_file import checked_zip


def every_weight(data: bytes) -> HeldWeights:
    """Return the arrays of ``data``, a file of weights or a model.

    Raises:
        Refused: it is none, or what it says of itself can't be true.
        Exception: it is damaged; what zipfile, json or h5py raise has no common class.
    """
    read = _read(data)
    arrays = tuple(map(_sent, bounded(read.arrays)))
    return HeldWeights(read.format, read.saved_by, arrays, tuple(read.left_out))


def _sent(array: HeldArray) -> HeldTensor:
    values = array.values
    numbers = memoryview(values.tobytes())
    return HeldTensor(array.layer, array.name, array.dtype, values.dtype.str, values.shape, numbers)


def _read(data: bytes) -> Read:
    if data.startswith(HDF5):
        return read_hdf5_arrays(data)
    if is_safetensors(data, len(data)):
        return read_safetensors(data)
    archive = checked_zip(data)
    names = archive.namelist()
    if is_npz(names):
        return read_npz(archive)
    if WEIGHTS not in names:
        raise Refused("expected NumPy's arrays or a model that Keras saved, got a zip file of something else")
    return read_hdf5_arrays(archive.read(WEIGHTS))
