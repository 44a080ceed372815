"""Trainings shared by two devices: the same numbers as on one, stopped, asked, paused, broken; and by a single one."""

from __future__ import annotations

import subprocess
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest

from core.engine.client import EngineClient
from core.engine.process import Launch
from core.engine.protocol import (
    AskWeights,
    EarlyStopping,
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
from core.layers.convolution import Conv1D
from core.layers.dense import Dense
from core.layers.identity import Dropout
from core.layers.pooling import MaxPooling1D
from core.layers.reshaping import Flatten
from core.model.initial import initial_weights
from core.model.layers_text import chain_network
from core.model.network import Network
from core.training.recipe import Recipe
from core.training.schedules import read_schedule
from tests.engine.test_trainings import epochs_of, next_event, until_end

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from core.engine.protocol import LayerTensors
    from tests.engine.conftest import Bench

TWO = """
import tensorflow as tf
tf.config.set_visible_devices([], "GPU")
(processor,) = tf.config.list_physical_devices("CPU")
tf.config.set_logical_device_configuration(processor, [tf.config.LogicalDeviceConfiguration()] * 2)
from core.engine.__main__ import main
main()
"""
"""What runs in place of ``-m core.engine``: an engine on whose host there are two devices."""

SGD = Recipe(optimizer="sgd", learning_rate=0.05, epochs=5)


def on_two_devices(launch: Launch) -> list[str]:
    return [sys.executable, "-I", "-c", TWO, "--strategy", "mirrored", str(launch.log)]


@pytest.fixture(scope="module")
def shared() -> Iterator[EngineClient]:
    """An engine with two devices."""
    with ExitStack() as running:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Launch, "argv", property(on_two_devices))
            shared = running.enter_context(EngineClient("mirrored"))
        yield shared


@pytest.fixture
def engine(shared: EngineClient, bench: Bench) -> EngineClient:
    shared.ask(bench.set_weights())
    return shared


@pytest.fixture
def plain(client: EngineClient, bench: Bench) -> EngineClient:
    """An engine without a strategy."""
    client.ask(bench.set_weights())
    return client


def require_close(one: LayerTensors, other: LayerTensors) -> None:
    for ours, theirs in zip(to_arrays(one), to_arrays(other), strict=True):
        for array, expected in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(array, expected, atol=1e-5)


def require_same_numbers(ours: list[Progress], theirs: list[Progress]) -> None:
    for epoch, expected in zip(epochs_of(ours), epochs_of(theirs), strict=True):
        told = expected.by_name()
        for name, value in epoch.by_name().items():
            assert value == pytest.approx(told[name], abs=1e-5), name


def test_it_says_which_devices_it_has(engine: EngineClient, plain: EngineClient) -> None:
    assert engine.ready is not None
    assert engine.ready.devices == ("CPU:0", "CPU:1")
    assert plain.ready is not None
    assert plain.ready.devices == ()


@pytest.mark.parametrize(
    ("batch_size", "split"),
    [(32, 0.2), (7, 0.25), (1, 0.5), (1000, 0.0)],
    ids=["a short last batch", "odd ones", "single points: a device has none", "all in one"],
)
def test_the_numbers_are_those_of_one_device(
    engine: EngineClient, plain: EngineClient, bench: Bench, batch_size: int, split: float
) -> None:
    recipe = Recipe(optimizer="sgd", learning_rate=0.05, epochs=4, batch_size=batch_size, validation_split=split)
    ours, end = until_end(engine, bench.train(recipe))
    theirs, expected = until_end(plain, bench.train(recipe))
    assert isinstance(end, Trained)
    assert (end.method, end.epoch, end.stopped) == ("mirrored, 2 devices", 4, False)
    assert {told.method for told in ours} == {end.method}
    require_same_numbers(ours, theirs)
    require_close(end.layers, expected.layers)


def test_adams_numbers_too(engine: EngineClient, plain: EngineClient, bench: Bench) -> None:
    recipe = Recipe(epochs=20, learning_rate=0.01, batch_size=9)
    ours, end = until_end(engine, bench.train(recipe))
    theirs, expected = until_end(plain, bench.train(recipe))
    require_same_numbers(ours, theirs)
    require_close(end.layers, expected.layers)


def test_the_numbers_of_weighted_points_under_a_schedule_too(
    engine: EngineClient, plain: EngineClient, bench: Bench
) -> None:
    schedule = read_schedule("cosine_decay decay_steps 9")
    recipe = Recipe(optimizer="sgd", learning_rate=0.05, epochs=4, batch_size=9, schedule=schedule)
    weights = Tensor.of(np.random.default_rng(0).uniform(0, 3, len(bench.data)))
    ours, end = until_end(engine, bench.train(recipe, sample_weights=weights))
    theirs, expected = until_end(plain, bench.train(recipe, sample_weights=weights))
    require_same_numbers(ours, theirs)
    require_close(end.layers, expected.layers)


def test_the_numbers_of_a_convolution_too(engine: EngineClient, plain: EngineClient, bench: Bench) -> None:
    """In pairs of points: TensorFlow's convolution of no points at all fails on some processors."""
    layers = (Conv1D("conv", 2, (2,), (1,), "same", "tanh"), MaxPooling1D("pool", (2,), (1,)), Flatten("flat"))
    network = Network.chain(2, (*layers, Dense("output", 1, "tanh")), shape=(2, 1))
    weights = initial_weights(network, 0)
    recipe = Recipe(optimizer="sgd", learning_rate=0.05, epochs=3, batch_size=2)
    points, labels = Tensor.of(bench.data.points), Tensor.of(bench.data.labels)
    ends = []
    for client in (engine, plain):
        ends.append(until_end(client, Train(950, network, to_tensors(weights.layers), recipe, points, labels)))
    require_same_numbers(ends[0][0], ends[1][0])
    require_close(ends[0][1].layers, ends[1][1].layers)


def test_a_training_in_steps_ends_where_one_in_a_piece_does(engine: EngineClient, bench: Bench) -> None:
    whole, end = until_end(engine, bench.train(SGD))
    train = bench.train(SGD, until=Position(0, 1))
    told, paused = until_end(engine, train)
    assert isinstance(paused, Paused)
    assert (paused.epoch, paused.batch, paused.batches, told) == (0, 1, 2, [])
    until_end(engine, bench.train(SGD, until=Position(1, 1)))
    more, last = until_end(engine, Resume(train.id))
    assert isinstance(last, Trained)
    require_same_numbers(more, whole)
    require_close(last.layers, end.layers)


def test_others_are_served_while_it_prepares_and_trains(engine: EngineClient, bench: Bench) -> None:
    prepare, predict = bench.prepare(Recipe(optimizer="nadam")), bench.predict()
    engine._send(prepare)
    engine._send(predict)
    said = [next_event(engine), next_event(engine)]
    assert {type(event) for event in said} == {Predicted, Prepared}
    train = bench.train(Recipe(epochs=100_000), interval=0.0)
    engine._send(train)
    while not isinstance(next_event(engine), Progress):
        pass
    engine._send(AskWeights(901))
    while not isinstance(asked := next_event(engine), TrainingWeights):
        pass
    assert asked.id == 901
    engine._send(Stop(train.id))
    while not isinstance(ended := next_event(engine), Trained):
        pass
    assert ended.stopped
    assert ended.epoch < 100_000


def test_a_stop_rule_ends_it(engine: EngineClient, bench: Bench) -> None:
    rule = StopRule(EarlyStopping("val_binary_accuracy", patience=2, restore_best_weights=True))
    told, ended = until_end(engine, bench.train(Recipe(epochs=150, learning_rate=0.01), stop_rule=rule))
    assert isinstance(ended, Trained)
    assert "val_binary_accuracy has not improved for 2 epochs" in ended.reason
    assert len(epochs_of(told)) == ended.epoch + 2


def test_dropout_repeats_itself(engine: EngineClient, bench: Bench) -> None:
    network = Network.chain(2, (Dense("hidden", 5, "tanh"), Dropout("drop", 0.5), Dense("output", 1, "tanh")))
    weights = initial_weights(network, 0)
    points, labels = Tensor.of(bench.data.points), Tensor.of(bench.data.labels)
    train = Train(930, network, to_tensors(weights.layers), SGD, points, labels)
    ends = [until_end(engine, msgspec.structs.replace(train, id=930 + turn))[1] for turn in range(2)]
    require_close(ends[0].layers, ends[1].layers)


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


def test_a_single_device_trains_and_says_so(bench: Bench) -> None:
    with EngineClient("mirrored") as engine:
        engine.ask(bench.set_weights())
        _, ended = until_end(engine, bench.train(SGD))
        assert engine.ready is not None
        assert isinstance(ended, Trained)
        count = len(engine.ready.devices)
        assert ended.method == f"mirrored, {count} device{'s' if count > 1 else ''}"


@pytest.mark.parametrize("words", [["--strategy", "parameter_server"], ["--strat", "mirrored"], ["--strategy"]])
def test_the_engine_refuses_another_command_line(words: list[str], tmp_path: Path) -> None:
    argv = [sys.executable, "-I", "-m", "core.engine", *words, str(tmp_path / "log")]
    ended = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert "usage: core.engine" in ended.stderr
