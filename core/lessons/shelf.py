"""The lessons that come with byhand, in the order in which they build on each other, and any other by its name."""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import Refused
from core.lessons.reader import parse_lesson, read_lesson

if TYPE_CHECKING:
    from core.lessons.lesson import Lesson


@cache
def built_in() -> tuple[Lesson, ...]:
    """Return the lessons, the first one first."""
    files = sorted(resources.files(__package__).joinpath("files").iterdir(), key=lambda file: file.name)
    return tuple(parse_lesson(file.read_bytes(), file.name) for file in files if file.name.endswith(".md"))


def lesson_called(name: str) -> Lesson:
    """Return the built-in lesson with this number, counted from 1, or the one in the file of this name.

    Raises:
        Refused: there is no such lesson, or the file cannot be used as one.
    """
    name = name.strip()
    if not name:
        raise Refused(f"expected the name of a lesson's file or a number from 1 to {len(built_in())}, got nothing")
    if not name.isascii() or not name.isdecimal():
        return read_lesson(Path(name).expanduser())
    if not 1 <= int(name[:9]) <= len(built_in()):
        raise Refused(f"expected the number of a lesson from 1 to {len(built_in())}, got {name[:9]}")
    return built_in()[int(name) - 1]
