"""The second move: training with every setting, watched while it runs, stopped, reset, and when Keras dies in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from textual.widgets import Input, ProgressBar, Select

from core.calculation.running import predict
from core.engine.protocol import SetWeights, Stop, Train
from core.model.layers_text import shape_text
from core.session.session import Session
from core.training.recipe import LOSSES, OPTIMIZERS, Recipe
from tests.tasks import judged
from tests.tui.board import Board, playing, text_of
from tui.keras_status import Keras
from tui.tabs.words import kept_line, progress_line
from tui.widgets.curves import Curves
from tui.widgets.plane import Plane

if TYPE_CHECKING:
    from core.model.weights import Weights


TWO_OUTPUTS = (
    "expected a model with 1 output for labels of -1 and +1, got 2 outputs: "
    "categorical_crossentropy takes these as two classes, an output for each"
)


def numbers_of(weights: Weights) -> list[bytes]:
    return [array.tobytes() for arrays in weights.layers for array in arrays]


def progress(board: Board) -> tuple[float, float | None]:
    bar = board.app.query_one(ProgressBar)
    return bar.progress, bar.total


async def test_the_recipe_is_the_tutorials_until_it_is_changed() -> None:
    async with playing(tutorial=False) as board:
        await board.press("2")
        assert "rate 0.001   optimizer adam   loss hinge   batch 32   epochs 150   units 5" in board.text
        assert "activation tanh   noise 0   seed 0" in board.text
        assert "space trains" in board.text
        assert progress(board) == (0, 150)


async def test_space_trains_to_the_end_and_the_session_has_the_engines_weights() -> None:
    async with playing(tutorial=False) as board:
        before = board.state.model.weights
        await board.press("2", "space")
        (train,) = board.engine.sent_of(Train)
        assert train.recipe == Recipe()
        assert np.array_equal(train.points.array(), board.state.dataset.points)
        assert np.array_equal(train.labels.array(), board.state.dataset.labels)
        run = board.state.model.run
        assert run is not None
        assert (run.epochs, run.running, run.stopped) == (150, False, False)
        assert numbers_of(board.state.model.weights) != numbers_of(before)
        assert run.history["loss"][-1] < run.history["loss"][0]
        assert "epoch 150 of 150 in 1.5 s by fake; [ ] move" in board.text
        assert progress(board) == (150, 150)
        await board.press("4")
        assert float(board.line(" by hand -").split("differ ")[1].split()[0]) < 1e-6


async def test_progress_time_left_and_curves_are_drawn_while_it_trains() -> None:
    async with playing((120, 40), tutorial=False, pause_at=50) as board:
        await board.press("2")
        assert board.lines[-1].startswith(" space Train ")
        await board.press("space")
        assert "epoch 50 of 150, 1.0 s left; space stops" in board.text
        assert board.lines[-1].startswith(" space Stop ") and "space Train" not in board.text
        assert progress(board) == (50, 150)
        run = board.state.model.run
        assert run is not None
        last = {name: column[-1] for name, column in run.history.columns.items()}
        assert f"loss {last['loss']:.4g}, validation {last['val_loss']:.4g}" in board.text
        assert f"sign acc. {last['sign_accuracy']:.4g}, validation {last['val_sign_accuracy']:.4g}" in board.text
        for name in ("loss", "accuracy"):
            curve, other = board.app.query_one(f"#{name}", Curves)._curves
            assert len(curve.values) == len(other.values) == 50
            assert (curve.dotted, other.dotted) == (True, False)
        training = board.app.query_one("#loss", Curves)._curves[1].values
        assert list(training) == list(run.history["loss"])
        drawn = [c for line in board.lines for c in line if "⠀" < c <= "⣿"]
        assert len(drawn) > 20
        board.engine.resume()
        await board.settle()
        assert len(board.app.query_one("#loss", Curves)._curves[1].values) == 150
        assert board.lines[-1].startswith(" space Train ")


async def test_the_weights_of_a_running_training_are_shown_on_the_other_tabs() -> None:
    async with playing(tutorial=False, pause_at=50) as board:
        before = board.state.model.weights
        await board.press("2", "space", "3")
        kernel = board.state.model.weights.layers[0][0]
        assert numbers_of(board.state.model.weights) != numbers_of(before)
        assert f"{kernel[0, 0]:.4f}" in board.line("x1  ")


async def test_space_again_stops_and_keeps_what_was_reached() -> None:
    async with playing(tutorial=False, pause_at=70) as board:
        await board.press("2", "space", "space")
        assert len(board.engine.sent_of(Stop)) == 1
        run = board.state.model.run
        assert run is not None
        assert (run.epochs, run.running, run.stopped) == (70, False, True)
        assert "70 in 700 ms by fake; [ ] move" in board.text and "; stopped: o trains 80 more" in board.text
        assert board.said == []
        assert board.lines[0].endswith("Keras ready")


async def test_reset_gives_the_same_initial_weights_bit_for_bit() -> None:
    async with playing(tutorial=False) as board:
        initial = numbers_of(board.state.model.weights)
        await board.press("2", "space")
        assert numbers_of(board.state.model.weights) != initial
        trained = numbers_of(board.state.model.weights)
        await board.press("r")
        assert numbers_of(board.state.model.weights) == initial
        assert board.state.model.run is None
        assert "space trains" in board.text
        assert [array.data for arrays in board.engine.sent_of(SetWeights)[-1].layers for array in arrays] == initial
        await board.press("space")
        assert numbers_of(board.state.model.weights) == trained


async def test_undo_after_a_training_gives_the_weights_before_it() -> None:
    async with playing() as board:
        before = numbers_of(board.state.model.weights)
        await board.press("2", "space")
        await board.quieten()
        await board.press("u")
        assert numbers_of(board.state.model.weights) == before


async def test_the_numbers_beside_the_accuracy_are_those_of_the_confusion_matrix() -> None:
    async with playing((120, 40)) as board:
        await board.press("2")
        state = board.state
        outputs = predict(state.model.network, state.model.weights, state.dataset.points)
        worth = judged(outputs, state.dataset.labels)
        right = f"sign acc., all {worth.accuracy:.3f} {worth.correct} of 250"
        assert board.line("sign acc., all").endswith(right)
        assert f"always +1 {worth.baseline:.3f} majority baseline" in board.line("majority baseline")
        assert f"binary_accuracy {worth.binary_accuracy:.3f} Keras's own" in board.line("Keras's own")
        for row, label in enumerate(("-1", "+1")):
            wrong_and_right = f"label {label} {worth.confusion[row, 0]} {worth.confusion[row, 1]}"
            assert wrong_and_right in board.line(f"label {label}")
        assert "so a label of -1 never matches." in text_of(board.app.query_one("#numbers"))
        assert "matches." in board.text


async def test_p_hides_the_points_on_the_boundary() -> None:
    async with playing((120, 40)) as board:
        await board.press("2")
        picture = board.app.query_one("#boundary", Plane)
        columns = picture.cells[0]
        with_points = {c for y in range(picture.cells[1]) for c in picture.render_line(y).text[3 : 3 + columns]}
        await board.press("p")
        without = {c for y in range(picture.cells[1]) for c in picture.render_line(y).text[3 : 3 + columns]}
        assert {"x", "o"} <= with_points
        assert without <= {"+", "-"}


async def test_five_inputs_have_no_boundary_but_all_the_numbers() -> None:
    async with playing() as board:
        await board.press("m", "2", "space")
        await board.quieten()
        assert not board.app.query_one("#boundary").display
        assert "majority baseline" in board.text
        assert "epoch 150 of 150 in 1.5 s by fake" in board.text


# Settings


async def choose(board: Board, field: str, value: str) -> None:
    board.app.screen.query_one(f"#line-{field}").query_one(Select).value = value
    await board.settle()


async def test_every_setting_reaches_the_engine() -> None:
    async with playing() as board:
        await board.press("2", "s")
        typed = {"layers": "3 relu, 1 tanh", "learning_rate": "0.05", "epochs": "7", "batch_size": "16", "seed": "11"}
        for name, text in typed.items():
            await board.fill(name, text)
        await board.fill("validation_split", "0.1")
        await choose(board, "loss", "squared_hinge")
        await choose(board, "optimizer", "sgd")
        board.app.screen.query_one("#line-epochs").query_one(Input).focus()
        await board.press("enter", "space")
        (train,) = board.engine.sent_of(Train)
        wanted = Recipe("squared_hinge", "sgd", 0.05, 7, 16, 0.1, 11)
        assert train.recipe == wanted
        assert board.state.recipe == wanted
        assert shape_text(board.engine.sent_of(SetWeights)[-1].network) == "3 relu, 1 tanh"
        dials = "rate 0.05 optimizer sgd loss squared_hinge batch 16 epochs 7 units 3 activation relu noise 0 seed 11"
        assert dials in board.words
        assert "epoch 7 of 7 in 70 ms by fake" in board.text


async def test_the_lists_offer_every_loss_and_optimizer() -> None:
    async with playing() as board:
        await board.press("2", "s")
        for name, choices in (("loss", LOSSES), ("optimizer", OPTIMIZERS)):
            offered = [value for _, value in board.app.screen.query_one(f"#line-{name}").query_one(Select)._options]
            assert offered == list(choices)


async def test_a_list_is_chosen_from_by_the_keyboard() -> None:
    async with playing() as board:
        await board.press("2", "s", "tab", "space", "down", "enter", "enter")
        assert board.state.recipe.loss == LOSSES[LOSSES.index("hinge") + 1]


BAD_SETTINGS = [
    ("learning_rate", "fast", "expected a number such as -0.25, 1/3 or 1e-3, got 'fast'"),
    ("learning_rate", "0", "expected a learning rate above 0, up to 1e6, got 0"),
    ("learning_rate", "nan", "expected a number such as -0.25, 1/3 or 1e-3, got 'nan'"),
    ("epochs", "0", "expected epochs from 1 to"),
    ("epochs", "many", "expected epochs as a whole number from 1 to"),
    ("epochs", "1e3", "expected epochs as a whole number from 1 to"),
    ("batch_size", "0", "expected a batch size from 1 to"),
    ("batch_size", "-5", "expected a batch size from 1 to"),
    ("validation_split", "1.0", "expected a split from 0 up to, not including, 1, got 1"),
    ("validation_split", "-0.1", "expected a split from 0 up to, not including, 1, got -0.1"),
    ("validation_split", "nan", "expected a number such as -0.25, 1/3 or 1e-3, got 'nan'"),
    ("validation_split", "1e400", "1e400"),
    ("seed", "x", "expected a seed as a whole number from 0 to"),
    ("seed", "-1", "expected a seed from 0 to"),
]
"""A field, what is typed into it, and what is said beside it."""


async def test_a_bad_setting_is_said_beside_its_field_and_changes_nothing() -> None:
    async with playing() as board:
        await board.press("2", "s")
        before = board.state
        for field, typed, message in BAD_SETTINGS:
            was = board.app.screen.query_one(f"#line-{field}").query_one(Input).value
            await board.fill(field, typed)
            await board.press("enter")
            assert message in board.beside(field), (field, typed)
            assert len(board.app.screen_stack) == 2
            assert board.state is before
            await board.fill(field, was)
        await board.press("escape")
        assert board.state is before


BAD_LAYERS = [
    ("", "expected"),
    ("five tanh", "'five tanh'"),
    ("0 tanh", "0"),
    ("5 tangent, 1 tanh", "tangent"),
    ("[bold red]5[/] tanh", "[bold red]5[/] tanh"),
]
"""What is typed for the layers, and what is said of it."""


async def test_layers_that_are_none_are_refused_as_plain_text() -> None:
    async with playing() as board:
        await board.press("2")
        before = board.state
        for layers, message in BAD_LAYERS:
            await board.press("s")
            await board.fill("layers", layers)
            await board.press("enter")
            said = f"{board.beside('layers')} {board.outcome}"
            assert "expected" in said
            assert message in said
            assert board.state is before
            await board.press("escape")


async def test_a_split_that_leaves_no_point_to_train_on_is_refused() -> None:
    async with playing() as board:
        await board.press("s", "tab", "1", "enter", "2")
        before = board.state
        await board.press("s")
        await board.fill("validation_split", "0.999")
        await board.press("enter")
        assert "expected" in board.outcome
        assert board.state is before


# What is refused while it trains


async def test_what_would_change_the_model_is_refused_while_it_trains() -> None:
    async with playing(pause_at=20) as board:
        await board.press("2", "space")
        before = board.state
        said = "a training is under way: stop it first (space on the Training tab)"
        for key in ("r", "u", "U", "5", "a", "T", "1", "m"):
            await board.press(key)
        assert board.said == [said] * 6
        assert board.state is before
        assert board.state.training


async def test_an_edit_in_place_is_refused_while_it_trains() -> None:
    async with playing(pause_at=20) as board:
        await board.press("2", "space", "5")
        before = board.state
        await board.press("e", "enter")
        assert board.state is before
        assert "a training is under way: stop it first (space on the Training tab)" in board.words


@pytest.mark.parametrize("tab", ["1", "2", "5"])
async def test_a_dialog_says_that_a_training_is_under_way_and_keeps_what_was_typed(tab: str) -> None:
    async with playing(pause_at=20) as board:
        await board.press("2", "space", tab, "n" if tab == "5" else "s", "enter")
        assert "a training is under way: stop it first (space on the Training tab)" in board.outcome
        assert len(board.app.screen_stack) == 2
        await board.press("escape")
        assert board.state.training


async def test_a_model_that_does_not_fit_the_labels_is_not_trained() -> None:
    async with playing() as board:
        await board.press("2", "s")
        await board.fill("layers", "5 tanh, 2 tanh")
        await board.press("enter", "space")
        assert board.said == [TWO_OUTPUTS]
        assert board.engine.sent_of(Train) == []
        await board.quieten()
        said = f"nothing to draw or to count: {TWO_OUTPUTS}"
        assert text_of(board.app.query_one("#numbers")) == said


# When Keras dies


async def test_an_engine_that_dies_in_a_training_leaves_what_was_reached_and_is_started_again() -> None:
    async with playing(tutorial=False, pause_at=40) as board:
        await board.press("2", "space")
        reached = numbers_of(board.state.model.weights)
        board.engine.die()
        board.engine.pause_at = None
        await board.settle()
        assert "killed by signal 9" in board.said[-1]
        run = board.state.model.run
        assert run is not None
        assert (run.epochs, run.running, run.stopped) == (40, False, True)
        assert numbers_of(board.state.model.weights) == reached
        await board.quieten()
        assert "epoch 40 of 40 in 400 ms by fake; [ ] move" in board.text
        assert board.lines[0].endswith("epoch 40/150   Keras ready")
        assert board.engine.starts == 2
        assert [array.data for arrays in board.engine.sent_of(SetWeights)[-1].layers for array in arrays] == reached
        await board.press("space")
        assert "epoch 150 of 150 in 1.5 s by fake" in board.text


def test_what_is_left_of_a_training_that_early_stopping_ended_may_be_less_and_the_lines_fit_at_80() -> None:
    session = Session()
    session.set_recipe(Recipe(epochs=9_999, patience=2))
    session.runs.start()
    layers = session.state.model.weights.layers
    stacked = tuple(tuple(np.stack([array] * 1_024) for array in layer) for layer in layers)
    session.runs.add_epochs([{"loss": 1.0}] * 1_024, 1.0, range(1, 1_025), stacked, "tf.function")
    session.runs.finish(layers, 59.9, stopped=True, epoch=1_024, reason="loss was not better for 2 epochs")
    model = session.state.model
    assert model.run is not None
    said = kept_line(model.run)
    assert said == "loss was not better for 2 epochs; o trains up to 8,975 more" and len(said) < 78
    line = progress_line(model, 9_999, Keras.READY)
    assert line == "epoch 1,024 of 1,024 in 60 s by tf.function; [ ] move" and len(line) <= 80 - 24
