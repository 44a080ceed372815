"""A convolution, pooling or flattening by hand: rounded, changed, unfolded, named."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from core.calculation.forward import Part, trace
from core.calculation.spot import Kind, Spot, calculated, in_words, symbol, value
from core.calculation.symbols import formula, symbols
from core.calculation.unfold import unit_line
from core.calculation.unfolding import Unfolder, Unfolding
from core.formatting import Notation
from core.layers.activation_layers import Activation
from core.layers.convolution import Conv1D, Conv2D
from core.layers.dense import Dense
from core.layers.pooling import AveragePooling1D, AveragePooling2D, MaxPooling1D, MaxPooling2D, Pooling
from core.layers.reshaping import Flatten
from core.model.weights import Weights
from core.operations.rounding import Carry, Rounding
from tests.core.images import chains, drawn_points, drawn_weights, network_over, numbers

if TYPE_CHECKING:
    from core.calculation.forward import Trace
    from core.model.network import Network

# Rounding and what-ifs


@settings(deadline=None, max_examples=30)
@given(chains(), st.integers(0, 2**32 - 1), st.integers(1, 6))
def test_carried_every_number_has_at_most_its_digits_and_the_terms_add_up(
    network: Network, seed: int, digits: int
) -> None:
    carry = Carry(Rounding.CARRIED, digits)
    steps = trace(network, drawn_weights(network, seed), drawn_points(network, seed)[0], Rounding.CARRIED, digits)
    for step in steps.steps:
        arrays = (step.inputs, step.kernel, step.weighted_sum, step.bias, step.pre_activation, step.output)
        assert all(np.array_equal(array, carry(array), equal_nan=True) for array in arrays if array is not None)
        if step.weighted_sum is not None:
            for unit, total in enumerate(step.weighted_sum):
                assert carry(step.products(unit, carry).sum()) == pytest.approx(total, abs=1.01 * 10.0**-digits)


def test_a_what_if_in_the_middle_is_gone_on_with() -> None:
    layers = (
        Conv1D("conv", 1, (1,), (1,)),
        AveragePooling1D("mean", (2,), (2,)),
        MaxPooling1D("max", (2,), (2,)),
    )
    network = network_over((4, 1), *layers)
    weights = Weights.for_network(network, [[np.ones((1, 1, 1)), [0.0]], [], []])
    x = numbers([1, 2, 3, 4])
    assert trace(network, weights, x).prediction.tolist() == [3.5]
    assert trace(network, weights, x, forced={(0, Part.WEIGHTED_SUM, 0): 20.0}).prediction.tolist() == [11]
    assert trace(network, weights, x, forced={(1, Part.WEIGHTED_SUM, 0): 8.0}).prediction.tolist() == [8]
    assert trace(network, weights, x, forced={(1, Part.PRE_ACTIVATION, 1): 9.0}).prediction.tolist() == [9]
    assert trace(network, weights, x, forced={(2, Part.OUTPUT, 0): -1.0}).prediction.tolist() == [-1]


# Unfolded

IMAGE = network_over(
    (4, 4, 1),
    Conv2D("conv", 2, (3, 3), (1, 1), "same", "relu"),
    MaxPooling2D("pool", (2, 2), (2, 2)),
    AveragePooling2D("mean", (2, 1), (1, 1)),
    Activation("soft", "softmax"),
    Flatten("flat"),
    Dense("output", 3, "softmax"),
)


def opened(spot: Spot) -> Unfolding:
    steps = trace(IMAGE, drawn_weights(IMAGE, 0), drawn_points(IMAGE, 0)[0])
    return Unfolder(IMAGE, steps, Rounding.SHOWN, Notation()).unfold(spot)


@settings(deadline=None, max_examples=60)
@given(chains(), st.integers(0, 2**32 - 1), st.sampled_from(list(Rounding)))
def test_every_number_is_what_its_terms_make(network: Network, seed: int, rounding: Rounding) -> None:
    assume(network.outputs <= 60)
    weights, x = drawn_weights(network, seed), drawn_points(network, seed)[0]
    steps = trace(network, weights, x, rounding, 5)
    unfolder = Unfolder(network, steps, rounding, Notation(5))
    for spot in calculated(steps):
        step, found = steps.steps[spot.step], unfolder.unfold(spot)
        terms = [found.terms[place] for place in range(len(found.terms))]
        off = 1e-9 if rounding is Rounding.SHOWN else 1e-5 * max(1, len(terms))
        assert found.value == value(steps, spot) and found.symbol == symbol(network, spot)
        assert found.formula and found.numbers
        if spot.kind is not Kind.OUTPUT:
            expected = sum(term.value for term in terms)
            assert len(terms) == len(step.connections(spot.unit)) + (spot.kind is Kind.Z and step.bias is not None)
        elif isinstance(step.layer, Pooling) and step.layer.takes == "max":
            expected = max(term.value for term in terms)
        elif step.activation == "softmax":
            assert len(terms) == step.channels
            expected = terms[spot.unit % step.channels].value / sum(term.value for term in terms)
        else:
            continue
        assert found.value == pytest.approx(expected, rel=1e-9, abs=off)
        _require_made_of_their_factors(steps, found)


def _require_made_of_their_factors(steps: Trace, found: Unfolding) -> None:
    for place in range(len(found.terms)):
        term = found.terms[place]
        made = prod(value(steps, factor) for factor in term.factors)
        made = np.exp(made) if term.symbols.startswith("exp(") else made
        assert made == pytest.approx(term.value, rel=1e-9, abs=1.01e-5)


def test_a_sum_is_written_from_what_is_under_the_window_only() -> None:
    found = opened(Spot(0, Kind.Z, 1))
    assert found.formula == "w2,2,1,2 x1 + w2,3,1,2 x2 + w3,2,1,2 x5 + w3,3,1,2 x6 + b2"
    assert found.words.endswith(
        "row 1, column 1, filter 2: every input under the window times its weight, plus the bias"
    )
    assert found.terms[2].factors == (Spot(0, Kind.WEIGHT, 1, 4), Spot(0, Kind.INPUT, input=4))


def test_an_average_is_written_with_its_shares() -> None:
    found = opened(Spot(2, Kind.SUM, 1))
    assert found.formula == "1/2 k2 + 1/2 k6"
    assert found.words.endswith("every input under the window times its share, added up")
    assert opened(Spot(2, Kind.OUTPUT, 1)).formula == "z2"


def test_the_largest_is_written_as_chosen_from_what_is_under_the_window() -> None:
    found = opened(Spot(1, Kind.OUTPUT, 1))
    assert (found.symbol, found.formula, found.sums) == ("k2", "max(h2, h4, h10, h12)", "")
    assert found.words == "the output of pool, row 1, column 1, channel 2: the largest of what is under the window"
    assert found.numbers == f"max({', '.join(f'{found.terms[place].value:.4f}' for place in range(4))})"
    assert found.terms[3].factors == (Spot(1, Kind.INPUT, input=11),)


def test_of_a_large_window_the_ends_are_written_and_the_rest_counted() -> None:
    network = network_over((5, 5, 1), MaxPooling2D("pool", (5, 5), (1, 1)))
    steps = trace(network, Weights.for_network(network, [[]]), numbers(np.arange(25)))
    found = Unfolder(network, steps, Rounding.SHOWN, Notation(1)).unfold(Spot(0, Kind.OUTPUT, 0))
    assert found.formula == "max(x1, x2, (21 more), x24, x25)"
    assert found.numbers == "max(0.0, 1.0, (21 more: at most 22.0), 23.0, 24.0)"
    line = unit_line(steps.steps[0], 0, Rounding.SHOWN, 1)
    assert (line.factors, line.pre_activation) == ("max(0.0, 1.0, (21 more), 23.0, 24.0)", "24.0")


def test_softmax_is_over_the_channels_of_its_place() -> None:
    found = opened(Spot(3, Kind.OUTPUT, 3))
    assert found.formula == "exp(z4) / (exp(z3) + exp(z4))"
    assert "softmax over all 2 pre-activations of its place" in found.words


def test_flattened_a_number_stays_what_it_is() -> None:
    found = opened(Spot(4, Kind.OUTPUT, 2))
    assert (found.symbol, found.formula) == ("a3", "n3")
    assert found.words == "the output of flat, unit 3: its input, in a row now"


def test_a_line_of_a_convolution_has_its_own_products_only() -> None:
    steps = trace(IMAGE, drawn_weights(IMAGE, 0), np.ones(16)).steps
    assert unit_line(steps[0], 0, Rounding.SHOWN, 4).factors.count("*1.0000") == 4
    assert unit_line(steps[0], 10, Rounding.SHOWN, 4).factors.count("*1.0000") == 9
    assert unit_line(steps[1], 0, Rounding.SHOWN, 4).factors.startswith("max(")


# In words and letters


@pytest.mark.parametrize(
    ("spot", "name", "words"),
    [
        (Spot(0, Kind.INPUT, input=6), "x7", "input 7 of conv (row 2, column 3, channel 1)"),
        (Spot(0, Kind.SUM, 11), "s12", "the weighted sum of conv, row 2, column 2, filter 2"),
        (Spot(0, Kind.BIAS, 11), "b2", "the bias of conv, filter 2"),
        (
            Spot(0, Kind.WEIGHT, 11, 6),
            "w2,3,1,2",
            "the weight of conv at row 2, column 3, channel 1 of its kernel, filter 2",
        ),
        (
            Spot(0, Kind.WEIGHT, 0, 15),
            "0",
            "no weight: input 16 of conv (row 4, column 4, channel 1) has no part in row 1, column 1, filter 1",
        ),
        (Spot(1, Kind.OUTPUT, 3), "k4", "the output of pool, row 1, column 2, channel 2"),
        (
            Spot(2, Kind.WEIGHT, 0, 4),
            "1/2",
            "the share of input 5 of mean (row 2, column 1, channel 1) in row 1, column 1, channel 1",
        ),
        (Spot(2, Kind.WEIGHT, 0, 1), "0", None),
        (Spot(5, Kind.WEIGHT, 1, 3), "v42", "the weight of output from input 4 to unit 2"),
        (Spot(5, Kind.BIAS, 1), "c2", "the bias of output, unit 2"),
    ],
)
def test_a_number_is_named_with_its_place(spot: Spot, name: str, words: str | None) -> None:
    assert symbol(IMAGE, spot) == name
    assert in_words(IMAGE, spot) == words or words is None


def test_along_one_axis_there_are_places_and_channels() -> None:
    network = network_over((5, 2), MaxPooling1D("pool", (2,), (1,)), Conv1D("conv", 3, (2,), (1,)))
    assert in_words(network, Spot(0, Kind.OUTPUT, 7)) == "the output of pool, place 4, channel 2"
    assert in_words(network, Spot(1, Kind.Z, 7)) == "the pre-activation of conv, place 3, filter 2"
    assert symbol(network, Spot(1, Kind.WEIGHT, 2, 3)) == "w2,2,3"


def test_every_layer_has_its_formula_and_a_kernel_its_own_letter() -> None:
    assert [formula(IMAGE, place) for place in range(6)] == [
        "h = relu(W^T x + b)   (W: kernel at each place)",
        "k = max of 2x2 of h",
        "m = average of 2x1 of k",
        "n = softmax(m)",
        "a = n, in one row",
        "y = softmax(V^T a + c)",
    ]
    assert [symbols(IMAGE, place).kernel for place in (0, 2, 5)] == ["W", "A", "V"]
