"""Plain text, such as the name of a layer, as LaTeX that shows it and does nothing else; and written numbers."""

from __future__ import annotations

import re
import unicodedata

BLANK = "____"
"""Where a number is to be filled in."""

TEXT_SIGNS = ("backslash", "asciicircum", "asciitilde", "less", "greater", "bar")
LETTERS = ("ss", "ae", "AE", "oe", "OE", "o", "O", "l", "L")

SPECIAL = {
    **{sign: f"\\{sign}" for sign in "{}$&%#_"},
    # Alone in a group they join with nothing to an en dash or another sign.
    **{sign: f"{{{sign}}}" for sign in "-`'?!"},
    **{sign: rf"\text{name}{{}}" for sign, name in zip("\\^~<>|", TEXT_SIGNS, strict=True)},
    '"': r"{''}",
    **{letter: rf"\{name}{{}}" for letter, name in zip("ßæÆœŒøØłŁ", LETTERS, strict=True)},
}

COMBINING = "\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u030a\u030b\u030c\u0327"
ACCENTS = dict(zip(COMBINING, "`'^~=u.\"rHvc", strict=True))
"""What LaTeX calls a combining accent."""


def tex(text: str) -> str:
    """Return ``text`` so that it is typeset as it is; a character that plain LaTeX has no letter for becomes ``?``."""
    return "".join(_character(character) for character in text)


def _character(character: str) -> str:
    if character in SPECIAL:
        return SPECIAL[character]
    if character.isascii():
        return character if character.isprintable() else "{?}"
    parts = unicodedata.normalize("NFD", character).ljust(2)
    letter, accent = parts[0], parts[1]
    if letter.isascii() and letter.isalpha() and accent in ACCENTS:
        return rf"\{ACCENTS[accent]}{{{letter}}}"
    return "{?}"


_FRACTION = re.compile(r"(-?)(\d+)/(\d+)")
_EXPONENT = re.compile(r"(-?[\d.]+)e([+-]\d+)")


def number_in_math(text: str) -> str:
    """Return a written number, or the blank in its place, for math mode."""
    if text == BLANK:
        # High enough to write into.
        return r"\underline{\hspace{3.5em}\rule{0pt}{3ex}}"
    if fraction := _FRACTION.fullmatch(text):
        return r"{}\tfrac{{{}}}{{{}}}".format(*fraction.groups())
    if exponent := _EXPONENT.fullmatch(text):
        return rf"{exponent[1]} \cdot 10^{{{int(exponent[2])}}}"
    return {"inf": r"\infty", "-inf": r"-\infty", "nan": r"\text{nan}"}.get(text, text)
