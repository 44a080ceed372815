"""What the limited process that reads model files is asked and what it answers: tagged structs as MessagePack.

The file is not in the message: it lies in memory that both see (:mod:`core.model.between`). What makes or changes files
is asked otherwise (:mod:`core.model.archive.making`).
"""

from __future__ import annotations

import json
from math import prod
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from core.errors import Refused
from core.model.archive.described import Described, Saved
from core.model.archive.gate import mapping
from core.model.archive.held_array import HeldArray
from core.model.archive.json_text import read_json
from core.model.in_layer import InLayer

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from core.model.archive.gate import Json
    from core.model.between import Content


class Sent(msgspec.Struct, frozen=True):
    """An array on its way: NumPy's type, its shape, and its bytes or, if it stands so in the file, where it begins."""

    stored: str
    shape: tuple[int, ...]
    data: memoryview | int

    @classmethod
    def of(cls, array: npt.NDArray[Any], file: Content = b"") -> Sent:
        """Return ``array`` as it is sent: if it is a part of ``file``, where that is."""
        place, end = _address(array) - _address(np.frombuffer(file, np.uint8)), len(file) - array.nbytes
        if array.size and array.flags.c_contiguous and 0 <= place <= end:
            return cls(array.dtype.str, array.shape, place)
        return cls(array.dtype.str, array.shape, memoryview(array.tobytes()))

    def array(self, file: Content = b"") -> npt.NDArray[Any]:
        """Return the numbers, which nobody can write to.

        Raises:
            Refused: they are not where they are said to be.
        """
        given, begin = (file, self.data) if isinstance(self.data, int) else (self.data, 0)
        try:
            dtype = np.dtype(self.stored)
            return np.frombuffer(memoryview(given)[begin : begin + self._size(dtype)], dtype).reshape(self.shape)
        except (ValueError, TypeError, OverflowError, SyntaxError):
            raise Refused("expected an array's numbers in the file, got none there; open it again") from None

    def _size(self, dtype: np.dtype[Any]) -> int:
        return prod(self.shape) * dtype.itemsize


def _address(array: npt.NDArray[Any]) -> int:
    return int(array.__array_interface__["data"][0])


class ReadParts(msgspec.Struct, frozen=True, tag=True):
    """Read a model file's configuration and arrays as they are, whatever layers they are of."""


class ReadWeights(msgspec.Struct, frozen=True, tag=True):
    """Read every array of the file, whether it has a model too or weights alone."""


class Parts(msgspec.Struct, frozen=True, tag=True):
    """A :class:`~core.model.archive.described.Described` on its way."""

    config: bytes
    saved: Saved
    groups: dict[str, Sent] = {}
    lists: dict[str, list[tuple[str, Sent]]] = {}
    owners: dict[str, str] = {}
    compiled: bytes = b""

    @classmethod
    def of(cls, described: Described, file: Content) -> Parts:
        """Return what was read of ``file``, ready to be sent."""
        config = json.dumps(described.model).encode()
        compiled = b"" if described.compiled is None else json.dumps(described.compiled).encode()
        groups = {path: Sent.of(array, file) for path, array in described.groups.items()}
        lists = {
            layer: [(name, Sent.of(array, file)) for name, array in arrays] for layer, arrays in described.lists.items()
        }
        return cls(config, described.saved, groups, lists, dict(described.owners), compiled)

    def described(self, file: Content) -> Described:
        """Return it as it was before, with the arrays that ``file`` has.

        Raises:
            Refused: the description can't be one, or an array's numbers are not where they are said to be.
        """
        model = _object("a model", self.config)
        compiled = _object("the training settings", self.compiled) if self.compiled else None
        groups = {path: one.array(file) for path, one in self.groups.items()}
        lists = {layer: [(name, one.array(file)) for name, one in arrays] for layer, arrays in self.lists.items()}
        return Described(model, self.saved, groups, lists, self.owners, compiled)


def _object(what: str, text: bytes) -> Json:
    return mapping(what, read_json(what, text))


class HeldTensor(InLayer, msgspec.Struct, frozen=True):
    """An array as a file has it: its names, what the file calls its numbers, and these."""

    layer: str
    name: str
    dtype: str
    numbers: Sent

    @classmethod
    def of(cls, array: HeldArray, file: Content = b"") -> HeldTensor:
        """Return ``array``, which may be a part of ``file``, as it is sent."""
        return cls(array.layer, array.name, array.dtype, Sent.of(array.values, file))

    def array(self, file: Content = b"") -> HeldArray:
        """Return it as it was before.

        Raises:
            Refused: its numbers are not where they are said to be.
        """
        return HeldArray(self.layer, self.name, self.numbers.array(file), self.dtype)


Request = ReadParts | ReadWeights


class HeldWeights(msgspec.Struct, frozen=True, tag=True):
    """The arrays of a file, what format it is, what saved it, the names of what in it is no array of numbers, and
    whether there is a model beside them.

    A model that was asked for where there are weights alone is answered by these, too, and so is one whose layers are
    not in the file: ``of_class`` is its class then.
    """

    format: str
    saved_by: str
    arrays: tuple[HeldTensor, ...]
    left_out: tuple[str, ...]
    of_model: bool = False
    of_class: str = ""


class Refusal(msgspec.Struct, frozen=True, tag=True):
    """Why there is no other answer, as a sentence for the screen."""

    message: str


Answer = Parts | HeldWeights | Refusal

read_request: Callable[[bytes], Request] = msgspec.msgpack.Decoder[Any](Request).decode
read_answer: Callable[[bytes], Answer] = msgspec.msgpack.Decoder[Any](Answer).decode
"""Return what was sent; of what is none they raise ``msgspec.MsgspecError``."""


def encode(message: msgspec.Struct) -> bytes:
    """Return a request or an answer as it is sent."""
    return msgspec.msgpack.encode(message)
