"""A stream of random numbers goes on from where it stood, bit for bit."""

from __future__ import annotations

import numpy as np
import pytest

from core.engine.stream import SHAPE, TYPE, go_on_from, stand_of


@pytest.mark.parametrize("rows", [1, 2, 3, 7, 200, 1001])
def test_orders_are_those_of_a_stream_that_was_never_cut(rows: int) -> None:
    whole, cut = np.random.default_rng(rows), np.random.default_rng(rows)
    halves = set[int]()
    for _ in range(20):
        assert whole.permutation(rows).tolist() == cut.permutation(rows).tolist()
        stand = stand_of(cut)
        assert (stand.dtype, stand.shape, stand.is_whole) == (TYPE, SHAPE, True)
        halves.add(int(stand.array()[8]))
        cut = go_on_from(stand)
        assert stand_of(cut) == stand
    # Both kinds came: half a draw left, and none.
    assert halves == {0, 1} or rows < 3
