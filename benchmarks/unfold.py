"""How long enter takes until a number stands unfolded on the screen, against a key that moves the cursor there."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from statistics import median

from benchmarks.row import Row
from benchmarks.terminal import Terminal
from core.layers.dense import Dense
from core.model.initial import initial_weights
from core.model.network import Network
from core.model.save_model import save_model
from core.training.recipe import Recipe

WIDTH = 4096
NETWORK = Network.chain(64, (Dense("wide", WIDTH, "relu"), Dense("output", 1, "tanh")))
UNIT = 1000
PAGE = 10
"""Rows that page down moves the cursor."""

DOWN, UP, END, PAGE_DOWN, ENTER, BACKSPACE = "\x1b[B", "\x1b[A", "\x1b[F", "\x1b[6~", "\r", "\x7f"
ROUNDS = 40
QUIET = 0.12
"""Seconds without output after which the app is idle."""

TARGET = 2.0


def run() -> list[Row]:
    """Open the tutorial's second unit, then the 1,000th of a wide layer, and move the cursor in between."""
    rows = []
    with Terminal("tui") as terminal:
        terminal.wait_for_screen("Keras ready")
        rows += _measure(terminal, "the tutorial's model", 2)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "wide.keras"
        save_model(path, NETWORK, initial_weights(NETWORK, 0), Recipe(), None)
        with Terminal("tui", [str(path)]) as terminal:
            terminal.wait_for_screen("Keras ready")
            rows += _measure(terminal, f"unit {UNIT:,} of {WIDTH:,}", UNIT)
    return rows


def _measure(terminal: Terminal, what: str, unit: int) -> list[Row]:
    terminal.press("4")
    terminal.wait_for_screen("by hand ")
    for key in [UP * 9, *[PAGE_DOWN] * (unit // PAGE)]:
        _press(terminal, key)
    while f"z{unit} = " not in "\n".join(terminal.screen()):
        _press(terminal, DOWN if _unit(terminal) < unit else UP)
    _press(terminal, END)
    unfolded, moved = [], []
    for _ in range(ROUNDS):
        unfolded.append(_milliseconds(terminal, ENTER, "in all"))
        _press(terminal, BACKSPACE)
        moved.append(_milliseconds(terminal, DOWN, f"z{unit + 1} = "))
        moved.append(_milliseconds(terminal, UP, f"z{unit} = "))
    return [Row(f"enter to the unfolding, {what}: median", median(unfolded), median(moved), "ms", TARGET)]


def _unit(terminal: Terminal) -> int:
    """Return the unit whose line is shown below the page."""
    lines = [line.split("=")[0].strip(" z") for line in terminal.screen() if line.startswith(" z") and "=" in line]
    return int(lines[0])


def _press(terminal: Terminal, key: str) -> None:
    terminal.press(key)
    terminal.read(1.0)
    _settle(terminal)


def _settle(terminal: Terminal) -> None:
    while terminal.read(QUIET):
        pass


def _milliseconds(terminal: Terminal, key: str, text: str) -> float:
    _settle(terminal)
    terminal.screen()
    pressed = time.perf_counter()
    terminal.press(key)
    return (terminal.wait_until_shown(text) - pressed) * 1000
