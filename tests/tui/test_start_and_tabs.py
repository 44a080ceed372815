"""Starting, the five tabs, what the header says of Keras, themes, small terminals, leaving."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from textual.widgets import Input

from core.layers.dense import Dense
from core.model.files.opening import OpenedModel
from core.model.initial import initial_weights
from core.model.network import Network
from tests.tui.board import Board, RecordingEngine, playing
from tui.engine_client import Gone
from tui.keras_status import Keras
from tui.widgets.matrix import Matrix

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.engine.protocol import Event

TABS = [
    ("1", "1 Data", "data", "Points with a label"),
    ("2", "2 Training", "training", "Keras moves the weights"),
    ("3", "3 Weights", "weights", "Every number of the model"),
    ("4", "4 By hand", "by-hand", "Layer by layer"),
    ("5", "5 Set weights", "set-weights", "Be the training yourself"),
]


NETWORK = Network.chain(3, (Dense("first", 2, "tanh"), Dense("last", 1)))
OPENED = (OpenedModel(NETWORK, initial_weights(NETWORK, 0), None, (), b""), Path("theirs.keras"), None)


def header(board: Board) -> str:
    return board.lines[0]


async def test_the_keys_1_to_5_open_the_tabs() -> None:
    async with playing() as board:
        for key, title, tab, words in [*TABS[1:], TABS[0]]:
            await board.press(key)
            assert board.tab == tab
            assert words in board.text
            assert title in board.lines[1]


async def test_a_model_that_came_without_data_is_opened_on_its_layers() -> None:
    async with playing(tutorial=False, opened=OPENED) as board:
        assert board.tab == "weights"
        assert "first.get_weights()" in board.text
        await board.press("right")
        assert board.page.query_one(Matrix).cursor == (0, 1)
        for key, _title, tab, _words in TABS:
            await board.press(key)
            assert board.tab == tab


async def test_a_click_on_a_tab_opens_it() -> None:
    async with playing() as board:
        for _key, title, tab, words in [*TABS[1:], TABS[0]]:
            await board.click(title)
            assert board.tab == tab
            assert words in board.text


@pytest.mark.parametrize(("key", "page_keys"), [("1", "down"), ("3", "right"), ("4", "down"), ("5", "right")])
async def test_a_tab_that_is_opened_has_the_focus_where_its_keys_work(key: str, page_keys: str) -> None:
    async with playing() as board:
        await board.press(key)
        focused = board.app.focused
        assert focused is not None
        before = getattr(focused, "cursor", None), getattr(focused, "spot", None)
        await board.press(page_keys)
        assert (getattr(focused, "cursor", None), getattr(focused, "spot", None)) != before


async def test_the_tabs_are_the_same_after_going_through_them_twice() -> None:
    async with playing() as board:
        seen = []
        for _ in range(2):
            for key, *_ in TABS:
                await board.press(key)
                seen.append(board.text)
        assert seen[:5] == seen[5:]


# The header


class SlowToStart(RecordingEngine):
    """Keras's import never ends unless the test says so."""

    async def start(self) -> None:
        self.starts += 1

    async def import_keras(self) -> None:
        await super().start()


class DyingAtOnce(RecordingEngine):
    """A Keras that cannot be imported."""

    def __init__(self, on_event: Callable[[Event | Gone], None], pause_at: int | None = None) -> None:
        super().__init__(on_event, pause_at)
        self._tell = on_event

    async def start(self) -> None:
        self.starts += 1
        asyncio.get_running_loop().call_soon(self._tell, Gone(1, "Traceback\nImportError: no keras here"))


async def test_everything_but_keras_works_while_keras_starts() -> None:
    async with playing(engine=SlowToStart) as board:
        assert header(board).endswith("Keras starting")
        await board.press("4")
        assert "by hand 0.9302 (0.93015913)  Keras is starting" in board.text
        await board.press("2", "y")
        assert board.said == ["expected a training to play, got none: space trains"]
        assert isinstance(board.engine, SlowToStart)
        await board.engine.import_keras()
        await board.settle()
        assert header(board).endswith("Keras ready")
        await board.press("4")
        await board.quieten()
        assert "Keras 0.930159" in board.text
        assert board.state.model.run is None


async def test_a_training_that_is_wanted_while_keras_starts_begins_then_unless_it_is_taken_back() -> None:
    async with playing(engine=SlowToStart, tutorial=False) as board:
        assert isinstance(board.engine, SlowToStart)
        await board.press("2")
        assert "Keras is starting; space trains once it is ready" in board.text
        for taking_back in ("space", "escape"):
            await board.press("space")
            assert "Keras is starting; it trains then (space or esc: don't)" in board.text
            assert "esc Don't train" in board.lines[-1]
            await board.press(taking_back)
            assert "Keras is starting; space trains once it is ready" in board.text
            assert "Don't train" not in board.lines[-1]
        # Of several the last one counts, other tabs and turned settings in between or not.
        await board.press("space", ".", "up", "3", "2")
        assert "it trains then" in board.text
        assert board.said == [] and board.state.model.run is None
        await board.engine.import_keras()
        await board.settle()
        assert board.state.model.run is not None and board.state.model.run.paused is not None
        assert "after epoch 1: space goes on" in board.text
        assert board.state.recipe.learning_rate == 0.002


async def test_the_header_says_that_keras_trains_and_how_far_it_is() -> None:
    async with playing(pause_at=30) as board:
        await board.press("2", "space")
        assert header(board).endswith("epoch 30/150   Keras training")
        board.engine.resume()
        await board.settle()
        assert header(board).endswith("epoch 150/150   Keras ready")


async def test_an_engine_that_never_comes_up_is_started_three_times_and_then_called_gone() -> None:
    async with playing(engine=DyingAtOnce) as board:
        await board.until(lambda: board.app.keras is Keras.GONE and board.engine.starts == 3, "the third start")
        await board.settle()
        assert header(board).endswith("Keras gone")
        assert board.engine.starts == 3
        assert "exit code 1: ImportError: no keras here" in board.said[-1]
        assert "everything but Keras's numbers works" in board.said[-1]
        await board.press("4")
        await board.quieten()
        assert "by hand 0.9302 (0.93015913)  Keras is gone" in board.text


async def test_an_engine_that_dies_is_said_to_and_started_again() -> None:
    async with playing() as board:
        board.engine.die()
        await board.settle()
        assert board.engine.starts == 2
        assert "killed by signal 9" in board.said[-1]
        assert header(board).endswith("Keras ready")
        await board.press("4")
        await board.quieten()
        assert "Keras 0.930159" in board.text


async def test_a_wide_model_gives_way_to_what_keras_does() -> None:
    async with playing() as board:
        board.session.set_recipe(board.state.recipe, ", ".join(["7 softmax"] * 12 + ["1 tanh"]))
        await board.settle()
        assert len(header(board)) <= 80
        assert "..." in header(board)
        assert header(board).endswith("Keras ready")


# How it looks


async def test_l_changes_between_dark_and_light() -> None:
    async with playing() as board:
        assert board.app.theme == "byhand-dark"
        await board.press("l")
        assert board.app.theme == "byhand-light"
        assert board.app.current_theme.dark is False
        await board.press("l")
        assert board.app.theme == "byhand-dark"


async def test_i_hides_the_sentences_and_brings_them_back() -> None:
    async with playing() as board:
        assert TABS[0][3] in board.text
        await board.press("i")
        assert TABS[0][3] not in board.text
        await board.press("4")
        assert TABS[3][3] not in board.text
        await board.press("i")
        assert TABS[3][3] in board.text


async def test_d_goes_round_from_1_to_9_digits() -> None:
    async with playing() as board:
        seen = []
        for _ in range(10):
            seen.append(board.app.digits)
            await board.press("d")
        assert seen == [4, 5, 6, 7, 8, 9, 1, 2, 3, 4]
        await board.press("D")
        assert board.app.digits == 4


async def test_keys_do_nothing_but_type_in_a_field() -> None:
    async with playing() as board:
        await board.press("s", "tab")
        before = board.tab, board.app.digits, board.app.theme
        await board.type("2diluq")
        field = board.app.focused
        assert isinstance(field, Input)
        assert field.value == "2diluq"
        assert (board.tab, board.app.digits, board.app.theme) == before


# Small terminals


@pytest.mark.parametrize("size", [(79, 24), (80, 22), (20, 5), (1, 1)])
async def test_a_terminal_that_is_too_small_gets_a_message_and_recovers(size: tuple[int, int]) -> None:
    async with playing() as board:
        await board.press("4")
        before = board.text
        await board.pilot.resize_terminal(*size)
        await board.settle()
        message = f"byhand needs 80 x 23 characters; this terminal has {size[0]} x {size[1]}."
        shown = board.app.screen.query_one("#too-small-text")
        assert str(shown.render()) == message
        if size[0] >= 79:
            assert message in board.text
        assert "W^T x" not in board.text
        await board.pilot.resize_terminal(80, 24)
        await board.settle()
        assert board.text == before


async def test_the_keys_work_again_after_a_small_terminal() -> None:
    async with playing() as board:
        await board.press("3")
        await board.pilot.resize_terminal(40, 10)
        await board.settle()
        await board.pilot.resize_terminal(100, 30)
        await board.settle()
        await board.press("right", "down")
        assert board.line("weight from").endswith("weight from x2 to unit 2: 1.15749049")


async def test_a_terminal_that_is_too_small_from_the_start_recovers() -> None:
    async with playing((60, 20)) as board:
        assert "byhand needs 80 x 23 characters; this terminal has 60 x 20." in board.text
        await board.pilot.resize_terminal(80, 24)
        await board.settle()
        assert "250 points of 2 numbers from 0 to 1" in board.text
        await board.press("4")
        assert "0.9302" in board.text


async def test_a_dialog_survives_a_small_terminal() -> None:
    async with playing() as board:
        await board.press("s")
        await board.fill("points", "77")
        await board.pilot.resize_terminal(40, 10)
        await board.settle()
        assert "byhand needs 80 x 23" in board.words
        await board.pilot.resize_terminal(80, 24)
        await board.settle()
        await board.press("enter")
        assert len(board.state.dataset) == 77


# Leaving


@pytest.mark.parametrize("key", ["q", "ctrl+q"])
async def test_leaving_ends_with_0_and_ends_the_engine(key: str) -> None:
    async with playing(tutorial=False) as board:
        await board.pilot.press(key)
        await board.until(lambda: not board.app.is_running, "the end")
    assert board.app.return_code == 0
    assert board.app.return_value == 0
    assert not board.engine._alive


async def test_ctrl_q_leaves_from_within_a_field() -> None:
    async with playing(tutorial=False) as board:
        await board.press("s")
        await board.pilot.press("ctrl+q")
        await board.until(lambda: not board.app.is_running, "the end")
    assert board.app.return_value == 0


@pytest.mark.parametrize(("tab", "key", "named"), [("1", "s", "Make data"), ("2", "s", "Training settings")])
async def test_tab_leaves_the_keys_of_the_page_alive(tab: str, key: str, named: str) -> None:
    async with playing() as board:
        await board.press(tab, "tab", "tab", "shift+tab", key)
        assert named in board.text
