"""The limited process: started, shown a file, asked once; no more of its answer is taken than was agreed, no later.

It can't be relied on: a damaged file may crash it, or keep it busy. Whatever happens, it has ended then.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from contextlib import suppress
from typing import IO, TYPE_CHECKING, NamedTuple

from core.limits import times
from core.model.between import LENGTH, FileInMemory

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMAND = (sys.executable, "-I", "-m", "core.model.archive.process")


class _Waiting(NamedTuple):
    """A process that waits for its request, and the file that it will be asked about."""

    command: tuple[str, ...]
    process: subprocess.Popen[bytes]
    file: FileInMemory


_ahead: list[_Waiting] = []


def start_ahead() -> None:
    """Start the process that will be asked about the next file, so that it is ready by then.

    One that is asked nothing ends with this program.
    """
    # Whoever asks will say why none can be started.
    with suppress(OSError):
        _ahead.append(_started(COMMAND, FileInMemory()))


def new_file() -> FileInMemory:
    """Return a file in memory to be filled and asked about."""
    return next((one.file for one in _ahead if one.command == COMMAND and not one.file.size), None) or FileInMemory()


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
    waiting = next((one for one in _ahead if one.file is file), None)
    if waiting is not None:
        _ahead.remove(waiting)
    process, late = (waiting or _started(command or COMMAND, file)).process, threading.Event()
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


def _started(command: Sequence[str], file: FileInMemory) -> _Waiting:
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        (*command, str(file.handle), str(times())),
        stdin=pipe,
        stdout=pipe,
        stderr=subprocess.DEVNULL,
        env=_environment(),
        pass_fds=(file.handle,),
    )
    return _Waiting(tuple(command), process, file)


def _answer(stream: IO[bytes], most: int) -> bytes:
    length = int.from_bytes(stream.read(LENGTH), "big")
    if length > most:
        raise ValueError
    data = stream.read(length)
    if stream.read(1):
        raise ValueError
    return data


def _environment() -> dict[str, str]:
    # One thread, because a pool of them reserves memory that the limit counts; no plug-ins of the HDF5 library.
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("HDF5_", "PYTHON"))}
    return {**kept, "OPENBLAS_NUM_THREADS": "1", "HDF5_PLUGIN_PRELOAD": "::"}
