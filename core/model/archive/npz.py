"""``.npz``: a zip of NumPy's arrays, read without NumPy's own unpickling; in the limited process."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import numpy as np

from core.data.arrays import Header
from core.errors import Refused, shorten
from core.model.archive.found import Found, Read, declared, holds_numbers, plainly

if TYPE_CHECKING:
    from collections.abc import Iterator

SUFFIX = ".npy"
ENCRYPTED = 0x1
PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)

MAX_RATIO = 20
FREE = 1 << 25
"""An archive may be packed up to so many times, and in any case unpack to so many bytes: weights hardly pack at all."""


def is_npz(names: list[str]) -> bool:
    """Say whether the members of a zip are NumPy's arrays."""
    return bool(names) and all(name.endswith(SUFFIX) for name in names)


def checked_zip(data: bytes) -> zipfile.ZipFile:
    """Return the zip ``data``, no more of which was read than its directory.

    Raises:
        Refused: a member is there twice, encrypted, packed in a rare way, or all of them unpack to far too much.
    """
    archive = zipfile.ZipFile(io.BytesIO(data))
    members = archive.infolist()
    names = [member.filename for member in members]
    if len(set(names)) != len(names):
        raise Refused("expected every member once, got one twice; don't trust this file")
    if any(member.flag_bits & ENCRYPTED for member in members):
        raise Refused("expected a file without a password, got an encrypted one; unpack it first")
    if any(member.compress_type not in PACKINGS for member in members):
        raise Refused("expected members that are stored or deflated, got others; save it with numpy.savez")
    unpacked, most = sum(member.file_size for member in members), max(FREE, MAX_RATIO * len(data))
    if unpacked > most:
        raise Refused(
            f"expected at most {most >> 20:,} MiB unpacked of a file of this size, got {unpacked >> 20:,} MiB; don't "
            "trust this file"
        )
    return archive


def read_npz(archive: zipfile.ZipFile) -> Read:
    """Return the arrays of ``archive``.

    Raises:
        Refused: one holds Python objects, or not as many numbers as it declares.
    """
    left_out = list[str]()
    return Read("NumPy's .npz", "", _arrays(archive, left_out), left_out)


def _arrays(archive: zipfile.ZipFile, left_out: list[str]) -> Iterator[Found]:
    for member in archive.infolist():
        path = member.filename.removesuffix(SUFFIX)
        what = f"the array {shorten(path)}"
        with archive.open(member) as file:
            header = Header(file, what)
            if header.dtype.hasobject:
                raise Refused(
                    f"expected {what} of numbers, got Python objects, which would be run to be read; save numbers alone"
                )
            if not holds_numbers(header.dtype):
                left_out.append(path)
                continue
            size = declared(what, header.shape, header.dtype.itemsize)
            if size != member.file_size - file.tell():
                raise Refused(f"expected {what} of {size:,} bytes, got another number of them; the file is damaged")
            numbers = np.frombuffer(file.read(), header.dtype)
        layer, _, name = path.rpartition("/")
        yield Found(layer, name, plainly(header.laid_out(numbers)), header.dtype.name)
