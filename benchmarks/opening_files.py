"""Files that are opened to be timed: models of the sizes of MobileNetV2 and VGG16, and one of 1,000 layers.

Their layers are those of both papers, as Keras has them; their numbers are drawn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import h5py
import numpy as np

from core.layers.activation_layers import ReLU
from core.layers.convolution import Conv2D
from core.layers.dense import Dense
from core.layers.depthwise import DepthwiseConv2D
from core.layers.global_pooling import GlobalAveragePooling2D
from core.layers.merging import Add
from core.layers.normalization import BatchNormalization
from core.layers.pooling import MaxPooling2D
from core.layers.reshaping import Flatten, ZeroPadding2D
from core.model.archive.whole import write_archive
from core.model.graph import Call, Graph, Input, Source, chain
from core.model.network import Network
from core.model.weights import Weights

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import numpy.typing as npt

    from core.layers.layer import Layer

IMAGE = Input("image", (224, 224, 3))
DATE = "2024-01-01@00:00:00"

BLOCKS = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1))
"""Of MobileNetV2: how many times wider within, how many channels come out, how many blocks, the first one's stride."""

FILTERS = ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))
"""Of VGG16: filters, and how many convolutions with them stand before a pooling."""


def mobilenet() -> Network:
    """Return MobileNetV2 over images of 224 x 224: 155 layers, 3.5 million numbers."""
    on = _Chained()
    on.convolution("Conv1", 32, 3, 2)
    channels = 32
    for wider, out, times, first in BLOCKS:
        for at in range(times):
            begun, stride = on.at, first if at == 0 else 1
            on.block(f"block_{len(on.layers)}", channels, wider, out, stride)
            if stride == 1 and channels == out:
                on.add(Add(f"add_{len(on.layers)}"), begun, on.at)
            channels = out
    on.convolution("Conv_1", 1280, 1, 1)
    on.add(GlobalAveragePooling2D("pool"))
    on.add(Dense("predictions", 1000, "softmax"))
    return on.network("mobilenetv2")


def vgg() -> Network:
    """Return VGG16 over images of 224 x 224: 138 million numbers, 553 MB."""
    layers: list[Layer] = []
    for block, (filters, times) in enumerate(FILTERS, 1):
        for at in range(1, times + 1):
            layers.append(Conv2D(f"block{block}_conv{at}", filters, (3, 3), (1, 1), "same", "relu"))
        layers.append(MaxPooling2D(f"block{block}_pool", (2, 2), (2, 2)))
    layers += [Flatten("flatten"), Dense("fc1", 4096, "relu"), Dense("fc2", 4096, "relu")]
    return Network.of(chain("vgg16", IMAGE, [*layers, Dense("predictions", 1000, "softmax")]))


def long(layers: int = 1000) -> Network:
    """Return so many layers in a row."""
    held = [Dense(f"layer_{at:04d}", 8, "tanh") for at in range(1, layers + 1)]
    return Network.of(chain("long", Input("inputs", (8,)), held))


class _Chained:
    """Layers that are called one after the other, some of them of two before."""

    def __init__(self) -> None:
        self.layers: list[Layer] = []
        self.calls: list[Call] = []
        self.at = Source(IMAGE.name)

    def add(self, layer: Layer, *sources: Source) -> None:
        """Go on with ``layer``, of what was made last or of these."""
        self.layers.append(layer)
        self.calls.append(Call(layer.name, sources or (self.at,), listed=len(sources) > 1))
        self.at = Source(layer.name)

    def convolution(self, name: str, filters: int, size: int, stride: int, *, bounded: bool = True) -> None:
        """Go on with a convolution without a bias, normalized and, if it is ``bounded``, held between 0 and 6."""
        self.add(Conv2D(name, filters, (size, size), (stride, stride), "same", use_bias=False))
        self._normalized(name, bounded)

    def block(self, name: str, channels: int, wider: int, out: int, stride: int) -> None:
        """Go on with one of MobileNetV2's blocks: made wider, each channel alone, made narrower."""
        if wider > 1:
            self.convolution(f"{name}_expand", wider * channels, 1, 1)
        if stride == 2:
            self.add(ZeroPadding2D(f"{name}_pad", ((0, 1), (0, 1))))
        padding: Literal["valid", "same"] = "valid" if stride == 2 else "same"
        self.add(DepthwiseConv2D(f"{name}_depthwise", (3, 3), (stride, stride), padding, use_bias=False))
        self._normalized(f"{name}_depthwise", True)
        self.convolution(f"{name}_project", out, 1, 1, bounded=False)

    def _normalized(self, name: str, bounded: bool) -> None:
        self.add(BatchNormalization(f"{name}_bn", momentum=0.999, epsilon=0.001))
        if bounded:
            self.add(ReLU(f"{name}_relu", max_value=6.0))

    def network(self, name: str) -> Network:
        """Return the model of all of them."""
        return Network.of(Graph(name, (IMAGE,), tuple(self.layers), tuple(self.calls), (self.at,)))


def drawn(network: Network) -> Weights:
    """Return numbers from 0 to 0.1, which no variance among them makes wrong."""
    random = np.random.default_rng(0)
    layers = [[_some(random, shape) for shape in shapes] for shapes in network.weight_shapes]
    return Weights.for_network(network, layers)


def _some(random: np.random.Generator, shape: tuple[int, ...]) -> npt.NDArray[Any]:
    return random.random(shape, np.float32) * np.float32(0.1)


def as_keras(path: Path, network: Network, weights: Weights) -> None:
    """Save a model as Keras 3 does."""
    path.write_bytes(write_archive(network, weights, None, DATE))


def as_hdf5(path: Path, network: Network, weights: Weights) -> None:
    """Save a model as Keras does in HDF5."""
    names = [layer.name for layer in network.layers]
    with h5py.File(path, "w") as file:
        file.attrs["model_config"], file.attrs["keras_version"] = network.config, "3.15.1"
        file.attrs["backend"] = "tensorflow"
        group = file.create_group("model_weights")
        group.attrs["layer_names"] = _texts(names)
        for name, arrays, labels in zip(names, weights.layers, network.weight_names, strict=True):
            held = group.create_group(name)
            held.attrs["weight_names"] = _texts(f"{name}/{label}" for label in labels)
            for label, array in zip(labels, arrays, strict=True):
                held[f"{name}/{label}"] = array


def _texts(words: Iterable[str]) -> npt.NDArray[Any]:
    return np.array([word.encode() for word in words] or [], dtype="S")
