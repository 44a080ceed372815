"""In a browser: started over pipes with Textual's web driver, as ``textual serve`` starts an app."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

import pyte

from core.journal.shelf import look
from tests.tui.test_stalled_terminal import ALL_TABS, MOMENT
from tests.waiting import PATIENCE, until

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]

MORE_THAN_A_PIPE_HOLDS = [tab.encode() for tab in 3 * ALL_TABS]
"""Keys that have some 150 kB drawn; a pipe holds 64."""

FIRST_LINE = b"__GANGLION__\n"
"""What the driver begins with; packets follow: a letter, a length of four bytes, and so many bytes."""


def packet(kind: bytes, payload: bytes) -> bytes:
    return kind + len(payload).to_bytes(4, "big") + payload


def drawn(output: IO[bytes], screen: pyte.Screen, wanted: str) -> None:
    """Read packets and draw them until the screen has ``wanted`` on it."""
    stream = pyte.ByteStream(screen)
    while wanted not in "\n".join(screen.display):
        kind, length = output.read(1), int.from_bytes(output.read(4), "big")
        assert kind, "it ended with\n" + "\n".join(screen.display)
        payload = output.read(length)
        if kind == b"D":
            stream.feed(payload.replace(b"\x1b[?2026$p", b""))


@contextmanager
def served(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], IO[bytes], IO[bytes]]]:
    """Start byhand as a server does, and give the pipes to it and from it."""
    environment = {name: value for name, value in os.environ.items() if name != "TERM"} | {
        "TEXTUAL_DRIVER": "textual.drivers.web_driver:WebDriver",
        "TEXTUAL_COLOR_SYSTEM": "truecolor",
        "COLUMNS": "100",
        "ROWS": "30",
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-m", "tui"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=folder, env=environment
    ) as process:
        # What never comes ends the reading, as its end does.
        guard = threading.Timer(PATIENCE, process.kill)
        guard.daemon = True
        guard.start()
        assert process.stdin is not None and process.stdout is not None
        assert process.stdout.readline() == FIRST_LINE
        yield process, process.stdin, process.stdout
        guard.cancel()


def test_the_screen_is_drawn_over_pipes_and_takes_keys_and_its_end(tmp_path: Path) -> None:
    with served(tmp_path) as (process, keys, drawing):
        screen = pyte.Screen(100, 30)
        drawn(drawing, screen, "250 points of 2 numbers")
        # The window comes to the front, and a key is pressed in it.
        keys.write(packet(b"M", json.dumps({"type": "focus"}).encode()) + packet(b"D", b"4"))
        keys.flush()
        drawn(drawing, screen, "Layer by layer")
        keys.write(packet(b"M", json.dumps({"type": "quit"}).encode()))
        keys.flush()
        drawing.read()
        assert process.wait() == 0


def test_without_its_server_it_ends(tmp_path: Path) -> None:
    with served(tmp_path) as (process, keys, drawing):
        drawn(drawing, pyte.Screen(100, 30), "250 points of 2 numbers")
        drawing.close()
        keys.close()
        assert process.wait() == 0


def test_a_browser_that_reads_nothing_holds_nothing_up_and_is_drawn_whole_once_it_reads(tmp_path: Path) -> None:
    with served(tmp_path) as (process, keys, drawing):
        screen = pyte.Screen(100, 30)
        drawn(drawing, screen, "250 points of 2 numbers")
        for tab in MORE_THAN_A_PIPE_HOLDS:
            keys.write(packet(b"D", tab))
            keys.flush()
            time.sleep(MOMENT)
        keys.write(packet(b"D", b"5") + packet(b"D", b"T"))
        keys.flush()
        until(lambda: any(session.steps for session in look().live), lambda: "waited for the journal in vain")
        drawn(drawing, screen, "0.9302")
        drawn(drawing, screen, "T Tutorial's")
        keys.write(packet(b"M", json.dumps({"type": "quit"}).encode()))
        keys.flush()
        drawing.read()
        assert process.wait() == 0
