"""Reads one step of a lesson: its text, its one check, hints and replies."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from core.errors import Refused, shorten
from core.half_width import half_width
from core.lessons.conditions import condition
from core.lessons.fields import RIGHT_OPTION, WRONG_OPTION, fields
from core.lessons.lesson import Answer, Choice, Option, Read, Step, Within
from core.lessons.places import find, in_full
from core.lessons.source import joined, quoted
from core.model.literal import parse_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.lessons.fields import Field
    from core.lessons.lesson import Check
    from core.lessons.source import Line
    from core.model.network import Network

CHECKS = ("answer", "number", "choice", "do", "read")
KEYWORDS = (*CHECKS, "hint", "right", "reply")
MAX_OPTIONS = 9


def read_step(heading: Line, lines: Sequence[Line], network: Network) -> Step:
    """Return the step under a heading, of a lesson that begins with ``network``.

    Raises:
        Refused: something cannot stand there, or cannot be read, or it has not one check; the message names the line.
    """
    title = heading.text.removeprefix("## ")
    if title == heading.text or not title.strip():
        raise heading.refused(f"expected a step, such as '## The sum', got {shorten(heading.text)!r}; name it so")
    text, found = fields(lines, (*KEYWORDS, RIGHT_OPTION, WRONG_OPTION))
    options = _options(found)
    checks = [field for field in found if field.word in CHECKS]
    if not checks:
        wanted, advice = ", ".join(f"{word}:" for word in CHECKS[:-1]), "'read' alone on a line is a step with nothing"
        raise heading.refused(f"expected a check in this step ({wanted} or read), got none; {advice} to do")
    if checks[1:]:
        raise checks[1].line.refused(
            f"expected one check in a step, got '{checks[1].word}:' too; begin another step with ##"
        )
    with checks[0].line.reading():
        check = _check(checks[0], options, network)
    hints = tuple(field.text for field in found if field.word == "hint")
    right = joined(field.text for field in found if field.word == "right")
    return Step(shorten(title.strip(), 80), text, check, hints, right)


def _options(found: Sequence[Field]) -> tuple[Option, ...]:
    """Return the options of a choice, each with the replies that stand under it."""
    options: list[Option] = []
    words = set[str]()
    for line, word, text in found:
        words.add(word)
        if word in (RIGHT_OPTION, WRONG_OPTION):
            if "choice" not in words:
                raise line.refused("expected 'choice:' before the first option, got none; add such a line")
            options.append(Option(text, word == RIGHT_OPTION))
        elif word == "reply":
            if not options:
                advice = "put it under an option of 'choice:', or write 'hint:' or 'right:'"
                raise line.refused(f"expected an option before 'reply:', got none; {advice}")
            options[-1] = replace(options[-1], reply=joined((options[-1].reply, text)))
    return tuple(options)


def _check(field: Field, options: tuple[Option, ...], network: Network) -> Check:
    match field.word:
        case "answer":
            spot = find(network, field.text)
            return Answer(spot, in_full(network, spot))
        case "number":
            return _within(field.text)
        case "do":
            return condition(field.text, network)
        case "choice":
            return _choice(field.text, options)
    return Read()


def _choice(question: str, options: tuple[Option, ...]) -> Choice:
    if not 2 <= len(options) <= MAX_OPTIONS:
        form = "lines such as '- [ ] wrong' and '- [x] right'"
        raise Refused(f"expected 2 to {MAX_OPTIONS} options, got {len(options)}; write {form}")
    if (right := sum(option.right for option in options)) != 1:
        raise Refused(f"expected one right option, marked [x], got {right}; mark one")
    return Choice(question, options)


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
