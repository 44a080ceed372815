"""How wide text is in a terminal: measured, padded, cut and wrapped by cells, of which wide characters take two.

What Unicode calls ambiguous (such as ± or →) is counted as one: no data cell has any.
"""

from __future__ import annotations

import re
import unicodedata

_NOT_FIRST = frozenset(
    "、。，．・：；？！ー々ゝゞ」』）］｝】〉》〕”’ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ,.:;?!)]}%％…‥"
)
"""What no line begins with."""

_NOT_LAST = frozenset("「『（［｛【〈《〔“‘([{")
"""What no line ends with."""

_WIDE = (
    "\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uffe6\U0001f300-\U0003fffd"
)
_PIECES = rf"\s+|[^\s{_WIDE}]+|[{_WIDE}]"
"""Spaces, a word of letters that are not wide, or one character of a script that is written without spaces."""


def cell_width(text: str) -> int:
    """Return how many columns of a terminal ``text`` takes."""
    return len(text) if text.isascii() else sum(map(_width, text))


def _width(character: str) -> int:
    if unicodedata.east_asian_width(character) in "WF":
        return 2
    return 0 if unicodedata.category(character) in ("Mn", "Me", "Cf") else 1


def padded(text: str, width: int) -> str:
    """Return ``text`` with spaces behind it up to ``width`` columns."""
    return text + " " * (width - cell_width(text))


def padded_before(text: str, width: int) -> str:
    """Return ``text`` with spaces before it up to ``width`` columns."""
    return " " * (width - cell_width(text)) + text


def cut(text: str, width: int) -> str:
    """Return the beginning of ``text`` that fits into ``width`` columns, no wide character halved."""
    if text.isascii():
        return text[: max(width, 0)]
    used = 0
    for place, character in enumerate(text):
        used += _width(character)
        if used > width:
            return text[:place]
    return text


def wrap(text: str, width: int, indent: str = "") -> list[str]:
    """Return one paragraph as lines of at most ``width`` columns; without any text, none.

    ``indent`` stands before every line but the first.

    English breaks at spaces, Japanese between any two characters but before a closing sign (、 。 」 and small
    kana among them) and after an opening one; a word that is wider than a line is broken behind a ``*`` or ``/``, or
    where it has to be.
    """
    lines: list[str] = []
    line = text[: len(text) - len(text.lstrip())]
    for piece in _pieces(text.strip(), width - cell_width(indent)):
        if cell_width(line + piece.rstrip()) <= width or not line.strip():
            line += piece
            continue
        lines.append(line.rstrip())
        line = indent + piece.lstrip()
    return [*lines, line.rstrip()] if line.strip() else lines


def _pieces(text: str, width: int) -> list[str]:
    """Return ``text`` in pieces that are not broken, each with the spaces behind it."""
    pieces: list[str] = []
    for piece in re.findall(_PIECES, text):
        joins = pieces and not pieces[-1][-1].isspace() and _bound(pieces[-1], piece) and len(pieces[-1]) < width // 2
        if pieces and (piece.isspace() or joins):
            pieces[-1] += piece
        else:
            pieces += _broken(piece, width)
    return pieces


def _bound(before: str, piece: str) -> bool:
    return piece[0] in _NOT_FIRST or before[-1] in _NOT_LAST


def _broken(piece: str, width: int) -> list[str]:
    parts = []
    while cell_width(piece) > width:
        part = cut(piece, max(width, 2)) or piece[:1]
        # A product between its factors, an address between its parts, rather than within a number.
        part = part[: next((at for sign in "*/" if (at := part.rfind(sign) + 1)), len(part))]
        parts.append(part)
        piece = piece[len(part) :]
    return [*parts, piece] if piece else parts
