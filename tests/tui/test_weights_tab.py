"""The third move: ``get_weights()`` of every layer as tables with headings, statistics and a literal to copy."""

from __future__ import annotations

import numpy as np
import pytest
from textual.widgets import OptionList

from core.errors import shorten
from core.layers.activation_layers import Activation
from core.layers.convolutional_recurrent import ConvLSTM2D
from core.layers.dense import Dense
from core.layers.identity import Dropout
from core.layers.wrappers import Bidirectional
from core.model.graph import Input, chain
from core.model.initial import initial_weights
from core.model.literal import parse_arrays
from core.model.network import Network
from core.model.tutorial import trained
from tests.tui.board import Board, playing, text_of
from tui.widgets.layer_table import ROOM, layer_table

NETWORK, WEIGHTS = trained()
KERNEL, BIAS = WEIGHTS.layers[0]
HOSTILE = "[bold red]x[bold]\x1b[31m[@click=app.quit]"


async def test_every_number_stands_under_its_unit_and_beside_its_input() -> None:
    async with playing() as board:
        await board.press("3")
        assert "hidden.get_weights()   5 units, tanh" in board.text
        assert "unit 1 unit 2 unit 3 unit 4 unit 5" in board.words
        for row, name in enumerate(("x1", "x2")):
            numbers = " ".join(f"{value:.4f}" for value in KERNEL[row])
            assert board.line(f" {name}  ").endswith(f"{name} {numbers}")
        assert board.line("bias  ").endswith("bias " + " ".join(f"{value:.4f}" for value in BIAS))


async def test_j_and_k_go_through_the_layers_and_round_the_ends() -> None:
    async with playing() as board:
        await board.press("3", "j")
        assert "output.get_weights()" in board.text
        kernel, bias = WEIGHTS.layers[1]
        for unit in range(5):
            assert board.line(f"h{unit + 1}  ").endswith(f"h{unit + 1} {kernel[unit, 0]:.4f}")
        assert board.line("bias  ").endswith(f"bias {bias[0]:.4f}")
        await board.press("j")
        assert "hidden.get_weights()" in board.text
        await board.press("k")
        assert "output.get_weights()" in board.text


async def test_a_click_on_a_layer_shows_it() -> None:
    async with playing() as board:
        await board.press("3")
        await board.click("output  1 tanh")
        assert "output.get_weights()" in board.text


@pytest.mark.parametrize("place", [0, 1])
async def test_shape_dtype_and_statistics_are_those_of_the_arrays(place: int) -> None:
    async with playing() as board:
        await board.press("3", *["j"] * place)
        for label, array in zip(("kernel", "bias"), WEIGHTS.layers[place], strict=True):
            shown = " ".join(text_of(board.app.query_one("#statistics")).split())
            shape = " x ".join(str(side) for side in array.shape)
            wide = array.astype(np.float64)
            assert (
                f"{label} {shape} float32, {array.nbytes} B min {wide.min():.4f} max {wide.max():.4f} "
                f"mean {wide.mean():.4f} std {wide.std():.4f} norm {np.linalg.norm(wide):.4f}"
            ) in shown
            await board.press("ctrl+end")


async def test_every_number_of_digits_from_1_to_9_is_shown_as_it_rounds() -> None:
    async with playing((100, 24)) as board:
        await board.press("3")
        for _ in range(9):
            digits = board.app.digits
            assert f"x1 {KERNEL[0, 0]:.{digits}f} " in board.line(" x1  ")
            await board.press("d")
        assert board.app.digits == 4


async def test_the_cell_under_the_cursor_is_said_in_full() -> None:
    async with playing() as board:
        await board.press("3", "right", "down")
        assert board.line("weight from").endswith(f"weight from x2 to unit 2: {float(KERNEL[1, 1]):.9g}")
        await board.press("down")
        assert board.line("bias to").endswith(f"bias to unit 2: {float(BIAS[1]):.9g}")


@pytest.mark.parametrize("place", [0, 1])
async def test_the_copied_literal_gives_back_the_same_arrays_bit_for_bit(place: int) -> None:
    async with playing() as board:
        await board.press("3", *["j"] * place, "c")
        literal = board.app.clipboard
        layer = NETWORK.layers[place]
        back = parse_arrays(literal, NETWORK.arrays_of(place), layer.name)
        for array, copied in zip(WEIGHTS.layers[place], back, strict=True):
            assert copied.dtype == np.float32
            assert copied.tobytes() == array.tobytes()
        count = sum(array.size for array in WEIGHTS.layers[place])
        assert board.said == [f"Sent to the terminal's clipboard: {count} numbers for {layer.name}.set_weights()."]


async def test_a_layer_without_weights_says_so_and_has_nothing_to_copy() -> None:
    async with playing() as board:
        network = Network.chain(2, (Dense("one", 3, "linear"), Activation("act", "relu"), Dropout("drop", 0.5)))
        board.session.new_network(network)
        await board.press("3")
        for name, entry in (("act", "act  relu"), ("drop", "drop  dropout 0.5")):
            await board.press("j")
            assert f"{name} has no weights" in board.text
            assert entry in board.text
        await board.press("c")
        assert board.said == ["this layer has no weights"]
        assert board.app.clipboard == ""


async def test_a_layer_too_large_to_paste_is_not_copied() -> None:
    async with playing() as board:
        board.session.new_network(Network.chain(1000, (Dense("wide", 200, "relu"),)))
        await board.press("3", "c")
        assert board.said == ["200,200 numbers are too many to copy as text: t saves them"]


async def test_a_layers_name_is_shown_as_the_characters_that_it_is() -> None:
    async with playing((120, 30)) as board:
        network = Network.chain(2, (Dense(HOSTILE, 2, "tanh"), Dense("output", 1, "tanh")))
        board.session.new_network(network)
        shown = HOSTILE.replace("\x1b", "?")
        for key in ("3", "5"):
            await board.press(key)
            options = board.app.query(OptionList)
            assert any(str(listed.get_option_at_index(0).prompt) == f"{shown}  2 tanh" for listed in options)
            # On Set weights what the marks mean has its room, and a long name gives way to it.
            heading = f"{shown}.get_weights()" if key == "3" else f"{shorten(shown, 36)}.set_weights()"
            assert heading in board.text
        await board.press("3", "c")
        assert board.said == [f"Sent to the terminal's clipboard: 6 numbers for {shown}.set_weights()."]
        await board.press("4")
        assert "[bold red]x[" in board.text
        assert board.app.is_running
        assert "\x1b" not in board.text


async def test_nan_and_infinity_are_shown_and_counted_as_such() -> None:
    async with playing() as board:
        await show_broken(board)
        await board.press("3")
        assert "nan" in board.line(" x1  ")
        assert "-inf" in board.line(" x2  ")


async def show_broken(board: Board) -> None:
    kernel = np.array([[np.nan, 1.0], [-np.inf, 2.0]])
    board.session.new_network(Network.chain(2, (Dense("broken", 2, "tanh"),)))
    board.session.set_layer(0, [kernel, [0.0, 0.0]])
    await board.settle()


async def test_another_model_is_shown_at_once() -> None:
    async with playing() as board:
        await board.press("3", "j")
        board.session.load_always_right()
        await board.settle()
        assert "output.get_weights()" in board.text
        assert board.line(" x1  ").endswith("x1 1.0000")
        assert board.line("bias  ").endswith("bias -0.5000")


def test_rows_of_arrays_of_many_axes_have_names_of_their_own_in_the_room_that_there_is() -> None:
    both = Bidirectional("both", ConvLSTM2D("cells_of_images", 2, (3, 3), (1, 1)))
    network = Network.of(chain("m", Input("x", (2, 4, 4, 12)), [both]))
    grid = layer_table(network, 0, initial_weights(network, 0).layers[0], None)
    names = [grid.row_name(row) for row in range(grid.table.rows)]
    assert len(set(names)) == len(names) and max(map(len, names)) <= ROOM
