"""Initial weights as Keras's layers make them: a Glorot-uniform kernel and a bias of zeros."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from core.arrays import frozen
from core.errors import Refused
from core.model.weights import LayerArrays, Weights

if TYPE_CHECKING:
    from core.model.network import Network

MAX_SEED = 2**32 - 1

MAX_WEIGHTS = 50_000_000
"""How many numbers a new model may have: 200 MB in float32, and three times as much while they are made."""


def fans(shape: tuple[int, ...]) -> tuple[int, int]:
    """Return how many numbers go into a unit and come out of it, for a kernel of this ``shape``.

    A Dense kernel is (inputs, units); a convolution's ends in (input channels, output channels), and every place of
    its window counts; a vector's only size is both (Keras's ``compute_fans``).
    """
    if len(shape) == 0:
        return 1, 1
    if len(shape) == 1:
        return shape[0], shape[0]
    window = math.prod(shape[:-2])
    return window * shape[-2], window * shape[-1]


def glorot_uniform(network: Network, seed: int) -> Weights:
    """Return fresh weights for ``network``; the same ``seed`` gives the same ones.

    Kernels are uniform in [-limit, limit) with limit = sqrt(6 / (fan in + fan out)), from "Understanding the
    difficulty of training deep feedforward neural networks" (Glorot and Bengio, 2010). The stream is NumPy's,
    so the numbers are not those that Keras draws for the same seed.

    Raises:
        Refused: the network has more than ``MAX_WEIGHTS`` weights.
    """
    wanted = sum(math.prod(shape) for shapes in network.weight_shapes() for shape in shapes)
    if wanted > MAX_WEIGHTS:
        raise Refused(f"expected a new model of at most {MAX_WEIGHTS:,} weights, got {wanted:,}")
    generator = np.random.default_rng(seed)
    layers: list[LayerArrays] = []
    for shapes in network.weight_shapes():
        if not shapes:
            layers.append(())
            continue
        limit = np.sqrt(6.0 / sum(fans(shapes[0])))
        kernel = frozen(generator.uniform(-limit, limit, size=shapes[0]))
        layers.append((kernel, *(frozen(np.zeros(shape)) for shape in shapes[1:])))
    return Weights(tuple(layers))
