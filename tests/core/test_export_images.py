"""Any chain of layers over images taken away: every format has the same numbers, a changed one counts everywhere."""

from __future__ import annotations

import ast
import io
import json
from contextlib import redirect_stdout
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.calculation.calculated import Spot
from core.calculation.followed import Asked, follow
from core.calculation.running import predict
from core.export.calculation.spreadsheet import spreadsheet
from core.export.formats import FORMATS
from core.formatting import Notation, number
from core.layers.convolution import Conv2D
from core.layers.dense import Dense
from core.layers.pooling import MaxPooling1D, MaxPooling2D
from core.layers.reshaping import Flatten
from core.model.network import Network
from core.operations.rounding import Rounding
from tests.core.images import chains, drawn_points, drawn_weights
from tests.core.test_explanation_spreadsheet import require_formulas_give_what_is_kept
from tests.explanations import explain_row
from tests.spreadsheets import read

if TYPE_CHECKING:
    from core.arrays import Array
    from core.export.calculation.explanation import Explanation

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


def prediction_of(explanation: Explanation) -> Array:
    return explanation.done.numbers[explanation.done.written.outputs[0]].reshape(-1)


def run_here(explanation: Explanation) -> Array:
    """Run the script and return what it prints as the last output, with all digits."""
    before, printed = np.geterr(), io.StringIO()
    try:
        with redirect_stdout(printed):
            exec(text_of(explanation, "python"), {})
    finally:
        np.seterr(**before)
    return np.array(ast.literal_eval(printed.getvalue().splitlines()[-1].partition("digits")[2].strip()))


def test_every_format_has_the_numbers_of_any_chain() -> None:
    @settings(max_examples=25, deadline=None)
    @given(chains(), st.integers(0, 999), st.sampled_from(Rounding))
    def one(network: Network, seed: int, rounding: Rounding) -> None:
        weights, points = drawn_weights(network, seed), drawn_points(network, seed, 1)
        explanation = explain_row(network, weights, points[0], rounding, Notation(DIGITS))
        prediction = prediction_of(explanation)
        (output,) = json.loads(text_of(explanation, "json"))["outputs"]
        assert np.ravel(output["numbers"]).tolist() == prediction.tolist()
        np.testing.assert_allclose(run_here(explanation), prediction, atol=1e-9)
        if rounding is Rounding.SHOWN:
            np.testing.assert_allclose(prediction, predict(network, weights, points)[0], atol=1e-12)
        else:
            carried = follow(Asked(network, weights, points[0], {}, rounding, DIGITS))
            np.testing.assert_array_equal(prediction, carried.written.prediction)
        for name in ("text", "markdown", "latex"):
            assert number(prediction[0], DIGITS).removeprefix("-") in text_of(explanation, name)
        assert require_formulas_give_what_is_kept(spreadsheet(explanation)) >= prediction.size

    one()


def test_a_changed_weight_of_a_kernel_counts_at_every_place_of_its_window() -> None:
    at, weights, points = (1, 2, 0, 1), drawn_weights(NETWORK, 1), drawn_points(NETWORK, 2, 1)
    call = NETWORK.paths[0]
    tried = {Spot(call, "kernel", at): 2.5, Spot(call, "bias", (1,)): -0.75}
    changed = weights.with_number(0, 0, at, 2.5).with_number(0, 1, (1,), -0.75)
    explanation = explain_row(NETWORK, weights, points[0], Rounding.SHOWN, Notation(4), instead=tried)
    wanted = predict(NETWORK, changed, points)[0]
    assert float(predict(NETWORK, weights, points)[0, 0]) != pytest.approx(float(wanted[0]))
    np.testing.assert_allclose(prediction_of(explanation), wanted, atol=1e-12)
    np.testing.assert_allclose(run_here(explanation), wanted, atol=1e-9)
    assert require_formulas_give_what_is_kept(spreadsheet(explanation)) > 50
    for name in ("text", "markdown", "python"):
        assert "calculation: w2,3,1,2, b2\n" in text_of(explanation, name)


def test_a_page_of_text_of_a_wide_layer_says_how_many_numbers_are_left_out() -> None:
    network = Network.chain(1_024, (Conv2D("conv", 2, (3, 3), (1, 1), "same"),), shape=(32, 32, 1))
    weights, x = drawn_weights(network, 1), drawn_points(network, 2, 1)[0]
    explanation = explain_row(network, weights, x, Rounding.SHOWN, Notation(4))
    assert "and 2,008 more numbers of s (32 x 32 x 2), which JSON has" in text_of(explanation, "text")


def test_a_window_of_more_numbers_than_a_function_takes_is_a_function_of_functions() -> None:
    network = Network.chain(600, (MaxPooling1D("pool", (300,), (300,)), Flatten("flat")), shape=(300, 2))
    weights, x = drawn_weights(network, 1), drawn_points(network, 2, 1)[0]
    data = spreadsheet(explain_row(network, weights, x, Rounding.SHOWN, Notation(4)))
    formulas = [cell.formula or "" for cells in read(data).values() for cell in cells.values()]
    assert sum(formula.startswith("MAX(MAX(") for formula in formulas) == 2
