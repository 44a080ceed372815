"""Which encoding the text of a file is in: by its byte order mark, its NUL bytes, or what it can be read as."""

from __future__ import annotations

import codecs

from core.errors import Refused, shorten

MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}

SHOWN = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8 with a BOM",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "utf-32": "UTF-32",
    "cp932": "CP932 (Shift-JIS)",
    "latin-1": "Latin-1",
}
"""The encodings that are found, as they are called in words; any other that Python has can be chosen."""


def encoding_of(head: bytes) -> str:
    """Return the encoding of a text that begins with ``head``, by Python's name for it."""
    for mark, name in MARKS.items():
        if head.startswith(mark):
            return name
    even, odd = head[::2].count(0), head[1::2].count(0)
    # Digits and separators are one byte and a NUL each.
    if max(even, odd) > len(head) // 6 and min(even, odd) < max(even, odd) // 4:
        return "utf-16-be" if even > odd else "utf-16-le"
    if decoded(head, "utf-8") is not None:
        return "utf-8"
    return "cp932" if _is_japanese(head) else "latin-1"


def _is_japanese(head: bytes) -> bool:
    """Say whether bytes that are no UTF-8 are CP932, and not accented letters that happen to be pairs of it."""
    text = decoded(head, "cp932")
    if text is None:
        return False
    others = [character for character in text if not character.isascii()]
    if any("\ue000" <= character <= "\uf8ff" for character in others):
        return False
    # Of Latin-1 only letters from 0xC0 on are common; most kana and kanji begin below, at 0x81 to 0x9F.
    usual = sum(character.encode("cp932")[0] < 0xA0 or "\uff66" <= character <= "\uff9f" for character in others)
    return bool(others) and 2 * usual >= len(others)


def decoded(head: bytes, encoding: str) -> str | None:
    """Return ``head``, which may end within a character, as text; None if it is none in ``encoding``."""
    try:
        return codecs.getincrementaldecoder(encoding)().decode(head)
    except UnicodeError:
        return None


def codec_called(name: str) -> str:
    """Return Python's name of a text encoding that a person named.

    Raises:
        Refused: there is none of that name.
    """
    try:
        found = codecs.lookup(name)
        if not found._is_text_encoding:
            raise LookupError
    except (LookupError, ValueError):
        raise Refused(
            f"expected an encoding such as utf-8, utf-16, cp932 or latin-1, got {shorten(name)!r}; name one of them"
        ) from None
    return {"iso8859-1": "latin-1"}.get(found.name, found.name)


def in_words(encoding: str) -> str:
    """Return what an encoding is called on a screen."""
    return SHOWN.get(encoding, encoding)
