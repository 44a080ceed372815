"""Reads a lesson from Markdown: a title, settings, then steps; a broken one is refused with its line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import Refused, shorten
from core.lessons.lesson import Lesson
from core.lessons.settings import SETTINGS, setup
from core.lessons.source import from_bytes, from_file
from core.lessons.step_reader import StepReader, keyword, paragraphs

if TYPE_CHECKING:
    from pathlib import Path

    from core.lessons.lesson import Step
    from core.lessons.settings import Written
    from core.lessons.source import Line, Source
    from core.model.network import Network

MAX_STEPS = 100


def read_lesson(path: Path) -> Lesson:
    """Return the lesson that the file at ``path`` writes down; its model may be a file beside it.

    Raises:
        Refused: it cannot be read, or something in it cannot be used; the message names the line.
    """
    return _lesson(from_file(path))


def parse_lesson(data: bytes, name: str) -> Lesson:
    """Return the lesson that ``data`` writes down; ``name`` is what messages call it.

    Raises:
        Refused: as :func:`read_lesson`.
    """
    return _lesson(from_bytes(data, name))


def _lesson(source: Source) -> Lesson:
    title = _title(source)
    rest = [line for line in source.lines if line.number > title.number]
    first = next((place for place, line in enumerate(rest) if line.text.startswith("##")), len(rest))
    written, about = _head(source, rest[:first])
    begun = setup(source, written)
    steps = _steps(source, rest[first:], begun.network)
    if not steps:
        raise Refused(f"{source.name}: expected at least one step, which begins with ##, got none; add one")
    return Lesson(shorten(title.text.removeprefix("#").strip(), 80), about, begun, tuple(steps))


def _title(source: Source) -> Line:
    for line in source.lines:
        if line.text.startswith("# ") and line.text[2:].strip():
            return line
        if not line.blank:
            raise source.refused(
                line.number,
                f"expected the title, such as '# A weighted sum', got {shorten(line.text)!r}; begin with it",
            )
    raise Refused(f"{source.name}: expected a title, such as '# A weighted sum', got an empty file; write one")


def _head(source: Source, lines: list[Line]) -> tuple[Written, str]:
    """Return the settings and the text between title and first step."""
    written: Written = {}
    prose: list[str] = []
    for line in lines:
        found = None if line.text.startswith("    ") else keyword(line, SETTINGS, source, bool(prose and prose[-1]))
        if found is None:
            prose.append(line.text)
            continue
        key, value = found
        if key in written:
            first = written[key][0]
            raise source.refused(line.number, f"expected '{key}:' once, got it again after line {first}; keep one")
        written[key] = line.number, value
    return written, paragraphs(prose)


def _steps(source: Source, lines: list[Line], network: Network) -> list[Step]:
    steps: list[Step] = []
    reader: StepReader | None = None
    for line in lines:
        if not line.text.startswith("#"):
            if reader is not None:
                reader.take(line)
            continue
        if not line.text.startswith("## ") or not line.text[3:].strip():
            got = shorten(line.text)
            raise source.refused(line.number, f"expected a step, such as '## The sum', got {got!r}; name it so")
        if reader is not None:
            steps.append(reader.step())
        if len(steps) == MAX_STEPS:
            raise source.refused(line.number, f"expected at most {MAX_STEPS} steps, got more; make several lessons")
        reader = StepReader(source, network, line)
    return [*steps, reader.step()] if reader is not None else steps
