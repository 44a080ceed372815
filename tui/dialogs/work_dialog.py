"""WorkDialog: a dialog whose work runs beside the screen; a refusal is said in it and changes nothing."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.screen import ModalScreen
from textual.widgets import Static

from core.chunks import Stopped
from core.errors import Refused
from tui.tabs.words import duration
from tui.threads import in_thread, unforeseen
from tui.type_ahead import WorkEnded

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.events import Key
    from textual.widget import Widget

WORKING = "working ... (escape stops)"

BAR = 20
"""Columns of the bar that says how much of the work is done."""

FORESEEN = 0.02
"""The share of the work after which what it takes in all can be told."""


class WorkDialog(ModalScreen[None]):
    """Calls ``work`` in a thread and ``finish`` with its result in the screen's own; both may refuse.

    Leaving the dialog ends the work where it asks :meth:`came`; nobody waits for the rest of it. What is typed while it
    works is for the screen below, which gets it once the dialog goes by itself; refused or left, it is dropped: it was
    meant for what the work would have made.
    """

    def __init__(self, work: Callable[[Any], Any], finish: Callable[[Any], None]) -> None:
        super().__init__()
        self._work, self._finish = work, finish
        self._busy = self._left = self._ends = False
        self._share, self._since = 0.0, 0.0

    def start(self, given: Any) -> None:
        """Begin the work on what was given, unless it is under way."""
        if self._busy:
            return
        self._busy, self._share, self._since = True, 0.0, time.monotonic()
        self.say(WORKING)
        # Not the dialog's own worker: what it saves is known to be saved even if nobody waits.
        self.app.run_worker(self._have(given), description="work")

    def came(self, share: float) -> None:
        """Say, in the work's thread, which share of it is done, from 0 to 1.

        Raises:
            Stopped: nobody waits for it any more.
        """
        if self._left:
            raise Stopped
        self._share = share

    async def _have(self, given: Any) -> None:
        result = await in_thread(partial(self._work, given), self._say_how_far)
        if isinstance(result, Refused):
            self._refused(result)
        else:
            self._done(result)

    def _say_how_far(self) -> None:
        if self._left or self._share < FORESEEN:
            return
        left = (time.monotonic() - self._since) * (1 - self._share) / self._share
        rest = f"{self._share:.0%}, {duration(left)} left" if self._share < 1 else "all is read"
        self.say(f"{WORKING}  {'█' * round(self._share * BAR):░<{BAR}}  {rest}")

    def _done(self, result: Any) -> None:
        if not self.is_attached:
            self.came_too_late(result)
            return
        try:
            self._finish(result)
        except Exception as problem:
            self._refused(unforeseen(problem))
        else:
            self._end()

    def _end(self) -> None:
        """Leave once nothing lies over the dialog, such as the palette: Textual would take that away instead."""
        self._ends = True
        if self.app.screen is self:
            self._go()

    def on_screen_resume(self) -> None:
        if self._ends:
            self._go()

    def _go(self) -> None:
        self.dismiss()
        self.app.post_message(WorkEnded(dropped=False))

    def keeps(self, key: Key) -> bool:
        """Return whether ``key`` is text that the dialog has no use for while it works."""
        return self._busy and key.is_printable and key.key not in self._bindings.key_to_bindings

    def came_too_late(self, result: Any) -> None:
        """Take what the work made after all, once the dialog was left: nothing is done with it."""

    def _refused(self, refusal: Refused) -> None:
        self._busy = False
        self.app.post_message(WorkEnded(dropped=True))
        if self.is_attached:
            self.say_refusal(refusal)

    def say_refusal(self, refusal: Refused) -> None:
        """Show why the work was not done."""
        self.say(str(refusal), refused=True)

    def say(self, message: str, *, refused: bool = False, about: Widget | None = None) -> None:
        """Show ``message`` at the dialog's foot, and have it in sight if it is a refusal; or what it is ``about``."""
        line = self.query_one(".outcome", Static)
        line.update(message)
        line.set_class(refused, "refusal")
        if refused:
            # In a long dialog its foot is out of sight.
            self.call_after_refresh((about or line).scroll_visible, animate=False)

    def action_leave(self) -> None:
        self._left = True
        self.dismiss()
