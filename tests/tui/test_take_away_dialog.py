"""Taking the calculation or an exercise away from By hand: copied through the terminal, or saved to a file."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from textual.widgets import Input, OptionList

from core.export.formats import FORMATS
from core.model.files.opening import OpenedModel
from core.model.initial import initial_weights
from core.model.layers_text import chain_network
from tests.spreadsheets import read
from tests.tui.board import playing
from tui.dialogs import take_away_dialog
from tui.dialogs.take_away_dialog import TakeAwayDialog

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import pytest

    from tests.tui.board import Board


@asynccontextmanager
async def by_hand(size: tuple[int, int] = (80, 24)) -> AsyncIterator[Board]:
    """Run the app with the tutorial's x on By hand."""
    async with playing(size) as board:
        await board.go("4")
        await board.press("x")
        await board.type("0.3, 0.1")
        await board.press("enter")
        yield board


async def copy(board: Board, letter: str) -> str:
    """Take the calculation away in one format, through the clipboard, and return what is in that then."""
    await board.press("t", letter, "enter")
    assert not isinstance(board.app.screen, TakeAwayDialog)
    return board.app.clipboard


async def save(board: Board, letter: str, path: Path) -> None:
    """Choose a format in the open dialog and save it as ``path``."""
    await board.press(letter, "s")
    await board.type(str(path))
    await board.press("enter")


async def test_every_format_is_listed_copied_and_saved_as_the_same(tmp_path: Path) -> None:
    async with by_hand() as board:
        await board.press("t")
        assert board.outcome == "enter copies it through the terminal, s saves it to a file"
        for one in FORMATS.values():
            assert f"{one.letter}  {one.words[0].upper()}{one.words[1:]}" in board.text
        await board.press("escape")
        assert board.app.clipboard == ""
        copied = {one.name: await copy(board, one.letter) for one in FORMATS.values() if one.is_text}
        assert len(set(copied.values())) == 5
        page = copied["markdown"]
        size = f"Markdown, as GitHub shows it, {len(page.splitlines())} lines, {len(page):,} bytes"
        assert f"Sent to the terminal's clipboard: {size}." in board.said
        await board.press("t")
        await save(board, "m", tmp_path / "page.md")
        assert (tmp_path / "page.md").read_text() == page
        assert board.said[-1] == f"Saved as {tmp_path / 'page.md'}: {size}."


async def test_it_is_the_calculation_on_the_page() -> None:
    async with by_hand((120, 40)) as board:
        page = await copy(board, "t")
        assert "by hand  0.9302 (0.93015913)\nKeras    0.9302 (" in page
        await board.press("r")
        page = await copy(board, "t")
        assert "rounding carried" in page
        assert "by hand  0.9301" in page
        await board.press("r", "d", "f", "t", "down", "up", "down", "enter")
        assert "digits 5 or fractions, rounding shown" in board.app.clipboard
        assert "x = [ 3/10 ] [ 1/10 ]" in board.app.clipboard
        assert "0.93016" in board.app.clipboard


async def test_what_was_tried_on_the_page_is_taken_along_and_named() -> None:
    async with by_hand() as board:
        await board.press("e")
        await board.type("2")
        await board.press("enter")
        page = await copy(board, "t")
        assert "changed by hand, so this is not the model's own calculation: " in page
        assert "Keras" not in page


async def test_a_spreadsheet_is_saved_and_not_copied(tmp_path: Path) -> None:
    async with by_hand() as board:
        await board.press("t", "x", "enter")
        assert board.outcome == "a spreadsheet with live formulas cannot be copied as text: s saves it to a file"
        assert board.app.clipboard == ""
        await save(board, "x", tmp_path / "page.xlsx")
        assert list(read((tmp_path / "page.xlsx").read_bytes())) == ["Calculation"]
        assert "a spreadsheet with live formulas" in board.said[-1]


async def test_a_file_that_is_there_is_replaced_only_when_asked_again(tmp_path: Path) -> None:
    first, second = tmp_path / "a.md", tmp_path / "b.md"
    first.write_text("mine")
    second.write_text("mine too")
    async with by_hand() as board:
        await board.press("t")
        await save(board, "m", first)
        assert board.outcome == "a.md is there already: enter again replaces it, or type another name"
        await board.type(str(second))
        await board.press("enter")
        assert board.outcome.startswith("b.md is there already")
        assert (first.read_text(), second.read_text()) == ("mine", "mine too")
        await board.press("enter")
        assert (first.read_text(), second.read_text()[:8]) == ("mine", "# hidden")
        assert not isinstance(board.app.screen, TakeAwayDialog)


async def test_what_cannot_be_saved_is_said_and_can_be_mended(tmp_path: Path) -> None:
    async with by_hand() as board:
        await board.press("t", "p", "s")
        field = board.app.screen.query_one("#file", Input)
        assert field.value == "calculation.py"
        await board.press("end", "m")
        assert field.value == "calculation.pym"
        assert board.app.screen.query_one(OptionList).highlighted == 3
        for typed, said in (
            (str(tmp_path / "no" / "a.py"), "there is no such folder"),
            ("", "expected the name of a file"),
        ):
            await board.type(typed)
            await board.press("enter")
            assert said in board.outcome
        await board.type(str(tmp_path / "a.py"))
        await board.press("enter")
        assert "import numpy as np" in (tmp_path / "a.py").read_text()


async def test_what_is_much_to_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(take_away_dialog, "OFTEN_CUT", 1000)
    async with by_hand() as board:
        await copy(board, "t")
        assert board.said[-1].endswith("bytes. Many terminals take less; s saves it to a file.")
        monkeypatch.setattr(take_away_dialog, "MOST_COPIED", 1000)
        await board.press("t", "m", "enter")
        assert "are too many to copy through a terminal: s saves them to a file" in board.outcome
        assert board.app.clipboard.startswith("hidden 5 tanh")


async def test_a_model_that_a_format_has_no_room_for_is_refused_in_the_dialog(tmp_path: Path) -> None:
    network = chain_network(2, "17000 relu, 1")
    opened = OpenedModel(network, initial_weights(network, 0), None, (), b"")
    async with playing(opened=(opened, tmp_path / "wide.keras", None), tutorial=False) as board:
        await board.go("4")
        await board.press("t")
        await save(board, "x", tmp_path / "page.xlsx")
        assert "expected values of at most 16,383 numbers side by side" in board.outcome
        assert not (tmp_path / "page.xlsx").exists()


async def test_an_exercise_goes_out_as_a_worksheet_and_its_key(tmp_path: Path) -> None:
    async with by_hand() as board:
        await board.press("p", "enter", "t")
        assert "Take away this exercise" in board.text
        await save(board, "m", tmp_path / "worksheet.md")
        key = await copy(board, "T")
        exercise = (tmp_path / "worksheet.md").read_text()
        assert exercise.startswith("**Worksheet.** 2 numbers to find")
        assert key.startswith("Key. 2 answers. ")
        answers = [line.split(" = ")[-1].split(" +- ")[0] for line in key.splitlines() if " = " in line]
        assert len(answers) == 2
        assert not any(answer in exercise for answer in answers)
