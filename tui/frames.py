"""Frames: what Textual writes, on its way to whatever shows it, which is never waited for.

What is not taken is left out; once all is taken again, what came of it is sent as one frame.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual._ansi_sequences import SYNC_END, SYNC_START

from tui.output import Output
from tui.thrift import Thrift

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from textual.app import App


class Frames:
    """Sends to ``descriptor``, which must not block, what changes a screen; as bytes it is what ``packed`` makes."""

    def __init__(self, app: App[Any], descriptor: int, packed: Callable[[str], bytes], size: tuple[int, int]) -> None:
        self._app, self._packed = app, packed
        self._thrift = Thrift(*size)
        self.output = Output(descriptor, self._catch_up)

    def write(self, data: str, size: tuple[int, int]) -> None:
        """Send ``data`` to a screen of so many columns and rows, or keep what it draws for later."""
        if size != (self._thrift.columns, self._thrift.rows):
            # The screen has moved its text already; Textual will draw all of it anew.
            self._thrift.resize(*size)
        if not self.output.behind:
            self._send(self._thrift.rewritten(data))
        elif data not in (SYNC_START, SYNC_END):
            self._send(self._thrift.put_by(data))

    def forget(self, size: tuple[int, int]) -> None:
        """Take nothing for shown."""
        self._thrift.resize(*size)

    def _send(self, text: str) -> None:
        if text:
            self.output.write(self._packed(text))

    def _catch_up(self) -> None:
        if late := self._thrift.caught_up():
            self._send(f"{SYNC_START}{late}{SYNC_END}" if self._app._sync_available else late)
