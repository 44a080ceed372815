"""A model that is no chain, in the five tabs: followed by hand, tried, compared with Keras, edited and undone."""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING

import numpy as np
from textual.widgets import Input

from core.calculation.calculated import Spot
from core.calculation.followed import Asked, Followed, follow
from core.calculation.running import predict
from core.layers.dense import Dense
from core.layers.recurrent import LSTM
from core.model.graph import Input as ModelInput
from core.model.graph import chain
from core.model.initial import initial_weights
from core.model.network import Network
from core.session.session import Session
from core.session.state import Model
from tests import graphs
from tests.tui.board import playing
from tui.keras_status import Answer
from tui.pages.drawing import legend
from tui.pages.page import Page
from tui.tabs.by_hand import ByHandTab
from tui.tabs.follow import Follow
from tui.tabs.following import FollowingPart
from tui.tabs.layers import LayerTab
from tui.tabs.three_way import Yours
from tui.widgets.graph_list import GraphList
from tui.widgets.paper import Paper
from tui.widgets.words import Words

if TYPE_CHECKING:
    import pytest

    from core.model.files.opening import OpenedGraph
    from tests.tui.board import Board

ROW = np.array([0.1, -0.2, 0.3, 0.4])


async def take(board: Board, model: OpenedGraph, x: np.ndarray | None = None) -> Network:
    """Have a model with weights that are always the same, and a point, in the session."""
    network = Network.of(model.graph)
    weights = initial_weights(network, 1)
    board.session.take("a model", Model(network, weights, weights), board.state.dataset)
    if x is not None:
        board.session.set_x(x)
    await board.press("4")
    await board.quieten()
    return board.state.model.network


def following(board: Board) -> FollowingPart:
    return board.app.query_one(FollowingPart)


def check(board: Board) -> str:
    return str(board.app.query_one("#follow-check", Words).render())


def prediction(board: Board) -> float:
    model = board.state.model
    return float(predict(model.network, model.weights, board.state.x[None])[0, 0])


async def test_a_model_that_is_no_chain_is_followed_and_compared_with_keras() -> None:
    async with playing(size=(120, 40)) as board:
        network = await take(board, graphs.recurrent(), ROW)
        assert network.lengths == (2,)
        assert following(board).display and not board.app.query_one(Paper).display
        assert f"by hand {prediction(board):.4f}" in check(board)
        assert "(float32)" in check(board)
        following(board).numbers.go_to(Spot(("lstm",), "candidate", (1, 2)))
        await board.quieten()
        assert "lstm/candidate[2,3] = " in board.words
        await board.press("enter", "enter")
        assert following(board).numbers.spot != Spot(("lstm",), "candidate", (1, 2))
        await board.press("backspace")
        assert following(board).numbers.spot == Spot(("lstm",), "candidate", (1, 2)) and not board.said
        await board.press("backspace")
        assert board.said == ["No number was followed to this one: enter goes to what it is made of."]


async def test_what_another_model_had_is_not_asked_of_this_one() -> None:
    """Neither the number in hand, nor the ones before it, nor a message that was on its way."""
    async with playing(size=(120, 40)) as board:
        await take(board, graphs.recurrent(), ROW)
        numbers = following(board).numbers
        first = Spot(("lstm",), "candidate", (1, 2))
        numbers.go_to(first)
        await board.quieten()
        await board.press("enter", "enter")
        assert numbers._before
        page = numbers.query_one(Page)
        for _ in range(2):
            await board.press("u")
            # A chain again: what was drawn is hidden, and is told of a size or of a key all the same.
            numbers.on_resize()
            numbers.on_page_moved(Page.Moved(page, first))
            board.app.query_one(Paper)._back()
            await board.settle()
        await take(board, graphs.branching())
        await board.press("enter", "backspace", "backspace")
        assert following(board).display
        assert "No number was followed to this one" in " ".join(board.said)


async def test_a_calculation_that_arrives_late_is_not_taken_for_the_model_of_now(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It was asked for a model that is no chain; meanwhile, on another tab, that was undone."""
    gate = threading.Event()

    def late(asked: Asked, before: Followed | None = None) -> Followed:
        made = follow(asked, before)
        if not asked.network.on_one_page:
            gate.wait()
        return made

    monkeypatch.setattr("tui.tabs.follow.follow", late)
    monkeypatch.setattr(Asked, "large", property(lambda asked: not asked.network.on_one_page))
    async with playing(size=(120, 40)) as board:
        network = Network.of(graphs.recurrent().graph)
        weights = initial_weights(network, 1)
        board.session.take("a model", Model(network, weights, weights), board.state.dataset)
        await board.pilot.press("4")
        await board.until(lambda: board.app.query_one(ByHandTab).follow.awaited is not None)
        await board.pilot.press("3")
        board.session.trail.undo()
        gate.set()
        await board.settle()
        await board.press("4")
        await board.settle()
        assert board.state.model.network.on_one_page
        assert "h1 [" in board.text and "Keras" in str(board.app.query_one("#check", Words).render())


def test_a_comparison_that_is_under_way_is_not_begun_again() -> None:
    network = Network.of(graphs.recurrent().graph)
    weights, session, follow = initial_weights(network, 1), Session(), Follow()
    session.take("a model", Model(network, weights, weights), session.state.dataset)
    asked = follow.asked(session.state)
    assert asked is not None
    follow.take(session.state, follow.wait_for(asked)())
    follow.yours = Yours("0.5", 0.5, 1, 0, session.state.x, weights)
    for answer in (Answer(weights.version, asked.x, np.zeros(1, np.float32), ()) for _ in range(2)):
        assert follow.unchecked(answer) is not None
        assert follow.unchecked(answer) is None
    assert follow.uncarried() is not None
    assert follow.uncarried() is None


async def test_a_number_is_tried_and_put_back_and_the_model_stays() -> None:
    async with playing(size=(120, 40)) as board:
        await take(board, graphs.recurrent(), ROW)
        before, weights = check(board), board.state.model.weights
        spot = Spot(("lstm",), "cell state", (1, 0))
        following(board).numbers.go_to(spot)
        await board.press("e")
        board.app.screen.query_one(Input).value = "0.9"
        await board.press("enter")
        await board.quieten()
        assert board.app.query_one(ByHandTab).follow.tried == {spot: 0.9}
        assert "lstm/cell state[2,1] = 0.9000 *" in board.words
        assert "1 number changed on this page only" in check(board)
        assert board.state.model.weights is weights
        await board.press("b")
        await board.quieten()
        assert check(board) == before


async def test_marked_numbers_are_practised_and_exact_ones_written_as_fractions() -> None:
    async with playing(size=(120, 40)) as board:
        await take(board, graphs.recurrent(), ROW)
        given, spot = Spot(("lstm",), "kernel", (0, 0)), Spot(("lstm",), "cell state", (1, 0))
        following(board).numbers.go_to(spot)
        await board.press("e")
        board.app.screen.query_one(Input).value = "0.25"
        await board.press("enter", "f")
        await board.quieten()
        assert "lstm/cell state[2,1] = 1/4 *" in board.words
        await board.press("b", "f", "m")
        await board.quieten()
        assert "p leaves blank what m marked: lstm/cell state[2,1]" in check(board)
        await board.press("p", "enter")
        await board.until(lambda: "is blank" in board.words)
        await board.until(lambda: "cell state[2,1] = " in str(board.app.screen.query_one("#asked", Words).content))
        await board.press("escape", "m")
        await board.quieten()
        assert "marked" not in check(board)
        following(board).numbers.go_to(given)
        await board.press("m", "p", "enter")
        await board.until(lambda: "choose others" in board.words)


async def test_rounding_is_carried_with_its_drift_and_a_number_is_gone_to_by_its_name() -> None:
    async with playing(size=(120, 40)) as board:
        await take(board, graphs.recurrent(), ROW)
        await board.press("r", "g")
        await board.type("lstm/hidden state[2,3]")
        await board.press("enter")
        await board.quieten()
        assert following(board).numbers.spot == Spot(("lstm",), "hidden state", (1, 2))
        assert "drift " in board.words and "exact " in check(board)


async def test_ones_own_output_is_compared() -> None:
    async with playing(size=(120, 40)) as board:
        await take(board, graphs.recurrent(), ROW)
        await board.press("y")
        board.app.screen.query_one(Input).value = f"{prediction(board):.3f}"
        await board.press("enter")
        await board.quieten()
        assert "yours" in check(board) and "right, to half of its last digit" in check(board)


async def test_a_weight_is_changed_and_undone_and_every_tab_follows() -> None:
    async with playing(size=(120, 40)) as board:
        await take(board, graphs.siamese())
        before = board.state.model.weights
        await board.press("5")
        await board.quieten()
        assert "tower/left" in board.words
        await board.press("enter")
        await board.type("0.75")
        await board.press("enter")
        await board.quieten()
        assert float(board.state.model.weights.layers[0][0][0, 0]) == 0.75
        assert board.state.done[-1] == "tower/left w[1, 1] = 0.75"
        await board.press("4")
        await board.quieten()
        assert f"by hand {prediction(board):.4f}" in check(board)
        await board.press("u")
        await board.quieten()
        assert board.state.model.weights.equal(before)


async def test_a_chain_has_its_page_again() -> None:
    async with playing(size=(120, 40)) as board:
        await take(board, graphs.siamese())
        board.session.trail.undo()
        await board.quieten()
        assert board.app.query_one(Paper).display and not following(board).display
        assert board.app.query_one(Paper).has_focus_within


async def test_the_layers_of_a_graph_are_chosen_from_its_lanes() -> None:
    async with playing(size=(120, 40)) as board:
        network = await take(board, graphs.siamese())
        await board.press("3")
        await board.quieten()
        assert "tower (call 2)" in board.words
        tab = board.page
        assert isinstance(tab, LayerTab)
        for place in (*range(1, len(network.layers)), 0):
            await board.press("j")
            await board.quieten()
            assert tab.place == place
            assert network.layers[place].name in str(board.app.query_one("#layer-title", Words).render())
        lines = tab.query_one(GraphList).lines
        lines.focus()
        lines.cursor = next(
            at for at, one in enumerate(lines.drawn) if one.line.call == ("difference",) and one.line.value == "output"
        )
        await board.quieten()
        assert tab.place == network.index("difference")


async def test_from_the_list_too_the_layers_go_round_so_that_the_prediction_is_a_key_away() -> None:
    async with playing() as board:
        await take(board, graphs.u_shaped())
        await board.press("4")
        await board.quieten()
        lines = board.page.query_one(GraphList).lines
        assert board.app.focused is lines and lines.cursor == 0
        # Nothing is made of anything: the point's own numbers are given.
        assert "It is the point's own number" in board.words and "made of (enter" not in board.text
        await board.press("k")
        await board.quieten()
        assert lines.cursor == len(lines.drawn) - 1 and "made of (enter" in board.text
        assert "It is the point's own number" not in board.words
        await board.press("j")
        await board.quieten()
        assert lines.cursor == 0


async def test_what_the_marks_mean_is_whole_beside_a_models_branches_at_80_columns() -> None:
    async with playing() as board:
        await take(board, graphs.branching())
        await board.press("5")
        await board.quieten()
        board.session.set_number(0, 0, (0,) * len(board.state.model.weights.layers[0][0].shape), 1.0)
        await board.quieten()
        assert re.search(r"\.set_weights\(\)   \* by the last step\s*$", board.text, re.MULTILINE)


async def test_a_formula_stands_below_the_tables_of_its_page_and_is_whole_where_it_fits() -> None:
    async with playing() as board:
        await take(board, graphs.recurrent(), np.linspace(-0.5, 0.7, 8))
        followed = following(board).numbers
        pane, opened = board.app.query_one("#formula"), board.app.query_one("#opened", Words)
        # A long one leaves a scroll bar, beside which there is less room for the next.
        for spot in (Spot(("lstm",), "candidate", (1, 0)), Spot(("lstm",), "cell state", (0, 0))):
            followed.go_to(spot)
            await board.quieten()
        assert not pane.show_vertical_scrollbar and opened.size.height <= pane.size.height
        assert [line[35:].rstrip() for line in board.lines[14:18]] == [
            "lstm/cell state[1,1] = -0.0448",
            "  = forget gate[1,1] * 0 + input gate[1,1] *",
            "candidate[1,1]",
            "  = 0.6740 * 0 + 0.5164 * (-0.0867)",
        ]
        # What a low page leaves is the formula's.
        before = pane.size.height
        followed.go_to(Spot(("output",), "output", (0,)))
        await board.quieten()
        assert pane.size.height > before
        page = followed.query_one(Page)
        assert pane.region.y == page.region.bottom
        assert max(drawing.box.top + drawing.box.height for drawing in page._drawings()) == page.size.height


async def test_in_a_tall_window_what_a_low_page_leaves_goes_to_what_a_number_is_made_of() -> None:
    async with playing(size=(120, 40)) as board:
        await take(board, graphs.recurrent(), np.linspace(-0.5, 0.7, 8))
        followed, sources = following(board).numbers, board.app.query_one("#sources")
        followed.go_to(Spot(("lstm",), "output", (0,)))
        await board.quieten()
        before = sources.size.height
        followed.go_to(Spot(("output",), "output", (0,)))
        await board.quieten()
        assert sources.size.height > before >= 8
        assert board.app.query_one("#formula").region.y == followed.query_one(Page).region.bottom


async def test_enter_on_a_model_in_the_list_goes_to_its_numbers_on_every_tab_that_lists_it() -> None:
    async with playing() as board:
        await take(board, graphs.residual())
        for key, tab in (("3", "WeightsTab"), ("5", "SetWeightsTab")):
            await board.press(key)
            await board.quieten()
            layers = board.app.query_one(tab, LayerTab)
            layers.query_one(GraphList).lines.focus()
            await board.quieten()
            assert "enter Numbers" in board.lines[-1]
            await board.press("enter")
            await board.quieten()
            assert layers.matrix.has_focus_within
        await board.press("4")
        await board.quieten()
        assert "enter Numbers" in board.lines[-1]
        await board.press("enter")
        assert following(board).query_one(Page).has_focus


async def test_the_arrays_of_an_lstm_have_their_whole_names_in_the_list_at_120_columns() -> None:
    model = graphs.opened(chain("waves", ModelInput("series", (6, 2)), [LSTM("lstm", 4), Dense("next", 1)]))
    async with playing(size=(120, 40)) as board:
        await take(board, model)
        following(board).numbers.go_to(Spot(("lstm",), "cell state", (0, 0)))
        await board.quieten()
        assert "recurrent_kernel " in board.text


async def test_the_check_of_one_of_several_outputs_takes_a_line_at_80_columns() -> None:
    async with playing() as board:
        await take(board, graphs.branching(), ROW)
        check_line = check(board).splitlines()[0]
        assert check_line.startswith("y1 = ") and check_line.endswith("(float32)")
        assert len(check_line) <= 78


async def test_the_shades_of_the_picture_in_hand_are_explained_at_80_columns() -> None:
    async with playing() as board:
        await take(board, graphs.image(), np.linspace(-1.0, 1.0, 25))
        for spot in (Spot((), "picture", (0, 0, 0)), Spot(("conv",), "output", (0, 0, 0))):
            following(board).numbers.go_to(spot)
            await board.quieten()
            page = board.app.query_one(Page)
            (shaded,) = [one for one in page._drawings() if one.box.is_shades and one.hand is not None]
            assert legend(shaded.panel) in board.text and "i Numbers" in board.lines[-1]
            # Beside its numbers there is nothing to explain.
            await board.press("i")
            assert legend(shaded.panel) not in board.text
            await board.press("i")
