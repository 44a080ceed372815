"""BrowserDriver: Textual's driver for a browser, over pipes: it waits for no browser, and ends with its server."""

from __future__ import annotations

import os
from functools import partial
from threading import get_ident
from typing import TYPE_CHECKING

from textual.drivers.web_driver import WebDriver
from textual.messages import ExitApp

from tui.frames import Frames
from tui.terminal import LONGEST_END

if TYPE_CHECKING:
    from typing import Any

    from textual.app import App


class BrowserDriver(WebDriver):
    """Sends frames as fast as they are read, and takes the end of the input for the wish to leave.

    Textual 8.2.8 waits in the middle of a frame until a browser reads, and holds up all that the app does. It goes on
    without input: an app whose server had been killed ran on alone and grew to 1.8 GB in a quarter of an hour, by a
    traceback for every frame that nobody took.
    """

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        # The pipe is this process's own: nobody else writes to it.
        os.set_blocking(self.fileno, False)
        self._frames = Frames(app, self.fileno, _packet, self._size_now())
        self._thread = get_ident()
        self._write = partial(self._send)

    def write(self, data: str) -> None:
        self._frames.write(data, self._size_now())

    def flush(self) -> None:
        self._frames.output.flush()

    def _send(self, data: bytes) -> int:
        """Send what is no drawing: a packet of its own, from the thread that reads too."""
        if get_ident() == self._thread:
            self._frames.output.write(data)
        else:
            self._loop.call_soon_threadsafe(self._frames.output.write, data)
        return len(data)

    def stop_application_mode(self) -> None:
        super().stop_application_mode()
        self._frames.output.give_up()
        os.set_blocking(self.fileno, True)

    def run_input_thread(self) -> None:
        super().run_input_thread()
        if not self.exit_event.is_set():
            self._app.post_message(ExitApp())
            if not self.exit_event.wait(LONGEST_END):
                os._exit(1)

    def _size_now(self) -> tuple[int, int]:
        return self._size or (80, 24)


def _packet(drawn: str) -> bytes:
    """Return what is drawn as Textual's servers take it: a letter, how many bytes, and these."""
    data = drawn.encode("utf-8", "backslashreplace")
    return b"D%s%s" % (len(data).to_bytes(4, "big"), data)
