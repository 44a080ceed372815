"""What is typed with a Japanese keyboard, or copied from a book, as the ASCII that everything here reads.

Whatever reads a number or a sign that a person typed goes through here first, so that full-width digits, an
ideographic comma and a printed minus are the same everywhere, on the screen and in commands.
"""

from __future__ import annotations

import re

from core.errors import Refused

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_SPACES = dict.fromkeys([0xA0, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000], " ")
_NOTHING = dict.fromkeys([0x200B, 0x2060, 0xFEFF], "")
_DASHES = dict.fromkeys([*range(0x2010, 0x2016), 0x2212, 0xFE58, 0xFE63], "-")
_BRACKETS = dict(zip(map(ord, "「」｢｣"), "[][]", strict=True))
_STOPS = dict.fromkeys(map(ord, "。｡"), ".")
_COMPARED = {ord("≦"): "<=", ord("≤"): "<=", ord("≧"): ">=", ord("≥"): ">=", ord("≠"): "!="}

_ASCII: dict[int, int | str] = {
    **_FULL_WIDTH,
    **_SPACES,
    **_NOTHING,
    **_DASHES,
    **_BRACKETS,
    **_STOPS,
    **_COMPARED,
    ord("､"): "、",
}

_LONG_VOWEL = re.compile(r"(?:(?<![^\W\d_])|(?<=[0-9.][eE]))[ーｰ](?=\s*[0-9.])")
"""The mark that the minus key gives in kana, where it can only be a minus: not in a word, and before a number."""

_BETWEEN_DIGITS = re.compile(r"[0-9],[0-9]")

_AS_KEYS = str.maketrans("、､ーｰ・･", ",,--//")
"""What the keys of these signs give in kana."""


def half_width(text: str) -> str:
    """Return ``text`` with its full-width signs, dashes, spaces and brackets in ASCII; the comma ``、`` stays."""
    return text if text.isascii() else _LONG_VOWEL.sub("-", text.translate(_ASCII))


def with_semicolons(text: str) -> str:
    """Return a list of numbers in ASCII, ``、`` as a semicolon: beside it a comma is a decimal one, as in 0,3、0,1."""
    return half_width(text).replace("、", ";")


def with_commas(text: str) -> str:
    """Return text in ASCII whose commas only separate, ``、`` as one of them.

    Raises:
        Refused: a comma stands between two digits too, which beside ``、`` may be a decimal one.
    """
    plain = half_width(text)
    if "、" in plain and (found := _BETWEEN_DIGITS.search(plain)):
        raise Refused(
            f"got {found.group()!r} beside the comma 、, which may be a decimal comma or another one; "
            "write decimal points, as in 0.3"
        )
    return plain.replace("、", ",")


def key_of(character: str) -> str:
    """Return the character of the key that gave ``character``, a full-width one or a sign of the kana layout."""
    return half_width(character).translate(_AS_KEYS)
