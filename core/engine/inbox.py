"""The commands that have come and wait, read by a thread; the end of the pipe ends the process at once."""

from __future__ import annotations

import os
import queue
import threading
import traceback
from collections import deque
from typing import TYPE_CHECKING

import msgspec

from core.engine.frames import HEADER, frame_length, read_command
from core.engine.protocol import AskWeights, Command, Failed, Stop
from core.errors import shorten

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import BinaryIO

MAX_MESSAGE = 300


class _Numbered(msgspec.Struct):
    """What is still read of a command that is not one: its id, so that the refusal can name it."""

    id: int


class Inbox:
    """Commands in the order in which they came. One that cannot be read lies there as its ``Failed``."""

    def __init__(self, source: BinaryIO, at_end: Callable[[], None] = lambda: None) -> None:
        self._source = source
        self._at_end = at_end
        self._arrived: queue.SimpleQueue[Command | Failed] = queue.SimpleQueue()
        self._kept: deque[Command | Failed] = deque()

    def start(self) -> None:
        """Begin to read."""
        threading.Thread(target=self._read, name="inbox", daemon=True).start()

    def next(self) -> Command | Failed:
        """Wait for the next command and return it."""
        return self._kept.popleft() if self._kept else self._arrived.get()

    def for_training(self) -> Iterator[Stop | AskWeights]:
        """Yield what has come for a running training; everything else is kept in order for afterwards."""
        while not self._arrived.empty():
            command = self._arrived.get()
            if isinstance(command, Stop | AskWeights):
                yield command
            else:
                self._kept.append(command)

    def _read(self) -> None:
        # os._exit, because the main thread may be deep in Keras: nobody is left to whom it could speak.
        try:
            while (body := self._body()) is not None:
                self._arrived.put(_read_command(body))
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        self._at_end()
        os._exit(0)

    def _body(self) -> bytes | None:
        header = self._source.read(HEADER.size)
        if len(header) < HEADER.size:
            return None
        length = frame_length(header)
        body = self._source.read(length)
        return body if len(body) == length else None


def _read_command(body: bytes) -> Command | Failed:
    try:
        return read_command(body)
    except msgspec.ValidationError as error:
        numbered = msgspec.msgpack.decode(body, type=_Numbered)
        return Failed(numbered.id, shorten(str(error), MAX_MESSAGE))
