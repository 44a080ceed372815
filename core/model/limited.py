"""One request to a program that can't be relied on, and its answer: no more of that than was agreed, and no later."""

from __future__ import annotations

import subprocess
import threading
from contextlib import suppress
from typing import IO, TYPE_CHECKING

from core.model.archive.protocol import LENGTH

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def exchange(
    command: Sequence[str], sent: bytes, environment: Mapping[str, str], most: int, seconds: float
) -> tuple[int, bytes]:
    """Run ``command``, send it bytes, and return how it ended and its answer of at most ``most`` bytes.

    An answer begins with its length. Whatever happens, the program has ended.

    Raises:
        TimeoutError: it had not ended after so many seconds.
        OSError: it could not be started.
        ValueError: it gave more than that, or than it said.
    """
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, env=environment)
    assert process.stdin is not None and process.stdout is not None
    late = threading.Event()

    def give_up() -> None:
        late.set()
        process.kill()

    timer = threading.Timer(seconds, give_up)
    with process:
        timer.start()
        try:
            # It may end without having read all.
            with suppress(BrokenPipeError):
                process.stdin.write(sent)
            with suppress(BrokenPipeError):
                process.stdin.close()
            data = _answer(process.stdout, most)
            status = process.wait()
        finally:
            timer.cancel()
            process.kill()
            if late.is_set():
                raise TimeoutError
    return status, data


def _answer(stream: IO[bytes], most: int) -> bytes:
    length = int.from_bytes(stream.read(LENGTH), "big")
    if length > most:
        raise ValueError
    data = stream.read(length)
    if stream.read(1):
        raise ValueError
    return data
