"""Steps: a batch, an epoch, ten, to the end; what waits meanwhile; what ends a training early, and what breaks it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.widgets import Select, Static

from core.engine.protocol import EarlyStopping, Failed, Position, Predict, Resume, Stop, StopRule, Train
from core.model.layers_text import chain_network
from core.model.weights import Weights
from core.session.history import History, KeptWeights
from core.session.state import Model, Place, Run
from core.training.recipe import Recipe
from tests.tui.board import Board, RecordingEngine, playing, text_of
from tui.keras_status import Keras
from tui.tabs.words import kept_line, progress_line

if TYPE_CHECKING:
    from tests.engine.fake import _Climb

WAITS = "a training waits: end it first (x on the Training tab), or let it go on to its end (space)"


def run_of(board: Board) -> Run:
    run = board.state.model.run
    assert run is not None
    return run


def place_of(board: Board) -> tuple[int, int] | None:
    paused = run_of(board).paused
    return None if paused is None else (paused.epoch, paused.batch)


async def test_a_training_goes_on_by_batches_epochs_and_tens_and_says_where_it_waits() -> None:
    async with playing(tutorial=False) as board:
        await board.press("2")
        initial = board.state.model.weights
        steps = [
            (".", (1, 0), "after epoch 1: space goes on, x ends it"),
            (",", (1, 1), "after epoch 1, batch 1 of 7: space goes on, x ends it"),
            (",", (1, 2), "after epoch 1, batch 2 of 7: space goes on, x ends it"),
            (".", (2, 0), "after epoch 2: space goes on, x ends it"),
            (">", (12, 0), "after epoch 12: space goes on, x ends it"),
        ]
        for key, place, line in steps:
            await board.press(key)
            assert place_of(board) == place
            assert line in board.text
            assert board.lines[0].endswith(f"epoch {place[0]}/150   Keras waiting")
        (train,) = board.engine.sent_of(Train)
        assert train.until == Position(1)
        wanted = [Position(1, 1), Position(1, 2), Position(2), Position(12)]
        assert [resume.until for resume in board.engine.sent_of(Resume)] == wanted
        assert not board.state.model.weights.equal(initial)
        await board.press("space")
        assert "epoch 150 of 150 in 1.5 s by fake; [ ] move" in board.text
        assert board.lines[0].endswith("epoch 150/150   Keras ready")
        assert board.engine.sent_of(Resume)[-1].until is None
        assert board.state.done == ("train 150 epochs",)
        assert board.said == []


async def test_the_last_batch_of_an_epoch_is_its_end_and_the_last_epoch_the_trainings() -> None:
    async with playing(tutorial=False) as board:
        board.session.set_recipe(Recipe(epochs=3))
        await board.press("2", *[","] * 6)
        assert place_of(board) == (0, 6)
        assert run_of(board).epochs == 0
        await board.press(",")
        assert place_of(board) == (1, 0)
        await board.press(">")
        assert (run_of(board).running, run_of(board).stopped, run_of(board).epochs) == (False, False, 3)
        await board.press(".")
        assert len(board.engine.sent_of(Train)) == 2
        assert place_of(board) == (1, 0)
        assert board.state.done[-1] == "train 3 epochs"


async def test_the_weights_within_an_epoch_are_shown_and_keras_agrees_with_the_hand_on_them() -> None:
    async with playing(tutorial=False) as board:
        await board.press("2", ".")
        whole = board.state.model.weights
        await board.press(",", ",", "3")
        weights = board.state.model.weights
        assert not weights.equal(whole)
        assert board.state.model.epoch is None
        assert f"{weights.layers[0][0][0, 0]:.4f}" in board.line(" x1  ")
        await board.press("4")
        assert board.engine.sent_of(Predict)[-1].version == weights.version
        assert float(board.line("  differ ").split("differ ")[1].split()[0]) < 1e-6
        await board.press("[")
        assert board.state.model.epoch == 0
        assert float(board.line("  differ ").split("differ ")[1].split()[0]) < 1e-6
        await board.press("2", ".")
        assert place_of(board) == (2, 0)
        assert board.state.model.epoch == 2


async def test_what_would_change_the_model_is_refused_while_a_training_waits() -> None:
    async with playing(tutorial=False) as board:
        await board.press("2", ".")
        before = board.state
        for key in ("r", "u", "U", "5", "a", "T", "1", "m"):
            await board.press(key)
        assert board.said == [WAITS] * 6
        await board.press("2", "s", "enter")
        assert board.outcome == WAITS
        await board.press("escape", "c", "enter")
        assert board.outcome == WAITS
        await board.press("escape")
        assert board.state is before
        await board.press("x")
        assert (run_of(board).running, run_of(board).stopped, run_of(board).epochs) == (False, True, 1)
        assert len(board.engine.sent_of(Stop)) == 1
        await board.quieten()
        assert "epoch 1 of 1 in 10 ms by fake; [ ] move" in board.text and "; stopped: o " in board.text
        assert board.lines[0].endswith("epoch 1/150   Keras ready")
        await board.press("r")
        assert board.state.model.run is None


async def test_a_training_ended_within_an_epoch_has_the_weights_of_that_batch() -> None:
    async with playing(tutorial=False) as board:
        await board.press("2", ".", ",")
        waiting = board.state.model.weights
        await board.press("x")
        assert board.state.model.weights.equal(waiting)
        assert board.lines[0].endswith("epoch changed/150   Keras ready")
        await board.press("[", "u")
        assert board.state.model.weights.equal(waiting)


async def test_steps_that_cannot_be_had_are_refused_with_what_to_do() -> None:
    async with playing(tutorial=False, pause_at=20) as board:
        await board.press("2", "x")
        assert board.said == ["expected a training that waits, got none"]
        await board.press("space")
        for key in (".", ",", ">"):
            await board.press(key)
        assert board.said[1:] == ["the training is under way: space stops it"] * 3
        await board.press("x")
        assert board.said[4:] == ["expected a training that waits, got none"]
        assert run_of(board).running


async def test_keras_that_dies_while_a_training_waits_leaves_it_ended_where_it_was() -> None:
    async with playing(tutorial=False) as board:
        await board.press("2", ">")
        reached = board.state.model.weights
        board.engine.die()
        await board.settle()
        assert (run_of(board).epochs, run_of(board).running, run_of(board).paused) == (10, False, None)
        assert board.state.model.weights is reached
        await board.quieten()
        assert "o trains 140 more" in board.text
        assert "Keras's process ended" in board.words
        assert board.lines[0].endswith("epoch 10/150   Keras ready")
        await board.press(".")
        assert place_of(board) == (1, 0)
        assert run_of(board).kept.weights(0).equal(reached)


# What ends it early


async def choose(board: Board, field: str, value: str) -> None:
    board.app.screen.query_one(f"#line-{field}").query_one(Select).value = value
    await board.settle()


async def test_stop_rules_from_the_form_reach_the_engine_and_the_reason_is_shown() -> None:
    async with playing(tutorial=False) as board:
        await board.press("2", "s")
        await board.fill("target", "0.5")
        await board.press("enter", "space")
        (train,) = board.engine.sent_of(Train)
        assert train.stop_rule == StopRule(target=0.5)
        run = run_of(board)
        assert (run.reason, run.stopped) == ("sign_accuracy reached 0.5", True)
        assert run.epochs < 150
        assert run.history["sign_accuracy"][-1] >= 0.5
        assert (
            board.line("sign_accuracy reached") == f"sign_accuracy reached 0.5; o trains up to {run.epochs_left} more"
        )
        await board.press("s")
        await board.fill("target", "0")
        await board.fill("patience", "2")
        await choose(board, "monitor", "val_loss")
        await choose(board, "restore_best", "go back to the best")
        board.app.screen.query_one("#line-patience Input").focus()
        await board.press("enter")
        assert len(board.app.screen_stack) == 1
        train = board.engine.sent_of(Train)[-1]
        assert train.stop_rule == StopRule(EarlyStopping("val_loss", patience=2, restore_best_weights=True))
        run = run_of(board)
        assert run.stopped and "has not improved for 2 epochs (early stopping)" in run.reason
        best = run.history.best
        assert run.reason.endswith(f"the weights are the best epoch's, {best}")
        assert board.state.model.epoch == best
        assert f"epoch {best}/150" in board.lines[0]
        assert run.reason in board.words


NO_RULES = [
    ({"target": "1.5"}, "expected a target from 0 to 1, got 1.5"),
    ({"patience": "-1"}, "expected a patience from 0 to"),
    ({"patience": "soon"}, "expected a patience as a whole number from 0 to"),
    ({"patience": "3", "validation_split": "0"}, "early stopping on val_loss needs validation data"),
]
"""What is typed into the fields of a stop rule, and what is said of it."""


async def test_a_stop_rule_that_cannot_be_is_refused_in_the_form() -> None:
    async with playing() as board:
        await board.press("2")
        before = board.state
        for fields, message in NO_RULES:
            await board.press("s")
            for name, text in fields.items():
                await board.fill(name, text)
            await board.press("enter")
            said = " ".join([board.outcome, *(board.beside(name) for name in fields)])
            assert message in said, fields
            assert board.state is before
            await board.press("escape")


class BreakingEngine(RecordingEngine):
    """Its trainings become NaN in the third batch of epoch 11."""

    def _train_on(self, climb: _Climb) -> None:
        if climb.epoch < 10:
            super()._train_on(climb)
            return
        self._climb = None
        where = "the loss became NaN or infinite in epoch 11, batch 3; the output of layer 'hidden' had it first"
        self._post(Failed(climb.id, f"{where}: stopped", 11, 3, "hidden"))


async def test_numbers_that_break_keep_the_epochs_before_and_say_where() -> None:
    async with playing(engine=BreakingEngine) as board:
        await board.press("2", "space")
        where = "the loss became NaN or infinite in epoch 11, batch 3; the output of layer 'hidden' had it first"
        assert board.said == [f"Keras: {where}: stopped; the weights after epoch 10 are kept"]
        run = board.state.model.run
        assert run is not None
        assert (run.epochs, run.running, run.stopped, board.state.model.epoch) == (10, False, True, 10)
        assert run.reason == f"{where}: stopped"
        assert board.state.done == ("the tutorial's trained weights", "train 10 of 150 epochs")
        await board.quieten()
        assert "o trains 140 more" in board.text
        assert "the loss became NaN or infinite in epoch 11, batch 3" in board.words
        await board.press("4")
        assert float(board.line("  differ ").split("differ ")[1].split()[0]) < 1e-6
        await board.press("2", "up")
        assert len(board.engine.sent_of(Train)) == 2
        assert board.state.model.run is not run


# The line beside the bar

NETWORK = chain_network(2, "1 tanh")
EPOCH = {"loss": 1.0}


def model(epochs: int, shown: int | None = None, **run: object) -> Model:
    weights = Weights.for_network(NETWORK, (([[0.0], [0.0]], [0.0]),))
    history = History().extended([EPOCH] * epochs)
    made = Run(Recipe(), KeptWeights.starting(weights), history, **run)  # type: ignore[arg-type]
    return Model(NETWORK, weights, weights, made, shown)


LINES = {
    "nothing yet": (Model(NETWORK, model(1).initial, model(1).initial), 150, Keras.STARTING),
    "ready": (Model(NETWORK, model(1).initial, model(1).initial), 150, Keras.READY),
    "begun": (model(0, running=True), 10_000, Keras.TRAINING),
    "compiling": (model(0, running=True, compiling=123.4, waits=True), 10_000, Keras.TRAINING),
    "under way": (model(1234, 1234, running=True, seconds=3600.0), 10_000, Keras.TRAINING),
    "waits": (model(150, 150, running=True, paused=Place(9_150, 0, 7)), 10_000, Keras.WAITING),
    "waits within": (model(137, running=True, paused=Place(137, 3, 7)), 150, Keras.WAITING),
    "done": (model(150, 150, seconds=20.8, method="xla"), 150, Keras.READY),
    "done slowly": (model(150, 150, seconds=20.8, method="tf.function"), 150, Keras.READY),
    "stopped": (model(150, 137, seconds=20.8, method="xla", stopped=True), 150, Keras.READY),
    "long": (model(9999, 9998, seconds=20.8, method="xla", stopped=True), 10_000, Keras.READY),
}
"""What a person sees in an ordinary training: all of these have room in 80 columns, beside the bar."""

LONG_LINES = {
    "waits within": (model(1, running=True, paused=Place(123_456, 1_250, 6_250)), 1_000_000, Keras.WAITING),
    "stopped": (model(9999, 9998, seconds=5000.0, method="tf.function", stopped=True), 10_000, Keras.READY),
}


@pytest.mark.parametrize("name", LINES)
def test_the_progress_line_has_room_beside_the_bar(name: str) -> None:
    line = progress_line(*LINES[name])
    assert len(line) <= 56, line


@pytest.mark.parametrize("name", LONG_LINES)
async def test_a_longer_progress_line_wraps_and_nothing_of_it_is_lost(name: str) -> None:
    shown, total, keras = LONG_LINES[name]
    line = progress_line(shown, total, keras)
    assert len(line) > 56
    async with playing() as board:
        await board.press("2")
        board.app.query_one("#time", Static).update(line)
        await board.settle()
        assert " ".join(line.split()) in " ".join(text.strip(" ━╸╺") for text in board.lines).replace("  ", " ")


def test_what_is_kept_is_said_with_the_reason_of_the_end() -> None:
    run = model(3, reason="sign_accuracy reached 0.9").run
    assert run is not None
    assert kept_line(run) == "sign_accuracy reached 0.9. 1 of 4 epochs kept, 12 B of 64 MB"


async def test_the_whole_training_tab_fits_into_80_by_24() -> None:
    async with playing(tutorial=False) as board:
        await board.press("2", "space")
        await board.quieten()
        footer = board.lines[-1]
        for key in ("space Train", ". Epoch", "y Play", "s Settings", "r Reset", "^s Save", "? Help", "q Quit"):
            assert key in footer
        assert "seed 0" in board.text
        assert "majority baseline" in board.text
        assert "label +1" in board.text
        assert text_of(board.app.query_one("#kept")) in board.text


async def test_a_tall_terminal_has_room_for_more_steps() -> None:
    async with playing(size=(120, 40)) as board:
        for place in range(24):
            board.session.set_number(0, 0, (0, 0), float(place + 1))
        await board.press("5", "s")
        listed = [line for line in board.lines if "hidden w[1, 1] = " in line and "│" in line]
        assert len(listed) > 20
