"""ThriftyDriver: Textual's driver for Linux and macOS, which sends only what changes the terminal."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from textual.drivers.linux_driver import LinuxDriver

from tui.console_signs import signs_for
from tui.thrift import Thrift

if TYPE_CHECKING:
    from typing import Any

    from textual.app import App


class ThriftyDriver(LinuxDriver):
    """Compares what Textual writes with what the terminal shows already (see :class:`tui.thrift.Thrift`).

    On a console each sign that its font lacks is drawn as one that it has.
    """

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._thrift = Thrift(*self._size_now())
        self._signs = signs_for(os.environ.get("TERM", ""))

    def write(self, data: str) -> None:
        size = self._size_now()
        if size != (self._thrift.columns, self._thrift.rows):
            # The terminal has moved its text already; Textual will draw all of it anew.
            self._thrift.resize(*size)
        if sent := self._thrift.rewritten(data.translate(self._signs) if self._signs else data):
            super().write(sent)

    def redraw(self) -> None:
        """Take nothing for shown, for something else has written to the terminal."""
        self._thrift.resize(*self._size_now())

    def _size_now(self) -> tuple[int, int]:
        for descriptor in (2, 1, 0):
            try:
                columns, rows = os.get_terminal_size(descriptor)
            except OSError:
                continue
            return columns, rows
        return 80, 24
