"""What the limited process that handles model files is asked and what it answers: tagged structs as MessagePack."""

from __future__ import annotations

from typing import Any

import msgspec

from core.engine.protocol import LayerTensors, Tensor
from core.model.files.file_arrays import InGroups, InOrder
from core.model.in_layer import InLayer
from core.model.network import Network
from core.training.recipe import Recipe


class ReadArchive(msgspec.Struct, frozen=True, tag=True):
    """Read the model file that these bytes are."""

    data: bytes


class WriteArchive(msgspec.Struct, frozen=True, tag=True):
    """Make a ``.keras`` file; ``date`` is what it says of when it was saved."""

    network: Network
    layers: LayerTensors
    recipe: Recipe | None
    date: str


class PatchArchive(msgspec.Struct, frozen=True, tag=True):
    """Give ``data``, a model file of ``network``, other weights, and leave all else in it as it is.

    But for the loss, which is that of ``recipe``, if there is one.
    """

    data: bytes
    network: Network
    layers: LayerTensors
    recipe: Recipe | None = None


class ReadParts(msgspec.Struct, frozen=True, tag=True):
    """Read a model file's configuration and arrays as they are, whatever layers they are of."""

    data: bytes


class ReadWeights(msgspec.Struct, frozen=True, tag=True):
    """Read every array of the file ``data``, whether it has a model too or weights alone."""

    data: bytes


class Opened(msgspec.Struct, frozen=True, tag=True):
    """What a model file holds; ``notes`` are sentences about what it holds and is not used.

    Those of them by which Keras's loss of this model would be another one are ``not_followed``. ``patches`` says
    whether :class:`PatchArchive` takes the file.
    """

    network: Network
    layers: LayerTensors
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
    groups: dict[str, Tensor] = {}
    lists: dict[str, list[tuple[str, Tensor]]] = {}

    @classmethod
    def of(cls, config: bytes, held: InGroups | InOrder, saved: Saved) -> Parts:
        """Return what is read of a file, ready to be sent."""
        if isinstance(held, InGroups):
            return cls(config, saved, groups={path: Tensor.of(array) for path, array in held.arrays.items()})
        lists = {layer: [(name, Tensor.of(array)) for name, array in arrays] for layer, arrays in held.arrays.items()}
        return cls(config, saved, lists=lists)

    def held(self) -> InGroups | InOrder:
        """Return the arrays as the file has them."""
        if self.lists:
            lists = {layer: [(name, one.array()) for name, one in arrays] for layer, arrays in self.lists.items()}
            return InOrder(lists)
        return InGroups({path: one.array() for path, one in self.groups.items()})


class HeldTensor(InLayer, msgspec.Struct, frozen=True):
    """An array as a file has it: its names, what the file calls its numbers, and these as NumPy's type ``stored``."""

    layer: str
    name: str
    dtype: str
    stored: str
    shape: tuple[int, ...]
    data: memoryview


class WriteWeights(msgspec.Struct, frozen=True, tag=True):
    """Make a file of weights alone as Keras 3 has it in HDF5: each array at the path that is its name."""

    arrays: tuple[HeldTensor, ...]


class PatchWeights(msgspec.Struct, frozen=True, tag=True):
    """Give ``data``, a file of weights alone, other numbers in place of those of the ``changed`` arrays' names."""

    data: bytes
    changed: tuple[HeldTensor, ...]


Request = ReadArchive | WriteArchive | PatchArchive | ReadParts | ReadWeights | WriteWeights | PatchWeights


class HeldWeights(msgspec.Struct, frozen=True, tag=True):
    """The arrays of a file, what format it is, what saved it, and the names of what in it is no array of numbers.

    A model that was asked for where there are weights alone is answered by these, too.
    """

    format: str
    saved_by: str
    arrays: tuple[HeldTensor, ...]
    left_out: tuple[str, ...]


class Written(msgspec.Struct, frozen=True, tag=True):
    """The file that was made."""

    data: bytes


class Refusal(msgspec.Struct, frozen=True, tag=True):
    """Why there is no other answer, as a sentence for the screen."""

    message: str


Answer = Opened | Parts | HeldWeights | Written | Refusal

LENGTH = 8
"""Bytes before an answer that say how long it is."""

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
