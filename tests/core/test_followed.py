"""A session's model for one point: what was tried, how it is rounded, and how Keras compares."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from core.calculation.calculated import Spot
from core.calculation.followed import Asked, follow
from core.calculation.running import layer_outputs, predict
from core.model.initial import initial_weights
from core.model.network import Network
from core.operations.rounding import Rounding
from tests import graphs

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.model.files.opening import OpenedGraph

MODELS = [graphs.recurrent, graphs.attending, graphs.nested, graphs.operating, graphs.residual]


def asked(made: Callable[[], OpenedGraph]) -> Asked:
    network = Network.of(made().graph)
    x = np.random.default_rng(1).normal(size=network.inputs)
    return Asked(network, initial_weights(network, 2), x if not network.graph.inputs[0].whole else np.abs(x) // 1)


@pytest.mark.parametrize("made", MODELS)
def test_the_calculation_of_a_point_is_the_prediction_of_its_row(made: Callable[[], OpenedGraph]) -> None:
    one = asked(made)
    followed = follow(one)
    np.testing.assert_allclose(
        followed.written.prediction, predict(one.network, one.weights, one.x[None])[0], rtol=1e-12
    )
    layers = [outputs[0].astype(np.float32) for outputs in layer_outputs(one.network, one.weights, one.x[None])]
    found = followed.compared(layers, followed.model.prediction.astype(np.float32))
    assert found.parting is None
    for place, outputs in enumerate(layers):
        wrong = [*layers[:place], outputs + np.float32(0.5), *layers[place + 1 :]]
        parting = followed.compared(wrong, followed.model.prediction.astype(np.float32)).parting
        assert parting is not None
        assert (parting.value.call, parting.index) == (one.network.paths[place], (0,) * len(parting.index))


def test_what_was_tried_and_rounded_is_kept_apart_from_the_model() -> None:
    one = asked(graphs.recurrent)
    spot = Spot(("lstm",), "cell state", (1, 0))
    tried = Asked(one.network, one.weights, one.x, {spot: 0.25}, Rounding.CARRIED, 2)
    before = follow(one)
    followed = follow(tried, before)
    assert followed.model is before.model
    assert followed.written.number(spot) == followed.exact.number(spot) == 0.25
    assert before.written.number(spot) != 0.25
    output = Spot(("output",), "output", (0,))
    assert followed.drift(output) == followed.written.number(output) - followed.exact.number(output)
    assert round(followed.written.number(output), 2) == followed.written.number(output)
    assert not tried.same(one)
    assert one.same(Asked(one.network, one.weights, one.x))
