"""Cases of layers that Keras has no more."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from core.layers.no_longer import (
    Highway,
    LocallyConnected1D,
    LocallyConnected2D,
    MaxoutDense,
    ParametricSoftplus,
    SReLU,
)
from tests.core.layers.basic import SEEDS, shapes
from tests.core.layers.oracle import Case

ACTIVATED = st.sampled_from(["linear", "tanh", "sigmoid"])
FEW = st.integers(1, 3)


def _local(kind: Any, axes: int) -> Any:
    @st.composite
    def drawn(draw: Any) -> Case:
        window = tuple(draw(FEW) for _ in range(axes))
        sizes = tuple(size + draw(st.integers(0, 3)) for size in window)
        layer = kind(
            name="local",
            filters=draw(FEW),
            kernel_size=window,
            strides=tuple(draw(FEW) for _ in range(axes)),
            activation=draw(ACTIVATED),
            use_bias=draw(st.booleans()),
        )
        return Case(layer, ((*sizes, draw(FEW)),), seed=draw(SEEDS))

    return drawn()


@st.composite
def _highway(draw: Any) -> Case:
    layer = Highway("way", activation=draw(ACTIVATED), use_bias=draw(st.booleans()))
    return Case(layer, ((draw(st.integers(1, 4)),),), seed=draw(SEEDS))


@st.composite
def _maxout(draw: Any) -> Case:
    layer = MaxoutDense("most", units=draw(FEW), nb_feature=draw(FEW), use_bias=draw(st.booleans()))
    return Case(layer, ((draw(st.integers(1, 4)),),), seed=draw(SEEDS))


@st.composite
def _with_arrays(draw: Any, kind: Any) -> Case:
    shape = draw(shapes())
    shared = draw(st.none() | st.lists(st.integers(1, len(shape)), unique=True).map(tuple))
    return Case(kind(name="bent", shared_axes=shared), (shape,), seed=draw(SEEDS))


DRAWN = {
    "Highway": _highway(),
    "LocallyConnected1D": _local(LocallyConnected1D, 1),
    "LocallyConnected2D": _local(LocallyConnected2D, 2),
    "MaxoutDense": _maxout(),
    "ParametricSoftplus": _with_arrays(ParametricSoftplus),
    "SReLU": _with_arrays(SReLU),
}
