"""What lies under a window at each of its places: what a loop finds."""

from __future__ import annotations

from itertools import product

import numpy as np
from hypothesis import given, settings

from core.layers.windows import moved_over, padded_by
from core.layers.writer import Writer
from core.operations.run import Ready
from tests.core.images import Windows, windows


@settings(deadline=None)
@given(windows(5))
def test_what_is_under_a_window_is_what_a_loop_finds(drawn: Windows) -> None:
    places, window, strides, padding = drawn
    on = Writer()
    inputs = on.input(places)
    moved = moved_over(inputs, window, strides, padding, outside=-1.0)
    numbers = np.arange(np.prod(places), dtype=np.float64).reshape(places)
    found = Ready(on.program, {}, (inputs.number,), (moved.number,))(numbers[np.newaxis])[0][0]
    # After each axis that the window moves along stands one of what it sees.
    axes = len(places)
    found = found.transpose(*range(0, 2 * axes, 2), *range(1, 2 * axes, 2))
    before = [padded_by(size, wide, step, padding)[0] for size, wide, step in zip(places, window, strides, strict=True)]
    for place in product(*map(range, found.shape[:axes])):
        for offset in product(*map(range, window)):
            at = tuple(one * step + o - b for one, step, o, b in zip(place, strides, offset, before, strict=True))
            inside = all(0 <= a < size for a, size in zip(at, places, strict=True))
            assert found[(*place, *offset)] == (numbers[at] if inside else -1.0)


def test_padding_that_is_left_over_goes_to_the_far_side() -> None:
    assert padded_by(4, 2, 1, "same") == (0, 1)
    assert padded_by(4, 3, 2, "same") == (0, 1)
    assert padded_by(4, 2, 1, "valid") == (0, 0)
    assert padded_by(4, 3, 1, "causal") == (2, 0)
