"""Models of any calls for tests, made in memory with weights that are always the same."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from core.arrays import frozen
from core.layers.activation_layers import ReLU
from core.layers.activations import ACTIVATIONS
from core.layers.attention import MultiHeadAttention
from core.layers.convolution import Conv1D, Conv2D
from core.layers.dense import Dense
from core.layers.embedding import Embedding
from core.layers.global_pooling import GlobalAveragePooling1D, GlobalAveragePooling2D
from core.layers.merging import Add, Concatenate, Multiply, Subtract
from core.layers.nested import Model
from core.layers.normalization import BatchNormalization, LayerNormalization
from core.layers.operations import Operation
from core.layers.pooling import AveragePooling2D, MaxPooling2D
from core.layers.recurrent import GRU, LSTM, SimpleRNN
from core.layers.reshaping import Flatten, UpSampling2D, ZeroPadding2D
from core.layers.sealed import Sealed
from core.layers.transposed import Conv2DTranspose
from core.layers.wrappers import Bidirectional, TimeDistributed
from core.layers.writer import Weight, Writer
from core.model.files.opening import OpenedGraph
from core.model.graph import Call, Graph, Input, Source, chain
from core.model.network import Network

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.arrays import Array
    from core.layers.layer import Layer


ENTRY = (
    '{"class_name": "Twice", "config": {"factor": 2, "name": "own"}, "module": "theirs", '
    '"registered_name": "theirs>Twice"}'
)
"""What a file says of a layer of somebody's own."""


def opened(graph: Graph) -> OpenedGraph:
    """Return ``graph`` with weights, for inputs of 4 where a length is not fixed."""
    on, random = Writer(), np.random.default_rng(0)
    values = [on.input(tuple(4 if size is None else size for size in given.shape)) for given in graph.inputs]
    graph.write(on, values)
    drawn = {weight: random.normal(size=value.shape) / 2 for weight, value in on.weights.items()}
    # A variance is never below 0.
    return OpenedGraph(
        graph, {weight: frozen(np.abs(a) if "variance" in weight.name else a) for weight, a in drawn.items()}
    )


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


def image() -> OpenedGraph:
    """Return convolution over padding, both poolings, both normalizations, and a Dense layer over all of it."""
    layers: list[Layer] = [
        Conv2D("conv", filters=2, kernel_size=(3, 3), strides=(1, 1), padding="same", activation="relu"),
        MaxPooling2D("largest", pool_size=(2, 2), strides=(1, 1), padding="same"),
        BatchNormalization("batch"),
        AveragePooling2D("mean", pool_size=(2, 2), strides=(2, 2), padding="same"),
        LayerNormalization("layer"),
        Flatten("flat"),
        Dense("classes", 3, "softmax"),
    ]
    return opened(chain("image", Input("picture", (5, 5, 1)), layers))


def branching() -> OpenedGraph:
    """Return a shared layer called with two inputs, whose outputs are joined, multiplied and divided by functions."""
    one, two, shared = Source("one"), Source("two"), [Source("shared"), Source("shared", 1)]
    layers: list[Layer] = [Dense("shared", 3, "gelu"), Concatenate("join"), Multiply("times"), Dense("far", 2, "elu")]
    calls = (
        Call("shared", (one,)),
        Call("shared", (two,)),
        Call("join", tuple(shared), listed=True),
        Call("times", tuple(shared), listed=True),
        Call("far", (Source("join"),)),
    )
    inputs = (Input("one", (2,)), Input("two", (2,)))
    return opened(Graph("pair", inputs, tuple(layers), calls, (Source("far"), Source("times"))))


def dense(shape: str = "5 tanh, 1 tanh", inputs: int = 2) -> OpenedGraph:
    """Return a chain of Dense layers: ``5 tanh, 1`` is five units with tanh, then one without."""
    layers = [
        Dense(f"dense_{place}", int(part.split()[0]), activation=(*part.split(), "linear")[1])
        for place, part in enumerate(shape.split(","), start=1)
    ]
    return opened(chain("dense", Input("x", (inputs,)), layers))


def of_words() -> OpenedGraph:
    """Return a Dense layer over the rows of three words, whose indices are whole numbers, and over two other inputs."""
    layers: list[Layer] = [Embedding("rows", 20, 2), Flatten("flat"), Concatenate("join"), Dense("output", 1)]
    calls = (
        Call("rows", (Source("words"),)),
        Call("flat", (Source("rows"),)),
        Call("join", (Source("flat"), Source("more")), listed=True),
        Call("output", (Source("join"),)),
    )
    inputs = (Input("more", (2,)), Input("words", (3,), whole=True))
    return opened(Graph("of_words", inputs, tuple(layers), calls, (Source("output"),)))


MODELS = {
    "dense": dense,
    "recurrent": recurrent,
    "attending": attending,
    "image": image,
    "branching": branching,
}
"""What the exports and other readers of calculations are tried with."""


def with_activations() -> OpenedGraph:
    """Return Dense layers with every activation that keeps the number of units, one after the other."""
    names = [name for name in ACTIVATIONS if name not in ("glu", "exponential")]
    return opened(chain("every", Input("x", (3,)), [Dense(name, 3, name) for name in names]))


def moving() -> OpenedGraph:
    """Return layers that move, pad and spread numbers."""
    layers: list[Layer] = [
        ZeroPadding2D("padding", padding=((1, 0), (0, 2))),
        UpSampling2D("larger", size=(2, 1)),
        Conv2DTranspose("back", filters=2, kernel_size=(3, 3), strides=(2, 2), padding="same"),
    ]
    return opened(chain("moving", Input("picture", (3, 2, 1)), layers))


def words() -> OpenedGraph:
    """Return an Embedding with two recurrent layers and a convolution over its rows."""
    layers: list[Layer] = [
        Embedding("rows", input_dim=5, output_dim=3),
        GRU("gru", 2, return_sequences=True),
        Conv1D("conv", filters=2, kernel_size=(2,), strides=(1,), padding="causal", dilation_rate=(2,)),
        SimpleRNN("rnn", 2, go_backwards=True),
    ]
    return opened(chain("words", Input("words", (None,), whole=True), layers))


CASES = {**MODELS, "activations": with_activations, "moving": moving, "words": words}
"""Those, every activation, and layers that move and pick numbers."""


def point(model: OpenedGraph, seed: int = 1) -> list[Array]:
    """Return a point for ``model``, numbers of two decimal places or whole ones, the same for the same seed."""
    random = np.random.default_rng(seed)
    points = []
    for given in model.graph.inputs:
        shape = tuple(4 if size is None else size for size in given.shape)
        drawn = random.normal(size=shape).round(2)
        points.append(np.floor(np.abs(drawn)) + 1.0 if given.whole else drawn)
    return points


def sealed() -> OpenedGraph:
    """Return a model with a layer of somebody's own between two Dense layers."""
    before, own, after = (
        Dense("before", 2, "tanh"),
        Sealed("own", "Twice", "a class of the person who saved it", ENTRY, (("vars/0", (2, 3)),)),
        Dense("after", 1),
    )
    known = opened(chain("known", Input("x", (2,)), [before]))
    arrays = {**known.weights, Weight(("own",), "vars/0"): frozen([[1, 2, 3], [4, 5, 6]])}
    return OpenedGraph(chain("sealed", Input("x", (2,)), [before, own, after]), arrays)


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


def tower(middle: Layer) -> Graph:
    """Return a model of which Keras has the layers in another order than they are called in, one of them twice."""
    inside = (
        Call("behind", (Source("seen"),)),
        Call("first", (Source("behind"),)),
        Call("first", (Source("seen"),)),
        Call("late", (Source("first", 1),)),
        Call(middle.name, (Source("late"),)),
        Call("later", (Source(middle.name),)),
        Call("sum", (Source("later"), Source("first")), listed=True),
    )
    dense = [Dense(name, 2, "tanh") for name in ("first", "late", "behind", "later")]
    held: list[Layer] = [*dense[:2], middle, *dense[2:], Add("sum")]
    return Graph("tower", (Input("seen", (2,)),), tuple(held), inside, (Source("sum"),))


def each_step() -> OpenedGraph:
    """Return a model that is called at each of three steps, and an LSTM over what it makes."""
    layers = [
        TimeDistributed("each", Model("tower", tower(BatchNormalization("norm")))),
        LSTM("lstm", 3),
        Dense("output", 1, "sigmoid"),
    ]
    return opened(chain("steps", Input("steps", (3, 2)), layers))


def operating() -> OpenedGraph:
    """Return a model of an Embedding of whole numbers, and operations of Keras with plain numbers."""
    layers: list[Layer] = [
        Embedding("embedding", 7, 4),
        Operation("twice", "Multiply"),
        Operation("exp", "Exp"),
        GlobalAveragePooling1D("mean"),
    ]
    calls = (
        Call("embedding", (Source("words"),)),
        Call("twice", (Source("embedding"), 2.0)),
        Call("exp", (Source("twice"),)),
        Call("mean", (Source("exp"),)),
    )
    words = Input("words", (None,), True, (-(2**31), 2**31 - 1))
    return opened(Graph("operating", (words,), tuple(layers), calls, (Source("mean"),)))


def residual() -> OpenedGraph:
    """Return two blocks, each added to what goes into it, the second one frozen, and two outputs."""
    names = ("a1", "a2", "b1", "b2")
    dense = [Dense(name, 4, "relu", trainable=name[0] != "b") for name in names]
    layers = (*dense, Add("add_a"), Add("add_b"), Dense("aside", 2), Dense("output", 1))
    x, a, b = Source("x"), Source("add_a"), Source("add_b")
    calls = (
        Call("a1", (x,)),
        Call("a2", (Source("a1"),)),
        Call("add_a", (x, Source("a2")), listed=True),
        Call("aside", (a,)),
        Call("b1", (a,)),
        Call("b2", (Source("b1"),)),
        Call("add_b", (a, Source("b2")), listed=True),
        Call("output", (b,)),
    )
    return opened(Graph("residual", (Input("x", (4,)),), layers, calls, (Source("output"), Source("aside"))))


def siamese(frozen: str = "") -> OpenedGraph:
    """Return a tower with a branch in it that is called twice, on two inputs, and the difference of what it makes."""
    left, right = (Dense(name, 3, trainable=name not in frozen) for name in ("left", "right"))
    layers = (left, right, Multiply("gate"))
    given = Source("given")
    inside = (
        Call("left", (given,)),
        Call("right", (given,)),
        Call("gate", (Source("left"), Source("right")), listed=True),
    )
    tower = Graph("tower", (Input("given", (2,)),), layers, inside, (Source("gate"),))
    calls = (
        Call("tower", (Source("one"),)),
        Call("tower", (Source("two"),)),
        Call("difference", (Source("tower"), Source("tower", 1)), listed=True),
        Call("output", (Source("difference"),)),
    )
    outer = (Model("tower", tower), Subtract("difference"), Dense("output", 1))
    return opened(Graph("siamese", (Input("one", (2,)), Input("two", (2,))), outer, calls, (Source("output"),)))


def u_shaped(levels: int = 3) -> OpenedGraph:
    """Return ``levels`` Dense layers down and as many up, each of these over the one below and the one across."""
    down = [Source("x"), *(Source(f"down_{level}") for level in range(1, levels + 1))]
    layers: list[Layer] = [Dense(f"down_{level}", 4, "relu") for level in range(1, levels + 1)]
    calls = [Call(source.layer, (before,)) for before, source in pairwise(down)]
    below = down[-1]
    for level in range(levels - 1, 0, -1):
        layers += [Concatenate(f"join_{level}"), Dense(f"up_{level}", 4, "relu")]
        calls += [
            Call(f"join_{level}", (down[level], below), listed=True),
            Call(f"up_{level}", (Source(f"join_{level}"),)),
        ]
        below = Source(f"up_{level}")
    return opened(Graph("u", (Input("x", (4,)),), tuple(layers), tuple(calls), (below,)))


def long(layers: int) -> OpenedGraph:
    """Return so many Dense layers of 4 units one after the other."""
    return opened(chain("long", Input("x", (4,)), [Dense(f"dense_{at}", 4, "tanh") for at in range(1, layers + 1)]))


def batch_normalized() -> OpenedGraph:
    """Return images through a convolution without a bias, normalised over the batch, and the mean of every channel."""
    layers: list[Layer] = [
        Conv2D("conv", 3, (2, 2), (1, 1), use_bias=False),
        BatchNormalization("norm"),
        ReLU("relu"),
        GlobalAveragePooling2D("mean"),
        Dense("output", 1, "tanh"),
    ]
    model = opened(chain("batch_normalized", Input("image", (4, 4, 2)), layers))
    return OpenedGraph(
        model.graph, {w: frozen(np.abs(a)) if "variance" in w.name else a for w, a in model.weights.items()}
    )


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


EVERY = (recurrent, attending, nested, operating, residual, siamese, u_shaped, batch_normalized)
"""Models of every kind, of which Keras builds and trains each."""


def network_of(made: Callable[[], OpenedGraph]) -> Network:
    """Return such a model as a session holds it."""
    return Network.of(made().graph)
