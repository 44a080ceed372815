"""What the limited process that handles model files is asked and what it answers: tagged structs as MessagePack.

The file that is read or changed is not in the message: it lies in memory that both see (:mod:`core.model.between`).
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from core.engine.protocol import LayerTensors
from core.errors import Refused
from core.layers.writer import Weight
from core.model.archive.held_array import HeldArray
from core.model.files.file_arrays import InGroups, InOrder
from core.model.in_layer import InLayer
from core.model.network import Network
from core.training.recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

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
        except (ValueError, TypeError, OverflowError):
            raise Refused("expected an array's numbers in the file, got none there; open it again") from None

    def _size(self, dtype: np.dtype[Any]) -> int:
        return prod(self.shape) * dtype.itemsize


def _address(array: npt.NDArray[Any]) -> int:
    return int(array.__array_interface__["data"][0])


class ReadArchive(msgspec.Struct, frozen=True, tag=True):
    """Read the model file."""


class WriteArchive(msgspec.Struct, frozen=True, tag=True):
    """Make a ``.keras`` file; ``date`` is what it says of when it was saved."""

    network: Network
    layers: LayerTensors
    recipe: Recipe | None
    date: str


class PatchArchive(msgspec.Struct, frozen=True, tag=True):
    """Give the model's file these weights, and leave all else in it as it is.

    But for which layers are frozen, which is as in ``network``, and for the loss, which is that of ``recipe``: where
    there is one.
    """

    weights: tuple[tuple[Weight, Sent], ...]
    network: Network | None = None
    recipe: Recipe | None = None

    @classmethod
    def of(
        cls,
        weights: Mapping[Weight, npt.NDArray[Any]],
        network: Network | None = None,
        recipe: Recipe | None = None,
    ) -> PatchArchive:
        """Return what asks for these weights."""
        return cls(tuple((weight, Sent.of(array)) for weight, array in weights.items()), network, recipe)


class ReadParts(msgspec.Struct, frozen=True, tag=True):
    """Read a model file's configuration and arrays as they are, whatever layers they are of."""


class ReadWeights(msgspec.Struct, frozen=True, tag=True):
    """Read every array of the file, whether it has a model too or weights alone."""


class Opened(msgspec.Struct, frozen=True, tag=True):
    """What a model file holds; ``notes`` are sentences about what it holds and is not used.

    Those of them by which Keras's loss of this model would be another one are ``not_followed``. ``patches`` says
    whether :class:`PatchArchive` takes the file.
    """

    network: Network
    layers: tuple[tuple[Sent, ...], ...]
    recipe: Recipe | None
    notes: tuple[str, ...]
    not_followed: tuple[str, ...] = ()
    patches: bool = True


class Saved(msgspec.Struct, frozen=True):
    """How a model file was saved: its format, the version of Keras and, where the file says it, the backend.

    ``notes`` are sentences about what that Keras did otherwise; the file has so many numbers ``of_optimizer``.
    """

    format: str = ""
    keras: str = ""
    backend: str = ""
    notes: tuple[str, ...] = ()
    of_optimizer: int = 0


class Parts(msgspec.Struct, frozen=True, tag=True):
    """What a model file holds: its config.json, how it was saved, and every array of its layers.

    Those are either in ``groups``, each by its path, or in ``lists``, named and in order for each of its layers.
    """

    config: bytes
    saved: Saved
    groups: dict[str, Sent] = {}
    lists: dict[str, list[tuple[str, Sent]]] = {}

    @classmethod
    def of(cls, config: bytes, held: InGroups | InOrder, saved: Saved, file: Content) -> Parts:
        """Return what is read of ``file``, ready to be sent."""
        if isinstance(held, InGroups):
            return cls(config, saved, groups={path: Sent.of(array, file) for path, array in held.arrays.items()})
        lists = {
            layer: [(name, Sent.of(array, file)) for name, array in arrays] for layer, arrays in held.arrays.items()
        }
        return cls(config, saved, lists=lists)

    def held(self, file: Content) -> InGroups | InOrder:
        """Return the arrays as ``file`` has them."""
        if self.lists:
            lists = {layer: [(name, one.array(file)) for name, one in arrays] for layer, arrays in self.lists.items()}
            return InOrder(lists)
        return InGroups({path: one.array(file) for path, one in self.groups.items()})


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


class WriteWeights(msgspec.Struct, frozen=True, tag=True):
    """Make a file of weights alone as Keras 3 has it in HDF5: each array at the path that is its name."""

    arrays: tuple[HeldTensor, ...]


class PatchWeights(msgspec.Struct, frozen=True, tag=True):
    """Give the file, one of weights alone, other numbers in place of those of the ``changed`` arrays' names."""

    changed: tuple[HeldTensor, ...]


Request = ReadArchive | WriteArchive | PatchArchive | ReadParts | ReadWeights | WriteWeights | PatchWeights


class HeldWeights(msgspec.Struct, frozen=True, tag=True):
    """The arrays of a file, what format it is, what saved it, the names of what in it is no array of numbers, and
    whether there is a model beside them.

    A model that was asked for where there are weights alone is answered by these, too.
    """

    format: str
    saved_by: str
    arrays: tuple[HeldTensor, ...]
    left_out: tuple[str, ...]
    of_model: bool = False


class Written(msgspec.Struct, frozen=True, tag=True):
    """The file that was made."""

    data: bytes


class Refusal(msgspec.Struct, frozen=True, tag=True):
    """Why there is no other answer, as a sentence for the screen."""

    message: str


Answer = Opened | Parts | HeldWeights | Written | Refusal

_encoder = msgspec.msgpack.Encoder()
_requests: msgspec.msgpack.Decoder[Any] = msgspec.msgpack.Decoder(Request)
_answers: msgspec.msgpack.Decoder[Any] = msgspec.msgpack.Decoder(Answer)


def encode(message: Request | Answer) -> bytes:
    """Return ``message`` as it is sent."""
    return _encoder.encode(message)


def read_request(data: bytes) -> Request:
    """Return the request that ``data`` is."""
    request: Request = _requests.decode(data)
    return request


def read_answer(data: bytes) -> Answer:
    """Return the answer that ``data`` is.

    Raises:
        msgspec.MsgspecError: ``data`` is no answer.
    """
    answer: Answer = _answers.decode(data)
    return answer
