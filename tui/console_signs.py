"""Signs for a console, whose font has ASCII and the signs of code page 437: one table for all that is drawn.

A terminal emulator finds any sign in some font; the console of Linux (TERM=linux) has one font of 256 or 512 signs.
"""

from __future__ import annotations

_UPPER, _LOWER = 0x01 | 0x02 | 0x08 | 0x10, 0x04 | 0x20 | 0x40 | 0x80
"""The bits of a braille character that are dots in the upper and in the lower half of its cell."""

_LEFT, _RIGHT = 0x01 | 0x02 | 0x04 | 0x40, 0x08 | 0x10 | 0x20 | 0x80

_SAME = {
    "╭╒╓": "┌", "╮╕╖": "┐", "╯╛╜": "┘", "╰╘╙": "└",
    "━╸╺╾╼": "═", "┃╹╻": "║", "▔‾": "─", "▁": "_", "▏▎▍▕": "│",
    "▂▃▅▖▗": "▄", "▆▇▉▊▋": "█", "▘▝": "▀",
    "←◀◄⇐": "<", "→▶►⇒": ">", "↑▲△": "^", "↓▼▽": "v", "↔": "-", "↕": "|", "⏎": "<", "⌫": "<",
    "✓✔☑": "+", "✗✘✕×": "x", "●◉⬤•": "*", "○◯": "o", "★☆": "*",
    "…": "~", "–—−": "-", "‘’": "'", "“”": '"',
}  # fmt: skip
"""Signs that byhand or Textual may draw -> what is drawn for each of them."""


def _for_braille(bits: int) -> str:
    """Return what is most like a braille character: half a block for a line, a point where dots are on one side."""
    upper, lower = bool(bits & _UPPER), bool(bits & _LOWER)
    if bits & _LEFT and bits & _RIGHT:
        return "█" if upper and lower else "▀" if upper else "▄"
    return (":" if upper and lower else "'" if upper else ".") if bits else " "


SIGNS = {ord(sign): drawn for signs, drawn in _SAME.items() for sign in signs}
SIGNS |= {0x2800 + bits: _for_braille(bits) for bits in range(256)}
"""For ``str.translate``: each takes as many columns as the sign that it stands for."""


def needs_signs(term: str) -> bool:
    """Return whether a terminal of this kind is a console."""
    return term == "linux" or term.startswith("linux-")
