"""Time: any epoch that is kept, on every tab; going on from there; playing it; undo and redo around it."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, cast

import msgspec
import numpy as np
import pytest

from core.calculation.boundary import field
from core.engine.protocol import Predict, Predicted, SetWeights, Train, to_tensors
from core.tasks import Signs
from core.training.recipe import Recipe
from tests.tui.board import Board, RecordingEngine, playing
from tui.trainer import SPEEDS
from tui.widgets.curves import Curves
from tui.widgets.plane import Plane

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from textual.timer import Timer

    from core.engine.protocol import Command, Event
    from core.model.weights import Weights
    from core.session.state import Run
    from tui.engine_client import Gone

EPOCHS = 30


class CountingEngine(RecordingEngine):
    """Counts how many questions were without an answer at one time."""

    def __init__(self, on_event: Callable[[Event | Gone], None], pause_at: int | None = None) -> None:
        super().__init__(on_event, pause_at)
        self.unanswered = self.most = 0

    def send(self, command: Command) -> None:
        if isinstance(command, Predict):
            self.unanswered += 1
            self.most = max(self.most, self.unanswered)
        super().send(command)

    def _post(self, event: Event) -> None:
        if isinstance(event, Predicted):
            self.unanswered -= 1
        super()._post(event)


class Clock:
    """In place of the app's timer: it fires when the test says so."""

    def __init__(self, board: Board) -> None:
        self.runs = False
        self._tick = board.app.trainer.tick
        board.app.trainer.play_with(cast("Timer", self), 0.05)

    def resume(self) -> None:
        self.runs = True

    def pause(self) -> None:
        self.runs = False

    def fire(self, times: int = 1) -> None:
        """Let so many frames pass; none of them counts while the clock is paused."""
        for _ in range(times):
            if self.runs:
                self._tick()


@asynccontextmanager
async def trained(size: tuple[int, int] = (80, 24), epochs: int = EPOCHS) -> AsyncIterator[Board]:
    """Play on the Training tab with a training that has come to its end."""
    async with playing(size, tutorial=False, engine=CountingEngine) as board:
        board.session.set_recipe(Recipe(epochs=epochs))
        await board.press("2", "space")
        yield board


def run_of(board: Board) -> Run:
    run = board.state.model.run
    assert run is not None
    return run


def same(one: Weights, other: Weights) -> bool:
    return one.equal(other)


def sent_before_training(board: Board) -> list[list[bytes]]:
    """Return what Keras was given to train from last, layer by layer."""
    train = board.engine.sent_of(Train)[-1]
    return [[array.data for array in arrays] for arrays in train.layers]


def as_sent(weights: Weights) -> list[list[bytes]]:
    return [[array.astype("<f4").tobytes() for array in arrays] for arrays in weights.layers]


# Moving


async def test_the_brackets_move_to_any_kept_epoch_on_every_tab() -> None:
    async with trained() as board:
        assert f"epoch {EPOCHS}/{EPOCHS}" in board.lines[0]
        epoch = EPOCHS
        for tab in ("1", "2", "3", "4", "5"):
            await board.press(tab)
            for key, epochs in (("[", -1), ("{", -10), ("[", -1), ("}", 10), ("]", 1), ("[", -1)):
                await board.press(key)
                epoch += epochs
                assert board.state.model.epoch == epoch
                assert f"epoch {epoch}/{EPOCHS} " in board.lines[0]
                assert same(board.state.model.weights, run_of(board).kept.weights(epoch))
        assert board.said == []
        for key, end in (("{", 0), ("}", EPOCHS)):
            await board.press(*[key] * 4)
            assert board.state.model.epoch == end
            await board.press(key)
            assert board.state.model.epoch == end
        assert isinstance(board.engine, CountingEngine)
        assert (board.engine.most, board.engine.unanswered) == (1, 0)


async def test_weights_by_hand_and_boundary_are_those_of_the_epoch() -> None:
    async with trained((120, 40)) as board:
        board.session.runs.go_to_epoch(7)
        await board.settle()
        weights = run_of(board).kept.weights(7)
        plane = board.app.query_one("#boundary", Plane)
        picture = plane._picture
        assert picture is not None and picture.field is not None
        assert np.array_equal(picture.field, field(board.state.model.network, weights, *plane.cells, Signs()))
        assert f"epoch 7 of {EPOCHS} in " in board.text
        loss = run_of(board).history["loss"][6]
        assert f"loss {loss:.4g}, validation" in board.text
        await board.press("3")
        assert f"{weights.layers[0][0][0, 0]:.4f}" in board.line(" x1  ")
        await board.press("4")
        answer = board.app.answer
        assert answer is not None and answer.version == weights.version
        assert float(board.line("  differ ").split("differ ")[1].split()[0]) < 1e-6


async def test_without_a_training_there_are_no_epochs_to_move_to() -> None:
    async with playing() as board:
        before = board.state
        for tab in ("1", "2", "3", "4", "5"):
            await board.press(tab, "[")
        await board.press("}")
        said = "expected a training whose epochs could be shown, got none: space on the Training tab starts one"
        assert board.said == [said] * 6
        assert board.state is before
        assert "epoch" not in board.lines[0]


async def test_keras_is_asked_for_the_newest_epoch_only() -> None:
    async with trained() as board:
        asked = len(board.engine.sent_of(Predict))
        for _ in range(20):
            board.session.runs.step_epoch(-1)
        await board.settle()
        assert isinstance(board.engine, CountingEngine)
        assert board.engine.most == 1
        versions = [command.version for command in board.engine.sent_of(Predict)[asked:]]
        kept, given = run_of(board).kept, {one.version: one.layers for one in board.engine.sent_of(SetWeights)}
        epochs = EPOCHS - 1, EPOCHS - 20
        assert [given[version] for version in versions] == [to_tensors(kept.weights(one).layers) for one in epochs]
        assert board.app.answer is not None
        assert board.app.answer.version == board.state.model.weights.version


async def test_who_looks_back_while_it_trains_stays_there_even_at_its_end() -> None:
    async with playing(tutorial=False, pause_at=20) as board:
        board.session.set_recipe(Recipe(epochs=EPOCHS))
        await board.press("2", "space")
        assert f"epoch 20/{EPOCHS}" in board.lines[0]
        await board.press("3", "{")
        assert f"epoch 10/{EPOCHS}" in board.lines[0]
        board.engine.resume()
        await board.settle()
        assert (run_of(board).epochs, run_of(board).running) == (EPOCHS, False)
        assert f"epoch 10/{EPOCHS}   Keras ready" in board.lines[0]
        assert same(board.state.model.weights, run_of(board).kept.weights(10))
        await board.press("}", "}")
        assert f"epoch {EPOCHS}/{EPOCHS}" in board.lines[0]


# Going on from an epoch, and editing there


async def test_to_go_on_from_an_epoch_is_a_branch_that_can_be_taken_back() -> None:
    async with trained() as board:
        first = run_of(board)
        await board.press("{", "[")
        at = EPOCHS - 11
        await board.press("space")
        assert board.state.done[-1] == f"train {EPOCHS} epochs on from epoch {at}"
        assert sent_before_training(board) == as_sent(first.kept.weights(at))
        branch = run_of(board)
        assert (branch.epochs, branch is first) == (EPOCHS, False)
        assert same(branch.kept.weights(0), first.kept.weights(at))
        faint = [curve for curve in board.app.query_one("#loss", Curves)._curves if curve.colour == "faint"]
        assert [list(curve.values) for curve in faint] == [list(first.history["loss"])]
        await board.press("u")
        assert run_of(board) is first
        assert f"epoch {at}/{EPOCHS}" in board.lines[0]
        await board.press("U")
        assert run_of(board) is branch


async def test_a_weight_is_edited_at_an_earlier_epoch_and_the_edit_survives_moving_in_time() -> None:
    async with trained() as board:
        board.session.runs.go_to_epoch(12)
        await board.press("5", "e")
        await board.type("2.5")
        await board.press("enter")
        edited = board.state.model.weights
        expected = run_of(board).kept.weights(12).with_number(0, 0, (0, 0), 2.5)
        assert same(edited, expected)
        assert f"epoch changed/{EPOCHS}" in board.lines[0]
        await board.press("u")
        assert f"epoch 12/{EPOCHS}" in board.lines[0]
        await board.press("U", "[")
        assert f"epoch {EPOCHS - 1}/{EPOCHS}" in board.lines[0]
        await board.press("u")
        assert board.state.model.weights is edited
        await board.press("2", "space")
        assert sent_before_training(board) == as_sent(edited)
        assert board.state.done[-1] == f"train {EPOCHS} epochs"


async def test_undo_and_redo_go_round_trainings_and_come_back_to_the_epoch_that_was_shown() -> None:
    async with trained() as board:
        first = run_of(board)
        await board.press("[", "u")
        assert board.state.model.run is None
        assert same(board.state.model.weights, board.state.model.initial)
        assert "epoch" not in board.lines[0]
        assert "space trains" in board.text
        await board.press("U")
        assert run_of(board) is first
        assert f"epoch {EPOCHS - 1}/{EPOCHS}" in board.lines[0]
        await board.press("]", "r", "space", "u", "u")
        assert run_of(board) is first
        assert board.state.model.epoch == EPOCHS
        answer = board.app.answer
        assert answer is not None and answer.version == first.kept.weights(EPOCHS).version


# Playing


async def test_it_plays_from_the_first_epoch_pauses_and_goes_on() -> None:
    async with trained() as board:
        clock = Clock(board)
        await board.press("y")
        assert (board.state.model.epoch, clock.runs, board.app.trainer.playing) == (0, True, True)
        clock.fire(7)
        await board.settle()
        assert f"epoch 7/{EPOCHS}" in board.lines[0]
        await board.press("y")
        assert (clock.runs, board.app.trainer.playing) == (False, False)
        clock.fire(5)
        assert board.state.model.epoch == 7
        await board.press("3", "2", "y")
        clock.fire(2)
        assert board.state.model.epoch == 9
        clock.fire(100)
        assert (board.state.model.epoch, clock.runs) == (EPOCHS, False)
        await board.press("y")
        assert (board.state.model.epoch, clock.runs) == (0, True)


async def test_it_plays_faster_and_slower_and_says_how_fast() -> None:
    async with trained() as board:
        clock = Clock(board)
        await board.press("y", "plus")
        assert board.said[-1] == "y plays 50 a second: epochs"
        clock.fire(4)
        assert board.state.model.epoch == 10
        await board.press(*["minus"] * len(SPEEDS))
        assert board.said[-1] == "y plays 1 a second: epochs"
        clock.fire(19)
        assert board.state.model.epoch == 10
        clock.fire()
        assert board.state.model.epoch == 11
        await board.press(*["plus"] * len(SPEEDS))
        assert board.said[-1] == "y plays all at once"
        clock.fire()
        assert board.state.model.epoch == EPOCHS
        clock.fire()
        await board.press("[", "y")
        assert (board.state.model.epoch, clock.runs) == (EPOCHS, False)


@pytest.mark.parametrize("what", ["undo", "another training", "an edit", "a reset"])
async def test_it_stops_playing_when_anything_else_is_done_to_the_model(what: str) -> None:
    async with trained() as board:
        board.session.runs.go_to_epoch(20)
        clock = Clock(board)
        await board.press("space", "y")
        clock.fire(3)
        assert (board.state.model.epoch, clock.runs) == (3, True)
        match what:
            case "undo":
                await board.press("u")
            case "another training":
                await board.press("space")
                board.session.runs.go_to_epoch(5)
            case "an edit":
                board.session.set_number(0, 0, (0, 0), 1.0)
            case "a reset":
                await board.press("r")
        await board.settle()
        after = board.state
        clock.fire()
        assert board.state is after
        assert (clock.runs, board.app.trainer.playing) == (False, False)


async def test_there_is_nothing_to_play_without_a_training() -> None:
    async with playing() as board:
        await board.press("2", "y")
        assert board.said == ["expected a training to play, got none: space trains"]
        assert not board.app.trainer.playing


async def test_the_apps_own_timer_plays_it_and_rests_otherwise() -> None:
    async with trained() as board:
        trainer = board.app.trainer
        timer = trainer._timer
        assert timer is not None
        assert timer._callback == trainer.tick
        assert timer._interval == trainer.frame
        assert not timer._active.is_set()
        await board.press(*["minus"] * len(SPEEDS), "y")
        assert timer._active.is_set()
        await board.press("y")
        assert not timer._active.is_set()


async def test_a_curve_of_another_loss_does_not_set_the_scale() -> None:
    async with trained() as board:
        first = run_of(board)
        board.session.set_recipe(msgspec.structs.replace(board.state.recipe, loss="squared_hinge"))
        await board.press("r", "space")
        assert run_of(board).recipe.loss == "squared_hinge"
        for name, foreign in (("loss", True), ("accuracy", False)):
            (faint,) = [one for one in board.app.query_one(f"#{name}", Curves)._curves if one.colour == "faint"]
            assert faint.foreign is foreign
        assert list(faint.values) == list(first.history["sign_accuracy"])
