"""Cases of recurrent layers, their cells, and of what stands before them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from hypothesis import strategies as st

from core.layers.convolution import Conv2D
from core.layers.convolutional_recurrent import ConvLSTM1D, ConvLSTM2D, ConvLSTM3D
from core.layers.dense import Dense
from core.layers.embedding import Embedding, Masking
from core.layers.nested import Model
from core.layers.recurrent import GRU, LSTM, RNN, GRUCell, LSTMCell, SimpleRNN, SimpleRNNCell, StackedRNNCells
from core.layers.reshaping import Flatten
from core.layers.wrappers import Bidirectional, TimeDistributed
from core.model.graph import Input, chain
from tests.core.layers.basic import SEEDS, shapes, windowed
from tests.core.layers.oracle import Case
from tests.graphs import tower

if TYPE_CHECKING:
    from collections.abc import Sequence

ACTIVATION = st.sampled_from(["tanh", "sigmoid", "linear", "relu", "softmax", "elu", "softsign"])
RECURRENT = st.sampled_from(["sigmoid", "hard_sigmoid", "tanh", "softmax"])
SWITCH = st.booleans()
UNITS = st.integers(1, 4)


@st.composite
def _embedding(draw: Any) -> Case:
    rows = draw(st.integers(1, 5))
    layer = Embedding("embedding", rows, draw(UNITS), mask_zero=draw(SWITCH))
    return Case(layer, (draw(shapes(0, 2)),), whole=rows, seed=draw(SEEDS))


@st.composite
def _masking(draw: Any) -> Case:
    value = draw(st.sampled_from([0.0, 0.1, 3.0]))
    # Whole numbers below 2 are all 0 often enough.
    whole = draw(st.sampled_from([0, 2])) if value != 0.1 else 0
    return Case(Masking("masking", value), (draw(shapes(1, 3)),), whole=whole, seed=draw(SEEDS))


@st.composite
def cells(draw: Any, name: str, kind: type[Any] | None = None) -> Any:
    """Draw a cell of a kind, or of any."""
    kind = kind or draw(st.sampled_from([SimpleRNNCell, LSTMCell, GRUCell]))
    settings = {} if kind is SimpleRNNCell else {"recurrent_activation": draw(RECURRENT)}
    if kind is GRUCell:
        settings["reset_after"] = draw(SWITCH)
    return kind(name, draw(UNITS), draw(ACTIVATION), draw(SWITCH), **settings)


@st.composite
def _stacked(draw: Any) -> StackedRNNCells:
    return StackedRNNCells("stack", tuple(draw(cells(f"cell_{at}")) for at in range(draw(st.integers(2, 3)))))


@st.composite
def loops(draw: Any) -> dict[str, Any]:
    """Draw the settings of what runs over steps."""
    names = ("return_sequences", "return_state", "go_backwards", "zero_output_for_mask")
    drawn = {name: draw(SWITCH) for name in names}
    # Unrolled and backwards, Keras 3.15 takes the mask forwards for the places of the zeros.
    return drawn | {"unroll": not (drawn["go_backwards"] and drawn["zero_output_for_mask"]) and draw(SWITCH)}


def over_steps(draw: Any, kind: type[Any], loop: dict[str, Any], name: str = "recurrent") -> Any:
    """Draw a recurrent layer of a kind, with settings of its loop that are drawn already."""
    if kind is RNN:
        return RNN(name, draw(st.one_of(cells("cell"), _stacked())), **loop)
    cell = draw(cells("cell", kind.kind))
    own = {field: getattr(cell, field) for field in cell.__struct_fields__ if field != "name"}
    return kind(name, **own, **loop)


def sequences(draw: Any, layer: Any, states: Sequence[tuple[int, ...]]) -> Case:
    """Draw a case of a recurrent layer with these initial states."""
    shape, masked = (draw(st.integers(1, 4)), draw(st.integers(1, 3))), draw(SWITCH)
    by_name = masked and bool(states) and draw(SWITCH)
    return Case(layer, (shape, *states), (0,) * masked, states=len(states), by_name=by_name, seed=draw(SEEDS))


@st.composite
def _recurrent(draw: Any, kind: type[Any]) -> Case:
    layer = over_steps(draw, kind, draw(loops()))
    sizes = list(layer.states(()).values()) if draw(SWITCH) else []
    return sequences(draw, layer, sizes)


@st.composite
def _cell(draw: Any, drawn: Any) -> Case:
    cell = draw(drawn)
    sizes = [(size,) for size in cell.states().values()]
    return Case(cell, ((draw(st.integers(1, 3)),), *sizes), states=len(sizes), seed=draw(SEEDS))


def _of_images(draw: Any, kind: type[Any], loop: dict[str, Any]) -> tuple[Any, tuple[int, ...]]:
    """Draw a layer over images, and the shape of one."""
    sizes, window, strides, apart, padding = draw(windowed(len(kind.of_step) - 1))
    own = {"recurrent_activation": draw(RECURRENT), "activation": draw(ACTIVATION), "use_bias": draw(SWITCH)}
    moves = {"kernel_size": window, "strides": strides, "padding": padding, "dilation_rate": apart}
    layer = kind("series", draw(st.integers(1, 2)), **moves, **own, **loop)
    return layer, (*sizes, draw(st.integers(1, 2)))


@st.composite
def _convolutional(draw: Any, kind: type[Any]) -> Case:
    layer, step = _of_images(draw, kind, draw(loops()))
    states = list(layer.states(step).values()) if draw(SWITCH) else []
    shape, masked = (draw(st.integers(1, 3)), *step), draw(SWITCH)
    return Case(layer, (shape, *states), (0,) * masked, states=len(states), seed=draw(SEEDS))


@st.composite
def _bidirectional(draw: Any) -> Case:
    kind = draw(st.sampled_from([RNN, SimpleRNN, LSTM, GRU]))
    # Keras zeroes what is masked of both sequences, and unrolled it does so in the wrong order.
    loop = draw(loops()) | {"go_backwards": False, "unroll": False}
    first, second = over_steps(draw, kind, loop, "series"), None
    merge = draw(st.sampled_from(["sum", "mul", "ave", "concat", None]))
    ways = [first, first]
    if draw(SWITCH):
        ways[1] = second = msgspec.structs.replace(first, name="other", go_backwards=True)
        if draw(SWITCH):
            first, second = second, first
    sizes = [size for way in ways for size in way.states(()).values()] if draw(SWITCH) else []
    return sequences(draw, Bidirectional("both", first, merge, second), sizes)


@st.composite
def _images_both_ways(draw: Any) -> Case:
    layer, step = _of_images(draw, draw(st.sampled_from([ConvLSTM1D, ConvLSTM2D])), {"return_sequences": draw(SWITCH)})
    merge = draw(st.sampled_from(["sum", "concat"]))
    return Case(Bidirectional("both", layer, merge), ((draw(st.integers(1, 3)), *step),), seed=draw(SEEDS))


@st.composite
def _time_distributed(draw: Any) -> Case:
    kinds = ["dense", "flatten", "conv", "model", "branches", "lstm"]
    steps, inner = draw(st.integers(1, 3)), draw(st.sampled_from(kinds))
    before: tuple[int, ...] = (steps, draw(st.integers(1, 3)))
    match inner:
        case "dense":
            layer: Any = Dense("inner", 2, "tanh")
            shape = draw(st.sampled_from([before, (steps, 2, 3)]))
        case "flatten":
            layer, shape = Flatten("inner"), (*before, 2)
        case "conv":
            layer, shape = Conv2D("inner", 2, (2, 2), (1, 1)), (steps, 3, 2, 2)
        case "model":
            held: list[Any] = [Conv2D("conv", 2, (2, 2), (1, 1)), Flatten("flat"), Dense("out", 2, "tanh")]
            layer, shape = Model("inner", chain("inner", Input("x", (3, 2, 1)), held), "Sequential"), (steps, 3, 2, 1)
        case "branches":
            layer, shape = Model("tower", tower(Dense("middle", 2))), (steps, 2)
        case _:
            layer, shape = over_steps(draw, LSTM, draw(loops()) | {"return_state": False}, "inner"), (*before, 2)
    return Case(TimeDistributed("each", layer), (shape,), (0,) * (inner != "lstm" and draw(SWITCH)), seed=draw(SEEDS))


DRAWN = {
    "Bidirectional": _bidirectional() | _images_both_ways(),
    "ConvLSTM1D": _convolutional(ConvLSTM1D),
    "ConvLSTM2D": _convolutional(ConvLSTM2D),
    "ConvLSTM3D": _convolutional(ConvLSTM3D),
    "Embedding": _embedding(),
    "GRU": _recurrent(GRU),
    "GRUCell": _cell(cells("cell", GRUCell)),
    "LSTM": _recurrent(LSTM),
    "LSTMCell": _cell(cells("cell", LSTMCell)),
    "Masking": _masking(),
    "RNN": _recurrent(RNN),
    "SimpleRNN": _recurrent(SimpleRNN),
    "SimpleRNNCell": _cell(cells("cell", SimpleRNNCell)),
    "StackedRNNCells": _cell(_stacked()),
    "TimeDistributed": _time_distributed(),
}
