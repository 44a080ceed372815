"""On a terminal of few colours two may become one: text in the colour of what is behind it is drawn in another."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from rich.color import Color, ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.filter import LineFilter

if TYPE_CHECKING:
    from textual.app import App
    from textual.color import Color as Background

BLACK, WHITE = (Style(color=Color.from_rgb(*[part] * 3)) for part in (0, 255))

HALF = 128
"""The lightness, of 255, from which on black is seen better than white."""


def keep_text_seen(app: App[int]) -> None:
    """Have the app draw text that would not be seen in black or white; signs that are pictures stay as they are."""
    name = app.console.color_system
    if name is not None and name != "truecolor":
        app._filters.append(TextSeen(_SYSTEMS[name]))


_SYSTEMS = {
    "standard": ColorSystem.STANDARD,
    "256": ColorSystem.EIGHT_BIT,
    "windows": ColorSystem.WINDOWS,
}
"""Rich's names of what terminals there are."""


class TextSeen(LineFilter):
    """Draws text otherwise whose two colours are the same on terminals of a kind."""

    def __init__(self, system: ColorSystem) -> None:
        self._system = system
        super().__init__()

    def apply(self, segments: list[Segment], background: Background) -> list[Segment]:  # noqa: ARG002 - every filter is told
        """Return the segments so that their text is seen; a bar or a picture may be in the colour behind it."""
        return [
            Segment(segment.text, _seen(segment.style, self._system))
            if segment.style is not None and segment.text.isascii() and not segment.text.isspace()
            else segment
            for segment in segments
        ]


@lru_cache(512)
def _seen(style: Style, system: ColorSystem) -> Style:
    if style.color is None or style.bgcolor is None:
        return style
    text, behind = (color.downgrade(system) for color in (style.color, style.bgcolor))
    if text.number != behind.number or text.triplet != behind.triplet:
        return style
    red, green, blue = behind.get_truecolor()
    return style + (BLACK if 0.3 * red + 0.59 * green + 0.11 * blue >= HALF else WHITE)
