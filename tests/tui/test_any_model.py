"""The screen of any model: its values, one number opened, and the way from the output back to an input."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING

import numpy as np
import pytest
from textual.widgets import Input

from core.arrays import frozen
from core.calculation.beyond import Beyond
from core.engine.protocol import CallLayer
from core.layers.nested import with_layer_at
from core.layers.sealed import Sealed
from core.layers.writer import Weight
from core.model.files import opening
from core.model.files.opening import OpenedGraph
from core.model.outline import Outline
from core.model.summary import summary
from tests import graphs
from tests.hostile_files import members, zipped
from tests.tui.board import playing
from tests.waiting import PATIENCE
from tests.weight_files import by_place
from tui import reading_model
from tui.any_model import AnyModelScreen, OpenedAt
from tui.pages.followed import Followed
from tui.pages.page import Page
from tui.sheet_screen import SheetScreen
from tui.weights_screen import WeightsScreen
from tui.widgets.graph_columns import Columns, Widest
from tui.widgets.graph_list import GraphLines, GraphList
from tui.widgets.words import Words

if TYPE_CHECKING:
    from pathlib import Path

    from core.arrays import Array
    from core.calculation.calculated import Calculated
    from core.operations.rounding import Carry
    from tests.tui.board import Board


async def show(board: Board, model: OpenedGraph) -> AnyModelScreen:
    """Open a model on its screen, and wait until it is calculated."""
    screen = AnyModelScreen(model, "model.keras", board.app.link)
    board.app.push_screen(screen)
    await board.quieten()
    return screen


def opened(screen: AnyModelScreen) -> str:
    """Return what the number under the cursor is opened into, without line breaks."""
    return " ".join(str(screen.query_one("#opened", Words).render()).split())


def listed(screen: AnyModelScreen) -> list[str]:
    """Return the names of the lines of the list, those inside a call further to the right."""
    return [f"{'  ' * one.line.depth}{one.line.name}" for one in screen.query_one(GraphList).lines.drawn]


def made(screen: AnyModelScreen) -> Calculated:
    """Return the calculation that is shown."""
    shown = screen.query_one(Followed)._made
    assert shown is not None
    return shown


async def give(board: Board, numbers: str) -> None:
    """Type a point."""
    await board.press("x")
    await board.type(numbers)
    await board.press("enter")
    await board.quieten()


async def test_every_call_has_its_weights_and_values_in_order() -> None:
    async with playing() as board:
        screen = await show(board, graphs.recurrent())
        assert listed(screen) == ["steps", "lstm", "output", "output"]
        await board.press("+")
        assert listed(screen)[:7] == [
            "steps",
            "lstm",
            "  kernel",
            "  recurrent_kernel",
            "  bias",
            "  input gate",
            "  forget gate",
        ]
        assert "x is zeros: x gives it." in board.words


async def test_a_number_is_followed_from_the_output_back_to_an_input_and_back_again() -> None:
    async with playing() as board:
        screen = await show(board, graphs.recurrent())
        await give(board, "0.1, 0.2, 0.3, 0.4, 0.5, 0.6")
        assert "x is zeros" not in board.words
        await board.press("end")
        assert opened(screen).startswith("output/output[1] = ")
        followed: list[str] = []
        for _ in range(4):
            # The cursor stands on the first number that it is made of.
            await board.press("enter", "enter") if not followed else await board.press("enter")
            await board.press("home", "enter")
            followed.append(opened(screen).partition(" = ")[0])
        assert followed[:3] == ["output/pre-activation[1]", "output/weighted sum[1]", "lstm/output[1]"]
        for place in followed[-2::-1]:
            await board.press("backspace")
            assert opened(screen).startswith(f"{place} = ")


async def test_each_step_of_a_gate_opens_by_itself() -> None:
    async with playing(size=(120, 40)) as board:
        screen = await show(board, graphs.recurrent())
        await give(board, "0.1, 0.2, 0.3, 0.4")
        await board.press("home", "down", "space", "down", "down", "down", "down", "enter", "down", "]")
        assert opened(screen).startswith("lstm/input gate[2,2] = ")
        assert "steps[2,1]*kernel[1,2] + steps[2,2]*kernel[2,2]" in opened(screen)
        assert "hidden state[1,1]*recurrent_kernel[1,2]" in opened(screen)


async def test_the_number_in_hand_stays_where_it_is_as_far_as_another_point_has_it() -> None:
    async with playing() as board:
        screen = await show(board, graphs.recurrent())
        await give(board, "0.1, 0.2, 0.3, 0.4, 0.5, 0.6")
        await board.press("home", "down", "space", "down", "down", "down", "down", "enter", "down", "]", "]")
        assert opened(screen).startswith("lstm/input gate[3,2] = ")
        await give(board, "0.3, 0.4, 0.1, 0.2")
        assert opened(screen).startswith("lstm/input gate[2,2] = ")


async def test_rounding_is_carried_and_says_so() -> None:
    async with playing() as board:
        screen = await show(board, graphs.recurrent())
        await give(board, "0.12345, 0.2")
        await board.press("r")
        await board.quieten()
        assert "Rounding carried, 4 decimal places." in board.words
        made = screen.query_one(Followed)._made
        assert made is not None
        assert made.numbers[0].tolist() == [[0.1235, 0.2]]


async def test_a_sealed_layer_is_said_and_what_is_before_it_is_shown() -> None:
    async with playing() as board:
        screen = await show(board, graphs.sealed())
        assert "'own', a class of the person who saved it: the calculation stops before it" in board.words
        assert listed(screen) == ["x", "before", "own", "after", "output"]
        await board.press("down", "down", "down")
        assert "after was not calculated" in board.words
        await board.press("up")
        assert "own was not calculated" in opened(screen) and "settings: factor 2" in opened(screen)
        await board.press("enter", "right")
        assert opened(screen).startswith("own/vars/0[1,2] = 2.0000")
        await board.press("shift+tab", "home", "down", "enter")
        assert opened(screen).startswith("before/output[1] = ")


def lent() -> OpenedGraph:
    """Return a model of a Dense, a layer that Keras is asked for, and a Dense over that."""
    model = graphs.sealed()
    layer = Sealed("own", "ConvLSTM2D", "not followed yet", graphs.ENTRY, is_asked=True)
    graph = with_layer_at(model.graph, ("own",), layer)
    held = {Weight(("after",), "kernel"): frozen([[1], [1]]), Weight(("after",), "bias"): frozen([0.5])}
    return OpenedGraph(graph, {**model.weights, **held})


def by_words(screen: AnyModelScreen) -> dict[str, Array]:
    """Return the numbers that are shown, by the words of their values."""
    return {value.words: made(screen).array(value) for value in made(screen).values}


async def test_after_a_layer_that_keras_is_asked_for_it_goes_on_and_says_whose_numbers_they_are() -> None:
    async with playing(size=(120, 40)) as board:
        screen = await show(board, lent())
        await give(board, "0.1, 0.2")
        await board.until(lambda: "From Keras, not calculated here: own." in board.words)
        await board.press("home", "down", "down")
        assert "from Keras, not calculated here" in opened(screen) and "settings: factor 2" in opened(screen)
        numbers = by_words(screen)
        np.testing.assert_allclose(numbers["own/output"], 2 * numbers["before/output"], rtol=1e-6)
        np.testing.assert_allclose(numbers["after/output"], numbers["own/output"].sum() + 0.5, rtol=1e-6)
        asked = len(board.engine.sent_of(CallLayer))
        await board.press("r")
        await board.quieten()
        assert "Rounding carried" in board.words and "not calculated here: own" in board.words
        assert len(board.engine.sent_of(CallLayer)) == asked


async def test_a_point_that_is_left_while_it_is_calculated_leaves_no_number_to_the_next_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calculated, gate, late = Beyond.calculated, threading.Event(), threading.Event()

    def gated(beyond: Beyond, carry: Carry) -> Calculated:
        found = calculated(beyond, carry)
        if beyond.inputs[0].tolist() == [0.1, 0.2]:
            gate.wait(PATIENCE)
            late.set()
        return found

    async with playing(size=(120, 40)) as board:
        screen = await show(board, lent())
        await board.until(lambda: "after/output" in by_words(screen))
        monkeypatch.setattr(Beyond, "calculated", gated)
        for numbers in ("0.1, 0.2", "0.7, -0.9"):
            # Nobody waits here until all is quiet.
            await board.pilot.press("x")
            await board.until(lambda: isinstance(board.app.focused, Input))
            board.app.screen.query_one(Input).value = numbers
            await board.pilot.press("enter")
            await board.until(lambda: board.app.screen is screen)
        await board.until(lambda: made(screen).numbers[0].tolist() == [0.7, -0.9])
        gate.set()
        await board.until(late.is_set)
        await board.until(lambda: "after/output" in by_words(screen))
        await board.quieten()
        shown = by_words(screen)
        assert made(screen).numbers[0].tolist() == [0.7, -0.9]
        np.testing.assert_allclose(shown["own/output"], 2 * shown["before/output"], rtol=1e-6)
        asked = [command.inputs[0].array() for command in board.engine.sent_of(CallLayer)]
        np.testing.assert_allclose(asked[-1], shown["before/output"], rtol=1e-6)
        assert len(asked) == 2


async def test_what_breaks_a_calculation_is_said_and_no_number_of_another_point_is_left_standing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def too_much(_beyond: Beyond, _carry: Carry) -> Calculated:
        raise MemoryError

    async with playing() as board:
        screen = await show(board, graphs.recurrent())
        with monkeypatch.context() as patched:
            patched.setattr(Beyond, "calculated", too_much)
            await give(board, "0.1, 0.2")
            await board.until(lambda: "there is not enough memory to calculate this" in board.words)
            assert not screen.query_one(Followed).display
        await give(board, "0.3, 0.4")
        await board.until(lambda: "Rounding shown" in board.words)
        assert screen.query_one(Followed).display and screen.query_one(GraphList).lines.has_focus
        with monkeypatch.context() as patched:
            patched.setattr(Beyond, "question", lambda _beyond: 1 // 0)
            await board.press("r")
            await board.until(lambda: "unexpected ZeroDivisionError" in board.words)


async def test_a_layer_after_the_one_that_keras_is_asked_for_is_practised_and_that_one_is_not() -> None:
    async with playing(size=(120, 40)) as board:
        screen = await show(board, lent())
        await give(board, "0.1, 0.2")
        await board.until(lambda: "From Keras, not calculated here: own." in board.words)
        await board.press("end", "up", "p", "enter")
        await board.until(lambda: " blanks left" in board.words)
        sheet = board.app.screen
        assert isinstance(sheet, SheetScreen) and sheet._sitting is not None
        assert {spot.call for spot in sheet._sitting.blanks} == {("after",)}
        for spot in sheet._sitting.blanks:
            shown = by_words(screen)[f"after/{spot.value}"][spot.index]
            assert float(sheet._sitting.shown(spot)) == pytest.approx(shown, abs=1e-4)
        await board.press("escape", "home", "down", "down", "p", "enter")
        refusal = "expected a layer that calculates something (before, after), got 'own'"
        await board.until(lambda: refusal in board.words)


@pytest.mark.parametrize("typed", ["1, 2, 3", "no.npz", "a"])
async def test_a_point_that_does_not_fit_is_refused_beside_its_field(typed: str) -> None:
    async with playing() as board:
        screen = await show(board, graphs.attending())
        await give(board, typed)
        assert "expected" in board.words or "there is no file" in board.words
        await board.press("escape")
        assert not screen._is_given


async def test_leaving_the_model_leads_back_to_the_tabs() -> None:
    async with playing() as board:
        screen = await show(board, graphs.recurrent())
        assert screen.query_one(Page).spot is not None
        await board.press("escape")
        assert len(board.app.screen_stack) == 1


async def test_no_key_changes_the_model_of_the_tabs_that_lies_beneath() -> None:
    async with playing() as board:
        board.session.set_number(1, 1, (0,), -1.5)
        await board.settle()
        weights = board.state.model.weights
        await show(board, graphs.recurrent())
        await board.press("u")
        assert board.state.model.weights is weights
        assert board.said[-1].startswith("Nothing was changed")


async def test_a_model_that_is_no_chain_opens_from_the_dialog_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_model, "open_any", lambda *_: graphs.recurrent())
    async with playing() as board:
        await board.press("ctrl+o")
        await board.fill("model", "waves.keras")
        await board.press("enter")
        await board.until(lambda: isinstance(board.app.screen, AnyModelScreen))
        await board.quieten()
        assert "waves.keras: waves." in board.words and "lstm" in board.words
        await board.press("escape")
        assert len(board.app.screen_stack) == 1


async def test_the_calculation_is_taken_away_as_it_is_on_the_screen(tmp_path: Path) -> None:
    async with playing() as board:
        await show(board, graphs.recurrent())
        await give(board, "0.1, 0.2, 0.3, 0.4, 0.5, 0.6")
        await board.press("r")
        await board.quieten()
        await board.press("t", "enter")
        await board.quieten()
        page = board.app.clipboard
        assert "steps (3 x 2) = [ 0.1000 ] [ 0.2000 ] " in page and "rounding carried" in page
        assert "  cell state = forget gate * cell state before + input gate * candidate\n" in page
        await board.press("t", "j", "s")
        await board.type(str(tmp_path / "page.json"))
        await board.press("enter")
        await board.quieten()
        assert json.loads((tmp_path / "page.json").read_text())["model"] == "waves"


async def test_a_call_opens_and_folds_and_so_does_a_model_at_each_of_its_calls() -> None:
    async with playing() as board:
        screen = await show(board, graphs.siamese())
        graph = screen.query_one(GraphList)
        assert listed(screen) == ["one", "two", "tower", "tower (call 2)", "difference", "output", "output"]
        await board.press("down", "down", "down", "space")
        inside = ["  left", "  right", "  gate"]
        assert listed(screen)[3:8] == ["tower (call 2)", *inside, "difference"]
        await board.press("down", "space", "down")
        assert graph.line is not None and graph.line.depth == 2
        await board.press("space")
        assert (graph.line.name, listed(screen)[4:7]) == ("left", inside)
        await board.press("-")
        assert graph.line.name == "tower (call 2)" and len(listed(screen)) == 7


async def test_a_number_that_is_followed_into_a_folded_model_is_seen_in_the_list() -> None:
    async with playing() as board:
        screen = await show(board, graphs.siamese())
        screen.query_one(GraphList).go_to(("tower (call 2)", "gate"), "output")
        line = screen.query_one(GraphList).line
        assert line is not None and line.call == ("tower (call 2)", "gate")
        assert "  gate" in listed(screen)


@pytest.mark.parametrize("width", [30, 36, 60, 120])
def test_lines_fit_whatever_width_there_is_and_different_names_stay_different(width: int) -> None:
    outline = Outline(summary(graphs.u_shaped(6).graph).calls)
    drawn = outline.opened(frozenset()).drawn(4)
    columns = Columns.within(width, drawn, Widest.of([one.line for one in drawn]))
    lines = [columns.text(one) for one in drawn]
    assert max(map(len, lines)) + columns.lanes <= width
    assert len({line.split()[0] for line in lines}) == len(lines)
    assert all("4" in line or "8" in line for line in lines)
    said = [line for line in lines if "from down_" in line]
    assert len(said) == (0 if width == 30 else 2)


async def test_the_last_lines_of_the_list_tell_all_about_a_call() -> None:
    async with playing() as board:
        screen = await show(board, graphs.residual())
        about = screen.query_one(".about-line", Words)
        await board.press("down", "down", "down", "down", "down", "down", "down")
        assert str(about.render()) == "add_b: Add, 4; of add_a, b2"
        await board.press("up")
        assert str(about.render()) == "b2: Dense, 4, 20 numbers, frozen; of b1"
        await board.press("end")
        assert str(about.render()) == "output 2: output, 2; of aside"


async def test_a_click_chooses_a_call_and_another_one_goes_to_its_numbers() -> None:
    async with playing() as board:
        screen = await show(board, graphs.residual())
        for clicks in (1, 2):
            await board.pilot.click(GraphLines, offset=(9, 3))
            await board.quieten()
            line = screen.query_one(GraphList).line
            assert line is not None and line.name == "add_a"
            assert opened(screen).startswith("add_a/output[1] = ")
            assert clicks == 1 or screen.focused is screen.query_one(Page)


async def test_the_arrays_of_its_file_are_changed_in_their_own_type_and_it_is_read_again(tmp_path: Path) -> None:
    path, halves = tmp_path / "half.keras", np.arange(10, dtype="<f2").reshape(2, 5)
    config = json.loads(members()["config.json"])
    config["config"]["layers"][1]["config"]["dtype"] = "float16"
    weights = by_place({"layers/dense/vars/0": halves, "layers/dense/vars/1": halves[0]})
    contents = {"config.json": json.dumps(config).encode(), "model.weights.h5": weights}
    path.write_bytes(zipped({**members(), **contents}))
    kernel = Weight(("hidden",), "vars/0")
    async with playing() as board:
        opened = OpenedAt(path, board.app.session)
        screen = AnyModelScreen(opening.open_graph(path), path.name, None, opened)
        board.app.push_screen(screen)
        await board.quieten()
        await board.press("w")
        await board.until(lambda: isinstance(board.app.screen, WeightsScreen))
        assert "half.keras: The arrays of a model: zip of Keras" in board.words and "2 x 5, float16" in board.words
        await board.press("tab", "e")
        await board.fill("number", "0.12345")
        await board.press("enter")
        await board.settle()
        assert board.said[-1] == "0.12345 is 0.1235 here: float16 has no number nearer to it."
        await board.press("ctrl+s", "enter")
        await board.until(lambda: board.said[-1] == f"Saved {path}.")
        await board.press("escape")
        await board.until(lambda: board.app.screen is screen and screen._model.weights[kernel].flat[0] != 0)
        kept = screen._model.weights[kernel]
        assert kept.dtype == np.float16 and kept.ravel().tolist() == [np.float16(0.12345), *range(1, 10)]


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_how_to_close_the_screen_stands_in_the_lowest_line(size: tuple[int, int]) -> None:
    async with playing(size) as board:
        await show(board, graphs.sealed())
        assert "esc Close" in board.lines[-1]
