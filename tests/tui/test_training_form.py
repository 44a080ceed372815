"""The form of the training's settings: options, schedule, metrics and weights reach Keras; what is shown of them."""

from __future__ import annotations

import numpy as np
import pytest

from core.calculation.running import predict
from core.engine.protocol import Prepare, Train
from core.training.recipe import Recipe
from core.training.schedules import read_schedule
from tests.tui.board import Board, playing, text_of
from tui.widgets.form import Choice

COSINE = "cosine_decay decay_steps 900"


TWO_OUTPUTS = (
    "expected a model with 1 output for labels of -1 and +1, got 2 outputs: "
    "categorical_crossentropy takes these as two classes, an output for each"
)


async def test_the_keys_of_an_open_list_stand_in_the_footer() -> None:
    async with playing() as board:
        await board.press("2", "s")
        board.app.screen.query(Choice).first().focus()
        await board.press("down")
        assert board.lines[-1].strip() == "enter Choose  esc Leave the list  tab Next field"
        await board.press("escape")
        assert "Do it" in board.lines[-1]


async def test_options_schedule_metrics_and_the_weight_of_plus_1_reach_the_engine() -> None:
    async with playing() as board:
        await board.press("2", "s")
        typed = {
            "optimizer_options": "beta_1=0.8, amsgrad",
            "schedule": COSINE,
            "metrics": "mse r2_score, mse",
            "class_weights": "1, 0.5",
        }
        for name, text in typed.items():
            await board.fill(name, text)
        await board.press("enter")
        prepared = board.engine.sent_of(Prepare)[-1].recipe
        await board.press("space")
        (train,) = board.engine.sent_of(Train)
        options = (("beta_1", 0.8), ("amsgrad", True))
        metrics = ("mean_squared_error", "r2_score")
        wanted = Recipe(
            optimizer_options=options, schedule=read_schedule(COSINE), metrics=metrics, class_weights=(1.0, 0.5)
        )
        assert (train.recipe, prepared, board.state.recipe) == (wanted, wanted, wanted)
        await board.press("s")
        shown = {name: board.app.screen.query_one(f"#line-{name} Input").value for name in typed}  # type: ignore[attr-defined]
        assert shown == {
            "optimizer_options": "beta_1 0.8, amsgrad",
            "schedule": COSINE,
            "metrics": "mean_squared_error, r2_score",
            "class_weights": "1, 0.5",
        }


MISFITS = [
    ("optimizer_options", "momentum 0.9", "expected an option of adam out of beta_1,"),
    ("optimizer_options", "beta_1 1", "expected beta_1 of adam to be from 0 up to, not including, 1, got 1"),
    ("schedule", "cosine", "expected a learning-rate schedule out of constant, exponential_decay,"),
    ("schedule", "cosine_decay", "cosine_decay needs decay_steps, a whole number of batches, from 1"),
    ("metrics", "auc", "the metric auc wants labels of 0 and 1, and the data give Keras labels of -1 and +1"),
    ("metrics", "categorical_accuracy", "categorical_crossentropy and an output for each class would do"),
    ("metrics", "recall_at_precision", "recall_at_precision needs a number from 0 to 1: write recall_at_precision=0.8"),
    ("class_weights", "1 0", "expected weights of classes above 0 and at most 1e6, got 0"),
]
"""A field, what is typed into it, and what is said beside it."""


async def test_what_does_not_fit_is_said_beside_its_field_and_changes_nothing() -> None:
    async with playing() as board:
        await board.press("2")
        before = board.state
        for field, typed, message in MISFITS:
            await board.press("s")
            await board.fill(field, typed)
            await board.press("enter")
            assert message in board.beside(field), (field, typed)
            assert "a field says why" in board.outcome
            assert board.state is before
            await board.press("escape")


async def test_a_refusal_beside_its_field_goes_once_it_is_mended() -> None:
    async with playing() as board:
        await board.press("2", "s")
        await board.fill("optimizer_options", "nesterov")
        await board.press("enter")
        await board.fill("optimizer_options", "amsgrad")
        await board.press("enter")
        assert board.state.recipe.optimizer_options == (("amsgrad", True),)


async def test_turning_the_optimizer_keeps_the_options_that_the_next_has_too() -> None:
    async with playing(tutorial=False) as board:
        await board.press("2", "s")
        await board.fill("optimizer_options", "clipnorm 1, amsgrad")
        await board.press("enter", "right", "up")
        assert (board.state.recipe.optimizer, board.state.recipe.optimizer_options) == ("sgd", (("clipnorm", 1.0),))


async def test_the_learning_rate_and_the_metrics_of_the_epoch_are_shown() -> None:
    async with playing() as board:
        await board.press("2", "s")
        await board.fill("schedule", COSINE)
        await board.fill("metrics", "mse")
        await board.press("enter", "space")
        await board.quieten()
        run = board.state.model.run
        assert run is not None
        rate = run.recipe.learning_rate_after(150, 250)
        # 200 of 250 points in batches of 32 are 7 batches an epoch, and 900 are not over yet after 128.
        assert 0 < run.recipe.learning_rate_after(128, 250) < 1e-4
        assert rate == 0
        assert "learning rate 0 after epoch 150" in board.words
        both = [run.history[name][-1] for name in ("mean_squared_error", "val_mean_squared_error")]
        assert "mean_squared_error" in board.words
        assert f"{both[0]:.4g}, val. {both[1]:.4g}" in board.text
        await board.press("left_square_bracket")
        epoch = board.state.model.epoch
        assert epoch is not None and epoch < 150
        assert f"{run.history['mean_squared_error'][epoch - 1]:.4g}, val." in board.text


async def test_binary_crossentropy_reads_outputs_at_one_half_everywhere() -> None:
    async with playing(tutorial=False) as board:
        await board.press("2", "s")
        await board.fill("layers", "5 tanh, 1 sigmoid")
        board.app.screen.query_one("#line-loss Select").value = "binary_crossentropy"  # type: ignore[attr-defined]
        await board.settle()
        await board.fill("epochs", "60")
        board.app.screen.query_one("#line-epochs Input").focus()
        await board.press("enter", "space")
        await board.quieten()
        state = board.state
        run = state.model.run
        assert run is not None and run.epochs == 60
        outputs = predict(state.model.network, state.model.weights, state.dataset.points)[:, 0]
        right = int(np.sum((outputs > 0.5) == (state.dataset.labels[:, 0] > 0)))
        assert f"{right} of 250" in board.words
        assert "Binary: labels 0 and 1 (-1 is taken as 0, 1 as 1); an output above 0.5 answers 1." in told(board)
        share = run.history["accuracy"][-1] * 200 + run.history["val_accuracy"][-1] * 50
        assert share == pytest.approx(right)
        await board.press("4")
        await board.quieten()
        y = float(predict(state.model.network, state.model.weights, state.x[None])[0, 0])
        assert f"the model is {'right' if y < 0.5 else 'wrong'} here" in board.words


async def test_two_outputs_are_two_classes() -> None:
    async with playing(tutorial=False) as board:
        await board.press("2", "s")
        await board.fill("layers", "5 tanh, 2 softmax")
        await board.press("enter", "space")
        assert board.said == [TWO_OUTPUTS]
        await board.press("s")
        board.app.screen.query_one("#line-loss Select").value = "sparse_categorical_crossentropy"  # type: ignore[attr-defined]
        await board.settle()
        board.app.screen.query_one("#line-epochs Input").focus()
        await board.press("enter", "space")
        await board.quieten()
        state = board.state
        outputs = predict(state.model.network, state.model.weights, state.dataset.points)
        right = int(np.sum((outputs[:, 1] > outputs[:, 0]) == (state.dataset.labels[:, 0] > 0)))
        assert f"{right} of 250" in board.words
        assert "2 classes (-1, +1), an output for each, in this order; the largest output is the answer." in told(board)
        await board.press("5")
        await board.quieten()
        assert "sparse_categorical_crossentropy before" in board.words


async def test_layers_that_do_not_fit_the_loss_are_refused_after_a_training_too() -> None:
    async with playing() as board:
        await board.press("2", "space")
        await board.quieten()
        await board.press("s")
        await board.fill("layers", "5 tanh, 2 softmax")
        await board.press("enter")
        await board.quieten()
        assert board.said == [TWO_OUTPUTS]
        assert len(board.engine.sent_of(Train)) == 1
        assert board.state.model.run is None and board.state.model.network.outputs == 2


async def test_an_output_for_each_class_is_wanted_before_anything_runs() -> None:
    async with playing() as board:
        await board.press("2", "s")
        board.app.screen.query_one("#line-loss Select").value = "categorical_crossentropy"  # type: ignore[attr-defined]
        await board.settle()
        board.app.screen.query_one("#line-epochs Input").focus()
        await board.press("enter", "space")
        said = (
            "categorical_crossentropy wants an output for each class, and the model "
            "has 1: binary_crossentropy or hinge would do"
        )
        assert board.said == [said]
        assert board.engine.sent_of(Train) == []
        await board.quieten()
        assert "expected an output for each of the 2 classes of the labels (-1, +1), got a model with 1" in told(board)


def told(board: Board) -> str:
    return " ".join(text_of(board.app.query_one("#numbers")).split())
