"""What of Textual is mended: styles that mean the same are parsed once, others anew; what is over is not kept."""

from __future__ import annotations

from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.app import App
from textual.css.scalar import Scalar
from textual.css.stylesheet import Stylesheet
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from tui.mended import CACHES, LAYOUTS, MOST_KEPT, mend


def test_styles_are_parsed_anew_for_other_variables_alone() -> None:
    mend()
    sheet = Stylesheet(variables={"strong": "red"})
    sheet.add_source("Label { color: $strong; }")
    (rule,) = sheet.rules
    sheet.set_variables({"strong": "red"})
    sheet.reparse()
    assert sheet.rules[0] is rule
    sheet.set_variables({"strong": "blue"})
    sheet.reparse()
    (other,) = sheet.rules
    assert (rule.styles.color.hex, other.styles.color.hex) == ("#FF0000", "#0000FF")


async def test_no_more_is_kept_of_layouts_lines_and_styles_than_is_asked_for_again() -> None:
    mend()
    app = App[None]()
    async with app.run_test() as pilot:
        widget = Widget()
        await app.mount(widget)
        for width in range(40, 60):
            await pilot.resize_terminal(width, 24)
        assert 0 < len(widget._box_model_cache) <= LAYOUTS
    line = Strip([Segment("0123456789")])
    assert [line.crop(at, at + 2).text for at in range(8)] == ["01", "12", "23", "34", "45", "56", "67", "78"]
    assert len(line._crop_cache) == CACHES["_crop_cache"]
    assert Strip.render_ansi(Style(bold=True), ColorSystem.TRUECOLOR) == "1"
    kept = [method.cache_parameters()["maxsize"] for method in (Region.union, Scalar.resolve, Strip.render_ansi)]
    assert kept == [MOST_KEPT] * 3
