"""Scrubbing: the bar that is clicked and dragged along, the keys that go to an epoch, and the mark of where it is."""

from __future__ import annotations

import numpy as np
import pytest
from textual.events import MouseMove

from core.model.layers_text import chain_network
from core.model.weights import Weights
from core.session.history import History, KeptWeights
from core.session.state import Run
from core.training.recipe import Recipe
from tests.tui.board import Board, playing
from tui.tabs.words import kept_line
from tui.widgets.curves import axis_line
from tui.widgets.scrubber import Scrubber


async def trained(board: Board) -> None:
    await board.press("2", "space")
    await board.quieten()
    assert board.state.model.epoch == 150


def bar(board: Board) -> tuple[int, int, int]:
    region = board.app.query_one(Scrubber).region
    return region.x, region.y, region.width


async def test_a_click_on_the_bar_goes_to_the_epoch_at_its_place() -> None:
    async with playing(tutorial=False) as board:
        await trained(board)
        x, y, width = bar(board)
        for place, epoch in ((0, 0), (width // 2, round(150 * (width // 2) / (width - 1))), (width - 1, 150)):
            await board.pilot.click(offset=(x + place, y))
            await board.settle()
            assert board.state.model.epoch == epoch


async def test_a_drag_along_the_bar_is_followed_and_a_pointer_that_passes_is_not() -> None:
    async with playing(tutorial=False) as board:
        await trained(board)
        x, y, width = bar(board)
        await board.pilot.hover(offset=(x + 9, y))
        assert board.state.model.epoch == 150
        scrubber = board.app.query_one(Scrubber)
        for place in (7, 3):
            held = (scrubber, place, 0, 0, 0, 1, False, False, False)
            scrubber.post_message(MouseMove(*held, screen_x=x + place, screen_y=y))
            await board.settle()
            assert board.state.model.epoch == round(150 * place / (width - 1))


async def test_without_a_training_the_bar_says_so() -> None:
    async with playing(tutorial=False) as board:
        await board.press("2")
        x, y, _ = bar(board)
        await board.pilot.click(offset=(x + 4, y))
        await board.press("g")
        said = "expected a training whose epochs could be shown, got none: space on the Training tab starts one"
        assert board.said == [said, said]


async def test_keys_go_to_the_first_the_last_and_any_epoch() -> None:
    async with playing(tutorial=False) as board:
        await trained(board)
        await board.press("home")
        assert board.state.model.epoch == 0
        await board.press("g", *"37", "enter")
        assert board.state.model.epoch == 37
        assert "^ epoch 37" in board.text
        assert "epoch 37 of 150" in board.words
        await board.press("end")
        assert board.state.model.epoch == 150
        assert "^ epoch 37" not in board.text
        await board.press("g", *"151", "enter")
        assert "expected an epoch from 0 to 150, got 151" in board.beside("epoch")


def kept(epochs: int, budget: int) -> KeptWeights:
    network = chain_network(2, "1 tanh")
    first = Weights.for_network(network, [[np.zeros((2, 1)), np.zeros(1)]])
    stacked = ((np.zeros((epochs, 2, 1), np.float32), np.zeros((epochs, 1), np.float32)),)
    return KeptWeights.starting(first, budget).extended(range(1, epochs + 1), stacked, 3)


def test_what_was_let_go_is_said() -> None:
    whole = Run(Recipe(), kept(9, 1 << 20), History({"loss": np.ones(9)}))
    assert kept_line(whole) == "10 epochs kept, 120 B of 1 MB"
    weights = kept(99, 300)
    thinned = Run(Recipe(), weights, History({"loss": np.ones(99)}))
    assert weights.stride > 1
    said = f"{len(weights)} of 100 epochs kept (one in {weights.stride}, the first, the last and the best), "
    assert kept_line(thinned).startswith(said)


def test_the_nearest_kept_epoch_is_found() -> None:
    weights = kept(99, 300)
    for wanted in (0, 1, 2, 50, 98, 99, 500):
        found = weights.nearest(wanted)
        assert found in weights
        assert abs(found - wanted) == min(abs(int(epoch) - wanted) for epoch in weights.epochs)


@pytest.mark.parametrize("width", [20, 28, 60])
@pytest.mark.parametrize("at", [None, 0, 1, 2, 37, 75, 120, 149, 150])
def test_the_mark_stands_below_its_epoch(width: int, at: int | None) -> None:
    line = axis_line(width, 150, at)
    assert len(line) <= width
    if at is None or not 1 < at < 150:
        assert line.split() == ["1", "epoch", "150"]
    else:
        place = line.index("^")
        assert str(at) in line
        assert abs(place - (at - 1) / 149 * (width - 1)) <= 2
