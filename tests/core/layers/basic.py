"""Cases of the layers that a first network has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from core.layers.activation_layers import ELU, Activation, LeakyReLU, ReLU
from core.layers.activations import ACTIVATIONS
from core.layers.convolution import Conv1D, Conv2D, Conv3D
from core.layers.dense import Dense
from core.layers.einsum_dense import EinsumDense
from core.layers.identity import Dropout
from core.layers.pooling import AveragePooling1D, AveragePooling2D, MaxPooling1D, MaxPooling2D
from core.layers.reshaping import Flatten
from tests.core.layers.oracle import Case

if TYPE_CHECKING:
    from core.layers.layer import Function

SEEDS = st.integers(0, 100_000)
# Keras 3.15's sparsemax is not what the paper says.
NAMES = st.sampled_from(sorted(set(ACTIVATIONS) - {"sparsemax"}))
FUNCTIONS = NAMES | st.sampled_from([LeakyReLU("leaky"), ReLU("relu", 1.0, 0.1, 0.2), ELU("elu", alpha=0.5)])


def shapes(least: int = 1, most: int = 3) -> st.SearchStrategy[tuple[int, ...]]:
    """Draw a shape of so many axes."""
    return st.lists(st.integers(1, 5), min_size=least, max_size=most).map(tuple)


def _even(name: Function, units: int) -> int:
    return 2 * units if name == "glu" else units


@st.composite
def _dense(draw: Any) -> Case:
    name, masked = draw(FUNCTIONS), draw(st.booleans())
    layer = Dense("dense", _even(name, draw(st.integers(1, 5))), name, draw(st.booleans()))
    return Case(layer, (draw(shapes(1 + masked)),), (0,) * masked, seed=draw(SEEDS))


EQUATIONS = {
    "ab,bc->ac": (1, 1, ("c",)),
    "abc,cd->abd": (2, 2, (None, "d", "bd", "b")),
    "abc,bd->adc": (2, 2, ("d", "dc")),
    "abc,bcde->aed": (2, 2, ("e", "d")),
    "...x,xy->...y": (1, 1, ("y",)),
    "ab...,bc->ac...": (1, 1, ("c",)),
    "abc,cbd->abd": (2, 2, ("d", None)),
}
"""Equation -> how many axes inputs have at least, how many an output_shape, and which the bias may have."""


@st.composite
def _einsum(draw: Any) -> Case:
    equation = draw(st.sampled_from(list(EQUATIONS)))
    least, made, axes = EQUATIONS[equation]
    shape = draw(shapes(least, 3 if "..." in equation else least))
    given, out = equation.partition(",")[0].strip("."), equation.partition("->")[2].strip(".")
    known = dict(zip(reversed(given), reversed(shape), strict=False)) if equation[0] == "." else {}
    known = known or dict(zip(given[1:], shape, strict=False))
    sizes = tuple(known.get(letter) or draw(st.integers(1, 3)) for letter in out[-made:])
    name = draw(st.sampled_from(["linear", "tanh", "softmax", "relu"]))
    layer = EinsumDense(
        name="mixed", equation=equation, output_shape=sizes, activation=name, bias_axes=draw(st.sampled_from(axes))
    )
    return Case(layer, (shape,), seed=draw(SEEDS))


@st.composite
def _activation(draw: Any) -> Case:
    name, shape = draw(FUNCTIONS), draw(shapes())
    return Case(Activation("act", name), ((*shape[:-1], _even(name, shape[-1])),), seed=draw(SEEDS))


def windowed(axes: int) -> Any:
    @st.composite
    def drawn(draw: Any) -> tuple[Any, ...]:
        """Return sizes of the axes, a window, strides or dilation, and a padding that go together."""
        padding = draw(st.sampled_from(["valid", "same"]))
        apart = draw(st.integers(1, 2))
        window = tuple(draw(st.integers(1, 3)) for _ in range(axes))
        # Padding makes room for a window that is wider than the axis.
        least = tuple((size - 1) * apart + 1 if padding == "valid" else 1 for size in window)
        sizes = tuple(size + draw(st.integers(0, 3)) for size in least)
        strides = tuple(1 if apart > 1 else draw(st.integers(1, 3)) for _ in range(axes))
        # TensorFlow takes one stride for all axes, except of pooling.
        return sizes, window, (strides[0],) * axes, (apart,) * axes, padding

    return drawn()


def _convolution(kind: type[Conv1D | Conv2D | Conv3D], axes: int) -> Any:
    @st.composite
    def drawn(draw: Any) -> Case:
        sizes, window, strides, apart, padding = draw(windowed(axes))
        # Keras compiles every convolution of several groups anew, which takes long.
        groups = draw(st.sampled_from([1, 1, 1, 2]))
        layer = kind(
            "conv",
            groups * draw(st.integers(1, 3)),
            window,
            strides,
            draw(st.sampled_from([padding, "causal"])) if kind is Conv1D else padding,
            draw(st.sampled_from(["linear", "tanh", "softmax", LeakyReLU("leaky", negative_slope=0.1)])),
            draw(st.booleans()),
            dilation_rate=apart,
            groups=groups,
        )
        return Case(layer, ((*sizes, groups * draw(st.integers(1, 2))),), seed=draw(SEEDS))

    return drawn()


def pooling(kind: Any, axes: int) -> Any:
    @st.composite
    def drawn(draw: Any) -> Case:
        sizes, window, strides, apart, padding = draw(windowed(axes))
        layer = kind("pool", window, draw(st.sampled_from([strides, window])), padding)
        return Case(layer, ((*(size * apart[0] for size in sizes), draw(st.integers(1, 3))),), seed=draw(SEEDS))

    return drawn()


def of_any_shape(layer: Any) -> st.SearchStrategy[Case]:
    """Draw cases of a layer without settings that matter."""
    return st.builds(lambda shape, seed: Case(layer, (shape,), seed=seed), shapes(), SEEDS)


DRAWN = {
    "Activation": _activation(),
    "AveragePooling1D": pooling(AveragePooling1D, 1),
    "AveragePooling2D": pooling(AveragePooling2D, 2),
    "Conv1D": _convolution(Conv1D, 1),
    "Conv2D": _convolution(Conv2D, 2),
    "Conv3D": _convolution(Conv3D, 3),
    "Dense": _dense(),
    "Dropout": of_any_shape(Dropout("drop", 0.5, (None, 1))),
    "EinsumDense": _einsum(),
    "Flatten": of_any_shape(Flatten("flat")),
    "MaxPooling1D": pooling(MaxPooling1D, 1),
    "MaxPooling2D": pooling(MaxPooling2D, 2),
}
