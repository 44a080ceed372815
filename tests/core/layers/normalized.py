"""Cases of layers that normalize."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from core.layers.normalization import (
    BatchNormalization,
    Clipping,
    GroupNormalization,
    LayerNormalization,
    Normalization,
    Rescaling,
    RMSNormalization,
    UnitNormalization,
)
from tests.core.layers.basic import SEEDS, shapes
from tests.core.layers.oracle import Case
from tests.core.layers.passing import some_axes

WEIGHTS = {
    "count": np.abs,
    "moving_variance": lambda drawn: drawn**2 + 0.01,
    "variance": lambda drawn: drawn**2 + 0.01,
}


def _scaled(draw: Any) -> dict[str, Any]:
    return {
        "epsilon": draw(st.sampled_from([1e-3, 0.1])),
        "center": draw(st.booleans()),
        "scale": draw(st.booleans()),
    }


def _one_axis(draw: Any, rank: int) -> int:
    return int(draw(st.integers(1, rank) | st.integers(-rank, -1)))


def _case(draw: Any, layer: Any, shape: tuple[int, ...]) -> Case:
    masked = layer.passes_mask and len(shape) == 2 and draw(st.booleans())
    # Far from 0 float32 keeps too little of how the numbers of one point differ.
    centre = draw(st.sampled_from([0.0, 5.0])) if isinstance(layer, BatchNormalization | Normalization) else 0.0
    return Case(layer, (shape,), (0,) * masked, seed=draw(SEEDS), centre=centre, weights=WEIGHTS)


@st.composite
def _batch(draw: Any) -> Case:
    shape = draw(shapes())
    axis = _one_axis(draw, len(shape))
    trained = draw(st.sampled_from([{}, {"renorm_momentum": 0.5, "renorm_clipping": Clipping(rmax=2.0, dmax=0.5)}]))
    renorm = {"renorm": True, **trained} if draw(st.booleans()) else {}
    return _case(draw, BatchNormalization("norm", axis=axis, **renorm, **_scaled(draw)), shape)


@st.composite
def _layer(draw: Any) -> Case:
    shape = draw(shapes())
    axes = draw(some_axes(len(shape)))
    return _case(draw, LayerNormalization("norm", axis=axes, rms_scaling=draw(st.booleans()), **_scaled(draw)), shape)


@st.composite
def _group(draw: Any) -> Case:
    shape = list(draw(shapes()))
    axis = _one_axis(draw, len(shape))
    groups = draw(st.sampled_from([-1, 1, 2]))
    shape[axis - 1 if axis > 0 else axis] *= max(groups, 1)
    return _case(draw, GroupNormalization("norm", groups=groups, axis=axis, **_scaled(draw)), tuple(shape))


@st.composite
def _rms(draw: Any) -> Case:
    shape = draw(shapes())
    last = tuple(range(-draw(st.integers(1, len(shape))), 0))
    if draw(st.booleans()):
        # Another axis than the last: its scale goes with the last all the same.
        shape, last = (shape[-1], *shape), (1,)
    return _case(draw, RMSNormalization("norm", last, draw(st.sampled_from([1e-6, 0.1]))), shape)


@st.composite
def _unit(draw: Any) -> Case:
    # A single number of length 1 is its sign, which has no slope.
    shape = tuple(size + 1 for size in draw(shapes()))
    return _case(draw, UnitNormalization("norm", draw(some_axes(len(shape)))), shape)


@st.composite
def _normalization(draw: Any) -> Case:
    shape = draw(shapes())
    axes = draw(st.none() | some_axes(len(shape), 0))
    mean = variance = None
    if draw(st.booleans()):
        kept = sorted({axis % (len(shape) + 1) - 1 for axis in axes or ()})
        sizes = [shape[axis] for axis in kept][draw(st.integers(0, len(kept))) :]
        random = np.random.default_rng(draw(SEEDS))
        mean, variance = (_written(numbers) for numbers in (random.normal(size=sizes), random.random(sizes) + 0.1))
    return _case(draw, Normalization("norm", axes, mean, variance, draw(st.booleans())), shape)


def _written(numbers: Any) -> Any:
    return tuple(_written(one) for one in numbers) if np.ndim(numbers) else float(numbers)


@st.composite
def _rescaling(draw: Any) -> Case:
    shape = draw(shapes())
    numbers = st.floats(-2, 2, width=32)
    scale, offset = (draw(numbers | st.tuples(*[numbers] * shape[-1])) for _ in range(2))
    return _case(draw, Rescaling("scaled", scale, offset), shape)


DRAWN = {
    "BatchNormalization": _batch(),
    "GroupNormalization": _group(),
    "LayerNormalization": _layer(),
    "Normalization": _normalization(),
    "RMSNormalization": _rms(),
    "Rescaling": _rescaling(),
    "UnitNormalization": _unit(),
}
