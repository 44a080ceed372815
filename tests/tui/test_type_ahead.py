"""Keys that come before a dialog is there, all at once: each goes where a patient person's would have gone."""

from __future__ import annotations

from textual.events import Key

from tests.tui.board import playing
from tui.dialogs.form_dialog import FormDialog
from tui.tabs.training import TrainingTab
from tui.tabs.weights import WeightsTab
from tui.widgets.matrix import Matrix

CHARACTERS = {"tab": "\t", "enter": "\r", "shift+tab": None, "escape": "\x1b"}


async def test_a_form_gets_what_was_typed_before_it_was_there() -> None:
    async with playing(tutorial=False) as board:
        await board.press("2")
        board.app.query_one(TrainingTab).action_settings()
        assert isinstance(board.app.screen, FormDialog) and not board.app.screen.is_mounted
        for key in ("tab", "tab", "tab", "tab", "7", "shift+tab", "tab", "1", "2", "enter"):
            board.app.post_message(Key(key, CHARACTERS.get(key, key)))
        await board.press()
        await board.settle()
        assert board.session.state.recipe.epochs == 12


async def test_keys_right_after_tab_are_for_the_next_field() -> None:
    async with playing(tutorial=False) as board:
        await board.press("2", "s")
        for key in ("tab", "tab", "tab", "tab", "9", "enter"):
            board.app.post_message(Key(key, CHARACTERS.get(key, key)))
        await board.press()
        await board.settle()
        assert board.session.state.recipe.epochs == 9


async def test_a_dialog_can_be_left_before_it_is_there() -> None:
    async with playing() as board:
        await board.press("3")
        board.app.query_one(WeightsTab).action_go_to()
        board.app.post_message(Key("escape", "\x1b"))
        await board.press()
        assert not isinstance(board.app.screen, FormDialog)
        assert board.page.query_one(Matrix).has_focus
