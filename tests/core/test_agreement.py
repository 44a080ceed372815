"""Whether the calculation by hand agrees with Keras, by how much float32 may be off, and where they part."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import keras
import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.activations import ACTIVATIONS, HALVING
from core.calculation.agreement import apart
from core.calculation.agreement import parting as found_parting
from core.calculation.calculated import calculated
from core.calculation.followed import Asked, follow
from core.engine.built import build, layer_outputs, set_weights
from core.engine.keras_model import predict
from core.layers.activation_layers import Activation, ReLU
from core.layers.attention import Attention
from core.layers.dense import Dense
from core.layers.embedding import Embedding, Masking
from core.layers.encoding import Discretization
from core.layers.identity import Dropout
from core.layers.normalization import Rescaling
from core.layers.recurrent import GRU, SimpleRNN
from core.model.graph import Input, chain
from core.model.network import Network
from core.model.weights import Weights
from core.operations.bounds import offs
from core.operations.operation import FUNCTION, ROUNDING
from core.operations.rounding import EXACT
from tests.core.images import chains, drawn_points, drawn_weights
from tests.graphs import opened, point
from tests.traced import trace

if TYPE_CHECKING:
    from core.arrays import AnyArray, Array, KerasArray
    from core.calculation.agreement import Parting
    from core.calculation.followed import Followed
    from core.layers.layer import Layer
    from core.model.graph import Graph
    from tests.traced import Trace

JUMPS = ("hard_shrink", "sparsemax")
"""hard_shrink jumps, where a last bit decides; Keras's sparsemax is another function (see the README)."""

SMOOTH = [name for name in ACTIVATIONS if name not in HALVING and name not in JUMPS]


def by_hand(network: Network, weights: Weights, x: AnyArray) -> Followed:
    """Return the exact calculation."""
    return follow(Asked(network, weights, np.asarray(x, dtype=np.float64)))


def parting(made: Followed, outputs: list[KerasArray]) -> Parting | None:
    """Return where Keras's layers part; its predict gives what the last one does."""
    return made.compared(outputs, outputs[-1]).parting


def drawn(network: Network, seed: int, scale: float = 1.0) -> Weights:
    random = np.random.default_rng(seed)
    layers = tuple(
        tuple(random.normal(0, scale, shape).astype(np.float32) for shape in shapes) for shapes in network.weight_shapes
    )
    return Weights.for_network(network, layers)


@settings(deadline=None, max_examples=30)
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
    network = Network.chain(inputs, (*dense[:1], Dropout("drop", 0.5), *dense[1:]))
    weights = drawn(network, seed, scale)
    x = np.random.default_rng(seed).normal(size=inputs).astype(np.float32)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="You are using a softmax over axis")
        model = build(network)
        set_weights(model, weights.layers)
        outputs, predicted = layer_outputs(model, x), predict(model, x[None])[0]
    np.testing.assert_array_equal(outputs[1], outputs[0])
    np.testing.assert_allclose(predicted, outputs[-1], rtol=1e-5, atol=1e-5)
    assert parting(by_hand(network, weights, x), outputs) is None


def test_the_tolerance_is_tight_enough_to_see_a_slip() -> None:
    network = Network.chain(2, (Dense("hidden", 5, "tanh"), Dense("output", 1, "tanh")))
    weights = drawn(network, 0)
    made = by_hand(network, weights, np.array([0.3, 0.1]))
    found = offs(made.model.written.program, made.model.numbers)
    bounds = [found[made.model.written.of_call(path)["output"]] for path in network.paths]
    assert all((bound < 5e-6).all() for bound in bounds)
    outputs = outputs_of(made)
    outputs[0] = outputs[0] + np.array([0, 0, 2e-5, 0, 0], np.float32)
    parts = parting(made, outputs)
    assert parts is not None
    assert (parts.value.call, parts.index) == (("hidden",), (2,))
    assert parts.keras - parts.by_hand == pytest.approx(2e-5, rel=0.01)
    assert parts.tolerance == bounds[0][2]


@pytest.mark.parametrize("words", [[1, 0, 3], [0, 4, 0], [2, 2, 1]])
def test_a_word_that_is_masked_is_known_to_be_and_loosens_no_tolerance(words: list[int]) -> None:
    layers = [Embedding("rows", input_dim=5, output_dim=3, mask_zero=True), GRU("gru", 2)]
    network = Network.of(chain("masked", Input("words", (3,)), layers))
    made = by_hand(network, drawn(network, 0), np.array(words))
    assert all((bound < 5e-5).all() for bound in offs(made.model.written.program, made.model.numbers))


def outputs_of(made: Followed) -> list[KerasArray]:
    """Return every layer's outputs as they are by hand, in float32."""
    steps = trace(made.asked.network, made.asked.weights, made.asked.x).steps
    return [step.output.astype(np.float32) for step in steps]


def in_float32(network: Network, weights: Weights, x: Array) -> list[KerasArray]:
    """Return every layer's outputs as Keras has them."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="You are using a softmax over axis")
        model = build(network)
        set_weights(model, weights.layers)
        return layer_outputs(model, x.astype(np.float32))


def worst_case(steps: Trace) -> Array:
    """Return how far the outputs may be off if no two roundings cancelled, as in Higham's chapter 3."""
    off = ROUNDING * np.abs(steps.x)
    for step in steps.steps:
        assert step.kernel is not None and step.bias is not None and step.pre_activation is not None
        sizes, z = np.abs(step.kernel.T), step.pre_activation
        off = (len(step.kernel) + 2) * ROUNDING * (sizes @ np.abs(step.inputs) + np.abs(step.bias)) + sizes @ off
        off = np.maximum(np.abs(np.tanh(z + off) - np.tanh(z)), np.abs(np.tanh(z - off) - np.tanh(z))) + FUNCTION
    return np.asarray(off)


@pytest.mark.parametrize("widths", [(4096, 4096, 1), (784, 1024, 512, 10), (512,) * 7])
def test_for_wide_layers_the_tolerance_is_far_below_the_worst_case_and_keras_is_within(widths: tuple[int, ...]) -> None:
    layers = tuple(Dense(f"layer_{place}", units, "tanh") for place, units in enumerate(widths[1:]))
    network = Network.chain(widths[0], layers)
    random = np.random.default_rng(0)
    shapes = network.weight_shapes
    arrays = [[random.normal(0, shape[0] ** -0.5, shape).astype(np.float32) for shape in pair] for pair in shapes]
    weights = Weights.for_network(network, arrays)
    x = random.uniform(0, 1, widths[0])
    steps = trace(network, weights, x)
    outputs = in_float32(network, weights, x)
    found = by_hand(network, weights, x).compared(outputs, outputs[-1])
    assert found.parting is None
    assert (10 * found.tolerances <= worst_case(steps)).all()


@pytest.mark.parametrize("weight", [1.0, 0.1, 1 / 3])
@pytest.mark.parametrize("function", ["softplus", "tanh", "relu", "linear"])
def test_units_that_are_all_the_same_are_off_in_the_same_way(weight: float, function: str) -> None:
    network = Network.chain(512, tuple(Dense(f"layer_{place}", 512, function) for place in range(4)))
    shapes = network.weight_shapes
    arrays = [[np.full(pair[0], weight / 512), np.full(pair[1], -0.2)] for pair in shapes]
    weights = Weights.for_network(network, arrays)
    x = np.full(512, 0.7)
    assert parting(by_hand(network, weights, x), in_float32(network, weights, x)) is None


@settings(deadline=None, max_examples=30)
@given(chains(), st.integers(0, 10**6))
def test_keras_is_within_it_over_images_too(network: Network, seed: int) -> None:
    weights, x = drawn_weights(network, seed), drawn_points(network, seed, 1)[0].astype(np.float64)
    assert parting(by_hand(network, weights, x), in_float32(network, weights, x)) is None


@pytest.mark.parametrize(
    ("ours", "keras", "parts"),
    [
        (np.nan, np.nan, False),
        (np.nan, 1.0, True),
        (1.0, np.nan, True),
        (1.0, np.inf, True),
        (1.0, -np.inf, True),
        (np.inf, np.inf, False),
        (np.inf, -np.inf, True),
        (np.inf, 3e38, True),
        (1e39, np.inf, False),
        (-1e39, np.inf, True),
        (1.0, 1.0, False),
        (1.0, 1.5, True),
    ],
)
def test_what_is_not_finite_agrees_with_the_same_only(ours: float, keras: float, parts: bool) -> None:
    network = Network.chain(1, (Dense("output", 2, use_bias=False),))
    weights = Weights.for_network(network, ((np.array([[0.5, 1.0]], np.float32),),))
    made = by_hand(network, weights, np.array([1.0]))
    numbers = list(made.model.numbers)
    numbers[made.model.written.outputs[0]] = np.array([0.5, ours])
    made = replace(made, model=replace(made.model, numbers=tuple(numbers)))
    found = parting(made, [np.array([0.5, keras], np.float32)])
    assert (found is not None) == parts
    assert found is None or found.index == (1,)


def test_equal_numbers_do_not_part_whatever_came_before() -> None:
    network = Network.chain(2, (Dense("hidden", 2, "tanh"), Dense("more", 2, "tanh"), Dense("output", 2)))
    hidden, more = np.array([[np.inf, np.nan], [0.0, 1.0]]), np.array([[1.0, 1.0], [0.0, 0.0]])
    arrays = ((hidden, np.zeros(2)), (more, np.zeros(2)), (np.eye(2), np.zeros(2)))
    made = by_hand(network, Weights.for_network(network, arrays), np.array([2.0, 2.0]))
    first, wrong = outputs_of(made)[0], outputs_of(made)
    assert first[0] == 1.0 and np.isnan(first[1])
    assert parting(made, outputs_of(made)) is None
    wrong[0][0] = 0.5
    found = parting(made, wrong)
    assert found is not None and (found.value.call, found.index) == (("hidden",), (0,))


WIDE = st.floats(-100.0, 100.0) | st.floats(-1e-36, 1e-36) | st.sampled_from((-70.5, -99.8, 1e-40, -1e-45, 1e30, -1e25))
SIZES = 10.0 ** np.linspace(-9.0, 1.0, 24)
"""Numbers of all sizes: float32's approximations are off most where they are small."""


@pytest.mark.parametrize("name", [name for name in ACTIVATIONS if name not in JUMPS])
@settings(deadline=None, max_examples=6)
@given(numbers=st.lists(WIDE, min_size=24, max_size=24))
def test_no_activation_parts_from_keras_over_a_wide_range_and_below_float32s_smallest_numbers(
    name: str, numbers: list[float]
) -> None:
    z = np.concatenate([numbers, SIZES, -SIZES])
    network = Network.chain(z.size, (Activation("only", name),))
    made = by_hand(network, Weights.for_network(network, [()]), z)
    outputs = np.asarray(keras.activations.get(name)(keras.ops.convert_to_tensor(z.astype(np.float32)[None])))
    assert parting(made, [outputs[0]]) is None


@pytest.mark.parametrize("function", ["linear", "relu", "tanh"])
def test_numbers_that_float32_flushes_to_0_do_not_part(function: str) -> None:
    network = Network.chain(2, (Dense("hidden", 2, function), Dense("output", 1)))
    arrays = ((np.array([[1.0, 1e-39], [1e-20, 3e-39]]), np.zeros(2)), (np.ones((2, 1)), np.zeros(1)))
    weights, x = Weights.for_network(network, arrays), np.array([1e-40, 2e-20])
    assert parting(by_hand(network, weights, x), in_float32(network, weights, x)) is None


def followed(shape: tuple[int, ...], *layers: Layer, **flags: bool) -> Graph:
    """Return a chain whose first call has these flags; a layer that attends attends to what it is given."""
    graph = chain("followed", Input("x", shape), layers)
    first = graph.calls[0]
    twice = {"sources": first.sources * 2, "listed": True} if isinstance(layers[0], Attention) else {}
    return msgspec.structs.replace(
        graph, calls=(msgspec.structs.replace(first, named=tuple(flags.items()), **twice), *graph.calls[1:])
    )


SEEN = {
    "scores that a mask puts far below": followed((4, 3), Attention("attention"), use_causal_mask=True),
    "steps masked where an activation is 0": followed((4, 3), ReLU("relu"), Masking("mask"), SimpleRNN("steps", 2)),
    "places of a class": followed(
        (4,), Discretization("bins", bin_boundaries=(-0.5, 0.1, 0.7), output_mode="multi_hot")
    ),
    "how often a class is said": followed((4,), Discretization("bins", bin_boundaries=(0.1,), output_mode="count")),
    "small results of a function": followed((3,), Rescaling("less", scale=1e-3), Activation("bent", "tanh")),
    "a sigmoid far below 0": followed((3,), Rescaling("less", scale=1.0, offset=-9.0), Activation("bent", "sigmoid")),
    "zeros in a product": followed((3,), ReLU("relu", max_value=0.0), Dense("sum", 2), Activation("bent", "elu")),
}


@pytest.mark.parametrize("graph", SEEN.values(), ids=SEEN)
def test_a_fault_of_a_ten_thousandth_is_seen(graph: Graph) -> None:
    model = opened(graph)
    made = calculated(graph, model.weights, point(model), EXACT)
    ours = made.numbers[made.written.outputs[0]]
    keras = ours.astype(np.float32)
    assert found_parting(made, {}, [keras]) is None
    at = np.unravel_index(np.argmax(np.abs(ours)), ours.shape)
    keras[at] *= 1.0001
    found = found_parting(made, {}, [keras])
    assert found is not None and found.index == at


@pytest.mark.parametrize("predicted", [0.5 + 0.55, np.nan, np.inf])
def test_what_predict_gives_is_judged_though_every_layer_agrees(predicted: float) -> None:
    network = Network.chain(2, (Dense("hidden", 3, "tanh"), Dense("output", 1)))
    made = by_hand(network, drawn(network, 0), np.array([0.3, 0.1]))
    outputs = outputs_of(made)
    assert made.compared(outputs, outputs[-1]).parting is None
    found = made.compared(outputs, np.array([predicted], np.float32)).parting
    assert found is not None and found.in_predict and (found.value.call, found.index) == (("output",), (0,))
    assert found.by_hand == made.exact.prediction[0]


@pytest.mark.parametrize(
    ("ours", "theirs", "said"),
    [
        ([1.0, np.inf], [1.0, np.inf], "differ 0"),
        ([1.5, np.nan], [1.0, np.nan], "differ 0.5000"),
        ([np.inf], [np.inf], "both are infinite"),
        (np.nan, np.nan, "both are NaN"),
        ([1.0, np.nan], [1.0, 2.0], "one of them is not finite"),
        (np.inf, -np.inf, "one of them is not finite"),
        (np.inf, 3.0, "one of them is not finite"),
        ([], [], "differ 0"),
    ],
)
def test_how_far_apart_numbers_are_is_said_of_those_that_are_not_finite_too(ours: Any, theirs: Any, said: str) -> None:
    assert apart(ours, theirs) == said
