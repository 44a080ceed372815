"""Weights and Set weights beside each other: the same number on both, keys that lead on, and nothing out of sight."""

from __future__ import annotations

import pytest
from textual.widgets import OptionList, Select

from core.layers.dense import Dense
from core.model.network import Network
from tests.tui.board import Board, playing, text_of
from tests.tui.kernels import IMAGES, kernel, show_model
from tui.widgets.cell_input import CellInput
from tui.widgets.layer_list import LayerList
from tui.widgets.matrix import Matrix
from tui.widgets.step_list import short

DEEP = Network.chain(2, (*(Dense(f"dense_{place}", 4, "relu") for place in range(1, 9)), Dense("output", 1, "tanh")))


def cursor(board: Board) -> tuple[int, int]:
    return board.page.query_one(Matrix).cursor


def field_is_open(board: Board) -> bool:
    return bool(board.app.query_one("MatrixEditor CellInput").display)


# From one tab to the other


@pytest.mark.parametrize(("first", "second"), [("3", "5"), ("5", "3")])
async def test_layer_and_number_are_the_same_on_both_tabs(first: str, second: str) -> None:
    async with playing() as board:
        board.session.new_network(DEEP)
        await board.press(first, "j", "j", "right", "down", "1", second)
        assert f"dense_3.{'set' if second == '5' else 'get'}_weights()" in board.text
        assert cursor(board) == (1, 1)
        assert board.page.query_one(OptionList).highlighted == 2
        await board.press("j", "right", first)
        assert f"dense_4.{'set' if first == '5' else 'get'}_weights()" in board.text
        assert cursor(board) == (1, 2)


async def test_a_slice_is_the_same_on_both_tabs_and_pictures_come_back() -> None:
    async with playing((120, 40)) as board:
        await show_model(board, IMAGES)
        await board.press("5", "S", ".", ">", "down", "3")
        assert "kernel[:, :, in 2 of 3, filter 2 of 4]" in board.text
        assert cursor(board) == (1, 0)
        await board.press("S")
        assert "thirds of the scale" in board.text
        await board.press("5")
        assert "row,column,channel in the window" in board.text
        assert f"{kernel(board)[1, 0, 1, 1]:.4f}" in board.text
        await board.press("3")
        assert "thirds of the scale" in board.text


async def test_a_model_that_came_in_between_is_shown_from_where_it_has_something() -> None:
    async with playing() as board:
        board.session.new_network(DEEP)
        await board.press("3", "k", "k", "ctrl+end", "end", "1")
        board.session.new_network(Network.chain(2, (Dense("one", 1),)))
        await board.press("5")
        assert "one.set_weights()" in board.text
        assert cursor(board) == (0, 0)


# The keys of a field


@pytest.mark.parametrize(("key", "column"), [("tab", 2), ("shift+tab", 0)])
async def test_tab_in_a_field_enters_it_and_goes_on_beside_it(key: str, column: int) -> None:
    async with playing() as board:
        await board.press("5", "right", "e")
        await board.type("0.5")
        await board.press(key)
        assert kernel(board)[0, 1] == 0.5
        assert not field_is_open(board)
        assert cursor(board) == (0, column)
        assert isinstance(board.app.focused, Matrix)
        assert "e Edit" in board.text


async def test_tab_in_a_field_with_an_error_stays_there_and_says_so() -> None:
    async with playing() as board:
        await board.press("5", "e")
        before = board.state
        await board.type("w +")
        await board.press("tab")
        assert "expected" in board.words
        assert isinstance(board.app.focused, CellInput)
        assert board.state is before


async def test_a_click_elsewhere_closes_the_field_without_a_change() -> None:
    async with playing() as board:
        await board.press("5", "e")
        before = board.state
        await board.type("42")
        await board.click("output  1 tanh")
        assert not field_is_open(board)
        assert board.state is before


@pytest.mark.parametrize("tab", ["3", "5"])
async def test_tab_goes_round_the_parts_where_the_keys_of_the_tab_work(tab: str) -> None:
    async with playing() as board:
        await board.press(tab)
        for key in ("tab", "tab", "tab", "shift+tab"):
            await board.press(key)
            assert board.app.focused is not None
            assert board.page in board.app.focused.ancestors
            assert "f Find" in board.text
        await board.press("tab")
        first = board.app.focused
        await board.press("tab", "tab")
        assert board.app.focused is first


# What there is room for


@pytest.mark.parametrize("chosen", [0, 3, 8])
async def test_the_statistics_are_whole_beside_many_layers(chosen: int) -> None:
    async with playing() as board:
        board.session.new_network(DEEP)
        await board.press("3", *["j"] * chosen)
        options = board.page.query_one(LayerList).options
        hidden = 9 - options.size.height
        assert options.size.height >= 2
        assert f"and {hidden} more: j, k" in board.text
        name = "output" if chosen == 8 else f"dense_{chosen + 1}"
        assert f" {name}  " in board.text
        bars = text_of(board.app.query_one("#statistics")).splitlines()[9:]
        shown = "\n".join(line[1:25].rstrip() for line in board.lines)
        assert len(bars) >= 4
        assert "\n".join(bars) in shown


async def test_few_layers_take_no_more_room_than_they_need() -> None:
    async with playing((120, 40)) as board:
        await board.press("3")
        assert board.page.query_one(LayerList).size.height == 3
        assert "more: j, k" not in board.text


async def test_the_newest_step_is_in_sight_beside_many_layers_and_its_value_is_read() -> None:
    async with playing() as board:
        board.session.new_network(DEEP)
        await board.press("5")
        for value in range(1, 10):
            board.session.set_number(7, 0, (2, 3), value / 8)
        await board.settle()
        shown = " ".join(" ".join(line[1:25].split()) for line in board.lines)
        assert "dense_8 w[3,4] = 1.125" in shown
        await board.press("u")
        shown = " ".join(" ".join(line[1:25].split()) for line in board.lines)
        assert "dense_8 w[3,4] = 1 (" in shown


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("hidden w[1, 1] = 1", "hidden w[1,1] = 1"),
        ("conv_1 w[1, 1, 1, 2] = 0.5", "conv_1 w[1,1,1,2] = 0.5"),
        ("hidden w[1, 4] = -2.16479", "hi... w[1,4] = -2.16479"),
        ("conv_1 w[1, 1, 1, 2] = 0.123456", "w[1,1,1,2] = 0.123456"),
        ("conv_1 w[12, 11, 111, 333] = -0.25", "w[12,11,111,333] = -..."),
        ("the tutorial's trained weights", "the tutorial's train..."),
        ("make blobs, 250 points", "make blobs, 250 points"),
    ],
)
def test_of_a_step_that_is_too_long_which_number_it_changed_and_to_what_is_kept_longest(
    name: str, written: str
) -> None:
    assert short(name, 23) == written
    assert len(written) <= 23


# The form that changes many numbers


async def test_the_change_dialog_asks_what_first_and_does_nothing_by_itself() -> None:
    async with playing() as board:
        await board.press("5", "c")
        before = board.state
        labels = [board.place(f" {label}  ")[1] for label in ("what", "with", "where", "seed")]
        assert labels == sorted(labels)
        await board.press("enter")
        assert board.state is before
        assert "expected w*2" in board.beside("amount")
        await board.type("w*2")
        await board.press("enter")
        assert (kernel(board) == before.model.weights.layers[0][0] * 2).all()


async def test_what_with_means_is_said_for_what_is_chosen() -> None:
    async with playing() as board:
        await board.press("5", "c")
        assert board.beside("amount").startswith("w*2")
        for what, hint in (("scale", "0.5: each number"), ("zero", "nothing"), ("initialize", "GlorotUniform")):
            board.app.screen.query_one("#line-what").query_one(Select).value = what
            await board.settle()
            assert board.beside("amount").startswith(hint)


@pytest.mark.parametrize("typed", ["GlorotUniform", "he_normal", "RandomNormal stddev=0.1"])
async def test_an_initializer_typed_as_a_formula_is_led_to_where_it_belongs(typed: str) -> None:
    async with playing() as board:
        await board.press("5", "c")
        before = board.state
        await board.fill("amount", typed)
        await board.press("enter")
        assert 'choose "initialize" under "what"' in board.outcome
        assert board.state is before
