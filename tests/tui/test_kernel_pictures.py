"""Every filter's kernel as small pictures on the Weights tab: marks that need no colour, a cursor over pictures."""

from __future__ import annotations

import numpy as np

from core.layers.convolution import Conv2D
from core.model.network import Network
from tests.tui.board import Board, playing
from tests.tui.kernels import IMAGES, REST, SEQUENCES, kernel, show_model
from tests.tui.test_finding import find
from tui.widgets.kernel_pictures import MARKS, KernelPictures
from tui.widgets.matrix import shade


def pictures(board: Board) -> KernelPictures:
    return board.page.query_one(KernelPictures)


def drawn(board: Board, name: str, below: int = 0) -> str:
    """Return the line of pictures ``below`` the one with the channel's name, without what is beside it."""
    left, row = board.place(name)
    return board.lines[row + below][left + len("filter ") :]


def marks(board: Board, row: int, channel: int) -> list[str]:
    scale = float(np.abs(kernel(board)).max())
    values = kernel(board)[row, :, channel].T.tolist()
    return ["".join(MARKS[shade(value, scale)] for value in picture) for picture in values]


async def test_every_weight_is_its_mark_at_its_place_in_its_picture() -> None:
    async with playing((120, 40)) as board:
        await show_model(board, IMAGES)
        await board.press("3", "S", "S")
        assert "thirds of the scale:  --  -  .  0  '  +  ++" in board.text
        for channel in range(3):
            for row in range(3):
                line = drawn(board, f"in {channel + 1}  ", row)
                for place, picture in enumerate(marks(board, row, channel)):
                    assert line[8 * place + 1 : 8 * place + 7].ljust(6) == picture
        assert drawn(board, "in 1  ")[1:7] == "----- "


async def test_the_cursor_is_in_brackets_and_enter_opens_the_slice() -> None:
    async with playing((120, 40)) as board:
        await show_model(board, IMAGES)
        await board.press("3", "S", "S", "right", "down", "end", "left")
        assert pictures(board).cursor == (1, 2) and pictures(board).has_focus
        assert drawn(board, "in 2  ")[16] == "[" and drawn(board, "in 2  ")[23] == "]"
        assert f"weight at 1,1 in 2 of filter 3: {float(kernel(board)[0, 0, 1, 2]):.9g}" in board.text
        await board.press("enter")
        assert "kernel[:, :, in 2 of 3, filter 3 of 4]" in board.text
        assert board.page.query_one("Matrix").has_focus
        await board.press("S", "ctrl+end", "home", "S")
        assert "row,column,channel in the window" in board.text
        assert board.page.matrix.cursor == (2, 0)  # type: ignore[attr-defined]


async def test_what_is_found_is_in_the_picture_that_is_gone_to() -> None:
    async with playing((120, 40)) as board:
        await show_model(board, IMAGES)
        await board.press("3", "S", "S")
        await find(board, "== 0")
        assert pictures(board).cursor == (1, 2)
        assert "weight at 2,2 in 2 of filter 3: 0" in board.text
        await board.press("g")
        await board.fill("row", "3")
        await board.fill("column", "4")
        await board.press("enter")
        assert pictures(board).cursor == (2, 3)


async def test_a_click_goes_to_a_picture_and_a_second_one_opens_it() -> None:
    async with playing((120, 40)) as board:
        await show_model(board, IMAGES)
        await board.press("3", "S", "S")
        column, row = board.place("in 3  ")
        for _ in range(2):
            await board.pilot.click(offset=(column + len("filter ") + 9, row + 1))
            await board.settle()
        assert "kernel[:, :, in 3 of 3, filter 2 of 4]" in board.text


async def test_a_sequences_pictures_are_columns_of_one_weight() -> None:
    async with playing((120, 40)) as board:
        await show_model(board, SEQUENCES)
        await board.press("3", "S", "S", "right", "enter")
        assert "kernel[:, :, filter 2 of 5]" in board.text
        await board.press("S")
        scale = float(np.abs(kernel(board)).max())
        for row, weights in enumerate(kernel(board)[:, 1].tolist()):
            line = drawn(board, "in 2  ", row).ljust(20)
            assert [line[4 * place + 1 : 4 * place + 3] for place in range(5)] == [
                MARKS[shade(value, scale)] for value in weights
            ]


async def test_the_pictures_make_way_for_a_layer_that_has_none_and_come_back() -> None:
    async with playing((120, 40)) as board:
        await show_model(board, IMAGES)
        await board.press("3", "S", "S", "k")
        assert "output.get_weights()" in board.text
        assert not pictures(board).display and board.page.query_one("Matrix").has_focus
        await board.press("j")
        assert pictures(board).display and pictures(board).has_focus


async def test_a_wide_kernel_scrolls_with_its_headings_and_draws_what_is_seen() -> None:
    async with playing() as board:
        wide = Network.chain(8 * 8 * 64, (Conv2D("wide", 128, (3, 3), (4, 4)), *REST), shape=(8, 8, 64))
        await show_model(board, wide)
        await board.press("3", "S", "S", "end", "ctrl+end")
        assert pictures(board).cursor == (63, 127)
        assert "in 64 " in board.text and " 128" in board.line("filter  ")
        await board.press("pageup")
        assert pictures(board).cursor[0] in range(60, 63)


async def test_nan_and_infinity_are_marked_in_a_picture() -> None:
    async with playing((120, 40)) as board:
        await show_model(board, IMAGES)
        broken = kernel(board).copy()
        broken[0, 0, 0, 1], broken[0, 1, 0, 1] = np.nan, np.inf
        board.session.set_layer(0, (broken, np.zeros(4, np.float32)))
        await board.press("3", "S", "S")
        assert drawn(board, "in 1  ")[9:13] == "!!!!"
