"""The fourth move: the tutorial's calculation on the screen with its own numbers, and every number tried otherwise."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from textual.widgets import Input

from core.calculation.calculated import Spot
from core.calculation.running import predict
from core.engine.protocol import Predict, Predicted, SetWeights, Tensor
from core.layers.dense import Dense
from core.model.network import Network
from tests.tui.board import Board, RecordingEngine, playing, text_of
from tui.tabs.by_hand import ByHandTab
from tui.widgets.calculation import Calculation

ARTICLE: dict[str, Any] = json.loads((Path(__file__).parents[1] / "golden" / "article.json").read_text("utf-8"))
GOLDEN: dict[str, list[float]] = ARTICLE["by_hand_4_digits"]
"""The tutorial's own printed numbers."""


def page(board: Board) -> Calculation:
    return board.app.query_one(Calculation)


def go_to(board: Board, spot: Spot) -> None:
    page(board).go_to(spot)


async def try_number(board: Board, text: str) -> None:
    await board.press("e")
    await board.type(text)
    await board.press("enter")


async def test_the_tutorials_numbers_stand_on_the_screen_with_4_digits() -> None:
    async with playing() as board:
        await board.press("4")
        for unit in range(5):
            row = board.line(f" h{unit + 1} [").split()
            assert f"{GOLDEN['hidden_weighted_sum'][unit]:.4f}" in row
            assert row[-1] == f"{GOLDEN['hidden_output'][unit]:.4f}"
        row = board.line(" y  [").split()
        assert f"{GOLDEN['output_weighted_sum'][0]:.4f}" in row
        assert row[-1] == f"{GOLDEN['output'][0]:.4f}"
        inputs = " ".join(f"{value:.4f}" for value in GOLDEN["hidden_output"])
        assert board.line(" V^T h ").startswith(f"h = {inputs} V^T h")


async def test_every_weight_and_bias_stands_in_the_row_of_its_unit() -> None:
    async with playing() as board:
        await board.press("4")
        weights = board.state.model.weights
        (kernel, bias), (second, offset) = weights.layers
        for unit in range(5):
            row = board.line(f" h{unit + 1} [")
            assert f"[ {kernel[0, unit]:.4f} {kernel[1, unit]:.4f}]" in row.replace("[-", "[ -")
            assert f" {bias[unit]:.4f} " in row
        row = board.line(" y  [")
        assert all(f"{value:.4f}" in row for value in [*second[:, 0], offset[0]])


async def test_the_three_numbers_agree_with_keras() -> None:
    async with playing() as board:
        await board.press("4")
        line = board.line("by hand 0")
        assert line.startswith("by hand 0.9302 (0.93015913) Keras 0.930159")
        assert float(line.split("differ ")[1].split()[0]) < 1e-7


async def test_what_is_shown_rounds_to_0_9302_and_what_is_carried_to_0_9301() -> None:
    async with playing() as board:
        await board.press("4")
        assert "rounding shown" in board.text
        assert "by hand 0.9302" in board.text
        await board.press("r")
        assert "rounding carried" in board.text
        assert "by hand 0.9301" in board.text
        assert "0.9301" in board.line(" y  [").split()[-1]
        await board.press("r")
        assert board.line(" y  [").endswith("0.9302")


async def test_any_number_of_digits_is_shown() -> None:
    async with playing((120, 40)) as board:
        await board.press("4")
        outputs = predict(board.state.model.network, board.state.model.weights, board.state.x[None])
        for digits in range(1, 10):
            board.app.digits = digits
            await board.settle()
            assert f"digits {digits}" in board.text
            assert board.line(" y  [").removesuffix(" ]").endswith(f"{outputs[0, 0]:.{digits}f}")


# x


async def test_x_is_typed_and_everything_follows() -> None:
    async with playing() as board:
        await board.press("4", "x")
        await board.type("0.9, 0.2")
        await board.press("enter")
        assert board.state.x.tolist() == [0.9, 0.2]
        expected = predict(board.state.model.network, board.state.model.weights, np.array([[0.9, 0.2]]))[0, 0]
        assert f"by hand {expected:.4f} ({expected:.8f})" in board.text
        assert "the sum 1.1 is above 0.5: the label is +1 and the model is right here" in board.text
        assert isinstance(board.app.focused, Calculation)
        asked = board.engine.sent_of(Predict)[-1]
        assert np.allclose(asked.points.array(), [[0.9, 0.2]])


BAD_X = [
    ("", "expected 2 numbers separated by commas, got 0"),
    ("0.3", "expected 2 numbers separated by commas, got 1"),
    ("1, 2, 3", "expected 2 numbers separated by commas, got 3"),
    ("a, b", "expected a number such as -0.25, 1/3 or 1e-3, got 'a'"),
    ("nan, 1", "expected a number such as -0.25, 1/3 or 1e-3, got 'nan'"),
    ("1e400, 1", "1e400"),
    ("[red]x[/], 1", "[red]x[/]"),
]
"""What is typed for x, and what is said beside it."""


async def test_a_bad_x_is_said_beside_the_field_and_nothing_is_lost() -> None:
    async with playing() as board:
        await board.press("4")
        for mended, (typed, message) in enumerate(BAD_X):
            before = board.state
            await board.press("x")
            await board.type(typed)
            await board.press("enter")
            assert message in text_of(board.app.query_one("#x-message")), typed
            assert message in board.words
            assert board.state is before
            field = board.app.focused
            assert isinstance(field, Input)
            assert field.value == typed
            await board.type(f"0.5 {mended}")
            await board.press("enter")
            assert board.state.x.tolist() == [0.5, mended]
            assert "rounding shown" in board.text


async def test_escape_leaves_x_as_it_was() -> None:
    async with playing() as board:
        await board.press("4", "x")
        await board.type("9, 9")
        await board.press("escape")
        assert board.state.x.tolist() == [0.3, 0.1]
        assert "x = 0.3, 0.1" in board.text
        assert isinstance(board.app.focused, Calculation)


async def test_n_goes_through_the_rows_of_the_data() -> None:
    async with playing() as board:
        await board.press("4", "n")
        assert board.state.x.tolist() == board.state.dataset.points[0].astype(float).tolist()
        assert "row 1 of 250" in board.text
        await board.press("N")
        assert "row 250 of 250" in board.text
        assert board.state.x.tolist() == board.state.dataset.points[-1].astype(float).tolist()


async def test_a_wrong_and_a_right_point_are_called_so() -> None:
    async with playing() as board:
        await board.press("4")
        assert "the sum 0.4 is not above 0.5: the label is -1 and the model is wrong here" in board.text
        board.session.load_always_right()
        await board.settle()
        assert "the label is -1 and the model is right here" in board.text


async def test_a_sum_of_exactly_the_threshold_is_called_sign_0() -> None:
    async with playing() as board:
        board.session.load_always_right()
        board.session.set_x([0.25, 0.25])
        await board.press("4")
        assert "the prediction has sign 0, which is neither label" in board.words


# Walking


async def test_the_arrows_reach_every_number_of_the_page() -> None:
    async with playing() as board:
        await board.press("4")
        widget = page(board)
        wanted = {(block.place, spot) for block in widget._blocks for row in block.rows for spot in block.spots(row)}
        assert len(wanted) == 2 + 5 * 6 + 5 + 9
        go_to(board, Spot((), "inputs", (0,)))
        await board.settle()
        seen = {widget.at}
        for block in widget._blocks:
            for row in block.rows:
                assert block.row_of(widget.spot) == row
                for key in ("home", *["right"] * (len(block.spots(row)) - 1), "down"):
                    seen.add(widget.at)
                    await board.pilot.press(key)
                    seen.add(widget.at)
        assert seen == wanted


async def test_the_arrows_stop_at_the_ends() -> None:
    async with playing() as board:
        await board.press("4", "home", "left", *["up"] * 4)
        assert page(board).spot == Spot((), "inputs", (0,))
        await board.press("pagedown", "end", "right", "down")
        assert page(board).spot == Spot(("output",), "output", (0,))


async def test_the_line_of_a_unit_has_every_product_the_sum_the_bias_and_the_result() -> None:
    async with playing() as board:
        await board.press("4", "down")
        assert "z2 = 0.3248*0.3000 + 1.1575*0.1000 + 0.2145" in board.text
        assert "~= 0.0974 + 0.1157 + 0.2145 ~= 0.4277" in board.words
        assert "tanh(0.4277) = 0.4034" in board.text
        await board.press(*["down"] * 5)
        assert page(board).at.place == 1
        line = " ".join(text_of(board.app.query_one("#line")).split())
        assert "(-0.8776)*(-0.5112) + 1.0935*0.4034 + 0.2198*0.3715 + 1.3138*0.3063" in line
        assert "~= 0.4486 + 0.4412 + 0.0817 + 0.4024 + 0.0117 + 0.2741 ~= 1.6596" in line
        assert "tanh(1.6596) = 0.9302" in line


async def test_a_click_moves_the_cursor_and_a_second_one_opens_the_number() -> None:
    async with playing() as board:
        await board.press("4")
        await board.click("1.1575")
        assert page(board).spot == Spot(("hidden",), "kernel", (1, 1))
        await board.click("1.1575")
        assert board.line("w22 = 1.1575:").startswith("w22 = 1.1575: the kernel of hidden, input 2, unit 2")
        assert "The model holds 1.15749049, as it was given." in board.words


# What if

SPOTS = [
    (Spot(("hidden",), "kernel", (0, 1)), "2.5", "*2.5000"),
    (Spot(("hidden",), "bias", (2,)), "-0.75", "*-0.7500"),
    (Spot((), "inputs", (1,)), "0.6", "*0.6000"),
    (Spot(("hidden",), "weighted sum", (0,)), "1.25", "*1.2500"),
    (Spot(("hidden",), "pre-activation", (3,)), "-2", "*-2.0000"),
    (Spot(("hidden",), "output", (4,)), "0.5", "*0.5000"),
    (Spot(("output",), "kernel", (2, 0)), "-3", "*-3.0000"),
    (Spot(("hidden",), "output", (0,)), "0.125", "*0.1250"),
    (Spot(("output",), "bias", (0,)), "9", "*9.0000"),
    (Spot(("output",), "output", (0,)), "0.1", "*0.1000"),
]


@pytest.mark.parametrize(("columns", "last"), [(100, 15), (120, 19)], ids=["in rows", "upright"])
async def test_any_number_can_be_tried_as_another_one_without_touching_the_model(columns: int, last: int) -> None:
    async with playing((columns, 30)) as board:
        await board.press("4")
        before, page_before = board.state, board.lines[2:last]
        sent = len(board.engine.sent)
        for spot, typed, shown in SPOTS:
            go_to(board, spot)
            await board.settle()
            await try_number(board, typed)
            # The output of one layer is the input of the next, so such a number stands twice.
            twice = (spot.call, spot.value) == (("hidden",), "output")
            assert "".join(board.lines[4:last]).count(shown) == (2 if twice else 1), spot
            assert board.app.query_one(ByHandTab).follow.made.written.number(page(board).spot) == float(typed)
            assert board.state is before
            assert len(board.engine.sent) == sent
            assert "by hand 0.9302 (0.93015913)" not in board.text
            assert "what if: 1 number changed on this page only (*); b puts back" in board.text
            assert "unchanged: Keras 0.930159" in board.text
            await board.press("b")
            # Back to the top, where the page was read first.
            board.app.query_one(Calculation).scroll_to(0, 0, animate=False, force=True)
            await board.settle()
            assert "*" not in "".join(board.lines[5:last])
            assert board.lines[2:last] == page_before, spot
            assert "by hand 0.9302 (0.93015913)" in board.text
            assert "what if" not in board.text


async def test_a_what_if_is_calculated_to_the_end() -> None:
    async with playing() as board:
        await board.press("4")
        go_to(board, Spot(("hidden",), "kernel", (0, 1)))
        await board.settle()
        await try_number(board, "2.5")
        weights = board.state.model.weights.with_number(0, 0, (0, 1), 2.5)
        expected = predict(board.state.model.network, weights, board.state.x[None])[0, 0]
        assert f"by hand {expected:.4f} ({expected:.8f})" in board.text


async def test_several_changes_are_counted_and_put_back_together() -> None:
    async with playing() as board:
        await board.press("4")
        for spot in (
            Spot(("hidden",), "bias", (0,)),
            Spot(("hidden",), "bias", (1,)),
            Spot(("output",), "weighted sum", (0,)),
        ):
            go_to(board, spot)
            await board.settle()
            await try_number(board, "1")
        assert "what if: 3 numbers changed on this page only (*); b puts back" in board.text
        await board.press("b")
        assert "by hand 0.9302 (0.93015913)" in board.text


async def test_other_weights_end_a_what_if() -> None:
    async with playing() as board:
        await board.press("4")
        await try_number(board, "0.25")
        assert "what if" in board.text
        board.session.set_number(0, 1, (0,), 0.125)
        await board.settle()
        assert "what if" not in board.text
        assert "*" not in "".join(board.lines[5:14])


async def test_escape_leaves_the_number_as_it_was() -> None:
    async with playing() as board:
        await board.press("4")
        before = board.lines[2:22]
        await board.press("e")
        await board.type("77")
        await board.press("escape")
        assert board.lines[2:22] == before
        assert isinstance(board.app.focused, Calculation)


async def test_a_bad_number_is_said_and_the_field_keeps_it() -> None:
    async with playing() as board:
        await board.press("4")
        for typed in ("x", "", "nan", "inf", "1e400", "1,5,5", "[b]1[/b]"):
            await board.press("e")
            await board.type(typed)
            await board.press("enter")
            assert text_of(board.app.query_one("#check")).startswith("expected "), typed
            assert "expected " in board.text
            field = board.app.focused
            assert isinstance(field, Input)
            assert field.value == typed
            assert "*" not in "".join(board.lines[5:14])
            await board.press("escape")
            assert "by hand 0.9302 (0.93015913)" in board.text


# Other models


async def test_a_wide_network_shows_a_window_of_its_inputs_that_follows_the_cursor() -> None:
    async with playing() as board:
        board.session.new_network(Network.chain(784, (Dense("hidden", 3, "relu"), Dense("output", 1, "sigmoid"))))
        await board.press("4")
        assert "(inputs 1-" in board.text
        go_to(board, Spot(("hidden",), "kernel", (0, 0)))
        await board.press("home")
        assert page(board).spot == Spot(("hidden",), "kernel", (0, 0))
        for _ in range(12):
            await board.pilot.press("right")
        await board.settle()
        assert page(board).spot == Spot(("hidden",), "kernel", (12, 0))
        first = int(board.line("(inputs ").split("(inputs ")[1].split("-")[0])
        assert first > 1
        assert "more:" in text_of(board.app.query_one("#line"))
        kernel = board.state.model.weights.layers[0][0]
        assert f"{kernel[12, 0]:.4f}" in board.line(" h1 [")


async def test_a_deep_network_scrolls_with_the_cursor() -> None:
    async with playing() as board:
        shape = tuple(Dense(f"layer{place}", 6, "tanh") for place in range(5))
        board.session.new_network(Network.chain(2, (*shape, Dense("last", 1, "tanh"))))
        await board.press("4")
        await board.press(*["pagedown"] * 6)
        assert page(board).at.place == 5
        assert "last" in board.text
        await board.press(*["pageup"] * 6)
        assert page(board).at.place == 0
        assert "layer0" in board.text


async def test_the_headings_of_the_layer_that_is_walked_stay_at_the_top() -> None:
    async with playing() as board:
        board.session.new_network(Network.chain(2, (Dense("hidden", 30, "tanh"), Dense("output", 1, "tanh"))))
        await board.press("4")
        top = board.place("hidden   h = tanh")[1]

        def headings() -> list[str]:
            # Without the scroll bar.
            return [line[:76].rstrip() for line in board.lines[top : top + 2]]

        before = headings()
        await board.press("pagedown", "pagedown")
        assert page(board).spot == Spot(("hidden",), "output", (20,))
        assert page(board).scroll_offset.y > 2
        assert headings() == before
        assert "h21[" in board.text and "h2 [" not in board.text
        await board.press(*["up"] * 15)
        assert page(board).spot.index == (5,)
        assert "h6 [" in board.text and headings() == before
        await board.press("ctrl+end")
        assert "output   y = tanh" in board.text


async def test_what_is_clicked_in_headings_that_stay_is_the_input_there() -> None:
    async with playing() as board:
        board.session.new_network(Network.chain(2, (Dense("hidden", 30, "tanh"), Dense("output", 1, "tanh"))))
        await board.press("4", "pagedown", "pagedown")
        await board.click("0.1000")
        assert page(board).spot == Spot((), "inputs", (1,))


async def test_j_and_k_go_from_layer_to_layer_and_ctrl_home_and_end_to_the_ends() -> None:
    async with playing() as board:
        board.session.new_network(Network.chain(2, tuple(Dense(f"layer{place}", 40, "tanh") for place in range(3))))
        await board.press("4", "j")
        assert page(board).spot == Spot(("layer1",), "output", (0,))
        assert board.lines[4].strip().startswith("layer1")
        await board.press("j", "j")
        assert page(board).spot == Spot(("layer0",), "output", (0,))
        await board.press("k")
        assert page(board).at.place == 2
        await board.press("ctrl+home", "home")
        assert page(board).spot == Spot((), "inputs", (0,))
        await board.press("ctrl+end", "end")
        assert page(board).spot == Spot(("layer2",), "output", (39,))
        await board.press("enter", "k")
        assert page(board).at.place == 1 and page(board).has_focus


async def go_to_named(board: Board, name: str) -> None:
    await board.press("g")
    await board.type(name)
    await board.press("enter")


async def test_g_goes_to_a_number_by_its_name_or_to_a_layer() -> None:
    async with playing() as board:
        await board.press("4")
        for name, spot in (
            ("z3 of hidden", Spot(("hidden",), "pre-activation", (2,))),
            ("v41", Spot(("output",), "kernel", (3, 0))),
            ("x2", Spot((), "inputs", (1,))),
            ("hidden/kernel[1,2]", Spot(("hidden",), "kernel", (0, 1))),
            ("output", Spot(("output",), "output", (0,))),
        ):
            await go_to_named(board, name)
            assert page(board).spot == spot
            assert page(board).has_focus
        await go_to_named(board, "z1")
        assert "z1 is in hidden and in output: write 'z1 of hidden'" in " ".join(board.beside("number").split())
        await board.press("escape")
        assert page(board).spot == Spot(("output",), "output", (0,))


async def test_g_opens_the_number_where_another_one_is_open() -> None:
    async with playing() as board:
        await board.press("4", "enter")
        await go_to_named(board, "z2 of hidden")
        assert trail(board) == "z2"
        assert "z2 = w12 x1 + w22 x2 + b2" in board.text
        await board.press("escape")
        assert page(board).spot == Spot(("hidden",), "pre-activation", (1,))


async def test_a_large_calculation_is_made_beside_the_screen_and_then_shown() -> None:
    async with playing() as board:
        await board.press("4")
        network = Network.chain(300, (Dense("hidden", 300, "tanh"), Dense("output", 1, "tanh")))
        board.session.new_network(network)
        await board.settle()
        tab = board.app.query_one(ByHandTab)
        assert tab.follow.large and tab.follow.ready
        output = predict(network, board.state.model.weights, board.state.x[None])[0, 0]
        assert f"by hand {output:.4f} ({output:.8f})" in board.text
        assert "(float32)" in board.text
        await board.press("y")
        await board.type(f"{output:.4f}")
        await board.press("enter")
        assert "right, to half of its last digit" in board.words


async def test_the_output_under_the_cursor_is_the_one_that_is_compared() -> None:
    async with playing() as board:
        board.session.new_network(Network.chain(2, (Dense("output", 3, "softmax"),)))
        await board.press("4")
        outputs = predict(board.state.model.network, board.state.model.weights, board.state.x[None])[0]
        for unit in range(3):
            go_to(board, Spot(("output",), "output", (unit,)))
            await board.settle()
            assert f"y{unit + 1} = {outputs[unit]:.4f} ({outputs[unit]:.8f})" in board.text


async def test_nothing_on_this_tab_is_sent_to_the_engine_but_questions() -> None:
    async with playing() as board:
        sent = len(board.engine.sent_of(SetWeights))
        await board.press("4", "n", "r", "d")
        await try_number(board, "3")
        assert len(board.engine.sent_of(SetWeights)) == sent


# Unfolding


def trail(board: Board) -> str:
    """The line of breadcrumbs."""
    return board.lines[4].strip()


async def test_enter_unfolds_follows_and_backspace_goes_back() -> None:
    async with playing() as board:
        await board.press("4", *["down"] * 6, "end")
        assert page(board).spot == Spot(("output",), "output", (0,))
        await board.press("enter")
        assert trail(board) == "y"
        assert board.line("y = tanh") == "y = tanh(z1)"
        await board.press("enter")
        assert trail(board) == "y > z1"
        assert board.line("z1 = v11") == "z1 = v11 h1 + v21 h2 + v31 h3 + v41 h4 + v51 h5 + c1"
        await board.press("down", "right")
        assert board.line("h2 = 0.4034:").startswith("h2 = 0.4034: the output of hidden, unit 2")
        await board.press("enter")
        assert trail(board) == "y > z1 > h2"
        await board.press("enter")
        assert trail(board) == "y > z1 > h2 > z2"
        assert "z2 = w12 x1 + w22 x2 + b2" in board.text
        assert "= 0.3248*0.3000 + 1.1575*0.1000 + 0.2145" in board.text
        assert "= 0.0974 + 0.1157 + 0.2145" in board.text
        await board.press("end", "enter")
        assert trail(board) == "y > z1 > h2 > z2 > b2"
        assert "The model holds 0.214535668" in board.text
        await board.press("backspace", "backspace", "backspace")
        assert trail(board) == "y > z1"
        assert board.line("> v21").startswith("> v21 h2")
        await board.press("escape")
        assert board.line("h1 [").startswith("h1 [")
        assert page(board).has_focus


async def test_the_pages_keys_do_the_same_where_a_number_is_unfolded() -> None:
    async with playing() as board:
        await board.press("4", "enter", "e")
        await board.type("0.5")
        await board.press("enter")
        assert trail(board) == "h1" and "You changed it on this page; b puts it back" in board.words
        await board.press("m", "f", "y")
        assert "m takes that back" in board.words and "or fractions" in board.text
        await board.type("0.93")
        await board.press("enter", "b")
        assert trail(board) == "h1" and "You changed it" not in board.text and "yours 0.93: right" in board.text
        await board.press("x")
        assert board.app.query_one("#x", Input).has_focus


async def test_what_is_unfolded_follows_x_and_the_weights() -> None:
    async with playing() as board:
        await board.press("4", "down", "left", "enter")
        assert "0.3248*0.3000" in board.text
        await board.press("n")
        first = board.state.dataset.points[0, 0]
        assert f"0.3248*{first:.4f}" in board.text
        board.session.set_number(0, 0, (0, 1), 2.0)
        await board.settle()
        assert f"2.0000*{first:.4f}" in board.text


async def test_what_is_unfolded_of_another_network_is_let_go() -> None:
    async with playing() as board:
        await board.press("4", "enter")
        board.session.new_network(Network.chain(2, (Dense("one", 1),)))
        await board.settle()
        assert "one" in board.lines[4]


async def test_a_changed_number_unfolds_as_changed_and_what_follows_is_made_of_it() -> None:
    async with playing() as board:
        await board.press("4")
        go_to(board, Spot(("hidden",), "weighted sum", (1,)))
        await try_number(board, "1")
        await board.press("enter")
        assert "You changed it on this page" in board.text
        await board.press("escape")
        go_to(board, Spot(("hidden",), "pre-activation", (1,)))
        await board.press("enter")
        assert board.line("z2 = s2") == "z2 = s2 + b2"
        assert "= 1.0000 + 0.2145" in board.text


# Rounding, fractions and the learner's own number


async def test_carried_rounding_says_how_far_it_has_drifted() -> None:
    async with playing() as board:
        await board.press("4", "r", "down")
        assert "rounding carried" in board.text
        assert "drift up to 1e-04" in board.line("h = tanh(W^T x + b)")
        assert "drift up to 6e-05" in board.line("y = tanh(V^T h + c)")
        await board.press("down")
        assert "drift -1e-04 from exact 0.37151" in board.words


async def test_exact_numbers_are_written_as_fractions_when_asked_for() -> None:
    async with playing() as board:
        board.session.load_always_right()
        await board.press("4", "f")
        assert board.lines[5].split()[:4] == ["x", "=", "3/10", "1/10"]
        assert board.lines[6].split()[:5] == ["y", "[", "1", "1]", "2/5"]
        assert "1*3/10 + 1*1/10 - 1/2" in board.text
        await board.press("f")
        assert "3/10" not in board.text


OWN_NUMBERS = [
    ("0.9302", "yours 0.9302: right, to half of its last digit (0.00005)"),
    ("0,9301", "yours 0,9301: right if every step is rounded so; the exact one is 6e-05 away"),
    ("0.9299", "yours 0.9299: off by 3e-04, more than half of its last digit (0.00005)"),
    ("0.93", "yours 0.93: right, to half of its last digit (0.005)"),
    ("0.930", "yours 0.930: right, to half of its last digit (0.0005)"),
    ("9.30e-1", "yours 9.30e-1: right, to half of its last digit (0.0005)"),
    ("1.0", "yours 1.0: off by 0.0698, more than half of its last digit (0.05)"),
    ("1", "yours 1, taken as 1.0000: off by 0.0698, more than half of its last digit (0.00005)"),
]
"""A number of a learner's for the prediction, and what is said of it."""


async def test_the_learners_own_number_is_compared() -> None:
    async with playing() as board:
        await board.press("4")
        for typed, said in OWN_NUMBERS:
            await board.press("y")
            await board.type(typed)
            await board.press("enter")
            assert said in board.words, typed
        await board.press("n")
        assert "yours" not in board.words


async def test_keras_and_the_calculation_by_hand_part_where_they_first_differ() -> None:
    class Odd(RecordingEngine):
        """Whose second hidden unit is another number than the calculation by hand makes it."""

        def _answer(self, command: Any) -> Any:
            answer = super()._answer(command)
            if isinstance(answer, Predicted):
                first = answer.layers[0].array().copy()
                first[1] += 0.01
                return msgspec.structs.replace(answer, layers=(Tensor.of(first), *answer.layers[1:]))
            return answer

    async with playing(engine=Odd) as board:
        await board.press("4")
        assert "they part first at h2 of hidden: by hand 0.40342524, Keras 0.41342524" in board.words


async def test_nan_on_both_sides_is_agreement_and_equal_numbers_do_not_part() -> None:
    async with playing() as board:
        kernel = board.state.model.weights.layers[0][0].copy()
        kernel[:, 0], kernel[0, 1] = np.nan, np.inf
        board.session.set_layer(0, (kernel, board.state.model.weights.layers[0][1]))
        await board.press("4")
        assert "by hand nan (nan) Keras nan both are NaN" in board.words
        assert "part first" not in board.words
