"""A long formula in little room: the term that is meant, and what all others come to; the numbers still add up."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

import numpy as np
import pytest

from core.calculation.calculated import Calculated, calculated
from core.export.opened import opened, opened_briefly
from core.formatting import Notation
from core.layers.dense import Dense
from core.layers.writer import Weight
from core.model.graph import Input, chain
from core.operations.rounding import EXACT

if TYPE_CHECKING:
    from core.layers.layer import Layer

CLASSES = 1000
DIGITS = Notation(6)


def calculation(*layers: Layer, inputs: int = 2) -> Calculated:
    drawn = np.random.default_rng(1)
    graph = chain("model", Input("x", (inputs,)), layers)
    weights = {
        Weight((layer.name,), name): drawn.normal(size=shape)
        for layer in layers
        if isinstance(layer, Dense)
        for name, shape in layer.weights((inputs,)).items()
    }
    return calculated(graph, weights, [drawn.normal(size=inputs)], EXACT)


@pytest.mark.parametrize("unit", [0, 500, 999])
def test_of_a_softmax_there_is_its_own_exponential_and_the_sum_of_the_others(unit: int) -> None:
    made = calculation(Dense(name="many", units=CLASSES, activation="softmax"))
    output = next(value for value in made.values if value.name == "output")
    head, symbols, written, numbers = opened_briefly(made, output, (unit,), DIGITS)
    assert symbols == f"  = exp(pre-activation[{unit + 1}] - max(1,000 numbers)) / (the same + (999 more))"
    assert re.fullmatch(r"  = \S+ / \(\S+ \+ \(999 more: \S+\)\)", numbers)
    assert written.startswith("  = exp(") and written.endswith(numbers.partition(" / ")[2])
    own, again, others = map(float, re.findall(r"\d+\.\d+", numbers))
    assert own == again and own / (own + others) == pytest.approx(float(head.split(" = ")[1]), abs=1e-6)
    assert len(numbers) < len(opened(made, output, (unit,), DIGITS)[2]) / 4


def test_a_long_sum_of_products_is_one_of_them_and_the_rest_and_a_short_formula_stays() -> None:
    made = calculation(Dense(name="wide", units=1), inputs=20)
    total = next(value for value in made.values if value.name == "weighted sum")
    _, symbols, numbers = opened_briefly(made, total, (0,), DIGITS)
    assert symbols == "  = x[1]*kernel[1,1] + (19 more)"
    first, second, others = map(float, re.findall(r"-?\d+\.\d+", numbers))
    assert first * second + others == pytest.approx(float(made.number(total.spot((0,)))), abs=1e-5)
    few = calculation(Dense(name="few", units=1), inputs=3)
    output = next(value for value in few.values if value.name == "weighted sum")
    assert opened_briefly(few, output, (0,), DIGITS) == opened(few, output, (0,), DIGITS)


def test_printed_numbers_that_come_to_another_last_digit_have_another_sign_before_them() -> None:
    made = calculation(Dense(name="few", units=40), inputs=3)
    two = Notation(2)
    signs = set()
    for value in (one for one in made.values if one.name == "weighted sum"):
        for unit in range(40):
            head, _, numbers, parts = opened(made, value, (unit,), two)
            exact = [Decimal(one) for one in re.findall(r"-?\d+\.\d+", numbers)]
            terms = [a * b for a, b in zip(exact[::2], exact[1::2], strict=True)]
            printed = [Decimal(one) for one in re.findall(r"-?\d+\.\d+", parts.replace("- ", "-"))]
            cent = Decimal("0.01")
            agree = [one.quantize(cent, ROUND_HALF_UP) for one in terms] == printed
            agree &= sum(printed) == Decimal(head.split(" = ")[1])
            assert numbers.startswith("  = ") and parts.startswith("  = " if agree else "  ~= ")
            signs.add(agree)
    assert signs == {True, False}


def test_a_number_without_terms_says_it_before_its_numbers() -> None:
    made = calculation(Dense(name="few", units=40), inputs=3)
    value = next(one for one in made.values if one.name == "pre-activation")
    for unit in range(40):
        head, _, numbers = opened(made, value, (unit,), Notation(2))
        exact = sum(Decimal(one) for one in re.findall(r"-?\d+\.\d+", numbers.replace("- ", "-")))
        assert numbers.startswith("  = " if exact == Decimal(head.split(" = ")[1]) else "  ~= ")
