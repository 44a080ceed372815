"""What the journal costs an edit: enter to the edited number's step on the screen, against an app that can't keep one.

Both apps are open at once and take turns, so that both meet the same machine.
"""

from __future__ import annotations

import random
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles

from benchmarks.row import Row
from benchmarks.terminal import Terminal

EDITS = 200
PAUSE = (0.1, 0.6)
"""Seconds between edits: within some of them the journal is being written."""

NOTICE = 13.0
"""Seconds until the word has gone that nothing can be kept."""

TARGET = 1.1


def run() -> list[Row]:
    """Edit a number in turn in an app with a journal and in one whose state folder is a file."""
    with tempfile.TemporaryDirectory() as folder:
        state, nowhere = Path(folder) / "state", Path(folder) / "file"
        nowhere.touch()
        with Terminal("tui", state=state) as kept, Terminal("tui", state=nowhere) as alone:
            for terminal in (kept, alone):
                terminal.wait_for_screen("Keras ready")
                terminal.press("5")
                terminal.wait_for_screen("set_weights()")
                terminal.read_for(NOTICE / 2)
            ours, peer = list[float](), list[float]()
            for place in range(1, EDITS + 1):
                ours.append(_edit(kept, place))
                peer.append(_edit(alone, place))
                kept.read_for(random.uniform(*PAUSE))
            if not any(state.rglob("*.journal")):
                raise AssertionError("expected a journal to be written, there is none")
    return [
        Row("an edit's enter to repaint, with the journal: p50", median(ours), median(peer), "ms", TARGET),
        Row("... p95", quantiles(ours, n=20)[-1], quantiles(peer, n=20)[-1], "ms"),
    ]


def _edit(terminal: Terminal, value: int) -> float:
    """Set the number in hand, and return the milliseconds from enter until its step is on the screen."""
    terminal.press("e")
    terminal.read_for(0.15)
    terminal.press("\x15" + str(value))
    terminal.read_for(0.15)
    terminal.screen()
    pressed = time.perf_counter()
    terminal.press("\r")
    return (terminal.wait_until_shown(f"w[1,1] = {value} ") - pressed) * 1000
