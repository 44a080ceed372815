"""The stand-in: same commands, same events, same refusals as the process, and honest numbers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest

from core.calculation.running import predict
from core.engine.protocol import (
    AskWeights,
    Evaluated,
    Event,
    Failed,
    Held,
    Paused,
    Position,
    Predicted,
    Prepared,
    Progress,
    Ready,
    Resume,
    Stop,
    StopRule,
    Trained,
    TrainingWeights,
    to_arrays,
    to_tensors,
)
from core.losses import KERAS_LOSSES, Labels
from core.model.initial import initial_weights
from core.model.weights import Weights
from core.training.recipe import LOSSES, Recipe
from tests.engine.fake import CHUNK, FakeEngine
from tests.tasks import fits, judged

if TYPE_CHECKING:
    from core.engine.protocol import Command
    from tests.engine.conftest import Bench


async def settle(turns: int = 60) -> None:
    for _ in range(turns):
        await asyncio.sleep(0)


async def told(*commands: Command, pause_at: int | None = None) -> list[Event]:
    """Return what a fake that was just started answers to ``commands``."""
    events: list[Event] = []
    fake = FakeEngine(events.append, pause_at=pause_at)
    for command in commands:
        fake.send(command)
    await fake.start()
    await settle()
    return events


async def test_answers_come_in_order_and_not_before_the_start(bench: Bench) -> None:
    events: list[Event] = []
    fake = FakeEngine(events.append)
    fake.send(bench.set_weights())
    fake.send(bench.predict())
    await settle()
    assert events == []
    await fake.start()
    fake.send(bench.evaluate())
    assert events == [], "nothing is answered before the loop has its turn"
    await settle()
    assert [type(event) for event in events] == [Ready, Held, Predicted, Evaluated]


async def test_numbers_are_those_of_the_forward_pass(bench: Bench) -> None:
    _, held, predicted, evaluated = await told(bench.set_weights(), bench.predict(), bench.evaluate())
    expected = predict(bench.network, bench.weights, bench.data.points.astype(np.float64))
    assert isinstance(held, Held)
    assert held.layers == to_tensors(bench.weights.layers)
    assert isinstance(predicted, Predicted)
    assert np.array_equal(predicted.outputs.array(), expected.astype(np.float32))
    assert isinstance(evaluated, Evaluated)
    assert evaluated.metrics["binary_accuracy"] == judged(expected, bench.data.labels).binary_accuracy


@pytest.mark.parametrize("loss", [loss for loss in LOSSES if fits(loss, 1)])
async def test_a_training_lowers_its_loss_and_reports_its_own_weights(bench: Bench, loss: str) -> None:
    start = type(bench)(bench.network, initial_weights(bench.network, 1), bench.data)
    recipe = Recipe(loss=loss, epochs=25, validation_split=0.0)
    events = await told(start.set_weights(), start.train(recipe))
    chunks = [event.epochs for event in events if isinstance(event, Progress)]
    assert [len(chunk) for chunk in chunks] == [CHUNK, CHUNK, 5]
    epochs = [epoch for chunk in chunks for epoch in chunk]
    assert epochs[-1].loss < epochs[0].loss
    assert epochs[-1].val_loss is None
    last = events[-1]
    assert isinstance(last, Trained)
    assert not last.stopped
    after = Weights.for_network(bench.network, to_arrays(last.layers))
    outputs = predict(bench.network, after, bench.data.points.astype(np.float64))
    accuracy = epochs[-1].metrics["accuracy" if KERAS_LOSSES[loss].labels is Labels.BINARY else "sign_accuracy"]
    assert accuracy == judged(outputs, bench.data.labels, loss).accuracy


async def test_the_same_seed_gives_the_same_training(bench: Bench) -> None:
    recipe = Recipe(epochs=12)
    first = (await told(bench.set_weights(), bench.train(recipe)))[-1]
    second = (await told(bench.set_weights(), bench.train(recipe)))[-1]
    assert isinstance(first, Trained)
    assert isinstance(second, Trained)
    assert first.layers == second.layers


async def test_a_paused_training_waits_and_can_be_asked_stopped_or_resumed(bench: Bench) -> None:
    events: list[Event] = []
    fake = FakeEngine(events.append, pause_at=14)
    await fake.start()
    fake.send(bench.set_weights())
    fake.send(bench.train(Recipe(epochs=40)))
    await settle()
    assert [len(event.epochs) for event in events if isinstance(event, Progress)] == [10, 4]
    fake.send(AskWeights(900))
    fake.send(bench.predict())
    await settle()
    asked = events[-1]
    assert isinstance(asked, TrainingWeights)
    assert (asked.id, asked.epoch) == (900, 14)
    fake.resume()
    await settle()
    assert [type(event) for event in events[-2:]] == [Trained, Predicted]
    assert sum(len(event.epochs) for event in events if isinstance(event, Progress)) == 40


async def test_stop_ends_a_training_between_epochs(bench: Bench) -> None:
    events: list[Event] = []
    fake = FakeEngine(events.append, pause_at=10)
    await fake.start()
    fake.send(bench.set_weights())
    fake.send(bench.train(Recipe(epochs=40)))
    await settle()
    fake.send(Stop(901))
    await settle()
    last = events[-1]
    assert isinstance(last, Trained)
    assert last.stopped


async def test_a_training_in_steps_goes_on_and_ends_where_one_in_a_piece_does(bench: Bench) -> None:
    whole = (await told(bench.set_weights(), bench.train(Recipe(epochs=12))))[-1]
    train = bench.train(Recipe(epochs=12), until=Position(0, 1))
    steps = [Resume(train.id, Position(0, 2)), Resume(train.id, Position(11)), Resume(train.id)]
    events = await told(bench.set_weights(), train, *steps, Resume(train.id), bench.prepare(Recipe()))
    paused = [event for event in events if isinstance(event, Paused)]
    assert [(pause.epoch, pause.batch) for pause in paused] == [(0, 1), (1, 0), (11, 0)]
    assert (paused[0].batches, len(paused[0].rows)) == (2, 32)
    assert paused[0].metrics is not None
    ended, gone, prepared = events[-3:]
    assert isinstance(whole, Trained)
    assert isinstance(ended, Trained)
    assert ended.layers == whole.layers
    assert isinstance(gone, Failed)
    assert isinstance(prepared, Prepared)
    assert prepared.method == "fake"


async def test_every_epochs_weights_are_told(bench: Bench) -> None:
    events = await told(bench.set_weights(), bench.train(Recipe(epochs=12)))
    progress = [event for event in events if isinstance(event, Progress)]
    assert [event.weights_epochs for event in progress] == [tuple(range(1, 11)), (11, 12)]
    assert [tensor.shape for layer in progress[0].weights for tensor in layer] == [
        (10, 2, 5),
        (10, 5),
        (10, 5, 1),
        (10, 1),
    ]
    ended = events[-1]
    assert isinstance(ended, Trained)
    assert to_tensors([[stack[-1] for stack in layer] for layer in to_arrays(progress[-1].weights)]) == ended.layers


async def test_a_stop_rule_ends_it_and_a_paused_one_can_be_ended(bench: Bench) -> None:
    rule = StopRule(metric="loss", target=100.0)
    ended = (await told(bench.set_weights(), bench.train(Recipe(), stop_rule=rule)))[-1]
    assert isinstance(ended, Trained)
    assert (ended.epoch, ended.reason, ended.stopped) == (1, "loss reached 100", True)
    paused = bench.train(Recipe(), until=Position(3))
    events: list[Event] = []
    fake = FakeEngine(events.append)
    await fake.start()
    fake.send(bench.set_weights())
    fake.send(paused)
    await settle()
    fake.send(Stop(paused.id))
    await settle()
    stopped = events[-1]
    assert isinstance(stopped, Trained)
    assert (stopped.epoch, stopped.stopped) == (3, True)


async def test_frozen_layers_stay_and_a_network_of_them_alone_is_refused(bench: Bench) -> None:
    held = [msgspec.structs.replace(layer, trainable=False) for layer in bench.network.layers]
    network = bench.network.with_layers({0: held[0]})
    ended = (await told(msgspec.structs.replace(bench.train(Recipe()), network=network)))[-1]
    assert isinstance(ended, Trained)
    before = to_tensors(bench.weights.layers)
    assert ended.layers[0] == before[0]
    assert ended.layers[1] != before[1]
    frozen = msgspec.structs.replace(bench.train(Recipe()), network=network.with_layers({1: held[1]}))
    failed = (await told(frozen))[-1]
    assert isinstance(failed, Failed)
    assert "all of them frozen" in failed.message


async def test_refusals(bench: Bench) -> None:
    commands: list[Command] = [
        bench.predict(),
        bench.set_weights(),
        bench.predict(version=10**9),
        bench.predict([[1.0, 2.0, 3.0]]),
        bench.train(Recipe(), bench.poisoned()),
        Stop(902),
        bench.predict(),
    ]
    events = await told(*commands)
    assert [type(event) for event in events[1:]] == [Failed, Held, Failed, Failed, Failed, Failed, Predicted]
    assert [event.id for event in events if not isinstance(event, Ready)] == [command.id for command in commands]


async def test_death_is_told_once_and_a_new_start_holds_nothing(bench: Bench) -> None:
    events: list[Event] = []
    deaths: list[str] = []
    fake = FakeEngine(events.append, on_gone=lambda: deaths.append("gone"))
    await fake.start()
    fake.send(bench.set_weights())
    await settle()
    fake.die()
    fake.send(bench.predict())
    await settle()
    assert deaths == ["gone"]
    assert [type(event) for event in events] == [Ready, Held]
    await fake.start()
    await settle()
    assert [type(event) for event in events] == [Ready, Held, Ready, Failed]


async def test_closed_it_says_nothing(bench: Bench) -> None:
    events: list[Event] = []
    fake = FakeEngine(events.append)
    await fake.start()
    fake.send(bench.set_weights())
    await fake.close()
    await settle()
    assert events == []
