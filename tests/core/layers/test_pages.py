"""The page of every layer: each of its numbers stands on it, and each cell says which number it is."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.style import Style

from core.calculation.calculated import calculated
from core.calculation.page import NO_CELLS, page_of, sources_of, values_of
from core.formatting import Notation, number
from core.layers.registry import LAYERS
from core.model.graph import Call, Graph, Input, Source
from core.operations.rounding import EXACT
from tests.core.layers.test_conformance import DRAWN
from tests.graphs import opened
from tui.pages.drawing import PARTS, Drawing
from tui.pages.layout import measured, placed
from tui.pages.registry import view_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.calculation.calculated import Calculated, Spot
    from core.calculation.page import Panel
    from tests.core.layers.oracle import Case
    from tui.pages.view import View

MOST_CELLS = 12
"""So many cells of each table are looked at, spread over it."""


def _done(case: Case) -> Calculated:
    """Return a model of one layer with its numbers for one point."""
    inputs = tuple(Input(f"x{at}", shape) for at, shape in enumerate(case.shapes))
    sources = [Source(one.name) for one in inputs]
    unnamed = len(sources) - len(case.named)
    named = (*zip(case.named, sources[unnamed:], strict=True), *case.arguments.items())
    call = Call(case.layer.name, tuple(sources[:unnamed]), named)
    model = opened(Graph("one", inputs, (case.layer,), (call,), (Source(case.layer.name),)))
    random = np.random.default_rng(case.seed)
    point: list[Any] = [random.integers(0, case.whole or 2, shape) for shape in case.shapes]
    if not case.whole:
        point[:unnamed] = [random.normal(size=shape) for shape in case.shapes[:unnamed]]
    with np.errstate(all="ignore"):
        return calculated(model.graph, model.weights, point, EXACT)


def _check(done: Calculated, panels: Sequence[Panel]) -> None:
    """Hold the cells of tables against the numbers that they say they are."""
    for panel in panels:
        count = panel.rows * panel.columns
        for at in range(0, count, max(count // MOST_CELLS, 1)):
            row, column = divmod(at, panel.columns)
            spot = panel.spot(row, column)
            if spot is not None:
                np.testing.assert_equal(panel.number(row, column), done.number(spot))
                index = np.array([spot.index], dtype=np.int64).reshape(1, len(spot.index))
                assert [row, column] in panel.cells(done.value_of(spot), index, row).tolist()


@pytest.mark.parametrize("kind", LAYERS)
@settings(max_examples=2, suppress_health_check=list(HealthCheck), deadline=None)
@given(data=st.data())
def test_every_number_of_a_call_stands_on_its_page(kind: str, data: st.DataObject) -> None:
    case = data.draw(DRAWN[kind])
    done = _done(case)
    addresses = [(value.call, value.name) for value in (*done.values, *done.weights)]
    assert len(set(addresses)) == len(addresses)
    for call in dict.fromkeys(value.call for value in done.values):
        panels = page_of(done, call, {})
        _check(done, panels)
        given_, weights = sources_of(done, call)
        wanted = sum(prod(value.shape) for value in (*values_of(done, call), *given_, *weights))
        assert sum(panel.rows * panel.columns for panel in panels) == wanted
        view = view_of(done, call, Notation(4))
        for value in (*values_of(done, call), *weights):
            for index in {tuple(0 for _ in value.shape), tuple(size - 1 for size in value.shape)}:
                if 0 not in value.shape:
                    _hand(done, view, value.spot(index))


def _hand(done: Calculated, view: View, spot: Spot) -> None:
    """Take a number in hand: it stands on the page, and so do those that it is made of, as far as they are there."""
    view.settle(spot)
    panels = list(view.panels(spot))
    _check(done, panels)
    value, index = done.value_of(spot), np.array([spot.index], dtype=np.int64).reshape(1, len(spot.index))
    if not any(len(panel.cells(value, index, 0)) for panel in panels):
        panels.append(view.alone(value, spot))
    table, cell = next((at, cells[0]) for at, one in enumerate(panels) if len(cells := one.cells(value, index, 0)))
    marked = {(source.call, source.name, tuple(one)) for source, at in view.made_of(spot) for one in at.tolist()}
    assert {(one.call, one.value, one.index) for one in done.made_of(spot, 50)} <= marked
    for width, height in ((45, 13), (85, 18), (30, 6)):
        _drawn(panels, table, (int(cell[0]), int(cell[1])), width, height, number(done.number(spot)))


def _drawn(panels: list[Panel], table: int, cell: tuple[int, int], width: int, height: int, text: str) -> None:
    """Draw the tables: the number in hand is always there, between its signs, and nothing lies over anything else."""
    boxes = [measured(panel, Notation(4), is_shades=False) for panel in panels]
    drawn = placed(boxes, width, height, table, {})
    taken = [
        (line, column)
        for box in drawn
        for line in range(box.top, box.top + box.height)
        for column in range(box.left, box.left + box.width)
    ]
    assert len(set(taken)) == len(taken)
    assert max(taken)[0] < height and max(column for _, column in taken) < width
    (box,) = [box for box in drawn if box.panel is panels[table]]
    styles = dict.fromkeys(PARTS, Style())
    drawing = Drawing(box, Notation(4), cell, NO_CELLS)
    drawing.see_from((0, 0))
    lines = ["".join(segment.text for segment in line) for line in drawing.lines(styles)]
    assert sum(f">{text}<" in line for line in lines) == 1
    assert all(len(line) <= box.width for line in lines)
