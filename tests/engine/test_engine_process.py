"""The engine process through the screen's client: Keras's answers, its trainings, its refusals, its end."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import TYPE_CHECKING

import numpy as np
import pytest
import pytest_asyncio

from core.calculation.running import predict
from core.engine.frames import frame
from core.engine.process import Launch
from core.engine.protocol import (
    AskLoss,
    AskWeights,
    Compiling,
    EpochMetrics,
    Evaluate,
    Evaluated,
    Event,
    Failed,
    Held,
    Predict,
    Predicted,
    Progress,
    Ready,
    RowLoss,
    SetWeights,
    Stop,
    Tensor,
    Train,
    Trained,
    TrainingWeights,
    to_tensors,
)
from core.layers.activation_layers import Activation
from core.layers.dense import Dense
from core.layers.identity import Dropout
from core.losses import KERAS_LOSSES, Labels
from core.model.initial import initial_weights
from core.model.layers_text import chain_network
from core.model.network import Network
from core.model.weights import Weights
from core.training.recipe import LOSSES, Recipe
from tests.engine.conftest import deaf, importing_for_ever
from tests.engine.fake import FakeEngine
from tests.tasks import by_class, fits, judged
from tests.waiting import PATIENCE
from tui import engine_client
from tui.engine_client import CHUNK, EngineProcess, Gone

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from core.engine.protocol import Command
    from tests.engine.conftest import Bench

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Talk:
    """An engine process and everything that it has said and nobody has read."""

    def __init__(self) -> None:
        self.said: asyncio.Queue[Event | Gone] = asyncio.Queue()
        self.engine = EngineProcess(self.said.put_nowait)

    async def next(self) -> Event | Gone:
        while isinstance(said := await asyncio.wait_for(self.said.get(), PATIENCE), Compiling):
            pass
        return said

    async def ask(self, command: Command) -> Event | Gone:
        self.engine.send(command)
        return await self.next()

    async def refused(self, command: Command) -> str:
        answer = await self.ask(command)
        assert isinstance(answer, Failed)
        assert answer.id == command.id
        assert "\n" not in answer.message
        return answer.message

    async def train(self, command: Train) -> tuple[list[EpochMetrics], Event | Gone]:
        """Return every epoch that was told and the training's last event."""
        self.engine.send(command)
        epochs: list[EpochMetrics] = []
        while isinstance(answer := await self.next(), Progress):
            epochs.extend(answer.epochs)
        return epochs, answer


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running() -> AsyncIterator[Talk]:
    talk = Talk()
    await talk.engine.start()
    assert isinstance(await talk.next(), Ready)
    yield talk
    await talk.engine.close()
    assert talk.said.empty(), "closing posts nothing"


@pytest_asyncio.fixture(loop_scope="module")
async def talk(running: Talk, bench: Bench) -> Talk:
    """The engine, holding the tutorial's weights."""
    assert isinstance(await running.ask(bench.set_weights()), Held)
    return running


def weights_of(network: Network, seed: int = 0) -> SetWeights:
    weights = initial_weights(network, seed)
    return SetWeights(1, weights.version, network, to_tensors(weights.layers))


async def test_weights_come_back_bit_for_bit(talk: Talk, bench: Bench) -> None:
    command = bench.set_weights()
    held = await talk.ask(command)
    assert held == Held(command.id, bench.weights.version, command.layers)


async def test_predictions_are_those_by_hand(talk: Talk, bench: Bench) -> None:
    predicted = await talk.ask(bench.predict())
    assert isinstance(predicted, Predicted)
    expected = predict(bench.network, bench.weights, bench.data.points.astype(np.float64))
    np.testing.assert_allclose(predicted.outputs.array(), expected, rtol=1e-5, atol=1e-6)


async def test_the_tutorials_own_prediction(talk: Talk, bench: Bench) -> None:
    predicted = await talk.ask(bench.predict([[0.3, 0.1]]))
    assert isinstance(predicted, Predicted)
    assert predicted.outputs.array()[0, 0] == pytest.approx(0.93015909, abs=3e-7)


async def of_the_stand_in(*commands: Command) -> Event:
    """Return what the stand-in answers to the last of ``commands``."""
    answers: list[Event] = []
    fake = FakeEngine(answers.append)
    for command in commands:
        fake.send(command)
    await fake.start()
    while len(answers) < 1 + len(commands):
        await asyncio.sleep(0)
    return answers[-1]


@pytest.mark.parametrize("loss", [loss for loss in LOSSES if fits(loss, 1)])
async def test_losses_are_those_of_the_stand_in(talk: Talk, bench: Bench, loss: str) -> None:
    command = bench.evaluate(loss)
    keras = await talk.ask(command)
    numpy = await of_the_stand_in(bench.set_weights(), command)
    assert isinstance(keras, Evaluated)
    assert isinstance(numpy, Evaluated)
    assert keras.loss == pytest.approx(numpy.loss, rel=1e-5, abs=1e-6)
    assert keras.metrics == pytest.approx(numpy.metrics, abs=1e-6)


@pytest.mark.parametrize("outputs", [1, 3])
@pytest.mark.parametrize("loss", KERAS_LOSSES)
async def test_the_loss_of_one_row_is_that_of_the_stand_in_or_refused_by_both(
    running: Talk, loss: str, outputs: int
) -> None:
    held = weights_of(chain_network(2, f"4 tanh, {outputs} {'sigmoid' if outputs == 1 else 'softmax'}"))
    label = [1.0] if KERAS_LOSSES[loss].labels is Labels.CLASSES else [0.0, 1.0, 0.0][-outputs:]
    command = AskLoss(2, held.version, Tensor.of([0.3, 0.1]), Tensor.of(label), loss)
    await running.ask(held)
    keras = await running.ask(command)
    numpy = await of_the_stand_in(held, command)
    if outputs == 1 and by_class(loss):
        assert isinstance(keras, Failed)
        assert keras == numpy
        return
    assert isinstance(keras, RowLoss)
    assert isinstance(numpy, RowLoss)
    assert (keras.id, keras.version) == (2, held.version)
    assert keras.loss == pytest.approx(numpy.loss, rel=1e-5, abs=1e-6)


async def test_the_loss_of_a_row_is_refused_for_other_weights_labels_and_points(talk: Talk, bench: Bench) -> None:
    def asking(version: int = bench.weights.version, point: int = 2, label: int = 1, loss: str = "hinge") -> AskLoss:
        return AskLoss(5, version, Tensor.of([0.3] * point), Tensor.of([1.0] * label), loss)

    assert isinstance(await talk.ask(asking()), RowLoss)
    assert "got a question about version" in await talk.refused(asking(version=bench.weights.version + 1))
    assert "expected at least one point of 2 numbers" in await talk.refused(asking(point=3))
    assert "expected 1 label of 1 number for hinge" in await talk.refused(asking(label=2))
    assert "expected a loss of Keras's, got 'print'" in await talk.refused(asking(loss="print"))


async def test_binary_accuracy_is_kerass_for_tricky_predictions_too(running: Talk) -> None:
    network = Network.chain(1, (Dense("same", 1, use_bias=False),))
    weights = Weights.for_network(network, [[[[1.0]]]])
    await running.ask(SetWeights(1, weights.version, network, to_tensors(weights.layers)))
    half = np.float32(0.5)
    tricky = [half, np.nextafter(half, 1), np.nextafter(half, 0), 0, -0.0, -1, 1, np.nan, np.inf, -np.inf, 1e-45]
    for value in tricky:
        for label in (-1.0, 1.0):
            points, labels = np.full((1, 1), value, np.float32), np.array([[label]])
            command = Evaluate(2, weights.version, Tensor.of(points), Tensor.of(labels), "hinge")
            keras = await running.ask(command)
            assert isinstance(keras, Evaluated)
            ours = judged(points.astype(np.float64), labels).binary_accuracy
            assert keras.metrics["binary_accuracy"] == ours, (value, label)


async def test_every_epoch_is_told(talk: Talk, bench: Bench) -> None:
    epochs, last = await talk.train(bench.train(Recipe(epochs=4), interval=0.0))
    assert len(epochs) == 4
    assert all(epoch.val_loss is not None for epoch in epochs)
    assert isinstance(last, Trained)
    assert not last.stopped
    assert last.seconds > 0
    assert [tensor.shape for layer in last.layers for tensor in layer] == [(2, 5), (5,), (5, 1), (1,)]


async def test_what_is_told_late_is_not_lost(talk: Talk, bench: Bench) -> None:
    epochs, last = await talk.train(bench.train(Recipe(epochs=3, validation_split=0.0), interval=1000.0))
    assert len(epochs) == 3
    assert epochs[0].val_loss is None
    assert isinstance(last, Trained)


async def test_the_last_epochs_numbers_are_those_of_its_weights(talk: Talk, bench: Bench) -> None:
    """Validation is measured after the epoch's last step, so the trained weights can be asked for it."""
    epochs, last = await talk.train(bench.train(Recipe(epochs=2)))
    assert isinstance(last, Trained)
    arrays = [[tensor.array() for tensor in layer] for layer in last.layers]
    weights = Weights.for_network(bench.network, arrays)
    outputs = predict(bench.network, weights, bench.data.points[48:].astype(np.float64))
    worth = judged(outputs, bench.data.labels[48:])
    assert epochs[-1].metrics["val_sign_accuracy"] == pytest.approx(worth.accuracy, abs=1e-6)
    assert epochs[-1].metrics["val_binary_accuracy"] == pytest.approx(worth.binary_accuracy, abs=1e-6)


async def test_the_same_seed_gives_the_same_weights_and_another_one_others(talk: Talk, bench: Bench) -> None:
    ends = []
    for seed in (1, 1, 2):
        _, last = await talk.train(bench.train(Recipe(epochs=2, batch_size=16, seed=seed)))
        assert isinstance(last, Trained)
        ends.append(last.layers)
    assert ends[0] == ends[1] != ends[2]


async def test_stop_asked_weights_and_waiting_commands_in_a_training(talk: Talk, bench: Bench) -> None:
    talk.engine.send(bench.train(Recipe(epochs=1_000_000), interval=0.0))
    first = await talk.next()
    assert isinstance(first, Progress)
    waiting = bench.predict()
    for command in (waiting, AskWeights(910), Stop(911)):
        talk.engine.send(command)
    epochs = len(first.epochs)
    while isinstance(answer := await talk.next(), Progress):
        epochs += len(answer.epochs)
    assert isinstance(answer, TrainingWeights)
    assert answer.id == 910
    assert answer.epoch == epochs
    while isinstance(answer := await talk.next(), Progress):
        pass
    assert isinstance(answer, Trained)
    assert answer.stopped
    after = await talk.next()
    assert isinstance(after, Predicted)
    assert after.id == waiting.id


async def test_refused_commands_leave_what_is_held(talk: Talk, bench: Bench) -> None:
    before = await talk.ask(bench.predict())
    assert isinstance(before, Predicted)
    misshapen = SetWeights(1, 10**9, bench.network, to_tensors([[np.zeros((3, 5)), np.zeros(5)], []]))
    assert "version" in await talk.refused(bench.predict(version=10**9))
    assert "expected" in await talk.refused(misshapen)
    assert "shape" in await talk.refused(bench.predict([[1.0, 2.0, 3.0]]))
    assert "point" in await talk.refused(bench.predict(np.empty((0, 2))))
    assert "NaN" in await talk.refused(bench.train(Recipe(), bench.poisoned()))
    assert "loss" in await talk.refused(bench.evaluate("guess"))
    assert "no training" in await talk.refused(Stop(920))
    assert "no training" in await talk.refused(AskWeights(921))
    unreadable = Predict(930, bench.weights.version, Tensor((7, 2), b"1234"))
    assert "reshape" in await talk.refused(unreadable)
    after = await talk.ask(bench.predict())
    assert isinstance(after, Predicted)
    assert after.outputs == before.outputs


async def test_a_network_that_keras_builds_otherwise_is_refused_and_the_old_one_held(talk: Talk, bench: Bench) -> None:
    """Keras doesn't see that glu halves a Dense layer, so the next kernel has another shape than ours."""
    before = await talk.ask(bench.predict())
    await talk.refused(weights_of(Network.chain(2, (Dense("gated", 4, "glu"), Dense("output", 1)))))
    after = await talk.ask(bench.predict())
    assert isinstance(before, Predicted)
    assert isinstance(after, Predicted)
    assert after.outputs == before.outputs


async def test_a_recipe_that_the_wire_refuses_is_refused_by_its_id(talk: Talk, bench: Bench) -> None:
    good = frame(bench.train(Recipe()))
    talk.engine._outgoing.put_nowait(good.replace(b"hinge", b"guess"))
    answer = await talk.next()
    assert isinstance(answer, Failed)
    assert "guess" in answer.message


async def test_a_training_that_explodes_says_where_and_keeps_the_weights(talk: Talk, bench: Bench) -> None:
    network = chain_network(2, "5 exponential, 5 exponential, 1")
    command = weights_of(network)
    await talk.ask(command)
    points, labels = Tensor.of(bench.data.points), Tensor.of(bench.data.labels)
    recipe = Recipe(loss="mean_squared_error", optimizer="sgd", learning_rate=1e5, epochs=50)
    _, last = await talk.train(Train(940, network, command.layers, recipe, points, labels))
    assert isinstance(last, Failed)
    assert "in epoch" in last.message
    assert isinstance(await talk.ask(Predict(941, command.version, points)), Predicted)


async def test_names_that_keras_refuses(running: Talk) -> None:
    layers = (Dense("a b", 3, "tanh"), Dropout("a:b", 0.5), Activation("[bold]\x1b", "relu"), Dense("inputs", 1))
    command = weights_of(Network.chain(2, (*layers, Dense("rows", 1), Dense("layer_6", 1)), "x y"))
    held = await running.ask(command)
    assert isinstance(held, Held)
    assert held.layers == command.layers


async def test_a_large_command_goes_out_in_parts_that_leave_the_loop_its_turns(
    running: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = Network.chain(2000, (Dense("wide", 5000, use_bias=False),))
    command, parts, write = weights_of(network), list[int](), asyncio.StreamWriter.write

    def counted(pipe: asyncio.StreamWriter, data: bytes) -> None:
        parts.append(len(data))
        write(pipe, data)

    monkeypatch.setattr(asyncio.StreamWriter, "write", counted)
    running.engine.send(command)
    held = await running.next()
    assert isinstance(held, Held)
    assert held.layers == command.layers
    assert sum(parts) > 40_000_000
    assert max(parts) <= CHUNK


async def test_a_killed_process_is_gone_once_and_can_be_started_again() -> None:
    talk = Talk()
    await talk.engine.start()
    process = talk.engine._process
    assert process is not None
    os.kill(process.pid, signal.SIGKILL)
    gone = await talk.next()
    assert isinstance(gone, Gone)
    assert gone.exit_code == -signal.SIGKILL
    assert talk.said.empty()
    await talk.engine.start()
    again = talk.engine._process
    assert again is not None
    assert again.pid != process.pid
    await talk.engine.close()
    assert talk.said.empty()


@pytest.mark.parametrize(
    ("argv", "patience", "code"),
    [(importing_for_ever, PATIENCE, 0), (deaf, 0.1, -signal.SIGKILL)],
    ids=["in the midst of the import, by itself", "killed"],
)
async def test_close_ends_the_process_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, argv: Callable[[Launch], list[str]], patience: float, code: int
) -> None:
    monkeypatch.setattr(Launch, "argv", property(argv))
    monkeypatch.setattr(engine_client, "PATIENCE", patience)
    talk = Talk()
    await talk.engine.start()
    launch, process = talk.engine._launch, talk.engine._process
    assert launch is not None
    assert process is not None
    await talk.engine.close()
    assert process.returncode == code
    assert not launch.log.parent.exists()
    assert talk.said.empty()
