"""Work in a thread that the end of the program does not wait for: a disk that is away may never answer it."""

from __future__ import annotations

import asyncio
import time
import traceback
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from threading import Thread, get_ident
from typing import TYPE_CHECKING, Generic, TypeVar

from core.chunks import Stopped
from core.errors import Refused
from core.limits import times

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

GIVEN_UP = 300.0
"""Seconds after which work is given up that calculates nothing meanwhile; a process that it asks has 245 at most."""

TICK = 0.5
"""Seconds after which whoever waits is told again."""


async def in_thread(work: Callable[[], T], waiting: Callable[[], None] = lambda: None) -> T | Refused:
    """Return what ``work`` makes, or why it makes nothing; as long as it takes, ``waiting`` is called now and then."""
    try:
        return await _made(work, waiting)
    except Refused as refusal:
        return refusal
    except Stopped:
        return Refused("it was stopped; all is as it was")
    except TimeoutError:
        return Refused("it waits for ever, as for a disk that does not answer: it was given up, all is as it was")
    except Exception as problem:
        return unforeseen(problem)


def unforeseen(problem: BaseException) -> Refused:
    """Return as a sentence what nobody foresaw: without a word a screen would say for ever that it works."""
    if isinstance(problem, MemoryError):
        return Refused("it could not be done: there is not enough memory; all is as it was, so try less at once")
    if isinstance(problem, Refused):
        return problem
    frames = traceback.extract_tb(problem.__traceback__)
    where = f" in {Path(frames[-1].filename).name}, line {frames[-1].lineno}" if frames else ""
    mistake = f"byhand made a mistake, {type(problem).__name__}{where}"
    return Refused(f"it could not be done: {mistake}; all is as it was, so go on, and report this, please")


async def _made(work: Callable[[], T], waiting: Callable[[], None]) -> T:
    beside = _Beside(work)
    awaited = asyncio.wrap_future(beside.made)
    # Looked at, or asyncio would write how work ended that nobody waits for any more.
    awaited.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
    calculated, since = 0.0, time.monotonic()
    while not (await asyncio.wait({awaited}, timeout=TICK))[0]:
        if (now := beside.calculated) != calculated:
            calculated, since = now, time.monotonic()
        if time.monotonic() - since > GIVEN_UP * times():
            raise TimeoutError
        waiting()
    return awaited.result()


class _Beside(Generic[T]):
    """Work that is begun at once."""

    def __init__(self, work: Callable[[], T]) -> None:
        self.made: Future[T] = Future()
        self._work, self._clock = work, -1
        Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        # Asked by the thread itself: of one that has ended the system knows nothing.
        self._clock = getattr(time, "pthread_getcpuclockid", lambda _: -1)(get_ident())
        # From now on nobody can cancel it.
        self.made.set_running_or_notify_cancel()
        try:
            result = self._work()
        except BaseException as problem:
            self.made.set_exception(problem)
        else:
            self.made.set_result(result)

    @property
    def calculated(self) -> float:
        """The seconds that a processor has worked for it; where no system says so, 0."""
        with suppress(OSError):
            return time.clock_gettime(self._clock)
        return 0.0
