"""Models of any calls for tests, made in memory with weights that are always the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.arrays import frozen
from core.layers.attention import MultiHeadAttention
from core.layers.dense import Dense
from core.layers.embedding import Embedding
from core.layers.global_pooling import GlobalAveragePooling1D
from core.layers.merging import Add, Subtract
from core.layers.nested import Model
from core.layers.operations import Operation
from core.layers.recurrent import LSTM
from core.layers.sealed import Sealed
from core.layers.writer import Writer
from core.model.files.opening import OpenedGraph
from core.model.graph import Call, Graph, Input, Source, chain

if TYPE_CHECKING:
    from core.layers.layer import Layer


ENTRY = '{"class_name": "Twice", "config": {"name": "own"}, "module": "theirs", "registered_name": "theirs>Twice"}'
"""What a file says of a layer of somebody's own."""


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
    calls = (
        Call("attention", (steps, steps)),
        Call("add", (steps, made), listed=True),
        Call("output", (Source("add"),)),
    )
    return opened(Graph("block", (Input("steps", (4, 5)),), tuple(layers), calls, (Source("output"),)))


def sealed() -> OpenedGraph:
    """Return a model with a layer of somebody's own between two Dense layers."""
    before, own, after = (
        Dense("before", 2, "tanh"),
        Sealed("own", "Twice", "a class of the person who saved it", ENTRY),
        Dense("after", 1),
    )
    known = opened(chain("known", Input("x", (2,)), [before]))
    return OpenedGraph(chain("sealed", Input("x", (2,)), [before, own, after]), known.weights)


def nested() -> OpenedGraph:
    """Return a model of two inputs that the same tower of two Dense layers looks at; it has the difference, scored."""
    tower = chain("tower", Input("seen", (3,)), [Dense("wide", 4, "tanh"), Dense("narrow", 2)])
    layers: list[Layer] = [Model("tower", tower, "Sequential"), Subtract("difference"), Dense("same", 1, "sigmoid")]
    calls = (
        Call("tower", (Source("one"),)),
        Call("tower", (Source("two"),)),
        Call("difference", (Source("tower"), Source("tower", 1)), listed=True),
        Call("same", (Source("difference"),)),
    )
    inputs = (Input("one", (3,)), Input("two", (3,)))
    return opened(Graph("siamese", inputs, tuple(layers), calls, (Source("same"),)))


def operating() -> OpenedGraph:
    """Return a model of an Embedding of whole numbers, and operations of Keras with plain numbers."""
    layers: list[Layer] = [
        Embedding("embedding", 7, 4),
        Operation("twice", "Multiply", "keras.src.ops.numpy"),
        Operation("exp", "Exp", "keras.src.ops.numpy"),
        GlobalAveragePooling1D("mean"),
    ]
    calls = (
        Call("embedding", (Source("words"),)),
        Call("twice", (Source("embedding"), 2.0)),
        Call("exp", (Source("twice"),)),
        Call("mean", (Source("exp"),)),
    )
    return opened(Graph("operating", (Input("words", (None,), True),), tuple(layers), calls, (Source("mean"),)))
