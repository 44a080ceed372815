"""The engine process as the screen has it: commands go in without waiting, events come out by a callback."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import msgspec

from core.engine.frames import HEADER, frame, frame_length, read_event
from core.engine.process import Launch, log_tail
from core.engine.pulse import pulse_of

if TYPE_CHECKING:
    from asyncio import StreamReader, StreamWriter
    from asyncio.subprocess import Process
    from collections.abc import Callable

    from core.engine.protocol import Command, Event
    from core.engine.pulse import Pulse

CHUNK = 1 << 20
"""Bytes written at a time, so that a large command leaves the screen its turns."""

PATIENCE = 1.0
"""Seconds that the engine has to end by itself before it is killed."""


class Engine(Protocol):
    """What the screen needs of an engine, be it the process or a test's stand-in."""

    async def start(self) -> None:
        """Start it; events come from now on."""

    def send(self, command: Command) -> None:
        """Hand over ``command``, which waits until the engine gets to it. Never blocks."""

    async def close(self) -> None:
        """End it; nothing comes any more."""

    def pulse(self) -> Pulse | None:
        """Return what can be seen of it from outside; None where nothing can."""


@dataclass(frozen=True)
class Gone:
    """The engine process has ended without being told to; ``log_tail`` is the end of what it logged."""

    exit_code: int
    log_tail: str

    @property
    def in_words(self) -> str:
        """How it ended: by which signal, or what it logged last."""
        if self.exit_code >= 0:
            last = self.log_tail.strip().splitlines()[-1:] or ["nothing in its log"]
            return f"exit code {self.exit_code}: {last[0]}"
        hint = ", maybe by the machine for want of memory" if self.exit_code == -signal.SIGKILL else ""
        return f"killed by signal {-self.exit_code}{hint}"


class EngineProcess:
    """The engine in a process of its own. After a ``Gone`` it can be started again.

    Commands sent while there is no process wait for the next start.
    """

    def __init__(self, on_event: Callable[[Event | Gone], None], strategy: str | None = None) -> None:
        self._on_event = on_event
        self._strategy = strategy
        self._outgoing: asyncio.Queue[bytes] = asyncio.Queue()
        self._process: Process | None = None
        self._launch: Launch | None = None
        self._tasks: tuple[asyncio.Task[None], ...] = ()

    async def start(self) -> None:
        """Start the process, unless one is running."""
        if self._launch is not None:
            return
        launch = self._launch = Launch(self._strategy)
        pipe = asyncio.subprocess.PIPE
        try:
            with launch.log.open("ab") as log:
                process = await asyncio.create_subprocess_exec(
                    *launch.argv, stdin=pipe, stdout=pipe, stderr=log, env=launch.environment, limit=CHUNK
                )
        except BaseException:
            self._launch = None
            launch.close()
            raise
        if self._launch is not launch:
            # It was closed while it was being started.
            await _end(process)
            return
        self._process = process
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("expected a process with pipes")
        writing = asyncio.create_task(self._write(process.stdin))
        self._tasks = (writing, asyncio.create_task(self._read(process.stdout, process, launch, writing)))

    def send(self, command: Command) -> None:
        """Queue ``command``; a task hands it over as fast as the pipe takes it."""
        self._outgoing.put_nowait(frame(command))

    async def close(self) -> None:
        """End the process within 2 seconds; it posts nothing about that."""
        process, launch, tasks = self._process, self._launch, self._tasks
        self._forget()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if process is not None:
            await _end(process)
        if launch is not None:
            launch.close()

    def pulse(self) -> Pulse | None:
        """Return what the machine says of the process; None if there is none, or the machine doesn't."""
        return None if self._process is None else pulse_of(self._process.pid)

    def _forget(self) -> None:
        self._process, self._launch, self._tasks = None, None, ()
        self._outgoing = asyncio.Queue()

    async def _write(self, pipe: StreamWriter) -> None:
        # A broken pipe is told by the reader, which sees the end and knows the exit code.
        with contextlib.suppress(ConnectionError):
            while True:
                data = memoryview(await self._outgoing.get())
                for start in range(0, len(data), CHUNK):
                    pipe.write(data[start : start + CHUNK])
                    await pipe.drain()

    async def _read(self, pipe: StreamReader, process: Process, launch: Launch, writing: asyncio.Task[None]) -> None:
        while (event := await _next_event(pipe)) is not None:
            self._on_event(event)
        writing.cancel()
        await _end(process)
        code = await process.wait()
        tail = log_tail(launch.log)
        launch.close()
        self._forget()
        self._on_event(Gone(code, tail))


async def _next_event(pipe: StreamReader) -> Event | None:
    """Return the next event, or None at the pipe's end, which anything that is not a frame also is."""
    try:
        length = frame_length(await pipe.readexactly(HEADER.size))
        return read_event(await pipe.readexactly(length))
    except (asyncio.IncompleteReadError, ConnectionError, ValueError, msgspec.MsgspecError):
        return None


async def _end(process: Process) -> None:
    """Close the process's pipe, which ends it; kill it if it doesn't end."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        await asyncio.wait_for(process.wait(), PATIENCE)
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
