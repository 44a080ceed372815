"""Changing many numbers at once, from a rule, a paste or a file; every change is one step that can be gone back to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from textual.widgets import OptionList, Static, TextArea

from tests.tui.board import Board, playing, text_of

if TYPE_CHECKING:
    from pathlib import Path

    from core.arrays import KerasArray


def kernel(board: Board) -> KerasArray:
    return board.state.model.weights.layers[0][0]


async def change(board: Board, what: str, amount: str, where: str = "all of it", seed: str = "0") -> None:
    await board.press("c")
    for name, value in (("what", what), ("where", where), ("amount", amount), ("seed", seed)):
        board.app.screen.query_one(f"#line-{name}").value = value  # type: ignore[attr-defined]
    await board.pilot.pause()
    board.app.screen.action_accept()  # type: ignore[attr-defined]
    await board.settle()


@pytest.mark.parametrize(
    ("typed", "value"),
    [("-w", 1.08239257), ("w*2", -2.16478514), ("1/3", 1 / 3), ("0,5", 0.5), ("abs(w)", 1.08239257)],
)
async def test_a_formula_may_be_typed_for_one_number(typed: str, value: float) -> None:
    async with playing() as board:
        await board.press("5", "e")
        await board.type(typed)
        await board.press("enter")
        assert kernel(board)[0, 0] == np.float32(value)


async def test_a_formula_that_cannot_be_is_said_under_the_matrix() -> None:
    async with playing() as board:
        await board.press("5")
        before = board.state
        for typed in ("w +", "__import__('os')", "log(w)", "w / 0", "1e99", ""):
            assert "expected" not in board.words
            await board.press("e")
            await board.type(typed)
            await board.press("enter")
            assert "expected" in board.words, typed
            assert board.state is before
            await board.press("escape")


async def test_changes_of_all_of_a_row_and_of_a_column_are_steps_with_names() -> None:
    async with playing() as board:
        await board.press("5")
        before = kernel(board)
        await change(board, "formula", "w*2")
        assert (kernel(board) == before * 2).all()
        assert board.state.done[-1] == "hidden kernel: all = w*2"
        await change(board, "zero", "", where="this row")
        assert (kernel(board)[0] == 0).all()
        assert (kernel(board)[1] == before[1] * 2).all()
        await change(board, "round", "1", where="this column")
        assert kernel(board)[1, 0] == np.float32(-1.1)
        await board.press("u", "u", "u")
        assert kernel(board) is before


TRANSFORMATIONS = [
    ("scale", "0.5"),
    ("clip", "-0.5, 0.5"),
    ("prune below", "0.5"),
    ("add noise", "0.1"),
    ("initialize", "he_normal"),
]
"""What is chosen in the form, and its amount."""


async def test_transformations_are_done_and_taken_back() -> None:
    async with playing() as board:
        await board.press("5")
        before = kernel(board)
        for what, amount in TRANSFORMATIONS:
            await change(board, what, amount, seed="7")
            after = kernel(board)
            assert (after != before).any(), what
            await board.press("u")
            assert kernel(board) is before
            await board.press("U")
            assert (kernel(board) == after).all()
            await board.press("u")


IMPOSSIBLE = [
    ("formula", "w +", "expected"),
    ("formula", "", "expected w*2"),
    ("transpose", "", "expected as many rows as columns"),
    ("initialize", "MyOwn", "expected an initializer of Keras"),
    ("load .npy", "/nowhere/kernel.npy", "kernel.npy"),
    ("clip", "1", "expected 2 numbers"),
]
"""What is chosen in the form, its amount, and what is said of it."""


async def test_what_cannot_be_done_is_said_in_the_form_and_changes_nothing() -> None:
    async with playing() as board:
        await board.press("5")
        before = board.state
        for what, amount, said in IMPOSSIBLE:
            await change(board, what, amount)
            assert said in f"{board.beside('amount')} {board.outcome}", what
            assert board.state is before
            await board.press("escape")


async def test_an_array_is_loaded_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "kernel.npy"
    np.save(path, np.arange(10, dtype=np.float64).reshape(2, 5))
    async with playing() as board:
        await board.press("5")
        await change(board, "load .npy", str(path))
        assert (kernel(board) == np.arange(10).reshape(2, 5)).all()
        assert board.state.done[-1] == "hidden kernel: all from kernel.npy"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1\t2\t3\t4\t5\n6\t7\t8\t9\t10", [[1, 2, 3, 4, 5], [6, 7, 8, 9, 10]]),
        ("[[1, 2, 3, 4, 5], [6, 7, 8, 9, 10]]", [[1, 2, 3, 4, 5], [6, 7, 8, 9, 10]]),
        ("1;2;3;4;5", [[1, 2, 3, 4, 5], None]),
        ("1\n6", [[1, None, None, None, None], [6, None, None, None, None]]),
    ],
)
async def test_a_table_is_pasted_over_all_a_row_or_a_column(
    text: str, expected: list[list[float | None] | None]
) -> None:
    async with playing() as board:
        await board.press("5")
        before = kernel(board)
        await board.press("P")
        await board.type(text)
        await board.press("ctrl+s")
        for row, numbers in enumerate(expected):
            for column in range(5):
                wanted = None if numbers is None else numbers[column]
                assert kernel(board)[row, column] == (before[row, column] if wanted is None else wanted)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1\t2\t3", "expected 2 rows of 5 numbers"),
        ("1\t2\tx\t4\t5\n6\t7\t8\t9\t0", "row 1, column 3"),
        ("nan\t1\n2\t3", "row 1, column 1"),
    ],
)
async def test_a_bad_paste_is_refused_whole_and_stays_for_mending(text: str, said: str) -> None:
    async with playing() as board:
        await board.press("5")
        before = board.state
        await board.press("P")
        await board.type(text)
        await board.press("ctrl+s")
        assert said in board.outcome
        assert board.app.screen.query_one(TextArea).text == text
        assert board.state is before


async def test_any_step_can_be_gone_back_and_on_to() -> None:
    async with playing() as board:
        await board.press("5")
        states = [board.state.model.weights]
        for amount in ("w+1", "w*3", "w-2"):
            await change(board, "formula", amount)
            states.append(board.state.model.weights)
        await board.press("s")
        options = board.app.screen.query_one(OptionList)
        assert options.option_count == 5
        options.highlighted = 2
        await board.press("enter")
        assert board.state.model.weights is states[1]
        assert board.state.undone == ("hidden kernel: all = w-2", "hidden kernel: all = w*3")
        await board.press("s")
        board.app.screen.query_one(OptionList).highlighted = 4
        await board.press("enter")
        assert board.state.model.weights is states[3]


async def test_a_model_is_built_from_a_rule_and_proved() -> None:
    async with playing() as board:
        await board.press("5", "R")
        board.app.screen.query_one("#line-rule").value = "XOR"  # type: ignore[attr-defined]
        await board.pilot.pause()
        board.app.screen.action_accept()  # type: ignore[attr-defined]
        await board.settle()
        assert "4 corners" in board.words
        assert "2 hidden units are the fewest" in board.words
        words = " ".join(text_of(part) for part in board.app.screen.query(Static))
        assert "points follow another rule (+1 where x1 + x2 > 0.5, else -1)" in words
        before = board.state.model
        await board.press("enter")
        assert board.state.done[-1].startswith("rule: +1 where")
        assert [layer.name for layer in board.state.model.network.layers] == ["hidden", "output"]
        await board.press("u")
        assert board.state.model is before
