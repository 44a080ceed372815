"""The gate: in a model's configuration, only what is Keras's own may be named, and settings must be plain values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any

from core.errors import Refused, shorten

if TYPE_CHECKING:
    from core.model.between import Content

Json = dict[str, Any]

HDF5 = b"\x89HDF\r\n\x1a\n"
HDF5_BEGINS = (0, *(512 << doubled for doubled in range(12)))
"""What a file in HDF5 begins with, and where: its own bytes may come after a block of its author's."""

ZIP = b"PK\x03\x04"

MAX_NAME = 200

Allowed = Mapping[str, AbstractSet[str]]

ALLOWED: Allowed = {
    "initializers": {
        *("Constant", "Identity", "IdentityInitializer", "Ones", "Orthogonal", "OrthogonalInitializer", "Zeros"),
        *("GlorotNormal", "GlorotUniform", "HeNormal", "HeUniform", "LecunNormal", "LecunUniform"),
        *("RandomNormal", "RandomUniform", "TruncatedNormal", "VarianceScaling"),
    },
    "regularizers": {"L1", "L2", "L1L2", "OrthogonalRegularizer"},
    "constraints": {"MaxNorm", "MinMaxNorm", "NonNeg", "UnitNorm"},
}
"""Keras's module -> the classes of it that a layer's settings may name here."""

TENSOR = "__keras_tensor__"
"""What Keras calls the output of one layer where another layer's input is described."""

ARRAY, OF_NUMPY = "__tensor__", "__numpy__"
"""What Keras calls numbers that are always the same, where such an input is described."""


def is_hdf5(file: Content | None) -> bool:
    """Say whether a file, of which the beginning is enough, is one in HDF5; a zip may have such a one within it."""
    if file is None or bytes(file[: len(ZIP)]) == ZIP:
        return False
    return any(bytes(file[at : at + len(HDF5)]) == HDF5 for at in HDF5_BEGINS)


def is_description(file: Content) -> bool:
    """Say whether a file, of which the beginning is enough, may be a model's description in JSON."""
    return bytes(file[:64]).lstrip()[:1] == b"{"


def is_built_in(value: object, allowed: Allowed = ALLOWED) -> bool:
    """Say whether ``value`` names no class or function that is not ``allowed``, at any depth."""
    if isinstance(value, list):
        return all(is_built_in(part, allowed) for part in value)
    if not isinstance(value, dict):
        return True
    own = "class_name" not in value or is_own(value, allowed)
    return own and all(is_built_in(part, allowed) for part in value.values())


def is_own(value: Json, allowed: Allowed) -> bool:
    """Return whether ``value`` says that it is of a class that is ``allowed``; within it is not looked."""
    name, module = value.get("class_name"), value.get("module")
    if not isinstance(name, str) or not isinstance(module, str) or value.get("registered_name") not in (None, name):
        return False
    kinds = [kind for kind, classes in allowed.items() if name in classes]
    return any(module in ("keras", f"keras.{kind}") or module.startswith(f"keras.src.{kind}.") for kind in kinds)


def mapping(what: str, value: object) -> Json:
    """Return ``value``, which must be a JSON object.

    Raises:
        Refused: it is something else.
    """
    if not isinstance(value, dict):
        raise Refused(f"expected {what} as a JSON object, got {shown(value)}; the file is damaged")
    return value


def sequence(what: str, value: object) -> list[Any]:
    """Return ``value``, which must be a JSON array.

    Raises:
        Refused: it is something else.
    """
    if not isinstance(value, list):
        raise Refused(f"expected {what} as a JSON array, got {shown(value)}; the file is damaged")
    return value


def name_of(what: str, value: object) -> str:
    """Return ``value``, which must be a name that Keras and a screen can take.

    Raises:
        Refused: it is not text, empty, too long, not encodable, or has the slash that Keras forbids.
    """
    if not isinstance(value, str) or not 0 < len(value) <= MAX_NAME or "/" in value or not _encodable(value):
        raise Refused(f"expected {what} of 1 to {MAX_NAME} characters without '/', got {shown(value)}; rename it")
    return value


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def flag(what: str, value: object) -> bool:
    """Return ``value``, which must be true or false.

    Raises:
        Refused: it is something else.
    """
    if not isinstance(value, bool):
        raise Refused(f"expected {what} to be true or false, got {shown(value)}; the file is damaged")
    return value


def whole(what: str, value: object, low: int, high: int) -> int:
    """Return ``value``, which must be a whole number from ``low`` to ``high``.

    Raises:
        Refused: it is something else; true and false are no numbers.
    """
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise Refused(f"expected {what} to be a whole number from {low:,} to {high:,}, got {shown(value)}")
    return value


def share(what: str, value: object) -> float:
    """Return ``value``, which must be a number from 0 to 1.

    Raises:
        Refused: it is something else; true and false are no numbers.
    """
    number = plain_number(value)
    if number is None or not 0 <= number <= 1:
        raise Refused(f"expected {what} to be a number from 0 to 1, got {shown(value)}")
    return number


def plain_number(value: object) -> float | None:
    """Return ``value`` if it is a finite number and not true or false, else None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def shown(value: object) -> str:
    """Return ``value`` as it may stand in a sentence; text in quotes, the rest as Keras's file has it."""
    if value is None:
        return "nothing"
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    if isinstance(value, str):
        return repr(shorten(value))
    # A whole number of thousands of digits has no text in Python.
    return "a huge number" if isinstance(value, int) and value.bit_length() > 200 else shorten(str(value))
