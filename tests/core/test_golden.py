"""The tutorial's own numbers, as its page prints them, against the calculation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from core.calculation.running import predict
from core.data.dataset import PRESETS, SumRule, generate
from core.formatting import number
from core.model import tutorial
from core.model.layers_text import chain_network
from core.model.weights import Weights
from core.operations.rounding import Rounding
from tests.tasks import judged
from tests.traced import trace

if TYPE_CHECKING:
    from tests.traced import Trace

GOLDEN: Any = json.loads((Path(__file__).parents[1] / "golden" / "article.json").read_text())
BY_HAND = GOLDEN["by_hand_4_digits"]


def steps(rounding: Rounding = Rounding.SHOWN) -> Trace:
    return trace(*tutorial.trained(), np.array(GOLDEN["x"]), rounding, 4)


def printed(values: Any) -> list[str]:
    return [number(value, 4) for value in values]


def test_the_trained_model_is_the_files() -> None:
    network, weights = tutorial.trained()
    layers = GOLDEN["layers"]
    assert [(layer.name, network.widths()[i + 1]) for i, layer in enumerate(network.layers)] == [
        (layer["name"], layer["units"]) for layer in layers
    ]
    assert network == chain_network(2, ", ".join(f"{layer['units']} {layer['activation']}" for layer in layers))
    assert weights.equal(Weights.for_network(network, [(layer["kernel"], layer["bias"]) for layer in layers]))


def test_the_always_right_model_is_the_files() -> None:
    network, weights = tutorial.always_right(2, 0.5)
    (layer,) = GOLDEN["always_right"]["layers"]
    assert network == chain_network(2, f"{layer['units']} {layer['activation']}")
    assert network.layers[0].name == layer["name"]
    assert weights.equal(Weights.for_network(network, [(layer["kernel"], layer["bias"])]))


def test_the_weighted_sums_are_as_printed() -> None:
    hidden, output = steps().steps
    assert hidden.weighted_sum is not None and output.weighted_sum is not None
    assert printed(hidden.weighted_sum) == printed(BY_HAND["hidden_weighted_sum"])
    assert printed(output.weighted_sum) == printed(BY_HAND["output_weighted_sum"])


def test_the_outputs_are_as_printed() -> None:
    hidden, output = steps().steps
    assert printed(hidden.output) == printed(BY_HAND["hidden_output"])
    assert printed(output.output) == printed(BY_HAND["output"])


@pytest.mark.parametrize(("rounding", "shown"), [(Rounding.SHOWN, "0.9302"), (Rounding.CARRIED, "0.9301")])
def test_the_way_of_rounding_tells_in_the_fourth_digit(rounding: Rounding, shown: str) -> None:
    assert printed(steps(rounding).prediction) == [shown]


def test_the_prediction_is_kerass_to_the_last_bit_of_float32() -> None:
    network, weights = tutorial.trained()
    prediction = predict(network, weights, np.array([GOLDEN["x"]]))[0, 0]
    spacing = float(np.spacing(np.float32(GOLDEN["keras_predict"])))
    assert prediction == pytest.approx(GOLDEN["keras_predict"], abs=spacing)


@pytest.mark.parametrize("seed", range(5))
def test_the_always_right_model_is_right_on_every_test_point(seed: int) -> None:
    expected = GOLDEN["always_right"]
    data = generate(SumRule(expected["test_points"], seed=seed))
    evaluation = judged(predict(*tutorial.always_right(2, 0.5), data.points), data.labels)
    assert (evaluation.points, evaluation.accuracy) == (200, expected["accuracy"])
    assert evaluation.failures.size == 0
    assert evaluation.binary_accuracy is not None and evaluation.binary_accuracy < 0.9, "labels of -1 never match a 0"


def test_the_presets_are_the_tutorials_two_parts() -> None:
    first, previous = PRESETS
    part = GOLDEN["previous_part"]
    assert (first.rule.points, first.rule.inputs, first.rule.threshold) == (250, 2, 0.5)
    assert (previous.rule.inputs, previous.rule.threshold) == (part["inputs"], part["threshold"])
    shape = f"{part['hidden_units']} {part['activation']}, {part['output_units']} {part['activation']}"
    assert chain_network(5, previous.shape) == chain_network(5, shape)
