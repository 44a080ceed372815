"""Terminal: a program on a pseudo-terminal of 80 x 24; its output is read and timed, its questions get no answer."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Self

import pyte

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

ROOT = Path(__file__).parents[1]
COLUMNS, ROWS = 80, 24
PATIENCE = 60.0
"""Seconds that anything waited for may take."""

ENDING = 10.0
"""Seconds that the program and its own children have to end."""


class Terminal:
    """Runs ``python -m MODULE ARGUMENTS`` for the length of a ``with`` block.

    ``colours`` is what COLORTERM says; with none there are the 256 of xterm, as ssh leaves it. What a session leaves
    that is ended goes to ``state`` or, without it, away with the program: the next one would offer it.
    """

    def __init__(
        self, module: str, arguments: Sequence[str] = (), colours: str = "truecolor", state: Path | None = None
    ) -> None:
        self._own_state = TemporaryDirectory(ignore_cleanup_errors=True)
        self._state = state or Path(self._own_state.name)
        self._argv = [sys.executable, "-m", module, *arguments]
        self._colours = colours
        self.written = bytearray()
        self._screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self._screen)
        self._drawn = 0
        self.started = time.perf_counter()
        self.pid, self._master = pty.fork()
        if self.pid == 0:
            self._become_the_program()

    def _become_the_program(self) -> None:
        try:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
            os.chdir(ROOT)
            os.execve(
                self._argv[0],
                self._argv,
                _environment() | {"COLORTERM": self._colours, "XDG_STATE_HOME": str(self._state)},
            )
        finally:
            os._exit(127)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)
        end = time.monotonic() + ENDING
        while self._group_lives() and time.monotonic() < end:
            with suppress(EOFError):
                self.read(0.05)
            time.sleep(0.001)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        with suppress(ChildProcessError):
            os.waitpid(self.pid, 0)
        os.close(self._master)
        self._own_state.cleanup()

    def _group_lives(self) -> bool:
        """Return whether the program or a child of it, such as the engine, is still there."""
        with suppress(ChildProcessError):
            os.waitpid(self.pid, os.WNOHANG)
        try:
            os.killpg(self.pid, 0)
        except (ProcessLookupError, PermissionError):
            return False
        return True

    def read(self, seconds: float) -> bool:
        """Read what comes next, waiting up to ``seconds`` for it; return whether anything came.

        Raises:
            EOFError: the program has ended.
        """
        if not select.select([self._master], [], [], max(seconds, 0.0))[0]:
            return False
        try:
            data = os.read(self._master, 1 << 16)
        except OSError:  # Linux's word for the end.
            data = b""
        if not data:
            raise EOFError("the program has ended, after\n" + "\n".join(self.screen()))
        self.written += data
        return True

    def read_for(self, seconds: float) -> None:
        """Go on reading for ``seconds``."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.read(left)

    def wait_for(self, *texts: str, since: int = 0) -> float:
        """Read until all ``texts`` have been written after byte ``since``; return the time when they were.

        Raises:
            TimeoutError: they weren't, within :data:`PATIENCE`.
            EOFError: the program has ended.
        """
        wanted = [text.encode() for text in texts]
        end = time.monotonic() + PATIENCE
        while not all(text in self.written[since:] for text in wanted):
            if time.monotonic() > end:
                raise TimeoutError(f"expected {texts} on the screen, got\n" + "\n".join(self.screen()))
            self.read(1.0)
        return time.perf_counter()

    def wait_until_shown(self, text: str) -> float:
        """Read until ``text`` stands on the screen, of which only changes are sent; return when the last of it came.

        Raises:
            TimeoutError: it doesn't, within :data:`PATIENCE`.
            EOFError: the program has ended.
        """
        end = time.monotonic() + PATIENCE
        came = time.perf_counter()
        while not any(text in line for line in self.screen()):
            if time.monotonic() > end:
                raise TimeoutError(f"expected {text!r} on the screen, got\n" + "\n".join(self.screen()))
            self.read(1.0)
            came = time.perf_counter()
        return came

    def wait_for_output(self) -> float:
        """Read the next output, and return the time when it came.

        Raises:
            TimeoutError: nothing came within :data:`PATIENCE`.
            EOFError: the program has ended.
        """
        if not self.read(PATIENCE):
            raise TimeoutError("expected output, got none")
        return time.perf_counter()

    def press(self, keys: str) -> None:
        """Type ``keys``."""
        os.write(self._master, keys.encode())

    def screen(self) -> list[str]:
        """Return the lines that a person sees."""
        self._stream.feed(bytes(self.written[self._drawn :]))
        self._drawn = len(self.written)
        return list(self._screen.display)

    def wait_for_screen(self, text: str) -> None:
        """Read until ``text`` stands on the screen.

        Raises:
            TimeoutError: it doesn't, within :data:`PATIENCE`.
            EOFError: the program has ended.
        """
        end = time.monotonic() + PATIENCE
        while not any(text in line for line in self.screen()):
            if time.monotonic() > end:
                raise TimeoutError(f"expected {text!r} on the screen, got\n" + "\n".join(self.screen()))
            self.read_for(0.2)


def _environment() -> dict[str, str]:
    """Return this process's environment as a terminal window on this machine would have it.

    Without ``PYTHONDONTWRITEBYTECODE``, say, under which every start would compile byhand, but not Textual, anew.
    """
    odd = ("SSH_", "TEXTUAL", "PYTHON")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(odd)}
    return kept | {"TERM": "xterm-256color"}
