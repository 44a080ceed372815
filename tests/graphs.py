"""Models of any calls for tests, made in memory with weights that are always the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.arrays import frozen
from core.layers.attention import MultiHeadAttention
from core.layers.convolution import Conv2D
from core.layers.dense import Dense
from core.layers.merging import Add
from core.layers.normalization import LayerNormalization
from core.layers.pooling import MaxPooling2D
from core.layers.recurrent import LSTM
from core.layers.sealed import Sealed
from core.layers.wrappers import Bidirectional
from core.layers.writer import Writer
from core.model.files.opening import OpenedGraph
from core.model.graph import Call, Graph, Input, Source, chain

if TYPE_CHECKING:
    from core.layers.layer import Layer


def opened(graph: Graph) -> OpenedGraph:
    """Return ``graph`` with weights, for inputs of 4 where a length is not fixed."""
    on, random = Writer(), np.random.default_rng(0)
    values = [on.input(tuple(4 if size is None else size for size in given.shape)) for given in graph.inputs]
    graph.write(on, values)
    return OpenedGraph(graph, {weight: frozen(random.normal(size=v.shape) / 2) for weight, v in on.weights.items()})


def recurrent() -> OpenedGraph:
    """Return an LSTM of 3 units over steps of 2 numbers, and a Dense layer after it."""
    return opened(chain("waves", Input("steps", (None, 2)), [LSTM("lstm", 3), Dense("output", 1, "tanh")]))


def attending() -> OpenedGraph:
    """Return two heads of attention over steps, added to what they are over."""
    layers: list[Layer] = [MultiHeadAttention("attention", 2, 3), Add("add"), Dense("output", 1)]
    steps, made = Source("steps"), Source("attention")
    calls = (Call("attention", (steps, steps)), Call("add", (steps, made)), Call("output", (Source("add"),)))
    return opened(Graph("block", (Input("steps", (4, 5)),), tuple(layers), calls, (Source("output"),)))


def sealed() -> OpenedGraph:
    """Return a model with a layer of somebody's own between two Dense layers."""
    before, own, after = Dense("before", 2, "tanh"), Sealed("own", "Twice", "a class of one's own"), Dense("after", 1)
    known = opened(chain("known", Input("x", (2,)), [before]))
    return OpenedGraph(chain("sealed", Input("x", (2,)), [before, own, after]), known.weights)


def convolving() -> OpenedGraph:
    """Return a convolution of images of two channels with three filters, and a pooling of what it makes."""
    window = Conv2D("conv", filters=3, kernel_size=(3, 3), strides=(1, 1), padding="same", activation="relu")
    return opened(chain("pictures", Input("image", (8, 8, 2)), [window, MaxPooling2D("pool", (2, 2), (2, 2))]))


def both_ways() -> OpenedGraph:
    """Return an LSTM that goes over steps of 2 numbers in both directions."""
    ways = Bidirectional("both", LSTM("lstm", 3, return_sequences=True))
    return opened(chain("ways", Input("steps", (None, 2)), [ways]))


def normalized() -> OpenedGraph:
    """Return a layer normalization of small images of three channels."""
    return opened(chain("norm", Input("image", (4, 4, 3)), [LayerNormalization("layer")]))
