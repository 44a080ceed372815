"""The lessons that come with byhand, in the order in which they build on each other, and any other by its name."""

from __future__ import annotations

import os
import re
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from core.errors import Refused
from core.half_width import half_width
from core.lessons.language import ENGLISH, file_in
from core.lessons.reader import lesson_of
from core.lessons.source import from_bytes, from_file
from core.paths import typed_path

if TYPE_CHECKING:
    from core.lessons.lesson import Lesson

_FOLDER = resources.files(__package__).joinpath("files")

_IN_ENGLISH = re.compile(r"[^.]+\.md")


def built_in(language: str = ENGLISH) -> tuple[Lesson, ...]:
    """Return the lessons, the first one first, each in ``language`` if it has been written in it, else in English."""
    files = {file.name for file in _FOLDER.iterdir()}
    return tuple(
        _parsed(there if (there := file_in(language, name)) in files else name)
        for name in sorted(filter(_IN_ENGLISH.fullmatch, files))
    )


@cache
def _parsed(name: str) -> Lesson:
    return lesson_of(from_bytes(_FOLDER.joinpath(name).read_bytes(), name))


def lesson_called(name: str, language: str = ENGLISH) -> Lesson:
    """Return the built-in lesson with this number, counted from 1, or the one in the file of this name.

    A file beside that one which has its name in ``language``, such as ``mine.ja.md`` for ``mine.md``, is read instead.

    Raises:
        Refused: there is no such lesson, or the file cannot be used as one.
    """
    name, number = name.strip(), half_width(name).strip()
    if not name:
        raise Refused(f"expected the name of a lesson's file or a number from 1 to {len(built_in())}, got nothing")
    if not number.isascii() or not number.isdecimal():
        path = typed_path(name)
        there = path.with_name(file_in(language, path.name)) if path.name else path
        # Path.is_file raises for a name that is too long.
        return lesson_of(from_file(there if os.path.isfile(there) else path))  # noqa: PTH113
    if not 1 <= int(number[:9]) <= len(built_in()):
        raise Refused(f"expected the number of a lesson from 1 to {len(built_in())}, got {number[:9]}")
    return built_in(language)[int(number) - 1]
