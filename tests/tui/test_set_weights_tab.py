"""The fifth move: every weight set by hand, its effect seen at once, and the model that is right 200 times of 200."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from textual.widgets import Input, TextArea

from core.data.dataset import SumRule, generate
from core.engine.protocol import Failed, SetWeights, to_arrays
from core.errors import Refused
from core.layers.dense import Dense
from core.model.files.opening import OpenedModel
from core.model.initial import initial_weights
from core.model.layers_text import chain_network, shape_text
from core.model.network import Network
from core.model.tutorial import trained
from tests.tui.board import Board, RecordingEngine, playing, text_of
from tui.dialogs.paste_dialog import PasteDialog
from tui.widgets.matrix import Matrix

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.engine.protocol import Command, Event
    from core.model.weights import Weights
    from tui.engine_client import Gone

NETWORK, WEIGHTS = trained()


def bytes_of(weights: Weights) -> list[bytes]:
    return [array.tobytes() for arrays in weights.layers for array in arrays]


def sent(board: Board) -> list[bytes]:
    """What the engine was last told to set."""
    layers = board.engine.sent_of(SetWeights)[-1].layers
    return [array.tobytes() for arrays in to_arrays(layers) for array in arrays]


async def enter(board: Board, text: str) -> None:
    await board.press("e")
    await board.type(text)
    await board.press("enter")


async def paste(board: Board, text: str) -> None:
    await board.press("p")
    assert isinstance(board.app.screen, PasteDialog)
    await board.type(text)
    await board.press("ctrl+s")


# In place


@pytest.mark.parametrize(
    ("moves", "array", "index"), [((), 0, (0, 0)), (("right", "down"), 0, (1, 1)), (("end", "down", "down"), 1, (4,))]
)
async def test_a_number_is_edited_where_it_stands(moves: tuple[str, ...], array: int, index: tuple[int, ...]) -> None:
    async with playing() as board:
        await board.press("5", *moves)
        await enter(board, "-2.5")
        wanted = WEIGHTS.with_number(0, array, index, -2.5)
        assert bytes_of(board.state.model.weights) == bytes_of(wanted)
        assert sent(board) == bytes_of(wanted)
        assert board.text.count("*-2.5000") == 1
        assert "* changed by the last step" in board.text
        assert isinstance(board.app.focused, Matrix)


async def test_escape_leaves_the_number_as_it_was() -> None:
    async with playing() as board:
        await board.press("5")
        before = board.state
        await board.press("enter")
        assert isinstance(board.app.focused, Input)
        await board.type("9")
        await board.press("escape")
        assert board.state is before
        assert isinstance(board.app.focused, Matrix)


BAD_NUMBERS = [
    ("x", "got 'x' at character 1"),
    ("nan", "got 'nan' at character 1"),
    ("1e400", "1e400"),
    ("", "expected a number or an expression such as w*2, got nothing"),
    ("1,5,5", "'1,5,5'"),
    ("[red]1[/]", "got '[' at character 1"),
    ("7" * 1000, "expected"),
]
"""What is typed for a number, and what is said of it."""


async def test_a_bad_number_is_said_under_the_matrix_and_changes_nothing() -> None:
    async with playing() as board:
        await board.press("5")
        for mended, (typed, message) in enumerate(BAD_NUMBERS):
            before = board.state
            await enter(board, typed)
            said = text_of(board.app.query_one("MatrixEditor .message"))
            assert message in said, typed[:80]
            assert said[:20] in board.text
            assert board.state is before
            field = board.app.focused
            assert isinstance(field, Input)
            assert field.value == typed
            await board.type(f"{mended}.5")
            await board.press("enter")
            assert board.state.model.weights.layers[0][0][0, 0] == mended + 0.5
            assert said[:20] not in board.text


async def test_the_layers_are_changed_with_j_and_k_and_an_edit_goes_to_the_one_in_view() -> None:
    async with playing() as board:
        await board.press("5", "j", "down")
        await enter(board, "0.75")
        assert bytes_of(board.state.model.weights) == bytes_of(WEIGHTS.with_number(1, 0, (1, 0), 0.75))
        await board.press("k")
        assert "hidden.set_weights()" in board.text


async def test_a_click_on_the_number_under_the_cursor_opens_it() -> None:
    async with playing() as board:
        await board.press("5")
        await board.click("1.1575")
        await board.click("1.1575")
        field = board.app.focused
        assert isinstance(field, Input)
        assert field.value == "1.1574905"


# Pasted


async def test_the_paste_box_begins_with_what_is_there_and_gives_it_back_bit_for_bit() -> None:
    async with playing() as board:
        await board.press("5", "p")
        assert "hidden.set_weights: kernel (2, 5) and bias (5,)" in board.text
        await board.press("ctrl+s")
        assert bytes_of(board.state.model.weights) == bytes_of(WEIGHTS)
        assert sent(board) == bytes_of(WEIGHTS)


@pytest.mark.parametrize(
    "literal",
    [
        "[[[1, 2, 3, 4, 5], [6, 7, 8, 9, 10]], [0.5, 0.5, 0.5, 0.5, 0.5]]",
        "[np.array([[1., 2., 3., 4., 5.], [6., 7., 8., 9., 10.]], dtype=float32), array([.5, .5, .5, .5, .5])]",
        "[array([[ 1.  2.  3.  4.  5.]\n [ 6.  7.  8.  9. 10.]], dtype=float32),\n array([0.5 0.5 0.5 0.5 0.5])]",
    ],
)
async def test_a_whole_layer_is_pasted_as_python_and_numpy_write_it(literal: str) -> None:
    async with playing() as board:
        await board.press("5")
        await paste(board, literal)
        kernel, bias = board.state.model.weights.layers[0]
        assert kernel.tolist() == [[1, 2, 3, 4, 5], [6, 7, 8, 9, 10]]
        assert bias.tolist() == [0.5] * 5
        assert sent(board) == bytes_of(board.state.model.weights)
        assert len(board.app.screen_stack) == 1


BAD_PASTES = [
    ("[[[1.0],[1.0]], [-0.5]]", "(2, 5)"),
    ("[[[1,2,3,4,5],[6,7,8,9]], [0,0,0,0,0]]", "expected"),
    ("[[[1,2,3,4,5],[6,7,8,9,nan]], [0,0,0,0,0]]", "expected"),
    ("[[[1,2,3,4,5],[6,7,8,9,1e400]], [0,0,0,0,0]]", "1e400"),
    ("", "expected"),
    ("__import__('os').system('true')", "expected"),
    ("[[", "expected"),
    ("[" * 5000, "expected"),
]
"""What is pasted, and what is said of it."""


async def test_a_bad_paste_is_said_in_the_box_and_stays_in_it() -> None:
    async with playing() as board:
        await board.press("5")
        for mended, (literal, message) in enumerate(BAD_PASTES):
            before = board.state
            await paste(board, literal)
            assert message in board.outcome, literal[:80]
            assert board.outcome.split()[0] in board.text
            assert board.state is before
            assert board.app.screen.query_one(TextArea).text == literal
            await board.type(f"[[[0,0,0,0,0],[0,0,0,0,0]], [1,2,3,4,{mended}]]")
            await board.press("ctrl+s")
            assert board.state.model.weights.layers[0][1].tolist() == [1, 2, 3, 4, mended]


async def test_a_pasted_megabyte_of_nonsense_is_refused_and_kept() -> None:
    async with playing() as board:
        await board.press("5")
        before = board.state
        nonsense = "zq[(,0. " * 131_072
        await paste(board, nonsense)
        assert "expected" in board.outcome
        assert len(board.outcome) < 400
        assert board.app.screen.query_one(TextArea).text == nonsense
        assert board.state is before
        await board.press("escape")
        assert board.state is before
        assert len(board.app.screen_stack) == 1


# Other models


async def test_one_key_loads_the_model_that_is_always_right() -> None:
    async with playing() as board:
        await board.press("5", "a")
        assert board.line("loss on 200 training points").endswith(" 200 (1.000)")
        assert board.line("loss on 50 validation points").endswith(" 50 (1.000)")
        assert board.line("loss on 200 fresh points").endswith(" 200 (1.000)")
        assert "no fresh point fails: 200 of 200" in board.text
        ((kernel, bias),) = board.state.model.weights.layers
        assert kernel.tolist() == [[1.0], [1.0]]
        assert bias.tolist() == [-0.5]
        assert sent(board) == bytes_of(board.state.model.weights)


@pytest.mark.parametrize(("layers", "there"), [("4 relu, 1 tanh", True), ("2 tanh, 3 softmax", False)])
async def test_its_key_is_there_where_a_model_of_its_kind_is(layers: str, there: bool) -> None:
    async with playing() as board:
        await board.press("5")
        assert "a Always right" in board.lines[-1]
        board.session.new_network(chain_network(2, layers))
        await board.quieten()
        assert ("a Always right" in board.lines[-1]) is there
        await board.press("a")
        assert ("the always-right model" in board.state.done) is there


async def test_a_new_model_of_another_shape_is_made() -> None:
    async with playing() as board:
        await board.press("5", "n")
        await board.fill("inputs", "3")
        await board.fill("layers", "4 relu, 2 softmax, 1 tanh")
        await board.press("enter")
        assert board.state.model.network.inputs == 3
        assert shape_text(board.state.model.network) == "4 relu, 2 softmax, 1 tanh"
        assert board.state.dataset.inputs == 3
        assert sent(board) == bytes_of(board.state.model.weights)
        assert " x3 " in board.text


async def test_a_new_model_of_any_layers_is_made_over_inputs_of_a_shape_with_data_that_fit() -> None:
    async with playing() as board:
        await board.press("5", "n")
        await board.fill("inputs", "6x2")
        await board.fill("layers", "LSTM 4, 1 tanh")
        await board.press("enter")
        network = board.state.model.network
        assert network.input_shapes == ((6, 2),) and shape_text(network) == "LSTM 4, 1 tanh"
        assert board.state.dataset.inputs == 12 and board.state.fits
        assert sent(board) == bytes_of(board.state.model.weights)
        await board.press("2", "s")
        await board.fill("layers", "Flatten, 1 tanh")
        await board.press("enter")
        assert board.state.model.network.input_shapes == ((6, 2),)
        with pytest.raises(Refused, match="the model is for 6x2, got 5; take such data, or start another model"):
            board.session.take_data(generate(SumRule(20, 5)))


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [("inputs", "0", "expected inputs of 1 to"), ("inputs", "x", "'x'"), ("layers", "4 what", "what")],
)
async def test_a_bad_new_model_is_refused_where_it_was_typed(field: str, typed: str, message: str) -> None:
    async with playing() as board:
        await board.press("5")
        before = board.state
        await board.press("n")
        await board.fill(field, typed)
        await board.press("enter")
        assert message in f"{board.beside(field)} {board.outcome}"
        assert "expected" in board.text
        assert board.state is before


async def test_capital_t_takes_the_weights_that_the_tutorial_prints() -> None:
    async with playing(tutorial=False) as board:
        await board.press("5", "T")
        assert bytes_of(board.state.model.weights) == bytes_of(WEIGHTS)
        assert board.line("prediction for x").endswith("0.9302")


@pytest.mark.parametrize("key", ["a", "T"])
async def test_one_key_takes_a_model_in_place_of_a_files_only_when_it_is_pressed_again(key: str) -> None:
    opened = OpenedModel(NETWORK, WEIGHTS, None, (), None)
    async with playing(opened=(opened, Path("mine.keras"), None), tutorial=False) as board:
        before = board.state
        await board.press("5", key)
        assert board.state is before
        assert board.said[-1].startswith("mine.keras is here. ") and "the same key again" in board.said[-1]
        # What was asked of one state is not asked of another, nor of another key.
        await board.press({"a": "T", "T": "a"}[key])
        assert board.state is before
        await enter(board, "1")
        changed = board.state
        await board.press(key)
        assert board.state is changed and "with changes that no file has" in board.said[-1]
        await board.press(key)
        assert board.state is not changed and "u gives that back" in board.said[-1]
        await board.press("u")
        assert bytes_of(board.state.model.weights) == bytes_of(changed.model.weights)


async def test_a_long_name_gives_way_to_what_the_marks_mean_and_without_data_there_is_no_next_row() -> None:
    network = Network.chain(2, (Dense("a_name_that_is_as_long_as_a_line_of_it", 3), Dense("output", 1)))
    opened = OpenedModel(network, initial_weights(network, 0), None, (), None)
    async with playing(opened=(opened, Path("long.keras"), None), tutorial=False) as board:
        await board.press("5")
        await enter(board, "1")
        await board.quieten()
        assert re.search(r" a_name\w*\.{4}set_weights\(\)   \* changed by the last step", board.text)
        await board.press("4")
        assert not len(board.state.dataset) and "Next row" not in board.lines[-1] and "Set x" in board.lines[-1]


# Undo and redo


async def test_undo_and_redo_go_through_every_step() -> None:
    async with playing() as board:
        await board.press("5")
        states = [bytes_of(board.state.model.weights)]
        await enter(board, "1")
        states.append(bytes_of(board.state.model.weights))
        await board.press("a")
        states.append(bytes_of(board.state.model.weights))
        for key, wanted in (("u", 1), ("u", 0), ("U", 1), ("U", 2), ("u", 1)):
            await board.press(key)
            assert bytes_of(board.state.model.weights) == states[wanted]
            assert sent(board) == states[wanted]
        assert "(the always-right model)" in text_of(board.app.query_one("#steps"))
        assert "hidden w[1,1] = 1" in text_of(board.app.query_one("#steps"))


async def test_there_is_an_end_to_undo_and_redo() -> None:
    async with playing(tutorial=False) as board:
        await board.press("5", "u", "U")
        assert board.said == ["nothing to undo", "nothing to redo"]


# What Keras says


class RefusingEngine(RecordingEngine):
    """Refuses weights with a number above 100, as Keras refuses what it cannot take."""

    def __init__(self, on_event: Callable[[Event | Gone], None], pause_at: int | None = None) -> None:
        super().__init__(on_event, pause_at)
        self._tell = on_event

    def send(self, command: Command) -> None:
        if isinstance(command, SetWeights):
            numbers = [array for arrays in to_arrays(command.layers) for array in arrays]
            if max(float(np.abs(array).max()) for array in numbers) > 100:
                self.sent.append(command)
                self._tell(Failed(command.id, "weights above 100 are not [b]taken[/b]"))
                return
        super().send(command)


async def test_what_keras_refuses_is_said_and_taken_back() -> None:
    async with playing(engine=RefusingEngine) as board:
        await board.press("5")
        await enter(board, "101")
        assert "Keras: weights above 100 are not [b]taken[/b]" in board.said
        assert "[b]taken[/b]" in board.words
        assert bytes_of(board.state.model.weights) == bytes_of(WEIGHTS)
        assert sent(board) == bytes_of(WEIGHTS)
        await board.quieten()
        assert "101.0000" not in board.text
        await enter(board, "99")
        assert board.state.model.weights.layers[0][0][0, 0] == 99.0


async def test_every_change_reaches_keras_as_it_is_shown() -> None:
    async with playing() as board:
        await board.press("5")
        board.session.new_network(Network.chain(2, (Dense("a", 3, "relu"), Dense("b", 1, "tanh"))))
        await board.settle()
        for text in ("0.1", "-7e-3", "1e30", "3.4028235e38"):
            await enter(board, text)
            assert sent(board) == bytes_of(board.state.model.weights)
            assert board.state.model.weights.layers[0][0][0, 0] == np.float32(text)
