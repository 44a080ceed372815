"""A model as its file has it: its description, its arrays, and how it was saved."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from core.errors import Refused, shorten
from core.model.archive.gate import shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.arrays import AnyArray
    from core.model.archive.gate import Json

    Named = tuple[str, AnyArray]

OF_KERAS_3, OF_KERAS_2, HDF5, JSON = "zip of Keras 3", "zip of Keras 2", "HDF5", "JSON, without arrays"
"""What the formats of models are called."""

NONE: Mapping[str, Any] = MappingProxyType({})


class Saved(msgspec.Struct, frozen=True):
    """How a model file was saved: its format, the version of Keras and, where the file says it, the backend.

    ``notes`` are sentences about what that Keras did otherwise; the file has so many numbers ``of_optimizer``.
    """

    format: str = ""
    keras: str = ""
    backend: str = ""
    notes: tuple[str, ...] = ()
    of_optimizer: int = 0


class Described(NamedTuple):
    """What a model file holds: its description, how it was saved, and every array of its layers.

    Those are either in ``groups``, each by its path, or in ``lists``, named and in order for each of its layers.
    ``owners`` has the name of the layer that a group's arrays are said to be of, by the group's path; ``compiled`` is
    how an HDF5 file says, beside its description, that the model was compiled.
    """

    model: Json
    saved: Saved
    groups: Mapping[str, AnyArray] = NONE
    lists: Mapping[str, Sequence[Named]] = NONE
    owners: Mapping[str, str] = NONE
    compiled: Json | None = None


def version_of(given: object) -> str:
    """Return the version of Keras that a file says it was saved by; the first ones said nothing.

    Raises:
        Refused: it says none that there was.
    """
    text = given.decode(errors="replace") if isinstance(given, bytes) else given
    if text is None:
        return "1.0"
    if not isinstance(text, str) or text[:2] not in ("1.", "2.", "3."):
        raise Refused(f"expected a model saved by Keras 1, 2 or 3, got Keras version {shorten(shown(text))}")
    return text
