"""Practice on the By hand tab: numbers are blank, what is typed is marked, slips are named, and it can be left."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.widgets import Input

from core.calculation.calculated import Spot
from core.layers.activation_layers import Activation
from core.layers.dense import Dense
from core.model.network import Network
from tests.tui.board import Board, playing
from tui.dialogs.form_dialog import FormDialog
from tui.dialogs.practice_dialogs import AT_END, BACKWARDS, END, HARD, KEEP, LAYER, NUMBER, RESUME
from tui.tabs.by_hand import ByHandTab
from tui.widgets.calculation import Calculation
from tui.widgets.read_on import ReadOn

if TYPE_CHECKING:
    from pathlib import Path

    from tui.tabs.practising import Practising


def tab(board: Board) -> ByHandTab:
    return board.app.query_one(ByHandTab)


def practising(board: Board) -> Practising:
    found = tab(board).practising
    assert found is not None
    return found


def spot(board: Board) -> Spot:
    return board.app.query_one(Calculation).spot


async def begin(board: Board, what: str | None = None, **fields: str) -> None:
    """Begin a practice from the dialog."""
    await board.press("4", "p")
    for name, text in fields.items():
        line = board.app.screen.query_one(f"#line-{name}")
        line.value = text  # type: ignore[attr-defined]
    if what is not None:
        board.app.screen.query_one("#line-what").value = what  # type: ignore[attr-defined]
    await board.pilot.pause()
    dialog = board.app.screen
    assert isinstance(dialog, FormDialog)
    dialog.action_accept()
    await board.settle()


async def answer(board: Board, text: str) -> None:
    await board.press("enter")
    await board.type(text)
    await board.press("enter")


def right(board: Board) -> str:
    """The number that belongs where the cursor is, with the digits of the practice."""
    at = practising(board).blank(spot(board))
    assert at is not None
    return practising(board).sitting.shown(at)


def forward(board: Board) -> str:
    """What the learner's own earlier numbers come to where the cursor is."""
    sitting, at = practising(board).sitting, practising(board).blank(spot(board))
    assert at is not None
    answers = {spot: entry.value for spot, entry in sitting.entries(at).items()}
    made = sitting.sheet.working(answers).right(sitting.sheet.work.page.place(at))
    return f"{made[0].mean():.4f}"


async def number_here(board: Board, place: Spot) -> None:
    await board.press("4")
    board.app.query_one(Calculation).go_to(place)
    await board.settle()
    await begin(board, NUMBER)


async def test_the_footer_has_the_keys_of_practice_while_there_is_one() -> None:
    keys = "p End h Hint v Reveal t Sheet ? Help q Quit"
    async with playing() as board:
        await board.press("4")
        assert "p Practise" in board.lines[-1] and "Hint" not in board.lines[-1]
        await begin(board, LAYER)
        assert " ".join(board.lines[-1].split()).endswith(keys)
        assert max(map(len, board.lines)) <= 80
        first = spot(board)
        await board.press("n")
        assert spot(board) != first
        await board.press("x")
        assert "the numbers of a practice stay as they are" in board.said[-1]
        await board.press("t")
        assert "Take away this exercise" in board.text
        await board.press("escape", "p")
        assert "Leave the practice" in board.text
        board.app.screen.query_one("#line-how").value = END  # type: ignore[attr-defined]
        await board.press("enter", "escape")
        assert "p Practise" in board.lines[-1] and "Hint" not in board.lines[-1]


async def test_the_blanks_hide_their_numbers_and_right_answers_lead_to_the_end() -> None:
    async with playing() as board:
        await begin(board, LAYER)
        assert "practice: 15 blanks left, 0 of 15 points" in board.text
        assert board.line("h2 [").split()[4:] == ["____", "0.2145", "____", "____"]
        # What a hint costs is said before one is taken.
        assert "h a hint (-0.25 points)" in board.line("enter answers")
        for left in range(14, -1, -1):
            await answer(board, right(board))
            assert practising(board).sitting.score.right == 15 - left
        # Each is marked where it stands, by a sign that takes no colour to see.
        assert board.line("h2 [").split()[4:] == ["=0.2132", "0.2145", "=0.4277", "=0.4034"]
        assert "= right ~ right with an earlier error ! wrong ? revealed" in board.line("escape leaves")
        assert "practice ended: 15 of 15 points: 15 right" in board.text
        assert "15 of 15 points" in board.said[-1]
        await board.press("escape")
        assert tab(board).practising is None
        assert "by hand 0.9302" in board.text


async def test_an_output_that_is_blank_is_blank_as_an_input_too() -> None:
    async with playing() as board:
        await number_here(board, Spot(("hidden",), "output", (1,)))
        assert board.line("h =  ").split()[:5] == ["h", "=", "-0.5112", "____", "0.3715"]
        assert "0.4034" not in board.text


@pytest.mark.parametrize(
    ("place", "typed", "said"),
    [
        (Spot(("hidden",), "pre-activation", (1,)), "0.2132", "the bias b2 was left out"),
        (Spot(("hidden",), "output", (1,)), "0.4277", "tanh was left out"),
        (Spot(("hidden",), "weighted sum", (1,)), "-0.2132", "sign"),
        (Spot(("hidden",), "weighted sum", (1,)), "0.0974", "w22 x2 was left out"),
    ],
)
async def test_a_slip_is_named_and_the_answer_is_not(place: Spot, typed: str, said: str) -> None:
    async with playing() as board:
        await number_here(board, place)
        await answer(board, typed)
        number = right(board)
        assert said in board.words
        assert f"!{typed}" in board.text
        assert number not in " ".join(board.lines[16:])
        await answer(board, number)
        assert practising(board).finished


async def test_an_error_is_marked_once_and_carried_forward() -> None:
    async with playing() as board:
        board.session.load_always_right()
        await board.settle()
        await begin(board, HARD)
        await answer(board, "0.5")
        assert practising(board).sitting.score.right == 0
        await board.press("n")
        assert spot(board).value == "pre-activation"
        await answer(board, "0")
        assert "~0.0000" in board.text
        assert "practice: 2 blanks left" in board.text


async def test_the_arrows_scroll_the_page_under_the_field_and_the_field_goes_with_its_number() -> None:
    async with playing() as board:
        await number_here(board, Spot(("output",), "output", (0,)))
        await board.press("enter", "0", ".", "9")
        field, page = board.app.query_one("#typed"), board.app.query_one(Calculation)
        for key, lines in (("down", 1), ("up", 0)):
            page.scroll_to(y=0, animate=False, force=True)
            await board.press(key)
            assert page.scroll_offset.y == min(lines, page.max_scroll_y)
            assert field.region.y == page.region.y + page.cursor_region().y
        await board.press("3", "0", "2", "enter")
        assert practising(board).finished


async def test_what_is_no_number_is_said_and_is_no_attempt() -> None:
    async with playing() as board:
        await begin(board)
        for text in ("", "abc", "nan", "inf", "1e400"):
            await answer(board, text)
            assert "expected a number" in board.text
            await board.press("escape")
        assert all(blank.attempts == 0 for blank in practising(board).sitting.blanks.values())


async def test_hints_give_a_term_at_a_time_and_reveal_gives_up() -> None:
    async with playing() as board:
        await number_here(board, Spot(("hidden",), "weighted sum", (1,)))
        await board.press("h")
        assert "hint: s2 = w12*x1 + w22*x2" in board.words
        await board.press("h")
        assert "0.0974" in board.words
        # What was paid for stays while the question does.
        await answer(board, "7")
        assert "hint: s2 = w12*x1 + w22*x2; " in board.words and "0.0974" in board.words and "not right" in board.words
        await board.press("v")
        assert "hint: " not in board.words
        assert "?0.2132" in board.text
        assert "1 revealed" in board.text


async def test_marked_at_the_end_nothing_is_said_before() -> None:
    async with playing() as board:
        await begin(board, LAYER, when=AT_END)
        await answer(board, "7")
        assert "!" not in board.line("h1 [")
        await board.press("p")
        assert str(board.app.screen.query_one("#line-how").value) == END  # type: ignore[attr-defined]
        await board.press("enter")
        assert "!7.0000" in board.text
        assert "practice ended" in board.text


async def test_a_missing_weight_is_found_backwards() -> None:
    async with playing() as board:
        await begin(board, BACKWARDS, seed="3")
        assert spot(board).value in ("kernel", "bias", "inputs")
        while not practising(board).finished:
            await answer(board, right(board))
        assert practising(board).sitting.score.right == len(practising(board).sitting.blanks)


async def test_a_practice_is_left_and_taken_up_again(tmp_path: Path) -> None:
    file = tmp_path / "half.json"
    async with playing() as board:
        await begin(board, LAYER)
        await answer(board, right(board))
        await board.press("p")
        board.app.screen.query_one("#line-how").value = KEEP  # type: ignore[attr-defined]
        await board.fill("file", str(file))
        await board.press("enter")
        assert tab(board).practising is None
        assert file.exists()
        await begin(board, RESUME, file=str(file))
        assert "practice: 14 blanks left, 1 of 15 points" in board.text
        await board.press("p", "enter", "escape")
        board.session.set_number(0, 0, (0, 0), 1.0)
        await board.settle()
        await begin(board, RESUME, file=str(file))
        assert isinstance(board.app.screen, FormDialog)
        assert "weights" in board.outcome


@pytest.mark.parametrize("file", ["", "missing.json", "/dev/zero"])
async def test_a_file_that_is_none_is_refused_in_the_form(file: str) -> None:
    async with playing() as board:
        await begin(board, RESUME, file=file)
        assert isinstance(board.app.screen, FormDialog)
        assert board.outcome.startswith(("expected the file", "there is no file", "expected a saved practice"))


async def test_the_page_stays_as_it_is_while_it_is_practised_on() -> None:
    async with playing() as board:
        await begin(board, LAYER)
        before = board.lines[4:16]
        for key in ("e", "y", "f", "x"):
            await board.press(key)
            assert "p ends it first" in board.said[-1]
        await board.quieten()
        assert board.lines[4:16] == before


async def test_a_model_without_dense_layers_is_practised() -> None:
    async with playing() as board:
        board.session.new_network(Network.chain(2, (Activation("act", "tanh"),)))
        await begin(board, HARD)
        assert practising(board).sitting.open()


async def test_the_learners_output_is_compared_and_the_first_step_that_parts_is_named() -> None:
    async with playing() as board:
        board.session.new_network(Network.chain(2, (Dense("hidden", 1, "tanh"), Dense("output", 1))))
        await board.settle()
        await begin(board, HARD)
        first = spot(board)
        await answer(board, "9")
        await board.press("n")
        while practising(board).sitting.open() != [practising(board).blank(first)]:
            await answer(board, forward(board))
        await board.press("p", "enter", "escape")
        assert "you part first at the weighted sum of hidden, unit 1" in board.words


async def test_the_numbers_that_are_marked_are_the_blanks() -> None:
    async with playing() as board:
        await board.press("4")
        for place in (
            Spot(("hidden",), "pre-activation", (1,)),
            Spot(("output",), "weighted sum", (0,)),
            Spot(("hidden",), "output", (3,)),
        ):
            board.app.query_one(Calculation).go_to(place)
            await board.press("m")
        assert "?0.4277" in board.text
        board.app.query_one(Calculation).go_to(Spot(("hidden",), "output", (3,)))
        await board.press("m", "p", "enter")
        assert set(practising(board).sitting.blanks) == {
            Spot(("hidden",), "pre-activation", (1,)),
            Spot(("output",), "weighted sum", (0,)),
        }


async def test_a_practice_that_goes_on_after_other_weights_came_says_that_it_has_the_old_ones() -> None:
    async with playing() as board:
        await begin(board, "easy: a few numbers")
        assert "the weights that it began with" not in board.words
        answers = practising(board).sitting.sheet.blanks
        board.session.set_number(0, 1, (0,), 0.5)
        await board.settle()
        assert "practice, with the weights that it began with, digits 4" in board.words
        assert practising(board).sitting.sheet.blanks == answers
        assert "0.5000" not in board.line(" h1 [")
        board.session.trail.undo()
        await board.settle()
        assert "the weights that it began with" not in board.words


async def test_the_field_of_the_last_number_leaves_the_one_that_it_is_made_of_and_names_its_own_keys() -> None:
    async with playing() as board:
        await number_here(board, Spot(("output",), "output", (0,)))
        assert "1.6596" in board.text and "h a hint" in board.words
        await board.press("enter")
        assert "1.6596" in board.text and "h a hint" not in board.words
        assert "escape leaves it" in board.words
        await board.press("escape")
        assert "h a hint" in board.words


async def test_all_inputs_of_a_row_are_seen_while_the_answer_is_typed() -> None:
    async with playing() as board:
        layers = Dense("hidden", 3, "tanh"), Dense("output", 1, "sigmoid")
        board.session.new_network(Network.chain(64, layers))
        await begin(board, HARD)
        assert practising(board).waits(spot(board)) and "(inputs 1-5 of 64)" in board.text
        await board.press("1")
        at = spot(board)
        # All inputs come into sight, and what is typed stays.
        assert "> Inputs" in board.lines[-1]
        for _ in range(13):
            await board.press("greater_than_sign")
        assert "(inputs 60-64 of 64)" in board.text and spot(board) == at
        await board.press("less_than_sign", "5")
        assert "(inputs 55-59 of 64)" in board.text
        assert board.app.query_one("#typed", Input).value == "15"


async def test_hints_longer_than_their_room_are_read_while_the_answer_is_typed() -> None:
    async with playing() as board:
        board.session.new_network(Network.chain(12, (Dense("hidden", 3, "tanh"), Dense("output", 1, "sigmoid"))))
        await board.press(*["d"] * 5)
        await begin(board, HARD)
        at, below = spot(board), board.app.query_one("#below", ReadOn)
        while not below.is_longer:
            hints = len(practising(board).line(at))
            await board.press("h")
            assert len(practising(board).line(at)) > hints, "no more hints, and all of them were seen"
        assert below.scroll_offset.y == below.max_scroll_y
        await board.press("1")
        assert ") More" in board.lines[-1]
        await board.press(*["left_parenthesis"] * 30)
        assert below.scroll_offset.y == 0 and board.app.query_one("#typed", Input).value == "1"
        await board.press("right_parenthesis")
        assert below.scroll_offset.y == 1 and board.app.query_one(Calculation).size.height > 4


async def test_the_field_over_an_input_stays_in_sight_while_others_are_looked_at() -> None:
    async with playing() as board:
        board.session.new_network(Network.chain(64, (Dense("hidden", 3, "tanh"), Dense("output", 1, "sigmoid"))))
        await board.press("4")
        board.app.query_one(Calculation).go_to(Spot(("hidden",), "kernel", (2, 0)))
        await board.settle()
        await begin(board, NUMBER)
        await board.press("1", "greater_than_sign", "greater_than_sign")
        field = board.app.query_one("#typed", Input)
        assert field.has_focus and field.region.x > 0 and "(inputs 11-15 of 64)" in board.text
