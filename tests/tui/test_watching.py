"""Watching: the path of a weight over the epochs, of all weights of its unit, and of none, in the Weights tab."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.layers.dense import Dense
from core.layers.identity import Dropout
from core.model.network import Network
from core.training.recipe import Recipe
from tests.tui.board import Board, playing
from tui.tabs.weights import MOST_PATHS
from tui.widgets.curves import Curves, spans_of

if TYPE_CHECKING:
    from core.session.state import Run
    from tui.widgets.curves import Curve


def run_of(board: Board) -> Run:
    run = board.state.model.run
    assert run is not None
    return run


def curves(board: Board) -> list[Curve]:
    """Return what is drawn, nothing if nothing is."""
    path = board.app.query_one("#path", Curves)
    return list(path._curves) if path.display else []


def dots(board: Board) -> int:
    return sum("⠀" < character <= "⣿" for line in board.lines for character in line)


async def test_w_draws_the_weights_path_then_its_units_then_none() -> None:
    async with playing(tutorial=False) as board:
        board.session.set_recipe(Recipe(epochs=40))
        await board.press("2", "space", "3")
        assert curves(board) == []
        await board.press("w")
        (curve,) = curves(board)
        kept = run_of(board).kept
        assert curve.at is kept.epochs
        assert np.array_equal(curve.values, [kept.weights(epoch).layers[0][0][0, 0] for epoch in range(41)])
        assert dots(board) > 20
        assert "epoch 40" in board.text
        await board.press("w")
        unit = curves(board)
        assert [curve.colour for curve in unit] == ["faint", "faint", "training"]
        last = kept.weights(40)
        ends = sorted(float(np.asarray(curve.values)[-1]) for curve in unit)
        assert ends == sorted(float(number) for number in (*last.layers[0][0][:, 0], last.layers[0][1][0]))
        assert np.array_equal(unit[-1].values, curve.values)
        await board.press("w")
        assert curves(board) == []
        assert dots(board) == 0


async def test_the_path_follows_the_cursor_the_layer_and_the_training() -> None:
    async with playing(tutorial=False) as board:
        board.session.set_recipe(Recipe(epochs=20))
        await board.press("2", "space", "3", "w", "right", "down")
        assert np.array_equal(curves(board)[0].values, run_of(board).kept.path(0, 0, (1, 1)))
        await board.press("down")
        assert "bias to unit 2" in board.text
        assert np.array_equal(curves(board)[0].values, run_of(board).kept.path(0, 1, (1,)))
        await board.press("j")
        row, column = 2, 0
        assert np.array_equal(curves(board)[0].values, run_of(board).kept.path(1, 0, (row, column)))
        await board.press("{")
        assert len(curves(board)[0].values) == 21
        await board.press("2", "space", "3")
        assert board.state.done[-1] == "train 20 epochs on from epoch 10"
        assert np.array_equal(curves(board)[0].values, run_of(board).kept.path(1, 0, (row, column)))
        await board.press("2", "r", "3")
        assert curves(board) == []


async def test_below_the_path_is_marked_which_epoch_is_shown() -> None:
    async with playing(tutorial=False) as board:
        board.session.set_recipe(Recipe(epochs=20))
        await board.press("2", "space", "3", "w")
        assert "^ epoch 20" not in board.text
        await board.press("{")
        assert "^ epoch 10" in board.text
        await board.press("[")
        assert "^ epoch 9" in board.text


async def test_without_a_training_there_is_nothing_to_watch() -> None:
    async with playing() as board:
        await board.press("3", "w")
        said = "expected a training whose weights could be watched, got none: space on the Training tab"
        assert board.said == [said]
        assert curves(board) == []


async def test_a_layer_without_weights_has_no_path() -> None:
    layers = (Dense("hidden", 3, "relu"), Dropout("drop", 0.5), Dense("output", 1, "tanh"))
    async with playing() as board:
        board.session.new_network(Network.chain(2, layers))
        board.session.set_recipe(Recipe(epochs=5))
        await board.press("2", "space", "3", "w")
        assert len(curves(board)) == 1
        await board.press("j")
        assert "drop has no weights" in board.text
        assert curves(board) == []
        await board.press("j")
        assert np.array_equal(curves(board)[0].values, run_of(board).kept.path(2, 0, (0, 0)))


async def test_a_thinned_training_is_drawn_at_the_epochs_that_are_kept() -> None:
    async with playing(tutorial=False) as board:
        board.session.runs._budget = 10 * board.state.model.weights.count * 4
        board.session.set_recipe(Recipe(epochs=40))
        await board.press("2", "space")
        kept = run_of(board).kept
        assert len(kept) <= 10
        assert (kept.epochs[0], kept.last) == (0, 40)
        assert run_of(board).history.best in kept.epochs
        assert f"{len(kept)} of 41 epochs kept (one in " in board.text
        await board.press("3", "w")
        (curve,) = curves(board)
        assert curve.at is kept.epochs
        assert len(curve.values) == len(kept)
        drawn = spans_of(curve, 40, (-1.0, 1.0), (20, 8))
        assert len(drawn) == 40
        before = int(kept.epochs[-2])
        await board.press("[")
        assert board.state.model.epoch == before
        await board.press("]")
        assert board.state.model.epoch == 40


async def test_of_a_unit_with_many_weights_the_first_are_drawn_and_the_chosen_one() -> None:
    async with playing() as board:
        board.session.new_network(Network.chain(60, (Dense("output", 1, "tanh"),)))
        board.session.set_recipe(Recipe(epochs=3))
        await board.press("2", "space", "3", "w", "w", "ctrl+end")
        drawn = curves(board)
        assert len(drawn) == MOST_PATHS + 1
        assert np.array_equal(drawn[-1].values, run_of(board).kept.path(0, 1, (0,)))
        assert np.array_equal(drawn[0].values, run_of(board).kept.path(0, 0, (0, 0)))
