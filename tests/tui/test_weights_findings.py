"""What the Weights tab finds out: statistics, what changed, which units are idle; and what can be taken away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from textual.widgets import Input, OptionList, Select

from core.layers.dense import Dense
from core.model.literal import parse_arrays
from core.model.network import Network
from core.model.save_model import save_model
from core.training.recipe import Recipe
from tests.tui.board import Board, playing, text_of
from tui.dialogs.list_dialog import ListDialog

if TYPE_CHECKING:
    from pathlib import Path


async def compare(board: Board, what: str, where: str = "") -> None:
    await board.press("o")
    for name, value in (("what", what), ("where", where)):
        board.app.screen.query_one(f"#line-{name}").value = value  # type: ignore[attr-defined]
    await board.pilot.pause()
    board.app.screen.action_accept()  # type: ignore[attr-defined]
    await board.settle()


def statistics(board: Board) -> str:
    return " ".join(text_of(board.app.query_one("#statistics")).split())


async def test_the_array_under_the_cursor_is_measured() -> None:
    async with playing() as board:
        await board.press("3")
        said = statistics(board)
        assert said.startswith("kernel 2 x 5 float32, 40 B min -1.0824 max 1.1575 mean 0.0929 std 0.7360 norm 2.3459")
        assert "zeros 0.0 % NaN 0 inf 0" in said
        assert said.count("#") == 60
        await board.press("down", "down")
        assert statistics(board).startswith("bias 5 float32, 20 B min -0.1829 max 0.2774")


async def test_a_large_array_is_measured_beside_the_screen() -> None:
    async with playing(tutorial=False) as board:
        board.session.new_network(Network.chain(400, (Dense("wide", 300),)))
        await board.press("3")
        assert statistics(board).startswith("kernel 400 x 300 float32, 469 kB min -0.0")


async def test_what_changed_is_listed_largest_first_and_gone_to() -> None:
    async with playing() as board:
        await board.press("3")
        await compare(board, "the initial weights")
        assert "Every number is the same, bit for bit." in board.text
        await board.press("escape")
        board.session.set_number(1, 0, (3, 0), 9.0)
        board.session.set_number(1, 1, (0,), 1.0)
        await board.settle()
        await compare(board, "the initial weights")
        assert "Bit-equal: hidden." in board.text
        assert "output kernel: 1 number changed, by 7.686" in board.words
        options = board.app.screen.query_one(OptionList)
        assert options.option_count == 2
        assert str(options.get_option_at_index(0).prompt).split()[:3] == ["output", "kernel[4,", "1]"]
        await board.press("enter")
        assert "weight from h4 to unit 1: 9" in board.text


async def test_an_epoch_a_step_and_a_file_can_be_compared_with(tmp_path: Path) -> None:
    async with playing() as board:
        await board.press("3")
        await compare(board, "before the last step")
        assert isinstance(board.app.screen, ListDialog)
        await board.press("escape")
        await compare(board, "an epoch", "3")
        assert "expected a training whose epochs" in board.outcome
        await board.press("escape")
        model = board.state.model
        path = tmp_path / "other.keras"
        save_model(path, model.network, model.weights.with_number(0, 0, (0, 0), 5.0), Recipe(), None)
        await compare(board, "a file", str(path))
        assert "hidden kernel: 1 number changed" in board.words


async def test_what_is_typed_is_what_is_compared_with(tmp_path: Path) -> None:
    path = tmp_path / "other.keras"
    async with playing() as board:
        model = board.state.model
        save_model(path, model.network, model.weights.with_number(0, 0, (0, 0), 5.0), Recipe(), None)
        await board.press("3", "o", "tab")
        chosen = board.app.screen.query_one(Select)
        await board.type("3")
        assert chosen.value == "an epoch"
        await board.type(str(path))
        assert chosen.value == "a file"
        await board.press("enter")
        assert "Against other.keras" in board.text and "hidden kernel: 1 number changed" in board.words


async def test_a_path_beside_another_choice_is_refused_and_not_ignored() -> None:
    async with playing() as board:
        await board.press("3", "o")
        await board.fill("where", "other.keras")
        board.app.screen.query_one(Select).value = "before the last step"
        await board.press("enter")
        assert board.beside("where").startswith("expected nothing for before the last step, got 'other.keras'")
        await board.fill("where", "x")
        board.app.screen.query_one(Input).value = ""
        await board.settle()
        assert board.app.screen.query_one(Select).value == "the initial weights"


async def test_where_nothing_is_found_there_is_nowhere_to_go() -> None:
    async with playing() as board:
        await board.press("3", "b")
        assert "No unit is dead" in board.text and "Go there" not in board.text
        await board.press("enter")
        assert isinstance(board.app.screen, ListDialog)


async def test_another_architecture_is_refused_in_words(tmp_path: Path) -> None:
    network = Network.chain(2, (Dense("one", 1),))
    path = tmp_path / "other.keras"
    async with playing() as board:
        await board.press("3")
        before = board.state.model
        board.session.new_network(network)
        save_model(path, network, board.state.model.weights, Recipe(), None)
        board.session.trail.undo()
        assert board.state.model is before
        await board.settle()
        await compare(board, "a file", str(path))
        assert "expected" in text_of(board.app.screen.query_one(".outcome"))


async def test_idle_units_are_listed_and_gone_to() -> None:
    async with playing() as board:
        board.session.new_network(Network.chain(2, (Dense("hidden", 3, "relu"), Dense("output", 1, "tanh"))))
        board.session.set_layer(0, [np.array([[1, -1, 1], [1, -1, 1]], np.float32), np.array([0, -1, 0], np.float32)])
        await board.press("3", "b")
        assert "Go there" in board.text
        assert "1 finding over the 250 points of the data." in board.text
        assert board.line("dead  ").split()[1:6] == ["hidden", "unit", "2", "dead", "100.0"]
        await board.press("enter")
        assert "weight from x1 to unit 2: -1" in board.text


@pytest.mark.parametrize(("letter", "begins"), [("p", "np.array([["), ("m", "|"), ("l", "\\")])
async def test_arrays_are_taken_away_as_text(letter: str, begins: str) -> None:
    async with playing() as board:
        await board.press("3", "t", "enter")
        await board.press(letter, "enter")
        assert begins in board.app.clipboard
        assert "clipboard" in board.said[-1]


async def test_what_is_copied_is_what_set_weights_takes() -> None:
    async with playing() as board:
        await board.press("3", "c")
        copied = board.app.clipboard
        assert copied.startswith(("[\n", "[np.array("))
        expected = board.state.model.network.arrays_of(0)
        again = parse_arrays(copied, expected, "hidden")
        for array, back in zip(board.state.model.weights.layers[0], again, strict=True):
            assert array.tobytes() == back.tobytes()


async def test_all_arrays_are_saved_as_numpy_has_them(tmp_path: Path) -> None:
    path = tmp_path / "all.npz"
    async with playing() as board:
        await board.press("3", "t")
        board.app.screen.query_one("#line-what").value = "every layer"  # type: ignore[attr-defined]
        await board.pilot.pause()
        board.app.screen.action_accept()  # type: ignore[attr-defined]
        await board.settle()
        await board.press("z", "s")
        await board.type(str(path))
        await board.press("enter")
        with np.load(path) as saved:
            assert saved["hidden/kernel"].tobytes() == board.state.model.weights.layers[0][0].tobytes()
            assert len(saved.files) == 4
