"""Names, folders and disks that don't do, in every field that takes a file: one sentence there, and the app goes on."""

from __future__ import annotations

import errno
import os
import pwd
import threading
from typing import TYPE_CHECKING, Any

import pytest
from textual.widgets import Input

from core.data import files
from core.errors import Refused
from core.model.between import FileInMemory
from core.model.files.opening import open_model
from core.model.save_model import save_model
from core.model.tutorial import trained
from core.reading import open_file
from core.training.recipe import Recipe
from tests.tui.board import Board, playing
from tui import screenshot, threads
from tui.dialogs import file_dialogs
from tui.dialogs.open_data_dialog import OpenDataDialog
from tui.dialogs.work_dialog import BAR, WORKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from core.saving import Stamp

FIELDS: dict[str, tuple[list[str], str]] = {
    "open a model": (["ctrl+o"], "model"),
    "save the model": (["ctrl+s"], "model"),
    "save the data": (["ctrl+s"], "data"),
    "open data": (["1", "o"], "data"),
    "compare weights": (["3", "o"], "where"),
    "weights from a file": (["5", "w"], "file"),
    "one that was left": (["4", "p"], "file"),
    "take a calculation away": (["4", "t", "s"], "#file"),
    "take an array away": (["5", "t", "s"], "#file"),
    "x": (["4", "x"], "#x"),
    "a lesson's file": (["L", "tab"], "#lesson-name"),
}
"""Every field that takes a file -> the keys that lead to it, and which it is."""

QUARTER = f"{'█' * (BAR // 4)}{'░' * (BAR - BAR // 4)}"
"""What stands for a quarter of the work."""

SAVES = ("save the data", "take a calculation away")

ENDINGS = {"model": ".keras", "data": ".csv", "#x": ".csv", "#lesson-name": ".md"}


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


async def enter(board: Board, where: str, text: str) -> None:
    """Type a name into the field that is called so, and enter it."""
    screen = board.app.screen
    field = screen.query_one(where, Input) if where[0] == "#" else screen.query_one(f"#line-{where}").query_one(Input)
    field.focus()
    await board.pilot.pause()
    await board.type(text)
    await board.press("enter")


async def leave(board: Board) -> None:
    for _ in range(3):
        await board.press("escape")
    await board.quieten()


def said(board: Board) -> str:
    """Return all that the screen says, as one line without frames."""
    return " ".join(board.text.replace("│", " ").replace("┃", " ").split())


OTHERS = (("n" * 300, "name"), ("no/such/x", "no such folder"))
"""More names that don't do, and what is said of them where something is saved."""


async def test_a_name_that_does_not_do_is_said_at_every_field() -> None:
    async with playing() as board:
        for what, (keys, where) in FIELDS.items():
            for name, words in (("~nosuch/x", "expected a home folder ~nosuch"), *(OTHERS if what in SAVES else ())):
                await board.press(*keys)
                await enter(board, where, f"{name}{ENDINGS.get(where, '')}")
                assert WORKING not in board.text, (what, name)
                assert words in said(board), (what, name, board.text)
                await leave(board)
        assert len(board.app.screen_stack) == 1
        await board.press("1", "down", "4")
        assert board.app.is_running and not board.app._exception


async def test_a_save_whose_steps_can_not_be_kept_says_so(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with playing() as board:
        (here / "no folder").touch()
        monkeypatch.setenv("XDG_STATE_HOME", str(here / "no folder"))
        await board.press("ctrl+s")
        await enter(board, "model", "a.keras")
        await board.quieten()
        assert "Saved a.keras. Its steps are not kept for the next time: could not make" in board.said[-1]
    assert (here / "a.keras").exists()


async def test_what_a_disk_refuses_is_said_and_what_is_there_stays(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(problem: int) -> Callable[[int], None]:
        def fsync(_descriptor: int) -> None:
            raise OSError(problem, os.strerror(problem))

        return fsync

    async with playing() as board:
        before = board.state
        for problem, words in (
            (errno.ENOSPC, "the disk is full; make room"),
            (errno.EDQUOT, "your share of the disk is used up"),
            (errno.EROFS, "that disk is read-only"),
            (errno.EIO, "Input/output error"),
        ):
            with monkeypatch.context() as patch:
                patch.setattr(os, "fsync", refuse(problem))
                for keys, where, name in (
                    (["ctrl+s"], "data", "a.csv"),
                    (["4", "t", "s"], "#file", "a.txt"),
                ):
                    await board.press(*keys)
                    await enter(board, where, name)
                    assert words in said(board), board.text
                    await leave(board)
                await board.press("f2")
                assert any(words in sentence for sentence in board.said)
        assert list(here.iterdir()) == []
        assert board.state.model is before.model and board.state.dataset is before.dataset


async def test_a_working_folder_that_was_deleted_is_said(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "gone").mkdir()
    monkeypatch.chdir(here / "gone")
    (here / "gone").rmdir()
    monkeypatch.setattr(screenshot, "user_downloads_path", lambda: here / "none")
    async with playing() as board:
        for keys, where in map(FIELDS.__getitem__, (*SAVES, "open data", "x")):
            await board.press(*keys)
            await enter(board, where, f"x{ENDINGS.get(where, '')}")
            assert "no such folder" in said(board) or "there is no file" in said(board), board.text
            await leave(board)
        await board.press("f2")
        assert any("expected a folder for the picture" in sentence for sentence in board.said)
        # By its whole name a file can be saved all the same.
        await board.press("ctrl+s")
        await enter(board, "data", "")
        await leave(board)
        await board.press("ctrl+s")
        await enter(board, "model", str(here / "a.keras"))
        await board.quieten()
        assert (here / "a.keras").exists() and len(board.app.screen_stack) == 1


async def test_without_a_home_a_model_is_saved_and_opened(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(_user: int) -> None:
        raise KeyError

    network, weights = trained()
    save_model(here / "b.keras", network, weights, Recipe(), None)
    monkeypatch.delenv("HOME")
    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.setattr(pwd, "getpwuid", nobody)
    async with playing() as board:
        await board.press("ctrl+s")
        await enter(board, "model", str(here / "a.keras"))
        assert (here / "a.keras").exists() and len(board.app.screen_stack) == 1, board.text
        await board.press("ctrl+o")
        await enter(board, "model", str(here / "b.keras"))
        assert len(board.app.screen_stack) == 1 and board.state.path == here / "b.keras"
        await board.press("ctrl+o")
        await enter(board, "model", "~/b.keras")
        assert "expected your home folder, got none" in said(board)
        await leave(board)
        await board.press("f2")
        assert board.app.is_running


async def test_a_disk_that_does_not_answer_holds_nobody(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "a.csv").write_text("a,label\n1,2\n")
    answer, asked, opened = threading.Event(), threading.Semaphore(0), open_file

    def hang(path: Path, what: str) -> object:
        asked.release()
        answer.wait()
        return opened(path, what)

    monkeypatch.setattr(threads, "TICK", 0.01)
    monkeypatch.setattr(files, "open_file", hang)
    async with playing() as board:
        before = board.state.dataset
        await board.pilot.press("1", "o")
        await board.until(lambda: isinstance(board.app.screen, OpenDataDialog))
        board.app.screen.query_one("#line-data").query_one(Input).value = "a.csv"
        await board.until(lambda: asked.acquire(blocking=False))
        await board.pilot.press("enter")
        await board.until(lambda: asked.acquire(blocking=False))
        await board.until(lambda: WORKING in board.text)
        await board.pilot.press("escape")
        await board.until(lambda: len(board.app.screen_stack) == 1)
        monkeypatch.setattr(threads, "GIVEN_UP", 0.1)
        await board.pilot.press("o")
        await board.until(lambda: isinstance(board.app.screen, OpenDataDialog))
        board.app.screen.query_one("#line-data").query_one(Input).value = "a.csv"
        await board.pilot.press("enter")
        await board.until(lambda: "it waits for ever" in said(board))
        answer.set()
        await leave(board)
        assert board.state.dataset is before


async def test_what_is_changed_after_a_slow_save_was_left_is_not_saved(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer, path = threading.Event(), here / "mine.keras"

    def slowly(*asked: Any) -> Stamp:
        answer.wait()
        return save_model(*asked)

    monkeypatch.setattr(file_dialogs, "save_model", slowly)
    async with playing() as board:
        saved = board.state.model.weights
        await board.pilot.press("ctrl+s")
        await board.pilot.pause()
        await board.fill("model", str(path))
        await board.pilot.press("enter")
        await board.until(lambda: WORKING in board.text)
        await board.pilot.press("escape")
        await board.until(lambda: len(board.app.screen_stack) == 1)
        board.session.set_number(0, 0, (0, 0), 7.0)
        answer.set()
        await board.until(lambda: f"Saved {path}." in board.said)
        assert open_model(path).weights.layers[0][0][0, 0] == saved.layers[0][0][0, 0]
        assert board.state.unsaved
        await board.press("q")
        assert board.app.is_running and "The weights are not saved" in board.said[-1]
        board.session.trail.undo()
        assert not board.state.unsaved


def a_quarter_until(ended: threading.Event) -> Callable[..., None]:
    """Return what says that a quarter of a file is read, until it is stopped; then it has ``ended``."""

    def read(*given: Any) -> None:
        progress = given[-1]
        try:
            while not ended.wait(0.01):
                progress(0.25)
        finally:
            ended.set()

    return read


async def test_reading_says_how_far_it_is_and_stops(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "a.csv").write_text("a,label\n1,2\n")
    ended = threading.Event()
    monkeypatch.setattr(threads, "TICK", 0.01)
    monkeypatch.setattr("tui.dialogs.open_data_dialog.take", a_quarter_until(ended))
    monkeypatch.setattr("tui.dialogs.open_data_dialog._preview", lambda *_: pytest.fail)
    async with playing() as board:
        await board.pilot.press("1", "o")
        await board.until(lambda: isinstance(board.app.screen, OpenDataDialog))
        monkeypatch.setattr(OpenDataDialog, "_changed", lambda _: None)
        board.app.screen.query_one("#line-data").query_one(Input).value = "a.csv"
        await board.pilot.press("enter")
        await board.until(lambda: f"{WORKING} {QUARTER} 25%" in said(board))
        await board.pilot.press("escape")
        await board.until(ended.is_set)
        await board.until(lambda: len(board.app.screen_stack) == 1)


@pytest.mark.parametrize("what", ["open a model", "weights from a file"])
async def test_reading_a_model_says_how_far_it_is_and_stops(
    what: str, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_model(here / "mine.keras", *trained(), None, None)
    (keys, field), ended = FIELDS[what], threading.Event()
    monkeypatch.setattr(threads, "TICK", 0.01)
    monkeypatch.setattr(FileInMemory, "take", a_quarter_until(ended))
    async with playing() as board:
        await board.press(*keys)
        before = board.state
        board.app.screen.query_one(f"#line-{field}").query_one(Input).value = "mine.keras"
        await board.pilot.press("enter")
        await board.until(lambda: f"{WORKING} {QUARTER} 25%" in said(board))
        await board.pilot.press("escape")
        await board.until(ended.is_set)
        await board.until(lambda: len(board.app.screen_stack) == 1)
        assert board.state is before


async def test_of_what_is_read_whole_no_rest_is_told(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = threading.Event()

    def read(_path: Path, progress: Callable[[float], None]) -> None:
        progress(1.0)
        go_on.wait()
        raise Refused("expected another file; choose one")

    monkeypatch.setattr(threads, "TICK", 0.01)
    monkeypatch.setattr(file_dialogs, "read_model", read)
    async with playing() as board:
        await board.press("ctrl+o")
        board.app.screen.query_one("#line-model").query_one(Input).value = "mine.keras"
        await board.pilot.press("enter")
        await board.until(lambda: f"{WORKING} {'█' * BAR} all is read" in said(board))
        go_on.set()
        await board.until(lambda: "expected another file" in said(board))
