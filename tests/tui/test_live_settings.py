"""Live settings: a dial turned trains again from the same weights; what is prepared; trainings pinned to compare."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from textual.widgets import OptionList

from core.data.dataset import rule_of
from core.engine.protocol import Failed, Prepare, Stop, Train
from core.model.initial import initial_weights
from core.model.layers_text import chain_network
from core.session.dials import DIALS, Settings
from core.training.recipe import Recipe
from tests.tui.board import Board, RecordingEngine, playing
from tui.dialogs.runs_dialog import RunsDialog
from tui.widgets.curves import Curves
from tui.widgets.dials import DialRow

if TYPE_CHECKING:
    from core.engine.protocol import Command, Event
    from core.model.weights import Weights
    from core.session.state import Run

PLACES = {dial.name: place for place, dial in enumerate(DIALS)}


def run_of(board: Board) -> Run:
    run = board.state.model.run
    assert run is not None
    return run


def settings_of(board: Board) -> Settings:
    state = board.state
    return Settings(state.recipe, state.model.network, state.dataset)


def trained_from(board: Board) -> list[list[bytes]]:
    """Return the arrays that the newest training began with."""
    train = board.engine.sent_of(Train)[-1]
    return [[array.data for array in arrays] for arrays in train.layers]


def as_sent(weights: Weights) -> list[list[bytes]]:
    return [[array.astype("<f4").tobytes() for array in arrays] for arrays in weights.layers]


def faint(board: Board, name: str = "loss") -> list[list[float]]:
    curves = board.app.query_one(f"#{name}", Curves)._curves
    return [list(curve.values) for curve in curves if curve.colour == "faint"]


async def choose(board: Board, name: str) -> None:
    dials = board.app.query_one(DialRow)
    await board.press(*["right"] * ((PLACES[name] - dials.chosen) % len(DIALS)))
    assert dials.chosen == PLACES[name]


# Dials


async def test_every_dial_trains_again_from_the_initial_weights_and_leaves_the_run_before_faint() -> None:
    async with playing(tutorial=False) as board:
        board.session.set_recipe(Recipe(epochs=10))
        await board.press("2", "space")
        for number, dial in enumerate(DIALS):
            before, run, initial = settings_of(board), run_of(board), board.state.model.initial
            wanted = dial.turned(before, 1)
            await board.press("up")
            now = settings_of(board)
            assert (now.recipe, now.network) == (wanted.recipe, wanted.network), dial.name
            assert now.dataset.origin == wanted.dataset.origin, dial.name
            trains = board.engine.sent_of(Train)
            assert len(trains) == number + 2
            assert trains[-1].recipe == wanted.recipe
            task = board.state.task
            assert np.array_equal(trains[-1].labels.array(), task.targets(board.state.dataset.labels, 1))
            if dial.name in ("units", "activation", "seed"):
                initial = initial_weights(wanted.network, wanted.recipe.seed)
            assert trained_from(board) == as_sent(initial), dial.name
            assert (run_of(board).epochs, run_of(board).running) == (wanted.recipe.epochs, False)
            assert board.state.previous is run
            assert faint(board) == [list(run.history["loss"])]
            assert faint(board, "accuracy") == [list(run.history["sign_accuracy"])]
            assert board.state.done[-2:] == (f"{dial.name} {dial.text(wanted)}", f"train {wanted.recipe.epochs} epochs")
            assert f"{dial.name} {dial.text(wanted)}" in board.text
            await board.press("right")
        assert board.app.query_one(DialRow).chosen == 0
        assert board.said == []


async def test_down_turns_back_and_the_same_settings_give_the_same_training() -> None:
    async with playing(tutorial=False) as board:
        board.session.set_recipe(Recipe(epochs=10))
        await board.press("2", "space")
        first = run_of(board)
        await board.press("left")
        assert board.app.query_one(DialRow).chosen == len(DIALS) - 1
        await board.press("up")
        other = run_of(board)
        await board.press("down")
        again = run_of(board)
        assert list(again.history["loss"]) == list(first.history["loss"]) != list(other.history["loss"])
        assert again.kept.weights(10).equal(first.kept.weights(10))
        assert faint(board) == [list(other.history["loss"])]


async def test_a_turn_is_undone_with_its_setting_and_its_training() -> None:
    async with playing(tutorial=False) as board:
        board.session.set_recipe(Recipe(epochs=10))
        await board.press("2", "space")
        first = run_of(board)
        await board.press("up", "u")
        assert board.state.model.run is None
        assert "rate 0.002" in board.text
        await board.press("u")
        assert run_of(board) is first
        assert board.state.recipe == Recipe(epochs=10)
        assert "rate 0.001" in board.text
        assert faint(board) == []
        await board.press("U", "U")
        assert "rate 0.002" in board.text
        assert run_of(board).recipe == Recipe(epochs=10, learning_rate=0.002)
        await choose(board, "seed")
        await board.press("up", "u", "u")
        assert (board.state.recipe.seed, board.state.recipe.learning_rate) == (0, 0.002)
        await choose(board, "noise")
        await board.press("up", "u", "u")
        assert rule_of(board.state.dataset).noise == 0


async def test_a_dial_turned_before_any_training_trains() -> None:
    async with playing() as board:
        tutorial = board.state.model.weights
        await board.press("2", "up")
        assert trained_from(board) == as_sent(tutorial)
        assert board.engine.sent_of(Train)[-1].recipe.learning_rate == 0.002
        assert faint(board) == []


async def test_a_dial_turned_while_it_trains_stops_it_and_trains_with_every_turn() -> None:
    async with playing(tutorial=False, pause_at=50) as board:
        initial = board.state.model.initial
        await board.press("2", "space")
        assert run_of(board).running
        board.engine.pause_at = None
        board.app.trainer.turn(DIALS[PLACES["rate"]], 1)
        board.app.trainer.turn(DIALS[PLACES["rate"]], 1)
        board.app.trainer.turn(DIALS[PLACES["batch"]], 1)
        assert board.state.recipe == Recipe()
        await board.settle()
        assert len(board.engine.sent_of(Stop)) == 1
        assert [train.recipe for train in board.engine.sent_of(Train)] == [
            Recipe(),
            Recipe(learning_rate=0.005, batch_size=64),
        ]
        assert trained_from(board) == as_sent(initial)
        assert (run_of(board).epochs, run_of(board).running) == (150, False)
        assert [len(values) for values in faint(board)] == [50]
        assert board.said == []


async def test_a_dial_turned_while_a_training_waits_ends_that_and_trains() -> None:
    async with playing(tutorial=False) as board:
        await board.press("2", ".", ",", "up")
        assert len(board.engine.sent_of(Stop)) == 1
        assert run_of(board).recipe.learning_rate == 0.002
        assert (run_of(board).epochs, run_of(board).running) == (150, False)
        assert [len(values) for values in faint(board)] == [1]
        assert board.lines[0].endswith("epoch 150/150   Keras ready")


async def test_a_dial_that_cannot_turn_here_says_why_and_trains_nothing() -> None:
    async with playing() as board:
        board.session.new_network(chain_network(2, "1 tanh"))
        await board.press("2")
        await choose(board, "units")
        before = board.state
        await board.press("up")
        assert board.said == ["expected a hidden layer whose units could change; the only Dense layer is the output"]
        assert board.state is before
        assert board.engine.sent_of(Train) == []


async def test_a_click_chooses_a_dial_on_either_line() -> None:
    async with playing(tutorial=False) as board:
        board.session.set_recipe(Recipe(epochs=5))
        await board.press("2")
        dials = board.app.query_one(DialRow)
        for part, name in (
            ("hinge", "loss"),
            ("seed 0", "seed"),
            ("rate 0.001", "rate"),
            ("tanh   noise", "activation"),
        ):
            await board.click(part)
            assert dials.chosen == PLACES[name]
        await board.press("up")
        assert board.engine.sent_of(Train)[-1].recipe == Recipe(epochs=5)
        assert board.state.model.network != chain_network(2, "5 tanh, 1 tanh")


async def test_the_longest_settings_take_the_lines_that_they_need() -> None:
    async with playing() as board:
        recipe = Recipe("mean_absolute_error", "adadelta", 0.12345, 1_000_000, 10_000_000, 0.2, 4_294_967_295)
        board.session.set_recipe(recipe, "1000 sparse_sigmoid, 1 tanh")
        await board.press("2")
        await board.quieten()
        for dial in DIALS:
            assert f"{dial.name} {dial.text(settings_of(board))}" in board.text
        x, y = board.place("seed 4")
        await board.pilot.click(offset=(x, y))
        assert board.app.query_one(DialRow).chosen == PLACES["seed"]


# The form


async def test_the_form_trains_again_if_there_was_a_training_and_not_otherwise() -> None:
    async with playing(tutorial=False) as board:
        initial = board.state.model.initial
        await board.press("2", "s")
        await board.fill("epochs", "10")
        await board.press("enter")
        assert board.engine.sent_of(Train) == []
        assert "space trains" in board.text
        await board.press("space", "s")
        first = run_of(board)
        await board.fill("learning_rate", "0.05")
        await board.press("enter")
        assert board.engine.sent_of(Train)[-1].recipe == Recipe(learning_rate=0.05, epochs=10)
        assert trained_from(board) == as_sent(initial)
        assert run_of(board).epochs == 10
        assert faint(board) == [list(first.history["loss"])]
        second = run_of(board)
        await board.press("s")
        await board.fill("layers", "3 relu, 1 tanh")
        await board.press("enter")
        assert len(board.engine.sent_of(Train)) == 3
        assert trained_from(board) == as_sent(initial_weights(chain_network(2, "3 relu, 1 tanh"), 0))
        assert faint(board) == [list(second.history["loss"])]


# What is compiled before it is asked for


async def test_what_space_would_run_is_prepared_once_for_every_program() -> None:
    async with playing(tutorial=False) as board:
        (prepare,) = board.engine.sent_of(Prepare)
        assert (prepare.recipe, prepare.points_shape) == (Recipe(), (250, 2))
        assert prepare.network == board.state.model.network
        await board.press("2")
        for name in ("rate", "epochs", "noise", "seed"):
            await choose(board, name)
            await board.press("up")
        assert len(board.engine.sent_of(Prepare)) == 1
        for number, name in enumerate(("optimizer", "loss", "batch", "units", "activation")):
            await choose(board, name)
            await board.press("up")
            prepared = board.engine.sent_of(Prepare)
            assert len(prepared) == number + 2, name
            assert (prepared[-1].recipe, prepared[-1].network) == (board.state.recipe, board.state.model.network)
        await board.press("1", "m")
        assert board.engine.sent_of(Prepare)[-1].points_shape == (len(board.state.dataset), 5)
        count = len(board.engine.sent_of(Prepare))
        await board.press("n", "d")
        board.session.set_number(0, 0, (0, 0), 1.0)
        await board.settle()
        assert len(board.engine.sent_of(Prepare)) == count


async def test_a_model_that_cannot_be_trained_is_not_prepared_and_a_new_engine_is() -> None:
    async with playing(tutorial=False) as board:
        board.session.new_network(chain_network(2, "5 tanh, 2 tanh"))
        await board.settle()
        assert len(board.engine.sent_of(Prepare)) == 1
        await board.press("u")
        assert len(board.engine.sent_of(Prepare)) == 1
        board.engine.die()
        await board.settle()
        assert board.engine.starts == 2
        assert len(board.engine.sent_of(Prepare)) == 2


class UnpreparedEngine(RecordingEngine):
    """It cannot prepare anything."""

    def _answer(self, command: Command) -> Event | None:
        return Failed(command.id, "out of memory") if isinstance(command, Prepare) else super()._answer(command)


async def test_a_program_that_could_not_be_prepared_is_no_trouble_before_it_is_needed() -> None:
    async with playing(tutorial=False, engine=UnpreparedEngine) as board:
        await board.press("2", "space")
        assert board.said == []
        assert run_of(board).epochs == 150


# Pinned trainings


async def pin(board: Board, name: str) -> None:
    await board.press("c")
    await board.fill("name", name)
    await board.press("enter")


async def test_trainings_are_pinned_listed_returned_to_and_let_go() -> None:
    async with playing(tutorial=False) as board:
        board.session.set_recipe(Recipe(epochs=10))
        await board.press("2", "space", "c")
        assert board.app.screen.query_one("#line-name Input").value == Recipe().in_words()  # type: ignore[attr-defined]
        await board.press("enter")
        await board.press("up")
        await pin(board, " rate 2 [red]ü[/]\x07 ")
        await board.press("up")
        first, second = (pinned.run for pinned in board.state.pinned)
        assert board.state.pinned[0].name == Recipe().in_words()
        assert faint(board) == [list(first.history["loss"]), list(second.history["loss"]), list(second.history["loss"])]
        await board.press("v")
        assert isinstance(board.app.screen, RunsDialog)
        loss, accuracy = second.history["loss"][-1], second.history["sign_accuracy"][-1]
        row = board.line("rate 2 [red]")
        assert f"{loss:.4f} {second.history['val_loss'][-1]:.4f} {accuracy:.4f} 10" in row
        assert "name loss val_loss sign acc. epochs" in board.words
        assert "5 tanh" in board.outcome and "adam 0.001" in board.outcome
        await board.press("down")
        assert "adam 0.002" in board.outcome
        await board.press("enter")
        assert len(board.app.screen_stack) == 1
        assert run_of(board) is second
        assert board.state.recipe == Recipe(epochs=10, learning_rate=0.002)
        assert board.state.done[-1].startswith("return to rate 2")
        assert "rate 0.002" in board.text
        await board.press("u")
        assert board.state.recipe.learning_rate == 0.005
        await board.press("v", "down", "minus")
        assert [pinned.run for pinned in board.state.pinned] == [first]
        assert board.app.screen.query_one(OptionList).highlighted == 0
        assert "adam 0.001" in board.outcome
        await board.press("-")
        assert board.state.pinned == ()
        assert len(board.app.screen_stack) == 1
        await board.press("v")
        assert board.said[-1] == "no training is pinned yet: c pins the present one"


async def test_a_return_goes_by_the_footer_too_and_escape_leaves_all_as_it_was() -> None:
    async with playing(tutorial=False) as board:
        board.session.set_recipe(Recipe(epochs=5))
        await board.press("2", "space")
        await pin(board, "one")
        first = run_of(board)
        await board.press("up")
        before = board.state
        await board.press("v", "escape")
        assert board.state is before
        await board.press("v")
        await board.click("Return to it")
        assert run_of(board) is first


@pytest.mark.parametrize(
    ("name", "message"),
    [("", "expected a new name, got '', which is empty"), ("one", "expected a new name, got 'one', which is taken")],
)
async def test_a_bad_name_is_refused_in_the_form_and_pins_nothing(name: str, message: str) -> None:
    async with playing(tutorial=False) as board:
        board.session.set_recipe(Recipe(epochs=5))
        await board.press("2", "space")
        await pin(board, "one")
        await pin(board, name)
        assert board.outcome == message
        assert [pinned.name for pinned in board.state.pinned] == ["one"]
        await board.press("escape")
        assert len(board.app.screen_stack) == 1


async def test_without_a_training_there_is_nothing_to_pin() -> None:
    async with playing() as board:
        await board.press("2")
        await pin(board, "one")
        assert board.outcome == "expected a finished training to pin, got none"


async def test_a_return_is_refused_while_a_training_is_under_way() -> None:
    async with playing(tutorial=False) as board:
        board.session.set_recipe(Recipe(epochs=5))
        await board.press("2", "space")
        await pin(board, "one")
        await board.press(".", "v", "enter")
        assert "a training waits: end it first" in board.outcome
        assert run_of(board).running
