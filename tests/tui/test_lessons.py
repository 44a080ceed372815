"""Lessons on the screen: begun from the list or the command line, answered above the footer, checked by doing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.widgets import Input, OptionList

from core.calculation.calculated import Spot
from core.lessons.conditions import TABS
from core.lessons.lesson import Answer, Choice, Do, Read
from core.lessons.reader import lesson_of
from core.lessons.shelf import built_in
from core.lessons.source import from_bytes
from core.operations.rounding import Rounding
from tests.core.learner import lesson, right_entry
from tests.tui.board import Board, playing
from tui.dialogs.lessons_dialog import LessonsDialog
from tui.five_tabs import TITLES
from tui.lesson_guide import LessonGuide
from tui.pages.followed import Followed
from tui.tabs.by_hand import ByHandTab
from tui.widgets.calculation import Calculation
from tui.widgets.lesson_bar import LessonBar

if TYPE_CHECKING:
    from pathlib import Path

    from core.lessons.lesson import Step


def bar(board: Board) -> LessonBar:
    return board.app.query_one(LessonBar)


def told(board: Board) -> str:
    """Return what the lesson shows: every line of it that is on the screen, closed up."""
    region = bar(board).region
    return " ".join(" ".join(line.split()) for line in board.lines[region.y : region.bottom])


async def answer(board: Board, text: str) -> None:
    """Go to the lesson's field, type an answer over what is there, and press enter."""
    await board.pilot.press("A")
    field = board.app.query_one("#lesson-entry", Input)
    field.value = ""
    await board.press(*text, "enter")


async def choose(board: Board, place: int) -> None:
    await board.press("A", "home", *["down"] * place, "enter")


async def do(board: Board, step: Step) -> None:
    """Do with keys what the step asks for."""
    assert isinstance(step.check, Do)
    wanted = step.check.wanted
    if wanted.startswith("set x to "):
        await board.press("4", "x")
        await board.press(*wanted.removeprefix("set x to ").replace(" ", ""), "enter")
    elif " the weights " in wanted:
        await board.press("5", "p")
        await board.type(f"[{wanted.partition(' the weights ')[2]}]")
        await board.press("ctrl+s")
    elif "accuracy" in wanted:
        await board.press("5", "a")


async def take(board: Board, step: Step) -> None:
    """Do one step as someone does who knows the answer."""
    if isinstance(step.check, Do):
        await do(board, step)
    elif isinstance(step.check, Choice):
        await choose(board, int(right_entry(step, board.state, board.app.digits)) - 1)
    elif not isinstance(step.check, Read):
        await answer(board, right_entry(step, board.state, board.app.digits))


def test_a_lesson_names_the_tabs_that_there_are() -> None:
    assert {name: title.partition(" ")[2] for name, title in TITLES.items()} == TABS


# Beginning


async def test_l_lists_the_lessons_and_enter_begins_one() -> None:
    async with playing(tutorial=False) as board:
        await board.press("L")
        for number, one in enumerate(built_in(), start=1):
            assert f"{number} {one.title} {len(one.steps)} steps" in board.words
        await board.press("enter")
        assert board.tab == "by-hand"
        assert "Lesson, step 1 of 7: Two numbers in, one number out" in told(board)
        assert board.state.done == ("lesson: What a weighted sum is",)
        assert board.said == []


async def test_weights_that_were_not_saved_are_put_aside_and_u_takes_them_back() -> None:
    async with playing() as board:
        board.session.set_number(0, 0, (0, 0), 0.125)
        mine = board.state.model
        await board.press("L", "enter")
        assert any("put aside: u takes them back" in said for said in board.said)
        assert board.state.model is not mine
        await board.press("u")
        assert board.state.model is mine
        assert "step 1 of 7" in told(board)


async def test_a_lesson_brings_its_digits_rounding_x_and_tab() -> None:
    head = ("x: 0.5, 0.25", "digits: 6", "rounding: carried", "tab: by-hand")
    async with playing(lesson=lesson(*head, "## S", "read")) as board:
        assert board.app.digits == 6
        assert board.state.x.tolist() == [0.5, 0.25]
        assert board.tab == "by-hand"
        assert f"rounding {Rounding.CARRIED}" in board.text


async def test_a_lesson_from_a_file_is_named_in_the_list(tmp_path: Path) -> None:
    path = tmp_path / "mine.md"
    path.write_text("# Mine\n\n## My step\n\nMy words.\n\nread\n", encoding="utf-8")
    async with playing() as board:
        await board.press("L", "tab")
        await board.type(str(path))
        await board.press("enter")
        assert "step 1 of 1: My step" in told(board)
        assert "My words." in told(board)
        assert board.state.done[-1] == "lesson: Mine"


async def test_a_broken_file_is_refused_in_the_list_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "broken.md"
    path.write_text("# Mine\n\n## My step\n\nawnser: s2\n", encoding="utf-8")
    async with playing() as board:
        before = board.state
        await board.press("L", "tab")
        await board.type(str(path))
        await board.press("enter")
        assert board.outcome.startswith("broken.md, line 5: expected one of answer, number, choice")
        assert "did you mean 'answer:'?" in board.outcome
        assert board.state is before
        assert not board.app.query_one(LessonGuide).display


async def test_a_lesson_does_not_begin_while_a_training_runs() -> None:
    async with playing(pause_at=30) as board:
        await board.press("2", "space", "L", "enter")
        assert "a training is under way" in board.outcome
        assert isinstance(board.app.screen, LessonsDialog)


# Every lesson to its end


@pytest.mark.parametrize("place", [0, 5, 7])
async def test_a_lesson_with_every_kind_of_step_is_walked_to_its_end_with_keys(place: int) -> None:
    of = built_in()[place]
    async with playing() as board:
        await board.press("L", *["down"] * place, "enter")
        for number, step in enumerate(of.steps, start=1):
            assert f"step {number} of {len(of.steps)}: {step.heading}" in told(board)
            if isinstance(step.check, Answer) and board.app.query_one(ByHandTab).follows:
                assert board.app.query_one(Followed).spot == step.check.spot
            await take(board, step)
            assert "A goes on" in told(board), step.heading
            await board.press("A")
        assert "Lesson finished" in told(board)
        assert f"{len(of.steps)} of {len(of.steps)} steps done, 0 wrong answers" in told(board)
        # Nothing goes on any more: neither beside the title nor in the lowest line.
        assert (
            "goes on" not in told(board)
            and "Go on" not in board.lines[-1]
            and "enter Another lesson" in board.lines[-1]
        )
        await board.press("A")
        assert f"{place + 1} {of.title} {len(of.steps)} steps finished" in board.words
        # The next one is chosen already, and after the last one the first.
        await board.press("enter")
        assert f"step 1 of {len(built_in()[(place + 1) % 8].steps)}" in told(board)


# Answers

QUESTIONS = lesson(
    *("## One", "answer: s2", "hint: first", "hint: second"),
    *("## Two", "choice:", "- [ ] no", "  reply: Not no.", "- [x] yes"),
    *("## Three", "do: tab weights", "hint: Press 3."),
    *("## Four", "read"),
)


async def test_a_wrong_answer_gets_a_hint_and_may_be_mended() -> None:
    async with playing(lesson=QUESTIONS) as board:
        await answer(board, "0.5")
        assert "Not yet: 0.5 is not s2 of hidden. Hint: first" in told(board)
        await board.press("0", ".", "6", "enter")
        assert "Not yet: 0.6 is not s2 of hidden. Hint: second" in told(board)
        await answer(board, "0,2132")
        assert "Right: s2 of hidden = 0.2132." in told(board)


async def test_a_question_mark_and_what_is_no_number_are_no_attempts() -> None:
    async with playing(lesson=QUESTIONS) as board:
        await answer(board, "?")
        assert "Hint: first" in told(board)
        for typed in ("", "nan", "1e999", "two"):
            await answer(board, typed)
            assert "expected a number" in told(board), typed
        await board.type("9" * 1000)
        await board.press("enter")
        assert "expected a number of at most 400 characters" in told(board)
        await answer(board, "0.2132")
        await board.press("enter", "down", "enter", "enter", "3", "A", "A")
        assert "4 of 4 steps done, 0 wrong answers" in told(board)


async def test_a_choice_is_replied_to_and_what_is_done_is_seen_at_once_and_said_in_a_word() -> None:
    async with playing(lesson=QUESTIONS) as board:
        await answer(board, "0.2132")
        await board.press("enter")
        assert isinstance(board.app.focused, OptionList)
        await board.press("enter")
        assert "Not yet: Not no." in told(board)
        await board.press("down", "enter")
        assert "Right." in told(board)
        await board.press("enter")
        assert "To do: open the Weights tab." in told(board)
        await board.press("A")
        assert "Not yet: open the Weights tab; the Data tab is open. Hint: Press 3." in told(board)
        await board.press("3")
        assert "Done." in told(board)
        # What was done once stays done.
        await board.press("1")
        assert "Done." in told(board)
        await board.press("A")
        assert "step 4 of 4" in told(board)


async def test_an_answer_follows_the_model_on_the_screen() -> None:
    async with playing(lesson=QUESTIONS) as board:
        await board.press("5", "a")
        await answer(board, "0.2132")
        assert "expected a model with s2 of hidden, got another one by now" in told(board)
        assert "other weights than when this step began: B puts them back" in told(board)
        await board.press("escape", "B")
        assert "B puts" not in told(board)
        await answer(board, "0.2132")
        assert "Right: s2 of hidden = 0.2132." in told(board)


async def test_a_step_is_about_the_lessons_x_whatever_is_on_the_screen_and_b_puts_that_back() -> None:
    async with playing(lesson=QUESTIONS) as board:
        board.session.set_x([1.0, 0.0])
        await board.quieten()
        assert "x is 1, 0 now; the lesson's is 0.3, 0.1: B puts it back" in told(board)
        await answer(board, "0.3248")
        assert "that is s2 of hidden for the x on the screen, 1, 0: expected it for the lesson's, 0.3, 0.1" in told(
            board
        )
        await board.press("B")
        assert board.state.x.tolist() == [0.3, 0.1] and "B puts it back" not in told(board)
        board.session.set_x([0.0, 1.0])
        await answer(board, "0.2132")
        assert "Right: s2 of hidden = 0.2132." in told(board)


async def test_after_a_step_that_moves_x_the_next_ones_are_about_that_x() -> None:
    steps = ("## One", "do: x = 0.5, 0.5", "## Two", "read", "## Three", "do: predict positive", "## Four", "read")
    of = lesson(*steps)
    assert [None if x is None else x.tolist() for x in map(of.x_at, range(4))] == [None, [0.5, 0.5], None, None]
    async with playing(lesson=of) as board:
        await board.press("B")
        assert "nothing to put back" in board.said[-1]
        board.session.set_x([0.5, 0.5])
        await board.press("A")
        assert "step 2 of 4" in told(board) and "puts it back" not in told(board)
        board.session.set_x([1.0, 1.0])
        await board.quieten()
        assert "the lesson's is 0.5, 0.5" in told(board)
        await board.press("L", "down", "down", "down", "enter", "B")
        assert "no lesson is under way: L begins one" in board.said[-1]


# Between lesson and tab


async def test_escape_goes_back_to_the_tab_and_what_was_typed_stays() -> None:
    async with playing(lesson=QUESTIONS) as board:
        await board.press("4", "A", "0", ".", "2", "escape")
        assert isinstance(board.app.focused, Calculation)
        await board.press("d")
        assert board.app.digits == 5
        await board.press("D", "A", "end", "1", "3", "2", "enter")
        assert "Right: s2 of hidden = 0.2132." in told(board)


async def test_a_lesson_stays_on_every_tab_with_room_above() -> None:
    async with playing(lesson=QUESTIONS) as board:
        for key in "12345":
            await board.press(key)
            assert "step 1 of 4: One" in told(board)
            assert board.page.region.height >= 12


@pytest.mark.parametrize(("size", "most"), [((80, 24), 8), ((120, 40), 12)])
async def test_the_calculation_stays_usable_above_every_step(size: tuple[int, int], most: int) -> None:
    async with playing(size, lesson=built_in()[0]) as board:
        for step in built_in()[0].steps[:4]:
            assert 3 <= bar(board).region.height <= most, step.heading
            assert board.app.query_one(ByHandTab).region.bottom == bar(board).region.y
            assert board.app.query_one(Calculation).region.height >= 5
            assert "hidden h = tanh(W^T x + b)" in board.words
            await take(board, step)
            await board.press("A")


async def test_the_number_that_is_asked_for_is_in_sight_and_the_arrows_scroll_the_page_from_the_field() -> None:
    async with playing(lesson=built_in()[3]) as board:
        page = board.app.query_one(Calculation)
        await take(board, built_in()[3].steps[0])
        await board.press("A")
        assert "s1 of output =" in told(board) and page.spot == Spot(("output",), "weighted sum", (0,))
        # Its row is on the screen, with the focus in the field all the same.
        assert "1.3855" in next(line for line in board.lines if line.startswith(" y  ["))
        field = board.app.query_one("#lesson-entry", Input)
        assert board.app.focused is field
        await board.press("up", "up", "pageup")
        assert "h1 [" in board.text and "y  [" not in board.text
        await board.press("pagedown", "1")
        assert "y  [" in board.text and (board.app.focused, field.value) == (field, "1")


async def test_a_number_that_is_asked_for_before_its_tab_was_open_is_in_sight_there() -> None:
    async with playing(lesson=lesson("tab: data", "## S", "answer: y")) as board:
        await board.press("4")
        assert board.app.query_one(Calculation).spot == Spot(("output",), "output", (0,))
        assert "y  [" in board.text


async def test_many_long_options_leave_the_tab_its_room() -> None:
    options = [f"- [{'x' if place == 8 else ' '}] {'words ' * 40}" for place in range(9)]
    async with playing(lesson=lesson("## S", "Text. " * 200, "", "choice:", *options)) as board:
        assert bar(board).region.height <= 8
        await choose(board, 8)
        assert "Right." in told(board)


async def test_l_hides_the_lesson_shows_it_again_and_leaves_it() -> None:
    async with playing(lesson=QUESTIONS) as board:
        await board.press("L")
        assert "hide the lesson; L shows it again" in board.text
        await board.press("L")
        assert "step 1 of 4" not in board.text
        assert "Points with a label" in board.text
        await board.press("L")
        assert "step 1 of 4: One" in told(board)
        await board.press("L", "down", "down", "down", "enter")
        assert "step 1 of 4" not in board.text
        await board.press("L")
        assert "hide the lesson" not in board.text
        await board.press("escape", "A")
        assert isinstance(board.app.screen, LessonsDialog)


async def test_a_step_can_be_gone_past_and_gone_back_to() -> None:
    two = lesson("## One", "do: x = 0.5, 0.5", "## Two", "answer: s2")
    async with playing(lesson=two) as board:
        await board.press("L", "down", "enter")
        assert "step 2 of 2: Two" in told(board)
        # The next step finds what was asked for.
        assert board.state.x.tolist() == [0.5, 0.5]
        await board.press("L", "down", "down", "enter")
        assert "step 1 of 2: One" in told(board)


async def test_text_of_a_lesson_is_never_markup() -> None:
    text = b"# T\n## [b]S[/b] [@click=app.quit]x[/]\n\n[red]text[/red] \x1b[31m\n\nchoice:\n- [x] [i]a[/i]\n- [ ] [/]\n"
    async with playing(lesson=lesson_of(from_bytes(text, "a.md"))) as board:
        assert "[b]S[/b] [@click=app.quit]x[/]" in told(board)
        assert "[red]text[/red] ?[31m" in told(board)
        assert "[i]a[/i]" in told(board)


async def test_a_small_terminal_leaves_the_lesson_as_it_was() -> None:
    async with playing(lesson=QUESTIONS) as board:
        await board.press("A", "1")
        await board.pilot.resize_terminal(40, 10)
        await board.settle()
        await board.pilot.resize_terminal(80, 24)
        await board.settle()
        field = board.app.focused
        assert isinstance(field, Input)
        assert field.value == "1"


@pytest.mark.parametrize("place", [0, 7])
async def test_what_the_keys_do_in_a_lessons_field_is_never_cut(place: int) -> None:
    async with playing() as board:
        await board.press("L", *["down"] * place, "enter")
        if isinstance(built_in()[place].steps[0].check, Read):
            await board.press("A")
        await board.quieten()
        assert told(board).rstrip().endswith("? hint, esc tab" if place else "? hint, arrows scroll, esc tab")
