"""Cases of layers that make classes of numbers."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from core.layers.encoding import CategoryEncoding, Discretization
from tests.core.layers.basic import SEEDS, shapes
from tests.core.layers.oracle import Case

MODES = st.sampled_from(["one_hot", "multi_hot", "count"])


@st.composite
def _encoding(draw: Any) -> Case:
    mode = draw(MODES)
    # Some of the inputs are no place.
    layer = CategoryEncoding(name="places", num_tokens=draw(st.integers(1, 5)), output_mode=mode)
    shape = draw(shapes(1, 2 if mode == "one_hot" else 1))
    return Case(layer, (shape,), whole=draw(st.integers(1, 6)), seed=draw(SEEDS))


@st.composite
def _bins(draw: Any) -> Case:
    mode = draw(MODES | st.just("int"))
    bounds = sorted(draw(st.lists(st.sampled_from([-1.5, -0.1, 0.0, 0.1, 0.7]), min_size=1, max_size=4)))
    layer = Discretization(name="bins", bin_boundaries=tuple(bounds), output_mode=mode)
    return Case(layer, (draw(shapes(1, 2 if mode in ("int", "one_hot") else 1)),), seed=draw(SEEDS))


DRAWN = {"CategoryEncoding": _encoding(), "Discretization": _bins()}
