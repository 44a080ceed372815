"""Intake: what of a terminal's input becomes events, so that no storm of it fills the memory or acts as keys."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from textual._xterm_parser import BRACKETED_PASTE_END, BRACKETED_PASTE_START, XTermParser
from textual.events import Event, Paste

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from textual.message import Message

MOST_PASTED = 1_000_000
"""Characters of a paste. A box takes some thirty bytes of memory for each."""

MOST_TYPED = 4_096
"""Characters that may come at once, as after a line has stood still: as many as a terminal holds for its program."""

LONGEST_LINE = 100
"""Characters at once, keys that draw among them alone, that may still be typed ones. More are a paste without marks."""

QUIET = 0.1
"""Seconds without a character after which a paste without marks, or a storm, is over."""

PATIENCE = 3.0
"""The same for a paste whose end mark is awaited: a slow line may pause in it, and a broken one never sends it."""


class TooMuch(Event):
    """So many ``characters`` came that nothing was done with any of them; ``pasted`` ones had the marks of a paste."""

    def __init__(self, characters: int, *, pasted: bool) -> None:
        super().__init__()
        self.characters, self.pasted = characters, pasted


class Intake:
    """Reads keys, mouse and reports by Textual's parser, and pastes by itself.

    The parser takes a paste character by character, of any length, and waits for its end for ever. Here it never sees
    one: each start is followed by an end at once. What comes faster than anybody types is text, which then is a paste
    too, or else a storm, of which nothing is done.
    """

    def __init__(self, parser: XTermParser, clock: Callable[[], float] = time.monotonic) -> None:
        self._parser, self._clock = parser, clock
        self._before = ""
        self._paste: _Collected | None = None
        self._heard = clock()

    @property
    def collects(self) -> bool:
        """Whether what came is kept until it is known to be complete; :meth:`quiet` says when nothing more comes."""
        return self._paste is not None

    def take(self, text: str) -> Iterator[Message]:
        """Yield the events of ``text``, which came at once."""
        self._heard = self._clock()
        if len(text) > LONGEST_LINE:
            text = _OVERTAKEN.sub("", text)
        while text:
            if self._paste is None and self._is_too_much(text):
                self._paste = _Collected(marked=False)
            if self._paste is None:
                text = yield from self._keys(text)
            elif not self._paste.marked:
                self._paste.add(text)
                return
            elif (rest := self._paste.until_end(text)) is None:
                return
            else:
                yield from self._end()
                text = rest

    def quiet(self) -> Iterator[Message]:
        """Yield what is due because nothing has come for a while."""
        yield from self._parser.tick()
        silent = self._clock() - self._heard
        if self._paste is not None and silent >= (PATIENCE if self._paste.marked else QUIET):
            if self._paste.marked:
                self._paste.break_off()
            yield from self._end()

    def drop(self, characters: int) -> None:
        """Take all that follows without a pause for more of a storm of which so many characters were dropped."""
        if self._paste is None:
            self._paste = _Collected(marked=False)
            self._paste.drop(characters)
            self._heard = self._clock()

    def _is_too_much(self, text: str) -> bool:
        """Return whether these are no keys; a paste with marks may begin among them, and is read as one."""
        if BRACKETED_PASTE_START in self._before + text:
            return False
        return len(text) > MOST_TYPED or (len(text) > LONGEST_LINE and _is_text(text))

    def _keys(self, text: str) -> Generator[Message, None, str]:
        """Yield the events before the next start of a paste; return what comes after it."""
        seen = self._before + text
        place = seen.find(BRACKETED_PASTE_START)
        if place < 0:
            self._before = seen[1 - len(BRACKETED_PASTE_START) :]
            yield from self._parser.feed(text)
            return ""
        end = place + len(BRACKETED_PASTE_START) - len(self._before)
        self._before, self._paste = "", _Collected(marked=True)
        for event in self._parser.feed(text[:end] + BRACKETED_PASTE_END):
            if not isinstance(event, Paste):
                yield event
        return text[end:]

    def _end(self) -> Iterator[Message]:
        paste, self._paste = self._paste, None
        if paste is None:
            return
        if paste.dropped:
            yield TooMuch(paste.length, pasted=paste.marked)
        elif pasted := paste.text():
            yield Paste(pasted)


class _Collected:
    """A paste that is still coming, or a storm, of which only the length is kept."""

    def __init__(self, *, marked: bool) -> None:
        self.marked, self.length, self.dropped = marked, 0, False
        self._pieces: list[str] = []
        self._tail = ""

    def add(self, text: str) -> None:
        """Keep ``text``, unless there is too much of it, or it is no text."""
        self.length += len(text)
        if self.length > MOST_PASTED or not (self.marked or _is_text(text)):
            self.drop()
        if not self.dropped:
            self._pieces.append(text)

    def drop(self, characters: int = 0) -> None:
        """Keep nothing any more."""
        self.length += characters
        self.dropped, self._pieces = True, []

    def break_off(self) -> None:
        """Keep nothing, for the end mark will not come."""
        self.drop(len(self._tail))

    def until_end(self, text: str) -> str | None:
        """Keep what comes before the end mark, and return what comes after it; None if the mark is not there yet."""
        seen = self._tail + text
        place = seen.find(BRACKETED_PASTE_END)
        if place >= 0:
            self.add(seen[:place])
            return seen[place + len(BRACKETED_PASTE_END) :]
        # The mark may have come in part.
        cut = max(0, len(seen) - len(BRACKETED_PASTE_END) + 1)
        self.add(seen[:cut])
        self._tail = seen[cut:]
        return None

    def text(self) -> str:
        return "".join(self._pieces).replace("\x00", "")


def _is_text(text: str) -> bool:
    return _CONTROL.search(text) is None


_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
"""Control characters, but those of lines and columns."""

_MOVED = r"\x1b\[<(?:3[2-9]|[45]\d|6[0-3]);-?\d+;-?\d+[Mm]"
_OVERTAKEN = re.compile(f"(?:{_MOVED})+(?={_MOVED})")
"""Reports of where the mouse went, but the last of those that follow each other: they may come in any number."""
