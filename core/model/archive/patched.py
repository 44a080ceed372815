"""A file of weights, or a model's, with other numbers in place of some arrays, all else as it was.

For the limited process.
"""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import numpy as np

from core.errors import Refused, shorten
from core.model.archive.alone import every_array
from core.model.archive.earlier_files import WEIGHTS
from core.model.archive.gate import is_hdf5
from core.model.archive.hdf5 import Hdf5
from core.model.archive.model_file import WEIGHTS as WEIGHTS_MEMBER
from core.model.archive.narrow import BFLOAT16, NARROW, narrowed
from core.model.archive.npz import SUFFIX, is_npz
from core.model.archive.safetensors import LENGTH, is_safetensors
from core.model.archive.zip_file import checked_zip, content_of, with_members

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from core.model.archive.held_array import HeldArray
    from core.model.archive.protocol import HeldTensor
    from core.model.between import Content

    Changed = Mapping[str, HeldArray]


def patch_weights(data: Content, changed: tuple[HeldTensor, ...]) -> bytes:
    """Return the file ``data`` with the numbers of ``changed`` in place of those of the same names.

    Raises:
        Refused: it has no such arrays, or another array would be another then.
        Exception: it is damaged; what zipfile, json or h5py raise has no common class.
    """
    before, wanted = _by_path(every_array(data)[1]), _by_path(one.array() for one in changed)
    for path, one in wanted.items():
        if path not in before or _kind(before[path]) != _kind(one):
            raise Refused(f"expected an array {shorten(path)!r} as it was opened, got another or none; open it again")
    patched = _patched(data, wanted)
    after = _by_path(every_array(patched)[1])
    expected = {path: wanted.get(path, one).values.tobytes() for path, one in before.items()}
    if {path: one.values.tobytes() for path, one in after.items()} != expected:
        raise Refused("expected to read back what was written, got something else; save it as .npz or .safetensors")
    return patched


def _by_path(arrays: Iterable[HeldArray]) -> dict[str, HeldArray]:
    return {one.path: one for one in arrays}


def _kind(one: HeldArray) -> tuple[object, ...]:
    return one.dtype, one.values.dtype, one.values.shape


def _numbers(one: HeldArray) -> np.ndarray[Any, Any]:
    """Return the numbers as the file has them."""
    return narrowed(one.values, one.dtype) if one.dtype in NARROW else one.values


def _patched(data: Content, changed: Changed) -> bytes:
    if is_hdf5(data):
        return _hdf5(data, changed)
    if is_safetensors(data, len(data)):
        return _safetensors(data, changed)
    with checked_zip(data) as archive:
        if is_npz(archive.namelist()):
            return with_members(archive, {f"{path}{SUFFIX}": _npy(one) for path, one in changed.items()})
        return with_members(archive, {WEIGHTS_MEMBER: _hdf5(content_of(archive, WEIGHTS_MEMBER, data), changed)})


def _hdf5(data: Content, changed: Changed) -> bytes:
    with Hdf5(data, changes=True) as file:
        datasets = dict(file.arrays(file.root.get(WEIGHTS, file.root)))
        for path, one in changed.items():
            # Keras 2 has the layer's name once more in the array's.
            dataset = datasets[path] if path in datasets else datasets[f"{one.layer}/{path}"]
            values = _numbers(one)
            dataset[...] = values.view("V2") if one.dtype == BFLOAT16 else values
    return file.changed()


def _safetensors(data: Content, changed: Changed) -> bytes:
    start = LENGTH + int.from_bytes(data[:LENGTH], "little")
    header, made = json.loads(bytes(data[LENGTH:start])), bytearray(data)
    for path, one in changed.items():
        begin, end = header[path]["data_offsets"]
        made[start + begin : start + end] = _numbers(one).tobytes()
    return bytes(made)


def _npy(one: HeldArray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, _numbers(one), allow_pickle=False)
    return buffer.getvalue()
