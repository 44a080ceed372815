"""Whether the calculation by hand agrees with Keras, by how much float32 may be off, and where they part."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.activations import ACTIVATIONS, HALVING
from core.calculation.agreement import parting, tolerances
from core.calculation.forward import trace
from core.calculation.spot import Kind, Spot
from core.engine.keras_model import build, layer_outputs, predict, set_weights
from core.model.network import Dense, Dropout, Network
from core.model.weights import Weights

JUMPS = ("hard_shrink", "sparsemax")
"""hard_shrink jumps, where a last bit decides; Keras's sparsemax is another function (see the README)."""

SMOOTH = [name for name in ACTIVATIONS if name not in HALVING and name not in JUMPS]


def drawn(network: Network, seed: int, scale: float = 1.0) -> Weights:
    random = np.random.default_rng(seed)
    layers = tuple(
        tuple(random.normal(0, scale, shape).astype(np.float32) for shape in shapes)
        for shapes in network.weight_shapes()
    )
    return Weights.for_network(network, layers)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.integers(1, 9), st.sampled_from(SMOOTH), st.booleans()), min_size=1, max_size=3),
    st.integers(1, 6),
    st.integers(0, 10**6),
    st.sampled_from([0.3, 1.0, 3.0]),
)
def test_keras_is_within_what_float32_explains(
    layers: list[tuple[int, str, bool]], inputs: int, seed: int, scale: float
) -> None:
    dense = [Dense(f"layer_{place}", *layer) for place, layer in enumerate(layers)]
    network = Network(inputs, (*dense[:1], Dropout("drop", 0.5), *dense[1:]))
    weights = drawn(network, seed, scale)
    x = np.random.default_rng(seed).normal(size=inputs).astype(np.float32)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="You are using a softmax over axis")
        model = build(network)
        set_weights(model, weights.layers)
        outputs, predicted = layer_outputs(model, x), predict(model, x[None])[0]
    np.testing.assert_array_equal(outputs[1], outputs[0])
    np.testing.assert_allclose(predicted, outputs[-1], rtol=1e-5, atol=1e-5)
    assert parting(trace(network, weights, x), outputs) is None


def test_the_tolerance_is_tight_enough_to_see_a_slip() -> None:
    network = Network(2, (Dense("hidden", 5, "tanh"), Dense("output", 1, "tanh")))
    weights = drawn(network, 0)
    steps = trace(network, weights, np.array([0.3, 0.1]))
    bounds = tolerances(steps)
    assert all((bound < 1e-5).all() for bound in bounds)
    outputs = [step.output.astype(np.float32) for step in steps.steps]
    outputs[0] = outputs[0] + np.array([0, 0, 2e-5, 0, 0], np.float32)
    found = parting(steps, outputs)
    assert found is not None
    assert found.spot == Spot(0, Kind.OUTPUT, 2)
    assert found.keras - found.by_hand == pytest.approx(2e-5, rel=0.01)
    assert found.tolerance == bounds[0][2]


def test_nan_and_infinity_agree_with_themselves_only() -> None:
    network = Network(2, (Dense("output", 2),))
    kernel = np.array([[np.nan, 3e38], [1.0, 3e38]], np.float32)
    weights = Weights.for_network(network, ((kernel, np.zeros(2, np.float32)),))
    steps = trace(network, weights, np.array([2.0, 2.0]))
    assert parting(steps, [np.array([np.nan, np.inf], np.float32)]) is None
    found = parting(steps, [np.array([1.0, np.inf], np.float32)])
    assert found is not None
    assert found.spot.unit == 0
