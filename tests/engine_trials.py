"""Engines that die, stand still or hang in the middle of a training: ``python -m tests.engine_trials [TRIES]``.

The app is the real one, without a terminal, and so is Keras's process. Said are how long it took until the screen said
so, and whether the training went on from its last epoch to its end.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
import tempfile
import time
from typing import TYPE_CHECKING

import msgspec

from tui.app import ByhandApp
from tui.keras_status import Keras
from tui.widgets.title_bar import TitleBar

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.pilot import Pilot

TRIES = 12

EPOCHS = 60_000
"""Of a training that takes seconds."""

LATEST = 3.0
"""Seconds within which the screen must say what is the matter."""

LONGEST = 240.0

HOW = (signal.SIGKILL, signal.SIGSTOP, signal.SIGSEGV, signal.SIGTERM)


async def until(pilot: Pilot[int], condition: Callable[[], bool]) -> float:
    """Return the seconds until ``condition`` holds.

    Raises:
        TimeoutError: it never did.
    """
    begun = time.monotonic()
    while not condition():
        if time.monotonic() - begun > LONGEST:
            raise TimeoutError
        await pilot.pause(0.02)
    return time.monotonic() - begun


async def trial(how: signal.Signals, after: float) -> float:
    """Return the seconds until the screen told of a signal to an engine that had trained so long, once all went on.

    Raises:
        AssertionError: the training did not come to what one comes to that was never cut.
    """
    app = ByhandApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.keras is Keras.READY)
        app.session.set_recipe(msgspec.structs.replace(app.session.state.recipe, epochs=EPOCHS), None)
        await pilot.press("2", "space")
        await until(pilot, lambda: (run := app.session.state.model.run) is not None and run.epochs > 0)
        await pilot.pause(after)
        process = next(int(name) for name in children() if "core.engine" in command(name))
        os.kill(process, how)
        bar = app.query_one(TitleBar)
        said = await until(pilot, lambda: bar.keras == "Keras stopped" or app.keras is not Keras.TRAINING)
        if how is signal.SIGSTOP:
            await pilot.press("ctrl+k")
        await until(pilot, lambda: app.keras is Keras.READY and not app.session.state.training)
        broken = app.session.state.model.run
        assert broken is not None and broken.epochs_left == EPOCHS - broken.epochs > 0
        await pilot.press("o")
        await until(pilot, lambda: app.session.state.model.run is not broken and not app.session.state.training)
        run = app.session.state.model.run
        assert run is not None and run.epochs == EPOCHS and run.since == broken.epochs
        app.session.trail.go_to_step(0)
        await pilot.press("space")
        await until(pilot, lambda: (whole := app.session.state.model.run) is not None and not whole.running)
        whole = app.session.state.model.run
        assert whole is not None and whole.history["loss"].tolist() == run.history["loss"].tolist()
        assert whole.kept.weights(EPOCHS).equal(run.kept.weights(EPOCHS))
        return said


def children() -> list[str]:
    """Return the numbers of this process's own children."""
    return open(f"/proc/self/task/{os.getpid()}/children").read().split()  # noqa: PTH123


def command(process: str) -> str:
    return open(f"/proc/{process}/cmdline").read()  # noqa: PTH123


def main() -> int:
    """Try each signal in turn at random moments, print a table; the exit code is 1 if anything failed or came late."""
    draw, tries = random.Random(0), int(sys.argv[1]) if len(sys.argv) > 1 else TRIES
    said: dict[str, list[float | None]] = {}
    for number in range(tries):
        how = HOW[number % len(HOW)]
        try:
            # What another one left would be offered.
            with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as state:
                os.environ["XDG_STATE_HOME"] = state
                seconds = asyncio.run(trial(how, draw.uniform(0, 2)))
        except (AssertionError, TimeoutError):
            seconds = None
        said.setdefault(how.name, []).append(seconds)
        sys.stderr.write(f"{how.name}: {'failed' if seconds is None else f'{seconds:.2f} s'}\n")
    failed = 0
    for name, each in said.items():
        late = sum(seconds is None or seconds > LATEST for seconds in each)
        worst = max((seconds for seconds in each if seconds is not None), default=0.0)
        sys.stdout.write(f"| {name} to an engine that trains | {len(each)} | {late} | said after {worst:.2f} s |\n")
        failed += late
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
