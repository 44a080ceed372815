"""What goes wrong between two keys: focus that leaves, numbers that change under a field, a terminal that shrinks."""

from __future__ import annotations

import re
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from textual.command import CommandPalette
from textual.widgets import Static

from core.arrays import frozen
from core.layers.dense import Dense
from core.model.files.opening import OpenedModel
from core.model.initial import initial_weights
from core.model.layers_text import chain_network
from core.model.network import Network
from core.model.weights import Weights
from tests.tui.board import Board, playing
from tests.waiting import PATIENCE
from tui.dialogs.form_dialog import FormDialog
from tui.dialogs.work_dialog import WorkDialog
from tui.tabs.by_hand import ByHandTab
from tui.widgets.cell_input import CellInput

if TYPE_CHECKING:
    from textual.app import ComposeResult


async def shrink_and_grow(board: Board) -> None:
    await board.pilot.resize_terminal(40, 10)
    await board.settle()
    await board.pilot.resize_terminal(80, 24)
    await board.settle()


# Numbers that are none


async def test_a_prediction_that_is_no_number_is_said_and_counted_apart_from_sign_zero() -> None:
    async with playing() as board:
        board.session.set_number(1, 1, (0,), float("nan"))
        await board.press("4")
        assert "the prediction is not a number (NaN)" in board.words
        await board.press("5")
        assert "sign 0" not in board.words
        assert "NaN: 450 of 450." in board.words
        await board.press("2")
        assert re.search(r"predicted sign +-1 +none +\+1", board.words)


async def test_an_overflow_of_finite_weights_is_no_crash() -> None:
    async with playing() as board:
        network = chain_network(2, "2 exponential, 1 linear")
        board.session.new_network(network)
        board.session.set_layer(0, [np.full((2, 2), 1000.0), np.full(2, 1000.0)])
        board.session.set_layer(1, [np.array([[1.0], [-1.0]]), np.zeros(1)])
        await board.press("4")
        assert "by hand nan" in board.text
        assert "not a number" in board.words


# Entries


async def test_an_entry_is_for_the_cell_that_it_was_opened_on() -> None:
    async with playing() as board:
        before = board.state.model.weights
        await board.press("5", "e")
        await board.type("42")
        await board.click("1.1575")
        assert board.state.model.weights is before
        assert "set_weights" in board.text
        await board.press("enter")
        assert board.app.focused is not None
        await board.type("7")
        await board.press("enter")
        assert board.state.done[-1] == "hidden w[2, 2] = 7"


async def test_an_entry_does_not_outlive_the_model_that_it_was_for() -> None:
    async with playing() as board:
        await board.press("5", "e")
        await board.type("55")
        other = Network.chain(2, (Dense("one", 1),))
        board.session.open(OpenedModel(other, initial_weights(other, 1), None, (), b"PK"), Path("one.keras"))
        await board.settle()
        await board.press("enter")
        assert board.state.done[-1] == "open one.keras"
        await board.press("escape", "4", "e")
        await board.type("77777")
        board.session.load_tutorial()
        await board.settle()
        assert not board.app.query_one("#typed", CellInput).display
        assert "77777" not in board.text


async def test_a_what_if_is_for_the_number_that_it_was_opened_on() -> None:
    async with playing() as board:
        await board.press("4", "e")
        await board.type("9")
        await board.click("0.4277")
        assert not board.app.query_one("#typed", CellInput).display
        assert "*" not in board.line("h1 [")


async def test_what_ifs_that_new_weights_put_back_are_counted_aloud() -> None:
    async with playing() as board:
        await board.press("4", "e")
        await board.type("9")
        await board.press("enter")
        board.session.set_number(0, 1, (0,), 1.0)
        await board.settle()
        assert "The weights changed: 1 what-if put back." in board.said


async def test_nothing_can_be_typed_into_the_weights_of_a_running_training() -> None:
    async with playing(pause_at=20) as board:
        await board.press("2", "space", "5", "e")
        assert not board.app.query_one("MatrixEditor CellInput").display
        assert "a training is under way: stop it first" in board.words


# x


async def test_an_x_that_is_not_calculated_says_so() -> None:
    async with playing() as board:
        await board.press("4", "x")
        await board.type("0.9, 0.9")
        await board.press("tab")
        assert "not calculated yet" in board.words
        assert "x =   0.3000  0.1000" in board.text
        await board.press("x", "enter")
        assert "not calculated yet" not in board.words
        assert "x =   0.9000  0.9000" in board.text


async def test_escape_leaves_x_as_it_was() -> None:
    async with playing() as board:
        await board.press("4", "x")
        await board.type("0.9, 0.9")
        await board.press("escape")
        assert "x = 0.3, 0.1" in board.text
        assert isinstance(board.page, ByHandTab)
        assert "not calculated yet" not in board.words


async def test_the_row_beside_x_is_the_row_that_x_is_from() -> None:
    async with playing() as board:
        await board.press("4", "N")
        assert "row 250 of 250" in board.text
        await board.press("n", "n", "n")
        assert "row 3 of 250" in board.text
        await board.press("1", "down", "down", "down", "down", "down", "down", "down", "x", "4")
        await board.quieten()
        assert "row 8 of 250" in board.text
        await board.press("n")
        assert "row 9 of 250" in board.text
        await board.press("x")
        await board.type("0.5, 0.5")
        await board.press("enter")
        assert "row" not in board.line("digits 4")


# Terminals that shrink


async def test_an_entry_survives_a_small_terminal() -> None:
    async with playing() as board:
        await board.press("5", "e")
        await board.type("99")
        await shrink_and_grow(board)
        await board.press("enter")
        assert board.state.done[-1] == "hidden w[1, 1] = 99"


async def test_the_keys_of_the_tab_work_after_a_dialog_in_a_small_terminal() -> None:
    async with playing() as board:
        await board.press("2", "s")
        await shrink_and_grow(board)
        await board.press("escape", "space")
        assert board.state.model.run is not None


# Leaving


async def test_leaving_with_unsaved_weights_asks_once() -> None:
    async with playing(tutorial=False) as board:
        await board.press("5", "a", "q")
        assert board.app.is_running
        assert "The weights are not saved: ctrl+s saves them, the same key again leaves." in board.said
        await board.pilot.press("q")
        assert board.app.return_code == 0


async def test_leaving_with_nothing_to_save_does_not_ask(tmp_path: Path) -> None:
    async with playing(tutorial=False) as board:
        await board.press("5", "a", "u")
        board.session.load_always_right()
        board.session.saved(board.session.state, tmp_path / "model.keras")
        await board.settle()
        await board.pilot.press("q")
        assert board.app.return_code == 0


async def test_ctrl_c_says_how_to_leave() -> None:
    async with playing() as board:
        await board.press("ctrl+c")
        assert "q leaves byhand; ctrl+q does so from within a field too." in board.said


# Large numbers


async def test_an_axis_never_cuts_a_number_in_two() -> None:
    async with playing() as board:
        network = board.state.model.network
        huge = Weights.for_network(
            network, [[frozen(array * 1e6) for array in a] for a in board.state.model.weights.layers]
        )
        board.session.set_layer(0, list(huge.layers[0]))
        await board.press("2", "space")
        for line in board.lines:
            if "|" in line[:8]:
                assert not line.split("|")[0].rstrip().endswith(("e", "e-", "e+")), line


# Dialogs whose work ends when something lies over them


class Slow(WorkDialog):
    """Works until it is let go on."""

    def __init__(self) -> None:
        self.may_go_on = threading.Event()
        super().__init__(lambda _given: self.may_go_on.wait(PATIENCE), lambda _result: None)

    def compose(self) -> ComposeResult:
        yield Static(classes="outcome", markup=False)


async def test_enter_in_a_form_that_is_not_there_yet_or_no_longer_does_nothing() -> None:
    async with playing() as board:
        form = FormDialog("nothing", (), {}, lambda _typed: None, lambda _none: None)
        board.app.push_screen(form)
        form.action_accept()
        await board.press("escape")
        form.action_accept()
        await board.press()
        assert len(board.app.screen_stack) == 1


async def test_work_that_ends_under_the_palette_leaves_the_palette_and_then_takes_its_dialog_away() -> None:
    async with playing() as board:
        slow = Slow()
        board.app.push_screen(slow)
        await board.pilot.pause()
        slow.start(None)
        board.app.action_command_palette()
        await board.pilot.pause()
        slow.may_go_on.set()
        await board.until(lambda: slow._ends)
        await board.press()
        assert isinstance(board.app.screen, CommandPalette)
        await board.press("escape")
        assert len(board.app.screen_stack) == 1
        assert not slow.is_attached
