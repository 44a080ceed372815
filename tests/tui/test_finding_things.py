"""Finding things: the help and the palette begin where the person is, and do what they name; the keys at the foot."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

import pytest
from textual.command import CommandPalette
from textual.widgets import Input, OptionList

from core.errors import Refused
from tests.tui.board import Board, playing
from tui.commands import EVERYWHERE, SECTIONS, Shown
from tui.dialogs.help_dialog import HelpDialog
from tui.finding import HERE, Deed, deeds
from tui.widgets.form import Form
from tui.widgets.key_bar import Key, KeyBar, fitting, placed
from tui.widgets.matrix import Matrix

if TYPE_CHECKING:
    from pathlib import Path

    from tui.commands import Command

TABS = [tab for tab, *_ in SECTIONS if tab is not None]
COMMANDS = [(tab, title, command) for tab, title, commands in SECTIONS for command in commands]


def titles(board: Board) -> list[str]:
    return [title for title, _ in groupby(deed.title for deed in deeds(board.app.screen))]


def listed(board: Board) -> str:
    """All that the help lists, on and off the screen, with its spaces closed up."""
    options = board.app.screen.query_one(OptionList).options
    return " ".join(" ".join(str(option.prompt) for option in options).split())


def deed(board: Board, help_: str, title: str) -> Deed:
    (found,) = [one for one in deeds(board.app.screen) if (one.help, one.title) == (help_, title)]
    return found


# Help


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_help_begins_where_the_person_is_then_its_tab_then_everywhere(size: tuple[int, int]) -> None:
    async with playing(size) as board:
        await board.press("5", "question_mark")
        assert isinstance(board.app.screen, HelpDialog)
        assert listed(board).startswith(f"{HERE} up down left right go from number to number home end go to the first")
        assert board.place("type to search")[1] < board.place(HERE)[1] < board.place("a number, or a formula")[1]
        await board.press("escape")
        assert titles(board)[:3] == [HERE, "5 Set weights", "Everywhere"]
        assert set(titles(board)[3:]) == {"1 Data", "2 Training", "3 Weights", "4 By hand"}
        await board.press("4", "enter")
        unfolded = deeds(board.app.screen)
        assert [one.name for one in unfolded[:3]] == ["Follow", "Back", "To the page"]
        assert titles(board)[:3] == [HERE, "4 By hand", "Everywhere"]
        await board.press("question_mark", "end")
        assert "build a model from a rule" in listed(board)
        assert shown_fits(board)


def shown_fits(board: Board) -> bool:
    """Whether no line of the list is cut off at its end."""
    options = board.app.screen.query_one(OptionList)
    return all(len(line) < options.size.width for one in options.options for line in str(one.prompt).split("\n"))


async def test_the_help_has_every_command_once_and_says_how_to_select() -> None:
    async with playing() as board:
        for tab in TABS:
            board.app.action_tab(tab)
            await board.settle()
            all_ = deeds(board.app.screen)
            for place, title, command in COMMANDS:
                if not command.help or command.action == "extend(0, 1)":
                    continue
                found = [one for one in all_ if one.help == command.help and set(one.keys) & set(command.keys)]
                own = [one for one in found if one.title == title]
                if place in ("data", "training") and command.action in ("look", "output"):
                    # The tutorial's labels are no numbers: these keys do nothing.
                    assert not own, (tab, command)
                    continue
                # What a key does here is not listed under a key that does something else here.
                assert own or place in (tab, None), (tab, command)
                assert len(own) <= 1 or len({one.keys for one in own}) == len(own), (tab, command)
        assert any("hold shift and press arrows" in one.help for one in all_ if one.title == HERE)


async def test_what_is_typed_in_the_help_finds_and_enter_does_it_where_the_person_was() -> None:
    async with playing() as board:
        await board.press("5", "right", "question_mark", *"tutorial print")
        assert "T take the weights that the tutorial prints (5 Set weights)" in listed(board)
        assert "go from number to number" not in listed(board)
        await board.press(*["backspace"] * 14, "T")
        # A key finds what it does before all that has the letter in it.
        assert listed(board).startswith("T take the weights that the tutorial prints")
        await board.press("enter")
        assert (board.tab, len(board.app.screen_stack)) == ("set-weights", 1)
        assert board.state.done[-1].startswith("the tutorial's trained weights")
        matrix = board.page.query_one(Matrix)
        assert matrix.cursor == (0, 1)
        await board.press("question_mark", *"first or the last column", "enter")
        assert matrix.cursor == (0, 0) and matrix.has_focus


async def test_the_help_does_what_belongs_to_another_tab_there() -> None:
    async with playing() as board:
        await board.press("question_mark", *"parity", "enter")
        assert board.tab == "set-weights"
        assert "rule" in board.text and len(board.app.screen_stack) == 2


async def test_the_help_can_be_clicked_and_left_and_finds_nothing_without_a_fault() -> None:
    async with playing() as board:
        await board.press("question_mark", *"zzz")
        assert "nothing here has these words" in listed(board)
        await board.press("enter", "down", "enter")
        assert isinstance(board.app.screen, HelpDialog)
        await board.press("backspace", "backspace", "backspace", *"spiral")
        await board.click("make data")
        assert "Make data" in board.text
        await board.press("escape", "f1")
        assert isinstance(board.app.screen, HelpDialog)
        await board.press("question_mark")
        assert len(board.app.screen_stack) == 1


async def test_the_help_has_the_height_of_a_tall_terminal_and_more_width_in_a_wide_one() -> None:
    async with playing((140, 50)) as board:
        await board.press("question_mark")
        size = board.app.screen.query_one(".dialog").outer_size
        assert size.height > 45 and size.width > 100


async def test_a_practice_has_its_own_keys_in_the_help_and_no_refused_ones() -> None:
    async with playing() as board:
        await board.press("4", "p", "enter")
        of_tab = [one for one in deeds(board.app.screen) if one.title == "4 By hand"]
        assert [one.name for one in of_tab[:3]] == ["Next", "Answer", "End"]
        assert "type the point to calculate" not in [one.help for one in of_tab]


def test_keys_are_shown_as_they_stand_on_a_keyboard() -> None:
    shown = {key for _tab, _title, command in COMMANDS for key in command.keys}
    assert {"<", ">", "[", "]", "{", "}", ".", ",", "?", "+", "=", "-", "^o", "space", "enter", "f1", "esc"} <= shown
    assert not any("_" in key for key in shown)


# Palette


async def test_the_palette_begins_where_the_person_is_and_ends_with_oddities() -> None:
    async with playing() as board:
        await board.press("4", "ctrl+p")
        assert isinstance(board.app.screen, CommandPalette)
        options = board.app.screen.query_one(OptionList)
        await board.until(lambda: options.option_count > 100, "the palette's entries")
        names = [str(option.prompt).split("\n")[0] for option in options.options]
        assert names[0].startswith("Set x (4 By hand, key x)")
        places = [place for place, _ in groupby(name.partition("(")[2].partition(",")[0] for name in names)]
        assert places[:2] == ["4 By hand", "Everywhere"]
        assert names[-1].startswith(("Theme", "Maximize"))
        assert not any("Keys" in name or name.startswith("Up") for name in names)


async def test_the_palette_runs_a_command_of_another_tab() -> None:
    async with playing() as board:
        await board.press("ctrl+p")
        await board.type("Always right")
        await board.until(lambda: "Always right (5 Set weights" in board.text, "the command in the palette")
        await board.press("enter")
        await board.until(lambda: board.tab == "set-weights", "the tab")
        await board.settle()
        assert board.state.model.network.layers[0].name == "output"
        assert "no fresh point fails: 200 of 200" in board.text


@pytest.mark.parametrize("tab", TABS)
async def test_every_command_of_a_tab_can_be_done_from_another_tab(tab: str) -> None:
    async with playing() as board:
        for place, title, command in COMMANDS:
            if place != tab:
                continue
            board.app.action_tab("data" if tab != "data" else "weights")
            await board.pilot.pause()
            await board.app.do(Deed(title, command.keys, command.name, command.help, command.action, tab))
            await board.settle()
            assert (board.tab, board.app.is_running) == (tab, True)
            assert command.action != "edit" or isinstance(board.app.focused, Input)
            assert command.action not in ("settings", "new", "paste") or len(board.app.screen_stack) == 2
            # Out of dialogs, of a field, and of what enter has unfolded.
            await board.press("escape", "escape")
            assert len(board.app.screen_stack) == 1


# A picture of the screen


async def test_a_screenshot_says_where_it_is_saved_or_why_it_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    downloads = tmp_path / "Downloads"
    monkeypatch.setattr("tui.screenshot.user_downloads_path", lambda: downloads)
    monkeypatch.chdir(tmp_path)
    async with playing() as board:
        # There is no folder for downloads: where byhand was started.
        await board.press("f2")
        (here,) = tmp_path.glob("byhand-*.svg")
        assert board.said == [f"saved as {here}"]
        assert "250" in here.read_text()
        downloads.mkdir()
        await board.press("question_mark", *"picture of the screen", "enter")
        (there,) = downloads.iterdir()
        assert board.said[-1] == f"saved as {there}"
        assert "type to search" not in there.read_text()

        def full(path: Path, data: bytes) -> None:
            raise Refused(f"could not save {path.name}: the disk is full")

        monkeypatch.setattr("tui.screenshot.write_whole", full)
        await board.press("f2")
        assert board.said[-1].endswith(": the disk is full")


# The keys at the foot of the screen


def key_of(command: Command) -> Key:
    return Key(command.keys[0], command.name, command.key, command.shown)


@pytest.mark.parametrize("title", [title for tab, title, _ in SECTIONS if tab])
@pytest.mark.parametrize(("width", "promised"), [(78, Shown.AT_80), (118, Shown.AT_120)])
def test_what_is_to_stand_at_the_foot_fits(title: str, width: int, promised: Shown) -> None:
    (commands,) = [commands for _, name, commands in SECTIONS if name == title]
    # One key for each thing and one thing for each key, as the bar has it.
    named = [one for one in (*commands, *EVERYWHERE) if one.name and one.key not in ("ctrl+q", "escape")]
    keys = [key_of(one) for one in {one.key: one for one in named}.values()]
    shown = fitting(keys, width)
    assert {key for key in keys if key.shown <= promised} <= set(shown)
    line = placed(shown, width)
    assert line[-1][0] + line[-1][1].width - 2 == width
    ends = [column + key.width for column, key in line]
    assert all(end <= column for end, (column, _) in zip(ends, line[1:], strict=False))


def test_help_and_quit_stay_in_the_narrowest_foot_and_nothing_is_cut() -> None:
    keys = [
        Key("a", "x" * 30, "a", Shown.AT_80),
        Key("?", "Help", "?", Shown.ALWAYS),
        Key("q", "Quit", "q", Shown.ALWAYS),
    ]
    assert [key.key for key in fitting(keys, 40)] == ["?", "q"]
    assert [key.key for key in fitting(keys, 50)] == ["a", "?", "q"]
    assert placed(fitting(keys, 40), 40)[0][0] == 40 - len("? Help  q Quit")


async def test_the_foot_never_loses_help_and_quit_and_follows_the_focus() -> None:
    async with playing() as board:
        await board.press("5")
        assert board.lines[-1].split()[-4:] == ["?", "Help", "q", "Quit"]
        await board.press("e")
        assert board.lines[-1].split()[-4:] == ["f1", "Help", "^q", "Quit"]
        await board.press("escape", "4", "enter")
        assert "esc To the page" in board.lines[-1]
        assert board.lines[-1].split()[-4:] == ["?", "Help", "q", "Quit"]
        await board.pilot.resize_terminal(120, 40)
        await board.press("escape", "5")
        for shown in ("T Tutorial's", "L Lessons", "^p Palette", "? Help", "q Quit"):
            assert shown in board.lines[-1]
        await board.click("L Lessons")
        assert "Lessons: enter begins one" in board.text


async def test_every_dialogs_keys_fit_in_80_columns() -> None:
    async with playing() as board:
        for opening in (["1", "s"], ["1", "o"], ["2", "s"], ["4", "o"], ["4", "t"], ["5", "p"], ["5", "n"], ["L"]):
            await board.press(*opening)
            bar = board.app.screen.query_one(KeyBar)
            bound = [one.binding for one in board.app.screen.active_bindings.values() if one.binding.show]
            assert len(bar.keys) == len({binding.action for binding in bound}), opening
            if board.app.screen.query(Form):
                assert "enter Do it" in board.lines[-1], "the footer is right before any key is pressed"
            await board.press("escape")
