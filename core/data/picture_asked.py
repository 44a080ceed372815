"""What the limited process that decodes a picture is asked and what it answers: structs as MessagePack."""

from __future__ import annotations

import msgspec

LENGTH = 8
"""Bytes before an answer that say how long it is."""


SMALLER = "make the picture smaller"
"""What to do with one that is too large."""


class PictureAsked(msgspec.Struct, frozen=True):
    """A picture, and what is wanted of it: so many channels, a height and a width, None where it keeps its own.

    Without ``channels`` as many ``numbers`` are wanted, grey or in colour, whichever makes so many. A picture of
    another size is ``resized``, or else refused.
    """

    data: bytes
    channels: int | None
    height: int | None
    width: int | None
    numbers: int | None
    resized: bool


class Decoded(msgspec.Struct, frozen=True, tag=True):
    """A picture's numbers, 0 to 255, row by row and the channels last."""

    height: int
    width: int
    channels: int
    data: bytes


class Unfit(msgspec.Struct, frozen=True, tag=True):
    """Why there is none, as a sentence."""

    message: str


Answer = Decoded | Unfit
