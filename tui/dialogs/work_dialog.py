"""WorkDialog: a dialog whose work runs beside the screen; a refusal is said in it and changes nothing."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from textual.screen import ModalScreen
from textual.widgets import Static

from core.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.widget import Widget


class WorkDialog(ModalScreen[None]):
    """Calls ``work`` in a thread and ``finish`` with its result in the screen's own; both may refuse."""

    def __init__(self, work: Callable[[Any], Any], finish: Callable[[Any], None]) -> None:
        super().__init__()
        self._work, self._finish = work, finish
        self._busy = self._ends = False

    def start(self, given: Any) -> None:
        """Begin the work on what was given, unless it is under way."""
        if self._busy:
            return
        self._busy = True
        self.say("working ...")
        self.run_worker(partial(self._in_thread, given), description="work", thread=True, exit_on_error=False)

    def _in_thread(self, given: Any) -> None:
        try:
            result = self._work(given)
        except Refused as refusal:
            self.app.call_from_thread(self._refused, refusal)
        except Exception as problem:
            # Nobody foresaw it, and without a word the dialog would say for ever that it works.
            reason = "there is not enough memory" if isinstance(problem, MemoryError) else type(problem).__name__
            self.app.call_from_thread(self._refused, Refused(f"it could not be done: {reason}; all is as it was"))
        else:
            self.app.call_from_thread(self._done, result)

    def _done(self, result: Any) -> None:
        if not self.is_attached:
            return
        try:
            self._finish(result)
        except Refused as refusal:
            self._refused(refusal)
        else:
            self._end()

    def _end(self) -> None:
        """Leave once nothing lies over the dialog, such as the palette: Textual would take that away instead."""
        self._ends = True
        if self.app.screen is self:
            self.dismiss()

    def on_screen_resume(self) -> None:
        if self._ends:
            self.dismiss()

    def _refused(self, refusal: Refused) -> None:
        self._busy = False
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
        self.dismiss()
