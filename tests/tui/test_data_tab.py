"""The first move: the tutorial's points, made anew, shown as a table and a picture, and counted in words."""

from __future__ import annotations

import numpy as np
import pytest
from textual.widgets import Input

from core.arrays import frozen
from core.data.dataset import Dataset, SumRule, generate
from core.data.makers import Digits
from core.model.layers_text import shape_text
from tests import graphs
from tests.tui.board import Board, playing
from tui.widgets.form import Form
from tui.widgets.plane import Plane

SEED_0 = generate(SumRule(250, 2, 0.5, 0))


async def open_settings(board: Board) -> None:
    """Open the form, past its first line: the kind, which is the tutorial's."""
    await board.press("s", "tab")
    assert isinstance(board.app.focused, Input)


async def test_the_tutorials_points_are_there_from_the_start() -> None:
    async with playing() as board:
        assert np.array_equal(board.state.dataset.points, SEED_0.points)
        assert "250 points of 2 numbers from 0 to 1, seed 0: +1 where x1 + x2 > 0.5, else -1" in board.text
        first = " ".join(f"{value:.4f}" for value in SEED_0.points[0])
        assert f"1 {first} +1" in " ".join(board.lines[10].split())


async def test_indices_of_words_are_whole_numbers() -> None:
    points = np.array([[0.5, 2.0, 12.0, 3.0, 1.0]] * 4, np.float32)
    data = Dataset(frozen(points), frozen(np.array([[1.0], [-1.0]] * 2, np.float32)), SumRule(4, 5, 2.5))
    async with playing() as board:
        board.session.new_network(graphs.network_of(graphs.of_words))
        board.session.take_data(data)
        await board.quieten()
        assert any(line.split() == ["2", "0.5000", "2.0000", "12", "3", "1", "-1"] for line in board.lines)


async def test_class_balance_and_majority_baseline_are_said_in_words() -> None:
    async with playing() as board:
        positive = int((SEED_0.labels > 0).sum())
        assert (
            f"{positive} points labelled +1 and {250 - positive} labelled -1: always answering +1 is right for "
            f"{100 * positive / 250:.1f} % (the majority baseline)."
        ) in board.words


async def test_every_number_of_the_settings_can_be_typed() -> None:
    async with playing() as board:
        await open_settings(board)
        for name, text in [("points", "40"), ("inputs", "3"), ("threshold", "1.25"), ("seed", "7")]:
            await board.fill(name, text)
        await board.press("enter")
        assert board.state.dataset.origin == SumRule(40, 3, 1.25, 7)
        assert "40 points of 3 numbers from 0 to 1, seed 7: +1 where x1 + x2 + x3 > 1.25, else -1" in board.words
        assert board.state.model.network.inputs == 3


async def test_the_threshold_follows_the_inputs_unless_one_was_typed() -> None:
    async with playing() as board:
        await open_settings(board)
        form = board.app.screen.query_one(Form)
        for inputs, threshold in (("3", "1.5"), ("", "1.5"), ("30", "15.0"), ("2", "0.5")):
            await board.fill("inputs", inputs)
            assert form.line("threshold").value == threshold
        await board.fill("threshold", "0.7")
        await board.fill("inputs", "3")
        await board.press("enter")
        assert board.state.dataset.origin == SumRule(250, 3, 0.7)


async def test_tab_and_enter_are_enough_to_change_the_settings() -> None:
    async with playing() as board:
        await board.press("s", "tab", "8", "tab", "2", "tab", "0", "full_stop", "9", "tab", "3", "enter")
        assert board.state.dataset.origin == SumRule(8, 2, 0.9, 3)
        assert len(board.app.screen_stack) == 1


async def test_escape_leaves_the_data_as_they_were() -> None:
    async with playing() as board:
        before = board.state
        await open_settings(board)
        await board.fill("points", "40")
        await board.press("escape")
        assert board.state is before


BAD_SETTINGS = [
    ("points", "x", "expected points as a whole number from 1 to 1,000,000, got 'x'"),
    ("points", "", "expected points as a whole number from 1 to 1,000,000, got ''"),
    ("points", "0", "expected points from 1 to 1,000,000, got 0"),
    ("points", "1000001", "expected points from 1 to 1,000,000, got 1,000,001"),
    ("points", "2.5", "expected points as a whole number from 1 to 1,000,000, got '2.5'"),
    ("points", "9" * 30, "expected points as a whole number from 1 to 1,000,000, got '" + "9" * 30 + "'"),
    ("inputs", "-1", "expected inputs from 1 to 1,000,000, got -1"),
    ("threshold", "half", "expected a number such as -0.25, 1/3 or 1e-3, got 'half'"),
    ("threshold", "nan", "expected a number such as -0.25, 1/3 or 1e-3, got 'nan'"),
    ("seed", "[bold red]x[/]", "expected a seed as a whole number from 0 to"),
]
"""A field, what is typed into it, and what is said beside it."""


async def test_a_bad_setting_is_said_beside_its_field_and_changes_nothing() -> None:
    async with playing() as board:
        for good, (field, typed, message) in enumerate(BAD_SETTINGS, start=5):
            before = board.state
            await open_settings(board)
            await board.fill("points" if field != "points" else "seed", "33")
            await board.fill(field, typed)
            await board.press("enter")
            assert message in board.beside(field), typed
            assert board.state is before
            focused = board.app.focused
            assert isinstance(focused, Input)
            assert focused.value == typed
            assert focused.parent is board.app.screen.query_one(f"#line-{field}")
            await board.type(str(good))
            await board.press("enter")
            assert board.state is not before
            assert len(board.app.screen_stack) == 1


async def test_every_bad_field_has_its_message_at_once() -> None:
    async with playing() as board:
        await open_settings(board)
        for name in ("points", "inputs", "threshold", "seed"):
            await board.fill(name, "?")
        await board.press("enter")
        for name in ("points", "inputs", "threshold", "seed"):
            assert board.beside(name).endswith("got '?'")


async def test_a_number_of_points_that_does_not_fit_the_inputs_is_refused_as_a_whole() -> None:
    async with playing() as board:
        before = board.state
        await open_settings(board)
        await board.fill("points", "1000000")
        await board.fill("inputs", "10000")
        await board.press("enter")
        assert "expected at most 20,000,000 numbers in all" in board.outcome
        assert board.state is before


async def test_the_preset_key_goes_between_both_parts_of_the_tutorial() -> None:
    async with playing() as board:
        await board.press("m")
        await board.quieten()
        assert board.state.dataset.origin == SumRule(250, 5, 2.5)
        assert board.state.model.network.layers[0].name == "hidden"
        assert shape_text(board.state.model.network) == "20 tanh, 1 tanh"
        assert "+1 where x1 + x2 + x3 + x4 + x5 > 2.5, else -1" in board.words
        assert not board.app.query_one("#scatter", Plane).display
        assert "x5" in board.text
        await board.press("m")
        assert board.state.dataset.origin == SumRule(250, 2, 0.5)
        assert shape_text(board.state.model.network) == "5 tanh, 1 tanh"
        assert board.app.query_one("#scatter", Plane).display


async def test_a_row_becomes_the_x_of_the_calculation() -> None:
    async with playing() as board:
        await board.press("down", "down", "x")
        assert np.array_equal(board.state.x, SEED_0.points[2].astype(float))
        assert board.said == ["Row 3 is now x on the By hand tab."]
        await board.press("4")
        x = ", ".join(str(value) for value in SEED_0.points[2])
        assert f"x = {x}" in board.line("x = 0.3")


async def test_a_click_on_a_row_moves_the_cursor_to_it() -> None:
    async with playing() as board:
        await board.click(f"{SEED_0.points[4][0]:.4f}")
        await board.press("x")
        assert np.array_equal(board.state.x, SEED_0.points[4].astype(float))


async def test_the_table_reaches_its_last_row() -> None:
    async with playing() as board:
        await board.press("ctrl+end", "x")
        assert board.said == ["Row 250 is now x on the By hand tab."]
        assert any(line.startswith(" 250 ") for line in board.lines)


async def test_the_picture_has_a_mark_of_each_label_and_none_on_the_wrong_side() -> None:
    async with playing((120, 40)) as board:
        plane = board.app.query_one("#scatter", Plane)
        columns, rows = plane.cells
        marks = {mark for line in range(rows) for mark in plane.render_line(line).text[3 : 3 + columns] if mark != " "}
        assert marks == {"x", "o"}
        top = plane.render_line(0).text[: 2 + columns]
        assert "o" not in top
        assert "x" in top
        assert columns == 2 * rows


async def test_the_digits_key_changes_the_table() -> None:
    async with playing() as board:
        await board.press("d", "d")
        assert f"{SEED_0.points[0][0]:.6f}" in board.text


async def test_undo_brings_the_former_data_back() -> None:
    async with playing() as board:
        await board.press("s", "tab", "9", "enter", "u")
        assert len(board.state.dataset) == 250
        await board.press("U")
        assert len(board.state.dataset) == 9


async def test_ten_thousand_inputs_and_one_point_are_shown() -> None:
    async with playing() as board:
        await open_settings(board)
        await board.fill("points", "1")
        await board.fill("inputs", "10000")
        await board.fill("threshold", "5000")
        await board.press("enter")
        assert (
            "1 point of 10,000 numbers from 0 to 1, seed 0: +1 where x1 + x2 + ... + x10000 > 5000, else -1"
            in board.words
        )
        await board.press("end")
        assert "label" in board.text
        assert "x10000" in board.text


@pytest.mark.parametrize(("size", "inputs"), [((80, 24), 3), ((120, 40), 6)])
async def test_a_picture_beside_the_rows_takes_no_more_room_than_it_needs(size: tuple[int, int], inputs: int) -> None:
    async with playing(size=size) as board:
        board.session.take_data(generate(Digits(90)))
        await board.settle()
        (heads,) = (line for line in board.lines if "x1 " in line and "row 1 of 90" in line)
        assert heads.split("row 1")[0].split() == [f"x{place + 1}" for place in range(inputs)]
