"""A chain's numbers opened: their terms make them, and each leads to the numbers that it was made of; its letters."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from math import prod
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from core.activations import ACTIVATIONS, HALVING, activation
from core.calculation.calculated import Spot, addresses_of
from core.export.chain import Chain
from core.export.opened import FEW_TERMS
from core.formatting import MAX_FRACTION, Notation, fraction, number
from core.layers.activation_layers import Activation
from core.layers.dense import Dense
from core.layers.identity import Dropout
from core.model import tutorial
from core.model.initial import initial_weights
from core.model.layers_text import chain_network
from core.model.network import Network
from core.operations.rounding import Rounding
from tests.printed_lines import comes_to
from tests.traced import written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.arrays import Array
    from core.export.opened import Opened, TermInWords

NETWORK, WEIGHTS = tutorial.trained()
X = np.array([0.3, 0.1])
HIDDEN = ("hidden",)

NAMES = [name for name in ACTIVATIONS if name not in HALVING]


def chain(tried: dict[Spot, float] | None = None) -> Chain:
    tried = tried or {}
    return Chain(NETWORK, written(NETWORK, WEIGHTS, X, tried=tried), tried)


def opened(spot: Spot, of: Chain | None = None) -> Opened:
    found = (of or chain()).opened(spot, Notation(4))
    assert found is not None
    return found


def calculated(of: Chain) -> Iterator[Spot]:
    """Give every number that is calculated."""
    for value in of.done.values:
        if value.call:
            yield from map(value.spot, product(*map(range, value.shape)))


def terms(found: Opened) -> list[TermInWords]:
    return [found[at] for at in range(len(found))]


def test_the_pre_activation_of_the_tutorials_second_unit() -> None:
    of, spot = chain(), Spot(HIDDEN, "pre-activation", (1,))
    lines, found = opened(spot).lines(), opened(spot)
    assert lines[:3] == (
        "w12 x1 + w22 x2 + b2",
        "0.3248*0.3000 + 1.1575*0.1000 + 0.2145",
        "0.0974 + 0.1157 + 0.2145",
    )
    assert of.name(spot) == "z2" and number(of.done.number(spot)) == "0.4277"
    assert of.in_words(spot) == "the pre-activation of hidden, unit 2: every input times its weight, plus the bias"
    assert found[1].sources == (Spot(HIDDEN, "kernel", (1, 1)), Spot((), "inputs", (1,)))
    assert found[2].sources == (Spot(HIDDEN, "bias", (1,)),)
    with pytest.raises(IndexError):
        found[3]


def test_an_output_is_its_activation() -> None:
    found = opened(Spot(HIDDEN, "output", (1,)))
    assert found.lines()[:2] == ("tanh(z2)", "tanh(0.4277)")
    assert [term.sources for term in terms(found)] == [(Spot(HIDDEN, "pre-activation", (1,)),)]


@pytest.mark.parametrize("spot", [Spot((), "inputs", (0,)), Spot(HIDDEN, "kernel", (0, 0)), Spot(HIDDEN, "bias", (0,))])
def test_what_is_given_has_no_terms(spot: Spot) -> None:
    assert chain().opened(spot, Notation(4)) is None and ":" not in chain().in_words(spot)


def test_a_number_that_was_put_there_is_given_and_what_follows_is_made_of_it() -> None:
    total = Spot(HIDDEN, "weighted sum", (1,))
    of = chain({total: 2.0})
    assert of.opened(total, Notation(4)) is None
    found = opened(Spot(HIDDEN, "pre-activation", (1,)), of)
    assert found.lines()[:3] == ("s2 + b2", "2.0000 + 0.2145", "")
    assert found[0].sources == (total,)


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
    of = Chain(network, written(network, initial_weights(network, seed), x, rounding, digits))
    activations = {path: step.activation for path, step in zip(network.paths, of.steps, strict=True)}
    exact = Notation(9)
    for spot in calculated(of):
        found, name = of.opened(spot, exact), activations[spot.call] if spot.value == "output" else ""
        assert found is not None
        made = terms(found)
        values = np.array([prod(of.done.number(source) for source in term.sources) for term in made])
        off = 1e-9 if rounding is Rounding.SHOWN else 10.0**-digits
        expected = activated(name, values, spot.index[0]) if name else float(values.sum())
        assert of.done.number(spot) == pytest.approx(expected, rel=1e-9, abs=off * max(1, len(values)), nan_ok=True)
        for term in made:
            assert float(term.result) == pytest.approx(float(comes_to(term.numbers) or 0), rel=1e-6, abs=off + 1e-8)


def activated(name: str, values: Array, unit: int) -> float:
    """What the activation makes of the terms' numbers: of one pre-activation, or of all."""
    made = activation(name).function(values)
    return float(made[unit if len(made) > 1 else 0])


def test_a_wide_unit_writes_its_ends_and_counts_the_rest() -> None:
    network = Network.chain(4096, (Dense("wide", 1000, "relu"),))
    weights = initial_weights(network, 0)
    of = Chain(network, written(network, weights, np.ones(4096)))
    found = opened(Spot(("wide",), "pre-activation", (999,)), of)
    assert len(found) == 4097
    lines = found.lines()
    assert lines.formula.startswith("w1,1000 x1 + w2,1000 x2 + (4,092 more) + w4095,1000 x4095")
    rest = float(lines.parts.split("(4,092 more: ")[1].split(")")[0])
    assert rest == pytest.approx(float(weights.layers[0][0][2:-2, 999].sum(dtype=np.float64)), abs=1e-4)


def test_a_long_sum_of_numbers_that_are_not_finite_is_written_too() -> None:
    network = Network.chain(20, (Dense("odd", 1),))
    weights = initial_weights(network, 0).with_number(0, 0, (5, 0), np.inf).with_number(0, 0, (6, 0), -np.inf)
    with np.errstate(all="ignore"):
        of = Chain(network, written(network, weights, np.ones(20)))
    assert "(16 more: nan)" in opened(Spot(("odd",), "weighted sum", (0,)), of).lines().parts


def test_where_there_is_little_room_a_sum_is_written_in_brief() -> None:
    found = opened(Spot(("output",), "weighted sum", (0,)))
    assert "more" not in found.lines().formula
    assert found.lines(FEW_TERMS).formula == "v11 h1 + v21 h2 + (1 more) + v41 h4 + v51 h5"


@pytest.mark.parametrize("large", [1.0, 700.0])
def test_softmax_is_a_share_of_exponentials_and_none_of_them_is_infinite(large: float) -> None:
    network = Network.chain(2, (Activation("share", "softmax"),))
    of = Chain(network, written(network, initial_weights(network, 0), np.array([large, 0.5])))
    lines = opened(Spot(("share",), "output", (0,)), of).lines()
    less = " - 700" if large > 1 else ""
    assert lines.formula == f"exp(z1{less}) / (exp(z1{less}) + exp(z2{less}))"
    assert lines.parts == ("1.0000 / (1.0000 + 0.0000)" if large > 1 else "2.7183 / (2.7183 + 1.6487)")


def test_an_activation_without_a_short_formula_is_called_by_its_name() -> None:
    network = Network.chain(2, (Dense("all", 2, "sparsemax"),))
    of = Chain(network, written(network, initial_weights(network, 0), X))
    found = opened(Spot(("all",), "output", (0,)), of)
    assert found.lines().formula == "sparsemax(z1, z2)" and len(found) == 2


# Letters


def letters(network: Network) -> list[list[str]]:
    """Return the letters of every layer: what goes in, then its own values."""
    of = Chain(network, addresses_of(network))
    return [[of.letter(step.given), *map(of.letter, step.values.values())] for step in of.steps]


def test_twelve_layers_have_letters_with_numbers_and_none_twice() -> None:
    made = letters(chain_network(2, ", ".join(["3 tanh"] * 12)))
    # Kernel, bias, weighted sum, pre-activation, output.
    used = ["x", "s", "z", *(letter for layer in made for letter in (*layer[1:3], layer[-1], layer[1].lower()))]
    assert len(set(used)) == len(used)
    assert [layer[0] for layer in made[1:]] == [layer[-1] for layer in made[:-1]]
    assert made[8] == ["h8_", "W9_", "b9_", "s", "z", "h9_"] and made[11][-1] == "y"


def test_layers_without_weights_take_no_kernels_letter() -> None:
    network = Network.chain(
        2, (Dense("a", 2, use_bias=False), Dropout("b", 0.25), Activation("c", "relu"), Dense("d", 1, "tanh"))
    )
    kernels = [["x", "W", "s", "z", "h"], ["h", "k"], ["k", "z", "m"], ["m", "V", "c", "s", "z", "y"]]
    assert letters(network) == kernels


@pytest.mark.parametrize(("units", "name"), [(1, "y"), (2, "y1")])
def test_only_a_single_y_has_no_number(units: int, name: str) -> None:
    network = Network.chain(2, (Dense("one", units),))
    assert Chain(network, addresses_of(network)).name(Spot(("one",), "output", (0,))) == name


# Fractions


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
    assume(len(str(Fraction(above, below))) <= MAX_FRACTION)
    text = fraction(float(np.float32(above / below)))
    assert text is not None
    top, _, bottom = text.partition("/")
    assert int(top) * below == above * int(bottom or 1)
