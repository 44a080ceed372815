"""byhand killed at random moments: ``python -m tests.kills [TRIES [FIRST_SEED]]``.

Each try edits numbers, trains and saves in a pseudo-terminal, until the app, the engine or both are killed; after the
engine alone the app must go on, and is killed later. Then the file must be a whole model, and what was on the screen
for a second must be in it or in what was left. One in fifty has Keras as its engine, the others what stands in for it.
"""

from __future__ import annotations

import os
import random
import re
import shlex
import signal
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from core.journal.shelf import DAMAGED, look, read
from core.model.files.opening import open_model
from core.model.save_model import save_model
from core.session.session import Session
from tests.tui.test_real_terminal import AROUND, Terminal
from tests.waiting import Patience

USUAL = 1_000
KEPT_WITHIN = 1.0
"""Seconds after which what was seen must be on the disk."""

DIALOG = "Leave as it was"
"""What the lowest line has while the form for saving is there."""

TRAINED = "epoch 150 of 150 in"
"""What the Training tab has once a training has ended, until its weights are edited."""

LEFT, SAVED_MEANWHILE = 0.3, 0.3
"""Of how many saves the form is left before they are done, and in how many trainings there is one."""

LONGEST = 2.5
"""Seconds of editing before the kill, at most."""

KERAS_IN = 50
"""One of so many tries has Keras."""

WHO = ("the app", "the engine", "both")


@dataclass
class Played:
    """A session that is played: what it showed and when, by the clock."""

    terminal: Terminal
    drawn: random.Random
    edits: list[tuple[float, int]] = field(default_factory=list)
    trained: list[float] = field(default_factory=list)
    saved: float = 0.0
    """When it was last told to save."""
    busy: str = ""
    """What it was doing at the end."""

    def until(self, end: float) -> None:
        """Edit, and now and then train and save; the end may come in the middle of each."""
        while time.monotonic() < end:
            self.busy = self.drawn.choices(("editing", "saving", "training"), (6, 2, 2))[0]
            match self.busy:
                case "editing":
                    self.edit()
                case "saving":
                    self.save()
                    if self.drawn.random() < LEFT:
                        # The form is left while the disk is at it, and the next number is not in the file.
                        self.go_on()
                    while time.monotonic() < end and DIALOG in self.terminal.text:
                        self.terminal.read_some()
                case "training":
                    self._train(end)

    def save(self) -> None:
        """Tell it to save, and don't wait for that."""
        self.saved = time.monotonic()
        self.terminal.press("\x13")
        self.terminal.read(DIALOG)
        self.terminal.press("\r")

    def edit(self) -> None:
        """Type the next number, and see it."""
        value = self.edits[-1][1] + 1 if self.edits else 1
        self.terminal.press(f"e\x15{value}\r")
        self.terminal.read(rf"w\[1,1\] = {value}\b")
        self.edits.append((time.monotonic(), value))

    def _train(self, end: float) -> None:
        if self.trained and (not self.edits or self.edits[-1][0] < self.trained[-1]):
            # The end of the training before would be taken for that of this one.
            return
        self.terminal.press("2")
        self.terminal.read(r"Keras moves the weights")
        while time.monotonic() < end and TRAINED in self.terminal.text:
            self.terminal.read_some()
        self.terminal.press(" ")
        if self.drawn.random() < SAVED_MEANWHILE:
            self.save()
        while time.monotonic() < end:
            self.terminal.read_some()
            if TRAINED in self.terminal.text and DIALOG not in self.terminal.text:
                self.trained.append(time.monotonic())
                self.terminal.press("5")
                self.terminal.read(r"set_weights\(\)")
                return

    def go_on(self) -> None:
        """See that the app goes on, without the engine too: the next number is taken, once whatever works was left.

        Raises:
            AssertionError: it is not.
        """
        patience = Patience()
        # What is under way ends first, which may take as long as it takes to see that the engine is gone.
        while (value := self.edits[-1][1] + 1 if self.edits else 1) and not patience.lost:
            self.terminal.press("\x1b")
            self.terminal.read_some()
            self.terminal.press(f"5e\x15{value}\r")
            for _ in range(10):
                self.terminal.read_some()
                if re.search(rf"w\[1,1\] = {value}\b", self.terminal.text):
                    self.edits.append((time.monotonic(), value))
                    return
        raise AssertionError(f"it did not go on:\n{self.terminal.text}")


def attempt(seed: int, folder: Path) -> tuple[str, str]:
    """Return who was killed and while what, and what was lost or damaged by it, "" if nothing."""
    drawn = random.Random(seed)
    who, keras = drawn.choice(WHO), seed % KERAS_IN == 0
    os.environ["XDG_STATE_HOME"] = str(folder / "state")
    model = folder / "mine.keras"
    _save_frozen(model)
    program = f"-m {'tui' if keras else 'tests.engine.stand_in'} {shlex.quote(str(model))}"
    with Terminal(folder, AROUND.replace("-m tui", program)) as terminal:
        terminal.read(r"Keras ready" if who != "the app" or not keras else r"Keras starting|Keras ready")
        terminal.press("5")
        terminal.read(r"set_weights\(\)")
        played = Played(terminal, drawn)
        played.until(time.monotonic() + drawn.uniform(0.0, LONGEST))
        what = f"{who} while {played.busy or 'idle'}{' with Keras' if keras else ''}"
        (app,) = children(terminal.child.pid)
        engines = [process for process in children(app) if "engine" in command(process)]
        killed = time.monotonic()
        for process in ([app] if who != "the engine" else []) + (engines if who != "the app" else []):
            os.kill(process, signal.SIGKILL)
        if who == "the engine":
            played.go_on()
            time.sleep(drawn.uniform(0.0, 2 * KEPT_WITHIN))
            killed = time.monotonic()
            os.kill(app, signal.SIGKILL)
        terminal.end()
    return what, _lost(model, played, killed)


def _save_frozen(path: Path) -> None:
    """Save the tutorial's model with its first layer frozen, so that training leaves what is edited."""
    session = Session()
    session.load_tutorial()
    session.freeze(0)
    save_model(path, session.state.model.network, session.state.model.weights, None, None)


def children(process: int) -> list[int]:
    """Return the numbers of a process's children."""
    return [int(name) for name in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def command(process: int) -> str:
    """Return what a process was started with; nothing of one that has ended."""
    try:
        return Path(f"/proc/{process}/cmdline").read_text()
    except OSError:
        return ""


def _lost(model: Path, played: Played, killed: float) -> str:
    """Return what is wrong with what is there after the kill."""
    # One that was killed as it wrote its first moment, which is not yet a second old, has left none that is whole.
    left = [read(session) for session in look().left if session.unsaved != DAMAGED]
    found = [int(open_model(model).weights.layers[0][0][0, 0])]
    found += [int(one.state.model.weights.layers[0][0][0, 0]) for one in left]
    seen = [(when, value) for when, value in played.edits if when < killed - KEPT_WITHIN]
    if seen and max(found) < seen[-1][1]:
        return f"edit {seen[-1][1]} was seen for {killed - seen[-1][0]:.1f} s, found {max(found)}"
    trained = sum(played.saved < when < killed - KEPT_WITHIN for when in played.trained)
    steps = max((sum("train" in step.name for step in one.steps.undo) for one in left), default=0)
    return f"{trained} trainings were seen for a second, found {steps}" if steps < trained else ""


def main() -> int:
    """Try, say each loss as it is found, and at the end how many there were of what."""
    tries, first = (int(word) for word in (*sys.argv[1:], *map(str, (USUAL, 0)[len(sys.argv) - 1 :])))
    lost, kinds = 0, Counter[str]()
    for seed in range(first, first + tries):
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            try:
                what, why = attempt(seed, Path(folder))
            except Exception as problem:
                what, why = "failed", f"{type(problem).__name__}: {problem}"
        kinds[what] += 1
        lost += bool(why)
        if why or not (seed - first + 1) % 20:
            sys.stdout.write(f"seed {seed}, {what}: {why or 'nothing lost'}; {seed - first + 1} kills, {lost} losses\n")
            sys.stdout.flush()
    for what, count in sorted(kinds.items()):
        sys.stdout.write(f"| kill -9 of {what} | {count} |\n")
    return int(lost > 0)


if __name__ == "__main__":
    sys.exit(main())
