"""What nobody foresaw in work beside the screen is said, with what to do, and the app goes on as it was."""

from __future__ import annotations

import asyncio
import gc
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from core.chunks import Stopped
from core.errors import Refused
from core.journal import journal
from core.journal.writing import Moment
from core.session.session import Session
from tests.tui.board import playing
from tests.waiting import until
from tui.beside import make_beside
from tui.keras_status import Keras
from tui.keras_watch import LOOK
from tui.reading_model import Reading
from tui.threads import in_thread

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tui.board import Board

MISTAKE = "it could not be done: byhand made a mistake, ZeroDivisionError in test_beside.py, line "
THEN = "; all is as it was, so go on, and report this, please"


def planted(*_: Any, **__: Any) -> NoReturn:
    raise ZeroDivisionError


async def told(board: Board, what: str) -> None:
    def is_said() -> bool:
        return any(what in said and MISTAKE in said and THEN in said for said in board.said)

    await board.until(is_said, f"a sentence on {what}")
    board.said.clear()


async def test_in_work_of_every_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    async with playing() as board:
        # In a thread, for what is shown beside it.
        monkeypatch.setattr("tui.measuring.measure_change", planted)
        board.app.session.set_number(0, 0, (0, 0), 7.0)
        await told(board, "effect of the weights: ")
        monkeypatch.undo()
        board.app.session.set_number(0, 0, (0, 0), 8.0)
        weights = board.state.model.weights
        await board.until(lambda: board.app.effect is not None and board.app.effect.version == weights.version, "it")

        monkeypatch.setattr("tui.tabs.layers.extreme", planted)
        await board.press("3", "m")
        await told(board, "")
        monkeypatch.undo()

        # At once.
        monkeypatch.setattr("tui.tabs.calculating.CalculatingTab._make", planted)
        await board.press("4", "n")
        await told(board, "calculation: ")
        monkeypatch.undo()

        # In a key's own action, and in a worker that nobody guards.
        before = board.state
        monkeypatch.setattr("tui.tabs.data.without_rows", planted)
        await board.press("1", "-")
        await told(board, "")
        monkeypatch.undo()
        board.app.run_worker(planted, thread=True)
        await told(board, "")
        assert board.state is before and board.app.is_running


async def test_in_what_takes_in_what_keras_says(monkeypatch: pytest.MonkeyPatch) -> None:
    async with playing() as board:
        weights = board.state.model.weights
        monkeypatch.setattr(board.app.session.runs, "add_epochs", planted)
        await board.press("2", "space")
        await told(board, "what Keras said could not be taken in: ")
        assert board.app.keras is Keras.GONE and not board.state.training
        assert board.state.model.weights is weights, "nothing is half applied"
        monkeypatch.undo()
        await board.press("ctrl+k")
        await board.until(lambda: board.app.keras is Keras.READY, "a new one")
        await board.press("space")
        await board.until(lambda: not board.state.training and board.state.model.run is not None, "a training")


async def test_in_the_watch_over_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    async with playing() as board:
        monkeypatch.setattr(board.engine, "pulse", planted)
        await asyncio.sleep(LOOK)
        await told(board, "It is not looked any more whether Keras answers: ")


def test_while_a_model_is_read_at_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.reading_model.open_any", planted)
    with pytest.raises(Exception, match=MISTAKE):
        Reading(tmp_path / "model.keras").result(iter(()))


def test_in_the_journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[str] = []
    monkeypatch.setattr(journal, "AGAIN", 0.01)
    written, session = journal.Journal(tmp_path / "one", None, heard.append), Session()
    monkeypatch.setattr("core.journal.journal.Writer.now", planted)
    written.take(Moment(session.state, session.trail.steps, None, "weights"))
    until(lambda: len(heard) == 1, lambda: str(heard))
    assert "it can't be kept: ZeroDivisionError" in heard[0]
    monkeypatch.undo()
    until(lambda: len(heard) == 2, lambda: str(heard))
    assert "kept again" in heard[1] and written.close()


@pytest.mark.parametrize("large", [False, True])
async def test_a_refusal_that_is_what_was_made_is_taken_in_a_thread_too(large: bool) -> None:
    async with playing() as board:
        took, before = list[object](), len(board.said)
        make_beside(board.page, "it", large, lambda: Refused("expected less"), took.append)
        await board.until(lambda: bool(took))
        assert isinstance(took[0], Refused) and len(board.said) == before


async def test_work_that_nobody_waits_for_any_more_ends_without_a_word() -> None:
    go_on, ended, said = threading.Event(), threading.Event(), list[object]()

    def work() -> None:
        go_on.wait()
        ended.set()
        raise Stopped

    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, told: said.append(told))
    waits = asyncio.ensure_future(in_thread(work))
    await asyncio.sleep(0)
    waits.cancel()
    with suppress(asyncio.CancelledError):
        await waits
    go_on.set()
    await asyncio.to_thread(ended.wait)
    for _ in range(3):
        await asyncio.to_thread(gc.collect)
    assert said == []
