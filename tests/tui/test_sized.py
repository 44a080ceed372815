"""The terminal's size: one is drawn after the other, and what nobody sees is not."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from textual.events import Resize
from textual.geometry import Size
from textual.screen import Screen

from tests.tui.board import playing
from tui.dialogs.too_small import TooSmall
from tui.mended import mend

if TYPE_CHECKING:
    from tests.tui.board import Board


@pytest.fixture
def laid_out(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Size]]:
    """Which screens were laid out, and for which size."""
    mend()
    made: list[tuple[str, Size]] = []
    textuals = Screen._refresh_layout

    def noted(screen: Screen[object], size: Size | None = None, scroll: bool = False) -> None:
        if size is not None:
            made.append((type(screen).__name__, size))
        textuals(screen, size, scroll)

    monkeypatch.setattr(Screen, "_refresh_layout", noted)
    return made


async def sized(board: Board, *sizes: tuple[int, int]) -> None:
    """Have them come one after the other, sooner than any is drawn."""
    for size in sizes:
        board.app.post_message(Resize(Size(*size), Size(*size)))
        await asyncio.sleep(0)
    await board.settle()


async def test_sizes_that_come_while_one_is_drawn_are_passed_over_but_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    async with playing() as board:
        covers: list[TooSmall] = []
        push = board.app.push_screen

        def counted(screen: TooSmall) -> object:
            covers.append(screen)
            return push(screen)

        monkeypatch.setattr(board.app, "push_screen", counted)
        await sized(board, *(((40, 10), (100, 30)) * 20), (110, 30))
        assert 1 <= len(covers) < 10
        assert board.app.screen.size == Size(110, 30)


async def test_of_a_storm_that_ends_too_small_only_that_is_seen() -> None:
    async with playing() as board:
        await sized(board, (200, 50), (40, 10), (100, 30), (50, 12))
        assert str(board.app.screen.query_one("#too-small-text").render()).endswith("has 50 x 12.")
        await sized(board, (60, 20), (80, 24))
        assert not isinstance(board.app.screen, TooSmall)
        assert board.app.screen.size == Size(80, 24)


async def test_what_a_small_terminal_covers_is_not_laid_out_until_it_is_seen(laid_out: list[tuple[str, Size]]) -> None:
    async with playing() as board:
        await board.press("s")
        before = board.text
        await sized(board, (40, 10))
        laid_out.clear()
        await sized(board, (41, 11))
        assert laid_out == [("TooSmall", Size(41, 11))]
        await sized(board, (80, 24))
        assert board.text == before


async def test_a_screen_under_a_dialog_is_laid_out_once_for_a_size(laid_out: list[tuple[str, Size]]) -> None:
    async with playing() as board:
        await board.press("s")
        laid_out.clear()
        await sized(board, (100, 30))
        assert len(laid_out) == len(board.app.screen_stack) == 2
