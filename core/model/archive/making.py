"""What the limited process that makes and changes model files is asked and what it answers, as MessagePack.

A file that is changed is not in the message: it lies in memory that both see (:mod:`core.model.between`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from core.engine.protocol import LayerTensors
from core.layers.writer import Weight
from core.model.archive.protocol import HeldTensor, Refusal, Sent
from core.model.network import Network
from core.training.recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy.typing as npt


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


class WriteWeights(msgspec.Struct, frozen=True, tag=True):
    """Make a file of weights alone as Keras 3 has it in HDF5: each array at the path that is its name."""

    arrays: tuple[HeldTensor, ...]


class PatchWeights(msgspec.Struct, frozen=True, tag=True):
    """Give the file, one of weights alone, other numbers in place of those of the ``changed`` arrays' names."""

    changed: tuple[HeldTensor, ...]


Request = WriteArchive | PatchArchive | WriteWeights | PatchWeights


class Written(msgspec.Struct, frozen=True, tag=True):
    """The file that was made."""

    data: bytes


Answer = Written | Refusal

read_request: Callable[[bytes], Request] = msgspec.msgpack.Decoder[Any](Request).decode
read_answer: Callable[[bytes], Answer] = msgspec.msgpack.Decoder[Any](Answer).decode
"""Return what was sent; of what is none they raise ``msgspec.MsgspecError``."""
