"""Numbers that are none are said with the layer that they come from, and what it expects."""

from __future__ import annotations

import numpy as np
import pytest

from core.calculation.calculated import Spot, calculated
from core.calculation.troubles import troubles
from core.operations.rounding import EXACT
from tests import graphs


@pytest.mark.parametrize("index", [7.0, -8.0, 2.5])
def test_an_index_that_no_row_has_is_said_with_the_layer_and_what_it_expects(index: float) -> None:
    model = graphs.operating()
    said = troubles(calculated(model.graph, model.weights, [np.array([1.0, index, 3.0])], EXACT))
    if index == 2.5:
        # Keras takes whole numbers, and cuts others off.
        assert said == []
    else:
        assert said[0].startswith("embedding expects whole numbers from 0 to 6, got ")
        assert said[1].startswith("embedding/output[2,1] is the first number that is not finite: nan")


def test_the_first_number_that_is_not_finite_is_named() -> None:
    model = graphs.recurrent()
    steps = np.array([[0.1, 0.2], [0.3, np.nan]])
    assert troubles(calculated(model.graph, model.weights, [steps], EXACT)) == [
        "steps[2,2] is the first number that is not finite: nan, which was given"
    ]
    steps[1, 1] = 0.4
    assert troubles(calculated(model.graph, model.weights, [steps], EXACT)) == []
    gate = {Spot(("lstm",), "cell state", (0, 1)): np.inf}
    said = troubles(calculated(model.graph, model.weights, [steps], EXACT, gate))
    assert said[0].startswith("lstm/cell state[1,2] is the first number that is not finite: inf")
