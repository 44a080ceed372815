"""Reads a lesson from Markdown: a title, settings, then steps, each with one check; a broken one is refused by line."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from core.errors import Refused, shorten
from core.half_width import half_width
from core.lessons.conditions import condition
from core.lessons.fields import RIGHT_OPTION, WRONG_OPTION, fields
from core.lessons.lesson import Answer, Choice, Lesson, Option, Read, Step, Within
from core.lessons.places import find, in_full
from core.lessons.settings import SETTINGS, setup
from core.lessons.source import joined, quoted
from core.model.literal import parse_number

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.lessons.fields import Field
    from core.lessons.lesson import Check
    from core.lessons.source import Line, Source
    from core.model.network import Network

CHECKS = ("answer", "number", "choice", "do", "read")
KEYWORDS = (*CHECKS, "hint", "right", "reply")
MAX_OPTIONS = 9
MAX_STEPS = 100

_ON_SCREEN = re.compile(r"(\s*)\{screen[:：]\s*([^{}]*?)\s*\}")
"""Words about the screen, as in ``{screen: Press 4.}``: said there without braces, left out elsewhere."""


def lesson_of(source: Source) -> Lesson:
    """Return the lesson that a text writes down; its model may be a file beside that.

    Raises:
        Refused: something in it cannot be used; the message names the line.
    """
    title = _title(source)
    rest = source.lines[title.number :]
    first = next((place for place, line in enumerate(rest) if line.text.startswith("##")), len(rest))
    about, written = fields(rest[:first], SETTINGS)
    begun = setup(source.folder, written)
    steps = _steps(rest[first:], begun.network)
    if not steps:
        raise Refused(f"{source.name}: expected at least one step, which begins with ##, got none; add one")
    there = tuple(_said(step, lambda text: _ON_SCREEN.sub(r"\1\2", text)) for step in steps)
    elsewhere = tuple(_said(step, lambda text: _ON_SCREEN.sub("", text).strip()) for step in steps)
    return Lesson(shorten(title.text.removeprefix("#").strip(), 80), about, begun, there, elsewhere, source)


def _title(source: Source) -> Line:
    first = next((line for line in source.lines if line.text), None)
    if first is None:
        raise Refused(f"{source.name}: expected a title, such as '# A weighted sum', got an empty file; write one")
    if not first.text.startswith("# "):
        got = shorten(first.text)
        raise first.refused(f"expected the title, such as '# A weighted sum', got {got!r}; begin with it")
    return first


def _steps(lines: Sequence[Line], network: Network) -> tuple[Step, ...]:
    starts = [at for at, line in enumerate(lines) if line.text.startswith("#")]
    if len(starts) > MAX_STEPS:
        raise lines[starts[MAX_STEPS]].refused(f"expected at most {MAX_STEPS} steps, got more; make several lessons")
    return tuple(_step(lines[start], lines[start + 1 : end], network) for start, end in pairwise([*starts, len(lines)]))


def _step(heading: Line, lines: Sequence[Line], network: Network) -> Step:
    """Return the step under a heading, of a lesson that begins with ``network``."""
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


def _said(step: Step, said: Callable[[str], str]) -> Step:
    """Return a step with each of its texts as it is ``said``."""
    check = step.check
    if isinstance(check, Choice):
        options = (replace(one, text=said(one.text), reply=said(one.reply)) for one in check.options)
        check = Choice(said(check.question), tuple(options))
    hints = tuple(filter(None, map(said, step.hints)))
    return replace(step, text=said(step.text), check=check, hints=hints, right=said(step.right))
