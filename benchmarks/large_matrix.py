"""What a matrix of 4,096 x 4,096 costs on the screen, against one of 5 x 5: time, bytes and memory.

The colours are those that a terminal has over ssh, which does not pass COLORTERM on.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from benchmarks.row import Fact, Row
from benchmarks.terminal import COLUMNS, ROWS, Terminal
from core.layers.dense import Dense
from core.model.initial import initial_weights
from core.model.network import Network
from core.model.save_model import save_model
from core.training.recipe import Recipe

SIDES = {"large": 4096, "small": 5}
STARTS, PAGES = 3, 10
PAGE_DOWN, PAGE_UP = "\x1b[6~", "\x1b[5~"
QUIET = 0.4
"""Seconds without output after which the app is idle."""

TABLE = 200
"""Rows and columns of the DataTable beside them: 40,000 cells, which it can still take."""

FIRST_TARGET, PAGE_TARGET, EDIT_TARGET, TEXT_TARGET = 1.5, 1.5, 1000, 2.0

MEMORY_TARGET = 16.0
"""Megabytes: a quarter of the array, and what threads and measuring it in pieces take."""


@dataclass
class Taken:
    """Milliseconds to the first paint and for a page, bytes of a page and of an edit, megabytes of the view."""

    first: list[float] = field(default_factory=list)
    page: list[float] = field(default_factory=list)
    page_bytes: list[float] = field(default_factory=list)
    edit_bytes: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)


def run() -> list[Row | Fact]:
    """Open both models in turn, go to Weights, page down and up, and edit a number."""
    taken = {name: Taken() for name in SIDES}
    with tempfile.TemporaryDirectory() as folder:
        paths = {name: _saved(Path(folder) / f"{name}.keras", side) for name, side in SIDES.items()}
        for _ in range(STARTS):
            for name, path in paths.items():
                _measure(path, taken[name])
    table = [_data_table() for _ in range(STARTS)]
    large, small = taken["large"], taken["small"]
    edit, text = median(large.edit_bytes), (COLUMNS - 28) * (ROWS - 7)
    added = median(large.memory) - median(small.memory)
    return [
        Row("4,096 x 4,096 against 5 x 5: tab key to first paint", *_both(taken, "first"), "ms", FIRST_TARGET),
        Row("... page down", *_both(taken, "page"), "ms", PAGE_TARGET),
        Fact("... bytes of an edited cell", f"{edit:,.0f} B", f"< {EDIT_TARGET:,} B", edit < EDIT_TARGET),
        Row("... bytes of a page, against its text", median(large.page_bytes), text, "B", TEXT_TARGET),
        Fact("... memory that opening it adds", f"{added:.1f} MB", f"< {MEMORY_TARGET:g} MB", added < MEMORY_TARGET),
        Row(f"DataTable of {TABLE} x {TABLE}: to first paint", median(large.first), median(table), "ms"),
    ]


def _both(taken: dict[str, Taken], what: str) -> tuple[float, float]:
    return median(getattr(taken["large"], what)), median(getattr(taken["small"], what))


def _saved(path: Path, side: int) -> Path:
    network = Network.chain(side, (Dense("wide", side),))
    save_model(path, network, initial_weights(network, 0), Recipe(), None)
    return path


def _measure(path: Path, taken: Taken) -> None:
    with Terminal("tui", [str(path)], colours="") as terminal:
        terminal.wait_for_screen("Keras ready")
        _settle(terminal)
        before = _resident(terminal.pid)
        taken.first.append(_milliseconds(terminal, "3", "unit 1"))
        _settle(terminal)
        taken.memory.append(max(_resident(terminal.pid) - before, 0.0))
        for place in range(PAGES):
            since = len(terminal.written)
            taken.page.append(_milliseconds(terminal, (PAGE_DOWN, PAGE_UP)[place % 2], ""))
            _settle(terminal)
            taken.page_bytes.append(len(terminal.written) - since)
        taken.edit_bytes.append(_edit(terminal))


def _edit(terminal: Terminal) -> float:
    terminal.press("5")
    terminal.wait_for_screen("set_weights()")
    _settle(terminal)
    terminal.press("e")
    _settle(terminal)
    terminal.press("0.01")
    _settle(terminal)
    since = len(terminal.written)
    terminal.press("\r")
    terminal.read(5.0)
    _settle(terminal)
    return float(len(terminal.written) - since)


def _milliseconds(terminal: Terminal, key: str, text: str) -> float:
    _settle(terminal)
    terminal.screen()
    pressed = time.perf_counter()
    terminal.press(key)
    seen = terminal.wait_until_shown(text) if text else terminal.wait_for_output()
    return (seen - pressed) * 1000


def _settle(terminal: Terminal) -> None:
    while terminal.read(QUIET):
        pass


def _resident(pid: int) -> float:
    """Return the resident memory of a process in megabytes."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / 1e6


def _data_table() -> float:
    """Return how long Textual's own table takes to show, once it is told to."""
    with Terminal("benchmarks.data_table", [str(TABLE)]) as terminal:
        terminal.wait_for_screen("ready")
        return _milliseconds(terminal, "3", "unit 1")
