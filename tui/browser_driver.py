"""BrowserDriver: Textual's driver for a browser, over pipes, which ends the app once nobody is at their other end."""

from __future__ import annotations

import os
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from textual.drivers.web_driver import WebDriver
from textual.messages import ExitApp

from tui.terminal import LONGEST_END

if TYPE_CHECKING:
    from typing import Any

    from textual.app import App


class BrowserDriver(WebDriver):
    """Takes the end of the input for the wish to leave.

    Textual 8.2.8 goes on without input: an app whose server had been killed ran on alone and grew to 1.8 GB in a
    quarter of an hour, by a traceback for every frame that nobody took.
    """

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._write = partial(self._write_if_read)

    def _write_if_read(self, data: bytes) -> int:
        with suppress(BrokenPipeError):
            return os.write(self.fileno, data)
        return len(data)

    def run_input_thread(self) -> None:
        super().run_input_thread()
        if not self.exit_event.is_set():
            self._app.post_message(ExitApp())
            if not self.exit_event.wait(LONGEST_END):
                os._exit(1)
