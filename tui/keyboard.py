"""Keyboard: the bytes that a terminal sends, as text, those together that came at once."""

from __future__ import annotations

import codecs
import os
import selectors
import time

from tui.intake import MOST_TYPED

AT_ONCE = 64
"""Bytes that no key sends: more may be on their way."""

GAP = 0.01
"""Seconds between two pieces of what was sent at once."""

LONGEST = 0.05
"""Seconds for which pieces are waited for: a mouse reports without end."""


class Closed(Exception):
    """The terminal is gone."""


class Keyboard:
    """Reads ``descriptor``; a byte that is not UTF-8 becomes a replacement character."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._selector = selectors.DefaultSelector()
        self._selector.register(descriptor, selectors.EVENT_READ)
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")

    def waits(self, seconds: float) -> bool:
        """Return whether there is something to read, which is waited for so long."""
        return bool(self._selector.select(seconds))

    def read(self) -> str:
        """Return what has come at once.

        Raises:
            Closed: nothing can come any more.
        """
        data, begun = self._piece(), time.monotonic()
        if len(data) >= AT_ONCE:
            while len(data) <= MOST_TYPED and time.monotonic() - begun < LONGEST and self.waits(GAP):
                data += self._piece()
        return self._decoder.decode(data)

    def _piece(self) -> bytes:
        try:
            data = os.read(self._descriptor, MOST_TYPED)
        except OSError as error:
            raise Closed from error
        if not data:
            raise Closed
        return data
