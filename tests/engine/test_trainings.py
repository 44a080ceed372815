"""Trainings by the engine process: prepared, in steps, stopped by a rule, broken, large; the weights of every epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest

from core.engine.frames import HEADER, frame_length, read_event
from core.engine.protocol import (
    AskWeights,
    Compiling,
    EarlyStopping,
    Event,
    Failed,
    Paused,
    Position,
    Predicted,
    Prepared,
    Progress,
    Resume,
    Stop,
    StopRule,
    Tensor,
    Train,
    Trained,
    TrainingWeights,
    to_arrays,
    to_tensors,
)
from core.errors import Refused
from core.layers.activation_layers import Activation
from core.layers.dense import Dense
from core.model.initial import initial_weights
from core.model.layers_text import chain_network
from core.model.network import Network
from core.training.recipe import Recipe

if TYPE_CHECKING:
    from core.engine.client import EngineClient
    from core.engine.protocol import EpochMetrics, LayerTensors
    from tests.engine.conftest import Bench

RECIPE = Recipe(epochs=6, learning_rate=0.01)


def next_event(engine: EngineClient) -> Event:
    """Return what is said next; how long a program takes to compile is the machine's."""
    while isinstance(said := read_event(engine._read(frame_length(engine._read(HEADER.size)))), Compiling):
        pass
    return said


def until_end(engine: EngineClient, command: Train | Resume) -> tuple[list[Progress], Paused | Trained]:
    told: list[Progress] = []
    return told, engine.train_until(command, told.append)


def epochs_of(told: list[Progress]) -> list[EpochMetrics]:
    return [epoch for progress in told for epoch in progress.epochs]


def require_close(one: LayerTensors, other: LayerTensors) -> None:
    for ours, theirs in zip(to_arrays(one), to_arrays(other), strict=True):
        for array, expected in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(array, expected, atol=1e-6)


def test_while_it_prepares_others_are_served(engine: EngineClient, bench: Bench) -> None:
    prepare, predict = bench.prepare(Recipe(optimizer="nadam")), bench.predict()
    engine._send(prepare)
    engine._send(predict)
    assert isinstance(next_event(engine), Predicted)
    prepared = next_event(engine)
    assert isinstance(prepared, Prepared)
    assert (prepared.id, prepared.method) == (prepare.id, "xla")
    _, trained = until_end(engine, bench.train(Recipe(optimizer="nadam", epochs=150, seed=3, learning_rate=0.02)))
    assert isinstance(trained, Trained)
    assert trained.compiling == 0, "it was compiled already, so nothing waited for it"


def test_a_stop_during_the_compilation_is_served(engine: EngineClient, bench: Bench) -> None:
    train = bench.train(Recipe(optimizer="ftrl"))
    engine._send(train)
    engine._send(AskWeights(901))
    asked = next_event(engine)
    assert isinstance(asked, TrainingWeights)
    engine._send(Stop(train.id))
    ended = next_event(engine)
    assert isinstance(ended, Trained)
    assert ended.method == "", "it ended before there was a program"
    assert (ended.stopped, ended.epoch, ended.batch) == (True, 0, 0)
    assert ended.layers == to_tensors(bench.weights.layers)


def test_every_epochs_weights_are_told(engine: EngineClient, bench: Bench) -> None:
    told, trained = until_end(engine, bench.train(RECIPE))
    assert isinstance(trained, Trained)
    assert {progress.method for progress in told} == {trained.method} == {"xla"}
    assert [epoch for progress in told for epoch in progress.weights_epochs] == [1, 2, 3, 4, 5, 6]
    last = [[stack[-1] for stack in stacks] for stacks in to_arrays(told[-1].weights)]
    assert to_tensors(last) == trained.layers
    _, short = until_end(engine, bench.train(Recipe(epochs=2, learning_rate=0.01)))
    stacks = to_arrays(told[0].weights)
    if told[0].weights_epochs[-1] >= 2:
        require_close(short.layers, to_tensors([[stack[1] for stack in layer] for layer in stacks]))


def test_of_large_weights_the_last_epochs_are_told(engine: EngineClient, bench: Bench) -> None:
    network = chain_network(2, "1000 relu, 1000 relu, 1 tanh")
    weights = initial_weights(network, 0)
    points, labels = Tensor.of(bench.data.points), Tensor.of(bench.data.labels)
    train = Train(942, network, to_tensors(weights.layers), Recipe(epochs=3), points, labels, 1000.0)
    (told,), trained = until_end(engine, train)
    assert (len(told.epochs), told.weights_epochs) == (3, (3,))
    assert to_tensors([[stack[0] for stack in stacks] for stacks in to_arrays(told.weights)]) == trained.layers


def test_a_training_in_steps_ends_where_one_in_a_piece_does(engine: EngineClient, bench: Bench) -> None:
    whole, end = until_end(engine, bench.train(RECIPE))
    train = bench.train(RECIPE, until=Position(0, 1))
    told, paused = until_end(engine, train)
    assert isinstance(paused, Paused)
    assert (paused.epoch, paused.batch, paused.batches, told) == (0, 1, 2, [])
    assert paused.metrics is not None
    assert paused.metrics.val_loss is None
    assert len(set(paused.rows)) == 32
    for goal, stands in (((0, 2), (1, 0)), ((3, 0), (3, 0)), ((3, 1), (3, 1)), ((2, 0), (3, 1))):
        # Other work on the same program comes between.
        until_end(engine, bench.train(RECIPE, until=Position(1, 1)))
        more, paused = until_end(engine, Resume(train.id, Position(*goal)))
        assert isinstance(paused, Paused)
        assert (paused.epoch, paused.batch) == stands
        told += more
    more, last = until_end(engine, Resume(train.id))
    assert isinstance(last, Trained)
    assert not last.stopped
    require_close(last.layers, end.layers)
    for ours, theirs in zip(epochs_of(told + more), epochs_of(whole), strict=True):
        assert ours.loss == pytest.approx(theirs.loss, abs=1e-6)
        assert ours.val_loss == pytest.approx(theirs.val_loss, abs=1e-6)


def test_a_paused_training_can_be_ended_and_then_is_gone(engine: EngineClient, bench: Bench) -> None:
    train = bench.train(RECIPE, until=Position(1, 1))
    _, paused = until_end(engine, train)
    ended = engine.ask(Stop(train.id))
    assert isinstance(ended, Trained)
    assert (ended.stopped, ended.epoch, ended.batch) == (True, 1, 1)
    assert ended.layers == paused.layers
    with pytest.raises(Refused, match="no training is running or paused"):
        engine.ask(Resume(train.id))


def test_the_longest_paused_gives_way(engine: EngineClient, bench: Bench) -> None:
    trains = [bench.train(RECIPE, until=Position(1)) for _ in range(5)]
    for train in trains:
        assert isinstance(engine.ask(train), Paused)
    with pytest.raises(Refused, match="gave way"):
        engine.ask(Resume(trains[0].id))
    assert isinstance(engine.ask(Resume(trains[1].id)), Trained)


def test_early_stopping_restores_the_best_epochs_weights(engine: EngineClient, bench: Bench) -> None:
    rule = StopRule(EarlyStopping("val_binary_accuracy", patience=2, restore_best_weights=True))
    told, ended = until_end(engine, bench.train(Recipe(epochs=150, learning_rate=0.01), stop_rule=rule))
    assert isinstance(ended, Trained)
    assert ended.stopped
    assert "val_binary_accuracy has not improved for 2 epochs" in ended.reason
    assert len(epochs_of(told)) == ended.epoch + 2
    _, best = until_end(engine, bench.train(Recipe(epochs=ended.epoch, learning_rate=0.01)))
    require_close(ended.layers, best.layers)


def test_a_target_ends_the_training(engine: EngineClient, bench: Bench) -> None:
    rule = StopRule(metric="loss", target=100.0)
    told, ended = until_end(engine, bench.train(RECIPE, stop_rule=rule))
    assert isinstance(ended, Trained)
    assert (len(epochs_of(told)), ended.epoch, ended.reason) == (1, 1, "loss reached 100")
    with pytest.raises(Refused, match="validation split is 0"):
        engine.ask(bench.train(Recipe(validation_split=0.0), stop_rule=StopRule(EarlyStopping())))


def test_a_network_without_weights_trains_to_nothing(engine: EngineClient, bench: Bench) -> None:
    network = Network.chain(1, (Activation("only", "tanh"),))
    points = Tensor.of(bench.data.points[:, :1])
    _, trained = until_end(engine, Train(943, network, ((),), Recipe(epochs=2), points, Tensor.of(bench.data.labels)))
    assert trained.layers == ((),)


def test_a_network_that_is_frozen_as_a_whole_is_not_trained(engine: EngineClient, bench: Bench) -> None:
    first, last = (msgspec.structs.replace(layer, trainable=False) for layer in bench.network.layers)
    for network in (bench.network.with_layers({0: first}), bench.network.with_layers({0: first, 1: last})):
        engine.ask(msgspec.structs.replace(bench.set_weights(), network=network))
    with pytest.raises(Refused, match="all of them frozen; unfreeze one first"):
        engine.ask(msgspec.structs.replace(bench.train(RECIPE), network=network))
    with pytest.raises(Refused, match="all of them frozen; unfreeze one first"):
        engine.ask(msgspec.structs.replace(bench.prepare(RECIPE), network=network))


@pytest.mark.parametrize("until", [None, Position(0, 1)])
def test_broken_numbers_are_found(engine: EngineClient, bench: Bench, until: Position | None) -> None:
    """The first step is too large: in the next batch the first layer's exponentials are infinite."""
    network = chain_network(2, "5 exponential, 5 exponential, 1")
    weights = initial_weights(network, 0)
    points, labels = Tensor.of(bench.data.points), Tensor.of(bench.data.labels)
    recipe = Recipe(loss="mean_squared_error", optimizer="sgd", learning_rate=1e5, epochs=50)
    engine._send(Train(940, network, to_tensors(weights.layers), recipe, points, labels, until=until))
    failed = next_event(engine)
    if isinstance(failed, Paused):
        engine._send(Resume(940))
        failed = next_event(engine)
    assert isinstance(failed, Failed)
    assert (failed.epoch, failed.batch, failed.layer) == (1, 2, network.layers[0].name)
    assert "in epoch 1, batch 2; the output of layer" in failed.message


def test_weights_that_break_in_the_last_step_are_found(engine: EngineClient, bench: Bench) -> None:
    network = Network.chain(2, (Dense("one", 1, "linear"),))
    weights = initial_weights(network, 0)
    points, labels = Tensor.of(bench.data.points * 1e34), Tensor.of(bench.data.labels)
    recipe = Recipe(loss="mean_absolute_error", optimizer="sgd", learning_rate=1e6, epochs=1, batch_size=60)
    engine._send(Train(941, network, to_tensors(weights.layers), recipe, points, labels))
    while isinstance(failed := next_event(engine), Progress):
        pass
    assert isinstance(failed, Failed)
    assert (failed.epoch, failed.batch, failed.layer) == (1, 1, "one")
    assert "weights of layer 'one'" in failed.message


def test_large_work_is_served_within_its_epochs(engine: EngineClient) -> None:
    network = chain_network(784, "64 relu, 1 tanh")
    weights = initial_weights(network, 0)
    points = np.random.default_rng(0).uniform(size=(12_000, 784)).astype(np.float32)
    labels = np.where(points[:, :1] > 0.5, 1.0, -1.0)
    train = Train(950, network, to_tensors(weights.layers), Recipe(epochs=1000), Tensor.of(points), Tensor.of(labels))
    engine._send(train)
    heard: list[Position] = []
    while len(heard) < 5000 and not (heard and heard[-1].batch):
        engine._send(AskWeights(951))
        while not isinstance(event := next_event(engine), TrainingWeights):
            pass
        heard.append(Position(event.epoch, event.batch))
    assert heard[-1].batch, "it is served between two batches, not only where an epoch ends"
    engine._send(Stop(train.id))
    while not isinstance(event := next_event(engine), Trained):
        pass
    assert event.stopped
    assert event.method == "xla"
