"""The calculation step by step: traces, unfolded lines, rounding, what-ifs, letters, the boundary."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.activations import ACTIVATIONS, HALVING
from core.calculation import boundary, running
from core.calculation.calculated import Spot
from core.calculation.running import predict
from core.data.dataset import SumRule, generate
from core.errors import Refused
from core.formatting import DIGITS
from core.layers.activation_layers import Activation
from core.layers.dense import Dense
from core.layers.identity import Dropout
from core.model import tutorial, written
from core.model.layers_text import chain_network
from core.model.network import Network
from core.model.weights import Weights
from core.operations.rounding import EXACT, Carry, Rounding
from core.tasks import Binary, Classes, Signs
from core.tasks.scores import NONE
from tests.traced import Trace, trace
from tests.traced import spot as spot_of

if TYPE_CHECKING:
    from core.arrays import Array
    from core.layers.layer import Layer
    from tests.traced import Step

Case = tuple[Network, Weights, "Array"]

PLAIN = sorted(set(ACTIVATIONS) - HALVING - {"exponential"})
"""Activations that keep the width and stay small."""

X = np.array([0.3, 0.1])


def weights_for(network: Network, seed: int) -> Weights:
    random = np.random.default_rng(seed)
    shapes = network.weight_shapes
    return Weights.for_network(network, [[random.uniform(-2, 2, shape) for shape in layer] for layer in shapes])


@st.composite
def layers(draw: st.DrawFn) -> tuple[Layer, ...]:
    names = st.sampled_from(PLAIN)
    made: list[Layer] = []
    for place in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(("dense", "dense", "activation", "dropout")))
        match kind:
            case "dense":
                made.append(Dense(f"l{place}", draw(st.integers(1, 15)), draw(names), draw(st.booleans())))
            case "activation":
                made.append(Activation(f"l{place}", draw(names)))
            case _:
                made.append(Dropout(f"l{place}", 0.5))
    return tuple(made)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    network = Network.chain(draw(st.integers(1, 14)), draw(layers()))
    seed = draw(st.integers(0, 2**32 - 1))
    return network, weights_for(network, seed), np.random.default_rng(seed).uniform(-2, 2, network.inputs)


def numbers(step: Step) -> list[Array]:
    arrays = (step.inputs, step.kernel, step.weighted_sum, step.bias, step.pre_activation, step.output)
    return [array for array in arrays if array is not None]


def assert_same(left: Trace, right: Trace) -> None:
    assert np.array_equal(left.x, right.x)
    for mine, other in zip(left.steps, right.steps, strict=True):
        pairs = list(zip(numbers(mine), numbers(other), strict=True))
        assert all(np.array_equal(a, b, equal_nan=True) for a, b in pairs)


# Trace and predict


@given(cases())
def test_a_trace_ends_where_predict_does(case: Case) -> None:
    network, weights, x = case
    steps = trace(network, weights, x)
    assert [step.output.size for step in steps.steps] == list(network.widths()[1:])
    assert np.allclose(steps.prediction, predict(network, weights, x[np.newaxis])[0], rtol=1e-12, atol=1e-13)


@given(cases())
def test_every_step_begins_with_what_the_one_before_gave(case: Case) -> None:
    network, weights, x = case
    before: Array = x
    for step in trace(network, weights, x).steps:
        assert np.array_equal(step.inputs, before)
        before = step.output


@pytest.mark.parametrize("chunk", [1, 10, 12])
def test_many_points_are_calculated_in_pieces_and_come_out_in_their_order(
    monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    network, weights = tutorial.trained()
    points = generate(SumRule(7)).points
    whole = predict(network, weights, points)
    monkeypatch.setattr(written, "CHUNK", chunk)
    running.ready_values.cache_clear()
    assert np.allclose(predict(network, weights, points), whole, rtol=1e-14)


def test_no_points_give_no_predictions() -> None:
    assert predict(*tutorial.trained(), np.empty((0, 2))).shape == (0, 1)


@pytest.mark.parametrize("shape", [(3,), (4, 3), (2, 2, 2), (0,)])
def test_points_of_another_width_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(Refused, match=r"expected points of 2 numbers, got an array of shape"):
        predict(*tutorial.trained(), np.zeros(shape))


def test_a_network_without_layers_predicts_its_input() -> None:
    assert np.array_equal(trace(Network.chain(2, ()), Weights(()), X).prediction, X)


def test_dropout_passes_on_and_has_no_pre_activation() -> None:
    network = Network.chain(2, (Dropout("drop", 0.9), Activation("last", "relu")))
    drop, last = trace(network, weights_for(network, 0), np.array([-1.0, 2.0])).steps
    assert (drop.activation, last.activation) == ("linear", "relu")
    assert drop.pre_activation is None and drop.kernel is None and last.bias is None
    assert (drop.output.tolist(), last.output.tolist()) == ([-1.0, 2.0], [0.0, 2.0])


def test_numbers_that_are_not_finite_go_through_without_a_warning(recwarn: pytest.WarningsRecorder) -> None:
    network, weights = tutorial.trained()
    broken = weights.with_number(0, 0, (0, 0), float("nan")).with_number(0, 1, (1,), float("inf"))
    for rounding in Rounding:
        hidden = trace(network, broken, X, rounding).steps[0]
        assert np.isnan(hidden.output[0]) and hidden.output[1] == 1.0
    assert np.isnan(predict(network, broken, X[np.newaxis])).all()
    assert not recwarn.list


# Rounding


@given(cases(), st.sampled_from(DIGITS))
def test_every_number_of_a_carried_trace_has_at_most_its_digits(case: Case, digits: int) -> None:
    network, weights, x = case
    steps = trace(network, weights, x, Rounding.CARRIED, digits)
    for array in [steps.x, *(array for step in steps.steps for array in numbers(step))]:
        assert all(value == round(value, digits) for value in array.ravel().tolist())


@given(st.integers(0, 2**32 - 1))
def test_nine_digits_carried_are_close_to_exact(seed: int) -> None:
    network = chain_network(3, "5 tanh, 4 sigmoid, 2 tanh")
    weights, x = weights_for(network, seed), np.random.default_rng(seed).uniform(-1, 1, 3)
    carried = trace(network, weights, x, Rounding.CARRIED, 9).prediction
    assert np.abs(carried - trace(network, weights, x).prediction).max() < 1e-6


@given(st.floats(-1e6, 1e6), st.sampled_from(DIGITS))
def test_what_is_written_down_is_within_half_a_digit_and_stays(value: float, digits: int) -> None:
    carry = Carry(Rounding.CARRIED, digits)
    written = carry(value)
    assert abs(Decimal(float(written)) - Decimal(value)) <= Decimal(10) ** -digits / 2 + Decimal("1e-10")
    assert carry(written) == written


def test_what_is_only_shown_is_passed_as_it_is() -> None:
    values = np.array([[1 / 3, -2 / 3]])
    assert EXACT.exact and Carry(Rounding.SHOWN, 1)(values) is values
    assert not Carry(Rounding.CARRIED, 4).exact


# Unfolding


@given(cases())
def test_the_products_and_the_bias_add_up_to_the_pre_activation(case: Case) -> None:
    network, weights, x = case
    for step in trace(network, weights, x).steps:
        if step.kernel is None or step.weighted_sum is None or step.pre_activation is None:
            continue
        bias = 0.0 if step.bias is None else step.bias
        assert np.allclose((step.inputs[:, np.newaxis] * step.kernel).sum(axis=0), step.weighted_sum, atol=1e-12)
        assert np.allclose(step.weighted_sum + bias, step.pre_activation, atol=1e-12)


# What if


@given(cases(), st.data())
def test_a_number_put_in_is_gone_on_with_and_nothing_before_it_changes(case: Case, data: st.DataObject) -> None:
    network, weights, x = case
    plain = trace(network, weights, x)
    place = data.draw(st.integers(0, len(plain.steps) - 1))
    names = {"weighted sum": "weighted_sum", "pre-activation": "pre_activation", "output": "output"}
    there = {value: getattr(plain.steps[place], name) for value, name in names.items()}
    value = data.draw(st.sampled_from([value for value, array in there.items() if array is not None]))
    array: Array = there[value]
    unit = data.draw(st.integers(0, array.size - 1))
    tried = trace(network, weights, x, tried={spot_of(network, place, value, unit): 1.25})
    step = tried.steps[place]
    now: Array = getattr(step, names[value])
    assert now[unit] == 1.25
    others = np.arange(array.size) != unit
    assert np.array_equal(now[others], array[others])
    assert_same(Trace(tried.x, tried.steps[:place]), Trace(plain.x, plain.steps[:place]))
    assert_same(trace(network, weights, x), plain)
    rest = Network.chain(step.output.size, network.layers[place + 1 :])
    if rest.layers:
        after = trace(rest, Weights(weights.layers[place + 1 :]), step.output)
        assert np.array_equal(tried.prediction, after.prediction, equal_nan=True)


def test_a_weight_and_a_bias_are_tried_without_touching_the_weights() -> None:
    network, weights = tutorial.trained()
    before = [[array.copy() for array in arrays] for arrays in weights.layers]
    tried = {Spot(("hidden",), "kernel", (1, 2)): 0.5, Spot(("output",), "bias", (0,)): -1.0}
    changed = weights.with_number(0, 0, (1, 2), 0.5).with_number(1, 1, (0,), -1.0)
    assert_same(trace(network, weights, X, tried=tried), trace(network, changed, X))
    for arrays, olds in zip(weights.layers, before, strict=True):
        assert all(np.array_equal(array, old) for array, old in zip(arrays, olds, strict=True))


def test_an_input_is_tried_without_touching_the_point() -> None:
    network, weights = tutorial.trained()
    x = X.copy()
    tried = trace(network, weights, x, tried={Spot((), "inputs", (1,)): 0.9})
    assert_same(tried, trace(network, weights, np.array([0.3, 0.9])))
    assert np.array_equal(x, X)


def test_an_input_of_a_later_layer_is_the_output_of_the_one_before() -> None:
    network, weights = tutorial.trained()
    tried = trace(network, weights, X, tried={Spot(("hidden",), "output", (2,)): 0.5})
    assert tried.steps[1].inputs[2] == tried.steps[0].output[2] == 0.5


# The boundary


def test_row_0_of_a_field_is_the_top() -> None:
    network = chain_network(2, "1")
    height = Weights.for_network(network, [([[0.0], [1.0]], [0.0])])
    width = Weights.for_network(network, [([[1.0], [0.0]], [0.0])])
    assert np.allclose(boundary.field(network, height, 3, 2, Signs()), [[0.75] * 3, [0.25] * 3])
    assert np.allclose(boundary.field(network, width, 4, 2, Signs()), [[0.125, 0.375, 0.625, 0.875]] * 2)


def test_a_field_of_several_outputs_shows_the_first() -> None:
    network = chain_network(2, "2")
    weights = Weights.for_network(network, [([[0.0, 0.0], [0.0, 0.0]], [3.0, 4.0])])
    assert np.array_equal(boundary.field(network, weights, 2, 2, Signs()), np.full((2, 2), 3.0))
    assert np.array_equal(boundary.field(network, weights, 3, 2, Binary(columns=2)), np.full((2, 3), 2.5))


@given(st.sampled_from([Signs(), Signs(at=0.5), Binary(), Classes(("a", "b", "c"))]), st.data())
def test_a_field_has_no_side_where_nothing_is_the_answer(task: Signs | Binary | Classes, data: st.DataObject) -> None:
    network = chain_network(2, "3" if isinstance(task, Classes) else "1")
    numbers = st.sampled_from([0.0, 0.5, 1.0, -1.0, np.inf, np.nan])
    kernel = data.draw(st.lists(numbers, min_size=2 * network.outputs, max_size=2 * network.outputs))
    bias = data.draw(st.lists(numbers, min_size=network.outputs, max_size=network.outputs))
    weights = Weights.for_network(network, [(np.reshape(kernel, (2, -1)), bias)])
    points = np.array([[0.25, 0.75], [0.75, 0.75], [0.25, 0.25], [0.75, 0.25]])
    drawn = boundary.field(network, weights, 2, 2, task).ravel()
    answers = task.answers(predict(network, weights, points))
    if isinstance(task, Classes):
        assert drawn.tolist() == answers.tolist()
    else:
        assert np.where(np.isnan(drawn), NONE, drawn > 0).tolist() == answers.tolist()


def test_a_field_wants_two_inputs() -> None:
    with pytest.raises(Refused, match="expected points of 3 numbers"):
        boundary.field(*tutorial.always_right(3, 1.5), 4, 4, Signs())
