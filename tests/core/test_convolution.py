"""Convolution, pooling and flattening by hand, in pieces, and their idle units."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.calculation import running
from core.calculation.running import predict
from core.findings.units import Finding, LayerUnits, idle_units
from core.findings.units import Kind as Idle
from core.layers.convolution import Conv1D, Conv2D
from core.layers.dense import Dense
from core.layers.identity import Dropout
from core.layers.pooling import AveragePooling1D, MaxPooling1D, MaxPooling2D
from core.layers.reshaping import Flatten
from core.model.weights import Weights
from core.operations.run import Ready
from tests.core.images import drawn_points, drawn_weights, network_over, numbers

if TYPE_CHECKING:
    import pytest

    from core.arrays import Array


def test_infinity_spoils_only_what_is_connected_to_it() -> None:
    network = network_over((5, 1), Conv1D("conv", 1, (2,), (1,)))
    weights = Weights.for_network(network, [[np.ones((2, 1, 1)), [0.5]]])
    assert predict(network, weights, numbers([[1, 2, 3, 4, np.inf]])).tolist() == [[3.5, 5.5, 7.5, np.inf]]


def test_a_kernel_is_not_turned_round_and_every_filter_has_its_bias() -> None:
    network = network_over((3, 1), Conv1D("conv", 2, (2,), (1,)))
    weights = Weights.for_network(network, [[[[[1, 0]], [[10, 1]]], [0.5, -1]]])
    assert predict(network, weights, numbers([[1, 2, 3]])).tolist() == [[21.5, 1, 32.5, 2]]


def test_padding_never_is_the_largest_and_is_not_counted_in_the_mean() -> None:
    for kind, pooled in ((MaxPooling1D, [-1, -2]), (AveragePooling1D, [-2, -2])):
        network = network_over((3, 1), kind("pool", (2,), (2,), "same"))
        assert predict(network, Weights.for_network(network, [[]]), numbers([[-3, -1, -2]])).tolist() == [pooled]


def test_glu_halves_the_filters_of_every_place() -> None:
    network = network_over((2, 1), Conv1D("conv", 4, (1,), (1,), activation="glu"), Flatten("flat"))
    weights = Weights.for_network(network, [[[[[1, 2, 0, 50]]], [0, 0, 0, 0]], []])
    assert network.shapes() == ((2, 1), (2, 2), (4,))
    np.testing.assert_allclose(predict(network, weights, numbers([[1, 3]])), [[0.5, 2, 1.5, 6]])


def test_all_that_a_window_sees_counts_for_the_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    network = network_over((6, 6, 2), Conv2D("conv", 3, (3, 3), (1, 1)), MaxPooling2D("pool", (2, 2), (1, 1)))
    assert network.written.largest == 16 * 9 * 2
    weights, points = drawn_weights(network, 0), drawn_points(network, 0, 7)
    whole, pieces, run = predict(network, weights, points), [], Ready.__call__

    def watched(ready: Ready, values: Array) -> list[Array]:
        pieces.append(len(values))
        made: list[Array] = run(ready, values)
        return made

    monkeypatch.setattr("core.model.written.CHUNK", 2 * network.written.largest + 5)
    running.ready_values.cache_clear()
    monkeypatch.setattr(Ready, "__call__", watched)
    np.testing.assert_allclose(predict(network, weights, points), whole, rtol=1e-12)
    assert pieces == [2, 2, 2, 1]


# Units


def test_the_units_of_a_convolution_are_its_filters_over_all_places_and_points() -> None:
    layers = (
        Conv2D("conv", 4, (2, 2), (1, 1), "valid", "tanh"),
        MaxPooling2D("pool", (2, 2), (1, 1)),
        Dropout("drop", 0.5),
        Flatten("flat"),
        Dense("output", 1),
    )
    network = network_over((4, 4, 1), *layers)
    kernel = np.zeros((2, 2, 1, 4))
    kernel[0, 0, 0, 0] = kernel[1, 1, 0, 3] = 1.0
    weights = Weights.for_network(network, [[kernel, [0, 0, 9, 9]], [], [], [], [np.ones((16, 1)), [0]]])
    conv, output = idle_units(network, weights, drawn_points(network, 0, 20))
    assert (conv.place, conv.units) == (0, 4)
    assert conv.findings == (
        Finding(1, Idle.DEAD, 1.0),
        Finding(2, Idle.CONSTANT, 1.0),
        Finding(2, Idle.SATURATED, 1.0),
        Finding(3, Idle.SATURATED, 1.0),
    )
    assert output == LayerUnits(4, 1, ())
