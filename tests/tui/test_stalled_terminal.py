"""A terminal that nobody reads, as at ctrl+s or on a line that stands: byhand goes on, and is whole once it is read."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

from core.journal.shelf import look
from tests.tui.test_real_terminal import Terminal, _program
from tests.waiting import until

if TYPE_CHECKING:
    from pathlib import Path

ALL_TABS, MOMENT = 4 * "12345", 0.1
"""Some 50 kB of drawing; a terminal holds 20."""


def stall(terminal: Terminal) -> None:
    """Have more drawn than a terminal holds, and read nothing."""
    for tab in ALL_TABS:
        terminal.press(tab)
        time.sleep(MOMENT)


def test_keys_and_the_journal_go_on_while_nobody_reads(tmp_path: Path) -> None:
    with Terminal(tmp_path) as terminal:
        terminal.read(r"250 points of 2 numbers")
        stall(terminal)
        terminal.press("5T")
        until(lambda: any(session.steps for session in look().live), lambda: "waited for the journal in vain")
        terminal.read(r"prediction for x = \(0\.3, 0\.1\) .* 0\.9302")
        terminal.read(r"5 Set weights(?s:.*)q Quit")
        os.kill(_program(terminal), signal.SIGTERM)
        assert terminal.end() == 128 + signal.SIGTERM
        assert terminal.is_restored
