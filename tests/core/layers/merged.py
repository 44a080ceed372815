"""Cases of layers that make one value of several."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from core.layers.applications import CustomScaleLayer
from core.layers.merging import Add, Average, Concatenate, Dot, Maximum, Merge, Minimum, Multiply, Subtract
from tests.core.layers.basic import SEEDS, shapes
from tests.core.layers.oracle import POINTS, Case


@st.composite
def _merge(draw: Any, kind: type[Merge]) -> Case:
    count = 2 if kind is Subtract else draw(st.integers(1, 3))
    if draw(st.booleans()):
        # Keras has masks here for each place of sources, all axes but the last.
        shape = draw(shapes(2))
        masked = draw(st.lists(st.integers(0, count - 1), min_size=1, unique=True).map(sorted))
        return Case(kind("merge"), (shape,) * count, tuple(masked), len(shape) - 1, listed=True, seed=draw(SEEDS))
    # An axis as long as there are points Keras takes for the channels of a bias, where one is added.
    shape = tuple(size if size != POINTS else 6 for size in draw(shapes()))
    drawn = [tuple(draw(st.sampled_from([size, 1])) for size in shape) for _ in range(count)]
    drawn = [one[draw(st.integers(0, len(shape) - 1)) :] for one in drawn]
    return Case(kind("merge"), tuple(drawn), listed=True, seed=draw(SEEDS))


@st.composite
def _concatenate(draw: Any) -> Case:
    masked = draw(st.booleans())
    shape = draw(shapes(2) if masked else shapes())
    at = draw(st.integers(0, len(shape) - 1))
    sizes = draw(st.lists(st.integers(1, 4), min_size=1, max_size=3))
    drawn = tuple((*shape[:at], size, *shape[at + 1 :]) for size in sizes)
    masks = draw(st.lists(st.integers(0, len(sizes) - 1), unique=True).map(sorted)) if masked else []
    axis = draw(st.sampled_from([at + 1, at - len(shape)]))
    return Case(Concatenate("join", axis), drawn, tuple(masks), max(1, len(shape) - 1), listed=True, seed=draw(SEEDS))


@st.composite
def _dot(draw: Any) -> Case:
    drawn = [list(draw(shapes())) for _ in range(2)]
    places = [draw(st.integers(0, len(shape) - 1)) for shape in drawn]
    drawn[1][places[1]] = drawn[0][places[0]]
    axes = tuple(draw(st.sampled_from([at + 1, at - len(one)])) for at, one in zip(places, drawn, strict=True))
    normalize = drawn[0][places[0]] > 1 and draw(st.booleans())
    layer = Dot("dot", axes[0] if axes[0] == axes[1] else axes, normalize)
    return Case(layer, tuple(tuple(shape) for shape in drawn), listed=True, seed=draw(SEEDS))


@st.composite
def _scaled(draw: Any) -> Case:
    # As above: an axis as long as there are points Keras takes for the channels of a bias.
    shape = tuple(size if size != POINTS else 6 for size in draw(shapes()))
    return Case(
        CustomScaleLayer("scaled", scale=draw(st.sampled_from([0.1, 0.2]))), (shape,) * 2, listed=True, seed=draw(SEEDS)
    )


DRAWN = {
    "Add": _merge(Add),
    "Average": _merge(Average),
    "CustomScaleLayer": _scaled(),
    "Concatenate": _concatenate(),
    "Dot": _dot(),
    "Maximum": _merge(Maximum),
    "Minimum": _merge(Minimum),
    "Multiply": _merge(Multiply),
    "Subtract": _merge(Subtract),
}
