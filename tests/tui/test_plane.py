"""Points on the plane: which cell they stand in, and which of several in one cell is seen."""

from __future__ import annotations

import numpy as np

from tui.widgets.plane import Picture, _place


def marked(points: list[tuple[float, float]], labels: list[float], changed: list[bool] | None) -> list[list[int]]:
    marks = np.zeros((2, 2), dtype=np.int8)
    where = None if changed is None else np.array(changed)
    _place(Picture(None, np.array(points, np.float32), np.array(labels, np.float32), where), marks)
    return [list(row) for row in marks]


def test_points_stand_in_their_cells_and_the_last_of_several_is_seen() -> None:
    points = [(0.1, 0.1), (0.9, 0.9), (0.2, 0.2), (0.99999, 0.0), (1.0, 0.2)]
    assert marked(points, [1, -1, -1, -1, 1], None) == [[0, 1], [1, 2]]


def test_a_point_that_changed_is_seen_before_any_other_in_its_cell() -> None:
    points = [(0.1, 0.1), (0.2, 0.2), (0.9, 0.9)]
    assert marked(points, [1, -1, -1], [True, False, True]) == [[0, 3], [4, 0]]
    assert marked(points, [1, -1, -1], [False, False, False]) == [[0, 1], [1, 0]]
