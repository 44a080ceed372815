"""Which language lessons are read in, and how a lesson's file in another language than English is named."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from core.errors import Refused, shorten

if TYPE_CHECKING:
    from collections.abc import Mapping

ENGLISH = "en"
"""The language of a file that says none."""

VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")
"""Where POSIX says which language messages are in: the first that is set counts."""

_LANGUAGE = re.compile(r"([a-z]{2,3})(?:[-_.@].*)?")


def language(asked: str | None, environment: Mapping[str, str]) -> str:
    """Return the language ``asked`` for, such as ``ja`` or ``ja_JP.UTF-8``, else that of the environment.

    Raises:
        Refused: what is asked for is no language.
    """
    if asked is not None:
        if found := _LANGUAGE.fullmatch(asked.strip().lower()):
            return found[1]
        raise Refused(f"expected a language such as ja or en, got {shorten(asked)!r}")
    said = next((environment[name] for name in VARIABLES if environment.get(name)), "")
    found = _LANGUAGE.fullmatch(said.lower())
    return found[1] if found else ENGLISH


def file_in(language: str, name: str) -> str:
    """Return what the file ``name`` is called in a language: 2-bias.md is 2-bias.ja.md in Japanese."""
    stem, dot, ending = name.rpartition(".")
    return name if language == ENGLISH or not stem else f"{stem}.{language}{dot}{ending}"
