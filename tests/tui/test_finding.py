"""Going to a number of a layer: by row and column, by a condition, to the largest and the smallest."""

from __future__ import annotations

import numpy as np
import pytest

from core.layers.activation_layers import Activation
from core.layers.dense import Dense
from core.model.network import Network
from tests.tui.board import Board, playing
from tui.widgets.matrix import shade


def cursor(board: Board) -> tuple[int, int]:
    return board.page.matrix.cursor  # type: ignore[attr-defined, no-any-return]


async def find(board: Board, condition: str) -> None:
    await board.press("f")
    await board.fill("condition", condition)
    await board.press("enter")


@pytest.mark.parametrize("tab", ["3", "5"])
async def test_a_row_and_a_column_are_gone_to(tab: str) -> None:
    async with playing() as board:
        await board.press(tab, "g")
        await board.fill("row", "2")
        await board.fill("column", "5")
        await board.press("enter")
        assert cursor(board) == (1, 4)
        await board.press("g")
        await board.fill("row", "4")
        await board.press("enter")
        assert "from 1 to 3" in board.beside("row")


async def test_what_matches_is_found_one_after_the_other_round_the_end() -> None:
    async with playing() as board:
        await board.press("3")
        await find(board, "> 0.9")
        assert cursor(board) == (0, 2)
        await board.press("F")
        assert cursor(board) == (1, 1)
        await board.press("F", "F")
        assert cursor(board) == (0, 2)
        await find(board, "nan")
        assert "no number of this layer is nan" in board.said[-1]
        await board.press("f")
        await board.fill("condition", "w * 2")
        await board.press("enter")
        assert "expected a condition" in board.beside("condition")


async def test_the_largest_and_the_smallest_are_gone_to() -> None:
    async with playing() as board:
        await board.press("3", "m")
        assert cursor(board) == (1, 1)
        await board.press("M")
        assert cursor(board) == (0, 3)


async def test_nan_and_infinity_are_seen_and_found() -> None:
    async with playing() as board:
        kernel = np.zeros((2, 5), np.float32)
        kernel[1, 3], kernel[0, 1] = np.nan, -np.inf
        board.session.set_layer(0, (kernel, np.zeros(5, np.float32)))
        await board.press("3")
        assert board.line("x1   ").split()[-5:] == ["0.0000", "-inf", "0.0000", "0.0000", "0.0000"]
        await find(board, "nan")
        assert cursor(board) == (1, 3)
        await find(board, "inf")
        assert cursor(board) == (0, 1)


async def test_a_layer_without_numbers_says_so() -> None:
    async with playing() as board:
        board.session.new_network(Network.chain(2, (Dense("one", 2), Activation("act", "relu"))))
        await board.press("3", "j")
        for key in ("g", "m"):
            await board.press(key)
            assert "no numbers to go to" in board.said[-1]


@pytest.mark.parametrize(
    ("value", "scale", "part"),
    [
        (0.0, 1.0, "zero"),
        (0.2, 1.0, "positive-faint"),
        (-0.5, 1.0, "negative-plain"),
        (-1.0, 1.0, "negative-strong"),
        (0.7, 1.0, "positive-strong"),
        (float("nan"), 1.0, "odd"),
        (float("-inf"), 0.0, "odd"),
        (0.0, 0.0, "zero"),
    ],
)
def test_the_shade_of_a_number_is_its_sign_and_its_third_of_the_scale(value: float, scale: float, part: str) -> None:
    assert shade(value, scale) == part
