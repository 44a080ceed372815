"""What the machine knows of a process that says nothing: whether it is stopped, and whether it works."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

PROCESSES = Path("/proc")

STOPPED = "tT"
"""The states of a process that SIGSTOP or a debugger holds."""

BUSY = "RD"
"""The states of a thread that works, waits for a processor, or waits for a disk."""


class Pulse(NamedTuple):
    """What there is to see of a process: ``worked`` is the processor time that it has had, in ticks of the machine."""

    stopped: bool
    busy: bool
    worked: int


def pulse_of(process: int, processes: Path = PROCESSES) -> Pulse | None:
    """Return the pulse of a process by its number; None where the machine does not tell, or it has ended."""
    folder = processes / str(process)
    try:
        state, *rest = _after_name(folder / "stat")
        threads = [_after_name(thread / "stat")[0] for thread in (folder / "task").iterdir()]
    except (OSError, ValueError, IndexError):
        return None
    return Pulse(state in STOPPED, any(thread in BUSY for thread in threads), int(rest[10]) + int(rest[11]))


def _after_name(stat: Path) -> list[str]:
    """Return what follows the process's name, which may itself have spaces and brackets."""
    return stat.read_text(errors="replace").rpartition(")")[2].split()
