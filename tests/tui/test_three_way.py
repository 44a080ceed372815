"""The three-way check's words where Keras's own calculation is known to be another one."""

from __future__ import annotations

import numpy as np
import pytest

from core.calculation.followed import Asked, follow
from core.model.layers_text import chain_network
from core.model.weights import Weights
from tui.tabs.three_way import KNOWN, keras_in_words


@pytest.mark.parametrize(("activation", "known"), [("sparsemax", True), ("softmax", False)])
def test_a_difference_that_is_kerass_is_said_to_be_so(activation: str, known: bool) -> None:
    network = chain_network(2, f"3 {activation}")
    weights = Weights.for_network(network, [[np.ones((2, 3)), np.array([0.1, 0.2, 0.0])]])
    made = follow(Asked(network, weights, np.array([0.3, 0.1])))
    keras = made.exact.prediction.astype(np.float32) + np.float32(0.125)
    checked = made.compared([keras], keras)
    said = keras_in_words(made, float(made.exact.prediction[0]), float(keras[0]), 0, checked)
    assert "they part first at y1 of output" in said
    assert (KNOWN in said) is known
