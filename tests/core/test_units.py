"""Dead, constant and saturated units: by hand, against Keras's own outputs, and stopped between two pieces."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.calculation.running import OUTPUTS
from core.chunks import Stopped, until
from core.data.dataset import PRESETS, generate
from core.engine import keras_model
from core.engine.built import build, set_weights
from core.errors import Refused
from core.findings.units import SATURATED_FROM, STEEP, Finding, Kind, idle_units
from core.layers.activation_layers import Activation
from core.layers.dense import Dense
from core.layers.identity import Dropout
from core.model.initial import initial_weights
from core.model.layers_text import chain_network
from core.model.network import Network
from core.model.tutorial import trained
from core.model.weights import Weights

keras: Any = vars(keras_model)["keras"]

LINE = np.linspace(-1, 1, 101, dtype=np.float32)[:, np.newaxis]
"""Points of one number, from -1 to 1."""


def one_layer(activation: str, kernel: list[float], bias: list[float]) -> tuple[Network, Weights]:
    network = Network.chain(1, (Dense("layer", len(kernel), activation),))
    return network, Weights.for_network(network, [[[kernel], bias]])


def found(activation: str, kernel: float, bias: float, points: np.ndarray = LINE) -> list[tuple[Kind, float]]:
    (layer,) = idle_units(*one_layer(activation, [kernel], [bias]), points)
    assert layer.units == 1
    return [(finding.kind, finding.share) for finding in layer.findings]


@pytest.mark.parametrize(
    ("activation", "kernel", "bias", "expected"),
    [
        ("relu", 1.0, -1.0, [(Kind.DEAD, 1.0)]),
        ("relu", 1.0, -0.99, []),
        ("relu6", -1.0, -2.0, [(Kind.DEAD, 1.0)]),
        ("relu", 0.0, 2.0, [(Kind.CONSTANT, 1.0)]),
        ("linear", 0.0, 0.0, [(Kind.DEAD, 1.0)]),
        ("linear", 1.0, 0.0, []),
        ("linear", 1e-12, 1.0, [(Kind.CONSTANT, 1.0)]),
        ("tanh", 1.0, 0.0, []),
        ("tanh", 0.1, -4.0, [(Kind.SATURATED, 1.0)]),
        ("tanh", 0.0, 9.0, [(Kind.CONSTANT, 1.0), (Kind.SATURATED, 1.0)]),
        ("sigmoid", 0.0, 0.0, [(Kind.CONSTANT, 1.0)]),
        ("sigmoid", 0.1, 6.0, [(Kind.SATURATED, 1.0)]),
        ("sigmoid", 0.1, -6.0, [(Kind.SATURATED, 1.0)]),
        ("hard_tanh", 1.0, 3.0, [(Kind.CONSTANT, 1.0), (Kind.SATURATED, 1.0)]),
        ("softmax", 1.0, 3.0, [(Kind.CONSTANT, 1.0)]),
        ("linear", 0.0, math.inf, [(Kind.CONSTANT, 1.0), (Kind.ODD, 1.0)]),
    ],
)
def test_what_is_wrong_with_a_unit(
    activation: str, kernel: float, bias: float, expected: list[tuple[Kind, float]]
) -> None:
    assert found(activation, kernel, bias) == expected


def test_saturated_is_said_from_nine_points_in_ten_on() -> None:
    assert SATURATED_FROM == 0.9
    points = np.zeros((10, 1), dtype=np.float32)
    points[:9] = 1.0
    assert found("tanh", 3.0, 0.0, points) == [(Kind.SATURATED, 0.9)]
    points[:2] = 0.0
    assert found("tanh", 3.0, 0.0, points) == []


def test_units_are_counted_from_0_and_come_in_order() -> None:
    (layer,) = idle_units(*one_layer("relu", [1.0, 0.0, 1.0, -1.0], [0.0, 1.0, -2.0, -1.0]), LINE)
    assert layer.findings == (
        Finding(1, Kind.CONSTANT, 1.0),
        Finding(2, Kind.DEAD, 1.0),
        Finding(3, Kind.DEAD, 1.0),
    )


def test_nan_is_neither_dead_nor_constant() -> None:
    assert found("relu", math.nan, 0.0) == [(Kind.ODD, 1.0)]
    assert found("tanh", 1.0, math.nan) == [(Kind.ODD, 1.0)]


def test_one_point_makes_no_unit_constant() -> None:
    assert found("linear", 1.0, 3.0, LINE[:1]) == []
    assert found("relu", 1.0, -5.0, LINE[:1]) == [(Kind.DEAD, 1.0)]


def test_activations_are_looked_at_and_dropout_is_passed_over() -> None:
    network = Network.chain(1, (Dense("a", 2), Dropout("drop", 0.5), Activation("b", "relu")))
    weights = Weights.for_network(network, [[[[1.0, -1.0]], [-3.0, 0.0]], [], []])
    dense, activation = idle_units(network, weights, LINE)
    assert (dense.place, dense.findings) == (0, ())
    assert (activation.place, activation.findings) == (2, (Finding(0, Kind.DEAD, 1.0),))


def test_the_tutorials_units_all_work() -> None:
    network, weights = trained()
    layers = idle_units(network, weights, generate(PRESETS[0].rule).points)
    assert [(layer.place, layer.units, layer.findings) for layer in layers] == [(0, 5, ()), (1, 1, ())]


@pytest.mark.parametrize("points", [np.zeros((0, 1)), np.zeros((3, 2)), np.zeros(3)])
def test_points_that_do_not_fit_are_refused(points: np.ndarray) -> None:
    with pytest.raises(Refused, match="expected points of 1 number"):
        idle_units(*one_layer("relu", [1.0], [0.0]), points)


def test_the_work_ends_at_the_next_piece_once_nobody_waits() -> None:
    answers = iter([False, True])
    with pytest.raises(Stopped):
        idle_units(*one_layer("relu", [1.0], [0.0]), np.zeros((3 * OUTPUTS, 1)), until(lambda: next(answers)))
    assert list(answers) == []


@given(st.integers(1, 60), st.integers(0, 2**32 - 1))
@settings(deadline=None)
def test_pieces_of_any_size_find_the_same(rows: int, seed: int) -> None:
    network, weights = broken(seed)
    points = np.random.default_rng(seed).random((60, 3), dtype=np.float32)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.calculation.running.OUTPUTS", rows * max(network.widths()))
        in_pieces = idle_units(network, weights, points)
    assert in_pieces == idle_units(network, weights, points)


def broken(seed: int) -> tuple[Network, Weights]:
    """Return a network of which about half of the units do no work."""
    network = chain_network(3, "8 relu, 6 tanh, 5 sigmoid, 2 tanh")
    weights, generator = initial_weights(network, seed), np.random.default_rng(seed)
    for place, layer in enumerate(weights.layers):
        kernel, bias = (np.array(array) for array in layer)
        bias += generator.choice([0.0, 0.0, -4.0, 5.0], bias.shape).astype(np.float32)
        kernel[:, generator.random(bias.shape) < 0.2] = 0.0
        weights = weights.with_layer(place, (kernel, bias))
    return network, weights


@pytest.mark.parametrize("seed", range(3))
def test_keras_has_the_same_outputs_in_the_units_that_are_found(seed: int) -> None:
    network, weights = broken(seed)
    points = np.random.default_rng(seed).random((80, 3), dtype=np.float32)
    model = build(network)
    set_weights(model, weights.layers)
    values: Any = keras.ops.convert_to_tensor(points)
    layers = idle_units(network, weights, points)
    assert sum(len(layer.findings) for layer in layers) > 5
    for keras_layer, layer, made in zip(model.layers[1:], network.layers, layers, strict=True):
        values = keras_layer(values)
        assert isinstance(layer, Dense)
        assert made.findings == expected(str(layer.activation), np.asarray(values))


def expected(activation: str, outputs: np.ndarray) -> tuple[Finding, ...]:
    """Return the findings by their definitions, one unit after the other."""
    findings = []
    for unit, column in enumerate(outputs.T):
        if (column == 0).all():
            findings.append(Finding(unit, Kind.DEAD, 1.0))
        elif (column == column[0]).all():
            findings.append(Finding(unit, Kind.CONSTANT, 1.0))
        low, high = STEEP.get(activation, (-math.inf, math.inf))
        share = float(np.mean((column < low) | (column > high)))
        if share >= SATURATED_FROM:
            findings.append(Finding(unit, Kind.SATURATED, share))
    return tuple(findings)
