"""Reads one step of a lesson, line by line: its text, its one check, hints and replies."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

from core.errors import Refused, shorten
from core.half_width import half_width
from core.lessons.conditions import condition
from core.lessons.lesson import Answer, Choice, Option, Read, Step, Within
from core.lessons.places import find, in_full
from core.lessons.source import joined, quoted
from core.model.literal import parse_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.lessons.lesson import Check
    from core.lessons.source import Line, Source
    from core.model.network import Network

CHECKS = ("answer", "number", "choice", "do", "read")
KEYWORDS = (*CHECKS, "hint", "right", "reply")
MAX_OPTIONS = 9

ALIKE = 0.7
"""How alike a word is to the keyword that it is taken for, from 0 to 1."""

_KEYWORD = re.compile(r"\s*([A-Za-z]{1,20})\s*(?::(?:\s+(.*))?|：\s*(.*))")
_OPTION = re.compile(r"\s*[-*]\s*\[([ xX])\]\s*(.*)")
_VERBATIM = re.compile(r"(?: {4}|\s*[-*] |\s*[0-9]+[.)] )")
"""What keeps its own line: indented text and the items of a list."""


def keyword(line: Line, known: Sequence[str], source: Source, within: bool) -> tuple[str, str] | None:
    """Return a line's keyword and value, or None if it is text, ``within`` a paragraph or at the beginning of one.

    Raises:
        Refused: it has a small word and a colon where a keyword stands, but not a known one.
    """
    match = _KEYWORD.fullmatch(line.text)
    if match is None:
        return None
    # Runs of spaces mean nothing in a value, and some patterns below would take long over them.
    word, value = match[1], " ".join((match[2] or match[3] or "").split())
    if word.lower() in known:
        return word.lower(), value
    if not word.islower():
        return None
    meant = get_close_matches(word, known, 1, ALIKE)
    if within and not meant:
        # Wrapped text may have a word and a colon at the beginning of any line.
        return None
    advice = f"did you mean '{meant[0]}:'?" if meant else "if it is text, begin the line with a capital letter"
    wanted = f"one of {', '.join(known)} before the colon"
    raise source.refused(line.number, f"expected {wanted}, got {shorten(word)!r}; {advice}")


def paragraphs(lines: Sequence[str]) -> str:
    """Return wrapped lines as paragraphs, one a line; list items and indented lines stay lines of their own."""
    result: list[str] = []
    fresh = True
    for line in lines:
        if not line.strip():
            fresh = True
        elif fresh or _VERBATIM.match(line) or (result and result[-1].startswith("    ")):
            result.append(line)
            fresh = False
        else:
            result[-1] = joined((result[-1], line.strip()))
    return "\n".join(result)


class StepReader:
    """Takes the lines under one heading, then gives the step."""

    def __init__(self, source: Source, network: Network, heading: Line) -> None:
        self._source, self._network, self._heading = source, network, heading
        self._prose: list[str] = []
        self._check: Check | None = None
        self._choice: tuple[int, list[str]] | None = None
        self._options: list[tuple[bool, list[str], list[str]]] = []
        self._hints: list[list[str]] = []
        self._right: list[str] = []
        # What a line that follows directly goes on with, as wrapped text does.
        self._open: list[str] | None = None

    def take(self, line: Line) -> None:
        """Take one line.

        Raises:
            Refused: it cannot stand there, or cannot be read; the message names the line.
        """
        if line.blank:
            self._open = None
            self._prose.append("")
        elif option := _OPTION.fullmatch(line.text):
            self._take_option(line, option[1] != " ", option[2])
        elif line.text.startswith("    ") and self._open is None:
            self._prose.append(line.text)
        elif line.text.strip().lower() == "read":
            self._take_check(line, "read", "")
        elif found := keyword(line, KEYWORDS, self._source, self._in_paragraph):
            self._take_keyword(line, *found)
        elif self._open is not None:
            self._open.append(line.text.strip())
        else:
            self._prose.append(line.text)

    @property
    def _in_paragraph(self) -> bool:
        return self._open is not None or bool(self._prose and self._prose[-1])

    def _take_keyword(self, line: Line, word: str, value: str) -> None:
        self._open = None
        if word in CHECKS:
            self._take_check(line, word, value)
            return
        if not value:
            raise self._source.refused(line.number, f"expected a sentence after '{word}:', got nothing; write one")
        match word:
            case "hint":
                self._hints.append([value])
                self._open = self._hints[-1]
            case "right":
                self._right.append(value)
                self._open = self._right
            case _:
                self._take_reply(line, value)

    def _take_reply(self, line: Line, value: str) -> None:
        if not self._options:
            advice = "put it under an option of 'choice:', or write 'hint:' or 'right:'"
            raise self._source.refused(line.number, f"expected an option before 'reply:', got none; {advice}")
        self._open = self._options[-1][2]
        self._open.append(value)

    def _take_option(self, line: Line, right: bool, text: str) -> None:
        if self._choice is None:
            raise self._source.refused(
                line.number, "expected 'choice:' before the first option, got none; add such a line"
            )
        if not text.strip():
            raise self._source.refused(line.number, "expected words after the box, got nothing; write the option")
        self._open = [text.strip()]
        self._options.append((right, self._open, []))

    def _take_check(self, line: Line, word: str, value: str) -> None:
        if self._check is not None or self._choice is not None:
            advice = "begin another step with ##"
            raise self._source.refused(line.number, f"expected one check in a step, got '{word}:' too; {advice}")
        if word == "choice":
            self._choice = line.number, [value] if value else []
            self._open = self._choice[1]
            return
        with self._source.at(line.number):
            self._check = self._checked(word, value)

    def _checked(self, word: str, value: str) -> Check:
        match word:
            case "answer":
                spot = find(self._network, value)
                return Answer(spot, in_full(self._network, spot))
            case "number":
                return _within(value)
            case "do":
                return condition(value, self._network)
        return Read()

    def step(self) -> Step:
        """Return the step that was read.

        Raises:
            Refused: it has no check, or its choice has not one right option; the message names the line.
        """
        check = self._check if self._choice is None else self._chosen(*self._choice)
        if check is None:
            advice = "'read' alone on a line is a step with nothing to do"
            wanted = ", ".join(f"{word}:" for word in CHECKS[:-1])
            raise self._source.refused(
                self._heading.number, f"expected a check in this step ({wanted} or read), got none; {advice}"
            )
        heading = shorten(self._heading.text.removeprefix("##").strip(), 80)
        hints = tuple(map(joined, self._hints))
        return Step(heading, paragraphs(self._prose), check, hints, joined(self._right), self._heading.number)

    def _chosen(self, line: int, question: list[str]) -> Choice:
        options = tuple(Option(joined(text), right, joined(reply)) for right, text, reply in self._options)
        if not 2 <= len(options) <= MAX_OPTIONS:
            form = "lines such as '- [ ] wrong' and '- [x] right'"
            raise self._source.refused(line, f"expected 2 to {MAX_OPTIONS} options, got {len(options)}; write {form}")
        right = sum(option.right for option in options)
        if right != 1:
            raise self._source.refused(line, f"expected one right option, marked [x], got {right}; mark one")
        return Choice(joined(question), options)


def _within(text: str) -> Within:
    """Return what ``0.3 to 0.31``, ``0.4277 +- 0.0001`` or one number alone asks for."""
    text = half_width(text)
    try:
        if (parts := re.split(r"\s+to\s+", text))[1:]:
            low, high = map(parse_number, parts)
        elif (parts := re.split(r"\s*(?:\+-|\+/-|±)\s*", text))[1:]:
            middle, reach = map(parse_number, parts)
            low, high = middle - reach, middle + reach
        else:
            low = high = parse_number(text)
    except (Refused, ValueError):
        forms = "'0.4277 +- 0.0001', '0.3 to 0.31' or one number"
        raise Refused(f"expected {forms}, got {quoted(text)}") from None
    if low > high:
        raise Refused(f"expected the smaller number first, got {shorten(text)!r}; turn them round")
    return Within(low, high)
