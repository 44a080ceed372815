"""Keys that come before a dialog is there, all at once: each goes where a patient person's would have gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.command import CommandPalette
from textual.events import Key, Paste
from textual.keys import _character_to_key
from textual.widgets import TabbedContent

from tests.tui.board import Board, make_app, playing
from tui.dialogs.form_dialog import FormDialog
from tui.five_tabs import pages
from tui.tabs.training import TrainingTab
from tui.tabs.weights import WeightsTab
from tui.widgets.matrix import Matrix

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui.tabs.page import TabPage

CHARACTERS = {"tab": "\t", "enter": "\r", "shift+tab": None, "escape": "\x1b"}


async def test_a_form_gets_what_was_typed_before_it_was_there() -> None:
    async with playing(tutorial=False) as board:
        await board.press("2")
        board.app.query_one(TrainingTab).action_settings()
        assert isinstance(board.app.screen, FormDialog) and not board.app.screen.is_mounted
        for key in (*("tab",) * 7, "7", "shift+tab", "tab", "1", "2", "enter"):
            board.app.post_message(Key(key, CHARACTERS.get(key, key)))
        await board.press()
        await board.settle()
        assert board.session.state.recipe.epochs == 12


async def test_keys_right_after_tab_are_for_the_next_field() -> None:
    async with playing(tutorial=False) as board:
        await board.press("2", "s")
        for key in (*("tab",) * 7, "9", "enter"):
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


async def test_the_list_of_layers_is_shown_before_what_nobody_asked_for_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = list[str]()

    def noted(first: str) -> Iterator[tuple[str, type[TabPage]]]:
        made = pages(first)
        yield next(made)
        for page in made:
            opened.append(app.query_one(TabbedContent).active)
            yield page

    monkeypatch.setattr("tui.app.pages", noted)
    app, engines = make_app()
    # They came before anything was built, as fast as that may be.
    app._early += [Key(key, key) for key in ("3", "4")]
    async with app.run_test() as pilot:
        board = Board(app, pilot, engines[0])
        await board.begin()
        assert opened == ["data", "weights", "weights", "weights"]
        assert app.query_one(TabbedContent).active == "by-hand"


async def at_once(board: Board, *keys: str) -> None:
    """Press all keys before the first of them is served, as a slow line brings them."""
    for key in keys:
        board.app.post_message(Key(key, CHARACTERS.get(key, key if len(key) == 1 else None)))
    await board.press()
    await board.settle()


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        (("1", "2", "backspace", "3"), 13),
        (("5", "6", "backspace", "backspace", "7", "8"), 78),
        (("4", "1", "home", "3"), 341),
        (("1", "2", "left", "delete", "5"), 15),
    ],
)
async def test_what_is_typed_and_what_mends_it_keep_their_order(typed: tuple[str, ...], value: float) -> None:
    async with playing() as board:
        await board.press("5", "e")
        await at_once(board, *typed, "enter")
        assert board.state.model.weights.layers[0][0][0, 0] == value


async def test_a_field_that_a_key_opens_gets_the_keys_behind_it() -> None:
    async with playing() as board:
        await at_once(board, "5", "e", "5", "enter", "down", "e", "6", "backspace", "7", "enter", "3")
        assert list(board.state.model.weights.layers[0][0][:, 0]) == [5, 7]
        assert board.tab == "weights"


async def test_a_dialog_that_a_key_opens_and_another_leaves() -> None:
    async with playing() as board:
        await at_once(board, "2", "s", "tab", "tab", "tab", "x", "backspace", "a", "m", "escape", "3")
        assert board.tab == "weights"
        assert len(board.app.screen_stack) == 1


async def test_pasted_text_keeps_its_place_among_the_keys() -> None:
    async with playing() as board:
        await board.press("5", "e")
        board.app.post_message(Key("1", "1"))
        board.app.post_message(Paste("2"))
        await at_once(board, "3", "enter")
        assert board.state.model.weights.layers[0][0][0, 0] == 123


async def test_the_palette_opens_again_while_the_one_before_is_still_leaving() -> None:
    async with playing() as board:
        board.app.action_command_palette()
        board.app.action_command_palette()
        assert [type(screen) for screen in board.app.screen_stack].count(CommandPalette) == 1
        await board.press()
        board.app.screen.dismiss()
        board.app.action_command_palette()
        await board.press()
        assert isinstance(board.app.screen, CommandPalette)
        await board.press("escape")
        assert not isinstance(board.app.screen, CommandPalette)


@pytest.mark.parametrize("sign", ["≠", "≥", "\u200b"])
async def test_a_sign_that_stands_for_two_in_ascii_or_for_none_is_a_key_too(sign: str) -> None:
    async with playing() as board:
        before = board.text
        board.app.post_message(Key(_character_to_key(sign), sign))
        await board.press()
        assert board.text == before
