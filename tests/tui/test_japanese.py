"""The app with a Japanese keyboard and names: full-width keys and numbers are plain ones, columns stay straight."""

from __future__ import annotations

import re

import numpy as np
from textual.events import Key
from textual.keys import _character_to_key
from textual.widgets import Input

from core.calculation.calculated import Spot
from core.cells import cell_width, wrap
from core.export.weights_told import comparison_lines
from core.findings.comparison import compare
from core.layers.dense import Dense
from core.lessons.shelf import built_in
from core.model.network import Network
from tests.core.images import drawn_weights
from tests.tui.board import Board, playing
from tests.tui.kernels import IMAGES, show_model
from tui.dialogs.practice_dialogs import NUMBER
from tui.tabs.by_hand import ByHandTab
from tui.widgets.calculation import Calculation
from tui.widgets.kernel_pictures import KernelPictures
from tui.widgets.lesson_bar import Prose
from tui.widgets.matrix import Matrix
from tui.widgets.plane import Plane
from tui.widgets.step_list import short
from tui.widgets.unfolded import Unfolded


async def send(board: Board, characters: str) -> None:
    """Send characters as a terminal does in which an input method is on."""
    for character in characters:
        board.app.post_message(Key(_character_to_key(character), character))
        await board.pilot.pause()
    await board.settle()


async def typed(board: Board, text: str) -> None:
    """Type into the field that has the focus, in place of what is in it, and enter it."""
    await board.type(text)
    await board.press("enter")


async def test_a_full_width_key_does_what_its_plain_key_does_but_in_a_field() -> None:
    async with playing() as board:
        await send(board, "４")
        assert board.tab == "by-hand"
        await send(board, "ｘ")
        await send(board, "０．６，０．２")
        assert isinstance(board.app.focused, Input) and board.app.focused.value == "０．６，０．２"
        await board.press("enter")
        assert board.state.x.tolist() == [0.6, 0.2]
        await send(board, "Ｄ？")
        assert board.app.digits == 3 and "type to search" in board.words
        await board.press("escape")
        await send(board, "１")
        assert board.tab == "data"


async def test_every_field_for_numbers_takes_full_width_ones() -> None:
    async with playing() as board:
        await board.press("5", "e")
        await typed(board, "ー０．５")
        assert board.state.model.weights.layers[0][0][0, 0] == np.float32(-0.5)
        await board.press("g")
        await board.fill("row", "２")
        await board.fill("column", "３")
        await board.press("enter")
        assert board.page.query_one(Matrix).cursor == (1, 2)
        await board.press("f")
        await board.fill("condition", "＜ ー１")
        await board.press("enter")
        await board.press("4", "e")
        await typed(board, "０，７")
        assert "0.7000" in board.words
        await board.press("b", "g")
        await board.fill("number", "ｚ３")
        await board.press("enter")
        assert board.app.query_one(Calculation).spot == Spot(("hidden",), "pre-activation", (2,))
        await board.press("2", "s")
        for field, text in (
            ("learning_rate", "０，００５"),
            ("epochs", "１２"),
            ("optimizer_options", "ｂｅｔａ＿１\u3000０．８"),
        ):
            await board.fill(field, text)
        await board.press("enter")
        recipe = board.state.recipe
        assert (recipe.learning_rate, recipe.epochs, recipe.optimizer_options) == (0.005, 12, (("beta_1", 0.8),))


async def test_an_answer_of_a_practice_begins_with_a_full_width_digit() -> None:
    async with playing() as board:
        await board.press("4")
        board.app.query_one(Calculation).go_to(Spot(("hidden",), "weighted sum", (1,)))
        await board.press("p")
        board.app.screen.query_one("#line-what").value = NUMBER  # type: ignore[attr-defined]
        await board.pilot.pause()
        board.app.screen.action_accept()  # type: ignore[attr-defined]
        await board.settle()
        await send(board, "０．２１３２")
        await board.press("enter")
        practising = board.app.query_one(ByHandTab).practising
        assert practising is not None and practising.sitting.score.right == 1


async def test_an_answer_and_a_hint_of_a_lesson_are_taken_in_full_width_and_its_text_is_wrapped() -> None:
    async with playing(lesson=built_in("ja")[0], language="ja") as board:
        await send(board, "Ａ")
        await typed(board, "？")
        assert "Hint: 0.3248 掛ける" in board.words
        story = board.app.query_one("#lesson-text", Prose)
        text = str(story.render()).split("\n")
        assert text == wrap(built_in("ja")[0].steps[1].text, story.content_size.width)
        assert all(line in board.text for line in text[1:])
        await typed(board, "０，０９７４")
        assert "Right." in board.words
        await send(board, "Ｌ")
        titles = [f"{place}  {of.title}" for place, of in enumerate(built_in("ja"), start=1)]
        rows = [line for line in board.lines if any(title in line for title in titles)]
        assert len(rows) == 8 and len({cell_width(row[: row.index("steps")]) for row in rows}) == 1


NAMED = Network.chain(2, (Dense("隠れ層その一", 3, "tanh"), Dense("a", 1, "tanh")))


def test_columns_with_wide_names_are_straight_in_text() -> None:
    old, new = drawn_weights(NAMED, 0), drawn_weights(NAMED, 1)
    lines = comparison_lines(compare(NAMED, old, new), 4)
    table = lines[next(place for place, line in enumerate(lines) if "array" in line) :]
    assert any("隠れ層" in line for line in table)
    assert len(set(map(cell_width, table))) == 1


async def test_columns_with_wide_names_are_straight_on_the_screen() -> None:
    async with playing() as board:
        board.session.new_network(NAMED)
        board.session.set_layer(0, drawn_weights(NAMED, 3).layers[0])
        await board.press("3", "o", "enter")
        rows = [line for line in board.lines if re.search(r"(kernel|bias)\[", line)]
        assert any("隠れ層" in row for row in rows)
        heading = next(line for line in board.lines if "difference" in line)
        assert {cell_width(row.rstrip(" │▁▂▃▄▅▆▇█")) for row in rows} == {cell_width(heading.rstrip(" │▁▂▃▄▅▆▇█"))}


def test_the_name_of_a_step_is_cut_by_columns() -> None:
    assert short("隠れ層の重み w[1, 2] = 0.25", 20) == "隠 ... w[1,2] = 0.25"
    assert cell_width(short("隠れ層の重みを変える", 9)) <= 9


async def test_the_cells_of_data_are_ascii_on_every_tab() -> None:
    # A terminal for Chinese, Japanese or Korean may draw other characters, such as a plus-minus sign, twice as wide.
    async with playing((120, 40)) as board:
        for model in (None, IMAGES):
            if model is not None:
                await show_model(board, model)
            for tab in "12345":
                await board.press(tab)
                for kind in (Matrix, Calculation, KernelPictures, Unfolded, Plane):
                    for widget in board.page.query(kind):
                        drawn = [widget.render_line(y).text for y in range(widget.size.height)]
                        assert all(map(str.isascii, drawn)), (tab, kind, drawn)
            await board.press("4", "enter")
