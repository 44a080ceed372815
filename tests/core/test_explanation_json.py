"""A calculation as JSON: every number that the calculation has, by its call and name, with all its digits."""

from __future__ import annotations

import json
from dataclasses import replace
from math import isfinite
from typing import Any

import numpy as np
import pytest

from core.calculation.calculated import Spot
from core.export.calculation.as_json import MOST_NUMBERS, calculation_json
from core.export.calculation.explanation import explain
from core.formatting import Notation
from core.operations.rounding import Rounding
from tests.graphs import CASES, dense, point


def array(nested: Any) -> np.ndarray:
    return np.array(nested, dtype=np.float64)


@pytest.mark.parametrize("rounding", Rounding)
@pytest.mark.parametrize("name", CASES)
def test_every_number_is_there_with_all_its_digits(name: str, rounding: Rounding) -> None:
    model = CASES[name]()
    told = explain(model.graph, model.weights, point(model), rounding, Notation(4))
    made = json.loads(json.dumps(calculation_json(told), allow_nan=False))
    values = {(*call["call"], value["name"]): value for call in made["calls"] for value in call["values"]}
    for value in told.done.values:
        if value.call:
            found = values[(*value.call, value.name)]
            np.testing.assert_array_equal(array(found["numbers"]), told.done.array(value))
            assert found["shape"] == list(value.shape)
            assert found["between"] is told.is_between(value)
    assert sum(len(call["weights"]) for call in made["calls"]) == len(told.done.weights)
    assert sum(len(call["values"]) for call in made["calls"]) == sum(bool(value.call) for value in told.done.values)
    for output, number in zip(made["outputs"], told.done.written.outputs, strict=True):
        np.testing.assert_array_equal(array(output["numbers"]), told.done.numbers[number])
    assert (made["rounding"], made["digits"]) == (str(rounding), 4 if rounding is Rounding.CARRIED else None)
    assert made["left_out"] == [] and made["changed"] == {} and made["stops"] is None


def test_what_json_cannot_write_is_null_and_what_is_large_is_named() -> None:
    model = dense("400 relu, 2", 300)
    spot = Spot(("dense_1",), "bias", (0,))
    told = explain(model.graph, model.weights, point(model), Rounding.SHOWN, Notation(4), {spot: np.inf})
    made = json.loads(json.dumps(calculation_json(told), allow_nan=False))
    assert made["left_out"] == ["dense_1/kernel, 300 x 400 numbers"] and MOST_NUMBERS < 300 * 400
    kernel, bias = made["calls"][0]["weights"]
    assert kernel["numbers"] is None and kernel["shape"] == [300, 400]
    assert bias["numbers"][0] is None and all(isfinite(one) for one in bias["numbers"][1:])
    assert list(made["changed"].values()) == [None]


def test_keras_stands_beside_with_verdict_and_tolerance() -> None:
    model = dense()
    ours = explain(model.graph, model.weights, point(model), Rounding.SHOWN, Notation(4)).done.numbers[-1]
    for off, agree in ((1e-8, True), (1e-3, False)):
        keras = [(ours + off).astype(np.float32)]
        told = replace(explain(model.graph, model.weights, point(model), Rounding.SHOWN, Notation(4)), keras=keras)
        made = calculation_json(told)
        (output,), verdict = made["outputs"], made["verdict"]
        assert verdict["agree"] is agree and (verdict["parting"] is None) is agree
        assert 0 < output["check"]["tolerance"][0] < 1e-5
        assert output["keras"] == [float(str(keras[0][0]))]
