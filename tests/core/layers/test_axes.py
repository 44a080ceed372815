"""Every value that a layer writes down has a name for each of its axes, if the axes of what it is given have some."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.layers.registry import LAYERS
from core.layers.writer import Writer
from core.operations.axes import axes_of_lines, usual
from tests.core.layers.test_conformance import DRAWN

LAID_OUT_ANEW = {
    *("Flatten", "Reshape", "RepeatVector", "TimeDistributed", "Dot"),
    *("BatchNormalization", "GroupNormalization", "Normalization"),
}
"""What these make has axes of which nothing is known but their number: they are called as is usual."""


@pytest.mark.parametrize("kind", LAYERS)
@settings(max_examples=3, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_every_value_of_a_layer_has_a_name_for_each_axis(kind: str, data: st.DataObject) -> None:
    case = data.draw(DRAWN[kind])
    on = Writer()
    sources: list[Any] = [on.along(on.input(shape), *usual(len(shape))) for shape in case.shapes]
    for at in case.masked:
        sources[at].mask = on.along(on.input(case.shapes[at][: case.mask_axes]), *usual(case.mask_axes + 1)[:-1])
    unnamed = len(sources) - len(case.named)
    named = dict(zip(case.named, sources[unnamed:], strict=True))
    on.call(case.layer, *sources[:unnamed], **named, **case.arguments)
    axes = axes_of_lines(on.program)
    for number, name in on.program.names.items():
        rank = len(on.program.lines[number].shape)
        assert len(axes[number]) == rank or (not axes[number] and kind in LAID_OUT_ANEW), name


def test_what_is_usual_has_a_name_for_each_axis() -> None:
    assert all(len(usual(rank)) == rank for rank in range(8))
