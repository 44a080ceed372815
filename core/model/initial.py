"""Initial weights as Keras's layers make them: mostly a Glorot-uniform kernel and a bias of zeros."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from core.arrays import frozen
from core.errors import Refused
from core.model.weights import Weights

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.arrays import Array
    from core.layers.layer import Layer
    from core.model.network import Network
    from core.operations.operation import Shape

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


def initial_weights(network: Network, seed: int) -> Weights:
    """Return fresh weights for ``network`` as its layers begin in Keras; the same ``seed`` gives the same ones.

    The stream is NumPy's, so the numbers are not those that Keras draws for the same seed.

    Raises:
        Refused: the network has more than ``MAX_WEIGHTS`` weights.
    """
    wanted = sum(math.prod(shape) for shapes in network.weight_shapes for shape in shapes)
    if wanted > MAX_WEIGHTS:
        raise Refused(f"expected a new model of at most {MAX_WEIGHTS:,} weights, got {wanted:,}")
    random = np.random.default_rng(seed)
    return Weights(
        tuple(
            tuple(frozen(INITIALIZERS[_initializer(layer, name)](shape, random)) for name, shape in arrays.items())
            for layer, arrays in ((layer, network.arrays_of(place)) for place, layer in enumerate(network.layers))
        )
    )


def _initializer(layer: Layer, array: str) -> str:
    *within, name = array.split("/")
    usual = "glorot_uniform" if name.endswith("kernel") else "zeros"
    return layer.part(within).initializers.get(name, usual)


def _glorot_uniform(shape: Shape, random: np.random.Generator) -> Array:
    """Uniform in [-limit, limit) with limit = sqrt(6 / (fan in + fan out)).

    From "Understanding the difficulty of training deep feedforward neural networks" (Glorot and Bengio, 2010).
    """
    limit = np.sqrt(6.0 / sum(fans(shape)))
    return random.uniform(-limit, limit, size=shape)


def _orthogonal(shape: Shape, random: np.random.Generator) -> Array:
    """A matrix whose shorter side is of vectors of length 1 that stand upright on each other.

    From "Exact solutions to the nonlinear dynamics of learning in deep linear neural networks" (Saxe et al., 2014).
    """
    rows, columns = math.prod(shape[:-1]), shape[-1]
    q, r = np.linalg.qr(random.normal(size=(max(rows, columns), min(rows, columns))))
    q *= np.sign(np.diag(r))
    return np.asarray((q if rows >= columns else q.T).reshape(shape))


def _unit_forget(shape: Shape, _random: np.random.Generator) -> Array:
    """Zeros, but 1 for the forget gate, the second of the four that an LSTM's bias is for."""
    made = np.zeros(shape)
    made[shape[0] // 4 : shape[0] // 2] = 1.0
    return made


INITIALIZERS: dict[str, Callable[[Shape, np.random.Generator], Array]] = {
    "glorot_uniform": _glorot_uniform,
    "ones": lambda shape, _random: np.ones(shape),
    "orthogonal": _orthogonal,
    "random_uniform": lambda shape, random: random.uniform(-0.05, 0.05, size=shape),
    "unit_forget": _unit_forget,
    "zeros": lambda shape, _random: np.zeros(shape),
}
"""What arrays begin with, by Keras's names."""
