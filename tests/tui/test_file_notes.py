"""What is to be told of a file: shortly in a notice, all of it in a dialog."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st
from textual.app import App
from textual.widgets import Input, Static

from tests.tui.board import Board, playing
from tui.dialogs.file_notes import NO_FILE, NOTHING, FileNotes, brief

if TYPE_CHECKING:
    from collections.abc import Sequence


@given(st.lists(st.text(st.characters(codec="ascii", exclude_categories=["C"]), min_size=1, max_size=300), min_size=1))
def test_a_notice_has_whole_sentences_and_counts_those_that_have_no_room(sentences: list[str]) -> None:
    text = brief(sentences, 220)
    if len(sentences[0]) > 220:
        assert text == f"{sentences[0][:217]}... I shows all of it."
        return
    told = next(
        many
        for many in range(1, len(sentences) + 1)
        if text
        == " ".join([*sentences[:many], f"I shows {len(sentences) - many} more."][: many + (many < len(sentences))])
    )
    assert sum(map(len, sentences[:told])) <= 220
    assert told == len(sentences) or sum(map(len, sentences[: told + 1])) > 220


async def _sentences(told: Sequence[str], *, opened: bool = True) -> list[str]:
    async with App[None]().run_test() as pilot:
        await pilot.app.push_screen(FileNotes(told, opened=opened))
        await pilot.pause()
        shown = [str(one.content) for one in pilot.app.screen.query(Static).filter(".words")]
        await pilot.press("escape")
        assert not isinstance(pilot.app.screen, FileNotes)
        return shown


async def test_the_dialog_has_every_sentence_plain() -> None:
    assert await _sentences(["[b]one[/b]", "two"]) == ["[b]one[/b]", "two"]


async def test_without_anything_to_tell_the_dialog_says_so() -> None:
    assert await _sentences([]) == [NOTHING]
    assert await _sentences([], opened=False) == [NO_FILE]


def assert_between(board: Board) -> None:
    """The notice covers neither the names of the tabs nor the page."""
    assert "4 By hand" in board.lines[1] and board.lines[4].startswith(" hidden   h = ")
    assert [line for line in range(24) if "▌" in board.lines[line]] == [2, 3]


async def test_one_notice_after_the_other_stands_between_the_names_of_the_tabs_and_the_page() -> None:
    async with playing() as board:
        await board.press("4")
        for said in (
            ("yes " * 28, "more"),
            ("It was saved by Keras 2.5.0.", "x" * 60, "Three."),
            ("Some words. " * 9,),
        ):
            board.app.tell_of_file(said)
            await board.settle()
            assert_between(board)
        board.app.tell_of_file(("longer " * 26,))
        await board.settle()
        assert "4 By hand" in board.lines[1]


async def test_what_is_told_of_a_file_makes_way_for_a_field_and_a_refusal_there_does_not() -> None:
    async with playing() as board:
        await board.press("4")
        board.app.tell_of_file(("It was saved by Keras 2.5.0.",))
        await board.settle()
        assert "In this file" in board.text
        await board.press("x")
        assert "In this file" not in board.text and isinstance(board.app.focused, Input)
        await board.press("escape")
        board.app.tell_of_file(("It was saved by Keras 2.5.0.", "Two layers are not followed.", "x" * 90))
        await board.settle()
        assert "In this file: It was saved by Keras 2.5.0. Two layers are not followed." in board.text
        # The names of the tabs and the page are in sight.
        assert_between(board)
        await board.press("3")
        assert "In this file" not in board.text
        await board.press("4", "x")
        board.app.refuse("expected less")
        await board.press("escape", "x")
        assert "expected less" in board.text
