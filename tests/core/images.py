"""Networks over images and sequences, drawn by hypothesis, with weights and points for them."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import strategies as st

from core.layers.activation_layers import Activation
from core.layers.convolution import Conv1D, Conv2D
from core.layers.dense import Dense
from core.layers.identity import Dropout
from core.layers.pooling import AveragePooling1D, AveragePooling2D, MaxPooling1D, MaxPooling2D
from core.layers.reshaping import Flatten
from core.model.network import Network
from core.model.weights import Weights

if TYPE_CHECKING:
    from typing import Literal

    import numpy.typing as npt

    from core.arrays import Array, KerasArray

    Padding = Literal["valid", "same"]
    from core.layers.layer import Layer

SMOOTH = ["linear", "relu", "tanh", "sigmoid", "softmax", "elu", "softplus", "log_softmax"]

PADDINGS: tuple[Padding, ...] = ("valid", "same")


def network_over(shape: tuple[int, ...], *layers: Layer) -> Network:
    return Network.chain(prod(shape), layers, shape=shape)


def drawn_weights(network: Network, seed: int) -> Weights:
    random = np.random.default_rng(seed)
    shapes = network.weight_shapes
    return Weights.for_network(network, [[random.normal(0, 0.7, shape) for shape in layer] for layer in shapes])


def drawn_points(network: Network, seed: int, points: int = 3) -> KerasArray:
    return np.random.default_rng(seed).normal(size=(points, network.inputs)).astype(np.float32)


def numbers(values: npt.ArrayLike) -> Array:
    return np.asarray(values, dtype=np.float64)


Windows = tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], "Padding"]


@st.composite
def windows(draw: st.DrawFn, most: int = 7) -> Windows:
    """Draw an image's places, a window that fits it, its strides and its padding, along one axis or two."""
    axes = draw(st.integers(1, 2))
    places = tuple(draw(st.integers(1, most)) for _ in range(axes))
    padding = draw(st.sampled_from(PADDINGS))
    window = tuple(draw(st.integers(1, size if padding == "valid" else 4)) for size in places)
    stride = draw(st.integers(1, 3))
    return places, window, (stride,) * axes, padding


@st.composite
def chains(draw: st.DrawFn) -> Network:
    """Draw a chain such as convolution, pooling, flatten, dense over images or sequences of one to three channels."""
    axes = draw(st.integers(1, 2))
    shape = (*(draw(st.integers(3, 7)) for _ in range(axes)), draw(st.integers(1, 3)))
    network = network_over(shape)
    for place in range(draw(st.integers(1, 3))):
        network = network_over(shape, *network.layers, draw(windowed(network.shapes()[-1][:-1], f"window_{place}")))
    layers = list(network.layers)
    if draw(st.booleans()):
        layers.append(Activation("act", draw(st.sampled_from(SMOOTH))))
    if draw(st.booleans()):
        layers += [Dropout("drop", 0.5), Flatten("flat"), Dense("output", draw(st.integers(1, 4)), "tanh")]
    return network_over(shape, *layers)


@st.composite
def windowed(draw: st.DrawFn, places: tuple[int, ...], name: str) -> Layer:
    padding = draw(st.sampled_from(PADDINGS))
    window = tuple(draw(st.integers(1, min(size, 3) if padding == "valid" else 3)) for size in places)
    # TensorFlow takes strides only if they are the same along both axes.
    strides = (draw(st.integers(1, 2)),) * len(places)
    kind = draw(st.sampled_from(["convolution", "convolution", "max", "average"]))
    if kind == "max":
        return (MaxPooling2D if len(window) == 2 else MaxPooling1D)(name, window, strides, padding)
    if kind == "average":
        return (AveragePooling2D if len(window) == 2 else AveragePooling1D)(name, window, strides, padding)
    function = draw(st.sampled_from(SMOOTH))
    return (Conv2D if len(window) == 2 else Conv1D)(
        name, draw(st.integers(1, 4)), window, strides, padding, function, draw(st.booleans())
    )
