"""The effect of a change on the screen: prediction, loss and accuracy before and now, and who changed side."""

from __future__ import annotations

import re
from dataclasses import replace
from threading import Event
from typing import TYPE_CHECKING

import numpy as np
import pytest

from core.calculation.effect import Answered, Became, Sides, measure, measure_change
from core.data.dataset import Dataset, SumRule, generate
from core.formatting import number
from core.model import tutorial
from core.model.layers_text import chain_network
from core.session.session import Session
from core.tasks import Answers, Signs
from core.training.recipe import Recipe
from tests.tui.board import playing
from tests.waiting import PATIENCE
from tui import measuring
from tui.dialogs.sides_dialog import SidesDialog
from tui.tabs.effect_words import WIDTH, effect_lines, sides_text
from tui.widgets.listing import Listing
from tui.widgets.plane import Plane

if TYPE_CHECKING:
    from core.calculation.effect import Effect, Worth
    from core.chunks import Pause
    from core.session.state import State
    from tests.tui.board import Board


TWO_OUTPUTS = (
    "expected a model with 1 output for labels of -1 and +1, got 2 outputs: "
    "categorical_crossentropy takes these as two classes, an output for each"
)


async def change_the_output_bias(board: Board, value: float = -1.5) -> None:
    """Lower the tutorial's output, which was above 0 everywhere: points change side, most of them for the better."""
    board.session.set_number(1, 1, (0,), value)
    await board.settle()


def lines(session: Session, digits: int = 4) -> list[str]:
    return effect_lines(session.state, *measure_change(session.state), digits)


def row(session: Session, part: str, digits: int = 4) -> list[str]:
    """Return the cells of the one line with ``part``."""
    (line,) = [line for line in lines(session, digits) if part in line]
    return re.split(r"  +", line)


def cells(worth: Worth | None) -> tuple[str, str]:
    assert worth is not None
    scores = worth.scores
    assert isinstance(scores, Answers) and worth.loss is not None
    return number(worth.loss), f"{scores.correct} ({scores.accuracy:.3f})"


# The table


async def test_the_effect_of_an_edit_is_shown_against_what_was_before() -> None:
    async with playing() as board:
        await board.press("5")
        await change_the_output_bias(board)
        state = board.state
        now = measure(state.model.network, state.model.weights, state.dataset, state.x, state.recipe, state.task)
        before = measure(*tutorial.trained(), state.dataset, state.x, state.recipe, state.task)
        predicted = f"{before.prediction[0]:.4f} {now.prediction[0]:.4f}"
        assert board.line("prediction for x") == f"prediction for x = (0.3, 0.1) {predicted}"
        for kind, old, new in (
            ("200 training points", before.training, now.training),
            ("50 validation points", before.validation, now.validation),
            ("200 fresh points", before.fresh, now.fresh),
        ):
            (old_loss, old_right), (new_loss, new_right) = cells(old), cells(new)
            assert board.line(f"loss on {kind}") == f"loss on {kind} {old_loss} {new_loss} {old_right} {new_right}"
        assert "loss: hinge" in board.line("right before")
        assert board.line("always +1") == "always +1 gets 0.875 of training, 0.820 of validation, 0.900 of fresh points"


async def test_another_loss_or_split_shows_its_own_numbers_at_once() -> None:
    async with playing() as board:
        await board.press("5")
        board.session.set_recipe(Recipe(loss="mean_squared_error", validation_split=0.0))
        await board.settle()
        assert "loss: mean_squared_error" in board.text
        assert "validation" not in board.text
        state = board.state
        now = measure(state.model.network, state.model.weights, state.dataset, state.x, state.recipe, state.task)
        loss, right = cells(now.training)
        assert re.search(rf" {loss} \d+ \(\S+\) {re.escape(right)}$", board.line("loss on 250 training points"))
        assert "gets 0.864 of training, 0.900 of fresh points" in board.text


async def test_the_words_take_nine_lines_of_a_small_terminal() -> None:
    async with playing() as board:
        await board.press("5")
        await change_the_output_bias(board)
        assert board.app.query_one("#effect").outer_size.height == 9
        assert "bias" in board.text and board.line("24 points").endswith("v shows them")


async def test_digits_are_as_many_as_are_chosen() -> None:
    async with playing() as board:
        await board.press("5", *["d"] * 5)
        assert re.search(r"loss on 200 training points +\d\.\d{9} +\d\.\d{9} +175 \(0\.875\) ", board.text)
        assert board.app.query_one("#effect").outer_size.height == 9


@pytest.mark.parametrize("digits", [1, 4, 9])
@pytest.mark.parametrize("loss", ["hinge", "mean_squared_error"])
@pytest.mark.parametrize("value", [0.1, 1e30, -3e38])
def test_no_line_is_wider_than_a_small_terminal(digits: int, loss: str, value: float) -> None:
    session = Session()
    session.set_recipe(Recipe(loss=loss), "5 tanh, 1 linear")
    session.set_number(1, 0, (0, 0), value)
    session.set_x([0.123456, 0.654321])
    shown = lines(session, digits)
    assert len(shown) == 8
    assert max(map(len, shown)) <= WIDTH
    for line, kind in zip(shown[2:5], ("training", "validation", "fresh"), strict=True):
        assert re.match(rf"(loss on )?\d+ {kind} .* \S+ +\S+ +\d+ \(\S+\) +\d+ \(\S+\)$", line)


def test_data_that_the_split_leaves_nothing_of_to_train_on_are_not_called_training_points() -> None:
    session = Session()
    session.take_data(generate(SumRule(points=1)))
    shown = "\n".join(lines(session))
    assert "loss on 1 given point " in shown and " of given, " in shown and "training" not in shown


def test_of_many_points_the_accuracy_has_more_places_and_the_count_goes() -> None:
    session = Session()
    session.take_data(generate(SumRule(points=200_000)))
    now = measure_change(session.state)[0]
    assert now.training is not None and isinstance(now.training.scores, Answers)
    assert row(session, "160,000 training")[-1] == f"{now.training.scores.accuracy:.6f}"
    assert max(map(len, lines(session))) <= WIDTH


def test_before_the_first_step_there_is_nothing_before() -> None:
    session = Session()
    assert row(session, "training points")[1::2] == ["-", "-"]
    assert row(session, "prediction for x")[1] == "-"
    assert "no step to compare with yet: e changes a number" in lines(session)


def test_a_model_of_other_inputs_or_outputs_has_no_sides_to_compare() -> None:
    session = Session()
    session.new_network(chain_network(3, "1 tanh"))
    assert "the model before had other inputs or outputs: no sides to compare" in lines(session)
    session.new_network(chain_network(3, "2 softmax"))
    shown = lines(session)
    assert shown[-1] == TWO_OUTPUTS
    assert len(shown) == 4 and shown[1].startswith("largest output for x")


def test_of_several_outputs_the_largest_is_shown_and_how_many_points_have_another_now() -> None:
    session = Session()
    session.new_network(chain_network(2, "3 softmax"))
    session.set_layer(0, [np.zeros((2, 3)), np.array([0.0, 1.0, 0.0])])
    session.set_layer(0, [np.array([[0.0, 0.0, 10.0], [0.0, 0.0, 0.0]]), np.array([0.0, 1.0, 0.0])])
    shown = lines(session)
    first, second = np.exp([0.0, 1.0, 0.0]), np.exp([0.0, 1.0, 3.0])
    before, now = first[1] / first.sum(), second[2] / second.sum()
    assert " ".join(shown[1].split()) == f"largest output for x y2 {before:.4f} y3 {now:.4f}"
    points = session.state.dataset.points
    moved = int(np.count_nonzero(points[:, 0].astype(np.float64) * 10 > 1))
    assert shown[2] == f"{moved} of the 250 points of the data have another largest output now"
    # The last is a sentence, which goes on in the next row.
    assert max(map(len, lines(session, 9)[:-1])) <= WIDTH
    session.set_number(0, 1, (0,), 0.5)
    assert lines(session)[2] == "the largest output is the same as before for all 250 points of the data"
    session.set_number(0, 1, (0,), np.nan)
    assert lines(session)[1].endswith(" NaN")


def test_data_of_other_inputs_fit_no_labels() -> None:
    state = replace(Session().state, dataset=generate(SumRule(10, 3)))
    now = measure(state.model.network, state.model.weights, state.dataset, state.x, state.recipe, state.task)
    assert effect_lines(state, now, None, 4)[-1] == "the data have 3 inputs, the model 2: no labels fit"


def test_an_effect_of_other_weights_is_not_shown() -> None:
    session = Session()
    stale = measure_change(session.state)[0]
    seen = effect_lines(session.state, stale, None, 4)
    session.load_tutorial()
    assert effect_lines(session.state, stale, None, 4) == ["calculating the effect ..."]
    first, *rest = effect_lines(session.state, stale, None, 4, seen)
    assert first == "calculating the effect ...   (below: as it was before)" and rest == seen[1:]


def test_as_many_failing_points_are_named_as_a_line_has_room_for() -> None:
    session = Session()
    now = measure_change(session.state)[0]
    assert now.fresh is not None and now.fresh_data is not None
    assert isinstance(now.fresh.scores, Answers)
    failures = now.fresh.scores.failures
    named = [f"({a:.3f}, {b:.3f})" for a, b in now.fresh_data.points[failures[:2]]]
    assert f"fresh points that fail: {' '.join(named)} and {len(failures) - 2} more" in lines(session)


async def test_sign_0_is_counted_and_explained_where_there_is_one() -> None:
    async with playing() as board:
        await board.press("5", "a")
        assert "no fresh point fails: 200 of 200" in board.text
        assert "sign 0" not in board.text
        board.session.set_layer(0, [np.zeros((2, 1)), np.zeros(1)])
        await board.settle()
        assert "sign 0: 450 of 450. A prediction of exactly 0 is neither label, so it is wrong." in board.words
        assert board.line("loss on 200 fresh points").endswith(" 0 (0.000)")
        assert "250 points changed side: 250 became wrong; v shows them" in board.text


@pytest.mark.parametrize(
    ("right", "wrong", "changed", "sentence"),
    [
        (2, 1, 3, "3 points changed side: 2 became right, 1 wrong"),
        (1, 0, 1, "1 point changed side: 1 became right"),
        (0, 2, 2, "2 points changed side: 2 became wrong"),
        (0, 0, 2, "2 points changed side: 2 still wrong"),
        (1, 1, 4, "4 points changed side: 1 became right, 1 wrong, 2 still wrong"),
        (0, 0, 0, "no point changed side"),
    ],
)
def test_who_changed_side_is_counted_in_a_sentence(right: int, wrong: int, changed: int, sentence: str) -> None:
    answered = Answered(Signs(), np.arange(changed), np.zeros(changed, np.float32))
    sides = Sides(generate(SumRule()), answered, answered, np.arange(changed), right, wrong)
    assert sides_text(sides) == sentence


# The dialog


def listed(board: Board) -> list[str]:
    """What is seen of the list, its spaces closed up."""
    listing = board.app.screen.query_one(Listing)
    top, height = listing.region.y, listing.region.height
    shown = [line.strip(" │▄▁▂▃▅▆▇█") for line in board.lines[top : top + height]]
    return [" ".join(line.split()) for line in shown if line]


def drawn(board: Board, when: str) -> list[str]:
    plane = board.app.screen.query_one(f"#plane-{when}", Plane)
    x, y, _, _ = plane.content_region
    columns, rows = plane.cells
    return [line.ljust(200)[x + 3 : x + 3 + columns] for line in board.lines[y : y + rows]]


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_v_shows_the_boundary_before_and_now_and_the_points_that_changed_side(size: tuple[int, int]) -> None:
    async with playing(size) as board:
        await board.press("5")
        await change_the_output_bias(board)
        effect = board.app.effect
        assert effect is not None and effect.sides is not None
        await board.press("v")
        assert isinstance(board.app.screen, SidesDialog)
        assert "The last step: output b[1] = -1.5" in board.text
        assert board.line("now: ").endswith("before: 216 of 250 right now: 238 of 250 right │")
        before, now = drawn(board, "before"), drawn(board, "now")
        # The trained model is above 0 everywhere; now it is not in the corner at 0, 0.
        assert "-" not in "".join(before)
        assert {line[0] for line in now[-3:]} <= {"-", "o", "O"}
        assert "-" in "".join(now[-3:])
        for picture in (before, now):
            assert sum(picture[row].count("O") for row in range(len(picture))) > 5
            # One that became right may stand in the same cell.
            assert "".join(picture).count("X") <= effect.sides.wrong == 1
        assert "24 points changed side: 23 became right, 1 wrong" in board.text
        side = effect.sides.at(0)
        x = effect.dataset.points[side.row]
        first = f"{side.row + 1} ({x[0]:.3f}, {x[1]:.3f}) -1 {side.before:.4f} -> {side.after:.4f} became right"
        assert listed(board)[0] == first
        await board.press("escape")
        assert not isinstance(board.app.screen, SidesDialog)


async def test_the_planes_have_a_cell_for_every_prediction_and_the_same_size() -> None:
    async with playing() as board:
        await board.press("5", "a", "v")
        sizes = [plane.cells for plane in board.app.screen.query(Plane)]
        assert sizes == [(18, 9), (18, 9)]
        assert "X O changed" in board.text and "+ - predicted" in board.text
        rows = drawn(board, "now")
        # x1 + x2 > 0.5: on the lowest row the boundary is near the middle, on the highest all is above.
        assert "-" not in rows[0] and rows[-1].rindex("-") in range(6, 11)


async def test_the_list_is_scrolled_through_to_its_end() -> None:
    async with playing() as board:
        await board.press("5")
        await change_the_output_bias(board)
        effect = board.app.effect
        assert effect is not None and effect.sides is not None
        rows = [int(row) + 1 for row in effect.sides.rows]
        await board.press("v")
        shown = len(listed(board))
        assert 4 <= shown < len(rows)
        for key, first in (
            ("down", 1),
            ("pagedown", 1 + shown),
            ("up", shown),
            ("end", len(rows) - shown),
            ("down", len(rows) - shown),
            ("home", 0),
            ("pageup", 0),
        ):
            await board.press(key)
            assert [int(line.split()[0]) for line in listed(board)] == rows[first : first + shown]


async def test_a_point_that_is_wrong_before_and_after_says_so() -> None:
    async with playing() as board:
        await board.press("5", "a")
        board.session.set_layer(0, [np.zeros((2, 1)), np.zeros(1)])
        board.session.set_layer(0, [np.zeros((2, 1)), np.array([-0.25])])
        await board.settle()
        positive = int((board.state.dataset.labels > 0).sum())
        assert f"{250 - positive} became right, {positive} still wrong; v shows them" in board.text
        await board.press("v")
        assert listed(board)[0].endswith(f"+1 0.0000 -> -0.2449 {Became.STILL_WRONG}")


async def test_a_model_of_five_inputs_has_only_the_list() -> None:
    async with playing() as board:
        await board.press("m", "5", "a", "v")
        assert "there is no" not in " ".join(board.said)
        assert isinstance(board.app.screen, SidesDialog)
        assert not board.app.screen.query(Plane)
        await board.quieten()
        decimal = r"-?\d\.\d{4}"
        line = rf"\d+ \(\d\.\d{{3}}, \d\.\d{{3}}, \.\.\.\) [+-]1 {decimal} -> {decimal} became (right|wrong)"
        assert re.fullmatch(line, listed(board)[0])
        assert len(listed(board)) > 12


async def test_a_step_that_changed_nobody_still_shows_the_boundaries() -> None:
    async with playing() as board:
        await board.press("5")
        await change_the_output_bias(board, 0.27)
        assert "no point changed side; v shows the boundary before and now" in board.text
        await board.press("v")
        assert len(board.app.screen.query(Plane)) == 2
        assert "no point changed side" in board.text
        assert "label" not in board.text
        assert not listed(board)


async def test_after_undo_the_step_before_is_compared_again() -> None:
    async with playing(tutorial=False) as board:
        board.session.load_always_right()
        board.session.set_number(0, 1, (0,), 5.0)
        await board.press("5", "u", "v")
        assert "The last step: the always-right model" in board.text


async def test_without_a_step_there_is_nothing_to_view() -> None:
    async with playing(tutorial=False) as board:
        await board.press("5", "v")
        assert board.said == ["there is no step to compare with yet: change a number first (e)"]
        assert not isinstance(board.app.screen, SidesDialog)


async def test_models_that_cannot_be_compared_are_not() -> None:
    async with playing() as board:
        board.session.new_network(chain_network(2, "2 softmax"))
        await board.press("5", "v")
        assert board.said[-1] == TWO_OUTPUTS
        board.session.new_network(chain_network(2, "1 tanh"))
        await board.settle()
        await board.press("v")
        assert board.said[-1].startswith("expected two models of 2 inputs whose outputs answer these labels")
        assert not isinstance(board.app.screen, SidesDialog)


async def test_an_effect_that_is_not_known_yet_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = Event()

    def slow(state: State, pause: Pause) -> tuple[Effect, Effect | None]:
        assert go_on.wait(PATIENCE)
        return measure_change(state, pause)

    async with playing() as board:
        await board.press("5")
        monkeypatch.setattr(measuring, "measure_change", slow)
        board.session.set_number(1, 1, (0,), -1.5)
        await board.pilot.pause()
        assert "calculating the effect ..." in board.text
        await board.pilot.press("v")
        await board.pilot.pause()
        go_on.set()
        await board.settle()
        assert board.said == ["the effect is still being calculated: press v again in a moment"]
        assert "24 points changed side" in board.text
        await board.press("v")
        assert isinstance(board.app.screen, SidesDialog)


async def test_the_pictures_follow_the_size_of_the_terminal() -> None:
    async with playing() as board:
        await board.press("5", "a", "v")
        await board.pilot.resize_terminal(120, 40)
        await board.settle()
        plane = board.app.screen.query(Plane).last()
        picture = plane._picture
        assert picture is not None and picture.field is not None
        assert picture.field.shape == (plane.cells[1], plane.cells[0]) != (10, 34)


async def test_the_dialog_is_left_to_the_tab() -> None:
    async with playing() as board:
        await board.press("5", "a")
        for key in ("escape", "v", "q"):
            await board.press("v")
            assert isinstance(board.app.screen, SidesDialog)
            await board.press(key)
            assert not isinstance(board.app.screen, SidesDialog)
        assert board.app.is_running and board.tab == "set-weights"


async def test_many_points_are_thinned_but_those_that_changed_are_drawn() -> None:
    rng = np.random.default_rng(0)
    points = rng.random((30_000, 2), dtype=np.float32)
    points[-1] = (0.999, 0.999)
    labels = np.ones((30_000, 1), np.float32)
    async with playing() as board:
        board.session.take_data(Dataset(points, labels, SumRule(points=30_000)))
        board.session.load_always_right()
        # Only the corner at 1, 1, where the last row is, changes side.
        board.session.set_layer(0, [np.array([[-1.0], [-1.0]]), np.array([1.99])])
        board.session.set_layer(0, [np.array([[-1.0], [-1.0]]), np.array([3.0])])
        await board.press("5", "v")
        picture = board.app.screen.query(Plane).first()._picture
        assert picture is not None and picture.marked is not None
        assert 20_000 < len(picture.points) < 21_000
        assert picture.points[-1].tolist() == points[-1].tolist() and picture.marked[-1]
        assert drawn(board, "now")[0][-2:] == "X+", "every second column is left to what is predicted"
