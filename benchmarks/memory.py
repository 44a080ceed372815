"""How much memory the screen's process takes, without its engine, and that Keras is not in it."""

from __future__ import annotations

import json
import runpy
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from statistics import median

from benchmarks.first_frame import BARE, BYHAND, LAST_KEY, LAST_TAB
from benchmarks.row import Fact, Row
from benchmarks.terminal import PATIENCE, Terminal

RUNS = 3
IDLE = 3.0
TARGET = 2.0
WALLED = ("tensorflow", "keras")


def run() -> list[Row | Fact]:
    """Measure both in turn, then look into byhand's ``sys.modules`` once Keras is up."""
    measured = [(_memory_of(BYHAND), _memory_of(BARE)) for _ in range(RUNS)]
    rows: list[Row | Fact] = []
    for place, what in enumerate(("peak memory", "memory after 3 s idle")):
        ours, peer = (median(run[which][place] for run in measured) for which in (0, 1))
        rows.append(Row(f"{what} of the screen's process", ours, peer, "MB", TARGET))
    return [*rows, _walls()]


def _memory_of(module: str) -> tuple[float, float]:
    with Terminal(module) as terminal:
        terminal.wait_for(LAST_TAB, LAST_KEY)
        terminal.read_for(IDLE)
        return memory(terminal.pid)


def memory(pid: int) -> tuple[float, float]:
    """Return the peak and the present resident memory of a process in MB; without /proc both are the present one."""
    status = Path(f"/proc/{pid}/status")
    if status.exists():
        fields = dict(line.split(":", 1) for line in status.read_text().splitlines())
        peak, now = (int(fields[name].split()[0]) for name in ("VmHWM", "VmRSS"))
        return peak / 1000, now / 1000
    output = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=True).stdout
    return int(output) / 1000, int(output) / 1000


def _walls() -> Fact:
    with tempfile.TemporaryDirectory() as folder:
        listing = Path(folder) / "modules.json"
        with Terminal("benchmarks.memory", [str(listing)]) as terminal:
            terminal.wait_for_screen("Keras ready")
            terminal.press("q")
            with suppress(EOFError):
                terminal.read_for(PATIENCE)
        found = sorted(set(WALLED) & set(json.loads(listing.read_text())))
    return Fact("tensorflow, keras in the screen's sys.modules", ", ".join(found) or "none", "none", not found)


def _run_byhand_then_list_modules(listing: Path) -> None:
    """Be byhand until it is left; then write the names of the modules that this process has imported."""
    sys.argv = [BYHAND]
    try:
        runpy.run_module(BYHAND, run_name="__main__")
    finally:
        listing.write_text(json.dumps([name.partition(".")[0] for name in sys.modules]))


if __name__ == "__main__":
    _run_byhand_then_list_modules(Path(sys.argv[1]))
