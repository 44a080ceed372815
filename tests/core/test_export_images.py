"""Any chain of layers over images taken away: every format has the same numbers, a changed one counts everywhere."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stdout
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.calculation.forward import predict
from core.calculation.spot import Kind, Spot
from core.calculation.what_if import WhatIf
from core.errors import Refused
from core.export.explanation import explain
from core.export.formats import FORMATS
from core.export.python_script import python_script
from core.export.spreadsheet import spreadsheet
from core.formatting import Notation, number
from core.layers.convolution import Conv2D
from core.layers.dense import Dense
from core.layers.pooling import MaxPooling2D
from core.layers.reshaping import Flatten
from core.model.network import Network
from core.operations.rounding import Rounding
from tests.core.images import chains, drawn_points, drawn_weights
from tests.core.test_export_spreadsheet import require_formulas_give_what_is_kept

if TYPE_CHECKING:
    from core.arrays import Array
    from core.export.explanation import Explanation

DIGITS = 6

NETWORK = Network.chain(
    36,
    (
        Conv2D("conv", 2, (3, 3), (1, 1), "same", "tanh"),
        MaxPooling2D("pool", (2, 2), (2, 2)),
        Flatten("flat"),
        Dense("output", 1, "tanh"),
    ),
    shape=(6, 6, 1),
)


def text_of(explanation: Explanation, name: str) -> str:
    made = FORMATS[name].make(explanation)
    assert isinstance(made, str)
    return made


def run_here(explanation: Explanation) -> Array:
    """Run the script and return what it has for the last layer's output."""
    names: dict[str, Any] = {}
    before = np.geterr()
    try:
        with redirect_stdout(io.StringIO()):
            exec(python_script(explanation), names)
    finally:
        np.seterr(**before)
    return np.asarray(names["y"])


def test_every_format_has_the_numbers_of_any_chain() -> None:
    sheets, refused = 0, 0

    @settings(max_examples=25, deadline=None)
    @given(chains(), st.integers(0, 999), st.sampled_from(Rounding))
    def one(network: Network, seed: int, rounding: Rounding) -> None:
        nonlocal sheets, refused
        weights, points = drawn_weights(network, seed), drawn_points(network, seed, 1)
        explanation = explain(network, weights, points[0], rounding, Notation(DIGITS))
        prediction = explanation.trace.prediction
        assert json.loads(text_of(explanation, "json"))["prediction"] == prediction.tolist()
        np.testing.assert_allclose(run_here(explanation), prediction, atol=1e-9)
        if rounding is Rounding.SHOWN:
            np.testing.assert_allclose(prediction, predict(network, weights, points)[0], atol=1e-12)
        for name in ("text", "markdown", "latex"):
            assert number(prediction[0], DIGITS).removeprefix("-") in text_of(explanation, name)
        try:
            assert require_formulas_give_what_is_kept(spreadsheet(explanation)) >= prediction.size
            sheets += 1
        except Refused as refusal:
            assert "softmax over a row of numbers in a spreadsheet, got it at every place" in str(refusal)
            refused += 1

    one()
    assert sheets > refused


def test_a_changed_weight_of_a_kernel_counts_at_every_place_of_its_window() -> None:
    at, weights, points = (1, 2, 0, 1), drawn_weights(NETWORK, 1), drawn_points(NETWORK, 2, 1)
    what_if = WhatIf().with_array(0, 0, at, 2.5).with_array(0, 1, (1,), -0.75)
    changed = weights.with_number(0, 0, at, 2.5).with_number(0, 1, (1,), -0.75)
    explanation = explain(NETWORK, weights, points[0], Rounding.SHOWN, Notation(4), what_if=what_if)
    wanted = predict(NETWORK, changed, points)[0]
    assert float(predict(NETWORK, weights, points)[0, 0]) != pytest.approx(float(wanted[0]))
    np.testing.assert_allclose(explanation.trace.prediction, wanted, atol=1e-12)
    np.testing.assert_allclose(run_here(explanation), wanted, atol=1e-9)
    assert require_formulas_give_what_is_kept(spreadsheet(explanation)) > 50
    for name in ("text", "markdown", "python"):
        assert "w2,3,1,2 of conv, b2 of conv" in text_of(explanation, name)
    assert [explanation.is_changed(Spot(0, Kind.BIAS, unit)) for unit in (0, 1, 70, 71)] == [False, True, False, True]


def test_a_page_of_text_of_a_wide_layer_says_how_many_units_are_left_out() -> None:
    network = Network.chain(1_024, (Conv2D("conv", 2, (3, 3), (1, 1), "same"),), shape=(32, 32, 1))
    weights, x = drawn_weights(network, 1), drawn_points(network, 2, 1)[0]
    explanation = explain(network, weights, x, Rounding.SHOWN, Notation(4))
    assert "and 2,008 more units" in text_of(explanation, "text")
    with pytest.raises(Refused, match="expected at most 500,000 weights in a spreadsheet"):
        spreadsheet(explanation)
