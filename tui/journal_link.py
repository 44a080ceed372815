"""JournalLink: has the session's journal written, and says what others left or have open."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from core.errors import Refused, shorten
from core.journal import shelf
from core.journal.journal import Journal
from core.journal.telling import elsewhere_in_words, lost_in_words
from core.journal.writing import Moment
from core.saving import REASONS
from tui.beside import beside
from tui.dialogs.recover_dialog import RecoverDialog
from tui.file_screen import FileScreen

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from core.journal.shelf import Recovered, Shelf
    from core.journal.sign import Elsewhere
    from core.session.session import Session
    from tui.app import ByhandApp

UNDONE = "undone steps"

NOT_KEPT = "What is changed and not saved is lost should byhand end; it can't be kept"


class JournalLink:
    """Follows the session; until the journal is begun, and where it can't be, nothing is kept."""

    def __init__(self, session: Session, app: ByhandApp) -> None:
        self._session, self._app = session, app
        self._journal: Journal | None = None
        self._begun_with = session.state.recipe
        self._beside: dict[str, Callable[[], bytes]] = {}
        self._written, self._ended = "", False
        self._taken_up: Path | None = None
        self._awaited: set[str] = set()

    def begin(self, path: Path | None) -> None:
        """Begin the journal of a session with the file at ``path``, then look what others there are, beside the screen.

        One that others left is offered, of that file or, without a file, any.
        """
        # First, because what others left may take long to read, and is nothing that an edit may wait for.
        begun, not_kept = partial(self._begun, path), partial(self._not_kept, path)
        beside(self._app, "journal", lambda _: self._begin(path), begun, not_kept)

    def _begin(self, path: Path | None) -> Journal:
        try:
            return Journal(shelf.new_path(), path, self._say_from_thread)
        except OSError as problem:
            raise Refused(REASONS.get(problem.errno or 0, str(problem))) from None

    def _not_kept(self, path: Path | None, why: str) -> None:
        self._app.notify(f"{NOT_KEPT}: {why}.", severity="warning", timeout=12, markup=False)
        self._look(path)

    def _begun(self, path: Path | None, journal: Journal) -> None:
        if self._ended:
            journal.discard()
            return
        self._journal = journal
        self.follow()
        self._look(path)

    def _look(self, path: Path | None) -> None:
        own = self.path

        def look(_: object) -> tuple[Shelf, shelf.Session | Elsewhere | None]:
            found = shelf.look(own)
            return found, None if path is None else shelf.of_these(path, found.live)

        beside(self._app, "other sessions", look, lambda seen: self._tell_of_others(path, *seen))

    def _tell_of_others(self, path: Path | None, found: Shelf, other: shelf.Session | Elsewhere | None) -> None:
        if self._ended:
            return
        if other is not None:
            words = f"{elsewhere_in_words(other)}: it is open here to look; saving over it asks first."
            self._app.notify(words, title="Open elsewhere", severity="warning", timeout=12, markup=False)
        if found.gone:
            names = ", ".join(shorten(session.file.name) if session.file else "no file" for session in found.gone)
            self._app.notify(f"What the oldest sessions left made room: {names}.", timeout=12, markup=False)
        left = [session for session in found.left if path is None or shelf.is_of(session, path)]
        if left:
            self._app.push_screen(RecoverDialog(left, self._go_on))

    def _say_from_thread(self, message: str) -> None:
        if not self._ended:
            self._app.call_from_thread(self._app.notify, message, severity="warning", timeout=12, markup=False)

    @property
    def path(self) -> Path | None:
        """Where the journal is, if there is one."""
        return None if self._journal is None else self._journal.path

    # Following

    def keep_beside(self, name: str, make: Callable[[], bytes] | None) -> None:
        """Keep what ``make`` makes beside the session from now on; None keeps nothing of that name any more."""
        if make is None:
            self._beside.pop(name, None)
        else:
            self._beside[name] = make
        self._awaited.discard(name)
        self.follow()
        self._replace_taken_up()

    def follow(self) -> None:
        """Have the journal written of what the session is now, unless it has nothing that was not saved."""
        if self._journal is None:
            return
        state, beside = self._session.state, dict(self._beside)
        undone = [UNDONE] if self._session.trail.steps.redo else []
        unsaved = lost_in_words(state, self._begun_with, (*beside, *undone))
        # Once more where nothing is unsaved any more, so that nobody is told of what was.
        if unsaved or self._written:
            self._journal.take(Moment(state, self._session.trail.steps, self._opened, unsaved, beside))
        self._written = unsaved

    @property
    def _opened(self) -> Path | None:
        """The file that is open: that of the screen on top, or else of the tabs."""
        screens = reversed(self._app.screen_stack)
        of_screens = (screen.opened_path for screen in screens if isinstance(screen, FileScreen))
        return next(filter(None, of_screens), self._session.state.path)

    def _go_on(self, session: shelf.Session, recovered: Recovered) -> None:
        from tui.taking_up import take_up  # the tabs are there by then

        self._session.trail.refuse_while_training()
        self._session.trail.become(recovered.state, recovered.steps)
        self._app.say("Gone on with what was not saved; u takes back what was done.")
        self._taken_up, self._awaited = session.path, set(recovered.beside)
        take_up(session, recovered, self._app)
        self.follow()
        self._replace_taken_up()

    def _replace_taken_up(self) -> None:
        """Take the other session's journal away once all that it has is under way here: what can't be stays in it."""
        if self._journal is not None and self._taken_up is not None and not self._awaited:
            self._journal.replace(self._taken_up)
            self._taken_up = None

    # Ending

    def close(self) -> None:
        """End with all on the disk; what has nothing that was not saved goes."""
        self._ended = True
        if self._journal is not None and self._written:
            self._journal.close()
        elif self._journal is not None:
            self._journal.discard()

    def discard(self) -> None:
        """End, and keep nothing: it was left on purpose."""
        self._written = ""
        self.close()
