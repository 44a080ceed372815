"""Practice on the screen of any model: a question, an answer, a hint, the next one, and the score at the end."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from core.practice.saved import resume
from tests import graphs
from tests.tui.board import Board, playing
from tests.tui.test_following import ROW, take
from tui.any_model import AnyModelScreen
from tui.dialogs.form_dialog import FormDialog
from tui.dialogs.practice_dialogs import BACKWARDS, KEEP, RESUME
from tui.sheet_screen import AnswerField, SheetScreen
from tui.widgets.form import Form
from tui.widgets.read_on import ReadOn
from tui.widgets.words import Words

if TYPE_CHECKING:
    from pathlib import Path


def said(board: Board, where: str = "#said") -> str:
    """Return what stands at a place of the screen, without line breaks."""
    return " ".join(str(board.app.screen.query_one(where, Words).content).split())


async def answer(board: Board, text: str) -> None:
    """Type an answer."""
    await board.type(text)
    await board.press("enter")
    await board.quieten()


async def test_numbers_of_any_model_are_practised_with_hints_and_slips_to_the_score() -> None:
    async with playing() as board:
        board.app.push_screen(AnyModelScreen(graphs.recurrent(), "waves.keras"))
        await board.quieten()
        await board.press("end", "p", "enter")
        await board.quieten()
        screen = board.app.screen
        assert isinstance(screen, SheetScreen)
        assert said(board, "#how-far").startswith("3 blanks left, 0 of 3 points.")
        assert said(board, "#asked").startswith(
            "output/weighted sum[1] weighted sum[1] = lstm/output[1]*kernel[1,1] + "
        )
        sitting = screen._sitting
        assert sitting is not None
        total, z, out = (sitting.shown(spot) for spot in sitting.blanks)
        await answer(board, "nonsense")
        assert said(board).startswith("expected a number such as")
        await board.press("h")
        await board.quieten()
        assert said(board).startswith("hint (-0.25): lstm/output[1] * kernel[1,1] = ")
        await answer(board, "1000")
        assert said(board).startswith("hint (-0.25): lstm/output[1] * kernel[1,1] = ") and "1000 is not right" in said(
            board
        )
        await board.press("n", "n", "n")
        await board.quieten()
        assert said(board).startswith("hint (-0.25): lstm/output[1] * kernel[1,1] = ")
        await answer(board, total)
        assert ": " in said(board) and "is right (to " in said(board)
        assert said(board, "#asked").startswith(
            "output/pre-activation[1] pre-activation[1] = weighted sum[1] + bias[1], where"
        )
        await answer(board, total)
        assert "not right" in said(board) and "the bias bias[1] was left out" in said(board)
        await board.press("h")
        await board.quieten()
        assert re.match(r"hint \(-0.25\): pre-activation\[1\] = -?\d\.\d{4} [+-] \d\.\d{4}$", said(board))
        await answer(board, z)
        assert said(board, "#asked").startswith("output/output[1] output[1] = tanh(pre-activation[1])")
        await board.press("v")
        await board.quieten()
        assert said(board) == f"output/output[1] = {out}"
        assert said(board, "#asked").startswith("All is done: 1 of 3 points: 2 right, 1 revealed")
        await board.press("escape")
        assert isinstance(board.app.screen, AnyModelScreen)


async def test_the_by_hand_tab_practises_the_call_in_hand_and_asks_before_that_is_left(tmp_path: Path) -> None:
    async with playing() as board:
        await take(board, graphs.recurrent(), ROW)
        await board.press("p", "enter")
        await board.quieten()
        assert isinstance(board.app.screen, SheetScreen)
        assert " blank" in said(board, "#how-far")
        await board.press("h")
        await board.quieten()
        assert said(board).startswith("hint (-0.25): ")
        await board.press("escape")
        # What was begun is not lost unasked: it is gone on with, kept, or ended and marked.
        assert isinstance(board.app.screen, FormDialog)
        await board.press("escape")
        assert isinstance(board.app.screen, SheetScreen) and said(board).startswith("hint (-0.25): ")
        await board.press("escape", "enter")
        await board.quieten()
        assert said(board, "#asked").startswith("All is done: 0 of ")
        await board.press("escape")
        assert not isinstance(board.app.screen, SheetScreen)
        await board.press("p")
        # As on the page of a chain it is said what, and by which seed; what is refused stands in the form.
        form = board.app.screen.query_one(Form)
        form.line("what").value = RESUME
        await board.press("enter")
        await board.quieten()
        assert "expected the file that a practice was kept in" in board.outcome
        form.line("what").value = BACKWARDS
        form.line("seed").value = "3"
        await board.press("enter")
        await board.quieten()
        assert "is missing in" in said(board, "#asked")
        await board.press("escape", "p", "enter")
        await board.quieten()
        await answer(board, "1")
        await board.press("escape")
        form = board.app.screen.query_one(Form)
        form.line("how").value = KEEP
        form.line("file").value = str(tmp_path / "kept.json")
        await board.press("enter")
        await board.quieten()
        assert not isinstance(board.app.screen, SheetScreen | FormDialog)
        model = board.state.model
        data = (tmp_path / "kept.json").read_bytes()
        assert resume(data, model.network.graph, model.weights.by_name(model.network)).is_begun
        # What was kept is gone on with from the same form, which remembers where.
        await board.press("p")
        form = board.app.screen.query_one(Form)
        assert form.line("file").value == str(tmp_path / "kept.json")
        form.line("what").value = RESUME
        await board.press("enter")
        await board.quieten()
        assert isinstance(board.app.screen, SheetScreen) and "0 of" in said(board, "#how-far")


async def test_a_question_and_hints_longer_than_the_screen_are_read_while_the_answer_is_typed() -> None:
    async with playing() as board:
        board.app.push_screen(AnyModelScreen(graphs.dense("1 tanh", 64), "wide.keras"))
        await board.quieten()
        await board.press("end", "p", "enter")
        await board.quieten()
        text, field = board.app.screen.query_one(ReadOn), board.app.screen.query_one(AnswerField)
        assert not text.is_longer and "More" not in board.lines[-1]
        while not text.is_longer:
            hints = said(board)
            await board.press("h")
            await board.quieten()
            assert said(board) != hints, "no more hints, and all of them were seen"
        assert "down More" in board.lines[-1] and "n Next" in board.lines[-1]
        await board.press("1")
        # The last hint is seen, and the first line of the question again a page before.
        assert text.scroll_offset.y == text.max_scroll_y
        first = said(board, "#asked").split()[0]
        await board.press(*["pageup"] * 3)
        assert text.scroll_offset.y == 0 and first in board.text
        await board.press("down")
        assert text.scroll_offset.y == 1
        await board.press("up", "pagedown")
        assert text.scroll_offset.y == text.max_scroll_y
        assert field.value == "1" and field.has_focus and field.region.bottom < board.app.screen.size.height


async def test_text_whose_end_was_asked_for_keeps_it_in_sight_until_somebody_scrolls() -> None:
    async with playing() as board:
        board.app.push_screen(AnyModelScreen(graphs.dense("1 tanh", 64), "wide.keras"))
        await board.quieten()
        await board.press("end", "p", "enter")
        await board.quieten()
        await board.press("h")
        await board.quieten()
        text, words = board.app.screen.query_one(ReadOn), board.app.screen.query_one("#said", Words)
        # As when lines are broken anew, because a scroll bar has come.
        words.show("\n".join(map(str, range(40))))
        await board.quieten()
        assert text.max_scroll_y and text.scroll_offset.y == text.max_scroll_y
        await board.press("up")
        before = text.scroll_offset.y
        words.show("\n".join(map(str, range(50))))
        await board.quieten()
        assert text.scroll_offset.y == before
