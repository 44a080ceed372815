"""A selection on Set weights: made with shift and the arrow keys or the mouse, filled, changed and taken away."""

from __future__ import annotations

import numpy as np
import pytest
from textual.widgets import Select

from core.model.literal import parse_numbers
from tests.tui.board import Board, playing, text_of
from tests.tui.kernels import IMAGES, kernel, show_model
from tui.widgets.selecting import Rectangle, SelectingMatrix


def selected(board: Board) -> Rectangle | None:
    return board.page.query_one(SelectingMatrix).selected


async def test_shift_and_the_arrow_keys_select_a_rectangle_and_a_plain_move_lets_it_go() -> None:
    async with playing() as board:
        await board.press("5", "right", "shift+right", "shift+right", "shift+down")
        assert selected(board) == (range(2), range(1, 4))
        assert "hidden.set_weights()   2 x 3 selected" in board.text
        await board.press("shift+left")
        assert selected(board) == (range(2), range(1, 3))
        await board.press("shift+end")
        assert selected(board) == (range(2), range(1, 5))
        await board.press("shift+home")
        assert selected(board) == (range(2), range(2))
        await board.press("left")
        assert selected(board) is None and "selected" not in board.text


@pytest.mark.parametrize("key", ["escape", "up", "ctrl+home", "end", "pageup"])
async def test_escape_and_moves_that_an_edge_stops_let_go(key: str) -> None:
    async with playing() as board:
        await board.press("5", "end", "shift+left", "shift+right", "shift+left", key)
        assert selected(board) is None
        assert "selected" not in board.text


async def test_a_selection_is_of_the_kernel_or_of_the_bias() -> None:
    async with playing() as board:
        await board.press("5", "shift+down", "shift+down", "shift+down")
        assert selected(board) == (range(2), range(1))
        await board.press("ctrl+end", "shift+up", "shift+right", "shift+right")
        assert selected(board) == (range(2, 3), range(3))


async def test_what_is_selected_is_drawn_so_that_no_colour_is_needed() -> None:
    async with playing() as board:
        await board.press("5", "shift+right", "shift+right")
        matrix = board.page.query_one(SelectingMatrix)
        cells = {segment.text.strip(" *"): segment.style for segment in matrix.render_line(1)}
        numbers = [f"{value:.4f}" for value in kernel(board)[0]]
        styles = [cells[number] for number in numbers]
        assert [bool(style and style.reverse) for style in styles] == [True, True, False, False, False]
        assert styles[2] is not None and styles[2].underline


@pytest.mark.parametrize("typed", ["0.25", "w*2", "w - mean"])
async def test_what_is_typed_fills_the_selection_as_one_step_with_a_name(typed: str) -> None:
    async with playing() as board:
        await board.press("5", "right", "shift+right", "shift+down", "e")
        before = kernel(board)
        await board.type(typed)
        await board.press("enter")
        block = before[:, 1:3].astype(np.float64)
        wanted = {"0.25": np.full_like(block, 0.25), "w*2": block * 2, "w - mean": block - block.mean()}[typed]
        assert np.array_equal(kernel(board)[:, 1:3], wanted.astype(np.float32))
        assert np.array_equal(np.delete(kernel(board), [1, 2], 1), np.delete(before, [1, 2], 1))
        assert board.state.done[-1] == f"hidden kernel: columns 2 to 3 = {typed}"
        assert selected(board) == (range(2), range(1, 3))
        await board.press("u")
        assert kernel(board) is before


async def test_a_bias_is_filled_and_a_number_that_is_too_large_is_named() -> None:
    async with playing() as board:
        await board.press("5", "ctrl+end", "shift+right", "e")
        await board.type("1")
        await board.press("enter")
        assert board.state.model.weights.layers[0][1][:2].tolist() == [1, 1]
        before = board.state
        await board.press("home", "up", "shift+end", "e")
        await board.type("exp(w*1000)")
        await board.press("enter")
        assert "row 2, column 2" in text_of(board.app.query_one("MatrixEditor .message"))
        assert board.state is before


async def test_the_change_dialog_means_the_selection_while_there_is_one() -> None:
    async with playing() as board:
        await board.press("5", "shift+right", "c")
        where = board.app.screen.query_one("#line-where").query_one(Select)
        assert where.value == "selection"
        await board.fill("amount", "7")
        await board.press("enter")
        assert kernel(board)[0, :2].tolist() == [7, 7]
        assert board.state.done[-1] == "hidden kernel: row 1, columns 1 to 2 = 7"
        await board.press("right", "c")
        where = board.app.screen.query_one("#line-where").query_one(Select)
        assert where.value == "all of it"


async def test_a_slice_of_a_kernel_has_selections_too() -> None:
    async with playing((120, 40)) as board:
        await show_model(board, IMAGES)
        before = kernel(board)
        await board.press("5", "S", ".", ">", "down", "shift+right", "shift+down", "e")
        await board.type("9")
        await board.press("enter")
        changed = np.argwhere(kernel(board) != before).tolist()
        assert changed == [[row, column, 1, 1] for row in (1, 2) for column in (0, 1)]
        await board.press(">")
        assert selected(board) is None


async def test_a_selection_does_not_outlive_the_layer_it_was_made_on() -> None:
    async with playing() as board:
        await board.press("5", "shift+right", "j")
        assert selected(board) is None
        await board.press("shift+down", "k")
        assert selected(board) is None


async def test_the_mouse_selects_from_where_it_is_pressed_to_where_it_is_let_go() -> None:
    async with playing() as board:
        await board.press("5")
        (left, top), (right, bottom) = (board.place(f"{kernel(board)[at]:.4f}") for at in ((0, 1), (1, 3)))
        await board.pilot.mouse_down(offset=(left, top))
        await board.pilot.hover(offset=(right, bottom))
        await board.pilot.mouse_up(offset=(right, bottom))
        await board.settle()
        assert selected(board) == (range(2), range(1, 4))
        await board.click(f"{kernel(board)[0, 1]:.4f}")
        assert selected(board) is None


async def test_what_is_selected_is_taken_away_and_pasted_over() -> None:
    async with playing() as board:
        await board.press("5", "right", "shift+right", "shift+down", "t")
        assert "Take away hidden/kernel: columns 2 to 3" in board.text
        await board.press("c", "enter")
        lines = board.app.clipboard.strip().splitlines()
        taken = [parse_numbers(line, 2) for line in lines[-2:]]
        assert np.array_equal(np.array(taken, np.float32), kernel(board)[:, 1:3])
        await board.press("P")
        await board.type("1\t2\n3\t4")
        await board.press("ctrl+s")
        assert kernel(board)[:, 1:3].tolist() == [[1, 2], [3, 4]]
