"""TabPage: what every tab has in common: it shows the state, but only while it is itself on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Vertical
from textual.reactive import var
from textual.widget import Widget
from textual.widgets import Static

from core.errors import Refused
from core.formatting import DEFAULT_DIGITS
from tui.keras_status import Answer, Keras

if TYPE_CHECKING:
    from typing import ClassVar

    from textual.app import ComposeResult

    from core.calculation.effect import Effect
    from core.session.session import Session
    from core.session.state import State


class TabPage(Vertical):
    """Holds the reactive values that the app binds; a subclass draws them in :meth:`show`.

    A page is composed when its tab is first opened, and drawn again when something has changed since.
    """

    WORDS: ClassVar[str] = ""

    state: var[State | None] = var(None)
    effect: var[Effect | None] = var(None)
    effect_before: var[Effect | None] = var(None)
    answer: var[Answer | None] = var(None)
    keras: var[Keras] = var(Keras.STARTING)
    waits: var[bool] = var(False)
    digits: var[int] = var(DEFAULT_DIGITS)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._stale = True
        self._open = False

    def compose(self) -> ComposeResult:
        yield Static(self.WORDS, classes="words", markup=False)
        yield from self.compose_body()

    def compose_body(self) -> ComposeResult:
        """Give the widgets below the explaining sentence."""
        yield from ()

    def show(self, state: State) -> None:
        """Bring the widgets up to date with the state."""

    def focus_main(self) -> None:
        """Put the focus where this tab's keys work."""

    def scroll_page(self, lines: int) -> None:
        """Scroll what there is to scroll on this page, for someone whose focus is elsewhere."""
        seen = (widget for widget in self.query(Widget) if widget.region and widget.max_scroll_y > 0)
        if (widget := next(seen, None)) is not None:
            widget.scroll_relative(y=lines, animate=False, force=True)

    def open_page(self) -> None:
        """Be on the screen: draw what has changed while it was not."""
        self._open = True
        if self._stale:
            self._draw()

    def close_page(self) -> None:
        """Leave the screen."""
        self._open = False

    def _draw(self) -> None:
        if self._stale and self.state is not None and self.is_mounted and self.query(".words"):
            self._stale = False
            self.show(self.state)
            self.refresh_bindings()

    def _changed(self) -> None:
        """Draw anew soon: several things that change together are drawn once."""
        self._stale = True
        if self._open and self.is_mounted:
            self.call_next(self._draw)

    def watch_state(self) -> None:
        self._changed()

    def watch_effect(self) -> None:
        self._changed()

    def watch_answer(self) -> None:
        self._changed()

    def watch_keras(self) -> None:
        self._changed()

    def watch_digits(self) -> None:
        self._changed()

    def on_mount(self) -> None:
        self.call_after_refresh(self._changed)

    def action_confusion(self) -> None:
        """Show the confusion matrix of all rows, whole."""
        from tui.dialogs.confusion_dialog import ConfusionDialog, counted

        try:
            answers = counted(self.effect)
        except Refused as refusal:
            self.refuse(str(refusal))
        else:
            self.app.push_screen(ConfusionDialog(answers))

    def refuse(self, message: str) -> None:
        """Say that something was not done, and why."""
        self.notify(message, title="Not done", severity="warning", timeout=8, markup=False)
