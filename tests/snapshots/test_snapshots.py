"""Every screen as a picture, with fixed weights and the stand-in engine. `make snapshots` accepts new pictures."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from textual.widgets import Input, TextArea

from core.arrays import frozen
from core.calculation.calculated import Spot
from core.data.dataset import DataFile, Dataset, SumRule, generate
from core.journal.shelf import look
from core.layers.dense import Dense
from core.model.archive.held_array import HeldArray
from core.model.initial import initial_weights
from core.model.network import Network
from core.model.weights_file import WeightsFile
from core.session.session import Session
from core.session.state import Model
from core.training.recipe import Recipe
from tests import graphs
from tests.core.journals import left_behind
from tests.tui.board import Board, make_app
from tests.tui.kernels import IMAGES, SEQUENCES, show_model
from tests.tui.test_pages import show as show_page
from tui.any_model import AnyModelScreen
from tui.dialogs.recover_dialog import RecoverDialog
from tui.weights_screen import WeightsScreen

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.pilot import Pilot

    from core.model.files.opening import OpenedGraph

    Compare = Callable[..., bool]
    Play = Callable[[Board], Awaitable[None]]

SIZES = [(80, 24), (120, 40)]


@pytest.fixture(autouse=True)
def with_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pictures have colours whatever the person who runs the tests prefers."""
    monkeypatch.delenv("NO_COLOR", raising=False)


def looks_the_same(snap_compare: Compare, size: tuple[int, int], play: Play, pause_at: int | None = None) -> bool:
    """Return whether the screen after ``play`` is the accepted one; nothing on it moves or blinks."""
    app, engines = make_app(pause_at=pause_at)
    app.session.load_tutorial()

    async def act(pilot: Pilot[Any]) -> None:
        board = Board(app, pilot, engines[0])
        await board.begin()
        await play(board)
        await board.quieten()
        for field in app.screen.query(Input):
            field.cursor_blink = False
            field._cursor_visible = True
        for area in app.screen.query(TextArea):
            area.cursor_blink = False
            area._cursor_visible = True
        await board.settle()

    return snap_compare(app, terminal_size=size, run_before=act)


def keys(*pressed: str) -> Play:
    async def play(board: Board) -> None:
        for key in pressed:
            await board.press(key)

    return play


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("tab", ["data", "training", "weights", "by-hand", "set-weights"])
def test_a_tab(snap_compare: Compare, tab: str, size: tuple[int, int]) -> None:
    key = str(["data", "training", "weights", "by-hand", "set-weights"].index(tab) + 1)
    assert looks_the_same(snap_compare, size, keys(key))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_training_when_it_is_done(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert looks_the_same(snap_compare, size, keys("2", "r", "space"))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_training_under_way(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert looks_the_same(snap_compare, size, keys("2", "r", "space"), pause_at=60)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_training_beside_the_one_before(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert looks_the_same(snap_compare, size, keys("2", "r", "space", "left", "up"))


def test_training_that_waits_within_an_epoch(snap_compare: Compare) -> None:
    assert looks_the_same(snap_compare, (80, 24), keys("2", "r", ">", ".", ",", ","))


@pytest.mark.parametrize("tab", ["2", "3"])
def test_an_earlier_epoch(snap_compare: Compare, tab: str) -> None:
    assert looks_the_same(snap_compare, (80, 24), keys("2", "r", "space", "{", "{", "[", tab))


def test_a_training_that_a_rule_ended(snap_compare: Compare) -> None:
    async def play(board: Board) -> None:
        board.session.set_recipe(Recipe(patience=2, restore_best=True))
        await board.press("2", "r", "space")

    assert looks_the_same(snap_compare, (80, 24), play)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_pinned_trainings(snap_compare: Compare, size: tuple[int, int]) -> None:
    async def play(board: Board) -> None:
        await board.press("2", "r", "space", "c", "enter", "up", "c")
        await board.type("twice the rate")
        await board.press("enter", "v", "down")

    assert looks_the_same(snap_compare, size, play)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("watched", ["weight", "unit"])
def test_a_watched_path(snap_compare: Compare, watched: str, size: tuple[int, int]) -> None:
    watching = ["w"] if watched == "weight" else ["w", "w"]
    assert looks_the_same(snap_compare, size, keys("2", "r", "space", "3", "right", *watching))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_always_right_model(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert looks_the_same(snap_compare, size, keys("5", "a"))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_five_inputs(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert looks_the_same(snap_compare, size, keys("m", "4", "end", "down"))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_784_inputs(snap_compare: Compare, size: tuple[int, int]) -> None:
    async def play(board: Board) -> None:
        board.session.new_network(Network.chain(784, (Dense("hidden", 16, "relu"), Dense("output", 10, "softmax"))))
        await board.press("4", "home", "right", "right")

    assert looks_the_same(snap_compare, size, play)


def test_data_of_five_inputs(snap_compare: Compare) -> None:
    assert looks_the_same(snap_compare, (80, 24), keys("m"))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_data_of_a_file_with_weights(snap_compare: Compare, size: tuple[int, int]) -> None:
    made = generate(SumRule(60))
    points, weights = frozen(8 * made.points - 3), frozen([place % 7 / 4 for place in range(60)])
    data = Dataset(points, made.labels, DataFile("mine.csv", ("height", "age")), weights)

    async def play(board: Board) -> None:
        board.session.take_data(data)

    assert looks_the_same(snap_compare, size, play)


def test_opening_data(snap_compare: Compare) -> None:
    assert looks_the_same(snap_compare, (80, 24), keys("o"))


def test_help(snap_compare: Compare) -> None:
    assert looks_the_same(snap_compare, (80, 24), keys("question_mark"))


def test_the_palette(snap_compare: Compare) -> None:
    async def play(board: Board) -> None:
        await board.press("ctrl+p")
        await board.type("always")
        await board.until(lambda: "Always right" in board.text, "the command")

    assert looks_the_same(snap_compare, (80, 24), play)


def test_training_settings(snap_compare: Compare) -> None:
    assert looks_the_same(snap_compare, (80, 24), keys("2", "s"))


def test_the_last_training_settings(snap_compare: Compare) -> None:
    async def play(board: Board) -> None:
        await board.press("2", "s")
        await board.fill("patience", "-1")
        await board.press("enter")
        board.app.screen.query_one("#line-target").query_one(Input).focus()

    assert looks_the_same(snap_compare, (80, 24), play)


def test_training_settings_with_errors(snap_compare: Compare) -> None:
    async def play(board: Board) -> None:
        await board.press("2", "s")
        for name, text in [("learning_rate", "fast"), ("epochs", "0"), ("validation_split", "1.0"), ("seed", "-1")]:
            await board.fill(name, text)
        await board.press("enter")

    assert looks_the_same(snap_compare, (80, 24), play)


def test_data_settings_with_errors(snap_compare: Compare) -> None:
    async def play(board: Board) -> None:
        await board.press("s")
        for name, text in [("points", "0"), ("inputs", "two"), ("threshold", "nan"), ("seed", "")]:
            await board.fill(name, text)
        await board.press("enter")

    assert looks_the_same(snap_compare, (80, 24), play)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_paste_box_with_an_error(snap_compare: Compare, size: tuple[int, int]) -> None:
    async def play(board: Board) -> None:
        await board.press("5", "p")
        await board.type("[[[1.0], [1.0]], [-0.5]]")
        await board.press("ctrl+s")

    assert looks_the_same(snap_compare, size, play)


def test_saving(snap_compare: Compare) -> None:
    async def play(board: Board) -> None:
        await board.press("ctrl+s")
        await board.fill("data", "points.txt")
        await board.press("enter")

    assert looks_the_same(snap_compare, (80, 24), play)


def test_an_edit_with_an_error(snap_compare: Compare) -> None:
    async def play(board: Board) -> None:
        await board.press("5", "right", "down", "e")
        await board.type("1e400")
        await board.press("enter")

    assert looks_the_same(snap_compare, (80, 24), play)


def test_a_bad_x(snap_compare: Compare) -> None:
    async def play(board: Board) -> None:
        await board.press("4", "x")
        await board.type("0.3, x")
        await board.press("enter")

    assert looks_the_same(snap_compare, (80, 24), play)


def test_a_what_if(snap_compare: Compare) -> None:
    async def play(board: Board) -> None:
        await board.press("4", "down", "home", "e")
        await board.type("-2.5")
        await board.press("enter")

    assert looks_the_same(snap_compare, (80, 24), play)


def test_a_number_being_tried(snap_compare: Compare) -> None:
    assert looks_the_same(snap_compare, (80, 24), keys("4", "down", "e"))


def test_nine_digits_carried(snap_compare: Compare) -> None:
    assert looks_the_same(snap_compare, (80, 24), keys("4", "r", "d", "d", "d", "d", "d"))


def test_without_words(snap_compare: Compare) -> None:
    assert looks_the_same(snap_compare, (80, 24), keys("4", "i"))


def test_a_terminal_that_is_too_small(snap_compare: Compare) -> None:
    assert looks_the_same(snap_compare, (60, 20), keys("4"))


@pytest.mark.parametrize("key", ["2", "4", "5"])
def test_the_light_theme(snap_compare: Compare, key: str) -> None:
    assert looks_the_same(snap_compare, (80, 24), keys(key, "l"))


@pytest.mark.parametrize("key", ["1", "2", "4", "5"])
def test_without_colour(snap_compare: Compare, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert looks_the_same(snap_compare, (80, 24), keys(key))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_a_slice_of_a_kernel(snap_compare: Compare, size: tuple[int, int]) -> None:
    async def play(board: Board) -> None:
        await show_model(board, IMAGES)
        await board.press("5", "S", ".", ">", "down", "right")

    assert looks_the_same(snap_compare, size, play)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("network", [IMAGES, SEQUENCES], ids=["images", "sequences"])
def test_a_kernel_as_pictures(snap_compare: Compare, network: Network, size: tuple[int, int]) -> None:
    async def play(board: Board) -> None:
        await show_model(board, network)
        await board.press("3", "S", "S", "right")

    assert looks_the_same(snap_compare, size, play)


def test_a_kernel_as_pictures_without_colour(snap_compare: Compare, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    async def play(board: Board) -> None:
        await show_model(board, IMAGES)
        await board.press("3", "S", "S", "right")

    assert looks_the_same(snap_compare, (80, 24), play)


# Unfolding, practice, lessons, and what the lists find


@pytest.fixture
def frozen_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """A practice takes no time."""
    monkeypatch.setattr("tui.tabs.by_hand.time", SimpleNamespace(monotonic=lambda: 0.0))


@pytest.mark.parametrize("size", [*SIZES, (160, 40)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_a_number_unfolded(snap_compare: Compare, size: tuple[int, int]) -> None:
    pressed = keys("4", *["down"] * 6, "end", "enter", "enter", "down", "right")
    assert looks_the_same(snap_compare, size, pressed)


def test_carried_rounding_with_fractions(snap_compare: Compare) -> None:
    assert looks_the_same(snap_compare, (80, 24), keys("4", "r", "f", "down"))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_a_practice_with_a_wrong_answer(snap_compare: Compare, frozen_clock: None, size: tuple[int, int]) -> None:
    assert looks_the_same(snap_compare, size, keys("4", "p", "enter", "1", ".", "1", "1", "1", "4", "enter"))


def test_a_practice_that_has_ended(snap_compare: Compare, frozen_clock: None) -> None:
    assert looks_the_same(snap_compare, (80, 24), keys("4", "p", "enter", "v", "n", "2", "enter", "p", "enter"))


def test_the_form_of_a_practice(snap_compare: Compare) -> None:
    assert looks_the_same(snap_compare, (80, 24), keys("4", "p"))


def test_a_lesson(snap_compare: Compare) -> None:
    assert looks_the_same(snap_compare, (80, 24), keys("L", "enter", "A"))


def test_the_loss_by_hand(snap_compare: Compare) -> None:
    assert looks_the_same(snap_compare, (80, 24), keys("4", "o"))


def test_taking_the_calculation_away(snap_compare: Compare) -> None:
    assert looks_the_same(snap_compare, (80, 24), keys("4", "t"))


def test_changing_an_array(snap_compare: Compare) -> None:
    assert looks_the_same(snap_compare, (80, 24), keys("5", "c"))


@pytest.mark.parametrize("colour", ["colour", "no-colour"])
def test_a_selection(snap_compare: Compare, monkeypatch: pytest.MonkeyPatch, colour: str) -> None:
    if colour == "no-colour":
        monkeypatch.setenv("NO_COLOR", "1")
    assert looks_the_same(snap_compare, (80, 24), keys("5", "right", "shift+right", "shift+right", "shift+down"))


def test_what_changed(snap_compare: Compare) -> None:
    async def play(board: Board) -> None:
        board.session.set_number(0, 0, (0, 1), 2.5)
        board.session.set_number(1, 1, (0,), -0.75)
        await board.press("3", "o", "enter")

    assert looks_the_same(snap_compare, (80, 24), play)


def test_the_points_that_changed_side(snap_compare: Compare) -> None:
    async def play(board: Board) -> None:
        board.session.set_number(1, 1, (0,), -1.5)
        await board.press("5", "v")

    assert looks_the_same(snap_compare, (80, 24), play)


def test_a_rule_and_its_proof(snap_compare: Compare) -> None:
    assert looks_the_same(snap_compare, (80, 24), keys("5", "R", "enter"))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_a_model_of_other_layers(snap_compare: Compare, size: tuple[int, int]) -> None:
    async def play(board: Board) -> None:
        board.app.push_screen(AnyModelScreen(graphs.recurrent(), "waves.keras"))
        await board.quieten()
        await board.press("x")
        await board.type("0.1, 0.2, 0.3, 0.4, 0.5, 0.6")
        await board.press("enter", "home", "down", "space", "down", "down", "down", "down", "enter", "down", "right")

    assert looks_the_same(snap_compare, size, play)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize(
    ("model", "keys"),
    [
        (graphs.residual, ["end", "up", "up", "up", "up"]),
        (graphs.siamese, ["down", "down", "down", "space", "down", "space", "down"]),
        (graphs.u_shaped, ["down"]),
    ],
    ids=["residual", "shared and open", "u-shaped"],
)
def test_a_model_with_branches(
    snap_compare: Compare, model: Callable[[], OpenedGraph], keys: list[str], size: tuple[int, int]
) -> None:
    async def play(board: Board) -> None:
        board.app.push_screen(AnyModelScreen(model(), "branches.keras"))
        await board.quieten()
        await board.press(*keys)

    assert looks_the_same(snap_compare, size, play)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_weights_without_a_model(snap_compare: Compare, size: tuple[int, int]) -> None:
    drawn = np.random.default_rng(0).normal(size=(3, 3, 4, 8)).astype(np.float32)
    arrays = (("conv", "kernel:0", drawn), ("conv", "bias:0", drawn[0, 0, 0]), ("dense", "kernel:0", drawn[0, 0]))
    held = tuple(HeldArray(layer, name, values, "float32") for layer, name, values in arrays)

    async def play(board: Board) -> None:
        file = WeightsFile("HDF5, as Keras 1 and 2 save weights", "Keras 2.1.3", held, ())
        board.app.push_screen(WeightsScreen(file, "some.h5", board.session))
        await board.quieten()
        await board.press("tab", "down", "right")

    assert looks_the_same(snap_compare, size, play)


PAGES = {
    "convolution": (graphs.convolving, Spot(("conv",), "weighted sum", (1, 2, 1)), (80, 24)),
    "recurrent": (graphs.both_ways, Spot(("both", "forward_lstm"), "cell state", (1, 1)), (120, 40)),
    "attention": (graphs.attending, Spot(("attention",), "weight", (1, 1, 2)), (120, 40)),
    "normalization": (graphs.normalized, Spot(("layer",), "output", (0, 1, 2)), (80, 24)),
}


@pytest.mark.parametrize("kind", PAGES)
def test_a_page_of_a_call(snap_compare: Compare, kind: str) -> None:
    model, spot, size = PAGES[kind]

    async def play(board: Board) -> None:
        await show_page(board, model(), spot)

    assert looks_the_same(snap_compare, size, play)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize(
    ("tab", "model"), [("3", graphs.siamese), ("4", graphs.recurrent), ("5", graphs.attending)], ids=["3", "4", "5"]
)
def test_a_model_that_is_no_chain_on_the_tabs(
    snap_compare: Compare, tab: str, model: Callable[[], OpenedGraph], size: tuple[int, int]
) -> None:
    async def play(board: Board) -> None:
        network = Network.of(model().graph)
        weights = initial_weights(network, 1)
        board.session.take("a model", Model(network, weights, weights), board.state.dataset)
        board.session.set_x(np.linspace(-0.5, 0.7, network.inputs))
        await board.press(tab)
        await board.quieten()
        if tab == "4":
            await board.press("down", "space", *["down"] * 7, "enter")

    assert looks_the_same(snap_compare, size, play)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_what_was_not_saved(snap_compare: Compare, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session()
    session.load_tutorial()
    session.set_number(0, 0, (0, 0), 2.5)
    monkeypatch.setattr("core.journal.telling.when", lambda _seconds: "2026-11-30 10:31")

    async def play(board: Board) -> None:
        left_behind(session)
        dialog = RecoverDialog(look(board.app.kept.path).left, lambda *_: None)
        board.app.push_screen(dialog)
        await board.until(lambda: dialog.listens, "the form")
        await board.press("s")

    assert looks_the_same(snap_compare, size, play)
