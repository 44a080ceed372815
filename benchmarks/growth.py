"""How much the screen's process grows while a training of very many epochs is shown, against its stated budget."""

from __future__ import annotations

from benchmarks.memory import memory
from benchmarks.row import Row
from benchmarks.terminal import Terminal
from core.session.history import BUDGET

EPOCHS = 25_000
KB = 1024
"""Linux's, which :func:`benchmarks.memory.memory` makes a thousandth of an MB."""

SLACK = 16.0
"""MB for the numbers of every epoch and what is drawn."""

CASES = (("the tutorial's model", "5 tanh, 1 tanh"), ("a model of 2,001 weights", "500 tanh, 1 tanh"))
"""The first keeps every epoch's weights in 2 MB; the second would take 200 MB, and must thin them."""


def run() -> list[Row]:
    """Train each in an app of its own."""
    return [row for what, layers in CASES for row in _grown(what, layers)]


def _grown(what: str, layers: str) -> list[Row]:
    with Terminal("tui") as terminal:
        terminal.wait_for_screen("Keras ready")
        terminal.press("2")
        terminal.wait_for_screen("sign acc.")
        _settings(terminal, layers)
        terminal.read_for(1.0)
        _, before = memory(terminal.pid)
        terminal.press(" ")
        terminal.wait_for_screen(f"epoch {EPOCHS:,} of {EPOCHS:,} in")
        terminal.read_for(1.0)
        peak, after = memory(terminal.pid)
    allowed = BUDGET / KB / 1000 + SLACK
    return [
        Row(f"{EPOCHS:,} epochs of {what}: the screen's process grows by", after - before, allowed, "MB", 1),
        Row("... at most, while it trains", peak - before, allowed, "MB"),
    ]


def _settings(terminal: Terminal, layers: str) -> None:
    """Fill in the first field of the settings, and the fifth."""
    terminal.press("s")
    terminal.wait_for_screen("validation split")
    for key in (layers, *("\t",) * 7, str(EPOCHS), "\r"):
        terminal.press(key)
        terminal.read_for(0.2)
    terminal.wait_for_screen(f"epoch {EPOCHS:,}")
