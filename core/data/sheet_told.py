"""What the limited process that reads Parquet or Excel tells: structs as MessagePack, each after its length."""

from __future__ import annotations

import msgspec

LENGTH = 8
"""Bytes that say how long what follows is."""


class Told(msgspec.Struct, frozen=True, tag=True):
    """The next rows, as text, and which share of all has been read by then, from 0 to 1."""

    rows: list[list[str]]
    share: float


class Ended(msgspec.Struct, frozen=True, tag=True):
    """There are no more rows: these were all, or the file is damaged, or it wants ``too_much`` memory."""

    damage: str = ""
    too_much: bool = False
