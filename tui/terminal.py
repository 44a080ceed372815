"""The terminal around the app: what is refused before it starts, and what is put back however it ends."""

from __future__ import annotations

import os
import signal
import termios
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

COMMANDS_WITHOUT_SCREEN = "the commands that byhand --help lists, such as byhand summary and byhand predict"

STANDARD_FILES = ((0, "input"), (1, "output"), (2, "error"))
"""Textual reads keys from standard input, sizes from standard output, and draws on standard error."""

RESTORE = b"".join(
    (
        b"\x18",  # CAN: ends an escape sequence that was cut off in the middle.
        b"\x1b[?2026l",  # Synchronized output, which would hold back all that follows.
        b"\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1015l\x1b[?1016l",  # Mouse reports.
        b"\x1b[?2004l\x1b[?1004l\x1b[?2048l",  # Bracketed paste, focus reports, in-band resizes.
        b"\x1b[<u",  # Kitty's keyboard protocol, which each screen has its own of: so before the screen is left.
        b"\x1b[0m\x1b[?7h\x1b[?1049l\x1b[?25h",  # Plain text, line wrap, the other screen, the cursor.
    )
)
"""Undoes every mode that Textual's driver sets."""

TRIES, PAUSE = 25, 0.02
"""How often a terminal which takes no output is tried, and the seconds in between.

Tries are counted, not the time: on a busy machine half a second may pass before the first of them.
"""

ENDING = (
    *(signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT),
    *(signal.SIGUSR1, signal.SIGUSR2, signal.SIGXCPU, signal.SIGALRM, signal.SIGVTALRM, signal.SIGPROF),
)
"""Signals that end a process and that it can answer, but those that say that its own memory or code is broken."""

LONGEST_END = 5.0
"""Seconds after which the process ends whatever its last work is doing."""


def driven_elsewhere() -> bool:
    """Return whether something else draws the screen: ``textual serve`` has it drawn in a browser, over pipes."""
    return bool(os.environ.get("TEXTUAL_DRIVER"))


def refusal() -> str | None:
    """Return why no screen can be drawn here, in one line, or None where it can."""
    if driven_elsewhere():
        return None
    term = os.environ.get("TERM", "")
    if term in ("", "dumb"):
        reason = f"TERM is {term!r}" if term else "TERM is not set"
        return f"expected a terminal that can draw, but {reason}; without a screen: {COMMANDS_WITHOUT_SCREEN}"
    missing = [name for descriptor, name in STANDARD_FILES if not os.isatty(descriptor)]
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        reason = f"standard {', '.join(missing)} {verb} no terminal"
        return f"expected a terminal to draw on, but {reason}; without a screen: {COMMANDS_WITHOUT_SCREEN}"
    return None


def may_be_continued() -> bool:
    """Return whether a shell may continue this process once it is stopped: its parent belongs to the same session.

    Where it does not, the system stops no process whose terminal's ctrl+z is pressed: nothing would continue it.
    """
    parent = os.getppid()
    try:
        return parent != 0 and os.getsid(parent) == os.getsid(0)
    except OSError:
        return False


def quiet_over_ssh() -> None:
    """Send less over a slow line: no animations, fewer frames, more patience with keys that arrive in parts.

    Must be called before Textual is imported, which reads these variables once. What the person set stays.
    """
    if "SSH_CONNECTION" not in os.environ:
        return
    os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    os.environ.setdefault("TEXTUAL_SMOOTH_SCROLL", "0")
    os.environ.setdefault("TEXTUAL_FPS", "15")
    os.environ.setdefault("ESCDELAY", "200")


def guard_signals(before_end: Callable[[], object] | None = None) -> None:
    """Give the terminal back when one of :data:`ENDING` ends the process, with exit code 128 + the signal.

    Call it before the app starts: the terminal's attributes are taken as they are now. The handlers are plain
    ones because Textual's event loop may be busy. ``before_end`` is called once the terminal is restored, and has
    :data:`LONGEST_END` seconds in all.
    """
    end = _End(before_end)
    for number in ENDING:
        signal.signal(number, end)


class _End:
    """The signal handler; holds what it needs, opened while there was still a terminal to open."""

    def __init__(self, before_end: Callable[[], object] | None) -> None:
        self._before_end = before_end
        self._attributes = _attributes()
        self._output = second_way_to(2)
        self._begun = False

    def __call__(self, number: int, _frame: FrameType | None) -> None:
        if self._begun:
            return
        self._begun = True
        status = 128 + number
        signal.signal(signal.SIGALRM, lambda *_: os._exit(status))
        signal.setitimer(signal.ITIMER_REAL, LONGEST_END)
        try:
            self._restore()
            if self._before_end is not None:
                self._before_end()
        finally:
            os._exit(status)

    def _restore(self) -> None:
        # Setting attributes from the background would stop the process instead of ending it.
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        give(self._output, RESTORE)
        if self._attributes is not None:
            with suppress(termios.error, OSError):
                # Mouse reports that are still unread would be typed into the shell.
                termios.tcflush(0, termios.TCIFLUSH)
                termios.tcsetattr(0, termios.TCSANOW, self._attributes)


def _attributes() -> list[Any] | None:
    try:
        return termios.tcgetattr(0)
    except (termios.error, OSError):
        return None


def second_way_to(output: int) -> int:
    """Open the terminal of ``output`` once more, so that O_NONBLOCK is ours alone and not also the shell's."""
    flags = os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
    with suppress(OSError):
        return os.open(os.ttyname(output), flags)
    # Another user's terminal (after su) or another machine's (in a container) has no name that can be opened here.
    with suppress(OSError):
        os.tcgetpgrp(output)
        return os.open("/dev/tty", flags)
    return os.dup(output)


def give(output: int, data: bytes) -> None:
    """Write ``data``, for half a second at most; a terminal that takes nothing loses what it has not shown yet."""
    blocking, tries = os.get_blocking(output), 0
    os.set_blocking(output, False)
    while data and tries < TRIES:
        try:
            data = data[os.write(output, data) :]
        except BlockingIOError:
            tries += 1
            time.sleep(PAUSE)
            if tries > TRIES // 2:
                with suppress(termios.error):
                    termios.tcflush(output, termios.TCOFLUSH)
        except OSError:
            break
    os.set_blocking(output, blocking)
