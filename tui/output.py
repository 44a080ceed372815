"""Output: bytes on their way to a terminal that is never waited for, be it held by ctrl+s or by a line that stands."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

TRIED = 0.02
"""Seconds between two tries. That a terminal takes something is not waited for: Linux says so of some that don't."""


class Output:
    """Writes what it is given to ``descriptor``, which must not block; ``taken`` is called once all was, late.

    Textual's own driver has a thread for that, whose queue holds 30 pieces: whoever brings one more waits for the
    terminal, and everything else with the loop.
    """

    def __init__(self, descriptor: int, taken: Callable[[], None]) -> None:
        self._descriptor, self._taken = descriptor, taken
        self._loop = asyncio.get_running_loop()
        self._waiting = bytearray()
        self._again: asyncio.TimerHandle | None = None

    @property
    def behind(self) -> bool:
        """Whether the terminal did not take all: what is given now waits, so it should be little."""
        return self._again is not None

    def write(self, data: bytes) -> None:
        """Send ``data`` with the next :meth:`flush`, or when the loop comes to it."""
        if not self._waiting:
            self._loop.call_soon(self.flush)
        self._waiting += data

    def flush(self) -> None:
        """Send what has come, unless the terminal is behind."""
        if not self.behind:
            self._send()

    def give_up(self) -> bool:
        """Forget what the terminal does not take now, and return whether there was anything."""
        self._send()
        left = self._again
        if left is not None:
            left.cancel()
            self._again = None
            self._waiting.clear()
        return left is not None

    def _send(self) -> None:
        while self._waiting and (sent := self._sent()):
            del self._waiting[:sent]
        was_behind = self.behind
        self._again = self._loop.call_later(TRIED, self._send) if self._waiting else None
        if was_behind and not self.behind:
            self._taken()

    def _sent(self) -> int:
        try:
            return os.write(self._descriptor, self._waiting)
        except BlockingIOError:
            return 0
        except OSError:
            # It is gone, which whoever reads from it finds out: nothing can be sent any more.
            return len(self._waiting)
