"""What is typed while a dialog works is for the screen below, and goes there once the dialog has gone by itself."""

from __future__ import annotations

from contextlib import asynccontextmanager
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest
from textual.events import Key
from textual.widgets import Input

from core.errors import Refused
from tests.tui.board import playing
from tests.waiting import PATIENCE
from tui.dialogs.form_dialog import FormDialog
from tui.widgets.form import Field

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tests.tui.board import Board

CHARACTERS = {"enter": "\r", "escape": "\x1b", "tab": "\t"}


@asynccontextmanager
async def working(*keys: str, refusal: str = "") -> AsyncIterator[tuple[Board, Callable[[], None]]]:
    """A form whose work is begun by the first of ``keys``, all at once, and goes on until what is given is called."""
    begun, may_end = Event(), Event()

    def work(_: Any) -> None:
        begun.set()
        assert may_end.wait(PATIENCE)
        if refusal:
            raise Refused(refusal)

    async with playing() as board:
        form = FormDialog("a form", [Field("name", "Name", str)], {"name": "x"}, work, lambda _: None)
        await board.app.push_screen(form)
        await board.press()
        for key in keys:
            board.app.post_message(Key(key, CHARACTERS.get(key, key)))
        await board.until(begun.is_set)
        for _ in range(5):
            await board.pilot.pause()
        yield board, may_end.set
        may_end.set()


async def test_it_goes_to_the_screen_below_in_its_order() -> None:
    async with working("enter", "5", "e", "7", "enter") as (board, end):
        assert isinstance(board.app.screen, FormDialog) and board.app.screen.query_one(Input).value == "x"
        end()
        await board.press()
        assert board.tab == "set-weights"
        assert board.state.model.weights.layers[0][0][0, 0] == 7


async def test_what_comes_later_waits_behind_it() -> None:
    async with working("enter") as (board, end):
        await board.pilot.press("3")
        await board.pilot.press("5")
        assert isinstance(board.app.screen, FormDialog)
        end()
        await board.press("e", "4", "enter")
        assert board.tab == "set-weights"
        assert board.state.model.weights.layers[0][0][0, 0] == 4


async def test_it_is_dropped_where_the_work_was_refused() -> None:
    async with working("enter", "5", "y", refusal="no, because") as (board, end):
        end()
        await board.press()
        form = board.app.screen
        assert isinstance(form, FormDialog) and "no, because" in board.text
        assert form.query_one(Input).value == "x"
        await board.press("z")
        assert form.query_one(Input).value in ("xz", "z")
        assert board.tab == "data"


@pytest.mark.parametrize("after", [("4",), ()])
async def test_it_is_dropped_where_the_dialog_was_left_and_what_comes_after_that_is_not(after: tuple[str, ...]) -> None:
    async with working("enter", "5", "e", "escape", *after) as (board, end):
        end()
        await board.press()
        assert len(board.app.screen_stack) == 1
        assert board.tab == ("by-hand" if after else "data")
