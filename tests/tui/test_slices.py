"""A convolution's kernel on the screen: all of it as one table, and any two of its axes with steps along the others."""

from __future__ import annotations

import numpy as np
import pytest

from core.editing.plane import plane
from tests.tui.board import playing, text_of
from tests.tui.kernels import IMAGES, SEQUENCES, kernel, show_model
from tests.tui.test_editing import change
from tests.tui.test_finding import cursor, find
from tui.tabs.layers import WINDOW
from tui.tabs.looks import ROOM, Look, slice_words, whole_words


async def test_the_table_has_a_row_for_each_number_under_the_window_and_the_bias_last() -> None:
    async with playing((120, 50)) as board:
        await show_model(board, IMAGES)
        await board.press("3")
        assert "image.get_weights()   4 filters of 3x3, relu" in board.text
        assert "image 4 of 3x3 relu" in board.words
        assert "row,column,channel in the window S: slices" in board.words
        assert "filter 1 filter 2 filter 3 filter 4" in board.words
        numbers = kernel(board)
        for row, column, channel in ((0, 0, 0), (1, 0, 2), (2, 2, 2)):
            name = f"{row + 1},{column + 1} in {channel + 1}"
            shown = " ".join(f"{value:.4f}" for value in numbers[row, column, channel])
            assert board.line(f" {name}  ").endswith(f"{name} {shown}")
        assert board.line(" bias  ").endswith("bias 0.1000 0.2333 0.3667 0.5000")
        await board.press("right", "down")
        assert f"weight at 1,1 in 2 of filter 2: {float(numbers[0, 0, 1, 1]):.9g}" in board.text
        await board.press("ctrl+end")
        assert "bias of filter 2: 0.2333" in board.text


async def test_cells_rows_columns_and_all_of_the_table_are_edited_and_marked() -> None:
    async with playing((120, 50)) as board:
        await show_model(board, IMAGES)
        before = kernel(board)
        await board.press("5", "down", "down", "down", "down", "right", "e")
        await board.type("w*2")
        await board.press("enter")
        assert kernel(board)[0, 1, 1, 1] == before[0, 1, 1, 1] * 2
        assert np.count_nonzero(kernel(board) != before) == 1
        assert f"*{float(before[0, 1, 1, 1]) * 2:.4f}" in board.text
        assert board.state.done[-1].startswith("image w[1, 2, 2, 2] = ")
        await change(board, "zero", "", where="this column")
        assert (kernel(board)[..., 1] == 0).all() and np.count_nonzero(kernel(board) == 0) < 30
        await change(board, "scale", "3", where="this row")
        assert (kernel(board)[0, 1, 1, 2:] == before[0, 1, 1, 2:] * 3).all()
        await board.press("P")
        await board.type("\n".join("\t".join("1234") for _ in range(27)))
        await board.press("ctrl+s")
        assert (kernel(board) == np.array([1, 2, 3, 4], np.float32)).all()
        await board.press("u", "u", "u", "u")
        assert kernel(board) is before


@pytest.mark.parametrize("key", ["3", "5"])
async def test_a_slice_is_stepped_through_and_turned(key: str) -> None:
    async with playing((120, 40)) as board:
        await show_model(board, IMAGES)
        numbers = kernel(board)
        await board.press(key, "S")
        assert "kernel[:, :, in 1 of 3, filter 1 of 4]" in board.text
        assert ", . in < > filter x axes S: " in board.words
        await board.press(".", "<")
        assert "kernel[:, :, in 2 of 3, filter 4 of 4]" in board.text
        assert board.line(" row 3  ").endswith(" ".join(f"{value:.4f}" for value in numbers[2, :, 1, 3]))
        await board.press("down", "right", "right", "x")
        assert "kernel[:, column 3 of 3, :, filter 4 of 4]" in board.text
        assert cursor(board) == (1, 1)
        assert board.line(" row 2  ").endswith(" ".join(f"{value:.4f}" for value in numbers[1, 2, :, 3]))


async def test_the_number_under_the_cursor_stays_it_from_one_look_to_the_next() -> None:
    async with playing((120, 50)) as board:
        await show_model(board, IMAGES)
        await board.press("5", *["down"] * 16, "right", "right")
        assert cursor(board) == (16, 2)
        await board.press("S")
        assert "kernel[:, :, in 2 of 3, filter 3 of 4]" in board.text
        assert cursor(board) == (1, 2)
        await board.press("left", ",", "S")
        assert cursor(board) == (12, 2)
        await board.press("ctrl+end", "S")
        assert "kernel[:, :, in 1 of 3, filter 3 of 4]" in board.text


async def test_what_is_edited_in_a_slice_is_changed_there_alone() -> None:
    async with playing((120, 40)) as board:
        await show_model(board, IMAGES)
        before = kernel(board)
        await board.press("5", "S", ".", ">", "down", "e")
        await board.type("7")
        await board.press("enter")
        assert kernel(board)[1, 0, 1, 1] == 7
        assert np.count_nonzero(kernel(board) != before) == 1
        await change(board, "zero", "", where="this slice")
        assert (kernel(board)[:, :, 1, 1] == 0).all()
        assert board.state.done[-1] == "image kernel: all at (:, :, 2, 2) = 0"
        await change(board, "formula", "w+5", where="this row")
        await board.press("P")
        assert "of 3 x 3 numbers for this slice" in text_of(board.app.screen.query_one(".dialog .words"))
        await board.type("1 2 3\n4 5 6\n7 8 9")
        await board.press("ctrl+s")
        assert kernel(board)[:, :, 1, 1].tolist() == [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
        others = np.ones(before.shape, bool)
        others[:, :, 1, 1] = False
        assert (kernel(board)[others] == before[others]).all()
        await change(board, "zero", "", where="all of it")
        assert not kernel(board).any()


async def test_what_is_found_is_gone_to_in_any_slice_and_a_bias_in_the_table() -> None:
    async with playing((120, 40)) as board:
        await show_model(board, IMAGES)
        await board.press("5", "S")
        await find(board, "== 0")
        assert "kernel[:, :, in 2 of 3, filter 3 of 4]" in board.text
        assert cursor(board) == (1, 1)
        await find(board, "== 0.5")
        assert "row,column,channel in the window" in board.text
        assert cursor(board) == (27, 3)
        await board.press("S", "m", "S", "g")
        await board.fill("row", "28")
        await board.press("enter")
        assert cursor(board) == (27, 0)


async def test_a_sequence_has_places_and_one_axis_to_step_along() -> None:
    async with playing((120, 40)) as board:
        await show_model(board, SEQUENCES)
        await board.press("5")
        assert "place,channel in the window S: slices" in board.words
        assert board.line(" 2 in 1  ").endswith(" ".join(f"{value:.4f}" for value in kernel(board)[1, 0]))
        await board.press("S", ".", ".")
        assert "kernel[:, :, filter 3 of 5]" in board.text
        assert board.line(" place 2  ").endswith(" ".join(f"{value:.4f}" for value in kernel(board)[1, :, 2]))
        await board.press(">")
        assert "expected another axis to step along" in board.said[-1]


async def test_a_table_is_seen_whole_already_and_has_nothing_to_step_along() -> None:
    async with playing() as board:
        await board.press("3", "S")
        assert "expected a convolution" in board.said[-1]
        for key in (".", "x"):
            await board.press(key)
            assert "expected a slice" in board.said[-1]
        assert not board.app.query_one("#look").display


@pytest.mark.parametrize("window", [("row", "column"), ("place",)])
def test_what_is_said_of_a_slice_and_of_all_has_room_beside_the_calls_at_80(window: tuple[str, ...]) -> None:
    shape, words = (*(3 for _ in window), 2, 12), (*window, "in", "filter")
    for following in Look:
        whole = whole_words(shape, words, following)
        part = slice_words(plane(shape, WINDOW if len(window) > 1 else (0, 2)), words, following)
        assert "\n" not in whole and all(len(line) <= ROOM for line in (whole, *part.split("\n")))
    deep = whole_words((3, 3, 3, 2, 12), ("depth", "row", "column", "in", "filter"), Look.PICTURES)
    assert deep == "depth,row,column,channel in the window\nS: pictures"
