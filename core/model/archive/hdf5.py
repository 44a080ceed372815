"""A file in HDF5, every part of which is looked at before it is read; in the limited process only.

HDF5 can point out of the file, store nothing where much is declared, and hold objects instead of numbers. So a path is
walked link by link, and what arrays declare, all of them together, is no more than the file has.
"""

from __future__ import annotations

import io
from math import prod
from typing import TYPE_CHECKING, Any, Self

import h5py
import numpy as np

from core.errors import Refused, shorten
from core.model.archive.held_array import BFLOAT16, declared
from core.model.archive.safetensors import from_bfloat16

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.arrays import AnyArray

MAX_DEPTH = 64
FREE_LINKS = 10_000
BYTES_PER_LINK = 16
"""How many links are gone along: so many, and more in a large file. Ways that meet again and again come to more."""

ANYTHING = (h5py.Group, h5py.Dataset, h5py.Datatype)


class Hdf5:
    """The HDF5 file ``data``, to be used in a ``with``; ``changes`` says whether it may be written to, in memory.

    What is asked of it raises :class:`Refused` where the file leads elsewhere, or declares what it has not.
    """

    def __init__(self, data: bytes, *, changes: bool = False) -> None:
        self._buffer = io.BytesIO(data)
        self.root: Any = h5py.File(self._buffer, "r+" if changes else "r")
        self._size = self._left = len(data)
        self._links = max(FREE_LINKS, self._size // BYTES_PER_LINK)

    def __enter__(self) -> Self:
        """Go on with the open file."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.root.close()

    def changed(self) -> bytes:
        """Return the file as it is after it was closed."""
        return self._buffer.getvalue()

    def child(self, group: Any, name: str, whose: str, kind: Any) -> Any:
        """Return a member of ``group`` that lies in the file itself; a link to elsewhere is never followed."""
        # Of a name with a slash HDF5 makes a path, each part of which could be such a link.
        if "/" in name or not group.id.links.exists(name.encode()):
            raise Refused(f"expected {shorten(name)!r} of {whose} in the weights, got none; the file is damaged")
        if group.id.links.get_info(name.encode()).type != h5py.h5l.TYPE_HARD:
            raise Refused(
                f"expected {shorten(name)!r} of {whose} in the file itself, got a link to elsewhere; don't trust this "
                "file"
            )
        member = group[name]
        if not isinstance(member, kind):
            wanted = kind.__name__.lower() if isinstance(kind, type) else "group or dataset"
            raise Refused(f"expected {shorten(name)!r} of {whose} as a {wanted}, got something else")
        return member

    def at(self, group: Any, path: str, whose: str, kind: Any) -> Any:
        """Return what lies at ``path`` below ``group``."""
        *groups, last = [part for part in path.split("/") if part] or [""]
        for part in groups:
            group = self.child(group, part, whose, h5py.Group)
        return self.child(group, last, whose, kind)

    def arrays(self, group: Any, before: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
        """Give every dataset below ``group`` with its path, after ``before``; backslashes are Windows's slashes."""
        for name in group:
            path = before + name.replace("\\", "/")
            self._links -= 1
            if depth > MAX_DEPTH or self._links < 0:
                raise Refused(
                    f"expected groups of arrays, got too many or too deep ones at {shorten(path)!r}; don't trust this "
                    "file"
                )
            member = self.child(group, name, "the weights", ANYTHING)
            if isinstance(member, h5py.Group):
                yield from self.arrays(member, f"{path}/", depth + 1)
            elif isinstance(member, h5py.Dataset):
                yield path, member

    def stored(self, dataset: Any, what: str) -> Any:
        """Return ``dataset`` if its numbers are all stored in the file, plainly."""
        if dataset.shape is None:
            raise Refused(f"expected {what} as numbers, got nothing; the file is damaged")
        properties = dataset.id.get_create_plist()
        if properties.get_layout() not in (h5py.h5d.CONTIGUOUS, h5py.h5d.CHUNKED) or properties.get_external_count():
            raise Refused(f"expected {what} stored in the file itself, got it elsewhere; don't trust this file")
        if properties.get_nfilters():
            raise Refused(f"expected {what} stored plainly, got it compressed; save the model with Keras again")
        size = declared(what, dataset.shape, dataset.dtype.itemsize)
        # All together, so that many links to one array don't make much of little.
        self._left -= size
        if self._left < 0:
            raise Refused(f"expected arrays that the file has room for, got more at {what}; it is damaged")
        # What is declared and not stored would cost memory that the file's size says nothing of.
        if dataset.id.get_storage_size() < size:
            raise Refused(f"expected {what} with all of its numbers, got only a part; the file is damaged")
        return dataset

    def numbers(self, dataset: Any, what: str) -> AnyArray:
        """Return the numbers of ``dataset``, all of which the file has; bfloat16 as float32."""
        held = np.asarray(self.stored(dataset, what)[()])
        if not self.is_bfloat16(dataset):
            return held
        return from_bfloat16(np.frombuffer(held.tobytes(), "<u2").reshape(held.shape))

    def is_bfloat16(self, dataset: Any) -> bool:
        """Say whether these are bfloat16, which HDF5 has no word for: Keras 3 writes two bytes each.

        In files of weights it says beside them what they are, in a whole model in HDF5 it says nothing.
        """
        dtype = dataset.dtype
        return (dtype.kind, dtype.itemsize, dtype.names) == ("V", 2, None) and self.text(dataset, "dtype") in (
            BFLOAT16,
            None,
        )

    def text(self, holder: Any, name: str) -> str | None:
        """Return the text in an attribute; None if there is none of that name."""
        texts = self.texts(holder, name)
        if texts is None or len(texts) == 1:
            return None if texts is None else texts[0]
        raise Refused(f"expected one text as {name}, got {len(texts):,}; the file is damaged")

    def texts(self, holder: Any, name: str) -> list[str] | None:
        """Return the texts in an attribute; None if there is none of that name."""
        if name not in holder.attrs:
            return None
        attribute = h5py.h5a.open(holder.id, name.encode())
        # A list without anything has NumPy's usual type.
        amount = 0 if attribute.shape is None else prod(attribute.shape)
        if not amount:
            return []
        # Text alone: of references and of Python's objects nothing is made.
        if not isinstance(attribute.get_type(), h5py.h5t.TypeStringID):
            raise Refused(f"expected text as {name}, got something else; the file is damaged")
        if amount * attribute.get_type().get_size() > self._size:
            raise Refused(f"expected {name} that the file has room for, got more; it is damaged")
        return [_text(one) for one in np.ravel(np.asarray(holder.attrs[name], dtype=object))]


def _text(value: object) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)
