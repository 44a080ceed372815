"""With 16 or 256 colours text is seen wherever it is drawn, and what was seen before is drawn as it was."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.color import Color, ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual import color

from tests.tui.board import playing
from tui.few_colours import TextSeen

PARTS = st.integers(0, 255)
COLOURS = st.builds(Color.from_rgb, PARTS, PARTS, PARTS)
SYSTEMS = st.sampled_from([ColorSystem.STANDARD, ColorSystem.EIGHT_BIT])


def are_one(text: Color, behind: Color, system: ColorSystem) -> bool:
    """Return whether a terminal is told the same colour for both."""
    return text.downgrade(system).get_ansi_codes() == behind.downgrade(system).get_ansi_codes()


@given(COLOURS, COLOURS, SYSTEMS, st.booleans())
def test_no_text_has_the_colour_behind_it(text: Color, behind: Color, system: ColorSystem, bold: bool) -> None:
    style = Style(color=text, bgcolor=behind, bold=bold)
    (drawn,) = TextSeen(system).apply([Segment("+1", style)], color.BLACK)
    assert drawn.style is not None and drawn.style.color is not None and drawn.style.bgcolor == behind
    assert not are_one(drawn.style.color, behind, system)
    assert drawn.style.bold == bold
    if not are_one(text, behind, system):
        assert drawn.style == style


def test_pictures_and_spaces_stay_as_they_are() -> None:
    grey = Color.from_rgb(9, 9, 9)
    segments = [Segment(text, Style(color=grey, bgcolor=grey)) for text in ("━━", "  ", "█")] + [Segment("plain", None)]
    assert TextSeen(ColorSystem.STANDARD).apply(segments, color.BLACK) == segments


async def test_every_point_on_the_boundary_is_seen_in_16_colours() -> None:
    async with playing() as board:
        board.app._filters.append(TextSeen(ColorSystem.STANDARD))
        await board.press("2")
        same = [
            segment
            for strip in board.app.screen._compositor.render_strips()
            for segment in strip
            if segment.style is not None and segment.text.isascii() and segment.text.strip()
            if segment.style.color is not None and segment.style.bgcolor is not None
            if are_one(segment.style.color, segment.style.bgcolor, ColorSystem.STANDARD)
        ]
        assert not same
