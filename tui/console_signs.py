"""Signs for a console, whose font has ASCII and the signs of code page 437: one table for all that is drawn.

A terminal emulator finds any sign in some font; the console of Linux (TERM=linux) has one font of 256 or 512 signs, and
what a serial line leads to (TERM=vt100, vt220 ...) may have ASCII alone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_SERIAL = re.compile(r"vt\d")
"""The names of DEC's terminals, which what watches a serial line (getty) gives to any that is there."""

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

_IN_ASCII = {"─═": "-", "│║": "|", "┌┐└┘├┤┬┴┼": "+", "█": "#", "▀": "'", "▄": ".", "▌▐": "|", "■": "#", "·": "."}
"""Signs of a console's font -> what is drawn for each where there is ASCII alone."""

_TO_ASCII = {sign: drawn for signs, drawn in _IN_ASCII.items() for sign in signs}

ASCII_SIGNS = {sign: _TO_ASCII.get(drawn, drawn) for sign, drawn in SIGNS.items()}
ASCII_SIGNS |= {ord(sign): drawn for sign, drawn in _TO_ASCII.items()}
"""The same for a terminal that may have ASCII alone; text in other letters stays as it is."""


def signs_for(term: str) -> Mapping[int, str]:
    """Return what is drawn otherwise on a terminal of this kind: nothing, unless it is a console or a serial one."""
    if term == "linux" or term.startswith("linux-"):
        return SIGNS
    return ASCII_SIGNS if _SERIAL.match(term) else {}
