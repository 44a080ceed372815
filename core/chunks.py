"""Long work in short pieces, with a place between two of them where it can be stopped."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

CHUNK = 1 << 16
"""Numbers of one piece: few enough for a processor's cache, and for a piece to take a fraction of a millisecond."""

Pause = Callable[[], None]
"""Called before every piece; what it raises ends the work."""


class Stopped(Exception):
    """Nobody waits for the work any more."""


def go_on() -> None:
    """Be the pause of work that nobody stops."""


def until(stopped: Callable[[], bool]) -> Pause:
    """Return a pause that raises :class:`Stopped` once ``stopped`` is true."""

    def pause() -> None:
        if stopped():
            raise Stopped

    return pause


def pieces(size: int, pause: Pause, step: int = CHUNK) -> Iterator[slice]:
    """Yield the slices of at most ``step`` that make up ``size``, after a ``pause`` before each."""
    for start in range(0, size, step):
        pause()
        yield slice(start, min(start + step, size))
