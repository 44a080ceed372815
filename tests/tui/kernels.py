"""Models with convolutions on the screen: over small images of three channels, and over sequences of two."""

from __future__ import annotations

from math import prod
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.layers.convolution import Conv1D, Conv2D
from core.layers.dense import Dense
from core.layers.reshaping import Flatten
from core.model.files.opening import OpenedModel
from core.model.network import Network
from core.model.weights import Weights

if TYPE_CHECKING:
    from core.arrays import KerasArray
    from tests.tui.board import Board

REST = (Flatten("flat"), Dense("output", 1, "tanh"))

IMAGES = Network.chain(48, (Conv2D("image", 4, (3, 3), (1, 1), "valid", "relu"), *REST), shape=(4, 4, 3))

SEQUENCES = Network.chain(16, (Conv1D("sequence", 5, (3,), (1,), "valid", "tanh"), *REST), shape=(8, 2))


async def show_model(board: Board, network: Network) -> None:
    """Take ``network``, the numbers of its convolution from -1 to 1 in their order, 0 in its middle."""
    shapes = network.weight_shapes
    kernel, (filters,) = shapes[0]
    numbers = np.linspace(-1, 1, prod(kernel))
    numbers[len(numbers) // 2] = 0.0
    layers = [[np.ones(shape) for shape in layer] for layer in shapes]
    layers[0] = [numbers.reshape(kernel), np.linspace(0.1, 0.5, filters)]
    weights = Weights.for_network(network, layers)
    board.session.open(OpenedModel(network, weights, None, (), b""), Path("kernels.keras"))
    await board.settle()


def kernel(board: Board) -> KerasArray:
    """Return the kernel of the convolution as it is now."""
    return board.state.model.weights.layers[0][0]
