"""An engine that is stopped, caught, killed, refuses or can't start: what is said of it, and how it goes on."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from core.engine.process import Launch
from core.engine.protocol import Failed, Predict, Train
from core.engine.pulse import Pulse, pulse_of
from tests.tui.board import RecordingEngine, playing
from tests.waiting import until
from tui.keras_status import Keras
from tui.keras_watch import LONG, LOOK, SILENT, KerasWatch
from tui.widgets.title_bar import TitleBar

if TYPE_CHECKING:
    from core.engine.protocol import Command

# What is seen from beside it


class Watched(RecordingEngine):
    """A stand-in that looks as a test wants it to."""

    seen: Pulse | None = None

    def pulse(self) -> Pulse | None:
        return self.seen


class Watching:
    """A watch over an engine that looks as it is told to, in a time of its own."""

    def __init__(self) -> None:
        self.engine = Watched(lambda event: None)
        self.awaited = True
        self.late: list[str] = []
        self.trouble: list[str] = []
        self._watch = KerasWatch(self.engine, lambda: self.awaited, self.late.append, self.trouble.append)
        self._now = self._watch._since

    def pass_by(self, seconds: float, *, stopped: bool = False, busy: bool = False, works: bool = False) -> None:
        for tick in range(round(seconds / LOOK)):
            self._now += LOOK
            self.engine.seen = Pulse(stopped, busy, tick if works else 0)
            self._watch.look(self._now)


def test_one_that_is_stopped_is_said_at_once_asked_or_not_and_once() -> None:
    watching = Watching()
    watching.awaited = False
    watching.pass_by(10)
    assert (watching.late, watching.trouble) == ([], [])
    watching.pass_by(LOOK, stopped=True)
    assert watching.late == ["stopped"]
    watching.pass_by(10, stopped=True)
    assert len(watching.trouble) == 1 and "SIGCONT lets it go on" in watching.trouble[0]
    watching.pass_by(LOOK)
    assert watching.late == ["stopped", ""]
    watching.pass_by(LOOK, stopped=True)
    assert len(watching.trouble) == 2


def test_one_that_neither_answers_nor_works_is_said_within_three_seconds() -> None:
    watching = Watching()
    watching.pass_by(SILENT)
    watching.pass_by(3 - SILENT)
    assert watching.late[-1].startswith("silent ")
    assert watching.trouble == [
        "Keras's process was asked, and neither answers nor works. "
        "^k starts a new one; all that needs no Keras works meanwhile."
    ]


@pytest.mark.parametrize("how", ["busy", "works"])
def test_one_that_works_is_busy_and_after_a_minute_maybe_caught(how: str) -> None:
    watching = Watching()
    watching.pass_by(LONG - LOOK, busy=how == "busy", works=how == "works")
    assert watching.late[-1] == "busy 60 s" and watching.trouble == []
    watching.pass_by(10, busy=how == "busy", works=how == "works")
    assert len(watching.trouble) == 1 and "at something large, or caught" in watching.trouble[0]


def test_a_screen_that_was_stopped_itself_blames_nobody() -> None:
    watching = Watching()
    watching.pass_by(SILENT - LOOK)
    watching._now += 1000
    watching.pass_by(SILENT - LOOK)
    assert (watching.late, watching.trouble) == ([], [])


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="the machine does not tell of its processes")
def test_the_pulse_of_a_process_is_what_it_does() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()\nwhile True: pass"], stdin=subprocess.PIPE) as child:
        try:
            child.send_signal(signal.SIGSTOP)
            until(lambda: (seen := pulse_of(child.pid)) is not None and seen.stopped, lambda: "stopped")
            child.send_signal(signal.SIGCONT)
            until(lambda: (seen := pulse_of(child.pid)) is not None and not (seen.stopped or seen.busy), lambda: "idle")
            assert child.stdin is not None
            os.write(child.stdin.fileno(), b"\n")
            until(lambda: (seen := pulse_of(child.pid)) is not None and seen.worked > 20 and seen.busy, lambda: "busy")
        finally:
            child.kill()
    assert pulse_of(child.pid) is None


# On the screen


async def test_a_stopped_engine_is_said_and_a_new_one_is_started_by_a_key() -> None:
    async with playing(engine=Watched) as board:
        board.engine.seen = Pulse(True, False, 0)  # type: ignore[attr-defined]
        bar = board.app.query_one(TitleBar)
        await board.until(lambda: bar.keras == "Keras stopped", "the word in the title")
        assert any("Keras's process is stopped" in said for said in board.said)
        board.engine.seen = None  # type: ignore[attr-defined]
        await board.press("ctrl+k")
        await board.until(lambda: board.engine.starts == 2 and bar.keras == "Keras ready", "a new one")


class Unable(RecordingEngine):
    """Cannot be started the first time."""

    async def start(self) -> None:
        if not self.starts:
            self.starts += 1
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        await super().start()


async def test_an_engine_that_cannot_be_started_is_said_and_tried_again_by_a_key() -> None:
    async with playing(engine=Unable) as board:
        await board.until(lambda: board.app.keras is Keras.GONE, "its being given up")
        assert "Keras's process can't be started: No space left on device. ^k tries it again" in board.said
        await board.press("4")
        assert "by hand 0.9302" in board.text and "Keras is gone" in board.text
        await board.press("ctrl+k")
        await board.until(lambda: board.app.keras is Keras.READY, "the second try")


class Refusing(RecordingEngine):
    """Refuses every point."""

    def send(self, command: Command) -> None:
        if isinstance(command, Predict):
            self.sent.append(command)
            asyncio.get_running_loop().call_soon(self._on_event, Failed(command.id, "no such point"))
        else:
            super().send(command)


async def test_a_point_that_keras_refused_is_not_asked_for_ever() -> None:
    async with playing(engine=Refusing) as board:
        await board.press("4")
        await board.until(lambda: "Keras refused: no such point" in board.text, "the refusal")
        assert "Keras is asked" not in board.text
        asked = len(board.engine.sent_of(Predict))
        await board.press("n")
        await board.until(lambda: len(board.engine.sent_of(Predict)) == asked + 1, "the next point's question")
        await board.until(lambda: "Keras refused: no such point" in board.text, "the refusal")


async def test_a_training_whose_engine_died_goes_on_from_its_last_epoch_when_asked() -> None:
    async with playing(pause_at=20) as board:
        await board.press("2", "space")
        await board.until(lambda: board.state.model.run is not None and board.state.model.run.epochs == 20, "epoch 20")
        kept = board.state.model.weights
        board.engine.die()
        await board.until(lambda: board.engine.starts == 2 and board.app.keras is Keras.READY, "a new engine")
        assert board.state.model.weights is kept and not board.state.training
        assert "Keras's process ended; o trains 130 more" in board.words
        board.engine.pause_at = None
        await board.press("o")
        await board.until(lambda: not board.state.training, "the end")
        asked, model = board.engine.sent_of(Train)[-1], board.state.model
        assert asked.recipe.epochs == 150 and asked.standing is not None and asked.standing.epoch == 20
        assert asked.layers[0][0].array().tobytes() == kept.layers[0][0].tobytes()
        assert "Going on after epoch 20 of 150, the optimizer as it was then." in board.said
        assert board.state.done[-2:] == ("train 20 of 150 epochs", "go on from epoch 20 to 150 epochs")
        await board.press("u", "u", "space")
        await board.until(lambda: not board.state.training, "one that was never cut")
        whole = board.state.model
        assert model.run is not None and whole.run is not None and len(model.run.history) == 150
        assert model.run.history["loss"].tolist() == whole.run.history["loss"].tolist()
        assert model.weights.equal(whole.weights)
        await board.press("o")
        assert "expected a training that ended before its last epoch, got none: space trains" in board.said


def test_without_room_for_its_log_an_engine_is_started_without(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(**_: str) -> str:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr("core.engine.process.tempfile.mkdtemp", full)
    launch = Launch()
    assert launch.argv[-1] == os.devnull
    assert launch.environment["KERAS_HOME"] == f"{os.devnull}/none"
    launch.close()
    assert Path(os.devnull).exists()
