"""Words of a lesson about the screen, as in ``{screen: Press 4.}``: said there without braces, left out elsewhere."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from core.lessons.lesson import Choice

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.lessons.lesson import Step

_MARKED = re.compile(r"(\s*)\{screen[:：]\s*([^{}]*?)\s*\}")


def on_screen(step: Step) -> Step:
    """Return ``step`` as it is said on the screen."""
    return _with_words(step, lambda text: _MARKED.sub(r"\1\2", text))


def without_screen(step: Step) -> Step:
    """Return ``step`` as it is said where there is no screen."""
    return _with_words(step, lambda text: _MARKED.sub("", text).strip())


def _with_words(step: Step, said: Callable[[str], str]) -> Step:
    check = step.check
    if isinstance(check, Choice):
        options = (replace(one, text=said(one.text), reply=said(one.reply)) for one in check.options)
        check = Choice(said(check.question), tuple(options))
    hints = tuple(filter(None, map(said, step.hints)))
    return replace(step, text=said(step.text), check=check, hints=hints, right=said(step.right))
