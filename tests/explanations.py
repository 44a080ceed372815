"""Chains that the tests of the exports write down: the tutorial's point, awkward ones, and what is tried out."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from core.calculation.calculated import Spot
from core.calculation.followed import Asked, follow
from core.export.calculation.explanation import explain_followed
from core.layers.activation_layers import Activation
from core.layers.dense import Dense
from core.layers.identity import Dropout
from core.model.network import Network
from core.model.weights import Weights

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.arrays import Array, KerasArray
    from core.export.calculation.explanation import Explanation
    from core.formatting import Notation
    from core.operations.rounding import Rounding

X = np.array([0.3, 0.1])
KERAS = np.array([0.93015909], dtype=np.float32)

AWKWARD_NAME = "=1+1 a\\b_{c}$x^2~%&#|<b>`'\"--\u00e9 \u00df \u96a0 \\input{x}"
"""A name that says something in each of the formats, and has letters that some of them lack."""


def random_weights(network: Network, seed: int = 0) -> Weights:
    """Return weights that are the same for the same seed."""
    random = np.random.default_rng(seed)
    return Weights.for_network(
        network, [[random.uniform(-1.5, 1.5, shape) for shape in shapes] for shapes in network.weight_shapes]
    )


def mixed() -> Network:
    """Return a network of every kind of layer, one without a bias."""
    layers = (
        Dense("sum", 3, use_bias=False),
        Dropout("drop", 0.5),
        Dense("middle", 4, "leaky_relu", use_bias=False),
        Activation("apart", "softmax"),
        Dense("last", 2),
    )
    return Network.chain(2, layers)


def awkward() -> Network:
    """Return a network whose names mean something to other programs."""
    return Network.chain(2, (Dense(AWKWARD_NAME, 2, "tanh"), Dense("control\x1b[31m\n", 1)))


TRIED = {
    Spot((), "inputs", (0,)): 0.25,
    Spot(("hidden",), "kernel", (1, 1)): -2.0,
    Spot(("hidden",), "weighted sum", (0,)): 1.5,
    Spot(("hidden",), "pre-activation", (1,)): 0.5,
    Spot(("hidden_2",), "output", (0,)): 0.75,
}
"""Changes of every kind to a chain of three layers, the first of two units or more and two inputs."""


def explain_row(
    network: Network,
    weights: Weights,
    x: Array,
    rounding: Rounding,
    notation: Notation,
    keras: KerasArray | None = None,
    instead: Mapping[Spot, float] = MappingProxyType({}),
) -> Explanation:
    """Explain the calculation of a row of numbers."""
    asked = Asked(network, weights, x, instead, rounding, notation.digits, notation.fractions)
    return explain_followed(follow(asked), keras)
