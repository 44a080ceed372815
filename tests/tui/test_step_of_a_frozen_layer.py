"""Set weights: what a step left as it was is not said to be changed by it."""

from __future__ import annotations

import msgspec
import numpy as np

from core.layers.dense import Dense
from core.model.network import Network
from core.model.weights import Weights
from core.session.state import Model
from tests.tui.board import playing


async def test_a_frozen_layer_that_a_step_left_as_it_was_is_not_marked() -> None:
    frozen = msgspec.structs.replace(Dense("first", 3, "tanh"), trainable=False)
    network = Network.chain(2, (frozen, Dense("second", 1)))
    rows = np.random.default_rng(1)
    layers = [[rows.normal(size=shape).astype(np.float32) for shape in each] for each in network.weight_shapes]
    after = [[array.copy() for array in layers[0]], [array + 1 for array in layers[1]]]
    async with playing() as board:
        for name, held in (("a model", layers), ("a training", after)):
            weights = Weights.for_network(network, held)
            board.session.take(name, Model(network, weights, weights), board.state.dataset)
        await board.press("5")
        await board.settle()
        assert "first.set_weights()" in board.text and "* changed" not in board.text
        await board.press("j")
        assert "second.set_weights()" in board.text and "* changed" in board.text
