"""The terminal is given back however the app ends; real pseudo-terminals, and a small Textual app on them."""

from __future__ import annotations

import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self

import pexpect
import pyte
import pytest

from tests.storms import PRIVATE
from tests.waiting import FOR_EVER, PATIENCE, until
from tui import terminal
from tui.intake import QUIET

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import TracebackType

APP = f"""
import os, sys, time
from pathlib import Path
from tui import terminal
from tui.intake import QUIET
from tui.terminal import guard_signals
folder, mode = Path(sys.argv[1]), sys.argv[2]
if mode == "hanging":
    terminal.LONGEST_END = 0.5

def last_words():
    (folder / "ended").touch()
    time.sleep({FOR_EVER} if mode == "hanging" else 0)

guard_signals(last_words)
from textual.widgets import Static
from tui.thrifty_driver import ThriftyDriver
from tui.type_ahead import TypeAhead

class Tiny(TypeAhead):
    BINDINGS = [
        *(("k", "note", "note"), ("e", "end_flood", "end"), ("q", "quit", "leave")),
        ("ctrl+z", "suspend_process", "stop"),
    ]
    over = False

    def compose(self):
        yield Static()

    def on_ready(self):
        self.built()
        (folder / "ready").write_text(str(os.getpid()))
        if mode == "blocked":
            time.sleep({FOR_EVER})
        if mode == "flooding":
            self.set_interval(0.001, self.draw)

    def draw(self):
        self.query_one(Static).update("it is over" if self.over else str(time.perf_counter_ns()) * 300)

    def action_end_flood(self):
        self.over = True
        (folder / "over").touch()

    def action_note(self):
        (folder / "noted").touch()

Tiny(ThriftyDriver).run()
"""


def child_takes_terminal() -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


class Screen:
    """A pseudo-terminal with the small app on it; what the app writes is read unless ``reading`` is False."""

    def __init__(self, folder: Path, mode: str) -> None:
        self.folder = folder
        self.master, self.slave = os.openpty()
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, b"\x18\x00\x50\x00\x00\x00\x00\x00")
        self.before = termios.tcgetattr(self.slave)
        self.written = b""
        self.reading = True
        environment = os.environ | {"TERM": "xterm-256color"}
        self.process = subprocess.Popen(
            [sys.executable, "-c", APP, str(folder), mode],
            stdin=self.slave,
            stdout=self.slave,
            stderr=self.slave,
            env=environment,
            start_new_session=True,
            # Of a terminal that is not its own a process hears nothing.
            preexec_fn=None if mode == "deaf" else child_takes_terminal,  # noqa: PLW1509
        )
        self._reader = threading.Thread(target=self._read_while_reading)
        self._reader.start()

    def __enter__(self) -> Self:
        self.wait_for("ready")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop_reading()
        self.process.kill()
        self.process.wait()
        os.close(self.master)
        os.close(self.slave)

    def wait_for(self, name: str) -> None:
        self.until((self.folder / name).exists, f"the file {name}")

    def until(self, condition: Callable[[], bool], what: str) -> None:
        def holds() -> bool:
            assert self.process.poll() is None, f"ended with {self.process.returncode}: {self.written[-2000:]!r}"
            return condition()

        until(holds, lambda: f"waited for {what} in vain: {self.written[-2000:]!r}")

    @property
    def takes_more(self) -> bool:
        """Whether the app can write: not, once as much is unread as a terminal holds."""
        return bool(select.select([], [self.slave], [], 0)[1])

    @property
    def unread(self) -> int:
        """How many typed bytes the app has not read."""
        (number,) = struct.unpack("i", fcntl.ioctl(self.slave, termios.FIONREAD, bytes(4)))
        return int(number)

    def stop_reading(self) -> None:
        self.reading = False
        self._reader.join()

    def read_again(self) -> None:
        self.reading = True
        self._reader = threading.Thread(target=self._read_while_reading)
        self._reader.start()

    def shown(self) -> str:
        """What a terminal shows after all that was written."""
        display = pyte.Screen(80, 24)
        pyte.ByteStream(display).feed(PRIVATE.sub(b"", self.written))
        return "\n".join(display.display)

    def end_with(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)

    def rest(self) -> bytes:
        """Stop reading, then return all that was written and all that lies unread in the terminal."""
        self.stop_reading()
        while self._read_once():
            pass
        return self.written

    def attributes(self) -> list[Any]:
        return termios.tcgetattr(self.slave)

    def _read_once(self) -> bool:
        ready, _, _ = select.select([self.master], [], [], 0.05)
        if ready:
            self.written += os.read(self.master, 65536)
        return bool(ready)

    def _read_while_reading(self) -> None:
        while self.reading:
            self._read_once()


ENDS = [
    *((signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130), (signal.SIGQUIT, 131)),
    *((signal.SIGUSR1, 138), (signal.SIGALRM, 142)),
]


@pytest.mark.parametrize(("number", "code"), ENDS)
@pytest.mark.parametrize("mode", ["idle", "blocked"])
def test_a_signal_gives_the_terminal_back(tmp_path: Path, mode: str, number: signal.Signals, code: int) -> None:
    with Screen(tmp_path, mode) as screen:
        assert screen.attributes() != screen.before
        assert screen.end_with(number) == code
        assert screen.attributes() == screen.before
        assert terminal.RESTORE in screen.rest()
        assert (tmp_path / "ended").exists()


def test_nothing_is_drawn_after_the_terminal_is_given_back(tmp_path: Path) -> None:
    with Screen(tmp_path, "flooding") as screen:
        drawn = len(screen.written)
        screen.until(lambda: len(screen.written) > drawn + 10_000, "more drawing")
        assert screen.end_with(signal.SIGTERM) == 143
        assert screen.rest().endswith(terminal.RESTORE)


@contextmanager
def stalled(folder: Path) -> Iterator[Screen]:
    """The small app, drawing as much as it can, and nobody reads."""
    with Screen(folder, "flooding") as screen:
        screen.stop_reading()
        screen.until(lambda: not any(screen.takes_more for _ in range(100)), "a full terminal")
        yield screen


def test_a_terminal_that_stopped_reading_is_given_back_at_a_signal(tmp_path: Path) -> None:
    with stalled(tmp_path) as screen:
        assert screen.end_with(signal.SIGTERM) == 143
        assert screen.attributes() == screen.before
        assert screen.rest().endswith(terminal.RESTORE)


def test_a_terminal_that_stopped_reading_is_given_back_when_the_person_leaves(tmp_path: Path) -> None:
    with stalled(tmp_path) as screen:
        os.write(screen.master, b"q")
        assert screen.process.wait(PATIENCE) == 0
        assert screen.attributes() == screen.before
        # It may take a little all the same: then it gets what Textual says at the end, else all that restores it.
        assert re.findall(rb"\x1b\[\?(1049[hl]|25[hl])", screen.rest())[-2:] == [b"1049l", b"25h"]


def test_keys_are_done_while_nobody_reads_and_the_screen_is_whole_once_somebody_does(tmp_path: Path) -> None:
    with stalled(tmp_path) as screen:
        os.write(screen.master, b"k")
        screen.wait_for("noted")
        os.write(screen.master, b"e")
        screen.wait_for("over")
        screen.read_again()
        screen.until(lambda: re.fullmatch(r"it is over\s*", screen.shown()) is not None, "the last frame, and it alone")


def test_last_words_that_hang_are_cut_short(tmp_path: Path) -> None:
    with Screen(tmp_path, "hanging") as screen:
        assert screen.end_with(signal.SIGTERM) == 143, "and not after all that they take"


def test_a_terminal_that_is_gone_ends_the_app(tmp_path: Path) -> None:
    with Screen(tmp_path, "idle") as screen:
        screen.stop_reading()
        os.close(screen.master)
        os.close(screen.slave)
        screen.master, screen.slave = os.openpty()
        assert screen.process.wait(PATIENCE) == 129


def test_a_byte_that_is_not_utf8_does_not_end_the_app(tmp_path: Path) -> None:
    with Screen(tmp_path, "idle") as screen:
        os.write(screen.master, b"\xff")
        screen.until(lambda: screen.unread == 0, "the byte's being read")
        os.write(screen.master, b"k")
        screen.wait_for("noted")


def test_a_terminal_that_is_gone_ends_the_app_where_no_signal_says_so(tmp_path: Path) -> None:
    with Screen(tmp_path, "deaf") as screen:
        screen.stop_reading()
        os.close(screen.master)
        os.close(screen.slave)
        screen.master, screen.slave = os.openpty()
        assert screen.process.wait(PATIENCE) == 129


def test_a_storm_is_read_and_forgotten_and_the_next_key_is_done(tmp_path: Path) -> None:
    with Screen(tmp_path, "idle") as screen:
        storm = b"\x07" + b"\xff\x00k" * 100_000
        while storm:
            storm = storm[os.write(screen.master, storm) :]
        screen.until(lambda: screen.unread == 0, "the storm's being read")
        time.sleep(2 * QUIET)
        (tmp_path / "noted").unlink(missing_ok=True)
        os.write(screen.master, b"k")
        screen.wait_for("noted")


def test_without_a_shell_that_could_continue_it_nothing_is_stopped(tmp_path: Path) -> None:
    with Screen(tmp_path, "idle") as screen:
        screen.process.send_signal(signal.SIGTSTP)
        screen.until(lambda: "No shell has started byhand" in screen.shown(), "why it is not stopped")
        # Right behind each other: a terminal that was given away would make a signal of the second.
        os.write(screen.master, b"\x1a\x03k")
        screen.wait_for("noted")
        assert screen.written.count(b"\x1b[?1049h") == 1, "the terminal was given away"
        assert screen.end_with(signal.SIGTERM) == 143
        assert screen.attributes() == screen.before


@pytest.mark.parametrize("how", ["ctrl+z", "SIGTSTP", "SIGSTOP"])
def test_a_shell_gets_the_terminal_while_the_app_is_stopped(tmp_path: Path, how: str) -> None:
    environment = os.environ | {"TERM": "xterm-256color", "PS1": "shell> ", "ENV": ""}
    with pexpect.spawn("/bin/sh", ["-i"], env=environment, dimensions=(24, 80), timeout=PATIENCE) as shell:
        (tmp_path / "app.py").write_text(APP)
        shell.expect_exact("shell> ")
        shell.sendline(f"stty -g > {tmp_path}/before; {sys.executable} {tmp_path}/app.py {tmp_path} idle")
        until((tmp_path / "ready").exists, lambda: "the app")
        if how == "ctrl+z":
            shell.send("\x1a")
        else:
            os.kill(int((tmp_path / "ready").read_text()), signal.Signals[how])
        shell.expect_exact("shell> ")
        shell.sendline(f"stty -g > {tmp_path}/meanwhile; fg")
        shell.expect_exact("1049h")
        shell.send("k")
        until((tmp_path / "noted").exists, lambda: f"the key: {shell.before!r}")
        os.kill(int((tmp_path / "ready").read_text()), signal.SIGTERM)
        shell.expect_exact("shell> ")
        shell.sendline(f"stty -g > {tmp_path}/after; exit")
        shell.wait()
    before, meanwhile, after = ((tmp_path / name).read_text() for name in ("before", "meanwhile", "after"))
    assert before == after
    assert before == meanwhile or how == "SIGSTOP"


def test_refused_where_nothing_can_be_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.isatty", lambda descriptor: True)
    monkeypatch.setenv("TERM", "xterm")
    assert terminal.refusal() is None
    monkeypatch.setenv("TERM", "dumb")
    assert "TERM is 'dumb'" in (terminal.refusal() or "")
    monkeypatch.delenv("TERM")
    assert "TERM is not set" in (terminal.refusal() or "")


@pytest.mark.parametrize(("descriptor", "name"), terminal.STANDARD_FILES)
def test_refused_without_a_terminal(monkeypatch: pytest.MonkeyPatch, descriptor: int, name: str) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("os.isatty", lambda asked: asked != descriptor)
    reason = terminal.refusal() or ""
    assert f"standard {name} is no terminal" in reason
    assert "the commands that byhand --help lists, such as byhand summary and byhand predict" in reason
    assert "\n" not in reason


def test_quiet_over_ssh_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSH_CONNECTION", raising=False)
    monkeypatch.setenv("TEXTUAL_FPS", "30")
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "")
    monkeypatch.delenv("TEXTUAL_ANIMATIONS")
    terminal.quiet_over_ssh()
    assert "TEXTUAL_ANIMATIONS" not in os.environ
    monkeypatch.setenv("SSH_CONNECTION", "192.0.2.1 1 192.0.2.2 22")
    monkeypatch.setattr("os.environ", dict(os.environ))
    terminal.quiet_over_ssh()
    assert os.environ["TEXTUAL_ANIMATIONS"] == "none"
    assert os.environ["TEXTUAL_FPS"] == "30"
