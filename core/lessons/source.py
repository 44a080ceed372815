"""The text of a lesson's file as plain numbered lines, and refusals that say which line is meant."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from core.cells import cell_width
from core.errors import Refused, shorten
from core.reading import read_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

MAX_BYTES = 100_000
"""The largest lesson that is read: some thirty pages of text."""

_ROOMY = frozenset("、。，．！？「」『』（）")
"""What has its own room around it."""


class Line(NamedTuple):
    """One line of the file that messages call so; ``number`` counts from 1, as editors do."""

    file: str
    number: int
    text: str

    def refused(self, message: str) -> Refused:
        """Return the refusal of the lesson for what stands here."""
        return Refused(f"{self.file}, line {self.number}: {message}")

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Add file and line to whatever is refused inside."""
        try:
            yield
        except Refused as refused:
            raise self.refused(str(refused)) from None


class Source(NamedTuple):
    """A lesson's file: its name for messages, and the folder in which it looks for models, if it has one."""

    name: str
    lines: tuple[Line, ...]
    folder: Path | None


def from_file(path: Path) -> Source:
    """Return the lines of the file at ``path``.

    Raises:
        Refused: there is no such file, it cannot be read, is too large, or is not UTF-8.
    """
    return from_bytes(read_bytes(path, "a lesson's file", MAX_BYTES), shorten(path.name or str(path)), path.parent)


def from_bytes(data: bytes, name: str, folder: Path | None = None) -> Source:
    """Return the lines of ``data``, which is what the file called ``name`` holds.

    Raises:
        Refused: it is too large, or not UTF-8.
    """
    if len(data) > MAX_BYTES:
        raise Refused(f"{name}: expected a lesson of at most {MAX_BYTES:,} bytes, got more; make several of it")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = Line(name, data.count(b"\n", 0, error.start) + 1, "")
        what = f"the byte 0x{data[error.start]:02x}"
        raise line.refused(f"expected text in UTF-8, got {what}; save the file as UTF-8") from None
    rows = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return Source(name, tuple(Line(name, number, _plain(row)) for number, row in enumerate(rows, start=1)), folder)


def quoted(text: str) -> str:
    """Return ``text`` as a message quotes it."""
    return repr(shorten(text)) if text.strip() else "nothing"


def joined(lines: Iterable[str]) -> str:
    """Return wrapped lines as one: with a space between, but none where Japanese goes on, which is written without."""
    text = ""
    for line in lines:
        ends = text[-1:] + line[:1]
        apart = len(ends) == 2 and cell_width(ends) < 4 and _ROOMY.isdisjoint(ends)
        text += f" {line}" if apart else line
    return text


def _plain(row: str) -> str:
    """Return ``row`` without anything that a terminal would act on."""
    return "".join(character if character.isprintable() else "?" for character in row.expandtabs(4)).rstrip()
