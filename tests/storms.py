"""Storms of input and of sizes on real terminals: ``python -m tests.storms [MEGABYTES]``; the suite sends a small one.

Each is sent to byhand, to the smallest app that Textual makes, and to neovim where there is one, side by side. Said are
the memory that it took, and how long a key waited that came a moment after it.
"""

from __future__ import annotations

import fcntl
import os
import pty
import random
import re
import select
import shutil
import signal
import struct
import sys
import tempfile
import termios
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pyte

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[1]

MEGABYTES = 10
"""Of pastes; of random bytes five times as many."""

LONGEST = 20.0
"""Seconds after which a key that got no answer is given up."""

LONGEST_READ = 100.0
"""The same for a storm that is not read."""

MOST_GROWN, LATEST = 50.0, 1.0
"""What byhand may take: megabytes, and seconds until the answer."""

MOMENT = 0.2
"""Seconds from the end of a storm to the key."""

RESIZES, BETWEEN_RESIZES = 1_000, 0.004

PRIVATE = re.compile(rb"\x1b\[[<>=?]\d*(?:;\d+)*[uqp]|\x1b\[\?\d+\$p")

STOCK = """
from textual.app import App
from textual.widgets import Input, Static
class Stock(App):
    BINDINGS = [("ctrl+y", "answer", "answer")]
    def compose(self):
        yield Input()
        yield Static("it is there")
    def action_answer(self):
        self.query_one(Static).update("answered")
Stock().run()
"""


@dataclass(frozen=True)
class Program:
    """What a storm is sent to: how it is started, what it shows then, and a key with what that shows."""

    name: str
    command: tuple[str, ...]
    there: str
    key: bytes
    answer: str
    places: tuple[tuple[str, tuple[bytes, ...]], ...]
    """Names of places, and the keys that lead there."""


IN_BYHAND = (
    ("no field", ()),
    ("x", (b"4", b"x")),
    ("a matrix", (b"5",)),
    ("a number", (b"5", b"e")),
    ("the box", (b"5", b"p")),
    ("a form", (b"2", b"s")),
    ("help", (b"\x1bOP",)),
    ("a file", (b"\x0f",)),
)


def programs() -> Iterator[Program]:
    """Yield those that there are."""
    python = sys.executable
    yield Program("byhand", (python, "-m", "tui"), "Keras ready", b"\x10", "Search for commands", IN_BYHAND)
    yield Program("Textual", (python, "-c", STOCK), "it is there", b"\x19", "answered", (("a field", ()),))
    if (neovim := shutil.which("nvim")) is not None:
        start, ask = (neovim, "-u", "NONE", "-n"), b"\x1b\x1b:echo 'an' . 'swered'\r"
        yield Program("neovim", start, "[No Name]", ask, "answered", (("text", (b"i",)),))


def storms(megabytes: int) -> Iterator[tuple[str, Callable[[OnTerminal], bool]]]:
    """Yield names, and what makes each storm and returns whether it was taken."""
    amount = megabytes * 1_000_000
    yield "resizes", resized
    yield "paste", lambda on: on.send(b"\x1b[200~" + b"0.1234, " * (amount // 8) + b"\x1b[201~")
    yield "paste without marks", lambda on: on.send(b"0.1234, 2\r" * (amount // 10))
    yield "random bytes", lambda on: on.send(random.Random(1).randbytes(5 * amount))


def resized(on: OnTerminal) -> bool:
    """Give the terminal sizes as a window has that is dragged without end; the last one is the first again."""
    sizes = random.Random(1)
    for _ in range(RESIZES):
        on.resize(sizes.randint(1, 300), sizes.randint(1, 100))
        on.overlook(BETWEEN_RESIZES)
    on.resize(80, 24)
    return on.lives


@dataclass
class OnTerminal:
    """A program on a terminal of its own, 80 x 24; what it writes is read while it is written to."""

    program: Program
    folder: str
    process: int = field(init=False)
    master: int = field(init=False)

    def __post_init__(self) -> None:
        self.process, self.master = pty.fork()
        if self.process == 0:
            os.environ.update(TERM="xterm-256color", PYTHONPATH=str(ROOT))
            os.chdir(self.folder)
            # What another one left would be offered.
            os.environ["XDG_STATE_HOME"] = tempfile.mkdtemp(dir=self.folder)
            os.execvp(self.program.command[0], self.program.command)
        self._screen = pyte.Screen(80, 24)
        self._stream = pyte.ByteStream(self._screen)
        self.resize(80, 24)

    def resize(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self._screen.resize(rows, columns)

    @property
    def text(self) -> str:
        return "\n".join(self._screen.display)

    def turn(self, data: bytes = b"") -> int:
        """Read what there is; write some of ``data``, and return how much."""
        reads, writes, _ = select.select([self.master], [self.master] if data else [], [], 0.01)
        with suppress(OSError):
            if reads:
                # pyte takes private sequences for text.
                self._stream.feed(PRIVATE.sub(b"", os.read(self.master, 1 << 16)))
            if writes:
                return os.write(self.master, data[: 1 << 16])
        return 0

    def send(self, data: bytes) -> bool:
        """Return whether all of it was taken in time."""
        rest, end = memoryview(data), time.monotonic() + LONGEST_READ
        while rest and time.monotonic() < end and self.lives:
            rest = rest[self.turn(bytes(rest[: 1 << 16])) :]
        return not rest

    def until(self, wanted: str, longest: float = LONGEST) -> float | None:
        """Return the seconds until it shows ``wanted``; None if it did not."""
        begun = time.monotonic()
        while time.monotonic() - begun < longest and self.lives:
            if wanted in self.text:
                return time.monotonic() - begun
            self.turn()
        return None

    def pause(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.turn()

    def overlook(self, seconds: float) -> None:
        """Read without drawing: the emulator takes longer for a large frame than any program."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and self.lives:
            if select.select([self.master], [], [], left)[0]:
                os.read(self.master, 1 << 16)

    @property
    def lives(self) -> bool:
        return os.waitid(os.P_PID, self.process, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None

    def memory(self, what: str) -> float:
        """Return megabytes: ``VmRSS`` now, ``VmHWM`` at most."""
        said = re.search(rf"{what}:\s+(\d+)", Path(f"/proc/{self.process}/status").read_text())
        return int(said.group(1)) / 1024 if said else 0.0

    def end(self) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)
        os.close(self.master)


def survived(
    program: Program, keys: tuple[bytes, ...], storm: Callable[[OnTerminal], bool], folder: str
) -> tuple[float, float | None]:
    """Return the megabytes that the storm took, and the seconds until an answer; None for none."""
    on = OnTerminal(program, folder)
    try:
        if on.until(program.there, 120) is None:
            raise RuntimeError(f"{program.name} did not start: \n{on.text}")
        on.pause(1)
        for key in keys:
            on.send(key)
            on.pause(1)
        before = on.memory("VmRSS")
        Path(f"/proc/{on.process}/clear_refs").write_text("5")
        taken = storm(on)
        on.pause(MOMENT)
        answered = on.until(program.answer) if taken and on.send(program.key) else None
        return on.memory("VmHWM") - before if on.lives else 0.0, answered
    finally:
        on.end()


def main() -> int:
    """Send them all and print a table; the exit code is 1 if byhand took too much or answered too late."""
    megabytes = int(sys.argv[1]) if len(sys.argv) > 1 else MEGABYTES
    failed, made = 0, dict[str, tuple[float, float | None]]()
    with tempfile.TemporaryDirectory() as folder:
        for name, storm in storms(megabytes):
            for program in programs():
                for place, keys in program.places:
                    grown, answered = survived(program, keys, storm, folder)
                    late = answered is None or answered > LATEST
                    failed += program.name == "byhand" and (late or grown > MOST_GROWN)
                    made.setdefault(f"{name} {program.name}", (grown, answered))
                    waited = "no answer" if answered is None else f"{answered:.2f} s"
                    sys.stdout.write(f"| {name} into {place} | {program.name} | {grown:.0f} MB | {waited} |\n")
                    sys.stdout.flush()
            ours, stock = made[f"{name} byhand"][0], made[f"{name} Textual"][0]
            sys.stdout.write(f"| {name}: Textual's memory by byhand's | | {stock / max(ours, 1):.0f} | |\n")
    sys.stdout.write(f"{failed} of byhand's failed\n")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
