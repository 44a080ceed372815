"""Notices: an app whose notices go soon, one after the other, and make way for dialogs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.screen import ModalScreen
from textual.widgets import Input
from textual.worker import WorkerFailed

from tui.dialogs.file_notes import brief
from tui.dialogs.too_small import TooSmall
from tui.threads import unforeseen
from tui.type_ahead import TypeAhead

if TYPE_CHECKING:
    from textual.events import DescendantFocus
    from textual.notifications import SeverityLevel
    from textual.screen import Screen

    from core.session.state import State

READ_IN = 3.0
"""Seconds for which what was done is said."""

ROOM = 112
"""Characters of what is told of a file in a notice: with how the rest is read, two lines of 80 columns."""

UNDERSTOOD_IN = 6.0
"""Seconds for which what was not done is said, and why."""

WHAT_STEPS_TAKE = "On Set weights, s says what they take."


class Notices(TypeAhead):
    """Says in a notice what nothing else on the screen shows."""

    in_file: tuple[str, ...] = ()
    """What was to be told of the file that was opened last."""
    _is_of_file = False
    _is_refusal = False

    def on_mount(self) -> None:
        self.screen_change_signal.subscribe(self, self._make_way)

    def _handle_exception(self, error: Exception) -> None:
        """Say what went wrong beside the screen; what goes wrong in the screen itself ends the app."""
        if isinstance(error, WorkerFailed):
            self.notify(str(unforeseen(error.error)), severity="error", timeout=12, markup=False)
        else:
            super()._handle_exception(error)

    def _make_way(self, screen: Screen[object]) -> None:
        if isinstance(screen, ModalScreen) and not isinstance(screen, TooSmall):
            self.clear_notifications()

    def clear_notifications(self) -> None:
        """Take away what is said, and the line that it stood on: the next notice would stand below that."""
        super().clear_notifications()
        for screen in self.screen_stack:
            screen.query("ToastHolder").remove()

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = UNDERSTOOD_IN,
        markup: bool = True,
    ) -> None:
        """Show a notice in place of the one before: two would lie over what is read."""
        self._take_place(of_file=False)
        self._is_refusal = severity == "warning"
        self.clear_notifications()
        super().notify(message, title=title, severity=severity, timeout=timeout, markup=markup)

    def tell_of_file(self, sentences: tuple[str, ...]) -> None:
        """Say what is to be told of a file that was opened; what has no room in a notice can be read at leisure."""
        self.in_file = sentences
        if sentences:
            self.notify(f"In this file: {brief(sentences, ROOM)}", timeout=8, markup=False)
            self._take_place(of_file=True)

    def _take_place(self, of_file: bool) -> None:
        self._is_of_file = of_file
        for screen in self.screen_stack:
            screen.query("ToastRack").set_class(of_file, "-of-file")

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Have a field in sight, and why what is typed there is refused."""
        if isinstance(event.widget, Input):
            self.make_way_for_reading()

    def make_way_for_reading(self) -> None:
        """Take away what is told of a file, which is at ``I`` too, as somebody looks at something else."""
        if self._is_of_file:
            self.clear_notifications()

    def make_way_for_another_tab(self) -> None:
        """Take away why something was not done on the tab that is left: it would lie over what is read here."""
        if self._is_refusal:
            self.clear_notifications()

    def refuse(self, message: str) -> None:
        """Say that something was not done, and why."""
        self.notify(message, title="Not done", severity="warning", timeout=UNDERSTOOD_IN, markup=False)

    def watch_state(self, before: State | None, state: State | None) -> None:
        """Say that the oldest steps have to go, when the first of them does."""
        if before is not None and state is not None and state.gone > before.gone == 0:
            gone = "1 of them is" if state.gone == 1 else f"{state.gone:,} of them are"
            self.notify(f"There is no more room for the oldest steps: {gone} gone. {WHAT_STEPS_TAKE}", markup=False)

    def say(self, message: str, title: str = "") -> None:
        """Say what has changed."""
        self.notify(message, title=title, timeout=READ_IN, markup=False)
