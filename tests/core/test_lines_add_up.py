"""Every printed line adds up as it is printed, or says that it is rounded: read back in decimal arithmetic."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.activations import ACTIVATIONS
from core.calculation.calculated import Spot
from core.calculation.paper import DIGITS, Term, log, maximum, product, term, total
from core.calculation.writing import ABOUT, EQUALS, MAX_TERMS, comes_out, sign
from core.export.chain import Chain
from core.export.opened import FEW_TERMS
from core.formatting import Notation, number
from core.layers.dense import Dense
from core.model.network import Network
from core.model.weights import Weights
from core.operations.rounding import Rounding
from tests.core.practice_people import random_network, random_weights
from tests.core.test_chain import calculated
from tests.traced import written

if TYPE_CHECKING:
    from core.export.opened import Opened

NUMBER = r"-?\d+\.\d+"
FACTOR = rf"\(?({NUMBER})\)?"
PART = re.compile(
    rf"(?P<sign>^|[-+] )(?:{FACTOR}\*{FACTOR}|({NUMBER})|\([\d,]+ more(?: products)?: ({NUMBER})\))(?: |$)"
)


def rounded(value: Decimal, digits: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def parts_of(text: str) -> list[Decimal]:
    """Return the parts of a printed sum, a product exactly; every character must belong to one."""
    found, at = [], 0
    while at < len(text):
        match = PART.match(text, at) if at else re.compile(PART.pattern.replace("^|[-+] ", "")).match(text)
        assert match is not None, text
        first, second, alone, group = match.groups()[1:]
        value = Decimal(first) * Decimal(second) if first else Decimal(alone or group)
        found.append(-value if match["sign"] == "- " else value)
        at = match.end()
    return found


@st.composite
def sums(draw: st.DrawFn) -> tuple[list[Opened], Notation]:
    """Draw a chain at a point: what made its weighted sums and pre-activations."""
    random = np.random.default_rng(draw(st.integers(0, 10**6)))
    network = random_network(random)
    weights = random_weights(random, network, float(draw(st.sampled_from((0.5, 2.0)))))
    x = np.round(random.uniform(-2.0, 2.0, network.inputs), draw(st.integers(1, 3)))
    rounding, notation = draw(st.sampled_from(list(Rounding))), Notation(draw(st.integers(1, 6)))
    of = Chain(network, written(network, weights, x, rounding, notation.digits))
    made = [of.opened(spot, notation) for spot in list(calculated(of))[:40] if spot.value != "output"]
    return [one for one in made if one is not None], notation


@settings(deadline=None, max_examples=60)
@given(sums())
def test_what_unfolds_a_number_adds_up_or_says_so(drawn: tuple[list[Opened], Notation]) -> None:
    opened, notation = drawn
    for one in opened:
        result = Decimal(notation(one.expression.number))
        for most in (MAX_TERMS, FEW_TERMS):
            lines = one.lines(most)
            total = sum(parts_of(lines.parts or lines.numbers), Decimal(0))
            assert (lines.comes == EQUALS) is (rounded(total, notation.digits) == result), lines
            if lines.parts:
                pairs = zip(parts_of(lines.numbers), parts_of(lines.parts), strict=True)
                assert (lines.rounds == EQUALS) is all(rounded(a, notation.digits) == b for a, b in pairs), lines


@settings(deadline=None, max_examples=100)
@given(st.sampled_from(("exponential", "relu", "sigmoid", "tanh")), st.floats(-4.0, 4.0), st.integers(1, 6))
def test_an_activation_of_a_printed_number_has_the_sign_that_it_deserves(name: str, z: float, digits: int) -> None:
    network, notation = Network.chain(1, (Dense("only", 1, name),)), Notation(digits)
    weights = Weights.for_network(network, [[[[1.0]], [0.0]]])
    of = Chain(network, written(network, weights, np.array([z])))
    opened = of.opened(Spot(("only",), "output", (0,)), notation)
    exact, printed = ACTIVATIONS[name].function(np.array([z, float(number(z, digits))])).tolist()
    assert opened is not None
    assert (opened.comes == EQUALS) is (number(exact, digits) == number(printed, digits))


def of(*printed: str) -> list[Term]:
    """Numbers as they are printed."""
    return [term(text, text, 1.0) for text in printed]


A_HALF, MINUS, NOTHING, BLANK, INFINITE, SMALL = of("0.5", "-0.5", "0", "____", "inf", "-0.00001")


@pytest.mark.parametrize(
    ("made", "result", "expected"),
    [
        (total(of("0.0974", "0.1157", "0.2145")), "0.4277", ABOUT),
        (total(of("0.0974", "0.1158", "0.2145")), "0.4277", EQUALS),
        (product(*of("1.1575", "0.1000")), "0.1157", ABOUT),
        (product(*of("1.1575", "0.1000")), "0.1158", EQUALS),
        (product(*of("-0.5", "-0.25")), "0.1", EQUALS),
        (total(of("1/3", "1/6")), "1/2", EQUALS),
        (total(of("1/3", "0.3333")), "2/3", ABOUT),
        (maximum(*of("0.1", "0.2")), "0.3", ABOUT),
        (total(of("1.2000e+06", "0.5000")), "1.2000e+06", EQUALS),
        (-product(0.25, abs(MINUS) ** 2, log(A_HALF)), "0.0433", EQUALS),
        ((1 - of("0.17")[0]) ** 3.5, "0.51", ABOUT),
        # Nothing can be said of what is blank, infinite or divided by 0.
        (BLANK * 0.1, "0.3", EQUALS),
        (INFINITE + 1, "inf", EQUALS),
        (1 / NOTHING, "inf", EQUALS),
        (SMALL * 1, "0.0000", EQUALS),
    ],
    ids=lambda one: one.text if isinstance(one, Term) else one,
)
def test_known_lines_have_their_signs(made: Term, result: str, expected: str) -> None:
    assert sign(made.made, DIGITS, result) == expected


def test_what_is_no_number_does_not_come_out() -> None:
    assert comes_out(float("nan"), "0.1") is False
