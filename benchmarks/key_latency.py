"""How long a key takes to be seen while a training runs, against the same app idle: By hand, the cursor up and down."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from statistics import quantiles

from benchmarks.row import Row
from benchmarks.terminal import Terminal

DOWN, UP = "\x1b[B", "\x1b[A"
KEYS = ((DOWN, "z2 = "), (UP, "z1 = "))
"""A key, and how the line of the unit that it goes to begins; that stands nowhere else on the screen."""

ROUNDS, PRESSES = 6, 50
PAUSE = (0.03, 0.07)
"""Seconds between keys: random, so that no timer of the app keeps step with them."""

EPOCHS = "1000000"
TARGET = 2.0


@dataclass
class Latencies:
    """Milliseconds until the first byte after a key, and until the other unit's line was written."""

    first: list[float] = field(default_factory=list)
    line: list[float] = field(default_factory=list)


def run() -> list[Row]:
    """Press keys in turn while nothing runs and while a training runs, in one app with the real engine."""
    idle, training = Latencies(), Latencies()
    with Terminal("tui") as terminal:
        terminal.wait_for_screen("Keras ready")
        _set_epochs(terminal)
        for _ in range(ROUNDS):
            walk(terminal, idle, PRESSES)
            _start_training(terminal)
            walk(terminal, training, PRESSES)
            _stop_training(terminal)
    return [
        Row(
            "key to repaint, training against idle: p50",
            _percentile(training.line, 50),
            _percentile(idle.line, 50),
            "ms",
        ),
        Row("... p99", _percentile(training.line, 99), _percentile(idle.line, 99), "ms", TARGET),
        Row("... longest", max(training.line), max(idle.line), "ms"),
        Row("key to first byte: p50", _percentile(training.first, 50), _percentile(idle.first, 50), "ms"),
    ]


def _percentile(values: list[float], percent: int) -> float:
    return quantiles(values, n=100, method="inclusive")[percent - 1]


def _set_epochs(terminal: Terminal) -> None:
    """Ask for more epochs than there is time for, in a field of the Training tab's settings."""
    terminal.press("2")
    terminal.wait_for_screen("sign acc.")
    terminal.press("s")
    terminal.wait_for_screen("validation split")
    for key in ("\t",) * 7 + (EPOCHS, "\r"):
        terminal.press(key)
        terminal.read_for(0.2)
    terminal.wait_for_screen(f"epoch {int(EPOCHS):,}")


def _start_training(terminal: Terminal) -> None:
    terminal.press("2")
    terminal.read_for(0.5)
    terminal.press(" ")
    terminal.wait_for_screen("Keras training")


def _stop_training(terminal: Terminal) -> None:
    """Stop the training, which must not have ended by itself."""
    terminal.wait_for_screen("Keras training")
    terminal.press("2")
    terminal.read_for(0.5)
    terminal.press(" ")
    terminal.wait_for_screen("Keras ready")


def walk(terminal: Terminal, latencies: Latencies, presses: int) -> None:
    """Walk between two units of By hand and time every step."""
    terminal.press("4")
    terminal.wait_for_screen("by hand ")
    for key in (UP * 10, DOWN):
        terminal.press(key)
        terminal.read_for(0.5)
    for place in range(presses):
        terminal.read_for(random.uniform(*PAUSE))
        _press(terminal, *KEYS[place % 2], latencies)


def _press(terminal: Terminal, key: str, line: str, latencies: Latencies) -> None:
    terminal.screen()
    pressed = time.perf_counter()
    terminal.press(key)
    latencies.first.append((terminal.wait_for_output() - pressed) * 1000)
    latencies.line.append((terminal.wait_until_shown(line) - pressed) * 1000)
