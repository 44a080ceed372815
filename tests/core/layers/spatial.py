"""Cases of layers of images and sequences: their places are moved over, pooled, padded or laid out in another way."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from core.layers import global_pooling as pooled
from core.layers import reshaping as moved
from core.layers.depthwise import DepthwiseConv1D, DepthwiseConv2D, SeparableConv1D, SeparableConv2D
from core.layers.pooling import AveragePooling3D, MaxPooling3D
from core.layers.resizing import CenterCrop, Resizing
from core.layers.transposed import Conv1DTranspose, Conv2DTranspose, Conv3DTranspose
from tests.core.layers.basic import SEEDS, pooling, shapes, windowed
from tests.core.layers.oracle import Case

ACTIVATED = st.sampled_from(["linear", "tanh", "sigmoid"])
ENDS = st.tuples(st.integers(0, 2), st.integers(0, 2))


def _of_channels(kind: Any, axes: int, **more: st.SearchStrategy[Any]) -> Any:
    @st.composite
    def drawn(draw: Any) -> Case:
        sizes, window, strides, apart, padding = draw(windowed(axes))
        both = draw(st.booleans())
        layer = kind(
            name="conv",
            kernel_size=window,
            strides=(2,) * axes if both else strides,
            padding=padding,
            depth_multiplier=draw(st.integers(1, 3)),
            dilation_rate=apart,
            activation=draw(ACTIVATED),
            use_bias=draw(st.booleans()),
            **{name: draw(one) for name, one in more.items()},
        )
        return Case(layer, ((*sizes, draw(st.integers(1, 3))),), seed=draw(SEEDS))

    return drawn()


def _transposed(kind: Any, axes: int) -> Any:
    @st.composite
    def drawn(draw: Any) -> Case:
        _, window, strides, apart, padding = draw(windowed(axes))
        # With the padding "same" TensorFlow has no output that is shorter than this.
        least = [1 - ((size - 1) * apart[0] + 1) % 2 if padding == "same" else 0 for size in window]
        most = [stride - 1 for stride in strides]
        more = None
        if all(low <= high for low, high in zip(least, most, strict=True)) and draw(st.booleans()):
            more = tuple(draw(st.integers(low, high)) for low, high in zip(least, most, strict=True))
        layer = kind(
            "conv",
            draw(st.integers(1, 3)),
            window,
            strides,
            padding,
            more,
            apart,
            draw(ACTIVATED),
            draw(st.booleans()),
        )
        places = tuple(draw(st.integers(1, 3)) for _ in range(axes))
        return Case(layer, ((*places, draw(st.integers(1, 3))),), seed=draw(SEEDS))

    return drawn()


def _of_axes(axes: int, layers: st.SearchStrategy[Any], most: int = 4) -> Any:
    @st.composite
    def drawn(draw: Any) -> Case:
        sizes = tuple(draw(st.integers(1, most)) for _ in range(axes))
        return Case(draw(layers), ((*sizes, draw(st.integers(1, 3))),), seed=draw(SEEDS))

    return drawn()


def _global(kind: Any) -> Any:
    layers = st.builds(lambda keepdims: kind("pool", keepdims), st.booleans())
    return _of_axes(kind.axes, layers)


def _masked() -> Any:
    mean = pooled.GlobalAveragePooling1D
    return st.builds(
        lambda steps, units, keepdims, seed: Case(mean("pool", keepdims), ((steps, units),), (0,), seed=seed),
        st.integers(1, 5),
        st.integers(1, 3),
        st.booleans(),
        SEEDS,
    )


@st.composite
def _reshape(draw: Any) -> Case:
    shape = draw(shapes())
    # Any shape that the numbers have in another order of its axes has as many.
    target = list(draw(st.permutations(shape)))
    if draw(st.booleans()):
        target[draw(st.integers(0, len(target) - 1))] = -1
    return Case(moved.Reshape("reshape", tuple(target)), (shape,), seed=draw(SEEDS))


@st.composite
def _permute(draw: Any) -> Case:
    shape = draw(shapes())
    return Case(moved.Permute("permute", tuple(draw(st.permutations(range(1, len(shape) + 1))))), (shape,))


def _padding(kind: Any, axes: int) -> Any:
    ends = ENDS if axes == 1 else st.tuples(*[ENDS] * axes)
    return _of_axes(axes, st.builds(lambda end: kind("pad", padding=end), ends))


def _cropping(kind: Any, axes: int) -> Any:
    @st.composite
    def drawn(draw: Any) -> Case:
        ends = [draw(ENDS) for _ in range(axes)]
        sizes = [sum(end) + draw(st.integers(1, 3)) for end in ends]
        layer = kind("crop", cropping=ends[0] if axes == 1 else tuple(ends))
        return Case(layer, ((*sizes, draw(st.integers(1, 3))),), seed=draw(SEEDS))

    return drawn()


def _upsampling(kind: Any, axes: int) -> Any:
    sizes = st.integers(1, 3) if axes == 1 else st.tuples(*[st.integers(1, 3)] * axes)
    return _of_axes(axes, st.builds(lambda size: kind("up", size=size), sizes), most=3)


def _between() -> Any:
    sizes = st.tuples(st.integers(1, 3), st.integers(1, 3))
    return _of_axes(2, st.builds(lambda size: moved.UpSampling2D("up", size=size, interpolation="bilinear"), sizes))


def _resizing() -> Any:
    size, how = st.integers(1, 7), st.sampled_from(["bilinear", "nearest"])
    return _of_axes(2, st.builds(lambda h, w, i: Resizing("r", height=h, width=w, interpolation=i), size, size, how), 6)


@st.composite
def _center(draw: Any) -> Case:
    height, width = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    more = st.integers(0, 3)
    shape = (height + draw(more), width + draw(more), draw(st.integers(1, 3)))
    return Case(CenterCrop("c", height=height, width=width), (shape,), seed=draw(SEEDS))


DRAWN = {
    "CenterCrop": _center(),
    "AveragePooling3D": pooling(AveragePooling3D, 3),
    "Conv1DTranspose": _transposed(Conv1DTranspose, 1),
    "Conv2DTranspose": _transposed(Conv2DTranspose, 2),
    "Conv3DTranspose": _transposed(Conv3DTranspose, 3),
    "Cropping1D": _cropping(moved.Cropping1D, 1),
    "Cropping2D": _cropping(moved.Cropping2D, 2),
    "Cropping3D": _cropping(moved.Cropping3D, 3),
    "DepthwiseConv1D": _of_channels(DepthwiseConv1D, 1),
    "DepthwiseConv2D": _of_channels(DepthwiseConv2D, 2),
    "GlobalAveragePooling1D": _global(pooled.GlobalAveragePooling1D) | _masked(),
    "GlobalAveragePooling2D": _global(pooled.GlobalAveragePooling2D),
    "GlobalAveragePooling3D": _global(pooled.GlobalAveragePooling3D),
    "GlobalMaxPooling1D": _global(pooled.GlobalMaxPooling1D),
    "GlobalMaxPooling2D": _global(pooled.GlobalMaxPooling2D),
    "GlobalMaxPooling3D": _global(pooled.GlobalMaxPooling3D),
    # Along three axes TensorFlow hands slopes to all that are within 1e-5 of the largest.
    "MaxPooling3D": pooling(MaxPooling3D, 3).map(lambda case: replace(case, smooth=False)),
    "Permute": _permute(),
    "RepeatVector": st.builds(
        lambda n, units, seed: Case(moved.RepeatVector("repeat", n), ((units,),), seed=seed),
        st.integers(1, 4),
        st.integers(1, 5),
        SEEDS,
    ),
    "Reshape": _reshape(),
    "SeparableConv1D": _of_channels(SeparableConv1D, 1, filters=st.integers(1, 3)),
    "SeparableConv2D": _of_channels(SeparableConv2D, 2, filters=st.integers(1, 3)),
    "UpSampling1D": _upsampling(moved.UpSampling1D, 1),
    "Resizing": _resizing(),
    "UpSampling2D": _upsampling(moved.UpSampling2D, 2) | _between(),
    "UpSampling3D": _upsampling(moved.UpSampling3D, 3),
    "ZeroPadding1D": _padding(moved.ZeroPadding1D, 1),
    "ZeroPadding2D": _padding(moved.ZeroPadding2D, 2),
    "ZeroPadding3D": _padding(moved.ZeroPadding3D, 3),
}
