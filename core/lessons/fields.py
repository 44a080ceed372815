"""The lines of a lesson as text and fields: what stands after a keyword, such as ``hint:``, and goes on below it."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, NamedTuple

from core.errors import shorten
from core.lessons.source import joined

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from core.lessons.source import Line

RIGHT_OPTION, WRONG_OPTION = "- [x]", "- [ ]"
"""What stands for a keyword before the options of a choice."""

SENTENCES = ("hint", "right", "reply")
"""After these there is a sentence, which may be wrapped."""

WRAPPED = (*SENTENCES, "choice", RIGHT_OPTION, WRONG_OPTION)
"""What a line that follows directly goes on with."""

ALIKE = 0.7
"""How alike a word is to the keyword that it is taken for, from 0 to 1."""

_KEYWORD = re.compile(r"\s*([A-Za-z]{1,20})\s*(?::(?:\s+(.*))?|：\s*(.*))")
_OPTION = re.compile(r"\s*[-*]\s*\[([ xX])\]\s*(.*)")
_VERBATIM = re.compile(r"(?: {4}|\s*[-*] |\s*[0-9]+[.)] )")
"""What keeps its own line: indented text and the items of a list."""


class Field(NamedTuple):
    """What stands after a keyword, and the line in which it begins."""

    line: Line
    word: str
    text: str


def fields(lines: Iterable[Line], known: Sequence[str]) -> tuple[str, list[Field]]:
    """Return the text in these lines, one paragraph a line, and the fields of ``known`` keywords.

    Raises:
        Refused: a line has a small word and a colon where a keyword stands, but not a known one, or nothing after it.
    """
    prose: list[str] = []
    found: list[Field] = []
    wraps = False
    for line in lines:
        wraps = wraps and bool(line.text)
        if field := _field(line, known, wraps, wraps or bool(prose and prose[-1])):
            found.append(field)
            wraps = field.word in WRAPPED
        elif wraps:
            found[-1] = found[-1]._replace(text=joined((found[-1].text, line.text.strip())))
        else:
            prose.append(line.text)
    return _paragraphs(prose), found


def _field(line: Line, known: Sequence[str], wraps: bool, within: bool) -> Field | None:
    """Return the field that begins in a line, or None if it is text, ``within`` a paragraph or at its beginning."""
    if RIGHT_OPTION in known and (option := _OPTION.fullmatch(line.text)):
        if not option[2].strip():
            raise line.refused("expected words after the box, got nothing; write the option")
        return Field(line, WRONG_OPTION if option[1] == " " else RIGHT_OPTION, option[2].strip())
    if "read" in known and line.text.strip().lower() == "read":
        return Field(line, "read", "")
    match = _KEYWORD.fullmatch(line.text)
    if match is None or (line.text.startswith("    ") and not wraps):
        return None
    word = match[1].lower()
    if word in known:
        # Runs of spaces mean nothing in a value, and some patterns would take long over them.
        value = " ".join((match[2] or match[3] or "").split())
        if word in SENTENCES and not value:
            raise line.refused(f"expected a sentence after '{word}:', got nothing; write one")
        return Field(line, word, value)
    words = [one for one in known if one.isalpha()]
    meant = get_close_matches(match[1], words, 1, ALIKE)
    if not match[1].islower() or (within and not meant):
        # Wrapped text may have a word and a colon at the beginning of any line.
        return None
    advice = f"did you mean '{meant[0]}:'?" if meant else "if it is text, begin the line with a capital letter"
    wanted = f"one of {', '.join(words)} before the colon"
    raise line.refused(f"expected {wanted}, got {shorten(match[1])!r}; {advice}")


def _paragraphs(lines: Sequence[str]) -> str:
    """Return wrapped lines as paragraphs, one a line; list items and indented lines stay lines of their own."""
    result: list[str] = []
    fresh = True
    for line in lines:
        if not line:
            fresh = True
        elif fresh or _VERBATIM.match(line) or (result and result[-1].startswith("    ")):
            result.append(line)
            fresh = False
        else:
            result[-1] = joined((result[-1], line.strip()))
    return "\n".join(result)
