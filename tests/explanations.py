"""Calculations that the tests of the exports write down: the tutorial's, awkward ones, and random ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.activations import ACTIVATIONS, HALVING
from core.calculation.forward import Part
from core.calculation.what_if import WhatIf
from core.export.explanation import explain
from core.formatting import Notation
from core.layers.activation_layers import Activation
from core.layers.dense import Dense
from core.layers.identity import Dropout
from core.model.network import Network, dense_network
from core.model.tutorial import trained
from core.model.weights import Weights
from core.operations.rounding import Rounding

if TYPE_CHECKING:
    from core.export.explanation import Explanation
    from core.layers.layer import Layer

X = np.array([0.3, 0.1])
KERAS = np.array([0.93015909], dtype=np.float32)

AWKWARD_NAME = "=1+1 a\\b_{c}$x^2~%&#|<b>`'\"--\u00e9 \u00df \u96a0 \\input{x}"
"""A name that says something in each of the formats, and has letters that some of them lack."""


def tutorial(rounding: Rounding = Rounding.SHOWN, digits: int = 4) -> Explanation:
    """Return the tutorial's worked example, with Keras's prediction."""
    return explain(*trained(), X, rounding, Notation(digits), KERAS)


def random_weights(network: Network, seed: int = 0) -> Weights:
    """Return weights that are the same for the same seed."""
    random = np.random.default_rng(seed)
    return Weights.for_network(
        network, [[random.uniform(-1.5, 1.5, shape) for shape in shapes] for shapes in network.weight_shapes()]
    )


def explained(
    network: Network,
    rounding: Rounding = Rounding.SHOWN,
    digits: int = 4,
    seed: int = 0,
    what_if: WhatIf | None = None,
) -> Explanation:
    """Return the calculation of a random point with random weights."""
    x = np.random.default_rng(seed + 1).uniform(-1, 1, network.inputs)
    return explain(network, random_weights(network, seed), x, rounding, Notation(digits), what_if=what_if or WhatIf())


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


def with_activation(name: str) -> Network:
    """Return a network that applies the activation as a part of a layer and, where that can be, as one of its own."""
    if name in HALVING:
        return Network.chain(3, (Dense("first", 6, name),))
    layers: tuple[Layer, ...] = (
        Dense("first", 5, name),
        Activation("apart", name),
        Dropout("drop", 0.1),
        Dense("last", 3, name, use_bias=False),
    )
    return Network.chain(3, layers)


def random_network(seed: int) -> Network:
    """Return a chain of layers, the same for the same seed."""
    random = np.random.default_rng(seed)
    names = [name for name in ACTIVATIONS if name not in HALVING and name != "exponential"]
    layers: list[Layer] = []
    for place in range(int(random.integers(1, 6))):
        activation = str(random.choice(names))
        kinds: list[Layer] = [
            Dense(f"dense_{place}", int(random.integers(1, 9)), activation, bool(random.integers(2))),
            Activation(f"activation_{place}", activation),
            Dropout(f"dropout_{place}", 0.25),
        ]
        layers.append(kinds[int(random.choice(3, p=(0.7, 0.2, 0.1)))])
    return Network.chain(int(random.integers(1, 9)), tuple(layers))


WHAT_IF = (
    WhatIf()
    .with_input(0, 0, 0.25)
    .with_array(0, 0, (1, 1), -2.0)
    .with_part(0, Part.WEIGHTED_SUM, 0, 1.5)
    .with_part(0, Part.PRE_ACTIVATION, 1, 0.5)
    .with_part(1, Part.OUTPUT, 0, 0.75)
)
"""Changes of every kind to a network of two layers or more, the first of two units or more and two inputs."""


def changed() -> Explanation:
    """Return a calculation in which a number of every kind was changed."""
    return explained(dense_network(2, "3 tanh, 2 sigmoid, 1"), what_if=WHAT_IF)
