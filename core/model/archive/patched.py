"""A file of weights alone with other numbers in place of some arrays, all else as it was; for the limited process."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np

from core.errors import Refused, shorten
from core.model.archive.alone import every_weight
from core.model.archive.earlier import WEIGHTS
from core.model.archive.gate import HDF5
from core.model.archive.hdf5 import Hdf5
from core.model.archive.held_array import BFLOAT16
from core.model.archive.npz import SUFFIX, is_npz
from core.model.archive.safetensors import LENGTH, is_safetensors, to_bfloat16
from core.model.archive.zip_file import checked_zip

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.model.archive.protocol import HeldTensor

    Changed = Mapping[str, HeldTensor]


def patch_weights(data: bytes, changed: tuple[HeldTensor, ...]) -> bytes:
    """Return the file of weights ``data`` with the numbers of ``changed`` in place of those of the same names.

    Raises:
        Refused: it has no such arrays, or another array would be another then.
        Exception: it is damaged; what zipfile, json or h5py raise has no common class.
    """
    before, wanted = _by_path(every_weight(data).arrays), _by_path(changed)
    for path, one in wanted.items():
        if path not in before or _kind(before[path]) != _kind(one):
            raise Refused(f"expected an array {shorten(path)!r} as it was opened, got another or none; open it again")
    patched = _patched(data, wanted)
    after = _by_path(every_weight(patched).arrays)
    expected = {path: bytes(wanted.get(path, one).data) for path, one in before.items()}
    if {path: bytes(one.data) for path, one in after.items()} != expected:
        raise Refused("expected to read back what was written, got something else; save it as .npz or .safetensors")
    return patched


def _by_path(arrays: tuple[HeldTensor, ...]) -> dict[str, HeldTensor]:
    return {one.path: one for one in arrays}


def _kind(one: HeldTensor) -> tuple[object, ...]:
    return one.dtype, one.stored, one.shape


def _numbers(one: HeldTensor) -> np.ndarray[Any, Any]:
    """Return the numbers as the file has them."""
    values = np.frombuffer(one.data, one.stored).reshape(one.shape)
    return to_bfloat16(values) if one.dtype == BFLOAT16 else values


def _patched(data: bytes, changed: Changed) -> bytes:
    if data.startswith(HDF5):
        return _hdf5(data, changed)
    if is_safetensors(data, len(data)):
        return _safetensors(data, changed)
    with checked_zip(data) as archive:
        if not is_npz(archive.namelist()):
            raise Refused("expected weights alone, got a model; open it as one")
        return _npz(archive, changed)


def _hdf5(data: bytes, changed: Changed) -> bytes:
    with Hdf5(data, changes=True) as file:
        datasets = dict(file.arrays(file.root.get(WEIGHTS, file.root)))
        for path, one in changed.items():
            # Keras 2 has the layer's name once more in the array's.
            dataset = datasets[path] if path in datasets else datasets[f"{one.layer}/{path}"]
            values = _numbers(one)
            dataset[...] = values.view("V2") if one.dtype == BFLOAT16 else values
    return file.changed()


def _safetensors(data: bytes, changed: Changed) -> bytes:
    start = LENGTH + int.from_bytes(data[:LENGTH], "little")
    header, made = json.loads(data[LENGTH:start]), bytearray(data)
    for path, one in changed.items():
        begin, end = header[path]["data_offsets"]
        made[start + begin : start + end] = _numbers(one).tobytes()
    return bytes(made)


def _npz(archive: zipfile.ZipFile, changed: Changed) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as new:
        new.comment = archive.comment
        for member in archive.infolist():
            content = archive.read(member)
            one = changed.get(member.filename.removesuffix(SUFFIX))
            if one is not None:
                npy = io.BytesIO()
                np.save(npy, _numbers(one), allow_pickle=False)
                content = npy.getvalue()
            copy = zipfile.ZipInfo(member.filename, member.date_time)
            copy.compress_type = member.compress_type
            copy.external_attr = member.external_attr
            new.writestr(copy, content)
    return buffer.getvalue()
