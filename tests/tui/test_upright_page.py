"""By hand with room: vectors stand upright in brackets as on paper, and the page works as it does in rows."""

from __future__ import annotations

import pytest

from core.calculation.calculated import Spot, addresses_of
from core.export.chain import Chain
from core.layers.activation_layers import Activation
from core.layers.dense import Dense
from core.layers.identity import Dropout
from core.model.layers_text import chain_network
from core.model.network import Network
from tests.tui.board import Board, playing
from tui.dialogs.form_dialog import FormDialog
from tui.tabs.by_hand import ByHandTab
from tui.widgets.calculation import Calculation, Cell
from tui.widgets.cell_input import CellInput
from tui.widgets.page_block import RESULTS, Block, Page, Written
from tui.widgets.upright_block import Upright

ROOM = (120, 40)


def page(board: Board) -> Calculation:
    return board.app.query_one(Calculation)


async def stand_on(board: Board, spot: Spot, place: int = 0) -> None:
    """Go to a number, in the layer there if that is another one than it is made by."""
    page(board).go_to(spot)
    page(board).at = Cell(max(place, page(board).at.place), spot)
    await board.settle()


def styles(board: Board) -> set[type[Block]]:
    return {type(block) for block in page(board)._blocks}


async def test_with_room_every_vector_stands_upright_in_brackets() -> None:
    async with playing(ROOM) as board:
        await board.press("4")
        assert board.line(" W^T x ").split() == ["W^T", "x", "W^T", "x", "+", "b", "=", "z", "tanh", "=", "h"]
        first = "h1 [ -1.0824 -0.5668 ] [ 0.3000 ] [ -0.3814 ] [ -0.1829 ] [ -0.5643 ] [ -0.5112 ]"
        assert board.line(" h1 [") == first
        assert "] [ 0.1000 ] [" in board.line(" h2 [")
        assert board.line(" h3 [").startswith("h3 [ 0.9501 0.9162 ] [ 0.3766 ]")
        column, row = board.place("[ -0.5112 ] [  1.3855 ]")
        below = [line[column:].strip() for line in board.lines[row + 1 : row + 6]]
        assert below == ["[  0.4034 ]", "[  0.3715 ]", "[  0.3063 ]", "[ -0.1133 ]", ""]
        assert all(not line[:column].strip() for line in board.lines[row + 1 : row + 5])


async def test_without_room_the_inputs_stand_in_a_row_above_the_kernel() -> None:
    async with playing() as board:
        await board.press("4")
        assert styles(board) == {Block}
        assert board.line(" W^T x ").startswith("x = 0.3000 0.1000 W^T x")


@pytest.mark.parametrize(
    ("size", "digits", "style"),
    [((108, 30), 4, Upright), ((107, 30), 4, Block), ((108, 29), 4, Block), ((120, 40), 5, Upright), (ROOM, 9, Block)],
)
async def test_the_style_is_chosen_once_for_the_page_by_its_size(
    size: tuple[int, int], digits: int, style: type[Block]
) -> None:
    async with playing(size) as board:
        await board.press("4")
        board.app.digits = digits
        await board.settle()
        assert styles(board) == {style}
        assert page(board).max_scroll_y == 0 or style is Block


async def test_a_wide_layer_keeps_its_rows() -> None:
    async with playing(ROOM) as board:
        board.session.new_network(Network.chain(40, (Dense("hidden", 3, "relu"), Dense("output", 2, "softmax"))))
        await board.press("4")
        assert styles(board) == {Block}
        assert "of 40)" in board.text


async def test_layers_without_a_kernel_have_their_vector_alone() -> None:
    layers = (Dense("hidden", 3, "linear"), Activation("relu", "relu"), Dropout("drop", 0.5))
    async with playing((120, 50)) as board:
        board.session.new_network(Network.chain(2, (*layers, Dense("output", 2, "softmax"))))
        await board.press("4")
        assert styles(board) == {Upright}
        assert "softmax = y" in board.text and "same = m" in board.text
        await stand_on(board, Spot(("relu",), "output", (2,)))
        await board.press("down")
        assert page(board).spot == Spot(("drop",), "output", (0,))


async def test_the_arrows_go_through_a_row_as_it_is_seen() -> None:
    async with playing(ROOM) as board:
        await board.press("4", "home")
        seen = [page(board).spot]
        for _ in range(6):
            await board.press("right")
            seen.append(page(board).spot)
        weights = [Spot(("hidden",), "kernel", (place, 0)) for place in range(2)]
        results = [Spot(("hidden",), value, (0,)) for value in RESULTS]
        assert seen == [*weights, Spot((), "inputs", (0,)), *results]
        regions = [page(board)._blocks[0].x_of(spot) for spot in seen]
        assert regions == sorted(regions)


async def test_an_upright_vector_is_walked_up_and_down_and_left_at_its_ends() -> None:
    async with playing(ROOM) as board:
        await board.press("4")
        await stand_on(board, Spot(("hidden",), "output", (0,)), place=1)
        for place in range(1, 5):
            await board.press("down")
            assert page(board).spot == Spot(("hidden",), "output", (place,))
        await board.press("down", "right", "left")
        assert page(board).spot == Spot(("hidden",), "output", (4,))
        await board.press("pageup")
        assert page(board).at.place == 0
        await stand_on(board, Spot((), "inputs", (1,)))
        await board.press("down")
        assert page(board).spot == Spot(("output",), "kernel", (2, 0))
        await board.press("up")
        assert page(board).spot == Spot((), "inputs", (1,))
        await board.press("ctrl+end", "ctrl+home")
        assert page(board).spot == Spot((), "inputs", (0,))


async def test_the_arrows_reach_every_number_from_the_first_one() -> None:
    async with playing(ROOM) as board:
        await board.press("4")
        wanted = {
            (block.place, spot) for block in page(board)._blocks for row in block.rows for spot in block.spots(row)
        }
        assert len(wanted) == 2 + 5 * 6 + 5 + 9
        await stand_on(board, Spot(("hidden",), "kernel", (0, 0)))
        found, ways = {page(board).at}, [page(board).at]
        while ways:
            start = ways.pop()
            for key in ("down", "right"):
                page(board).at = start
                await board.pilot.press(key)
                if page(board).at not in found:
                    found.add(page(board).at)
                    ways.append(page(board).at)
        assert found == wanted


async def test_a_number_of_an_upright_vector_is_clicked_and_unfolds() -> None:
    async with playing(ROOM) as board:
        await board.press("4")
        alone = "[  0.3063 ]"
        column, row = next((line.index(alone), at) for at, line in enumerate(board.lines) if line.strip() == alone)
        await board.pilot.click(offset=(column + 4, row))
        await board.settle()
        assert page(board).spot == Spot(("hidden",), "output", (3,))
        await board.press("enter")
        assert "the output of hidden, unit 4" in board.words
        await board.press("escape")
        assert page(board).spot == Spot(("hidden",), "output", (3,))


async def test_a_click_on_a_bracket_or_beside_a_vector_goes_nowhere() -> None:
    async with playing(ROOM) as board:
        await board.press("4")
        before = page(board).spot
        column, row = board.place("] [  0.1000 ]")
        for x, y in [(column, row), (column + 6, row + 1)]:
            await board.pilot.click(offset=(x, y))
            await board.settle()
            assert page(board).spot == before


async def test_an_input_is_tried_as_another_number_under_a_field_that_hides_no_number_in_part() -> None:
    async with playing(ROOM) as board:
        await board.press("4")
        await stand_on(board, Spot((), "inputs", (1,)))
        await board.press("e")
        field = board.app.query_one("#typed", CellInput)
        block = page(board)._blocks[0]
        beside = page(board).region.x + block.x_of(Spot(("hidden",), "weighted sum", (1,)))
        assert field.region.right == beside + block.cell
        await board.type("0.6")
        await board.press("enter")
        assert "[ *0.6000 ]" in board.text
        assert "what if: 1 number changed" in board.text
        await board.press("b")
        assert "*" not in "".join(board.lines[4:20])


async def test_a_blank_of_an_upright_vector_is_answered() -> None:
    async with playing(ROOM) as board:
        await board.press("4")
        await stand_on(board, Spot(("hidden",), "output", (1,)), place=1)
        await board.press("m", "p")
        dialog = board.app.screen
        assert isinstance(dialog, FormDialog)
        dialog.action_accept()
        await board.settle()
        practising = board.app.query_one(ByHandTab).practising
        assert practising is not None
        assert board.text.count("____ ]") == 2
        blank = practising.blank(Spot(("hidden",), "output", (1,)))
        assert blank is not None
        await board.press("enter")
        await board.type(practising.sitting.shown(blank))
        await board.press("enter")
        assert practising.finished
        assert practising.sitting.score.right == 1


async def test_a_smaller_window_lays_the_page_in_rows_with_the_cursor_in_sight() -> None:
    async with playing(ROOM) as board:
        await board.press("4")
        await stand_on(board, Spot(("output",), "kernel", (4, 0)))
        await board.pilot.resize_terminal(80, 24)
        await board.settle()
        assert styles(board) == {Block}
        assert page(board).spot == Spot(("output",), "kernel", (4, 0))
        assert "-0.1030" in board.line(" y  [")
        await board.pilot.resize_terminal(*ROOM)
        await board.settle()
        assert styles(board) == {Upright}
        assert page(board).scroll_offset.y == 0


# Formulas


def formulas(network: Network) -> list[str]:
    """Every layer of a chain as its title has it."""
    places = range(len(network.layers))
    page = Page(
        Chain(network, addresses_of(network)), [6 for _ in places], lambda _spot: Written(""), ["" for _ in places]
    )
    return [Block(page, place, 0, 80).formula for place in places]


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        ("1 tanh", ["y = tanh(W^T x + b)"]),
        ("5 tanh, 1 tanh", ["h = tanh(W^T x + b)", "y = tanh(V^T h + c)"]),
        ("5 relu, 3, 1 sigmoid", ["h = relu(W^T x + b)", "k = V^T h + c", "y = sigmoid(U^T k + d)"]),
        ("2, dropout 0.25, relu", ["h = W^T x + b", "k = h", "y = relu(k)"]),
    ],
)
def test_a_layer_is_a_formula(layers: str, expected: list[str]) -> None:
    assert formulas(chain_network(2, layers)) == expected


def test_of_many_layers_the_letters_have_numbers() -> None:
    made = formulas(chain_network(2, ", ".join(["3 tanh"] * 12)))
    assert made[8] == "h9_ = tanh(W9_^T h8_ + b9_)" and made[11] == "y = tanh(W12_^T h11_ + b12_)"


def test_a_layer_without_a_bias_adds_none() -> None:
    assert formulas(Network.chain(2, (Dense("a", 2, use_bias=False),))) == ["y = W^T x"]
