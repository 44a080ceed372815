"""Frozen layers in a training: equal to the bit after every epoch, all else as ``fit`` has it; however it is run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from core.engine.built import build, own_layers
from core.engine.compiled import METHODS, Epochs
from core.engine.mirrored import mirrored
from core.engine.programs import Fed, Programs
from core.engine.protocol import Position, Tensor, Train, to_tensors
from core.engine.run import Run
from core.engine.trouble import Broken
from core.layers.dense import Dense
from core.model.layers_text import chain_network
from core.model.network import Network
from core.training.recipe import Recipe
from tests.engine.fit_oracle import OPTIMIZERS, Job, apart, fit, program, trained

if TYPE_CHECKING:
    from core.arrays import KerasArray

NETWORK = Network.chain(2, (Dense("hidden", 5, "tanh", trainable=False), Dense("output", 1, "tanh")))
JOBS = {"sgd": Job(optimizer=OPTIMIZERS["SGD"], frozen=True), "adam": Job(frozen=True)}
RATES = {"sgd": 0.01, "adam": 0.001}


def recipe(optimizer: str) -> Recipe:
    return Recipe(optimizer=optimizer, learning_rate=RATES[optimizer], epochs=JOBS[optimizer].epochs, batch_size=12)


def begun(network: Network, recipe: Recipe, programs: Programs, start: list[KerasArray]) -> Run:
    points, labels = JOBS["sgd"].rows
    layers = (tuple(start[:2]), tuple(start[2:]))
    command = Train(1, network, to_tensors(layers), recipe, Tensor.of(points), Tensor.of(labels))
    return Run(command, layers, programs)


def run(network: Network, recipe: Recipe, programs: Programs, by_batches: bool = False) -> list[list[KerasArray]]:
    """Return every array after every epoch of a training by the engine, from the weights of the jobs."""
    training = begun(network, recipe, programs, JOBS["sgd"].model().get_weights())
    told: list[list[KerasArray]] = []
    if by_batches:
        while not training.arrived(Position(0, 1)):
            training.advance(Position(0, 1))
    while not training.arrived(training.end):
        finished = training.advance(training.end)
        if finished is not None:
            told += [[stack[epoch] for stack in finished.weights] for epoch in range(len(finished.metrics))]
    return told


def require_frozen(weights: list[list[KerasArray]]) -> None:
    start = JOBS["sgd"].model().get_weights()
    for arrays in weights:
        assert [array.tobytes() for array in arrays[:2]] == [array.tobytes() for array in start[:2]]
    assert weights[-1][2].tobytes() != start[2].tobytes()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("optimizer", JOBS)
def test_a_program_leaves_it_and_ends_where_fit_does(optimizer: str, method: str) -> None:
    job = JOBS[optimizer]
    ours = trained(job, program(job, method))
    require_frozen(ours.weights)
    assert max(apart(ours, fit(job, eagerly=True), job.epochs)) <= 1e-6


@pytest.mark.parametrize(("optimizer", "by_batches"), [("sgd", False), ("adam", False), ("adam", True)])
def test_a_training_of_a_network_does_too(optimizer: str, by_batches: bool) -> None:
    ours, theirs = run(NETWORK, recipe(optimizer), Programs(), by_batches), fit(JOBS[optimizer], eagerly=True)
    require_frozen(ours)
    for arrays, expected in zip(ours, theirs.weights, strict=True):
        for array, other in zip(arrays, expected, strict=True):
            np.testing.assert_allclose(array, other, rtol=0, atol=1e-6)


def test_a_training_on_the_devices_of_a_strategy_does_too() -> None:
    ours, theirs = run(NETWORK, recipe("adam"), Programs(mirrored())), fit(JOBS["adam"], eagerly=True)
    require_frozen(ours)
    for array, other in zip(ours[-1], theirs.weights[-1], strict=True):
        np.testing.assert_allclose(array, other, rtol=0, atol=1e-6)


def test_programs_of_a_frozen_network_and_of_the_same_one_unfrozen_are_two() -> None:
    programs, asked = Programs(), recipe("adam")
    made = [programs.get(Epochs, network, asked, Fed(40)).result() for network in _both()]
    assert made[0] is not made[1]
    first, again = run(NETWORK, asked, programs), run(Network.of(NETWORK.unfrozen), asked, programs)
    require_frozen(first)
    assert first[-1][0].tobytes() != again[-1][0].tobytes()
    assert run(NETWORK, asked, programs)[-1][2].tobytes() == first[-1][2].tobytes()


def _both() -> tuple[Network, Network]:
    return NETWORK, Network.of(NETWORK.unfrozen)


def test_kerass_model_has_the_layers_frozen() -> None:
    assert [[layer.trainable for layer in build(network).layers[1:]] for network in _both()] == [
        [False, True],
        [True, True],
    ]


def test_a_frozen_layer_is_named_whose_own_numbers_are_broken() -> None:
    start = JOBS["sgd"].model().get_weights()
    start[0][0, 0] = np.nan
    training = begun(NETWORK, recipe("sgd"), Programs(), start)
    training.advance(training.end)
    with pytest.raises(Broken, match="the weights of layer 'hidden' had it first") as caught:
        training.advance(training.end)
    assert (caught.value.epoch, caught.value.batch, caught.value.layer) == (1, 1, "hidden")


@pytest.mark.parametrize(
    ("layer", "shape"),
    [("Bidirectional(LSTM 2)", (4, 3)), ("TimeDistributed(Dense 2)", (4, 3)), ("ConvLSTM1D 2 2", (4, 3, 2))],
)
def test_what_is_within_a_frozen_layer_is_frozen_in_kerass_model(layer: str, shape: tuple[int, ...]) -> None:
    network = chain_network(shape, f"{layer}, Flatten, 1 linear")
    for trains in (False, True):
        model = build(network.with_trained((0,), trains))
        own = own_layers(model)[0]
        assert [one.trainable for one in own.weights] == [trains] * len(own.weights)
        assert len(model.trainable_weights) == 2 + trains * len(own.weights)
