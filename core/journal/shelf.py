"""The journals that there are: whose session goes on, what others left, and which of these have to go for room."""

from __future__ import annotations

import contextlib
import fcntl
import mmap
import os
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import Refused
from core.journal.journal import NEW
from core.journal.parts import StepPart
from core.journal.reading import Found, Reader, find
from core.journal.sign import seen
from core.reading import open_file, size_of
from core.saving import is_same_file
from core.session import kept_steps

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from core.journal.sign import Elsewhere
    from core.session.state import State
    from core.session.trail import Steps

SUFFIX = ".journal"

MOST_BYTES = 1 << 30
"""Of what sessions have left that ended without saving, the oldest give way when all take more together."""

DAMAGED = "changes (unreadable: their journal is damaged)"
"""What a session has left of which no moment is whole."""

STALE = 60.0
"""Seconds after which a journal that was being written anew is one that a kill has left."""


@dataclass(frozen=True)
class Session:
    """A session as its journal has it: who had it, on which ``file`` if any, and since when (seconds since 1970).

    ``changed`` is when it was written last, ``unsaved`` what no file has, in words, and ``steps`` are the names of
    what was done; ``bytes`` is how much it takes.
    """

    path: Path
    host: str
    process: int
    begun: float
    file: Path | None
    changed: float
    unsaved: str
    steps: tuple[str, ...]
    bytes: int


@dataclass(frozen=True)
class Shelf:
    """The sessions that there are: those that go on elsewhere and those that ended with something unsaved.

    The newest are first. ``gone`` are those that have just made room.
    """

    live: tuple[Session, ...] = ()
    left: tuple[Session, ...] = ()
    gone: tuple[Session, ...] = ()


@dataclass(frozen=True)
class Recovered:
    """What a journal has: the state, the steps to it, and what was kept beside these."""

    state: State
    steps: Steps
    beside: Mapping[str, bytes]


def folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Return the folder of journals.

    Raises:
        Refused: there is no home folder.
    """
    return kept_steps.folder(environment) / "journals"


def new_path() -> Path:
    """Return a path for the journal of a session that begins, in a folder that is there.

    Raises:
        OSError: the folder can't be made.
        Refused: there is no home folder.
    """
    place = folder()
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place / f"{secrets.token_hex(8)}{SUFFIX}"


def look(own: Path | None = None) -> Shelf:
    """Return the sessions that there are but for the ``own``; what has nothing unsaved, or must give way, goes."""
    live, left = list[Session](), list[Session]()
    for path in _journals(own):
        if path.suffix == NEW:
            _remove_stale(path)
            continue
        held, session = _is_held(path), _outline(path)
        if session is not None and held:
            live.append(session)
        elif session is not None and session.unsaved:
            left.append(session)
        elif not held:
            path.unlink(missing_ok=True)
    left.sort(key=lambda session: session.changed, reverse=True)
    live.sort(key=lambda session: session.begun, reverse=True)
    kept, gone = _make_room(left)
    return Shelf(tuple(live), tuple(kept), tuple(gone))


def open_elsewhere(file: Path, own: Path | None) -> Session | Elsewhere | None:
    """Return who else has ``file`` open, but for the session with the ``own`` journal; None if nobody has."""
    outlines = (_outline(path) for path in _journals(own) if path.suffix == SUFFIX and _is_held(path))
    return of_these(file, filter(None, outlines))


def of_these(file: Path, live: Iterable[Session]) -> Session | Elsewhere | None:
    """Return which of the sessions that go on has ``file`` open, or else who on this machine, whosever state it has."""
    return next((session for session in live if is_of(session, file)), None) or seen(file)


def _journals(own: Path | None) -> list[Path]:
    try:
        return [path for path in folder().iterdir() if path != own and path.suffix in (SUFFIX, NEW)]
    except (OSError, Refused):
        return []


def is_of(session: Session, file: Path) -> bool:
    """Say whether a session had ``file`` open."""
    return session.file is not None and is_same_file(session.file, file)


def read(session: Session) -> Recovered:
    """Return what a session has left.

    Raises:
        Refused: its journal can't be read, or its parts don't fit each other.
    """
    found = _found(session.path)
    now = found.now
    try:
        state, steps = Reader(found).state()
    except Refused:
        raise
    except (ValueError, LookupError, ArithmeticError, RuntimeError) as problem:
        raise Refused(f"what was left can't be read: {problem}") from None
    return Recovered(state, steps, {} if now is None else now.beside)


def throw_away(session: Session) -> None:
    """Take away what a session has left.

    Raises:
        Refused: it goes on, or the system does not allow it.
    """
    if _is_held(session.path):
        raise Refused("expected a session that has ended, got one that goes on; end it first")
    try:
        session.path.unlink(missing_ok=True)
    except OSError as problem:
        raise Refused(f"it could not be thrown away: {problem.strerror}") from None


def _outline(path: Path) -> Session | None:
    try:
        found = _found(path)
        begun, now, steps = found.begun, found.now, found.steps
        if begun is None:
            return None
        done = [found.held[place] for place in (() if steps is None else steps.undo)]
        names = tuple(step.name for step in done if isinstance(step, StepPart))
        changed, unsaved = (begun.time, "") if now is None else (now.time, now.unsaved)
        if now is None and path.stat().st_size > found.end:
            unsaved = DAMAGED
        return Session(path, begun.host, begun.process, begun.time, found.path, changed, unsaved, names, found.end)
    except (OSError, Refused, LookupError):
        return None


def _found(path: Path) -> Found:
    """Return what is in a journal.

    Raises:
        Refused: it can't be read.
    """
    try:
        with open_file(path, "a journal") as file:
            # It is let go with what was found in it.
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if size_of(file) else b""
    except (OSError, ValueError) as problem:
        raise Refused(f"the journal {path.name} can't be read: {problem}") from None
    return find(memoryview(data))


def _is_held(path: Path) -> bool:
    """Say whether a process that lives holds the journal."""
    try:
        with open_file(path, "a journal") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except (OSError, ValueError):
        return False
    return False


def _remove_stale(path: Path) -> None:
    with contextlib.suppress(OSError):
        if not _is_held(path) and time.time() - path.stat().st_mtime > STALE:
            path.unlink()


def _make_room(left: list[Session]) -> tuple[list[Session], list[Session]]:
    """Take the oldest away that are too much, but never the newest; return what is left and what is gone."""
    kept, gone, total = list[Session](), list[Session](), 0
    for session in left:
        total += session.bytes
        if total > MOST_BYTES and kept:
            session.path.unlink(missing_ok=True)
            gone.append(session)
        else:
            kept.append(session)
    return kept, gone
