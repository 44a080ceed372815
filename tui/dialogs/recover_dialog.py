"""RecoverDialog: what sessions left that ended without saving: to go on with, look at, leave or throw away."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Label, OptionList, Static

from core.errors import Refused
from core.journal.shelf import read, throw_away
from core.journal.telling import changes_in_words, in_words
from tui.beside import beside
from tui.dialogs.work_dialog import WorkDialog
from tui.widgets.key_bar import KeyBar
from tui.widgets.text import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.app import ComposeResult

    from core.journal.shelf import Recovered, Session

QUIET = 0.5
"""Seconds without a key after which the keys are the dialog's: it comes unasked, into what a person is typing."""

WORDS = "byhand ended before this was saved. What you leave is offered again the next time."


class RecoverDialog(WorkDialog):
    """Lists the sessions, the newest first, and gives the chosen one to ``go_on``."""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar = [
        # Before the list's own binding, which the footer would not show.
        Binding("enter", "go_on", "Go on with it", priority=True),
        Binding("s", "see", "See what it changes"),
        Binding("x", "throw_away", "Throw it away"),
        Binding("escape", "leave", "Leave it"),
    ]

    def __init__(self, left: Sequence[Session], go_on: Callable[[Session, Recovered], None]) -> None:
        super().__init__(lambda session: (session, read(session)), lambda found: go_on(*found))
        self._sessions, self._warned, self.listens = list(left), False, False

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Label("Not saved", classes="title", markup=False)
            yield Static(WORDS, classes="words", markup=False)
            yield OptionList(compact=True)
            yield Static(classes="outcome", markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        self._list(0)
        self._quiet = self.set_timer(QUIET, self._listen)

    def on_key(self) -> None:
        if not self.listens:
            self._quiet.reset()

    def _listen(self) -> None:
        self.listens = True
        self.query_one(OptionList).focus()
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """Allow no action before the dialog listens."""
        return self.listens or None

    def _list(self, place: int) -> None:
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options([Content(plain(in_words(session))) for session in self._sessions])
        options.highlighted = min(place, len(self._sessions) - 1)

    @property
    def _chosen(self) -> Session:
        return self._sessions[self.query_one(OptionList).highlighted or 0]

    def on_option_list_option_highlighted(self) -> None:
        self._warned = False
        self.say("")

    def on_option_list_option_selected(self) -> None:
        if self.listens:
            self.action_go_on()

    def action_go_on(self) -> None:
        self.start(self._chosen)

    def action_see(self) -> None:
        session = self._chosen
        self.say("reading ...")
        told = partial(self._show, session, refused=False), partial(self._show, session, refused=True)
        beside(self, "what it changes", lambda _: _changes(session), *told)

    def _show(self, session: Session, words: str, refused: bool) -> None:
        if self.is_attached and session is self._chosen:
            self.say(words, refused=refused)

    def action_throw_away(self) -> None:
        session, place = self._chosen, self.query_one(OptionList).highlighted or 0
        if not self._warned:
            self._warned = True
            self.say("x again throws it away for good", refused=True)
            return
        try:
            throw_away(session)
        except Refused as refusal:
            self.say(str(refusal), refused=True)
            return
        self._sessions.remove(session)
        if self._sessions:
            self._list(place)
        else:
            self.dismiss()


def _changes(session: Session) -> str:
    return "\n".join(map(plain, changes_in_words(read(session)))) or "nothing that a file has not"
