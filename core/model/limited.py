"""The limited process: started, shown a file, asked once; no more of its answer is taken than was agreed, no later.

It can't be relied on: a damaged file may crash it, or keep it busy. Whatever happens, it has ended then.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import weakref
from contextlib import suppress
from typing import IO, TYPE_CHECKING

from core.limits import times
from core.model.between import LENGTH, FileInMemory

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMAND = (sys.executable, "-I", "-m", "core.model.archive.reader")


_ahead: list[tuple[tuple[str, ...], FileInMemory]] = []
"""Files in memory about which a process waits to be asked, each with how it was started."""


def start_ahead() -> None:
    """Start the process that will be asked about the next file, so that it is ready by then.

    One that is asked nothing ends with its file, or with this program.
    """
    # Whoever asks will say why none can be started.
    with suppress(OSError):
        if not _ahead:
            file = FileInMemory()
            file.reader = _started(file, COMMAND)
            # Of a file that is never asked about the process would wait as long as this program runs.
            weakref.finalize(file, _let_go, file.reader)
            _ahead.append((_waiting(), file))


def new_file() -> FileInMemory:
    """Return a file in memory to be filled and asked about."""
    while _ahead:
        command, file = _ahead.pop()
        if command == _waiting():
            return file
    return FileInMemory()


def exchange(
    sent: bytes, file: FileInMemory, most: int, seconds: float, command: Sequence[str] = ()
) -> tuple[int, bytes]:
    """Send bytes to a process that sees ``file``, and return how it ended and its answer of at most ``most`` bytes.

    The process is that of model files, or another ``command``. An answer begins with its length. Whatever happens, the
    process has ended.

    Raises:
        TimeoutError: it had not ended after so many seconds.
        OSError: it could not be started.
        ValueError: it gave more than that, or than it said.
    """
    late = threading.Event()
    if command or file.reader is None:
        process = _started(file, command or COMMAND)
    else:
        process, file.reader = file.reader, None
    assert process.stdin is not None and process.stdout is not None

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


def _waiting() -> tuple[str, ...]:
    """Return how the process is started that waits for the next file, which says what is allowed too."""
    return (*COMMAND, str(times()))


def _started(file: FileInMemory, command: Sequence[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        (*command, str(times()), str(file.handle)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment(),
        pass_fds=(file.handle,),
    )


def _let_go(process: subprocess.Popen[bytes]) -> None:
    """End a process if it still waits to be asked."""
    with process:
        process.kill()


def _answer(stream: IO[bytes], most: int) -> bytes:
    length = int.from_bytes(stream.read(LENGTH), "big")
    if length > most:
        raise ValueError
    data = stream.read(length)
    if stream.read(1):
        raise ValueError
    return data


def environment() -> dict[str, str]:
    """Return the environment of a limited process."""
    # One thread, because a pool of them reserves memory that the limit counts; no plug-ins of the HDF5 library.
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("HDF5_", "PYTHON"))}
    return {**kept, "OPENBLAS_NUM_THREADS": "1", "HDF5_PLUGIN_PRELOAD": "::"}
