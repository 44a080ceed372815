"""The loss of the point in hand on the screen: every loss, both roundings, Keras beside it, and what cannot be had."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from textual.widgets import Input

from core.calculation.followed import Asked, follow
from core.calculation.running import predict
from core.data.dataset import DataFile, Dataset, SumRule, generate
from core.engine.protocol import AskLoss, Predict
from core.export.loss import KerasLoss
from core.losses import KERAS_LOSSES, Labels
from core.model.initial import initial_weights
from core.model.layers_text import chain_network
from core.model.network import Network
from core.operations.rounding import Rounding
from core.session.state import Model
from core.training.recipe import Recipe
from tests import graphs
from tests.tasks import by_class
from tests.traced import trace
from tests.tui.board import RecordingEngine, playing
from tui.dialogs.loss_dialog import NAMES, LossDialog
from tui.keras_status import LossAnswer, LossQuestion
from tui.widgets.calculation import Calculation

if TYPE_CHECKING:
    from core.engine.protocol import Command
    from tests.tui.board import Board


class Deaf(RecordingEngine):
    """Keras that is ready and never says what a loss is."""

    def send(self, command: Command) -> None:
        if isinstance(command, AskLoss):
            self.sent.append(command)
        else:
            super().send(command)


async def turn_to(board: Board, loss: str) -> None:
    for _ in KERAS_LOSSES:
        if f" of {len(NAMES)}: {loss} " in board.text:
            return
        await board.press("right")
    raise AssertionError(f"expected {loss} among the losses")


def sentence(board: Board) -> str:
    """What is seen, without the dialog's frame between two lines of a sentence."""
    return board.words.replace("│ │ ", "")


def expected(board: Board, loss: str, label: list[float]) -> float:
    state = board.state
    outputs = predict(state.model.network, state.model.weights, state.x[None])
    return float(KERAS_LOSSES[loss].function(np.array([label]), outputs)[0])


async def test_the_tutorials_point_begins_with_the_recipes_loss() -> None:
    async with playing() as board:
        await board.press("4", "o")
        assert isinstance(board.app.screen, LossDialog)
        assert f"Loss 1 of {len(NAMES)}: hinge (4 digits, shown)" in board.words
        assert "label -1: x is no row, so the data's rule gives it: the sum 0.4 is not above 0.5." in sentence(board)
        assert "label y = -1   output yhat = 0.9302" in board.text
        assert "s = y*yhat = (-1)*0.9302 = -0.9302" in board.text
        assert "m = 1 - s = 1 - (-0.9302) = 1.9302" in board.text
        assert "L = max(m, 0) = max(1.9302, 0) = 1.9302" in board.text
        assert "yhat is not on the label's side" in sentence(board)
        assert "slope of L along yhat: 1.0000" in board.text
        assert "by hand  L = 1.9302 (1.93015913)" in board.text
        assert "Keras    L = 1.9302 (1.930159" in board.text
        await board.press("escape")
        assert isinstance(board.app.focused, Calculation)
        board.session.set_recipe(Recipe(loss="log_cosh"))
        await board.press("o")
        assert f"Loss {NAMES.index('log_cosh') + 1} of {len(NAMES)}: log_cosh" in board.text


async def test_the_arrows_go_through_every_loss_with_kerass_beside_it_and_one_output_has_no_classes() -> None:
    async with playing((80, 50)) as board:
        await board.press("4", "o", "left")
        assert f"Loss {len(NAMES)} of {len(NAMES)}: categorical_generalized_cross_entropy" in board.text
        for loss in [name for name in KERAS_LOSSES if not by_class(name)]:
            await turn_to(board, loss)
            label = 0.0 if KERAS_LOSSES[loss].labels is Labels.BINARY else -1.0
            number = expected(board, loss, [label])
            assert f"by hand  L = {number:.4f} ({number:.8f})" in board.text
            line = board.line("Keras    L = ")
            assert f"Keras L = {number:.4f} (" in line
            assert float(line.split("differ ")[1].split()[0]) < 1e-5 * max(1, number)
            asked = board.engine.sent_of(AskLoss)[-1]
            assert (asked.loss, asked.label.array().tolist()) == (loss, [label])
        await turn_to(board, "binary_crossentropy")
        words = "Taken as binary: labels 0 and 1 (-1 is taken as 0, 1 as 1)."
        assert words in sentence(board)
        for loss in ("categorical_crossentropy", "sparse_categorical_crossentropy"):
            await turn_to(board, loss)
            assert f"{loss} wants an output for each class" in sentence(board)
            assert "left and right go through the losses" in board.text
            assert loss not in [asked.loss for asked in board.engine.sent_of(AskLoss)]


async def test_rounding_and_x_are_those_of_the_page_and_a_row_has_its_own_label() -> None:
    async with playing() as board:
        await board.press("4", "D", "o")
        assert "(3 digits, shown)" in board.text
        await board.press("r")
        assert "(3 digits, carried)" in board.text
        model = board.state.model
        carried = trace(model.network, model.weights, board.state.x, Rounding.CARRIED, 3).prediction[0]
        assert f"by hand  L = {1 + carried:.3f} ({1 + carried:.8f})" in board.text
        await board.press("escape", "r", "n", "o")
        assert "(3 digits, carried)" in board.text
        label = float(board.state.dataset.labels[0, 0])
        assert f"label {label:+.0f}: the label of row 1." in board.text
        assert f"label y = {label:g} " in board.text


# What cannot be had


async def test_several_outputs_are_refused_with_the_losses_that_would_do_and_these_do() -> None:
    async with playing((80, 50)) as board:
        board.session.new_network(chain_network(2, "4 tanh, 3 softmax"))
        await board.press("4", "o")
        assert "expected a model with 1 output for labels of -1 and +1, got 3 outputs" in sentence(board)
        assert "categorical_crossentropy takes these as two classes" in sentence(board)
        assert not board.engine.sent_of(AskLoss)
        for loss, label in (("categorical_crossentropy", [1.0, 0, 0]), ("sparse_categorical_crossentropy", [0.0])):
            await turn_to(board, loss)
            number = expected(board, loss, label)
            assert f"by hand  L = {number:.4f}" in board.text
            assert f"Keras    L = {number:.4f}" in board.text
            assert board.engine.sent_of(AskLoss)[-1].label.array().tolist() == label


@pytest.mark.parametrize("at_once", [64, 0], ids=["few outputs", "many outputs, worked out in a thread"])
async def test_where_the_data_give_no_label_one_can_be_typed_and_is_checked_by_the_loss(
    at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.dialogs.loss_dialog.MOST_AT_ONCE", at_once)
    async with playing() as board:
        await board.press("4")
        board.session.trail.state = replace(board.state, dataset=generate(SumRule(10, 3)), row=None)
        await board.press("o")
        assert "no label: the data have 3 inputs, the model has 2" in sentence(board)
        await board.press("t")
        await board.fill("label", "-1, 1")
        await board.press("enter")
        assert "hinge wants 1 number" in board.outcome and board.app.focused is not None
        assert board.app.screen.query_one("#line-label").query_one(Input).value == "-1, 1"
        await board.fill("label", "-1")
        await board.press("enter")
        await board.quieten()
        await turn_to(board, "hinge")
        assert "label -1: typed." in board.text
        number = expected(board, "hinge", [-1.0])
        await board.until(lambda: f"Keras    L = {number:.4f}" in board.text, "Keras's loss")
        assert board.engine.sent_of(AskLoss)[-1].label.array().tolist() == [-1.0]
        await turn_to(board, "binary_crossentropy")
        assert "binary_crossentropy wants" in sentence(board) and "got -1" in sentence(board)
        await board.press("t")
        await board.fill("label", "")
        await board.press("enter")
        await board.quieten()
        assert "no label: the data have 3 inputs" in sentence(board)


@pytest.mark.parametrize("at_once", [0, 1 << 16])
async def test_any_model_has_a_loss_in_both_roundings_and_one_of_several_outputs_the_sum_of_theirs(
    at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.calculation.followed.AT_ONCE", at_once)
    async with playing((80, 50)) as board:
        network = Network.of(graphs.recurrent().graph)
        weights = initial_weights(network, 1)
        board.session.take("a model", Model(network, weights, weights), generate(SumRule(10, network.inputs)))
        await board.press("4", "o")
        await turn_to(board, "mean_squared_error")
        label = float(board.line("label y = ").split(" = ")[1].split()[0])
        assert f"by hand  L = {expected(board, 'mean_squared_error', [label]):.4f}" in board.text
        assert "Keras    L = " in board.text
        await board.press("r")
        asked = Asked(network, weights, board.state.x, rounding=Rounding.CARRIED)
        (carried,) = follow(asked).written.prediction
        assert f"output yhat = {carried:.4f}" in board.text
        assert f"by hand  L = {(label - carried) ** 2:.4f}" in board.text
        await board.press("escape")
        several = Network.of(graphs.branching().graph)
        weights = initial_weights(several, 1)
        points = np.random.default_rng(0).normal(size=(6, several.inputs)).astype(np.float32)
        data = Dataset(points, np.abs(points @ np.ones((several.inputs, 5), np.float32)), DataFile("five.csv"))
        board.session.take("a model", Model(several, weights, weights), data)
        await board.press("4", "o")
        await turn_to(board, "mean_squared_error")
        outputs = predict(several, weights, board.state.x[np.newaxis])[0]
        off = (outputs - data.labels[board.state.row or 0]) ** 2
        total = off[:2].mean() + off[2:].mean()
        assert "L = L(far) + L(times) = " in board.text
        assert f"by hand  L = {total:.4f}" in board.text and f"Keras    L = {total:.4f}" in board.text


# Keras


async def test_what_keras_has_not_answered_or_answered_for_other_weights_is_not_shown() -> None:
    async with playing(engine=Deaf) as board:
        await board.press("4", "o")
        assert "by hand  L = 1.9302" in board.text
        assert "Keras    is asked" in board.text
        board.app.loss_answer = LossAnswer(
            LossQuestion(board.state.model.weights.version - 1, board.state.x, (-1.0,), "hinge"), KerasLoss(7.5, 7.5)
        )
        await board.settle()
        assert "Keras    is asked" in board.text
        board.session.set_number(1, 1, (0,), -3.0)
        await board.settle()
        assert f"by hand  L = {expected(board, 'hinge', [-1.0]):.4f}" in board.text


async def test_keras_that_trains_answers_afterwards_for_the_new_weights() -> None:
    async with playing(pause_at=10) as board:
        await board.press("2", "space", "4", "o")
        assert "Keras    is training" in board.text
        assert not board.engine.sent_of(AskLoss)
        board.engine.resume()
        await board.until(lambda: not board.state.training, "the training's end")
        await board.settle()
        assert board.engine.sent_of(AskLoss)[-1].version == board.state.model.weights.version
        number = f"L = {expected(board, 'hinge', [-1.0]):.4f}"
        assert f"by hand  {number}" in board.text
        assert f"Keras    {number}" in board.text


async def test_keras_that_comes_back_is_asked_again() -> None:
    async with playing() as board:
        await board.press("4", "o")
        asked = len(board.engine.sent_of(AskLoss))
        board.engine.die()
        await board.until(lambda: len(board.engine.sent_of(AskLoss)) > asked, "the question to the new Keras")
        await board.settle()
        assert "Keras    L = 1.9302" in board.text


async def test_of_questions_that_wait_the_newest_is_asked_after_predictions_and_none_about_other_weights() -> None:
    async with playing() as board:
        version, want = board.state.model.weights.version, board.app.link.want_loss
        for loss in ("hinge", "huber", "log_cosh"):
            want(LossQuestion(version, board.state.x, (-1.0,), loss))
        want(LossQuestion(version, board.state.x, (-1.0,), "mean_squared_error"))
        await board.settle()
        assert [asked.loss for asked in board.engine.sent_of(AskLoss)] == ["hinge", "mean_squared_error"]
        answer = board.app.loss_answer
        assert answer is not None
        assert answer.question.loss == "mean_squared_error"
        assert answer.loss.loss == pytest.approx(expected(board, "mean_squared_error", [-1.0]), rel=1e-6)
        board.session.set_x([0.9, 0.2])
        want(LossQuestion(version, board.state.x, (-1.0,), "huber"))
        await board.settle()
        kinds = [type(sent) for sent in board.engine.sent if isinstance(sent, Predict | AskLoss)]
        assert kinds[-2:] == [Predict, AskLoss]
        want(LossQuestion(version - 1, board.state.x, (-1.0,), "hinge"))
        await board.settle()
        assert len(board.engine.sent_of(AskLoss)) == 3
