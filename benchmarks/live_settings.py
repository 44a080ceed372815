"""How long a setting that is turned takes until its curves stand on the screen, against keys in the idle app.

The idle app's key to repaint is that of :mod:`benchmarks.key_latency`: By hand, the cursor up and down.
"""

from __future__ import annotations

import re
import time
from statistics import median

from benchmarks.key_latency import Latencies, walk
from benchmarks.row import Row
from benchmarks.terminal import PATIENCE, Terminal

UP, DOWN, RIGHT, LEFT = "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D"
POINTS = "p"
"""Shows or hides the points on the boundary: an idle key that repaints a picture, as the turned setting does."""

TITLE = re.compile(r"loss [0-9.e-]+, validation [0-9.e-]+")
"""What is written above the curves: the losses of the last epoch, others for every learning rate."""

ROUNDS, TURNS = 8, 5
QUIET = 0.2
"""Seconds without output after which the app is idle."""

TARGET = 5.0


def run() -> list[Row]:
    """Turn the learning rate up and down, and press keys that train nothing in between, with the real engine."""
    turned: list[float] = []
    chosen: list[float] = []
    picture: list[float] = []
    cursor = Latencies()
    with Terminal("tui") as terminal:
        keys = _start(terminal)
        for _ in range(ROUNDS):
            for place in range(TURNS):
                key, title = keys[place % 2]
                turned.append(_milliseconds(terminal, key, title))
                chosen += [_milliseconds(terminal, key) for key in (RIGHT, LEFT)]
                picture.append(_milliseconds(terminal, POINTS))
            # An odd number of turns: the next round begins with the other key.
            keys.reverse()
            walk(terminal, cursor, TURNS)
            terminal.press("2")
            terminal.wait_for_screen("sign acc.")
    what = "a turned setting, to its curves, against"
    return [
        Row(f"{what} the idle app's key to repaint: p50", median(turned), median(cursor.line), "ms", TARGET),
        Row("... longest", max(turned), max(cursor.line), "ms"),
        Row("... against an idle key that repaints the boundary: p50", median(turned), median(picture), "ms"),
        Row("... against an idle key that chooses another setting: p50", median(turned), median(chosen), "ms"),
    ]


def _start(terminal: Terminal) -> list[tuple[str, str]]:
    """Train once, so that the program is compiled; return two keys and what each makes the title say."""
    terminal.wait_for_screen("Keras ready")
    terminal.press("2")
    terminal.wait_for_screen("sign acc.")
    terminal.press(" ")
    return [(key, _title_after(terminal, key)) for key in (DOWN, UP, DOWN, UP)][2:]


def _title_after(terminal: Terminal, key: str) -> str:
    """Wait until a training has been drawn, press ``key``, and return the title of the next one."""
    before = _title(terminal, "")
    terminal.press(key)
    return _title(terminal, before)


def _title(terminal: Terminal, before: str) -> str:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        _settle(terminal)
        found = TITLE.search("\n".join(terminal.screen()))
        if found and found[0] != before:
            return found[0]
    raise TimeoutError("expected the losses of a training, got\n" + "\n".join(terminal.screen()))


def _settle(terminal: Terminal) -> None:
    while terminal.read(QUIET):
        pass


def _milliseconds(terminal: Terminal, key: str, text: str = "") -> float:
    """Press ``key`` in the idle app; return how long ``text`` takes to be written, or any output at all."""
    _settle(terminal)
    terminal.screen()
    pressed = time.perf_counter()
    terminal.press(key)
    seen = terminal.wait_until_shown(text) if text else terminal.wait_for_output()
    return (seen - pressed) * 1000
