"""The pages of calls: the number in hand, what it is made of beside it, and what the keys of each kind of page do."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

from core.calculation.beyond import Beyond
from core.calculation.calculated import Spot
from core.formatting import Notation
from core.layers.convolution import Conv2D
from core.layers.pooling import MaxPooling2D
from core.model.graph import Input, chain
from tests import graphs
from tests.tui.board import playing
from tui.any_model import AnyModelScreen
from tui.pages.followed import Followed
from tui.pages.page import Page
from tui.widgets.graph_list import GraphList
from tui.widgets.words import Words

if TYPE_CHECKING:
    from core.model.files.opening import OpenedGraph
    from tests.tui.board import Board


async def show(board: Board, model: OpenedGraph, spot: Spot) -> Page:
    """Open a model for a point that is always the same, with one number in hand."""
    screen = AnyModelScreen(model, "model.keras")
    random = np.random.default_rng(1)
    shapes = [[4 if size is None else size for size in given.shape] for given in model.graph.inputs]
    screen._beyond = Beyond(model, [random.normal(size=shape).round(2) for shape in shapes])
    screen._is_given = True
    board.app.push_screen(screen)
    await board.quieten()
    screen.query_one(Followed).go_to(spot)
    await board.quieten()
    return screen.query_one(Page)


def lines(page: Page) -> list[str]:
    """Return what is drawn on the page, line by line."""
    drawn = [page.render_line(y) for y in range(page.content_size.height)]
    # What has no style can't be drawn without colours.
    assert all(segment.style is not None for strip in drawn for segment in strip)
    return [strip.text.rstrip() for strip in drawn]


def keys(board: Board) -> set[str]:
    """Return what the keys of the page do that stand in the key bar or the help."""
    return {active.binding.description for active in board.app.screen.active_bindings.values() if active.enabled}


async def test_a_window_follows_the_number_in_hand_over_the_output() -> None:
    async with playing() as board:
        page = await show(board, graphs.convolving(), Spot(("conv",), "weighted sum", (0, 0, 0)))
        # At the corner four numbers are under the window, and the kernel's others meet nothing.
        assert lines(page)[1:3] == [
            "[* *]# = * + = =       0.0629  0.6520 -1.1625",
            "[+ =]+ # . + + @       0.2058 [0.4517 -0.5048]",
        ]
        top = next(at for at, line in enumerate(lines(page)) if "products" in line)
        assert "    .       .       ." in lines(page)[top + 1]
        await board.press("right", "down")
        assert page.spot == Spot(("conv",), "weighted sum", (1, 1, 0))
        assert lines(page)[1].startswith("[* * #]= *")
        assert lines(page)[1].endswith(" [0.0629  0.6520 -1.1625]")
        assert lines(page)[top + 2].startswith(" +>#<+ -")
        products = sum(float(word) for line in lines(page)[top + 1 : top + 4] for word in line[20:].split())
        assert abs(products - float(lines(page)[top].split()[-1])) < 1e-3
        assert {"Next filter", "Next channel", "Numbers"} <= keys(board) and "Next step" not in keys(board)
        await board.press("]")
        assert page.spot == Spot(("conv",), "weighted sum", (1, 1, 1)) and "kernel, filter 2" in lines(page)[0]
        await board.press("}")
        assert page.spot == Spot(("conv",), "weighted sum", (1, 1, 1)) and "image, channel 2" in lines(page)[0]
        await board.press("i")
        assert ">" in "".join(lines(page)) and lines(page)[1].startswith("column       1")


async def test_a_pooling_shows_what_is_under_its_window_and_the_largest_of_it() -> None:
    async with playing(size=(120, 40)) as board:
        page = await show(board, graphs.convolving(), Spot(("pool",), "output", (1, 1, 2)))
        assert "under the window: largest" in lines(page)[0]
        numbers = [float(word) for line in lines(page)[1:3] for word in line[-17:].split()]
        assert page._view is not None and page.spot is not None
        assert len(numbers) == 4 and abs(page._view.done.number(page.spot) - max(numbers)) < 1e-4
        assert "Next channel" in keys(board) and "Next filter" not in keys(board)
        await board.press("]")
        assert page.spot == Spot(("pool",), "output", (1, 1, 0))


async def test_a_step_shows_its_gates_in_order_and_the_states_of_the_step_before() -> None:
    async with playing(size=(120, 40)) as board:
        spot = Spot(("both", "forward_lstm"), "cell state", (1, 1))
        page = await show(board, graphs.both_ways(), spot)
        assert lines(page)[0].split("  ")[0:2] == ["comes in, step 2", "before, step 1"]
        gates = next(line for line in lines(page) if "candidate" in line)
        assert gates.split()[:5] == ["gate", "gate", "candidate", "state", "gate"]
        # f * c of the step before + i * candidate
        marked = [line for line in lines(page) if "[" in line]
        assert len(marked) == 2 and marked[1].startswith("unit 2 [0.3932  0.5852    0.1849]>0.2378<")
        await board.press("]")
        assert page.spot == Spot(("both", "forward_lstm"), "cell state", (2, 1))
        assert lines(page)[0].startswith("comes in, step 3")
        await board.press("[", "[")
        assert page.spot == Spot(("both", "forward_lstm"), "cell state", (0, 1))
        assert "before" not in lines(page)[0]


async def test_the_other_direction_comes_from_the_step_after() -> None:
    async with playing(size=(120, 40)) as board:
        page = await show(board, graphs.both_ways(), Spot(("both",), "output", (1, 0)))
        assert any("step 2 of 4, forwards" in line for line in lines(page))
        await board.press("}")
        assert any("step 2 of 4, backwards" in line for line in lines(page))
        assert "before, step 3" in lines(page)[0]


async def test_attention_shows_scores_and_weights_a_head_at_a_time() -> None:
    async with playing(size=(120, 40)) as board:
        page = await show(board, graphs.attending(), Spot(("attention",), "weight", (0, 1, 2)))
        assert lines(page)[0].split("  ")[0] == "score, head 1" and "weight, head 1" in lines(page)[0]
        assert lines(page)[1].split() == ["key", "1", "2", "3", "4"] * 2
        assert lines(page)[3].startswith("query 2[") and lines(page)[3].count(">") == 1
        await board.press("]")
        assert page.spot == Spot(("attention",), "weight", (1, 1, 2)) and "weight, head 2" in lines(page)[0]
        await board.press("left", "left", "left")
        assert page.spot == Spot(("attention",), "score", (1, 1, 3))
        # A score is made of the features of its query and its key.
        assert sum(line.count("[") for line in lines(page)) == 2


async def test_normalization_stands_in_a_row_with_what_it_is_made_of() -> None:
    async with playing(size=(120, 40)) as board:
        page = await show(board, graphs.normalized(), Spot(("layer",), "output", (0, 1, 2)))
        assert lines(page)[2].split() == [
            "channel",
            "image",
            "mean",
            "variance",
            "normalized",
            "gamma",
            "beta",
            "output",
        ]
        (row,) = [line for line in lines(page) if ">" in line]
        inputs, mean, variance, normalized, gamma, beta, output = (
            float(word)
            for word in row.replace(">", " ").replace("<", " ").replace("[", " ").replace("]", " ").split()[3:]
        )
        assert row.startswith("1 2 3") and abs(normalized * gamma + beta - output) < 1e-3
        assert abs((inputs - mean) / (variance + 1e-3) ** 0.5 - normalized) < 1e-2
        await board.press("left", "left", "down")
        assert page.spot == Spot(("layer",), "gamma", (0,)) and page._at == (0, (6, 4))


async def test_what_a_normalization_scales_by_stands_beside_its_output_and_what_is_out_of_sight_is_said() -> None:
    async with playing() as board:
        page = await show(board, graphs.batch_normalized(), Spot(("norm",), "output", (0, 0, 0)))
        assert lines(page)[0] == "outputs  rows 1-11 of 27  columns 4-7 of 7"
        assert lines(page)[2].split()[-4:] == ["normalized", "gamma", "beta", "output"]
        assert next(line for line in lines(page) if ">" in line).count("[") == 1
        await board.press("left", "left", "left", "left")
        assert page.spot is not None and "variance" in page.spot.value and "columns 4-7" not in lines(page)[0]


async def test_a_call_without_numbers_says_so() -> None:
    async with playing() as board:
        page = await show(board, graphs.normalized(), Spot(("layer",), "output", (0, 0, 0)))
        assert page._view is not None
        page.show(page._view.done, ("nobody",), None, Notation(4))
        assert lines(page)[0] == "This call has no numbers."
        await board.press("down", "]", "full_stop", "enter")
        assert page.spot is None


async def test_a_step_out_of_a_table_leads_into_the_next_and_the_list_follows() -> None:
    async with playing(size=(120, 40)) as board:
        page = await show(board, graphs.recurrent(), Spot(("output",), "weighted sum", (0,)))
        await board.press("left", "left")
        assert page.spot is not None and page.spot.value == "kernel"
        await board.press("left")
        assert page.spot.call == ("lstm",)
        listed = board.app.screen.query_one(GraphList).line
        assert listed is not None and (listed.call, listed.value) == (("lstm",), "output")
        await board.press("full_stop")
        assert page.spot.value == "kernel"
        line = next(at for at, row in enumerate(lines(page)) if row.endswith("output"))
        await board.pilot.click(Page, offset=(lines(page)[line].rindex("output") + 2, line + 1))
        await board.settle()
        assert page.spot == Spot(("output",), "output", (0,))


async def test_what_comes_out_at_the_end_shows_the_step_that_it_comes_from_until_another_is_asked_for() -> None:
    async with playing(size=(120, 40)) as board:
        page = await show(board, graphs.recurrent(), Spot(("lstm",), "output", (1,)))
        assert any("step 4 of 4" in line for line in lines(page))
        # The hidden state that it is stands marked in that step.
        gates = next(at for at, line in enumerate(lines(page)) if "candidate" in line)
        assert lines(page)[gates + 2].startswith("unit 2") and lines(page)[gates + 2].endswith("]")
        # Of another step the state comes to hand that would have been the output.
        await board.press("[")
        assert page.spot == Spot(("lstm",), "hidden state", (2, 1))
        assert any("step 3 of 4" in line for line in lines(page))


async def test_every_step_is_seen_in_little_room_however_long_keys_turn() -> None:
    async with playing() as board:
        page = await show(board, graphs.recurrent(), Spot(("lstm",), "output", (1,)))
        for turn, step in zip("]]]]]]]][[[[", (1, 2, 3, 4, 1, 2, 3, 4, 3, 2, 1, 4), strict=True):
            await board.press(turn)
            assert any(f"step {step} of 4" in line for line in lines(page)), (turn, step)
            # A table that stands where a wider one stood has its numbers.
            assert all(re.search(r"\d\.\d", line) for line in lines(page) if line.startswith("unit"))
        page = await show(board, graphs.recurrent(), Spot(("lstm",), "kernel", (1, 1)))
        await board.press("]")
        assert page.spot == Spot(("lstm",), "hidden state", (1, 0))
        assert any("step 2 of 4" in line for line in lines(page))


async def test_a_number_of_both_ways_shows_the_direction_that_it_comes_from() -> None:
    async with playing(size=(120, 40)) as board:
        page = await show(board, graphs.both_ways(), Spot(("both",), "output", (1, 5)))
        assert any("step 2 of 4, backwards" in line for line in lines(page))


async def test_an_equation_whose_printed_numbers_come_to_another_last_digit_says_so() -> None:
    async with playing() as board:
        page = await show(board, graphs.dense(), Spot(("dense_1",), "weighted sum", (0,)))
        said = set()
        for unit in range(5):
            board.app.screen.query_one(Followed).go_to(Spot(("dense_1",), "pre-activation", (unit,)))
            await board.quieten()
            assert page.spot is not None
            text = str(board.app.screen.query_one("#opened", Words).render())
            head, formula, numbers, *more = text.splitlines()
            total = sum(Decimal(one) for one in re.findall(r"-?\d+\.\d+", numbers.replace("- ", "-")))
            agree = total == Decimal(head.rpartition(" = ")[2])
            assert formula.startswith("  = ") and numbers.startswith("  = " if agree else "  ~= ")
            assert more == ([] if agree else ["~= rounded in print; r carries it"])
            said.add(agree)
        assert said == {True, False}


async def test_a_picture_in_little_room_is_called_by_the_layer_that_made_it() -> None:
    async with playing() as board:
        model = graphs.opened(
            chain(
                "images",
                Input("image", (16, 16, 1)),
                [Conv2D("narrowing", 2, (3, 3), (1, 1), padding="same"), MaxPooling2D("pool", (2, 2), (2, 2))],
            )
        )
        page = await show(board, model, Spot(("pool",), "output", (0, 0, 0)))
        assert lines(page)[0].startswith("narrowing, channel 1  ")


async def test_the_gates_of_a_step_in_one_of_two_directions_stand_beside_what_comes_of_them() -> None:
    async with playing(size=(120, 40)) as board:
        page = await show(board, graphs.both_ways(), Spot(("both",), "output", (1, 5)))
        named = next(line for line in lines(page) if "candidate" in line)
        assert "backward_lstm" not in named and named.split()[:4] == ["gate", "gate", "candidate", "state"]
        assert any("before, step 3" in line for line in lines(page))


async def test_an_output_that_went_backwards_shows_the_step_that_made_it() -> None:
    async with playing(size=(120, 40)) as board:
        page = await show(board, graphs.both_ways(), Spot(("both", "backward_lstm"), "output", (0, 1)))
        assert any("step 4 of 4" in line for line in lines(page))
        hand = next(line for line in lines(page) if ">" in line)
        made = next(line for line in lines(page) if "[" in line)
        assert hand.startswith("unit 2") and hand.partition(">")[2][:6] == made.partition("[")[2][:6]
