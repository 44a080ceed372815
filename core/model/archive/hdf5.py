"""A file in HDF5, every part of which is looked at before it is read; in the limited process only.

HDF5 can point out of the file, store nothing where much is declared, and hold objects instead of numbers. So a path is
walked link by link, and what arrays declare, all of them together, is no more than the file has.
"""

from __future__ import annotations

import io
from functools import cached_property
from math import prod
from typing import TYPE_CHECKING, Any, Self

import h5py
import numpy as np

from core.errors import Refused, shorten
from core.limits import allowing, allowing_more, most, most_deep
from core.model.archive.held_array import declared, holds_numbers
from core.model.archive.narrow import BFLOAT16, widened
from core.model.archive.seen import as_file
from core.model.archive.zip_file import FREE, MAX_RATIO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from core.arrays import AnyArray
    from core.model.between import Content

    Numbers = Callable[[Any, str], AnyArray]

OWN_FILTERS = frozenset(
    {h5py.h5z.FILTER_DEFLATE, h5py.h5z.FILTER_SHUFFLE, h5py.h5z.FILTER_FLETCHER32, h5py.h5z.FILTER_LZF}
)
"""What HDF5 and h5py unpack: gzip and lzf, with a checksum or not; many another filter is a plug-in."""

LAYOUTS = (h5py.h5d.CONTIGUOUS, h5py.h5d.CHUNKED, h5py.h5d.COMPACT)
"""How numbers lie in the file itself."""

MAX_DEPTH = 64
FREE_LINKS = 10_000
BYTES_PER_LINK = 16
"""How many links are gone along: so many, and more in a large file. Ways that meet again and again come to more."""


class Dataset(h5py.Dataset):  # type: ignore[misc]
    """h5py's, which itself would ask the file for these anew each time."""

    @cached_property
    def shape(self) -> Any:
        """Its sides; None if it has nothing at all."""
        return self.id.shape

    @cached_property
    def kind(self) -> Any:
        """The type of its numbers, as HDF5 has it."""
        return self.id.get_type()

    @cached_property
    def dtype(self) -> Any:
        """The type of its numbers."""
        return self.kind.dtype


ANYTHING = (h5py.Group, Dataset, h5py.Datatype)


class Hdf5:
    """The HDF5 file ``data``, to be used in a ``with``; ``changes`` says whether it may be written to, in memory.

    What is asked of it raises :class:`Refused` where the file leads elsewhere, or declares what it has not.
    """

    def __init__(self, data: Content, *, changes: bool = False) -> None:
        self._data, self._buffer = data, io.BytesIO(data) if changes else io.BytesIO()
        self._changes = changes
        self.root: Any = h5py.File(self._buffer, "r+") if changes else h5py.File(as_file(data), "r")
        self._size = self._left = len(data)
        self._unpacked = 0
        self._links = most(max(FREE_LINKS, self._size // BYTES_PER_LINK))
        self._types: dict[np.dtype[Any], h5py.h5t.TypeID] = {}

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
        there = "/" not in name and group.id.links.exists(name.encode())
        link = group.id.links.get_info(name.encode()).type if there else None
        return self._opened(group, name, link, whose, kind)

    def _opened(self, group: Any, name: str, link: int | None, whose: str, kind: Any) -> Any:
        """Return the member of ``group`` that a link of such a kind, if there is one, leads to."""
        if link is None or "/" in name:
            raise Refused(f"expected {shorten(name)!r} of {whose} in the weights, got none; the file is damaged")
        if link != h5py.h5l.TYPE_HARD:
            raise Refused(
                f"expected {shorten(name)!r} of {whose} in the file itself, got a link to elsewhere; don't trust this "
                "file"
            )
        member = _made(h5py.h5o.open(group.id, name.encode()))
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

    def arrays(self, group: Any, before: str = "") -> Iterator[tuple[str, Any]]:
        """Give every dataset below ``group`` with its path, after ``before``; backslashes are Windows's slashes."""
        for path, dataset, _ in self.arrays_and_groups(group, before):
            yield path, dataset

    def arrays_and_groups(self, group: Any, before: str = "", depth: int = 0) -> Iterator[tuple[str, Any, Any]]:
        """Give every dataset as :meth:`arrays` does, with the group that it is in."""
        for name, link in _links(group):
            path = before + name.replace("\\", "/")
            self._links -= 1
            if depth > most_deep(MAX_DEPTH) or self._links < 0:
                raise Refused(
                    f"expected groups of arrays, got too many or too deep ones at {shorten(path)!r}; {allowing_more()}"
                )
            member = self._opened(group, name, link, "the weights", ANYTHING)
            if isinstance(member, h5py.Group):
                yield from self.arrays_and_groups(member, f"{path}/", depth + 1)
            elif isinstance(member, h5py.Dataset):
                yield path, member, group

    def stored(self, dataset: Any, what: str) -> Any:
        """Return ``dataset`` if its numbers are all stored in the file, plainly."""
        shape = dataset.shape
        if shape is None:
            raise Refused(f"expected {what} as numbers, got nothing; the file is damaged")
        properties = dataset.id.get_create_plist()
        if properties.get_layout() not in LAYOUTS or properties.get_external_count():
            raise Refused(f"expected {what} stored in the file itself, got it elsewhere; don't trust this file")
        filters = {properties.get_filter(at)[0] for at in range(properties.get_nfilters())}
        if not filters <= OWN_FILTERS:
            raise Refused(
                f"expected {what} stored plainly, or packed by gzip or lzf, got it packed otherwise; h5repack -f NONE "
                "FILE NEW.h5, of HDF5's own tools, unpacks it"
            )
        size = declared(what, shape, dataset.dtype.itemsize)
        if filters:
            self._take_room(dataset, size, what)
            return dataset
        # All together, so that many links to one array don't make much of little.
        self._left -= size
        if self._left < 0:
            raise Refused(f"expected arrays that the file has room for, got more at {what}; it is damaged")
        # What is declared and not stored would cost memory that the file's size says nothing of.
        if dataset.id.get_storage_size() < size:
            raise Refused(f"expected {what} with all of its numbers, got only a part; the file is damaged")
        return dataset

    def _take_room(self, dataset: Any, size: int, what: str) -> None:
        """Count a compressed array of so many bytes, all chunks of which must be there."""
        self._unpacked += size
        usual = max(FREE, MAX_RATIO * self._size)
        if self._unpacked > most(usual):
            raise Refused(
                f"expected at most {most(usual) >> 20:,} MiB unpacked of a file of this size, got "
                f"{self._unpacked >> 20:,} MiB at {what}; {allowing(self._unpacked, usual)}"
            )
        chunks = prod(-(-side // chunk) for side, chunk in zip(dataset.shape, dataset.chunks, strict=True))
        if dataset.id.get_num_chunks() < chunks:
            raise Refused(f"expected {what} with all of its numbers, got only a part; the file is damaged")

    def numbers(self, dataset: Any, what: str) -> AnyArray:
        """Return the numbers of ``dataset``, all of which the file has; where they stand in it one after the other,
        those there, which nobody can write to.
        """
        held = self.stored(dataset, what)
        begin, dtype, shape = held.id.get_offset(), held.dtype, held.shape
        if self._changes or begin is None or held.kind != self._type(dtype):
            return np.asarray(held[()])
        return np.frombuffer(self._data, dtype, prod(shape), begin).reshape(shape)

    def _type(self, dtype: np.dtype[Any]) -> h5py.h5t.TypeID:
        """Return what HDF5 calls numbers of NumPy's type."""
        if dtype not in self._types:
            self._types[dtype] = h5py.h5t.py_create(dtype)
        return self._types[dtype]

    def is_bfloat16(self, dataset: Any) -> bool:
        """Say whether these are bfloat16, which HDF5 has no word for: Keras writes two bytes each and, since its
        third version, says beside what they are.
        """
        dtype = dataset.dtype
        two_bytes = dtype.kind == "V" and dtype.itemsize == 2 and dtype.names is None and dtype.subdtype is None
        return two_bytes and self.text(dataset, "dtype") in (None, BFLOAT16)

    def has_numbers(self, dataset: Any) -> bool:
        """Say whether ``dataset`` is an array of numbers that are read."""
        return dataset.shape is not None and (holds_numbers(dataset.dtype) or self.is_bfloat16(dataset))

    def any_numbers(self, dataset: Any, what: str) -> AnyArray:
        """Return the numbers of ``dataset``, of which :meth:`has_numbers` was said; bfloat16 as float32, exactly."""
        values = self.numbers(dataset, what)
        if self.is_bfloat16(dataset):
            return widened(np.frombuffer(values.tobytes(), "<u2").reshape(values.shape), BFLOAT16)
        return values

    def text(self, holder: Any, name: str) -> str | None:
        """Return the text in an attribute; None if there is none of that name."""
        texts = self.texts(holder, name)
        if texts is None or len(texts) == 1:
            return None if texts is None else texts[0]
        raise Refused(f"expected one text as {name}, got {len(texts):,}; the file is damaged")

    def texts(self, holder: Any, name: str) -> list[str] | None:
        """Return the texts in an attribute; None if there is none of that name."""
        if not h5py.h5a.exists(holder.id, name.encode()):
            return None
        attribute = h5py.h5a.open(holder.id, name.encode())
        kind, shape = attribute.get_type(), attribute.shape
        # A list without anything has NumPy's usual type.
        amount = 0 if shape is None else prod(shape)
        if not amount:
            return []
        # Text alone: of references and of Python's objects nothing is made.
        if not isinstance(kind, h5py.h5t.TypeStringID):
            raise Refused(f"expected text as {name}, got something else; the file is damaged")
        if amount * kind.get_size() > self._size:
            raise Refused(f"expected {name} that the file has room for, got more; it is damaged")
        held = np.empty(amount, kind.dtype)
        attribute.read(held)
        return [one.decode(errors="replace") for one in held.tolist()]


def _links(group: Any) -> list[tuple[str, int]]:
    """Return the names in ``group``, in alphabetical order, with the kinds of their links."""
    found = list[tuple[bytes, int]]()

    def add(name: bytes, link: Any) -> None:
        # What is given is one and the same each time, of another link.
        found.append((name, link.type))

    group.id.links.iterate(add, info=True)
    return [(name.decode(), link) for name, link in found]


def _made(opened: Any) -> Any:
    """Return what was opened as h5py's groups, datasets and types are: a model has thousands, and h5py asks for each
    whether its file may be written to.
    """
    match opened:
        case h5py.h5g.GroupID():
            return h5py.Group(opened)
        case h5py.h5d.DatasetID():
            return Dataset(opened)
    return h5py.Datatype(opened)
