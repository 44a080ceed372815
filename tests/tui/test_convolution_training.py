"""Training a model over images from its tab: it moves the kernel, and its layers are not swapped for Dense ones."""

from __future__ import annotations

from pathlib import Path

from core.model.keras_file import OpenedModel
from core.model.network import Convolution, Dense, Flatten
from tests.core.images import drawn_weights, network_over
from tests.tui.board import playing

NETWORK = network_over((5, 5, 1), Convolution("conv", 2, (3, 3), (1, 1)), Flatten("flat"), Dense("out", 1, "tanh"))
OPENED = (OpenedModel(NETWORK, drawn_weights(NETWORK, 0), None, (), b""), Path("image.keras"), None)


async def test_a_training_changes_the_kernel() -> None:
    async with playing(tutorial=False, opened=OPENED) as board:
        before = board.state.model.weights
        await board.press("2", "space")
        await board.until(lambda: board.state.model.run is not None and not board.state.training)
        assert board.state.model.epoch == 150
        assert board.state.model.network == NETWORK
        assert board.state.model.weights.layers[0][0].tobytes() != before.layers[0][0].tobytes()


async def test_other_dense_layers_do_not_take_the_place_of_a_convolution() -> None:
    async with playing(tutorial=False, opened=OPENED) as board:
        await board.press("2", "s")
        await board.fill("layers", "5 tanh, 1 tanh")
        await board.press("enter")
        assert "expected the Dense layers as they are (1 tanh)" in board.outcome
        await board.fill("layers", "1 tanh")
        await board.fill("epochs", "3")
        await board.press("enter")
        assert (board.state.recipe.epochs, board.state.model.network) == (3, NETWORK)
