"""A calculation as text and JSON: the tutorial's own numbers stand in both."""

from __future__ import annotations

import json

import numpy as np
import pytest

from core.calculation.forward import trace
from core.calculation.printed import LEGEND
from core.export.as_json import explanation
from core.export.text import MAX_UNITS, explanation_text
from core.layers.activation_layers import Activation
from core.layers.dense import Dense
from core.layers.identity import Dropout
from core.model.network import Network, dense_network
from core.model.tutorial import trained
from core.model.weights import Weights
from core.operations.rounding import Rounding

X = np.array([0.3, 0.1])
KERAS = np.array([0.93015909], dtype=np.float32)


def test_the_tutorials_page() -> None:
    network, weights = trained()
    text = explanation_text(network, trace(network, weights, X), Rounding.SHOWN, 4, KERAS)
    assert text.startswith("hidden 5 tanh > output 1 tanh\nx = [ 0.3000 ] [ 0.1000 ]   digits 4   rounding shown")
    assert "hidden    h = tanh(W^T x + b)" in text
    assert "  [  0.2132 ]  [  0.2145 ]  [   0.4277 ]  [  0.4034 ]\n" in text
    line = "z2 = 0.3248*0.3000 + 1.1575*0.1000 + 0.2145 ~= 0.0974 + 0.1157 + 0.2145 ~= 0.4277   h2 = tanh(z2) = 0.4034"
    assert line in text
    # 0.3766 + 0.0135 is 0.3901.
    assert "  [  0.3766 ]  [  0.0135 ]  [  ~0.3902 ]  [  0.3715 ]\n" in text
    assert text.count(LEGEND) == 1
    assert "output    y = tanh(V^T h + c)" in text
    assert text.endswith("by hand  0.9302 (0.93015913)\nKeras    0.9302 (0.93015909)   differ 4e-08\n")


def test_rounding_that_is_carried_on() -> None:
    network, weights = trained()
    steps = trace(network, weights, X, Rounding.CARRIED, 4)
    assert "by hand  0.9301" in explanation_text(network, steps, Rounding.CARRIED, 4)
    written = explanation(steps, Rounding.CARRIED, 4)
    assert written["prediction"] == [0.9301]
    assert (written["rounding"], written["digits"]) == ("carried", 4)


def test_json_is_unrounded_and_complete() -> None:
    network, weights = trained()
    written = explanation(trace(network, weights, X), Rounding.SHOWN, 4, KERAS)
    assert list(written)[:5] == ["x", "layers", "prediction", "keras", "max_abs_difference"]
    assert list(written["layers"][0]) == ["name", "weighted_sum", "bias", "pre_activation", "activation", "output"]
    assert written["prediction"][0] == pytest.approx(0.93015913, abs=5e-9)
    assert written["keras"] == [0.9301591]
    assert written["max_abs_difference"] < 1e-7
    assert written["digits"] is None


def test_without_keras_there_is_no_difference() -> None:
    network, weights = trained()
    steps = trace(network, weights, X)
    written = explanation(steps, Rounding.SHOWN, 4)
    assert written["keras"] is None
    assert written["max_abs_difference"] is None
    assert "Keras" not in explanation_text(network, steps, Rounding.SHOWN, 4)


def test_layers_without_weights_or_bias() -> None:
    layers = (Dense("sum", 2, use_bias=False), Dropout("drop", 0.5), Activation("last", "softmax"))
    network = Network.chain(2, layers)
    weights = Weights.for_network(network, [([[1.0, 0.0], [0.0, 1.0]],), (), ()])
    steps = trace(network, weights, X)
    summed, dropped, last = explanation(steps, Rounding.SHOWN, 4)["layers"]
    assert summed["bias"] is None
    assert summed["pre_activation"] == summed["weighted_sum"]
    assert dropped["pre_activation"] is None
    assert last["weighted_sum"] is None
    assert last["activation"] == "softmax"
    text = explanation_text(network, steps, Rounding.SHOWN, 4)
    assert "h = W^T x\n" in text
    assert "dropout 0.5 acts only in training" in text
    assert "y = softmax(k)" in text


def test_not_a_number_is_null_and_named() -> None:
    network = dense_network(2, "1")
    weights = Weights.for_network(network, [([[float("nan")], [float("inf")]], [0.0])])
    steps = trace(network, weights, X)
    written = explanation(steps, Rounding.SHOWN, 4, np.array([np.nan], dtype=np.float32))
    json.dumps(written, allow_nan=False)
    assert written["prediction"] == [None]
    assert written["keras"] == [None]
    assert "nan" in explanation_text(network, steps, Rounding.SHOWN, 4)


def test_a_wide_layer_is_counted_instead_of_written_out() -> None:
    network = dense_network(100, "1000 relu, 1")
    weights = Weights.for_network(network, [(np.ones((100, 1000)), np.zeros(1000)), (np.ones((1000, 1)), np.zeros(1))])
    text = explanation_text(network, trace(network, weights, np.ones(100)), Rounding.SHOWN, 4)
    assert "and 960 more units, which --format json has" in text
    assert "and 80 more numbers" in text
    assert len(text.splitlines()) < 3 * MAX_UNITS


def test_a_name_with_control_characters_is_made_harmless() -> None:
    network = Network.chain(2, (Dense("a\x1b[31mb\n", 1),))
    weights = Weights.for_network(network, [([[1.0], [1.0]], [0.0])])
    assert "\x1b" not in explanation_text(network, trace(network, weights, X), Rounding.SHOWN, 4)
