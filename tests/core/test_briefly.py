"""A long formula in little room: the term that is meant, and what all others come to; the numbers still add up."""

from __future__ import annotations

import re
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
