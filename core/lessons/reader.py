"""Reads a lesson from Markdown: a title, settings, then steps; a broken one is refused with its line."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from core.errors import Refused, shorten
from core.lessons.fields import fields
from core.lessons.lesson import Choice, Lesson
from core.lessons.settings import SETTINGS, setup
from core.lessons.step_reader import read_step

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.lessons.lesson import Step
    from core.lessons.source import Line, Source
    from core.model.network import Network

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
    return tuple(
        read_step(lines[start], lines[start + 1 : end], network) for start, end in pairwise([*starts, len(lines)])
    )


def _said(step: Step, said: Callable[[str], str]) -> Step:
    """Return a step with each of its texts as it is ``said``."""
    check = step.check
    if isinstance(check, Choice):
        options = (replace(one, text=said(one.text), reply=said(one.reply)) for one in check.options)
        check = Choice(said(check.question), tuple(options))
    hints = tuple(filter(None, map(said, step.hints)))
    return replace(step, text=said(step.text), check=check, hints=hints, right=said(step.right))
