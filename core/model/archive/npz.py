"""``.npz``: a zip of NumPy's arrays, read without NumPy's own unpickling; in the limited process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.data.npy_header import Header
from core.errors import Refused, shorten
from core.model.archive.held_array import HeldArray, Read, declared, holds_numbers, plainly
from core.model.archive.zip_file import content_of

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Iterator

    from core.model.between import Content

SUFFIX = ".npy"


def is_npz(names: list[str]) -> bool:
    """Say whether the members of a zip are NumPy's arrays."""
    return bool(names) and all(name.endswith(SUFFIX) for name in names)


def read_npz(archive: zipfile.ZipFile, data: Content) -> Read:
    """Return the arrays of ``archive``, which is the zip ``data``.

    Raises:
        Refused: one holds Python objects, or not as many numbers as it declares.
    """
    left_out = list[str]()
    return Read("NumPy's .npz", "", _arrays(archive, data, left_out), left_out)


def _arrays(archive: zipfile.ZipFile, data: Content, left_out: list[str]) -> Iterator[HeldArray]:
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
            numbers = np.frombuffer(content_of(archive, member.filename, data), header.dtype, offset=file.tell())
        layer, _, name = path.rpartition("/")
        yield HeldArray(layer, name, plainly(header.laid_out(numbers)), header.dtype.name)
