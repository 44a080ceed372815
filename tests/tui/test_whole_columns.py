"""Tables that are wider than the screen: whole columns only, beside the headings of their rows, the cursor's always."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.layers.convolution import Conv2D
from core.model.network import Network
from tests.graphs import attending
from tests.tui.board import Board, playing
from tests.tui.kernels import REST, show_model
from tests.tui.test_following import take
from tui.widgets.kernel_pictures import KernelPictures
from tui.widgets.matrix import Matrix
from tui.widgets.whole_columns import WholeColumns


def matrix_lines(board: Board) -> list[list[str]]:
    """Return the lines of the matrix as they are seen, in words, without the marks of what was changed."""
    region = board.page.query_one(Matrix).region
    lines = [board.lines[y][region.x : region.right] for y in range(region.y, region.bottom)]
    return [line.replace("*", " ").split() for line in lines]


MOVES = [(), ("end",), ("end", "left"), ("end", "left", "left", "left"), ("end", "home")]


@pytest.mark.parametrize("tab", ["3", "5"])
async def test_only_whole_numbers_are_drawn_under_whole_headings(tab: str) -> None:
    async with playing() as board:
        await board.press(tab, "d", "d", "d", "d", "d")
        for moves in MOVES:
            await board.press("home", *moves)
            heads, *rows = matrix_lines(board)
            units = [int(number) for number in heads[1::2]]
            assert heads[::2] == ["unit"] * len(units)
            assert len(units) == 3 and board.page.query_one(Matrix).cursor[1] + 1 in units
            kernel, bias = board.state.model.weights.layers[0]
            for row, (name, values) in enumerate(zip(("x1", "x2", "bias"), (*kernel, bias), strict=True)):
                assert rows[row] == [name, *(f"{values[unit - 1]:.9f}" for unit in units)], moves


async def test_a_click_is_for_the_number_that_is_seen_there() -> None:
    async with playing() as board:
        await board.press("5", "d", "d", "d", "d", "d", "end")
        assert "unit 3" in board.text and "unit 2" not in board.text
        await board.click(f"{board.state.model.weights.layers[0][0][1, 2]:.9f}")
        assert board.page.query_one(Matrix).cursor == (1, 2)


async def test_the_cursor_stays_in_sight_when_its_numbers_get_longer() -> None:
    async with playing() as board:
        await board.press("5", "end", "d", "d", "d", "d", "d")
        assert matrix_lines(board)[0][-2:] == ["unit", "5"]


async def test_pictures_are_whole_too() -> None:
    async with playing() as board:
        await show_model(board, Network.chain(25, (Conv2D("wide", 20, (3, 3), (1, 1)), *REST), shape=(5, 5, 1)))
        await board.press("3", "S", "S", "end")
        region = board.page.query_one(KernelPictures).region
        heads = board.lines[region.y][region.x : region.right].split()
        assert heads == ["filter", *(str(place) for place in range(17, 21))]
        assert board.lines[region.y + 1][region.x + len("filter ") + 8 * 3] == "["


@given(
    heading=st.integers(0, 30),
    cell=st.integers(1, 20),
    count=st.integers(1, 50),
    column=st.integers(0, 49),
    spare=st.integers(0, 60),
)
@settings(deadline=None)
def test_a_column_that_is_scrolled_into_the_room_is_drawn_whole(
    heading: int, cell: int, count: int, column: int, spare: int
) -> None:
    columns, room = WholeColumns(heading, cell, count), heading + cell + spare
    column = min(column, count - 1)
    farthest = max(columns.width - room, 0)
    least = max((column + 1) * cell + heading - room, 0)
    for scrolled in {min(least, farthest), min(column * cell, farthest)}:
        seen = columns.seen(scrolled, room)
        assert column in seen
        left = columns.left(column, seen)
        assert heading <= left and left + cell <= room
        assert all(columns.at(x, seen) == column for x in (left, left + cell - 1))
        assert columns.left(seen.start, seen) == heading


async def test_names_of_rows_far_below_are_whole_too() -> None:
    async with playing(size=(120, 40)) as board:
        await take(board, attending())
        await board.press("3")
        matrix = board.page.query_one(Matrix)
        matrix.cursor = (matrix.grid.table.rows - 1, 0)
        await board.settle()
        names = [" ".join(line[:2]) for line in matrix_lines(board)]
        assert {"value/bias 1", "attention_.../kernel 2,3"} <= set(names)
