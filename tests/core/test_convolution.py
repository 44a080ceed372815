"""Convolution, pooling and flattening: against Keras, by hand, written out as a matrix, and their idle units."""

from __future__ import annotations

import gc
import warnings
from math import prod
from typing import TYPE_CHECKING, Any
from weakref import ref

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.arrays import frozen
from core.calculation import running, written_out
from core.calculation.agreement import agreement
from core.calculation.forward import MOST_WRITTEN_OUT, predict, trace
from core.calculation.spot import Kind, Spot, in_words, weight_index
from core.engine import keras_model
from core.errors import Refused
from core.findings.units import Finding, LayerUnits, idle_units
from core.findings.units import Kind as Idle
from core.layers.activation_layers import Activation
from core.layers.convolution import Conv1D, Conv2D, Convolution
from core.layers.dense import Dense
from core.layers.identity import Dropout
from core.layers.pooling import AveragePooling1D, AveragePooling2D, MaxPooling1D, MaxPooling2D, Pooling
from core.layers.reshaping import Flatten
from core.model.weights import Weights
from core.operations.rounding import EXACT
from core.operations.run import Ready
from tests.core.images import Windows, chains, drawn_points, drawn_weights, network_over, numbers, windows

if TYPE_CHECKING:
    from core.arrays import Array, KerasArray
    from core.calculation.agreement import Parting
    from core.calculation.forward import Step, Trace
    from core.layers.layer import Layer
    from core.model.network import Network

keras: Any = vars(keras_model)["keras"]

# Keras


def keras_layer(layer: Layer, axes: int) -> Any:
    layers = keras.layers
    match layer:
        case Convolution():
            kind = layers.Conv1D if axes == 1 else layers.Conv2D
            settings = {"activation": layer.activation, "use_bias": layer.use_bias}
            return kind(layer.filters, layer.kernel_size, layer.strides, layer.padding, **settings)
        case Pooling(takes="max"):
            kind = layers.MaxPooling1D if axes == 1 else layers.MaxPooling2D
            return kind(layer.pool_size, layer.strides, layer.padding)
        case Pooling():
            kind = layers.AveragePooling1D if axes == 1 else layers.AveragePooling2D
            return kind(layer.pool_size, layer.strides, layer.padding)
        case Activation(activation=name):
            return layers.Activation(name)
        case Dropout(rate=rate):
            return layers.Dropout(rate)
        case Dense():
            return layers.Dense(layer.units, layer.activation, layer.use_bias)
    return layers.Flatten()


def keras_outputs(network: Network, weights: Weights, points: KerasArray) -> list[KerasArray]:
    """Return what Keras's layers, one after the other, make of the points: with the shapes that Keras gives them."""
    values: Any = keras.ops.convert_to_tensor(points.reshape(-1, *network.shape))
    outputs = []
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="You are using a softmax over axis")
        for layer, arrays in zip(network.layers, weights.layers, strict=True):
            made = keras_layer(layer, len(network.shape) - 1)
            made.build(values.shape)
            made.set_weights(arrays)
            values = made(values, training=False) if isinstance(layer, Dropout) else made(values)
            outputs.append(np.asarray(values, dtype=np.float32))
    return outputs


def parting(steps: Trace, outputs: list[KerasArray]) -> Parting | None:
    """Return where Keras's outputs, the last of which ``predict`` gave too, part from the calculation."""
    return agreement(steps, outputs, outputs[-1]).parting


@settings(deadline=None, max_examples=120)
@given(chains(), st.integers(0, 2**32 - 1))
def test_every_layer_is_kerass(network: Network, seed: int) -> None:
    weights, points = drawn_weights(network, seed), drawn_points(network, seed)
    outputs = keras_outputs(network, weights, points)
    assert tuple(output.shape[1:] for output in outputs) == network.shapes()[1:]
    steps = trace(network, weights, points[0])
    assert parting(steps, [output[0].reshape(-1) for output in outputs]) is None
    predicted = predict(network, weights, points)
    np.testing.assert_allclose(predicted, outputs[-1].reshape(len(points), -1), rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(predicted[0], steps.prediction, rtol=1e-12, atol=1e-13)


def test_a_slip_in_a_convolution_is_seen() -> None:
    network = network_over((6, 6, 1), Conv2D("conv", 2, (3, 3), (1, 1)), MaxPooling2D("pool", (2, 2), (2, 2)))
    steps = trace(network, drawn_weights(network, 0), drawn_points(network, 0)[0])
    outputs = [step.output.astype(np.float32) for step in steps.steps]
    assert parting(steps, outputs) is None
    outputs[1][3] += 1e-4
    found = parting(steps, outputs)
    assert found is not None and found.spot == Spot(1, Kind.OUTPUT, 3)
    assert found.tolerance < 1e-5


def test_infinity_spoils_only_what_is_connected_to_it() -> None:
    network = network_over((5, 1), Conv1D("conv", 1, (2,), (1,)))
    weights = Weights.for_network(network, [[np.ones((2, 1, 1)), [0.5]]])
    steps = trace(network, weights, numbers([1, 2, 3, 4, np.inf]))
    assert steps.prediction.tolist() == [3.5, 5.5, 7.5, np.inf]
    assert parting(steps, [np.array([3.5, 5.5, 7.5, np.inf], np.float32)]) is None
    found = parting(steps, [np.array([3.5, 5.6, 7.5, np.inf], np.float32)])
    assert found is not None and found.spot.unit == 1


# By hand


def test_a_kernel_is_not_turned_round_and_every_filter_has_its_bias() -> None:
    network = network_over((3, 1), Conv1D("conv", 2, (2,), (1,)))
    weights = Weights.for_network(network, [[[[[1, 0]], [[10, 1]]], [0.5, -1]]])
    assert predict(network, weights, numbers([[1, 2, 3]])).tolist() == [[21.5, 1, 32.5, 2]]


def test_padding_never_is_the_largest_and_is_not_counted_in_the_mean() -> None:
    for kind, pooled in ((MaxPooling1D, [-1, -2]), (AveragePooling1D, [-2, -2])):
        network = network_over((3, 1), kind("pool", (2,), (2,), "same"))
        weights = Weights.for_network(network, [[]])
        assert predict(network, weights, numbers([[-3, -1, -2]])).tolist() == [pooled]
        assert trace(network, weights, numbers([-3, -1, -2])).prediction.tolist() == pooled


def test_glu_halves_the_filters_of_every_place() -> None:
    network = network_over((2, 1), Conv1D("conv", 4, (1,), (1,), activation="glu"), Flatten("flat"))
    weights = Weights.for_network(network, [[[[[1, 2, 0, 50]]], [0, 0, 0, 0]], []])
    assert network.shapes() == ((2, 1), (2, 2), (4,))
    step, _ = trace(network, weights, numbers([1, 3])).steps
    assert step.pre_activation is not None and step.pre_activation.size == 8
    np.testing.assert_allclose(step.output, [0.5, 2, 1.5, 6])
    assert in_words(network, Spot(0, Kind.Z, 7)) == "the pre-activation of conv, place 2, filter 4"
    assert in_words(network, Spot(0, Kind.OUTPUT, 3)) == "the output of conv, place 2, filter 2"


# Written out


def written(step: Step) -> Array:
    assert step.kernel is not None
    return step.kernel


@settings(deadline=None)
@given(chains(), st.integers(0, 2**32 - 1))
def test_written_out_a_layer_makes_the_same(network: Network, seed: int) -> None:
    steps = trace(network, drawn_weights(network, seed), drawn_points(network, seed)[0]).steps
    for step, before, after in zip(steps, network.shapes(), network.shapes()[1:], strict=False):
        assert step.shape == before and step.inputs.size == prod(before) and step.output.size == prod(after)
        if step.kernel is None:
            continue
        assert step.weighted_sum is not None and step.pre_activation is not None
        assert step.kernel.shape == (prod(before), step.weighted_sum.size)
        np.testing.assert_allclose(step.inputs @ step.kernel, step.weighted_sum, rtol=1e-12, atol=1e-12)
        bias = 0.0 if step.bias is None else step.bias
        np.testing.assert_allclose(step.weighted_sum + bias, step.pre_activation, rtol=1e-12, atol=1e-12)
        for unit in range(step.weighted_sum.size):
            unconnected = np.setdiff1d(np.arange(step.inputs.size), step.connections(unit))
            assert not step.kernel[unconnected, unit].any()


@given(windows(5), st.integers(1, 3), st.integers(1, 3), st.integers(0, 10**6))
def test_the_matrix_has_every_weight_where_its_index_says(
    drawn: Windows, channels: int, filters: int, seed: int
) -> None:
    places, window, strides, padding = drawn
    layer = (Conv2D if len(window) == 2 else Conv1D)("conv", filters, window, strides, padding)
    network = network_over((*places, channels), layer)
    kernel = frozen(np.random.default_rng(seed).normal(size=(*window, channels, filters)))
    matrix = written_out.kernel_written_out(layer, network.shape, kernel, EXACT)
    for row, unit in np.ndindex(matrix.shape):
        index = weight_index(network, Spot(0, Kind.WEIGHT, unit, row))
        assert matrix[row, unit] == (0.0 if index is None else kernel[index])


def test_what_pooling_and_flattening_have_not_is_none() -> None:
    network = network_over((4, 4, 1), MaxPooling2D("max", (2, 2), (2, 2)), Flatten("flat"))
    largest, flat = trace(network, Weights.for_network(network, [[], []]), numbers(np.arange(16))).steps
    for step in (largest, flat):
        assert step.kernel is step.weighted_sum is step.bias is step.pre_activation is None
        assert step.activation == "linear"
    assert largest.output.tolist() == flat.output.tolist() == [5, 7, 13, 15]
    assert largest.connections(1).tolist() == [2, 3, 6, 7]


def test_another_x_needs_no_other_matrix_and_another_kernel_does() -> None:
    network = network_over((5, 5, 1), Conv2D("conv", 2, (3, 3), (1, 1), "same"))
    weights = drawn_weights(network, 0)
    matrices = [written(trace(network, weights, point).steps[0]) for point in drawn_points(network, 0, 2)]
    assert matrices[0] is matrices[1]
    with pytest.raises(ValueError, match="read-only"):
        matrices[0][0, 0] = 1.0
    changed = weights.with_number(0, 0, (1, 1, 0, 0), 5.0)
    assert written(trace(network, changed, np.zeros(25)).steps[0])[0, 0] == 5.0
    wider = network_over((5, 5, 1), Conv2D("conv", 2, (3, 3), (2, 2), "same"))
    assert written(trace(wider, weights, np.zeros(25)).steps[0]).shape == (25, 18)


def test_few_matrices_are_kept_and_no_weights_for_their_sake() -> None:
    network = network_over((4, 1), Conv1D("conv", 1, (2,), (1,)))
    many = [drawn_weights(network, seed) for seed in range(9)]
    for weights in many:
        trace(network, weights, np.zeros(4))
    assert len(written_out._kept) == written_out.KEPT
    del many, weights
    gc.collect()
    assert all(kernel() is None for kernel, _ in written_out._kept.values())
    last = drawn_weights(network, 0)
    trace(network, last, np.zeros(4))
    assert [kernel() for kernel, _ in written_out._kept.values()] == [last.layers[0][0]]


def test_the_matrix_of_a_kernel_that_is_gone_is_not_taken_for_another_with_its_id() -> None:
    layer = Conv1D("conv", 1, (2,), (1,))
    network = network_over((4, 1), layer)
    weights, other = drawn_weights(network, 0), drawn_weights(network, 1)
    kernel = weights.layers[0][0]
    written_out._kept[id(kernel), network.shape, layer] = (ref(other.layers[0][0]), np.full((4, 3), 7.0))
    assert written(trace(network, weights, np.zeros(4)).steps[0])[0, 0] == kernel[0, 0, 0]


@pytest.mark.parametrize(
    "layer",
    [Conv2D("big", 8, (3, 3), (1, 1), "same"), AveragePooling2D("big", (3, 3), (1, 1), "same")],
    ids=["convolution", "average"],
)
def test_what_is_too_large_to_write_out_is_refused_and_still_predicts(layer: Layer) -> None:
    network = network_over((60, 60, 1), layer)
    assert 3600 * network.outputs > MOST_WRITTEN_OUT
    weights = drawn_weights(network, 0)
    with pytest.raises(Refused, match=r"big: expected at most 8,388,608 numbers .* got 3,600 x .*can predict"):
        trace(network, weights, np.zeros(3600))
    assert predict(network, weights, np.zeros((2, 3600))).shape == (2, network.outputs)


def test_a_large_max_pooling_has_nothing_to_write_out() -> None:
    network = network_over((50, 50, 1), MaxPooling2D("big", (3, 3), (1, 1), "same"))
    assert trace(network, Weights.for_network(network, [[]]), np.ones(2500)).prediction.tolist() == [1.0] * 2500


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
