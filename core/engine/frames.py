"""What is said to the engine and by it as it is sent: MessagePack in frames, each with its length before it."""

from __future__ import annotations

import struct
from typing import Any

import msgspec

from core.engine.protocol import Command, Event

HEADER = struct.Struct(">Q")
MAX_FRAME = 1 << 33

_encoder = msgspec.msgpack.Encoder()
_commands: msgspec.msgpack.Decoder[Any] = msgspec.msgpack.Decoder(Command)
_events: msgspec.msgpack.Decoder[Any] = msgspec.msgpack.Decoder(Event)


def frame(message: Command | Event) -> bytes:
    """Return ``message`` as it is sent: eight bytes of length, big-endian, and its MessagePack."""
    body = _encoder.encode(message)
    return HEADER.pack(len(body)) + body


def frame_length(header: bytes) -> int:
    """Return the length that a frame's first eight bytes announce.

    Raises:
        ValueError: it is longer than any frame that is ever sent, so this is not a frame's beginning.
    """
    (length,) = HEADER.unpack(header)
    if length > MAX_FRAME:
        raise ValueError(f"expected a frame of at most {MAX_FRAME} bytes, got {length}")
    return int(length)


def read_command(body: bytes) -> Command:
    """Return the command in a frame's body."""
    command: Command = _commands.decode(body)
    return command


def read_event(body: bytes) -> Event:
    """Return the event in a frame's body."""
    event: Event = _events.decode(body)
    return event
