"""Points on the plane: which cell they stand in, which of several is seen; a square, and what its marks mean."""

from __future__ import annotations

import numpy as np
import pytest
from textual.app import App

from core.data.extent import UNIT
from tests.tui.quick_textual import quicken
from tui.widgets.plane import EDGE, GAP, Picture, Plane, _place

quicken()


def marked(points: list[tuple[float, float]], labels: list[float], changed: list[bool] | None) -> list[list[int]]:
    marks = np.zeros((2, 2), dtype=np.int8)
    where = None if changed is None else np.array(changed)
    kinds = (np.array(labels) > 0).astype(np.int8)
    _place(Picture(None, np.array(points, np.float32), kinds, where), marks)
    return marks.tolist()


def test_points_stand_in_their_cells_and_the_last_of_several_is_seen() -> None:
    points = [(0.1, 0.1), (0.9, 0.9), (0.2, 0.2), (0.99999, 0.0), (1.0, 0.2)]
    assert marked(points, [1, -1, -1, -1, 1], None) == [[0, 1], [1, 2]]


def test_a_point_that_changed_is_seen_before_any_other_in_its_cell() -> None:
    points = [(0.1, 0.1), (0.2, 0.2), (0.9, 0.9)]
    assert marked(points, [1, -1, -1], [True, False, True]) == [[0, 11], [12, 0]]
    assert marked(points, [1, -1, -1], [False, False, False]) == [[0, 1], [1, 0]]


async def test_the_picture_is_the_largest_square_and_has_its_legend_in_any_room() -> None:
    rows = 1 - (np.arange(40) + 0.5)[:, None] / 40
    field = (np.arange(80) + 0.5)[None, :] / 80 + rows - 0.5
    picture = Picture(field, np.array([[0.1, 0.1], [0.9, 0.9]]), np.array([0, 1], np.int8), np.array([False, True]))
    app: App[None] = App()
    async with app.run_test(size=(200, 60)) as pilot:
        plane = Plane()
        await app.mount(plane)
        for width, height in [(42, 8), (34, 10), (59, 26), (96, 44), (150, 30), (42, 40), (60, 6)]:
            plane.styles.width, plane.styles.height = width, height
            plane.show(picture)
            await pilot.pause()
            columns, rows_ = plane.cells
            assert columns == 2 * rows_
            # Another row, with the line for the axis and perhaps one for the legend, would not fit.
            assert rows_ + 3 > height or EDGE + GAP + columns + 2 > width
            shown = [plane.render_line(line).text for line in range(height)]
            assert {len(line) for line in shown} == {width}
            for words in ("x +1", "o -1", "X O changed", "+ - predicted"):
                assert any(words in line for line in shown), (width, height, words)
            # At 45 degrees: from row to row the boundary moves by the two columns that a cell's height is.
            inside = [line[EDGE + GAP : EDGE + GAP + columns] for line in shown[:rows_]]
            assert {line[EDGE] for line in shown[:rows_]} == {" "}, "no number runs into the picture"
            last = [line.rfind("-") for line in inside if "-" in line]
            assert abs(last[-1] - last[0] - 2 * (len(last) - 1)) <= 2, (width, height, last)


def test_however_many_points_there_are_what_is_predicted_is_seen() -> None:
    points = np.random.default_rng(0).uniform(0, 1, (2_000, 2))
    marks = np.zeros((8, 16), dtype=np.int8)
    _place(Picture(np.zeros((8, 16)), points, np.zeros(len(points), np.int8)), marks)
    assert marks[:, ::2].all() and not marks[:, 1::2].any()
    _place(Picture(None, points, np.zeros(len(points), np.int8)), marks)
    assert marks.all()


def test_points_of_two_kinds_have_their_colours_where_no_side_has_them() -> None:
    points, kinds = np.array([[0.1, 0.1], [0.9, 0.9]]), np.array([0, 1], np.int8)
    assert Picture(None, points, kinds).coloured
    assert not Picture(np.zeros((2, 2)), points, kinds).coloured


def test_where_nothing_is_predicted_nothing_is_drawn() -> None:
    plane = Plane()
    for several, field, sides in (
        (False, [[-1.0, 0.0, 2.0, np.nan]], ["negative", "negative", "positive", "empty"]),
        (True, [[0, 1, -1, 2]], ["class-0", "class-1", "empty", "class-2"]),
    ):
        picture = Picture(np.array(field), np.empty((0, 2)), np.empty(0, np.int8), None, UNIT, ("a", "b", "c"), several)
        plane.show(picture)
        assert plane._sides(0, 4, 1) == sides


@pytest.mark.parametrize(
    ("names", "several", "legend"),
    [
        (("-1", "+1"), False, ("x +1", "o -1", "+ - predicted")),
        (("no", "yes"), False, ("x + yes", "o - no", "point, predicted")),
        (("0", "1"), False, ("x + 1", "o - 0", "point, predicted")),
        (("a", "b", "c"), True, ("o 0 a", "x 1 b", "v 2 c", "point, predicted")),
        (("0", "1", "2"), True, ("o 0", "x 1", "v 2", "point, predicted")),
    ],
)
def test_the_legend_names_what_each_mark_and_each_prediction_is(
    names: tuple[str, ...], several: bool, legend: tuple[str, ...]
) -> None:
    points, kinds = np.array([[0.1, 0.1]]), np.array([0], np.int8)
    assert Picture(np.zeros((2, 2)), points, kinds, None, UNIT, names, several).legend == legend


def test_the_last_of_too_many_kinds_stands_for_the_others() -> None:
    names = tuple(f"name {place}" for place in range(14))
    points, kinds = np.array([[0.1, 0.1]]), np.array([0], np.int8)
    assert Picture(None, points, kinds, None, UNIT, names, True).legend[-2:] == ("t name 8", "q 5 others")
