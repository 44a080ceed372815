"""The By hand tab over images: what is under the window, where a unit is, what is no weight, and no page at all."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from core.calculation.forward import MOST_WRITTEN_OUT, predict
from core.calculation.spot import Kind, Spot
from core.data.dataset import SumRule, generate
from core.layers.convolution import Conv2D
from core.layers.dense import Dense
from core.layers.pooling import AveragePooling2D, MaxPooling2D
from core.layers.reshaping import Flatten
from core.model.keras_file import OpenedModel
from core.model.network import Network
from tests.core.images import drawn_weights
from tests.tui.board import Board, playing
from tui.dialogs.form_dialog import FormDialog
from tui.dialogs.loss_dialog import LossDialog
from tui.dialogs.take_away_dialog import TakeAwayDialog
from tui.tabs.by_hand import ByHandTab
from tui.widgets.calculation import Calculation
from tui.widgets.unfolded import LEAST_ROWS

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

CONV, POOL, FLAT, OUTPUT = range(4)

TOO_LARGE = f"conv: expected at most {MOST_WRITTEN_OUT:,} numbers to write out"


def image(takes: str = "max") -> Network:
    """Return a model over images of 6 x 6, with two filters."""
    layers = (
        Conv2D("conv", 2, (3, 3), (1, 1), "valid", "tanh"),
        (MaxPooling2D if takes == "max" else AveragePooling2D)("pool", (2, 2), (2, 2)),
        Flatten("flat"),
        Dense("output", 1, "tanh"),
    )
    return Network.chain(36, layers, shape=(6, 6, 1))


def large() -> Network:
    """Return a model over images of 28 x 28 whose convolution is too large to be written out."""
    layers = (
        Conv2D("conv", 20, (3, 3), (1, 1), "valid", "relu"),
        MaxPooling2D("pool", (2, 2), (2, 2)),
        Flatten("flat"),
        Dense("output", 3, "tanh"),
    )
    return Network.chain(784, layers, shape=(28, 28, 1))


def seeing(network: Network, size: tuple[int, int] = (80, 24)) -> AbstractAsyncContextManager[Board]:
    """Open the model on the screen, as from a file."""
    opened = OpenedModel(network, drawn_weights(network, 0), None, (), b"")
    return playing(size, tutorial=False, opened=(opened, Path("image.keras"), None))


def page(board: Board) -> Calculation:
    return board.app.query_one(Calculation)


async def stand_on(board: Board, spot: Spot) -> None:
    page(board).spot = spot
    await board.settle()


async def test_each_layer_has_its_step_and_a_unit_says_where_it_is() -> None:
    async with seeing(image(), (120, 40)) as board:
        await board.press("4")
        assert "row 1, column 1, filter 1: z1 = 0.0880*" in board.words
        await stand_on(board, Spot(CONV, Kind.OUTPUT, 11))
        assert "row 2, column 2, filter 2: z12 = " in board.words
        await stand_on(board, Spot(POOL, Kind.OUTPUT, 6))
        assert "row 2, column 2, channel 1: k7 = max(" in board.words
        await stand_on(board, Spot(FLAT, Kind.OUTPUT, 2))
        assert "m = k, in one row" in board.text and "m3 = k3" in board.words
        await stand_on(board, Spot(OUTPUT, Kind.Z, 0))
        assert "z1 = " in board.words and "by hand" in board.text


async def test_a_point_stands_where_no_weight_leads_and_the_window_of_inputs_slides() -> None:
    async with seeing(image()) as board:
        await board.press("4")
        weights = board.state.model.weights.layers[CONV][0]
        row = board.line(" h1 [").replace("[-", "[ -").split()
        assert row[2:5] == [f"{weights[0, column, 0, 0]:.4f}" for column in range(3)]
        assert row[5] == "."
        await stand_on(board, Spot(CONV, Kind.Z, 31))
        cells = board.line(" h32[").split("]")[0].replace("h32[", "").split()
        assert cells[:3] == [f"{weights[0, column, 0, 1]:.4f}" for column in range(3)]


async def test_unfolding_leads_from_the_output_to_a_pixel() -> None:
    async with seeing(image()) as board:
        await board.press("4")
        await stand_on(board, Spot(POOL, Kind.OUTPUT, 0))
        await board.press("enter")
        assert "the output of pool, row 1, column 1" in board.words
        assert "k1 = max(h1, h3, h9, h11)" in board.words
        await board.press("enter")
        assert "the output of conv, row 1, column 1, filter 1" in board.words
        await board.press("enter")
        assert "w1,1,1,1 x1 + w1,2,1,1 x2" in board.words and "+ b1" in board.words
        await board.press("enter")
        assert "The model holds" in board.words
        await board.press("backspace", "right", "enter")
        assert "input 1 of conv (row 1, column 1, channel 1)" in board.words


async def test_a_weight_or_bias_tried_otherwise_changes_every_place_and_not_the_model() -> None:
    async with seeing(image()) as board:
        await board.press("4")
        before = board.state.model.weights
        await stand_on(board, Spot(CONV, Kind.WEIGHT, 2, 1))
        await board.press("e")
        await board.type("2")
        await board.press("enter")
        assert board.text.count("*2.0000") >= 3
        assert "what if: 1 number changed on this page only" in board.words
        assert board.state.model.weights is before
        await board.press("b")
        assert "*2.0000" not in board.text
        await stand_on(board, Spot(CONV, Kind.BIAS, 3))
        await board.press("e")
        await board.type("0.5")
        await board.press("enter")
        assert "*0.5000" in board.line(" h2 [") and "*0.5000" in board.line(" h4 [")
        assert "*0.5000" not in board.line(" h1 [")


async def test_what_is_no_weight_is_not_changed() -> None:
    async with seeing(image("average")) as board:
        await board.press("4")
        for spot, words in (
            (Spot(CONV, Kind.WEIGHT, 0, 30), "no weight"),
            (Spot(POOL, Kind.WEIGHT, 0, 0), "the share"),
        ):
            await stand_on(board, spot)
            await board.press("e")
            await board.type("2")
            await board.press("enter")
            assert f"expected a weight of the model to try another for, got {words}" in board.words
            assert not board.app.query_one(ByHandTab).reading.what_if
            await board.press("escape", "enter")
            assert "It is no weight of the model" in board.words
            await board.press("escape")


async def test_a_convolution_is_practised() -> None:
    async with seeing(image()) as board:
        await board.press("4")
        await stand_on(board, Spot(POOL, Kind.OUTPUT, 0))
        await board.press("p")
        board.app.screen.query_one("#line-what").value = "the layer here"  # type: ignore[attr-defined]
        dialog = board.app.screen
        assert isinstance(dialog, FormDialog)
        dialog.action_accept()
        await board.settle()
        assert "k1 = ? the output of pool, row 1, column 1" in board.words
        await board.press("h")
        assert "k1 = max(h1, h3, h9, h11)" in board.words
        await board.press("v")
        assert "revealed" in board.words


async def test_terms_have_room_below_a_long_calculation() -> None:
    async with seeing(image()) as board:
        await board.press("4")
        await stand_on(board, Spot(CONV, Kind.Z, 0))
        await board.press("enter")
        assert "10 in all" in board.text
        seen = [line for line in board.lines if re.match(r" [> ] w\d,\d,1,1 x\d+", line)]
        assert len(seen) >= LEAST_ROWS and seen[0].startswith(" > w1,1,1,1 x1")
        assert "z1 = w1,1,1,1 x1" in board.text and "= 0.0880" in board.words
        for _ in range(8):
            await board.press("down")
            assert any(line.startswith(" > w") for line in board.lines)
        assert board.line(" > w").startswith("> w3,3,1,1 x15")
        await board.press("down")
        assert board.line(" > b1").startswith("> b1")


async def test_with_more_lines_a_calculation_is_written_in_full() -> None:
    async with seeing(image(), (80, 40)) as board:
        await board.press("4")
        await stand_on(board, Spot(CONV, Kind.Z, 0))
        await board.press("enter")
        unfolded = board.words.split("10 in all")[0]
        assert "w2,1,1,1 x7 + w2,2,1,1 x8" in unfolded and "more" not in unfolded


# A model of which a layer is too large to be written out


async def test_what_is_too_large_has_its_numbers_without_the_matrix() -> None:
    async with seeing(large(), (80, 50)) as board:
        await board.press("4")
        await board.quieten()
        model, x = board.state.model, board.state.x
        expected = predict(model.network, model.weights, x[None, :])[0, 0]
        assert f"y1: by hand {expected:.4f} ({expected:.8f})" in board.text and "(float32)" in board.words
        row = board.line(" h21 ").split()
        kernel, bias = model.weights.layers[CONV]
        window = x.reshape(28, 28)[:3, 1:4]
        z = float((window * kernel[:, :, 0, 0]).sum() + bias[0])
        # Marked where the numbers before it, as printed, add up to another last digit.
        assert row[3].lstrip("~") == f"{z:.4f}" and row[4] == f"{max(z, 0.0):.4f}"
        await board.press("g")
        await board.type("z42")
        await board.press("enter", "enter")
        assert "row 1, column 3, filter 2" in board.words and "w1,1,1,2 x3" in board.text
        await board.press("enter")
        assert f"w1,1,1,2 = {kernel[0, 0, 0, 1]:.4f}" in board.words and "The model holds" in board.words


async def test_what_needs_the_matrix_is_refused_and_no_key_breaks() -> None:
    async with seeing(large()) as board:
        board.session.take_data(generate(SumRule(20, board.state.model.network.inputs, 100.0)))
        await board.press("4")
        await board.quieten()
        await board.press("p")
        assert any(TOO_LARGE in said for said in board.said)
        await board.press("t")
        assert isinstance(board.app.screen, TakeAwayDialog)
        await board.press("escape", "o")
        assert isinstance(board.app.screen, LossDialog)
        await board.press("escape")
        await board.quieten()
        await board.press("h", "v", "b", "m", "f", "r", "up", "down", "left", "right", "pagedown", "home", "end", "n")
        assert board.state.row is not None and "rounding carried" in board.words


async def test_another_model_has_its_matrix_again() -> None:
    async with seeing(large()) as board:
        await board.press("4")
        await board.quieten()
        assert " h1 [" not in board.text
        board.session.load_tutorial()
        await board.settle()
        assert " h5 [" in board.text
        await board.press("u")
        await board.quieten()
        assert " h1 [" not in board.text and "conv   h = relu" in board.text
