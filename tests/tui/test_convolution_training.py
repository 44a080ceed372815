"""Training a model over images from its tab: it moves the kernel, and its layers are not swapped for Dense ones."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from core.data.dataset import SumRule, generate
from core.layers.convolution import Conv2D
from core.layers.dense import Dense
from core.layers.reshaping import Flatten
from core.model.files.opening import OpenedModel
from tests.core.images import drawn_weights, network_over
from tests.tui.board import playing

if TYPE_CHECKING:
    from core.model.network import Network

NETWORK = network_over((5, 5, 1), Conv2D("conv", 2, (3, 3), (1, 1)), Flatten("flat"), Dense("out", 1, "tanh"))
OPENED = (OpenedModel(NETWORK, drawn_weights(NETWORK, 0), None, (), b""), Path("image.keras"), None)


async def test_a_training_changes_the_kernel() -> None:
    async with playing(tutorial=False, opened=OPENED) as board:
        before = board.state.model.weights
        board.session.take_data(generate(SumRule(250, 25, 12.5)))
        await board.press("2", "space")
        await board.until(lambda: board.state.model.run is not None and not board.state.training)
        assert board.state.model.epoch == 150
        assert board.state.model.network == NETWORK
        assert board.state.model.weights.layers[0][0].tobytes() != before.layers[0][0].tobytes()


@pytest.mark.parametrize("network", [NETWORK, network_over((4, 4, 1), Conv2D("all", 1, (4, 4), (1, 1)))])
async def test_the_form_leaves_the_layers_of_a_convolution_as_they_are(network: Network) -> None:
    opened = (OpenedModel(network, drawn_weights(network, 0), None, (), b""), Path("image.keras"), None)
    async with playing(tutorial=False, opened=opened) as board:
        await board.press("2", "s")
        await board.fill("epochs", "3")
        await board.press("enter")
        assert (board.state.recipe.epochs, board.state.model.network) == (3, network)
