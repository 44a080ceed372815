"""The terminal's own cursor stands on what is in hand, on every tab and in every dialog, for those who read by it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from textual.geometry import Offset
from textual.widgets import TextArea

from tests.tui.board import Board, playing
from tests.tui.kernels import IMAGES, show_model
from tests.tui.test_real_terminal import Terminal
from tests.waiting import Patience
from tui.pages.page import Page
from tui.widgets.lines import Lines

if TYPE_CHECKING:
    from pathlib import Path


def at_cursor(board: Board) -> str:
    """Return what stands on the screen from the cursor to the next space."""
    x, y = board.app.cursor_position
    return board.app.screen._compositor.render_strips()[y].crop(x, 200).text.split(" ")[0]


def drawn_in_hand(page: Page) -> str:
    region = page.cursor_region()
    return page.render_line(region.y).crop(region.x, region.right).text.strip()


async def after(board: Board, *keys: str) -> str:
    await board.press(*keys)
    return at_cursor(board)


async def test_it_stands_on_the_number_the_setting_the_line_and_the_text() -> None:
    async with playing() as board:
        assert await after(board, "1") == "0.8506"
        assert await after(board, "down", "right") == "0.2698"
        assert await after(board, "2") == "0.001"
        assert await after(board, "right", "right") == "hinge"
        assert await after(board, "3", "down") == "-0.5668"
        assert await after(board, "4") == "-0.5112"
        assert await after(board, "home", "down") == "0.3248"
        assert await after(board, "end", "enter") == "z2"
        assert await after(board, "escape", "x", "7") == ""
        assert board.app.cursor_position.x == len(" x = 7")
        assert await after(board, "escape", "5", "right", "enter", "1", "2", "enter") == "*12.0000"
        assert await after(board, "s") == "2"
        assert await after(board, "up") == "1"
        assert await after(board, "escape", "P", "a", "b") == ""
        assert board.app.cursor_position == board.app.screen.query_one(TextArea).content_region.offset + Offset(2, 0)


async def test_it_stands_on_a_picture_on_a_number_of_any_call_and_on_a_line_of_a_list() -> None:
    async with playing((120, 40)) as board:
        await show_model(board, IMAGES)
        assert (await after(board, "3", "S", "S", "right", "down")).startswith("[")
        board.session.set_x([0.25] * 48)
        await board.press("4")
        await board.settle()
        page = board.page.query_one(Page)
        page.focus()
        for keys in ((), ("right", "down")):
            seen, words = await after(board, *keys), drawn_in_hand(page)
            assert words and seen.startswith(words)
            assert board.app.cursor_position == page.content_region.offset + page.cursor_region().offset
        board.page.query_one(Lines).focus()
        assert await after(board, "down") == "●"


def test_a_real_terminal_has_it_there_after_every_key(tmp_path: Path) -> None:
    def stands(wanted: str) -> None:
        patience, seen = Patience(), ""
        while not re.match(wanted, seen):
            assert not patience.lost, f"waited for the cursor on {wanted!r}, which stood on {seen!r}:\n{terminal.text}"
            terminal.read_some()
            cursor = terminal.screen.cursor
            seen = terminal.screen.display[cursor.y][cursor.x :]

    with Terminal(tmp_path) as terminal:
        terminal.read(r"250 points of 2 numbers from 0 to 1, seed 0")
        stands(r"0\.8506 ")
        for keys, wanted in (
            ("\x1b[B\x1b[C", r"0\.2698 "),
            ("2", r"0\.001 "),
            ("\x1b[C", r"adam "),
            ("5", r"0\.2536 "),
            ("\x1b[C\x1b[B", r"0\.1975 "),
            ("\r\x15-3", r" "),
            ("\r", r"\*-3\.0000 "),
            ("s", r"1  hidden w\[2, 2\] = -3 "),
        ):
            terminal.press(keys)
            stands(wanted)
