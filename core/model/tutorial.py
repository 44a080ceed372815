"""The tutorial's own models: the one that it trained and the one that is always right."""

from __future__ import annotations

from core.layers.dense import Dense
from core.model.network import Network
from core.model.weights import Weights

X = (0.3, 0.1)
"""The point that the tutorial calculates by hand."""

TRAINED_KERNEL = [
    [-1.08239257, 0.32482854, 0.95010394, 0.00501535, -0.47380614],
    [-0.56682748, 1.15749049, 0.91618514, 0.37518814, -0.67639047],
]
TRAINED_BIAS = [-0.18290569, 0.21453567, 0.01353107, 0.27740911, 0.09604219]
OUTPUT_KERNEL = [[-0.8775745], [1.09351909], [0.21981503], [1.31380796], [-0.10301871]]
OUTPUT_BIAS = [0.27410847]


def trained() -> tuple[Network, Weights]:
    """Return Dense(5, tanh) -> Dense(1, tanh) with the weights that the tutorial prints."""
    network = Network.chain(2, (Dense("hidden", 5, "tanh"), Dense("output", 1, "tanh")))
    return network, Weights.for_network(network, [(TRAINED_KERNEL, TRAINED_BIAS), (OUTPUT_KERNEL, OUTPUT_BIAS)])


def always_right(inputs: int, threshold: float) -> tuple[Network, Weights]:
    """Return tanh(x1 + ... + xd - threshold): positive exactly where the sum is above the threshold.

    For two inputs and a threshold of 0.5 this is the tutorial's ``set_weights([[[1], [1]], [-0.5]])``.
    """
    network = Network.chain(inputs, (Dense("output", 1, "tanh"),))
    return network, Weights.for_network(network, [([[1.0]] * inputs, [-threshold])])
