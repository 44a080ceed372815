"""OneFrame: holds the screen still from a key to what it leads to, so that both are one picture."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textual.app import App
    from textual.timer import Timer

LONGEST = 0.05
"""Seconds after which the screen is drawn with whatever there is: no longer than an eye takes for at once."""


class OneFrame:
    """Textual draws the first change at once and the next one a frame (17 ms) later.

    Where a key's own small change is followed within milliseconds by what the person waits for, drawing the
    first would only delay the second.
    """

    def __init__(self, app: App[Any]) -> None:
        self._app = app
        self._held = ExitStack()
        self._timer: Timer | None = None

    @property
    def holds(self) -> bool:
        """Whether the screen is held still."""
        return self._timer is not None

    def hold(self) -> None:
        """Draw nothing until :meth:`release`, or :data:`LONGEST` later."""
        if self._timer is None:
            self._held.enter_context(self._app.batch_update())
            self._timer = self._app.set_timer(LONGEST, self.release)

    def release(self) -> None:
        """Draw what has changed."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
            self._held.close()
            self._app.screen.check_idle()
