"""byhand killed at random moments while it edits and saves: ``python -m tests.kills [TRIES [FIRST_SEED]]``.

Each try edits numbers in a pseudo-terminal, saves now and then, and is killed. After that the file must be a whole
model, and what was on the screen for a second must be in it or in what was left.
"""

from __future__ import annotations

import os
import random
import shlex
import signal
import sys
import tempfile
import time
from pathlib import Path

from core.journal.shelf import look, read
from core.model.files.opening import open_model
from core.model.save_model import save_model
from core.model.tutorial import trained
from tests.tui.test_real_terminal import AROUND, Terminal

USUAL = 1_000
KEPT_WITHIN = 1.0
"""Seconds after which what was seen must be on the disk."""

DIALOG = "Leave as it was"
"""What the lowest line has while the form for saving is there."""

LONGEST = 2.5
"""Seconds of editing before the kill, at most."""


def attempt(seed: int, folder: Path) -> str:
    """Return what was lost or damaged by one kill, "" if nothing."""
    drawn = random.Random(seed)
    state, model = folder / "state", folder / "mine.keras"
    os.environ["XDG_STATE_HOME"] = str(state)
    save_model(model, *trained(), None, None)
    seen: list[tuple[float, int]] = []
    with Terminal(folder, AROUND.replace("-m tui", f"-m tui {shlex.quote(str(model))}")) as terminal:
        terminal.read(r"Keras starting|Keras ready")
        terminal.press("5")
        terminal.read(r"set_weights\(\)")
        end, value = time.monotonic() + drawn.uniform(0.0, LONGEST), 0
        while time.monotonic() < end:
            value += 1
            terminal.press(f"e\x15{value}\r")
            terminal.read(rf"w\[1,1\] = {value}\b")
            seen.append((time.monotonic(), value))
            if drawn.random() < 0.2:
                terminal.press("\x13")
                terminal.read(DIALOG)
                terminal.press("\r")
                # The end may come while it saves, too.
                while time.monotonic() < end and DIALOG in terminal.text:
                    terminal.read_some()
        (program,) = Path(f"/proc/{terminal.child.pid}/task/{terminal.child.pid}/children").read_text().split()
        killed = time.monotonic()
        os.kill(int(program), signal.SIGKILL)
        terminal.end()
    return _lost(model, max((value for when, value in seen if when < killed - KEPT_WITHIN), default=None))


def _lost(model: Path, wanted: int | None) -> str:
    """Return what is wrong with what is there, if the edit to ``wanted`` and all before it must be."""
    found = [int(open_model(model).weights.layers[0][0][0, 0])]
    found += [int(read(session).state.model.weights.layers[0][0][0, 0]) for session in look().left]
    return "" if wanted is None or max(found) >= wanted else f"edit {wanted} was seen for a second, found {max(found)}"


def main() -> int:
    """Try, say each loss as it is found, and at the end how many there were."""
    tries, first = (int(word) for word in (*sys.argv[1:], *map(str, (USUAL, 0)[len(sys.argv) - 1 :])))
    lost = 0
    for seed in range(first, first + tries):
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            why = attempt(seed, Path(folder))
        lost += bool(why)
        if why or not (seed - first + 1) % 20:
            sys.stdout.write(f"seed {seed}: {why or 'nothing lost'}; {seed - first + 1} kills, {lost} losses\n")
            sys.stdout.flush()
    return int(lost > 0)


if __name__ == "__main__":
    sys.exit(main())
