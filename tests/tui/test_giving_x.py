"""What By hand's x takes beside numbers: a row of a file and a picture; a model without data says that it has none."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from textual.widgets import Input

from core.data.dataset import DataFile, Dataset
from core.model.files.opening import OpenedModel
from core.model.initial import initial_weights
from core.model.layers_text import chain_network
from tests.pictures import SIZE, pictures
from tests.tui.board import playing, text_of
from tui.widgets.words import Words

if TYPE_CHECKING:
    import pytest

    from core.operations.operation import Shape
    from tests.tui.board import Board


def opened(inputs: int | Shape, layers: str) -> OpenedModel:
    network = chain_network(inputs, layers)
    return OpenedModel(network, initial_weights(network, 0), None, (), None)


async def give(board: Board, text: str) -> str:
    """Type ``text`` as x, and return what is said beside it."""
    await board.press("x")
    board.app.query_one("#x", Input).value = text
    await board.press("enter")
    await board.quieten()
    return str(board.app.query_one("#x-message", Words).render())


async def test_x_is_a_row_of_a_file_or_a_picture_and_data_say_that_there_are_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("rows.csv").write_text("1,2,3\n4,5,6\n")
    Path("cat.png").write_bytes(pictures()["L.png"])
    async with playing() as board:
        board.session.open(opened(3, "2 relu, 1 sigmoid"), Path("own.keras"))
        await board.press("1")
        assert "No data, and so no labels" in text_of(board.app.query_one("#rule", Words))
        # Keys of rows do nothing where there are none.
        await board.press("e", "a", "minus", "N", "S", "x")
        assert len(board.app.screen_stack) == 1
        await board.press("4")
        assert board.state.x.tolist() == [0, 0, 0]
        await give(board, "rows.csv")
        assert board.state.x.tolist() == [1, 2, 3]
        assert board.said[-1] == "x is row 1 of 2; 'rows.csv row 2' takes the second."
        await give(board, "rows.csv row 2")
        assert board.state.x.tolist() == [4, 5, 6] and len(board.said) == 1
        assert "expected a row from 1 to 2 of rows.csv, got 3" in await give(board, "rows.csv row 3")
        assert "expected 3 numbers separated by commas, got 2" in await give(board, "1, 2")
        await board.press("escape")
        board.session.open(opened((*SIZE, 1), "Conv2D 2 3x3 relu, Flatten, 1 sigmoid"), Path("images.keras"))
        assert "got 7 x 5" not in await give(board, "cat.png 0..1")
        assert board.state.x.shape == (35,) and float(np.max(board.state.x)) <= 1


async def test_x_that_is_left_as_it_stands_in_its_field_stays_the_row_that_it_was() -> None:
    random = np.random.default_rng(0)
    inputs = random.normal(size=(4, 2)).astype(np.float32).astype(float)
    async with playing() as board:
        board.session.take_data(Dataset(inputs, np.array([[0.0], [1.0], [1.0], [0.0]]), DataFile("rows.npz")))
        await board.press("4", "n")
        row, x = board.state.row, board.state.x
        assert row is not None
        await board.press("x", "enter")
        await board.quieten()
        assert board.state.row == row and board.state.x is x
        assert f"row {row + 1} of 4" in str(board.app.query_one("#x-message", Words).render())
