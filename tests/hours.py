"""Hours of random keys: ``python -m tests.hours [MINUTES [SEED ...]]`` plays on the real app and weighs its process.

Every key that byhand has, numbers and names typed into whatever has the focus, files opened and saved, the mouse: each
seed another play, with Keras left alone, killed now and then, and killed again and again until byhand gives up.
"""

from __future__ import annotations

import os
import random
import re
import signal
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Self

import pexpect

from tests.waiting import PATIENCE
from tui import commands

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import TracebackType

ROOT = Path(__file__).parents[1]
MINUTES = 20.0
SEEDS = (1, 2, 3, 4, 5)
SETTLED = 0.25
"""The share of the time after which what the process takes is to stay level: 5 minutes of 20."""

SAMPLES = 2.0
"""Seconds between two weighings."""

LEVEL = 0.05
"""How much of what it took by then it may grow."""

ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|[\x00-\x09\x0b-\x1f]")

FRAMES = re.compile(r"(?:core|tui|textual|asyncio)/[\w/]+\.py:\d+ in\s+(?:│\s*│\s*)?\w+")
"""Where a traceback as Textual draws it has been."""

FIRST_FRAME = "Set weights"

LEAVING = frozenset({"q", "ctrl+q", "Q"})


class Keras(StrEnum):
    """What becomes of the engine's process."""

    ON = "on"
    KILLED = "killed now and then"
    OFF = "off"


LIVES = {Keras.ON: None, Keras.KILLED: 40.0, Keras.OFF: 0.5}
"""Seconds, on the average, that an engine is left alive."""

_NAMED = {
    "enter": "\r", "escape": "\x1b", "tab": "\t", "shift+tab": "\x1b[Z", "space": " ", "backspace": "\x7f",
    "up": "\x1b[A", "down": "\x1b[B", "right": "\x1b[C", "left": "\x1b[D", "home": "\x1b[H", "end": "\x1b[F",
    "pageup": "\x1b[5~", "pagedown": "\x1b[6~", "delete": "\x1b[3~", "ctrl+home": "\x1b[1;5H", "ctrl+end": "\x1b[1;5F",
    "shift+up": "\x1b[1;2A", "shift+down": "\x1b[1;2B", "shift+right": "\x1b[1;2C", "shift+left": "\x1b[1;2D",
    "shift+home": "\x1b[1;2H", "shift+end": "\x1b[1;2F", "f1": "\x1bOP",
}  # fmt: skip

MOVES = ("up", "down", "left", "right", "tab", "enter", "home", "end", "pageup", "pagedown", "space")

TYPED = (
    "0.5", "-1e30", "3", "12", "1e-3", "x", "w*2", "w + 0.1", "5 tanh, 1 tanh", "50 relu, 1 sigmoid", "nan", "h1",
    "row 3", "> 0.5", "sgd", "adam", "0.3, 0.1", "model.keras", "data.csv", "epochs", "[[1, 2], [3, 4]]", "1\t2\n3\t4",
    "ünïcode 名前", "0.25, -0.75",
)  # fmt: skip


def on_the_line(key: str) -> str:
    """Return what a terminal sends for a key as Textual calls it."""
    if key in _NAMED:
        return _NAMED[key]
    if key.startswith("ctrl+") and len(key) == len("ctrl+x"):
        return chr(ord(key[-1]) & 0x1F)
    return commands.on_keyboard(key)


def every_key() -> list[str]:
    """Return each key that byhand's commands have, but those that leave it, as a terminal sends it."""
    named = {
        key
        for some in vars(commands).values()
        if isinstance(some, tuple)
        for command in some
        if isinstance(command, commands.Command)
        for key in command.key.split(",")
    }
    return sorted({on_the_line(key) for key in named - LEAVING} | {on_the_line("ctrl+p"), on_the_line("f1")})


def keys(seed: int) -> Iterator[str]:
    """Yield what is typed, click by click and key by key, for ever."""
    drawn, every = random.Random(seed), every_key()
    while True:
        kind = drawn.random()
        if kind < 0.45:
            yield drawn.choice(every)
        elif kind < 0.75:
            yield on_the_line(drawn.choice(MOVES))
        elif kind < 0.82:
            yield drawn.choice("12345")
        elif kind < 0.90:
            yield from drawn.choice(TYPED)
            yield "\r"
        elif kind < 0.95:
            yield "\x1b"
        else:
            button, column, row = drawn.choice((0, 0, 0, 64, 65)), drawn.randint(1, 80), drawn.randint(1, 24)
            yield f"\x1b[<{button};{column};{row}M" + (f"\x1b[<0;{column};{row}m" if button == 0 else "")


@dataclass
class Played:
    """What came of one play: MB at each second that was looked at, and what went wrong."""

    seed: int
    keras: Keras
    weighed: list[tuple[float, float]] = field(default_factory=list)
    pressed: int = 0
    killed: int = 0
    left: int = 0
    faults: list[str] = field(default_factory=list)

    def between(self, first: float, last: float) -> float:
        """Return the median of what it took in that part of the time, of which 0 is the start and 1 the end."""
        end = self.weighed[-1][0]
        there = sorted(size for at, size in self.weighed if first * end <= at <= last * end)
        return there[len(there) // 2]

    @property
    def growth(self) -> float:
        """What the last tenth of the time takes more than the time around the one at which it is to be settled."""
        return self.between(0.9, 1.0) / self.between(SETTLED, SETTLED + 0.1) - 1

    @property
    def most(self) -> float:
        """The most that it ever took, in MB."""
        return max(size for _, size in self.weighed)


class Play:
    """The app on a pseudo-terminal in a folder of its own, with somebody at the keys who never tires."""

    def __init__(self, folder: Path, seed: int, keras: Keras, program: Sequence[str] = ("-m", "tui")) -> None:
        self._folder, self._keras, self._program = folder, keras, list(program)
        self._keys, self._chance = keys(seed), random.Random(seed + 1)
        self.played = Played(seed, keras)
        self._last = b""
        self.child = self._started()

    def _started(self) -> pexpect.spawn:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("SSH_", "NO_COLOR"))}
        environment |= {"TERM": "xterm-256color", "HOME": str(self._folder), "COLORTERM": "truecolor"}
        environment["XDG_STATE_HOME"] = str(self._folder / "state")
        child = pexpect.spawn(
            sys.executable,
            self._program,
            cwd=str(self._folder),
            env=environment,
            dimensions=(24, 80),
            timeout=PATIENCE,
        )
        # Until then the terminal itself would take some keys, such as ctrl+c.
        child.expect_exact(FIRST_FRAME)
        return child

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.child.close(force=True)

    def for_seconds(self, seconds: float, rate: float) -> Played:
        """Press ``rate`` keys a second for so long."""
        begun = time.monotonic()
        looked, kill_at = begun, self._next_kill(begun)
        while (now := time.monotonic()) < begun + seconds:
            self._press()
            self._read_for(1 / rate)
            self._read_until_it_rests()
            if now >= looked:
                looked = now + SAMPLES
                self._weigh(now - begun)
            if now >= kill_at:
                self._kill_engines()
                kill_at = self._next_kill(now)
        return self.played

    def _next_kill(self, now: float) -> float:
        life = LIVES[self._keras]
        return float("inf") if life is None else now + self._chance.expovariate(1 / life)

    def _press(self) -> None:
        self.played.pressed += 1
        with suppress(OSError):
            os.write(self.child.child_fd, next(self._keys).encode())

    def _read_for(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            try:
                self._last = (self._last + self.child.read_nonblocking(1 << 16, timeout=left))[-(1 << 18) :]
            except pexpect.TIMEOUT:
                return
            except pexpect.EOF:
                self._ended()
                return

    def _read_until_it_rests(self) -> None:
        """Go on reading while it works, at most a second: keys that wait would be weighed too."""
        for _ in range(200):
            if not self._works:
                return
            self._read_for(0.005)

    @property
    def _works(self) -> bool:
        with suppress(OSError):
            return Path(f"/proc/{self.child.pid}/stat").read_text().rpartition(")")[2].split()[0] == "R"
        return False

    def _ended(self) -> None:
        """Start anew; an end that nobody chose is a fault, with the last of what was said."""
        self.child.wait()
        if self.child.exitstatus != 0 or b"Traceback" in self._last:
            said = ESCAPES.sub("", self._last.decode(errors="replace"))
            frames = " < ".join(reversed(FRAMES.findall(said)))
            ended = f"ended with {self.child.exitstatus} {self.child.signalstatus}"
            self.played.faults.append(f"{ended}: {said[-500:]}\n{frames}")
        else:
            self.played.left += 1
        self._last = b""
        self.child = self._started()

    def _weigh(self, at: float) -> None:
        with suppress(OSError, StopIteration):
            status = Path(f"/proc/{self.child.pid}/status").read_text()
            size = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))
            self.played.weighed.append((at, int(size) / 1000))

    def _kill_engines(self) -> None:
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError, ValueError):
                parent = int((process / "stat").read_text().rpartition(")")[2].split()[1])
                if parent == self.child.pid and b"core.engine" in (process / "cmdline").read_bytes():
                    os.kill(int(process.name), signal.SIGKILL)
                    self.played.killed += 1


def play(seed: int, keras: Keras, minutes: float, rate: float = 20.0) -> Played:
    """Play in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="byhand-hours-") as folder, Play(Path(folder), seed, keras) as playing:
        return playing.for_seconds(60 * minutes, rate)


def main() -> int:
    """Play each seed, and say in a line what came of it; 1 if a play had a traceback or was not level."""
    minutes = float(sys.argv[1]) if sys.argv[1:] else MINUTES
    seeds = [int(word) for word in sys.argv[2:]] or list(SEEDS)
    failures = 0
    for seed in seeds:
        keras = list(Keras)[seed % len(Keras)]
        played = play(seed, keras, minutes)
        failures += bool(played.faults) or played.growth > LEVEL
        sys.stdout.write(
            f"random keys, seed {seed}, Keras {keras}: {played.pressed:,} keys, engines killed {played.killed}, "
            f"left {played.left}, tracebacks {len(played.faults)}, growth {played.growth:+.1%} after "
            f"{minutes * SETTLED:g} of {minutes:g} min, at most {played.most:.0f} MB\n"
        )
        sys.stdout.write("".join(f"{fault}\n" for fault in played.faults))
        sys.stdout.flush()
    return int(failures > 0)


if __name__ == "__main__":
    sys.exit(main())
