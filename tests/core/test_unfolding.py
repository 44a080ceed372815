"""A number unfolded into its terms: they add up to it, and each leads to the numbers that it was made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.activations import ACTIVATIONS, HALVING, activation
from core.calculation.addresses import address
from core.calculation.spot import Kind, Spot, calculated, symbol, value
from core.calculation.unfolding import EXPONENTIALS, Unfolder, Unfolding, origin
from core.formatting import Notation, fraction, number
from core.layers.activation_layers import Activation
from core.layers.dense import Dense
from core.layers.identity import Dropout
from core.model import tutorial
from core.model.initial import initial_weights
from core.model.network import Network
from core.operations.rounding import Rounding
from tests.traced import trace

if TYPE_CHECKING:
    from core.arrays import Array

NETWORK, WEIGHTS = tutorial.trained()
X = np.array([0.3, 0.1])

NAMES = [name for name in ACTIVATIONS if name not in HALVING]


def opened(spot: Spot, rounding: Rounding = Rounding.SHOWN, digits: int = 4) -> Unfolding:
    steps = trace(NETWORK, WEIGHTS, X, rounding, digits)
    return Unfolder(NETWORK, steps, rounding, Notation(digits)).unfold(spot)


def test_the_pre_activation_of_the_tutorials_second_unit() -> None:
    found = opened(Spot(0, Kind.Z, 1))
    assert (found.symbol, found.formula) == ("z2", "w12 x1 + w22 x2 + b2")
    assert found.numbers == "0.3248*0.3000 + 1.1575*0.1000 + 0.2145"
    assert found.sums == "0.0974 + 0.1157 + 0.2145"
    assert number(found.value) == "0.4277"
    assert found.words == "the pre-activation of hidden, unit 2: every input times its weight, plus the bias"
    assert found.terms[1].factors == (Spot(0, Kind.WEIGHT, 1, 1), Spot(0, Kind.INPUT, 0, 1))
    assert found.terms[2].factors == (Spot(0, Kind.BIAS, 1),)
    with pytest.raises(IndexError):
        found.terms[3]


def test_an_output_is_its_activation_and_an_input_of_a_later_layer_is_the_output_before() -> None:
    found = opened(Spot(1, Kind.INPUT, 0, 1))
    assert found.spot == origin(Spot(1, Kind.INPUT, 0, 1)) == Spot(0, Kind.OUTPUT, 1)
    assert (found.symbol, found.formula, found.numbers) == ("h2", "tanh(z2)", "tanh(0.4277)")
    assert [found.terms[0].factors] == [(Spot(0, Kind.Z, 1),)]


@pytest.mark.parametrize("kind", [Kind.INPUT, Kind.WEIGHT, Kind.BIAS])
def test_what_is_given_has_no_terms(kind: Kind) -> None:
    found = opened(Spot(0, kind, 0, 0))
    assert (len(found.terms), found.formula) == (0, "")


def test_a_number_that_was_put_there_is_given_and_what_follows_is_made_of_it() -> None:
    total = Spot(0, Kind.SUM, 1)
    steps = trace(NETWORK, WEIGHTS, X, tried={address(NETWORK, total): 2.0})
    unfolder = Unfolder(NETWORK, steps, Rounding.SHOWN, Notation(), lambda spot: spot == total)
    assert len(unfolder.unfold(total).terms) == 0
    found = unfolder.unfold(Spot(0, Kind.Z, 1))
    assert (found.formula, found.numbers) == ("s2 + b2", "2.0000 + 0.2145")
    assert found.terms[0].factors == (total,)


@settings(deadline=None, max_examples=25)
@given(
    st.lists(st.tuples(st.integers(1, 20), st.sampled_from(NAMES), st.booleans()), min_size=1, max_size=3),
    st.integers(1, 20),
    st.integers(0, 10**6),
    st.sampled_from(list(Rounding)),
    st.integers(1, 9),
)
def test_every_number_is_what_its_terms_make(
    layers: list[tuple[int, str, bool]], inputs: int, seed: int, rounding: Rounding, digits: int
) -> None:
    dense = [Dense(f"layer_{place}", *layer) for place, layer in enumerate(layers)]
    network = Network.chain(inputs, (*dense[:1], Dropout("drop", 0.5), Activation("act", "tanh"), *dense[1:]))
    x = np.random.default_rng(seed).normal(size=inputs)
    steps = trace(network, initial_weights(network, seed), x, rounding, digits)
    unfolder = Unfolder(network, steps, rounding, Notation(digits))
    off = 1e-9 if rounding is Rounding.SHOWN else 10.0**-digits
    for spot in calculated(steps):
        found = unfolder.unfold(spot)
        values = np.array([found.terms[place].value for place in range(len(found.terms))])
        assert (found.symbol, found.value) == (symbol(network, spot), value(steps, spot))
        expected = float(values.sum())
        if spot.kind is Kind.OUTPUT and steps.steps[spot.step].pre_activation is not None:
            expected = activated(steps.steps[spot.step].activation, values, spot.unit)
        assert found.value == pytest.approx(expected, rel=1e-9, abs=off * max(1, len(values)), nan_ok=True)
        exponential = steps.steps[spot.step].activation in EXPONENTIALS and spot.kind is Kind.OUTPUT
        for place in range(len(found.terms)):
            made = np.prod([value(steps, factor) for factor in found.terms[place].factors])
            made = np.exp(made) if exponential else made
            assert made == pytest.approx(found.terms[place].value, rel=1e-9, abs=off)


def activated(name: str, values: Array, unit: int) -> float:
    """What the activation makes of the terms' values: of all pre-activations, or of all their exponentials."""
    if name in EXPONENTIALS:
        share = values[unit] / values.sum()
        return float(np.log(share) if name == "log_softmax" else share)
    return float(activation(name).function(values)[unit if name == "sparsemax" else 0])


def test_a_wide_unit_writes_its_ends_and_counts_the_rest() -> None:
    network = Network.chain(4096, (Dense("wide", 1000, "relu"),))
    weights = initial_weights(network, 0)
    steps = trace(network, weights, np.ones(4096))
    found = Unfolder(network, steps, Rounding.SHOWN, Notation()).unfold(Spot(0, Kind.Z, 999))
    assert len(found.terms) == 4097
    assert found.formula.startswith("w1,1000 x1 + w2,1000 x2 + (4,092 more) + w4095,1000 x4095")
    rest = float(found.sums.split("(4,092 more: ")[1].split(")")[0])
    assert rest == pytest.approx(float(weights.layers[0][0][2:-2, 999].sum(dtype=np.float64)), abs=1e-4)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (1 / 3, "1/3"),
        (np.float32(1 / 3), "1/3"),
        (-0.75, "-3/4"),
        (2.0, "2"),
        (0.0, "0"),
        (-0.1, "-1/10"),
        (0.07, "7/100"),
    ],
)
def test_a_fraction_is_written_where_it_is_exact(value: float, written: str) -> None:
    assert fraction(value) == written
    assert Notation(4, fractions=True)(value) == written


@pytest.mark.parametrize("value", [0.3333, 0.32482854, np.pi, np.tanh(0.4), np.nan, np.inf, 1e9, 123456.25])
def test_what_is_no_short_fraction_is_written_in_decimals(value: float) -> None:
    assert fraction(value) is None
    assert Notation(4, fractions=True)(value) == number(value, 4)


@given(st.integers(-300, 300), st.integers(1, 100))
def test_every_small_fraction_is_found_in_its_float32(above: int, below: int) -> None:
    text = fraction(float(np.float32(above / below)))
    assert text is not None
    top, _, bottom = text.partition("/")
    assert int(top) * below == above * int(bottom or 1)
