"""What there is no room for is cut with three dots, so that nothing looks whole that is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from core.training.schedules import read_schedule
from tests.tui.board import playing
from tui.widgets.text import fit, fit_right, plain


@given(st.text(st.sampled_from("ab 漢é\x07"), max_size=12), st.integers(0, 12))
def test_a_text_that_is_cut_ends_in_dots_and_takes_its_width(text: str, width: int) -> None:
    for fitted in (fit(text, width), fit_right(text, width)):
        assert cell_len(fitted) == width
        assert plain(text) in fitted or fitted.rstrip().endswith("..."[:width]) or width == 0


@pytest.mark.parametrize("typed", ["cosine_decay decay_steps 900", "constant"])
async def test_a_setting_that_is_cut_says_so_and_is_whole_where_there_is_room(typed: str) -> None:
    async with playing() as board:
        board.session.set_recipe(type(board.state.recipe)(schedule=read_schedule(typed)))
        await board.press("2", "s")
        cut = "cosine_decay decay... or cosine_decay decay_steps 900" if " " in typed else "constant or cosine"
        assert f"schedule {cut}" in board.words
        await board.press(*["tab"] * 6)
        # The cursor stands at its end: what is before is cut then.
        assert ("schedule ...y decay_steps 900 or" in board.words) is (" " in typed)
        await board.press("home")
        assert f"schedule {cut}" in board.words
        await board.pilot.resize_terminal(120, 40)
        await board.settle()
        assert f"schedule {typed} or" in board.words
        await board.press("tab", "escape")


async def test_an_x_of_many_numbers_says_that_there_are_more() -> None:
    async with playing() as board:
        await board.press("m", "4")
        board.session.set_x([0.123456, 0.234567, 0.345678, 0.456789, 0.567891])
        await board.settle()
        assert "x = 0.123456, 0.234567, ...  " in board.text
