"""A lesson that is under way as bytes, to be gone on with: its text, and how far it has come."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from core.errors import Refused
from core.lessons.progress import Progress
from core.lessons.reader import lesson_of
from core.lessons.source import from_bytes

if TYPE_CHECKING:
    from core.lessons.lesson import Lesson


class _Kept(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    text: str
    folder: str | None
    progress: Progress


def save(lesson: Lesson, progress: Progress) -> bytes:
    """Return a lesson and how far it has come as bytes that :func:`resume` reads."""
    source = lesson.source
    text = "\n".join(line.text for line in source.lines)
    folder = None if source.folder is None else str(source.folder.absolute())
    return msgspec.msgpack.encode(_Kept(source.name, text, folder, progress))


def resume(data: bytes) -> tuple[Lesson, Progress]:
    """Return what ``data`` holds.

    Raises:
        Refused: it is damaged, or the lesson's own model is not there any more.
    """
    try:
        kept = msgspec.msgpack.decode(data, type=_Kept)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise Refused("expected a lesson that was under way, got something else; begin it anew") from None
    lesson = lesson_of(from_bytes(kept.text.encode(), kept.name, None if kept.folder is None else Path(kept.folder)))
    if not 0 <= kept.progress.step <= len(lesson.steps):
        raise Refused("expected a step of the lesson, got another; begin it anew")
    return lesson, kept.progress
