"""How long the first frame takes, from the start of the process, against a bare Textual app with the same widgets."""

from __future__ import annotations

from statistics import median

from benchmarks.row import Row
from benchmarks.terminal import Terminal

BYHAND, BARE = "tui", "benchmarks.bare_app"
LAST_TAB, LAST_KEY = "5 Set weights", "Quit"
"""The ends of the tab bar and of the footer: once both are there, so is all between them."""

RUNS = 15
TARGET = 1.25


def seconds_to_first_frame(module: str) -> float:
    """Start a program, and return after how many seconds its tab bar and its footer were on the terminal."""
    with Terminal(module) as terminal:
        return max(terminal.wait_until_shown(text) for text in (LAST_TAB, LAST_KEY)) - terminal.started


def run() -> list[Row]:
    """Measure both in turn, after a run of each that fills the caches."""
    times: dict[str, list[float]] = {BYHAND: [], BARE: []}
    for place in range(RUNS + 1):
        for module, taken in times.items():
            seconds = seconds_to_first_frame(module)
            if place:
                taken.append(seconds)
    ours, peer = (1000 * median(times[module]) for module in (BYHAND, BARE))
    return [Row("first frame, median", ours, peer, "ms", TARGET)]
