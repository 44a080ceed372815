"""Making data on the screen: the kind first, then its own settings; a model that can't answer them is never kept."""

from __future__ import annotations

import pytest

from core.data.makers import MAKERS, Blobs, CircleRule, Digits, Iris, SumRule
from core.model.layers_text import shape_text
from core.tasks.fitting import trains
from tests.tui.board import Board, playing
from tui.dialogs.make_dialog import KINDS, SUITED
from tui.widgets.fit_picture import FitPicture
from tui.widgets.form import Line
from tui.widgets.plane import Plane

TITLES = {kind: title for title, kind in KINDS.items()}


async def choose(board: Board, line: str, value: str) -> None:
    """Take a choice of a list, as its keys do."""
    board.app.screen.query_one(f"#line-{line}", Line).value = value
    await board.settle()


def asked(board: Board) -> list[str]:
    """The names of the settings that are asked for."""
    return [line.field.name for line in board.app.screen.query(Line) if line.display]


async def test_a_kind_is_chosen_by_its_keys_and_brings_its_own_settings_and_picture() -> None:
    async with playing() as board:
        await board.press("s")
        assert asked(board) == ["kind", "points", "inputs", "threshold", "seed", "noise", "model"]
        await board.press("down", "c", "enter")
        assert asked(board) == ["kind", "points", "seed", "noise", "model"]
        assert "+1 within 2.5 of (0, 0)" in board.words
        assert board.app.screen.query_one(Plane).display
        await board.press("tab", "8", "0", "tab", "3", "enter")
        assert board.state.dataset.origin == CircleRule(80, 3)
        assert shape_text(board.state.model.network) == "5 tanh, 1 tanh"
        await board.press("s")
        assert board.app.screen.query_one("#line-points", Line).value == "80"


async def test_classes_that_the_model_cannot_answer_are_refused_with_what_would_and_one_undo_takes_all_back() -> None:
    async with playing() as board:
        before = board.state
        await board.press("s")
        await choose(board, "kind", TITLES["blobs"])
        await board.fill("classes", "4")
        assert "can't answer them" in board.beside("model")
        await board.press("enter")
        assert "4 classes" in board.beside("model") and SUITED in board.beside("model")
        assert board.state is before
        await board.press("down", "down", "enter", "enter")
        state = board.state
        assert state.dataset.origin == Blobs(classes=4)
        assert (shape_text(state.model.network), state.recipe.loss) == (
            "8 relu, 4 softmax",
            "sparse_categorical_crossentropy",
        )
        assert "A new model: 8 relu, 4 softmax" in board.said[-1]
        await board.press("u")
        now = board.state
        assert (now.dataset, now.model, now.recipe) == (before.dataset, before.model, before.recipe)


async def test_kinds_of_every_task_are_made_with_a_model_that_trains_on_them_and_every_tab_shows_them() -> None:
    async with playing(tutorial=False) as board:
        for kind in ("blobs", "plane", "bars", "iris"):
            maker = MAKERS[kind]
            await board.press("1", "s")
            await choose(board, "kind", TITLES[kind])
            await choose(board, "model", SUITED)
            assert board.app.screen.query_one(Plane).display == (kind != "bars")
            await board.press("enter")
            assert isinstance(board.state.dataset.origin, maker)
            assert trains(board.state)
            for tab in "2345":
                await board.press(tab)
        await board.press("1", "m")
        assert isinstance(board.state.dataset.origin, SumRule)
        assert trains(board.state)


@pytest.mark.parametrize(
    ("kind", "field", "typed", "message"),
    [
        (CircleRule, "noise", "1.5", "expected noise from 0 to 1, got 1.5"),
        (Iris, "points", "151", "expected points from 1 to 150, got 151"),
    ],
)
async def test_a_setting_that_the_kind_cannot_have_is_said_and_changes_nothing(
    kind: type[CircleRule | Iris], field: str, typed: str, message: str
) -> None:
    async with playing() as board:
        before = board.state
        await board.press("s")
        await choose(board, "kind", TITLES[kind.kind])
        await board.fill(field, typed)
        await board.press("enter")
        assert board.outcome == message
        assert board.state is before


async def test_pictures_take_the_place_of_points_and_too_many_points_are_not_drawn_while_they_are_typed() -> None:
    async with playing() as board:
        await board.press("s")
        await board.fill("points", "900000")
        assert not board.app.screen.query_one(Plane).display
        await choose(board, "kind", TITLES["sine"])
        assert "points of 1 number from -pi to pi: sin(x1)" in board.words
        assert board.app.screen.query_one(FitPicture).region.height
        await choose(board, "kind", TITLES["iris"])
        assert "x4" in board.text and "v virginica" in board.text
        await choose(board, "kind", TITLES["bars"])
        assert "row 3: label" in board.text
        await choose(board, "kind", TITLES["digits"])
        assert [image.display for image in board.app.screen.query("#made-images Image")] == [True] * 3
        assert not board.app.screen.query_one(Plane).display and "answer them" in board.words
        await choose(board, "model", SUITED)
        await board.fill("points", "90")
        await board.press("enter")
        data = board.state.dataset
        assert (data.origin, data.shape, len(data.classes)) == (Digits(90), (8, 8, 1), 10)
