"""Rows of the data on the screen: edited, added, taken out, shuffled, given noise; the split; what is not saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from textual.widgets import Input

from core.arrays import frozen
from core.data.dataset import DataFile, Dataset
from core.data.files import open_data
from tests.tui.board import Board, playing, text_of
from tui.widgets.form import Line
from tui.widgets.matrix import Matrix

if TYPE_CHECKING:
    from pathlib import Path

SORTED = tuple([0] * 20 + [1] * 20)


def data(labels: tuple[int, ...] = SORTED, inputs: int = 2, classes: tuple[str, ...] = ()) -> Dataset:
    points = np.arange(len(labels) * inputs).reshape(len(labels), inputs) / 10
    held = np.array(labels, dtype=np.float32)[:, np.newaxis]
    return Dataset(frozen(points), frozen(held), DataFile("own.csv"), classes=classes)


async def take(board: Board, dataset: Dataset) -> None:
    board.session.take_data(dataset)
    await board.settle()


async def test_a_row_is_edited_in_a_form_and_undone_while_the_weights_stay() -> None:
    async with playing() as board:
        await take(board, data())
        weights, dataset = board.state.model.weights, board.state.dataset
        await board.press("down", "x", "right", "e")
        assert isinstance(board.app.focused, Input)
        assert board.app.focused.value == "0.3"
        await board.type("１,５")
        await board.press("enter")
        assert board.state.dataset.points[1].tolist() == [np.float32(0.2), 1.5]
        assert board.state.x[1] == 1.5
        assert "own.csv, 1 row changed: 40 rows of 2 inputs." in board.words
        assert board.state.done[-1] == "row 2: x2 = 1.5"
        await board.press("u")
        assert board.state.dataset is dataset
        assert board.state.model.weights is weights
        assert board.state.x[1] == pytest.approx(0.3)


async def test_what_can_not_stand_in_a_row_is_said_beside_its_field_and_an_unchanged_row_is_no_step() -> None:
    async with playing() as board:
        await take(board, data())
        before = board.state
        await board.press("e", "enter")
        assert board.state is before
        await board.press("e")
        for text, why in (
            ("abc", "expected a number"),
            ("1e40", "float32"),
            ("", "expected a number"),
            ("nan", "number"),
        ):
            await board.fill("c0", text)
            await board.press("enter")
            assert why in board.beside("c0")
            assert board.state is before


async def test_a_label_that_gives_all_labels_another_meaning_is_asked_about_once() -> None:
    async with playing() as board:
        await take(board, data((0, 1, 2, 1, 0, 2), classes=("a", "b", "c")))
        await board.press("end", "e")
        await board.type("d")
        await board.press("enter")
        assert "there would be 4 classes, not 3: enter again takes it" in board.beside("c2")
        await board.type("Ｃ")
        await board.press("enter")
        assert board.state.dataset.labels[0, 0] == 2
        await board.press("e")
        await board.type("d")
        await board.press("enter", "enter")
        assert board.state.dataset.classes == ("a", "b", "c", "d")


async def test_a_row_is_added_as_another_one_is_and_taken_out_again() -> None:
    async with playing() as board:
        await take(board, data())
        await board.press("down", "a")
        assert "As row 2 until you change it." in board.words
        await board.type("9")
        await board.press("enter")
        assert board.state.dataset.points[40].tolist() == [9, np.float32(0.3)]
        assert board.page.query_one(Matrix).cursor == (40, 0)
        await board.press("-")
        assert board.said[-1] == "Row 41 is taken out. u gives it back."
        assert len(board.state.dataset) == 40
        assert "own.csv: 40 rows" in board.words
        points = board.state.dataset.points
        await board.press("-", "-", "-")
        assert board.state.dataset.points.tolist() == points[:37].tolist()


async def test_the_last_row_stays() -> None:
    async with playing() as board:
        await take(board, data((1,)))
        await board.press("-")
        assert "leave one" in board.said[-1]
        assert len(board.state.dataset) == 1


async def test_the_split_is_shown_and_its_traps_are_gone_after_a_shuffle() -> None:
    async with playing() as board:
        assert "Split 0.2: rows 1 to 200 train, rows 201 to 250 validate." in board.words
        await take(board, data())
        told = text_of(board.app.query_one("#split"))
        assert told == (
            "Split 0.2: rows 1 to 32 train (0: 20, 1: 12), rows 33 to 40 validate (0: 0, 1: 8). "
            "The validation part has 1 alone. The rows are sorted by label. "
            "Keras takes the last rows, before any shuffling: S shuffles the rows."
        )
        await board.press("S")
        await board.fill("seed", "7")
        await board.press("enter")
        assert "Split 0.2: rows 1 to 32 train, rows 33 to 40 validate." in board.words
        assert "own.csv, shuffled (seed 7): 40 rows" in board.words
        await take(board, data((1,)))
        assert "Split 0.2: expected a split that leaves points on both sides" in board.words


async def test_noise_is_added_by_amount_and_seed() -> None:
    async with playing() as board:
        await take(board, data())
        await board.press("N")
        await board.fill("amount", "-1")
        await board.press("enter")
        assert "expected an amount above 0" in board.beside("amount")
        await board.fill("amount", "０.５")
        await board.fill("seed", "3")
        await board.press("enter")
        assert "own.csv, noise 0.5 (seed 3): 40 rows" in board.words
        assert (board.state.dataset.points != data().points).all()


async def test_of_many_columns_the_one_under_the_cursor_and_the_label_are_asked_for() -> None:
    async with playing() as board:
        await take(board, data(inputs=30))
        await board.press("right", "right", "e")
        assert [line.field.label for line in board.app.screen.query(Line)] == ["x3", "label"]
        assert "29 more columns: e on a cell of one edits it." in board.words
        await board.type("5")
        await board.press("enter")
        assert board.state.dataset.points[0, 2] == 5


async def test_changed_data_are_asked_about_on_leaving_and_saved_as_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with playing(tutorial=False) as board:
        await take(board, data())
        await board.press("-", "q")
        assert board.said[-1].startswith("The changed data are not saved: ctrl+s saves them")
        await board.press("ctrl+s")
        assert "Data: own.csv, 1 row taken out." in board.words
        await board.press("enter")
        assert board.said[-1] == "Saved own-changed.csv: own.csv, 1 row taken out."
        assert np.array_equal(open_data(tmp_path / "own-changed.csv").points, board.state.dataset.points)
        assert not board.state.unsaved_data


async def test_while_a_training_runs_rows_stay_as_they_are() -> None:
    async with playing(pause_at=1) as board:
        before = board.state.dataset
        await board.press("2", "space", "1", "-")
        assert "a training is under way" in board.said[-1] or "a training waits" in board.said[-1]
        assert board.state.dataset is before
